/* raid_plan.c - see raid.h.
 *
 * Columns. The bytes of a strip that a request is about are a range; those of the parities are
 * the range that has all of a stripe's, so that a request of two strips' ends has whole ones.
 * Before a write that is no whole stripe's whichever is fewer is read: what is overwritten and
 * the parities, or the rest of the data (as Linux md does it). What is lost is rebuilt from as
 * many strips as there are of data: all data that is left, then P, then Q.
 */
#include "models/raid.h"
#include "sim/engine/err.h"

struct range {
    uint64_t from, to;
};

/* One stripe at work. */
struct stripe {
    const struct raid_array *array;
    const struct raid_piece *piece;
    struct raid_need *need;
    struct range all;          /* the parities' */
    uint32_t lost_data, whole; /* of pieces: how many are lost; are whole strips */
};

static uint32_t drive_of(const struct stripe *s, uint32_t part) {
    return (uint32_t)((part + s->piece->stripe) % raid_drives(s->array));
}

static bool is_lost(const struct stripe *s, uint32_t part) {
    uint32_t drive = drive_of(s, part);
    for (uint32_t i = 0; i < s->array->losses; i++)
        if (s->array->lost[i] == drive)
            return true;
    return false;
}

/* What the piece has of a strip of data; empty: nothing. */
static struct range own(const struct stripe *s, uint32_t part) {
    uint64_t strip = s->array->strip, begin = part * strip, end = begin + strip;
    uint64_t from = s->piece->from > begin ? s->piece->from : begin;
    uint64_t to = s->piece->to < end ? s->piece->to : end;
    return from < to ? (struct range){from - begin, to - begin} : (struct range){0, 0};
}

static bool empty(struct range r) { return r.from == r.to; }

static struct range hull(struct range a, struct range b) {
    if (empty(a) || empty(b))
        return empty(a) ? b : a;
    return (struct range){a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to};
}

static void want(struct stripe *s, uint32_t part, struct range r) {
    if (empty(r))
        return;
    SIM_ASSERT(s->need->strips < RAID_PARTS_MOST);
    s->need->strip[s->need->strips++] = (struct raid_strip){
        s->piece->stripe, drive_of(s, part), (uint32_t)r.from, (uint32_t)(r.to - r.from)};
}

bool raid_piece(const struct raid_array *a, uint64_t offset, uint64_t bytes, uint64_t n,
                struct raid_piece *piece) {
    uint64_t stripe = a->strip * a->data, number = offset / stripe + n;
    uint64_t from = n == 0 ? offset % stripe : 0, end = offset % stripe + bytes - n * stripe;
    if (bytes == 0 || n > (offset % stripe + bytes - 1) / stripe)
        return false;
    *piece = (struct raid_piece){number, from, end < stripe ? end : stripe};
    return true;
}

static void look(struct stripe *s) {
    for (uint32_t i = 0; i < s->array->data; i++) {
        struct range r = own(s, i);
        s->all = hull(s->all, r);
        s->lost_data += !empty(r) && is_lost(s, i);
        s->whole += r.to - r.from == s->array->strip;
    }
}

/* As many strips as there are of data: what they have beside `own`, if that is wanted too. */
static void survivors(struct stripe *s, struct range lost, bool with_own) {
    uint32_t left = s->array->data;
    for (uint32_t i = 0; i < raid_drives(s->array) && left > 0; i++) {
        if (is_lost(s, i))
            continue;
        want(s, i, with_own && i < s->array->data ? hull(own(s, i), lost) : lost);
        left--;
    }
    SIM_ASSERT(left == 0);
    s->need->work += s->array->data * (lost.to - lost.from);
}

static void read(struct stripe *s) {
    struct range lost = {0, 0};
    for (uint32_t i = 0; i < s->array->data; i++)
        if (is_lost(s, i))
            lost = hull(lost, own(s, i));
    s->need->degraded = !empty(lost);
    if (!empty(lost)) {
        survivors(s, lost, true);
        return;
    }
    for (uint32_t i = 0; i < s->array->data; i++)
        want(s, i, own(s, i));
}

/* ---------------------------------------------------------------- before a write */

/* What of the parities' range a strip of data has beside its own. */
static struct range rest(const struct stripe *s, uint32_t part) {
    struct range r = own(s, part);
    if (empty(r))
        return s->all;
    if (r.from > s->all.from)
        return (struct range){s->all.from, r.from};
    return (struct range){r.to, s->all.to};
}

static uint32_t parities(const struct stripe *s) {
    return (uint32_t)!is_lost(s, s->array->data) + !is_lost(s, s->array->data + 1);
}

static enum raid_way way_of(const struct stripe *s) {
    uint32_t modified = parities(s), others = 0;
    bool lacks = false;
    for (uint32_t i = 0; i < s->array->data; i++) {
        bool more = !empty(rest(s, i));
        modified += !empty(own(s, i));
        others += more;
        lacks |= more && is_lost(s, i);
    }
    if (others == 0 || parities(s) == 0)
        return RAID_WHOLE;
    if (s->lost_data == 0 && (lacks || modified < others))
        return RAID_MODIFY;
    return lacks ? RAID_RECOVER : RAID_REST;
}

static void before_write(struct stripe *s) {
    struct raid_need *need = s->need;
    uint64_t range = s->all.to - s->all.from;
    need->way = way_of(s);
    if (need->way == RAID_RECOVER)
        survivors(s, s->all, false);
    for (uint32_t i = 0; i < s->array->data; i++) {
        if (need->way == RAID_MODIFY)
            want(s, i, own(s, i));
        else if (need->way == RAID_REST)
            want(s, i, rest(s, i));
    }
    if (need->way != RAID_MODIFY) {
        need->work += parities(s) > 0 ? s->array->data * range : 0;
        return;
    }
    for (uint32_t i = s->array->data; i < raid_drives(s->array); i++)
        if (!is_lost(s, i))
            want(s, i, s->all);
    need->work = 2 * (s->piece->to - s->piece->from) + parities(s) * range;
}

static void write(struct stripe *s) {
    for (uint32_t i = 0; i < raid_drives(s->array); i++)
        if (!is_lost(s, i))
            want(s, i, i < s->array->data ? own(s, i) : s->all);
    s->need->parity = parities(s) * (s->all.to - s->all.from);
}

/* ---------------------------------------------------------------- whole stripes */

static void replace(struct stripe *s) {
    for (uint32_t i = 0; i < raid_drives(s->array); i++)
        if (is_lost(s, i))
            want(s, i, (struct range){0, s->array->strip});
}

void raid_need(const struct raid_array *a, enum raid_plan plan, const struct raid_piece *piece,
               struct raid_need *need) {
    struct stripe s = {.array = a, .piece = piece, .need = need};
    need->strips = 0;
    need->way = RAID_WHOLE;
    need->degraded = false;
    need->work = need->parity = 0;
    look(&s);
    if (plan == RAID_READ) {
        read(&s);
    } else if (plan == RAID_OLD) {
        before_write(&s);
    } else if (plan == RAID_WRITE) {
        write(&s);
    } else if (plan == RAID_REBUILD && a->losses > 0) {
        need->degraded = true;
        survivors(&s, (struct range){0, a->strip}, false);
    } else if (plan == RAID_REPLACE) {
        replace(&s);
    }
}
