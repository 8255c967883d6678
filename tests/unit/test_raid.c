/* test_raid.c - where strips of a RAID 6 lie and which are needed, byte by byte against the
 * definition: arrays of 1 to 16 drives of data, requests anywhere, none, one or two drives
 * lost.
 */
#include "check_main.h"
#include "models/raid.h"
#include "sim/engine/rng.h"
#include <string.h>

enum { STRIP = 8, STRIPES = 4, MOST = 16, DRIVES = MOST + 2 };

/* What a plan touches: a count for each byte of each drive. */
static uint8_t touched[DRIVES][STRIPES * STRIP];

static struct raid_array array(uint32_t data) {
    return (struct raid_array){.strip = STRIP, .data = data};
}

static bool lost(const struct raid_array *a, uint32_t drive) {
    return (a->losses > 0 && a->lost[0] == drive) || (a->losses > 1 && a->lost[1] == drive);
}

/* The definition: part i of stripe s is on drive (i + s) mod (data + 2). */
static uint32_t drive_of(const struct raid_array *a, uint64_t stripe, uint32_t part) {
    return (uint32_t)((part + stripe) % (a->data + 2));
}

static void touch(const struct raid_array *a, enum raid_plan plan, uint64_t offset,
                  uint64_t bytes, struct raid_need *last) {
    struct raid_piece piece;
    memset(touched, 0, sizeof touched);
    for (uint64_t n = 0; raid_piece(a, offset, bytes, n, &piece); n++) {
        raid_need(a, plan, &piece, last);
        for (uint32_t i = 0; i < last->strips; i++) {
            const struct raid_strip *s = &last->strip[i];
            uint64_t at = raid_place(a, s);
            ck_assert_uint_lt(s->drive, a->data + 2);
            ck_assert_uint_le(s->from + s->bytes, STRIP);
            /* the drives' own striping finds the same drive, and this place on it */
            ck_assert_uint_eq(at / STRIP % (a->data + 2), s->drive);
            uint64_t on = at / STRIP / (a->data + 2) * STRIP + at % STRIP;
            for (uint32_t b = 0; b < s->bytes; b++)
                touched[s->drive][on + b]++;
        }
    }
}

static uint8_t at(const struct raid_array *a, uint64_t stripe, uint32_t part, uint64_t column) {
    return touched[drive_of(a, stripe, part)][stripe * STRIP + column];
}

/* Does the request have that byte of that part? */
static bool has(const struct raid_array *a, uint64_t offset, uint64_t bytes, uint64_t stripe,
                uint32_t part, uint64_t column) {
    uint64_t byte = (stripe * a->data + part) * STRIP + column;
    return part < a->data && byte >= offset && byte < offset + bytes;
}

/* Of each request of some, and each array. */
static void each(void (*law)(const struct raid_array *a, uint64_t offset, uint64_t bytes),
                 bool may_lose) {
    struct sim_rng rng;
    sim_rng_init(&rng, 1, "raid");
    for (uint32_t data = 1; data <= MOST; data++)
        for (int i = 0; i < 40; i++) {
            struct raid_array a = array(data);
            uint64_t all = (uint64_t)STRIPES * STRIP * data;
            uint64_t offset = sim_rng_below(&rng, all);
            uint64_t most = i % 2 ? all - offset : 2 * STRIP;
            uint64_t bytes = 1 + sim_rng_below(&rng, most < all - offset ? most : all - offset);
            a.losses = may_lose ? (uint32_t)sim_rng_below(&rng, 3) : 0;
            a.lost[0] = (uint32_t)sim_rng_below(&rng, data + 2);
            a.lost[1] = (a.lost[0] + 1 + (uint32_t)sim_rng_below(&rng, data + 1)) % (data + 2);
            law(&a, offset, bytes);
        }
}

