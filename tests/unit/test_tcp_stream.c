/* test_tcp_stream.c - one direction of TCP from segments in any order. */
#include "tests/check_main.h"
#include "workloads/tcp_stream.h"
#include <string.h>

/* What came out: bytes, '.' for what the capture cut, '#' for what is lost. */
static char out[4096];
static struct work_tcp_counts counts;
static struct work_tcp_budget budget;
static struct work_tcp stream;
static const uint8_t alphabet[] = "abcdefghijklmnopqrstuvwxyz";

static void take(void *ctx, const struct work_tcp_run *r) {
    size_t n = strlen(out);
    (void)ctx;
    ck_assert(r->lost == (r->bytes == NULL && r->time == WORK_TCP_NO_TIME));
    for (uint64_t i = 0; i < r->n && n + i + 1 < sizeof out; i++) {
        out[n + i] = r->bytes ? (char)r->bytes[i] : r->lost ? '#' : '.';
        out[n + i + 1] = 0;
    }
}

static const struct work_tcp_to to = {take, NULL, &counts, &budget};

static void begin(uint32_t seq) {
    out[0] = 0;
    memset(&counts, 0, sizeof counts);
    stream = (struct work_tcp){0};
    work_tcp_start(&stream, seq);
}

/* Letters [at, at + n) of the alphabet, of which `captured` are there. */
static void cut(uint32_t at, uint32_t n, uint32_t captured) {
    struct work_tcp_segment s = {.seq = stream.origin + at,
                                 .length = n,
                                 .captured = captured,
                                 .bytes = alphabet + at,
                                 .time = at};
    work_tcp_add(&stream, &to, &s);
}

static void add(uint32_t at, uint32_t n) { cut(at, n, n); }

static void over(const char *want) {
    work_tcp_end(&stream, &to);
    ck_assert_str_eq(out, want);
    ck_assert_uint_eq(budget.held, 0);
}

START_TEST(in_any_order) {
    begin(1000);
    add(6, 3);
    add(3, 3);
    ck_assert_str_eq(out, "");
    add(0, 3);
    ck_assert_str_eq(out, "abcdefghi");
    add(9, 1);
    over("abcdefghij");
    ck_assert_uint_eq(counts.reordered, 2);
    ck_assert_uint_eq(counts.holes, 0);
}
END_TEST

START_TEST(overlaps) {
    begin(7);
    add(0, 4);
    add(0, 4);  /* again */
    add(2, 4);  /* half of it again */
    add(10, 4); /* ahead */
    add(10, 4); /* the same again */
    add(8, 10); /* around it */
    add(5, 4);  /* closes the gap, and overlaps on both sides */
    over("abcdefghijklmnopqr");
    ck_assert_uint_eq(counts.holes, 0);
    ck_assert_uint_eq(counts.repeated_bytes, 4 + 2 + 4 + 1 + 1 + 4);
}
END_TEST

START_TEST(numbers_wrap) {
    begin(UINT32_MAX - 4);
    add(5, 5);
    add(0, 5);
    add(12, 3);
    add(10, 2);
    over("abcdefghijklmno");
}
END_TEST

START_TEST(gaps) {
    begin(0);
    add(0, 2);
    add(4, 2);
    add(8, 2);
    ck_assert_str_eq(out, "ab");
    over("ab##ef##ij");
    ck_assert_uint_eq(counts.holes, 2);
    ck_assert_uint_eq(counts.hole_bytes, 4);
}
END_TEST

START_TEST(cut_by_snaplen) {
    begin(0);
    cut(4, 4, 1);
    cut(0, 4, 2);
    cut(6, 4, 3); /* its first two bytes were told as hidden */
    over("ab..e...i.");
    ck_assert_uint_eq(counts.cut_bytes, 6);
}
END_TEST

START_TEST(without_a_beginning) {
    out[0] = 0;
    memset(&counts, 0, sizeof counts);
    stream = (struct work_tcp){0};
    struct work_tcp_segment s = {77, 3, 3, alphabet, 0};
    work_tcp_add(&stream, &to, &s);
    s.seq = 74; /* before the first: it comes too late */
    work_tcp_add(&stream, &to, &s);
    s.seq = 80;
    work_tcp_add(&stream, &to, &s);
    over("abcabc");
}
END_TEST

/* What is held is bounded: then the gap is taken for lost. */
START_TEST(bounded) {
    static uint8_t large[65000];
    begin(0);
    struct work_tcp_segment s = {
        .length = sizeof large, .captured = sizeof large, .bytes = large};
    for (uint32_t i = 0; i < 100; i++) {
        s.seq = 10 + i * (uint32_t)sizeof large;
        work_tcp_add(&stream, &to, &s);
        ck_assert_uint_le(budget.held, 2 << 20);
    }
    ck_assert_uint_eq(stream.next, 10 + 100 * sizeof large);
    ck_assert_uint_eq(counts.holes, 1);
    ck_assert_uint_eq(counts.hole_bytes, 10);
    work_tcp_end(&stream, &to);
    ck_assert_uint_eq(budget.held, 0);
}
END_TEST

/* Segments without a byte captured cost memory too. */
START_TEST(bounded_segments) {
    begin(0);
    struct work_tcp_segment s = {.length = 1, .bytes = alphabet};
    for (uint32_t i = 0; i < 5000; i++) {
        s.seq = 5 + 2 * i;
        work_tcp_add(&stream, &to, &s);
        ck_assert_uint_le(stream.segments, 2048);
    }
    work_tcp_end(&stream, &to);
    ck_assert_uint_eq(counts.holes, 5000);
    ck_assert_uint_eq(counts.cut_bytes, 5000);
}
END_TEST

/* More lost than any window: what follows is not taken for old. */
START_TEST(far_ahead) {
    begin(0);
    add(0, 3);
    struct work_tcp_segment s = {3000000000U, 3, 3, alphabet, 0};
    work_tcp_add(&stream, &to, &s);
    work_tcp_end(&stream, &to);
    ck_assert_uint_eq(stream.next, 3000000003U);
    ck_assert_uint_eq(counts.hole_bytes, 2999999997U);
}
END_TEST

TEST_MAIN("tcp stream", in_any_order, overlaps, numbers_wrap, gaps, cut_by_snaplen,
          without_a_beginning, bounded, bounded_segments, far_ahead)
