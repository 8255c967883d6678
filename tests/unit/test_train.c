/* test_train.c - trains: which frames follow. What GRO and TSO do with them: test_train_host.c;
 * what they save: test_train_saves.c; LRO: test_lro.c. */
#include "tests/unit/tcp_frames.h"

static struct sim_msg of(const struct packet *p, uint32_t flow) {
    return (struct sim_msg){.body = p, .bytes = p->frame_bytes, .flow = flow};
}

static bool takes(struct train *t, const struct packet *p, uint32_t flow, uint32_t most) {
    const struct train_rule rule = {.most = most};
    struct sim_msg m = of(p, flow);
    return train_take(t, &m, train_may(&m, &rule), &rule);
}

static bool may(const struct sim_msg *m, bool tunnels) {
    const struct train_rule rule = {.tunnels = tunnels, .most = TRAIN_MOST};
    return train_may(m, &rule);
}

START_TEST(frames_of_a_connection_follow) {
    make_frames();
    struct train t = {0};
    ck_assert(!takes(&t, &full, 7, TRAIN_MOST));
    ck_assert(takes(&t, &full, 7, TRAIN_MOST));
    ck_assert(takes(&t, &last, 7, TRAIN_MOST)); /* a shorter one is the last */
    ck_assert(!takes(&t, &last, 7, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 7, TRAIN_MOST)); /* none that is longer */
    ck_assert(takes(&t, &pushed, 7, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 7, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 8, TRAIN_MOST));
    ck_assert(!takes(&t, &ended, 8, TRAIN_MOST));
    ck_assert(!takes(&t, &full, 8, TRAIN_MOST));
}
END_TEST

/* 1,514 bytes and so many more payloads of 1,460. */
START_TEST(a_train_has_a_longest_length) {
    make_frames();
    struct train t = {0};
    uint32_t followed = 0, most = 1514 + 3 * PAYLOAD;
    for (int i = 0; i < 40; i++)
        followed += takes(&t, &full, 1, most);
    ck_assert_uint_eq(followed, 30);
    followed = 0;
    for (int i = 0; i < 40; i++)
        followed += takes(&t, &full, 1, most - 1);
    ck_assert_uint_eq(followed, 26); /* 13 whole trains of three, and one of one */
}
END_TEST

START_TEST(what_may_not_be_in_one) {
    make_frames();
    struct sim_msg m = of(&full, 0);
    ck_assert(may(&m, false));
    m.level = 1;
    ck_assert(!may(&m, false));
    m = of(&full, 0);
    m.bytes += 50;
    ck_assert(!may(&m, false));
    m = of(&udp, 0);
    ck_assert(!may(&m, false));
    m = of(&ended, 0);
    ck_assert(!may(&m, false));
    m = (struct sim_msg){.bytes = FRAME};
    ck_assert(!may(&m, false));
    struct packet inside = full;
    inside.heads = 2;
    inside.head[1] = full.head[0];
    m = of(&inside, 0);
    ck_assert(!may(&m, false));
    ck_assert(may(&m, true));
}
END_TEST

/* ---------------------------------------------------------------- captured numbers */

/* Which of the frames follow, '1' each, by the rule of a card or of a host. */
static void followed(const char *want, bool exact) {
    const struct train_rule rule = {.exact = exact, .most = TRAIN_MOST};
    struct train t = {0};
    char got[17] = "";
    for (uint32_t i = 0; want[i] != 0; i++) {
        struct sim_msg m = of(&captured[i], 3);
        got[i] = train_take(&t, &m, train_may(&m, &rule), &rule) ? '1' : '0';
    }
    ck_assert_str_eq(got, want);
}

static void order_is(const char *order, uint32_t first, const char *want) {
    capture(order, first);
    followed(want, false);
    followed(want, true);
}

START_TEST(sequence_numbers_are_compared) {
    order_is("01234", 0, "01111");
    order_is("0134", 0, "0101"); /* a hole */
    order_is("013245", 0, "010001");
    order_is("001", 0, "001"); /* one comes twice: the second begins a train */
    order_is("0123123", 0, "0111011");
    order_is("3210", 0, "0000");
    order_is("0000", 0, "0000");
    order_is("01-23", 0, "01001"); /* an acknowledgement alone, with whatever number */
    order_is("01234", (uint32_t)-2 * PAYLOAD, "01111"); /* the third begins at 2^32 */
    order_is("01234", (uint32_t)-2 * PAYLOAD + 1, "01111");
    order_is("01235", (uint32_t)-2 * PAYLOAD, "01110");
}
END_TEST