static void reads_what_is_asked_for(const struct raid_array *a, uint64_t offset,
                                    uint64_t bytes) {
    struct raid_need need;
    touch(a, RAID_READ, offset, bytes, &need);
    for (uint64_t s = 0; s < STRIPES; s++)
        for (uint32_t p = 0; p < a->data + 2; p++)
            for (uint64_t c = 0; c < STRIP; c++)
                ck_assert_uint_eq(at(a, s, p, c), has(a, offset, bytes, s, p, c));
}

START_TEST(a_healthy_array_reads_each_byte_where_it_lies) {
    each(reads_what_is_asked_for, false);
}
END_TEST

/* What is asked for and lost can be solved for: as many bytes of its column come as there are
 * of data. What is not lost is read, and nothing twice, nor of a drive that is lost. */
static void reads_or_rebuilds(const struct raid_array *a, uint64_t offset, uint64_t bytes) {
    struct raid_need need;
    touch(a, RAID_READ, offset, bytes, &need);
    for (uint64_t s = 0; s < STRIPES; s++)
        for (uint64_t c = 0; c < STRIP; c++) {
            uint32_t come = 0, missing = 0;
            for (uint32_t p = 0; p < a->data + 2; p++) {
                bool gone = lost(a, drive_of(a, s, p)), asked = has(a, offset, bytes, s, p, c);
                ck_assert_uint_le(at(a, s, p, c), !gone);
                ck_assert(gone || !asked || at(a, s, p, c));
                come += at(a, s, p, c);
                missing += gone && asked;
            }
            ck_assert(missing == 0 || come == a->data);
        }
}

START_TEST(what_is_lost_is_read_of_as_many_as_hold_the_data) { each(reads_or_rebuilds, true); }
END_TEST

/* Written are the data and both parities of its columns, where their drives are there. */
static void writes(const struct raid_array *a, uint64_t offset, uint64_t bytes) {
    struct raid_need need;
    touch(a, RAID_WRITE, offset, bytes, &need);
    for (uint64_t s = 0; s < STRIPES; s++)
        for (uint64_t c = 0; c < STRIP; c++) {
            bool any = false;
            for (uint32_t p = 0; p < a->data; p++) {
                bool mine = has(a, offset, bytes, s, p, c);
                any |= mine;
                ck_assert_uint_eq(at(a, s, p, c), mine && !lost(a, drive_of(a, s, p)));
            }
            for (uint32_t p = a->data; p < a->data + 2; p++) {
                ck_assert(!any || at(a, s, p, c) == !lost(a, drive_of(a, s, p)));
                ck_assert_uint_le(at(a, s, p, c), !lost(a, drive_of(a, s, p)));
            }
        }
}

START_TEST(data_and_parities_are_written) { each(writes, true); }
END_TEST

/* Before a write comes enough for the parities of each column that they have: all of its data,
 * new or old; or the old of what is new and the old parities; or as many bytes of the old
 * stripe as there are of data. */
static void reads_enough(const struct raid_array *a, uint64_t offset, uint64_t bytes) {
    static uint8_t written[DRIVES][STRIPES * STRIP];
    struct raid_need need;
    touch(a, RAID_WRITE, offset, bytes, &need);
    memcpy(written, touched, sizeof written);
    touch(a, RAID_OLD, offset, bytes, &need);
    for (uint64_t s = 0; s < STRIPES; s++)
        for (uint64_t c = 0; c < STRIP; c++) {
            bool parity = false, all = true, change = true;
            uint32_t old = 0;
            for (uint32_t p = 0; p < a->data + 2; p++) {
                uint32_t drive = drive_of(a, s, p);
                bool mine = has(a, offset, bytes, s, p, c), read = at(a, s, p, c) > 0;
                ck_assert(!read || !lost(a, drive));
                ck_assert_uint_le(at(a, s, p, c), 1);
                bool is_parity = p >= a->data && written[drive][s * STRIP + c];
                parity |= is_parity;
                all &= p >= a->data || mine || read;
                change &= !(mine || is_parity) || read;
                old += read;
            }
            ck_assert(!parity || all || change || old >= a->data);
        }
}

START_TEST(enough_is_read_before_a_write) { each(reads_enough, true); }
END_TEST

