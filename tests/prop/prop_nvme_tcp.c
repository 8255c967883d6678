/* prop_nvme_tcp.c - laws of reading NVMe/TCP, over random queues: however their streams are
 * cut into segments, shuffled within a window and repeated, the commands are the same; what is
 * cut off or left out of a capture makes requests fewer, never others.
 */
#include "tests/check_main.h"
#include "tests/mix.h"
#include "tests/nvme_bytes.h"

enum { SEEDS = 150, COMMANDS = 60, SEGMENTS = 1 << 15, WINDOW = 40 };

static struct stream end[2];
static struct piece piece[SEGMENTS];
static uint32_t pieces;
static uint64_t seed, draws;

static uint32_t draw(uint32_t below) { return (uint32_t)(test_mix(seed, draws++) % below); }

/* One command, what answers it, and in between what asks for its data. */
static void exchange(uint16_t cid, uint8_t digests) {
    uint32_t blocks = 1 + draw(8), bytes = blocks * 512, what = draw(6);
    struct command c = {.opcode = 2,
                        .cid = cid,
                        .nsid = 1 + draw(3),
                        .slba = draw(1000000),
                        .blocks = blocks,
                        .length = bytes,
                        .digests = digests,
                        .padding = (uint8_t)(4 * draw(8))};
    uint8_t last = (uint8_t)(digests | 4);
    if (what == 0) {
        c.opcode = 0;
        c.length = 0;
    } else if (what < 4) {
        c.opcode = 1;
        c.inside = what == 1 ? bytes : 0;
    }
    put_command(&end[HOST], c);
    if (what == 2 || what == 3) {
        put_r2t(&end[CONTROLLER], cid, bytes, digests);
        put_data(&end[HOST], 6, cid, bytes, last);
    } else if (what >= 4) {
        put_data(&end[CONTROLLER], 7, cid, bytes, (uint8_t)(last | (what == 4 ? 8 : 0)));
    }
    if (what != 4)
        put_response(&end[CONTROLLER], cid, draw(5) == 0 ? 0x286 : 0, digests);
}

static void make_queue(void) {
    uint8_t digests = (uint8_t)draw(4);
    for (int i = 0; i < 2; i++) {
        end[i].n = 0;
        end[i].isn = draw(2) ? UINT32_MAX - draw(3000) : draw(1000000);
    }
    put_icreq(&end[HOST], digests);
    put_icresp(&end[CONTROLLER], digests, 1 << 20);
    put_connect(&end[HOST], 1, digests);
    put_response(&end[CONTROLLER], 0xfff0, 0, digests);
    for (uint16_t i = 0; i < COMMANDS; i++)
        exchange((uint16_t)(i * 257), digests);
}

/* Cut both streams into segments. @param most bytes of one. */
static void cut(uint32_t most) {
    pieces = 0;
    for (uint8_t sender = 0; sender < 2; sender++) {
        for (uint32_t at = 0, n; at < end[sender].n; at += n) {
            n = 1 + draw(most);
            n = n < end[sender].n - at ? n : end[sender].n - at;
            ck_assert_uint_lt(pieces, SEGMENTS);
            piece[pieces++] =
                (struct piece){.sender = sender, .from = at, .n = n, .captured = n};
        }
    }
    for (uint32_t i = 0; i < pieces; i++)
        piece[i].time = 1000 + i;
}

static void shuffle(void) {
    for (uint32_t i = 0; i < pieces; i++) {
        uint32_t far = pieces - i < WINDOW ? pieces - i : WINDOW, j = i + draw(far);
        struct piece p = piece[i];
        piece[i] = piece[j];
        piece[j] = p;
    }
}

struct outcome {
    struct work_io io[COMMANDS];
    unsigned n;
    struct work_nvme_facts facts;
};

/* @param again one segment in so many comes twice, or its end with what follows; 0: none.
 * @param leave one in so many is left out. */
static void read_it(struct outcome *o, uint32_t again, uint32_t leave) {
    struct work_nvme_tap *tap = work_nvme_tap_new((struct work_nvme_opts){0}, true);
    feed_syn(tap, &end[HOST], HOST, 0);
    feed_syn(tap, &end[CONTROLLER], CONTROLLER, 0);
    for (uint32_t i = 0; i < pieces; i++) {
        struct piece p = piece[i];
        if (leave && draw(leave) == 0)
            continue;
        feed(tap, &end[p.sender], p);
        if (!again || draw(again) != 0)
            continue;
        uint32_t skip = draw(p.n), left = end[p.sender].n - p.from - skip;
        p.from += skip;
        p.n = p.captured = left < 100 ? left : 100;
        if (draw(2)) /* what follows the segment may come with its repetition first */
            p.n = p.captured = piece[i].n - skip;
        feed(tap, &end[p.sender], p);
    }
    work_nvme_tap_end(tap);
    o->n = 0;
    while (work_nvme_tap_next(tap, &o->io[o->n]))
        ck_assert_uint_lt(++o->n, COMMANDS + 1);
    o->facts = *work_nvme_tap_facts(tap);
    work_nvme_tap_free(tap);
}

