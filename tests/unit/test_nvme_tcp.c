/* test_nvme_tcp.c - commands and completions out of made-up byte streams. */
#include "tests/unit/nvme_queue.h"

START_TEST(reads_and_writes) {
    begin(0);
    read_command(1, 100, 0);
    send_host(1000);
    put_data(&card, 7, 1, 8 * BLOCK, 4 | 8); /* last, success */
    send_card(3000);
    put_command(
        &host,
        (struct command){
            .opcode = 1, .cid = 2, .nsid = 1, .slba = 200, .blocks = 2, .inside = 2 * BLOCK});
    send_host(4000);
    put_response(&card, 2, 0, 0);
    send_card(4500);
    put_command(
        &host,
        (struct command){.opcode = 1, .cid = 3, .nsid = 1, .blocks = 16, .length = 16 * BLOCK});
    put_command(&host, (struct command){.cid = 4, .nsid = 1}); /* flush */
    send_host(5000);
    put_r2t(&card, 3, 16 * BLOCK, 0);
    put_response(&card, 4, 0, 0);
    send_card(5100);
    put_data(&host, 6, 3, 16 * BLOCK, 4);
    send_host(5200);
    put_response(&card, 3, 0x281, 0);
    send_card(6000);
    struct work_io io = next();
    ck_assert(io.op == WORK_IO_READ && io.time == 1000 && io.response == 2000);
    ck_assert(io.offset == 100 * BLOCK && io.bytes == 8 * BLOCK && io.device == 0);
    io = next();
    ck_assert(io.op == WORK_IO_WRITE && io.time == 4000 && io.response == 500);
    ck_assert(io.offset == 200 * BLOCK && io.bytes == 2 * BLOCK);
    io = next();
    ck_assert(io.op == WORK_IO_WRITE && io.time == 5000 && io.response == 1000);
    io = next();
    ck_assert(io.op == WORK_IO_FLUSH && io.bytes == 0 && io.response == 100);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->commands, 5);
    ck_assert_uint_eq(facts->fabrics_commands, 1);
    ck_assert_uint_eq(facts->io_queues, 1);
    ck_assert_uint_eq(facts->in_capsule_bytes, 1024 + 2 * BLOCK);
    ck_assert_uint_eq(facts->r2t_bytes, 16 * BLOCK);
    ck_assert_uint_eq(facts->h2c_bytes, 16 * BLOCK);
    ck_assert_uint_eq(facts->c2h_bytes, 8 * BLOCK);
    ck_assert_uint_eq(facts->completed, 4);
    ck_assert_uint_eq(facts->most_outstanding, 2);
    ck_assert_int_eq(facts->latency_min, 100);
    ck_assert_int_eq(facts->latency_max, 2000);
    ck_assert(facts->latency_sum == 3600);
    ck_assert_uint_eq(facts->failed, 1);
    ck_assert_uint_eq(facts->statuses[0].status, 0x281);
    ck_assert_uint_eq(facts->bad_pdus + facts->lost_step + facts->unmatched, 0);
    ck_assert(facts->space[0].from == WORK_NVME_SGL && facts->space[0].lba_bytes == BLOCK);
    over();
}
END_TEST

/* A request waits for its response; those behind it for it. */
START_TEST(in_order_of_commands) {
    begin(0);
    read_command(1, 1, 0);
    read_command(2, 2, 0);
    send_host(10);
    put_data(&card, 7, 2, 8 * BLOCK, 12);
    send_card(20);
    none();
    put_data(&card, 7, 1, 8 * BLOCK, 4);
    send_card(30);
    none(); /* data alone do not complete */
    put_response(&card, 1, 0, 0);
    send_card(40);
    ck_assert_int_eq(next().response, 30);
    ck_assert_int_eq(next().response, 10);
    read_command(3, 3, 0);
    send_host(50);
    none();
    work_nvme_tap_end(tap);
    ck_assert_int_eq(next().response, -1);
    ck_assert_uint_eq(facts->unanswered, 1);
    over();
}
END_TEST