/* Of four strips of data: which way, how many are read, what is gone through. */
START_TEST(small_writes_read_what_is_fewer) {
    static const struct {
        uint32_t data;
        uint64_t offset, bytes;
        enum raid_way way;
        uint32_t strips;
        uint64_t work;
    } row[] = {
        {4, 0, 4 * STRIP, RAID_WHOLE, 0, 4 * STRIP},
        {4, 0, STRIP, RAID_REST, 3, 4 * STRIP}, /* three either way */
        {4, STRIP + 2, 3, RAID_REST, 3, 4 * 3},
        {4, 0, 3 * STRIP, RAID_REST, 1, 4 * STRIP},
        {5, 0, STRIP, RAID_MODIFY, 3, 4 * STRIP}, /* old, P and Q of four others */
        {16, STRIP, 2 * STRIP, RAID_MODIFY, 4, 6 * STRIP},
        {16, STRIP, 5, RAID_MODIFY, 3, 4 * 5},
        {1, 0, STRIP, RAID_WHOLE, 0, STRIP},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct raid_array a = array(row[i].data);
        struct raid_need need;
        touch(&a, RAID_OLD, row[i].offset, row[i].bytes, &need);
        ck_assert_int_eq(need.way, row[i].way);
        ck_assert_uint_eq(need.strips, row[i].strips);
        ck_assert_uint_eq(need.work, row[i].work);
    }
}
END_TEST

/* Stripe 0, drive 1 lost: its strip 1. */
START_TEST(small_writes_with_a_drive_lost) {
    static const struct {
        uint64_t offset, bytes;
        enum raid_way way;
        uint32_t strips;
    } row[] = {
        {STRIP, STRIP, RAID_REST, 3},        /* of what is written the old is lost */
        {0, STRIP, RAID_MODIFY, 3},          /* of the rest some is */
        {STRIP + 2, STRIP, RAID_RECOVER, 4}, /* both */
        {0, 4 * STRIP, RAID_WHOLE, 0},
    };
    struct raid_array a = array(4);
    a.losses = 1;
    a.lost[0] = 1;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct raid_need need;
        touch(&a, RAID_OLD, row[i].offset, row[i].bytes, &need);
        ck_assert_int_eq(need.way, row[i].way);
        ck_assert_uint_eq(need.strips, row[i].strips);
    }
    a.losses = 2; /* both parities: there is nothing to keep */
    a.lost[0] = 4;
    a.lost[1] = 5;
    struct raid_need need;
    touch(&a, RAID_OLD, 0, STRIP, &need);
    ck_assert_uint_eq(need.strips, 0);
    ck_assert_uint_eq(need.work, 0);
}
END_TEST

START_TEST(a_rebuild_reads_as_many_as_hold_the_data_and_writes_what_was_lost) {
    for (uint32_t data = 1; data <= MOST; data++)
        for (uint32_t drive = 0; drive < data + 2; drive++) {
            struct raid_array a = array(data);
            struct raid_need need;
            a.losses = 1;
            a.lost[0] = drive;
            touch(&a, RAID_REBUILD, 0, (uint64_t)data * STRIP, &need);
            ck_assert_uint_eq(need.strips, data);
            ck_assert_uint_eq(need.work, (uint64_t)data * STRIP);
            touch(&a, RAID_REPLACE, 0, (uint64_t)STRIPES * data * STRIP, &need);
            for (uint64_t i = 0; i < (uint64_t)(data + 2) * STRIPES * STRIP; i++) {
                uint64_t on = i / (STRIPES * STRIP);
                ck_assert_uint_eq(touched[on][i % (STRIPES * STRIP)], on == drive);
            }
        }
}
END_TEST

TEST_MAIN("raid", a_healthy_array_reads_each_byte_where_it_lies,
          what_is_lost_is_read_of_as_many_as_hold_the_data, data_and_parities_are_written,
          enough_is_read_before_a_write, small_writes_read_what_is_fewer,
          small_writes_with_a_drive_lost,
          a_rebuild_reads_as_many_as_hold_the_data_and_writes_what_was_lost)
