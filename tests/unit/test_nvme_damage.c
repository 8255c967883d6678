/* test_nvme_damage.c - NVMe/TCP that is wrong, lost, cut off, or more than is kept. */
#include "tests/unit/nvme_queue.h"

/* A digest that is wrong: of data it is counted, of a header it makes the header unread. */
START_TEST(wrong_digests) {
    begin(3);
    uint32_t at = host.n;
    read_command(1, 5, 3);
    host.bytes[at + 60]++;
    read_command(2, 5, 3);
    send_host(1);
    uint8_t *data = put_data(&card, 7, 2, BLOCK, 15);
    data[77]++;
    send_card(2);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->header_digests_bad, 1);
    ck_assert_uint_eq(facts->data_digests_bad, 1);
    ck_assert_uint_eq(facts->pdus[4], 3);
    ck_assert_uint_eq(facts->commands, 2);
    ck_assert_uint_eq(facts->completed, 1);
    next();
    over();
}
END_TEST

/* A capsule with `inside` bytes of data, of which byte `at` is another. */
static void bad_header(uint32_t inside, uint32_t at, uint8_t value, const char *why) {
    begin(0);
    uint32_t from = host.n;
    put_command(&host, (struct command){
                           .opcode = 1, .cid = 9, .nsid = 1, .blocks = 1, .inside = inside});
    host.bytes[from + at] = value;
    send_host(1);
    read_command(2, 5, 0);
    send_host(2);
    work_nvme_tap_end(tap);
    ck_assert_msg(facts->bad_pdus == 1 && strstr(facts->first_bad, why) != NULL, "%u: %s",
                  (unsigned)facts->bad_pdus, facts->first_bad);
    ck_assert_uint_eq(facts->lost_step, 1);
    ck_assert_uint_eq(facts->found_step, 1);
    ck_assert_uint_eq(facts->unread_bytes, 72 + inside);
    ck_assert_uint_eq(facts->requests[WORK_IO_WRITE], 0);
    ck_assert_uint_eq(next().offset, 5 * BLOCK);
    over();
}

START_TEST(wrong_headers) {
    bad_header(512, 0, 8, "connection 1, from the host, stream byte 1224: no such PDU type");
    bad_header(512, 0, 200, "no such PDU type");
    bad_header(512, 0, 9, "header length not that of its type");
    bad_header(512, 2, 71, "header length");
    bad_header(512, 3, 71, "data offset inside the header");
    bad_header(512, 5, 0, "SGL not that of the data");
    bad_header(1, 3, 80, "data offset beyond the PDU (04 00 48 50)");
    bad_header(1, 4, 71, "PDU length below its header's");
    bad_header(512, 7, 255, "SGL not that of the data in the capsule");
    bad_header(512, 8 + 33, 9, "SGL not that of the data");
    bad_header(512, 1, 1, "data offset inside the header");
}
END_TEST

START_TEST(without_its_digest) {
    begin(1);
    send_host(1);
    send_card(1);
    read_command(1, 0, 0);
    send_host(2);
    work_nvme_tap_end(tap);
    ck_assert_ptr_nonnull(strstr(facts->first_bad, "header digest not as negotiated"));
    ck_assert_uint_eq(facts->given_up, 1);
    over();
}
END_TEST

START_TEST(wrong_way) {
    begin(0);
    send_host(1);
    send_card(1);
    put_response(&host, 1, 0, 0);
    send_host(2);
    work_nvme_tap_end(tap);
    ck_assert_ptr_nonnull(strstr(facts->first_bad, "PDU of the other direction"));
    ck_assert_uint_eq(facts->given_up, 1);
    over();
}
END_TEST

/* A packet that was not captured: inside data it costs nothing, a command in it is unknown. */
START_TEST(lost_packets) {
    begin(2);
    read_command(1, 0, 0);
    send_host(1);
    uint32_t from = card.n;
    put_data(&card, 7, 1, 8 * BLOCK, 14);
    put_response(&card, 77, 0, 0); /* of a command that was not seen */
    feed(tap, &card,
         (struct piece){.sender = CONTROLLER, .n = from + 100, .captured = from + 100});
    card_at = from + 1000;
    send_card(5);
    host_at += 72;
    read_command(5, 0, 0); /* lost */
    read_command(2, 0, 0);
    read_command(3, 0, 0);
    send_host(6);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->tcp.holes, 2);
    ck_assert_uint_eq(facts->tcp.hole_bytes, 900 + 72);
    ck_assert_uint_eq(facts->requests[WORK_IO_READ], 3);
    ck_assert_uint_eq(facts->completed, 1);
    ck_assert_uint_eq(facts->unmatched, 1);
    ck_assert_uint_eq(facts->unanswered, 2);
    ck_assert_uint_eq(facts->digests_unseen, 1);
    ck_assert_uint_eq(facts->lost_step, 1);
    ck_assert_uint_eq(facts->found_step, 1);
    ck_assert_uint_eq(facts->unread_bytes, 72);
    ck_assert_int_eq(next().response, 4);
    next();
    next();
    over();
}
END_TEST