/* Byte by byte, with all digests and padding. */
START_TEST(one_byte_a_segment) {
    begin(3);
    read_command(1, 5, 3);
    put_command(&host, (struct command){.opcode = 1,
                                        .cid = 2,
                                        .nsid = 1,
                                        .blocks = 1,
                                        .inside = BLOCK,
                                        .digests = 3,
                                        .padding = 52});
    put_data(&card, 7, 1, 8 * BLOCK, 15);
    put_response(&card, 2, 0, 3);
    for (uint32_t i = 0; i < host.n; i++)
        feed(tap, &host, (struct piece){.from = i, .n = 1, .captured = 1, .time = i});
    for (uint32_t i = 0; i < card.n; i++)
        feed(tap, &card,
             (struct piece){
                 .sender = CONTROLLER, .from = i, .n = 1, .captured = 1, .time = 10000 + i});
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->requests[WORK_IO_READ], 1);
    ck_assert_uint_eq(facts->completed, 2);
    ck_assert_uint_eq(facts->header_digests_ok, 6);
    ck_assert_uint_eq(facts->data_digests_ok, 3);
    ck_assert_uint_eq(facts->header_digests_bad + facts->data_digests_bad +
                          facts->digests_unseen + facts->bad_pdus,
                      0);
    struct work_io io = next();
    ck_assert_int_eq(io.time, 128 + 1104); /* the first byte of its capsule */
    ck_assert_int_eq(io.time + io.response, 10000 + 128 + 28 + 28 + 8 * BLOCK + 4 - 1);
    next();
    over();
}
END_TEST

/* Responses that are in the file before their commands. */
START_TEST(answered_first) {
    begin(0);
    send_host(1);
    read_command(1, 0, 0);
    put_data(&card, 7, 1, 8 * BLOCK, 12);
    send_card(20);
    send_host(15);
    ck_assert_int_eq(next().response, 5);
    put_data(&card, 7, 2, 8 * BLOCK, 12);
    send_card(30);
    read_command(2, 0, 0);
    send_host(31); /* younger than the response: that one was another's */
    work_nvme_tap_end(tap);
    ck_assert_int_eq(next().response, -1);
    ck_assert_uint_eq(facts->unmatched, 1);
    ck_assert_uint_eq(facts->unanswered, 1);
    over();
}
END_TEST

static void range(uint8_t *at, uint64_t slba, uint32_t blocks) {
    put_le(at + 4, blocks, 4);
    put_le(at + 8, slba, 8);
}

START_TEST(trims) {
    begin_with((struct work_nvme_opts){.lba_bytes = 4096}, 0);
    struct command c = {
        .opcode = 9, .cid = 1, .nsid = 1, .inside = 48, .dword10 = 2, .dword11 = 4};
    uint8_t *data = put_command(&host, c);
    range(data, 10, 1);
    range(data + 16, 1000, 100);
    range(data + 32, 20, 2);
    c.cid = 2;
    c.dword11 = 0; /* a hint */
    put_command(&host, c);
    c.cid = 3;
    c.dword11 = 4;
    c.inside = 16; /* two of its three ranges are elsewhere */
    put_command(&host, c);
    put_command(&host,
                (struct command){.opcode = 8, .cid = 4, .nsid = 1, .slba = 3, .blocks = 5});
    put_command(&host, (struct command){
                           .opcode = 8, .cid = 5, .nsid = 1, .slba = UINT64_MAX, .blocks = 5});
    send_host(1);
    for (uint16_t i = 1; i <= 5; i++)
        put_response(&card, i, 0, 0);
    send_card(3);
    work_nvme_tap_end(tap);
    struct work_io io = next();
    ck_assert(io.op == WORK_IO_TRIM && io.offset == 40960 && io.bytes == 4096);
    io = next();
    ck_assert(io.offset == 4096000 && io.bytes == 409600 && io.response == 2);
    io = next();
    ck_assert(io.offset == 81920 && io.bytes == 8192 && io.response == 2);
    io = next();
    ck_assert(io.op == WORK_IO_OTHER && io.bytes == 0);
    io = next();
    ck_assert(io.op == WORK_IO_TRIM && io.offset == 12288 && io.bytes == 20480);
    ck_assert_uint_eq(facts->not_requests_cut, 1);
    ck_assert_uint_eq(facts->not_requests_bad, 1);
    ck_assert_uint_eq(facts->completed, 5);
    ck_assert(facts->space[0].from == WORK_NVME_STATED);
    over();
}
END_TEST