static bool same_place(const struct work_io *a, const struct work_io *b) {
    return a->op == b->op && a->offset == b->offset && a->bytes == b->bytes;
}

static void whole(const struct outcome *o) {
    const struct work_nvme_facts *f = &o->facts;
    ck_assert_uint_eq(o->n, COMMANDS);
    ck_assert_uint_eq(f->completed, COMMANDS);
    ck_assert_uint_eq(f->bad_pdus + f->lost_step + f->unmatched + f->unanswered + f->given_up +
                          f->header_digests_bad + f->data_digests_bad + f->digests_unseen +
                          f->tcp.holes + f->untimed,
                      0);
}

static void same(const struct outcome *a, const struct outcome *b) {
    whole(b);
    for (unsigned i = 0; i < COMMANDS; i++) {
        ck_assert(same_place(&a->io[i], &b->io[i]));
        ck_assert_uint_eq(a->io[i].device, b->io[i].device);
    }
    ck_assert_mem_eq(a->facts.pdus, b->facts.pdus, sizeof a->facts.pdus);
    ck_assert_mem_eq(a->facts.opcodes, b->facts.opcodes, sizeof a->facts.opcodes);
    ck_assert_mem_eq(a->facts.bytes, b->facts.bytes, sizeof a->facts.bytes);
    ck_assert_uint_eq(a->facts.c2h_bytes, b->facts.c2h_bytes);
    ck_assert_uint_eq(a->facts.h2c_bytes, b->facts.h2c_bytes);
    ck_assert_uint_eq(a->facts.failed, b->facts.failed);
    ck_assert_uint_eq(a->facts.header_digests_ok, b->facts.header_digests_ok);
    ck_assert_uint_eq(a->facts.data_digests_ok, b->facts.data_digests_ok);
}

static void start(uint64_t s) {
    seed = s;
    draws = 0;
    make_queue();
}

START_TEST(however_it_is_cut) {
    static struct outcome plain, other;
    static const uint32_t most[] = {1 << 20, 9000, 1448, 100, 24, 7};
    for (uint64_t s = 0; s < SEEDS; s++) {
        start(s);
        cut(1 << 20);
        read_it(&plain, 0, 0);
        whole(&plain);
        cut(most[s % 6] > 7 || s < 12 ? most[s % 6] : 60);
        shuffle();
        read_it(&other, s % 3 ? 4 : 0, 0);
        same(&plain, &other);
    }
}
END_TEST

/* Each of `part` is one of `all`, in the order of all but for gaps. */
static void part_of(const struct outcome *all, const struct outcome *part) {
    unsigned j = 0;
    for (unsigned i = 0; i < part->n; i++) {
        while (j < all->n && !same_place(&all->io[j], &part->io[i]))
            j++;
        ck_assert_msg(j < all->n, "seed %u: request %u was not sent", (unsigned)seed, i);
        j++;
    }
    ck_assert_uint_le(part->facts.completed, COMMANDS);
    ck_assert_uint_eq(part->facts.header_digests_bad + part->facts.data_digests_bad, 0);
}

START_TEST(nothing_is_made_up) {
    static struct outcome plain, other;
    uint64_t seen = 0;
    for (uint64_t s = 1000; s < 1000 + SEEDS; s++) {
        start(s);
        cut(1 << 20);
        read_it(&plain, 0, 0);
        cut(1448);
        uint32_t snaplen = s % 3 == 0 ? 0 : 20 + draw(200);
        for (uint32_t i = 0; snaplen > 0 && i < pieces; i++)
            piece[i].captured = piece[i].n < snaplen ? piece[i].n : snaplen;
        read_it(&other, 0, s % 3 == 1 ? 0 : 10);
        part_of(&plain, &other);
        seen += other.n;
    }
    ck_assert_uint_gt(seen, SEEDS * COMMANDS / 20);
}
END_TEST

TEST_MAIN("NVMe/TCP, laws", however_it_is_cut, nothing_is_made_up)