/* Made-up frames have no numbers. */
START_TEST(made_up_frames_follow_by_definition) {
    capture("3210", 0);
    for (int i = 0; i < 4; i++)
        captured[i].made = 1;
    followed("0111", false);
    followed("0111", true);
}
END_TEST

/* Three segments, the second of which differs: who follows by a card's and by a host's rule. */
static void differs(struct segment first, struct segment second, const char *card,
                    const char *host) {
    struct segment third = second;
    second.seq = first.seq + PAYLOAD;
    third.seq = second.seq + PAYLOAD;
    third.id = (uint16_t)(2 * second.id - first.id);
    captured[0] = segment(first);
    captured[1] = segment(second);
    captured[2] = segment(third);
    followed(card, false);
    followed(host, true);
}

#define S(...) ((struct segment){__VA_ARGS__})

START_TEST(headers_are_compared) {
    differs(S(.ack = 5), S(.ack = 5), "011", "011");
    differs(S(.ack = 5), S(.ack = 6), "011", "001");
    differs(S(.ack = 5), S(.ack = 4), "001", "001");
    differs(S(.ack = 0xffffffff), S(.ack = 1), "011", "001");
    differs(S(.window = 9), S(.window = 8), "011", "001");
    differs(S(.time = 7), S(.time = 7), "011", "011");
    differs(S(.time = 7), S(.time = 8), "011", "001");
    differs(S(.time = 7), S(.time = 6), "001", "001");
    differs(S(.time = 0xffffffff), S(.time = 1), "011", "001");
    differs(S(.time = 7), S(.ack = 0), "001", "001");
    differs(S(.option = 5), S(.option = 5), "000", "011"); /* SACK */
    differs(S(.option = 5), S(.option = 6), "000", "001");
    differs(S(.ttl = 60), S(.ttl = 61), "011", "001");
    differs(S(.tos = 0), S(.tos = 3), "001", "001");        /* congestion met: CE */
    differs(S(.flags = 0x40), S(.flags = 0), "001", "001"); /* ECE */
    differs(S(.flags = 0x80), S(.flags = 0), "001", "011"); /* CWR in the first */
    differs(S(.flags = 0), S(.flags = 0x80), "001", "000");
    differs(S(.dont = true), S(.dont = false), "001", "001");
    differs(S(.id = 3), S(.id = 4), "011", "011");
    differs(S(.id = 0xffff), S(.id = 0), "011", "011");
    differs(S(.id = 3), S(.id = 5), "011", "000");
    differs(S(.id = 3), S(.id = 2), "011", "000");
}
END_TEST

START_TEST(flags_end_a_train) {
    differs(S(.flags = 0), S(.flags = PSH), "010", "010");
    differs(S(.flags = 0), S(.flags = FIN), "000", "010");
    differs(S(.flags = 0), S(.flags = 2), "000", "000");   /* SYN */
    differs(S(.flags = 0), S(.flags = 4), "000", "000");   /* RST */
    differs(S(.flags = 32), S(.flags = 32), "000", "000"); /* URG */
    capture("012", 0);
    captured[1].vlan_id = 7;
    followed("000", false);
    captured[1].head[0].flags |= PACKET_OPTIONS; /* of IP */
    captured[1].vlan_id = 0xffff;
    followed("000", false);
    followed("000", true);
    captured[1] = captured[0];
    captured[2] = captured[1];
    captured[1].segment.id = captured[2].segment.id = 1;
    captured[1].segment.seq = PAYLOAD;
    captured[2].segment.seq = 2 * PAYLOAD;
    followed("010", true); /* growing by one, and then not */
}
END_TEST

START_TEST(headers_come_off_and_on) {
    make_frames();
    struct sim_msg m = of(&full, 0);
    train_join(&m);
    ck_assert(train_follows(&m));
    ck_assert_uint_eq(m.bytes, FRAME - HEADERS);
    ck_assert(wrap_as_captured(&m));
    train_leave(&m);
    ck_assert(!train_follows(&m));
    ck_assert_uint_eq(m.bytes, FRAME);
    ck_assert_uint_eq(m.wrap, 0);
}
END_TEST

TEST_MAIN("train", frames_of_a_connection_follow, a_train_has_a_longest_length,
          what_may_not_be_in_one, sequence_numbers_are_compared,
          made_up_frames_follow_by_definition, headers_are_compared, flags_end_a_train,
          headers_come_off_and_on)