/* The end of the data is lost: they are complete, but nobody knows when. */
START_TEST(completed_unseen) {
    begin(0);
    read_command(1, 0, 0);
    send_host(1);
    uint32_t data = card.n;
    put_data(&card, 7, 1, 8 * BLOCK, 12);
    feed(tap, &card,
         (struct piece){.sender = CONTROLLER, .n = data + 24, .captured = data + 24});
    card_at = card.n;
    read_command(2, 0, 0);
    send_host(2);
    put_data(&card, 7, 2, 8 * BLOCK, 12);
    send_card(9);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->completed, 2);
    ck_assert_uint_eq(facts->untimed, 1);
    ck_assert_uint_eq(facts->lost_step, 0);
    ck_assert_int_eq(next().response, -1);
    ck_assert_int_eq(next().response, 7);
    over();
}
END_TEST

/* The snaplen cuts each packet: headers at their beginnings are read, others are not. */
START_TEST(cut_packets) {
    begin(0);
    send_host(1);
    send_card(1);
    for (uint16_t i = 0; i < 3; i++) /* three capsules in one packet, 134 bytes captured */
        read_command((uint16_t)(i + 1), 8 * i, 0);
    feed(tap, &host, (struct piece){.from = host_at, .n = 216, .captured = 134, .time = 2});
    host_at = host.n;
    read_command(4, 24, 0); /* 60 bytes have all that a request needs, 59 do not */
    feed(tap, &host, (struct piece){.from = host_at, .n = 72, .captured = 60, .time = 3});
    host_at = host.n;
    read_command(5, 32, 0);
    feed(tap, &host, (struct piece){.from = host_at, .n = 72, .captured = 59, .time = 4});
    for (uint16_t i = 1; i <= 5; i++) {
        uint32_t from = card.n;
        put_data(&card, 7, i, 8 * BLOCK, 12);
        feed(tap, &card,
             (struct piece){.sender = CONTROLLER,
                            .from = from,
                            .n = card.n - from,
                            .captured = 30,
                            .time = 10 + i});
    }
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->pdus[4], 5); /* with Connect: one of three is not seen */
    ck_assert_uint_eq(facts->requests[WORK_IO_READ], 3);
    ck_assert_uint_eq(facts->not_requests_cut, 1);
    ck_assert_uint_eq(facts->unmatched, 1);
    ck_assert_uint_eq(facts->completed, 4);
    ck_assert_uint_eq(facts->lost_step, 1);
    ck_assert_uint_eq(facts->unread_bytes, 72);
    ck_assert_uint_eq(facts->tcp.holes, 0);
    ck_assert_int_eq(next().response, 9);
    ck_assert_int_eq(next().response, 10);
    struct work_io io = next();
    ck_assert_uint_eq(io.offset, 24 * BLOCK);
    ck_assert_int_eq(io.response, 11);
    over();
}
END_TEST

/* What is hidden of both directions may be its response and the next command of its identifier:
 * then nobody knows whose the next response is. */
START_TEST(whose_response) {
    for (unsigned hidden = 0; hidden < 4; hidden++) {
        begin(0);
        read_command(1, 0, 0);
        send_host(1);
        send_card(1);
        if (hidden & 1) {
            put_response(&card, 1, 0, 0);
            feed(tap, &card, (struct piece){.sender = CONTROLLER, .from = card_at, .n = 24});
            card_at = card.n;
        }
        if (hidden & 2) {
            read_command(1, 8, 0);
            feed(tap, &host, (struct piece){.from = host_at, .n = 72});
            host_at = host.n;
        }
        put_response(&card, 1, 0, 0);
        send_card(9);
        work_nvme_tap_end(tap);
        ck_assert_uint_eq(facts->completed, 1);
        ck_assert_uint_eq(facts->doubtful, hidden == 3);
        ck_assert_uint_eq(facts->unread_bytes, (hidden & 1) * 24 + (hidden >> 1) * 72);
        ck_assert_int_eq(next().response, hidden == 3 ? -1 : 8);
        over();
    }
}
END_TEST

/* More connections than are kept, more commands than are kept. */
START_TEST(bounds) {
    begin(0);
    read_command(1, 0, 0);
    uint32_t n = host.n;
    for (uint32_t i = 0; i < 5000; i++)
        feed(tap, &host, (struct piece){.connection = i, .n = n, .captured = n});
    ck_assert_uint_eq(facts->evicted, 5000 - 4096);
    for (uint32_t i = 0; i < 70000; i++) {
        uint32_t from = host.n;
        read_command((uint16_t)i, i, 0);
        host.isn = 1000 - from + n + i * 72;
        feed(tap, &host,
             (struct piece){.connection = 4999, .from = from, .n = 72, .captured = 72});
        host.n = from;
    }
    struct work_io io;
    unsigned given = 0;
    while (work_nvme_tap_next(tap, &io))
        given++;
    ck_assert_uint_ge(given, 75000 - 65536);
    work_nvme_tap_end(tap);
    while (work_nvme_tap_next(tap, &io))
        given++;
    ck_assert_uint_eq(given, 75000);
    ck_assert_uint_eq(facts->connections, 5000);
    ck_assert_uint_eq(facts->unanswered, 75000);
    ck_assert_uint_le(facts->most_outstanding, 65536);
    over();
}
END_TEST

START_TEST(without_times) {
    begin(0);
    send_host(5);
    read_command(1, 0, 0);
    send_host(INT64_MIN);
    put_data(&card, 7, 1, 8 * BLOCK, 12);
    send_card(9);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->untimed, 1);
    ck_assert_int_eq(next().response, -1);
    over();
}
END_TEST

TEST_MAIN("NVMe/TCP, damaged", wrong_digests, wrong_headers, without_its_digest, wrong_way,
          lost_packets, completed_unseen, cut_packets, whose_response, bounds, without_times)