/* Identify Namespace on queue 0 of another connection says how large a block is. */
START_TEST(identified) {
    static struct stream admin, answer;
    begin(0);
    admin = answer = (struct stream){.isn = 5};
    put_icreq(&admin, 0);
    put_connect(&admin, 0, 0);
    put_command(&admin, (struct command){.opcode = 6, .cid = 1, .nsid = 7, .length = 4096});
    put_icresp(&answer, 0, 0);
    uint8_t *data = put_data(&answer, 7, 1, 4096, 12);
    memset(data, 0, 4096);
    data[25] = 1;           /* two formats */
    data[26] = 1;           /* the second is in use */
    data[128 + 4 + 2] = 12; /* of 4 KiB */
    for (uint32_t i = 0; i < 2; i++) {
        const struct stream *s = i ? &answer : &admin;
        struct piece p = {.connection = 1, .sender = (uint8_t)i, .flags = 2};
        feed(tap, s, p);
        p.flags = 0;
        p.n = p.captured = s->n;
        feed(tap, s, p);
    }
    put_command(&host,
                (struct command){.opcode = 8, .cid = 1, .nsid = 7, .slba = 3, .blocks = 5});
    put_command(&host,
                (struct command){.opcode = 8, .cid = 2, .nsid = 8, .slba = 3, .blocks = 5});
    send_host(1);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(next().offset, 3 * 4096);
    ck_assert_uint_eq(facts->not_requests_lba, 1); /* nobody said it of namespace 8 */
    ck_assert_uint_eq(facts->namespaces, 2);
    ck_assert_uint_eq(facts->space[0].nsid, 7);
    ck_assert(facts->space[0].from == WORK_NVME_IDENTIFY);
    ck_assert(facts->space[0].subsystem == facts->space[1].subsystem);
    ck_assert_uint_eq(facts->admin_queues, 1);
    ck_assert_uint_eq(facts->admin_commands, 3);
    over();
}
END_TEST

/* Ports, beginnings, and what is no NVMe/TCP at all. */
START_TEST(recognised) {
    begin(0);
    read_command(1, 0, 0);
    read_command(2, 0, 0);
    uint32_t n = host.n - 144;
    feed(tap, &host, (struct piece){.connection = 1, .n = n, .captured = n, .port = 6000});
    feed(tap, &host,
         (struct piece){.connection = 1, .from = n, .n = 72, .captured = 72, .port = 6000});
    /* begun before the capture: searched for on known ports alone */
    for (uint32_t i = 0; i < 2; i++)
        feed(tap, &host,
             (struct piece){.connection = 2 + i,
                            .from = n - 20,
                            .n = 164,
                            .captured = 164,
                            .port = (uint16_t)(8009 + i)});
    memset(host.bytes, 'x', 1000);
    feed(tap, &host, (struct piece){.connection = 4, .n = 1000, .captured = 1000});
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->connections, 2);
    ck_assert_uint_eq(facts->unknown_queues, 1);
    ck_assert_uint_eq(facts->requests[WORK_IO_READ], 3);
    ck_assert_uint_eq(facts->bad_pdus + facts->lost_step + facts->unread_bytes, 0);
    next(), next(), next();
    over();
}
END_TEST

/* A SYN of other numbers: a new connection of the same ports. */
START_TEST(ports_used_again) {
    begin(0);
    read_command(1, 0, 0);
    send_host(1);
    feed_syn(tap, &host, HOST, 0); /* sent again: nothing new */
    host.isn = 77777;
    host_at = 0;
    feed_syn(tap, &host, HOST, 0);
    ck_assert_uint_eq(facts->outstanding, 0); /* nobody answers the old one's */
    ck_assert_int_eq(next().response, -1);
    send_host(2);
    work_nvme_tap_end(tap);
    ck_assert_uint_eq(facts->connections, 2);
    ck_assert_uint_eq(facts->unanswered, 2);
    ck_assert_uint_eq(facts->bad_pdus + facts->lost_step, 0);
    next();
    over();
}
END_TEST

TEST_MAIN("NVMe/TCP", reads_and_writes, in_order_of_commands, one_byte_a_segment,
          answered_first, trims, identified, recognised, ports_used_again)
