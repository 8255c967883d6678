/* raid.h - an array of drives with two parities (RAID 6): where the strips of a request lie,
 * and which of them are read and written for it. Arithmetic alone, of one stripe at a time.
 *
 * A stripe is `data` strips and two parities, P and Q, one on each drive; part i of stripe s (P
 * and Q are the parts behind the data's) is on drive (i + s) modulo data + 2. The drives are
 * one volume that is striped by strips (the drive's `stripe`), so that a strip's place there
 * says which drive has it.
 */
#ifndef MODELS_RAID_H
#define MODELS_RAID_H

#include <stdbool.h>
#include <stdint.h>

enum { RAID_DATA_MOST = 253, RAID_PARTS_MOST = RAID_DATA_MOST + 2 };

/* What strips are wanted for. */
enum raid_plan {
    RAID_NONE,
    RAID_READ,    /* what is asked for; where it is lost, what it is rebuilt from */
    RAID_OLD,     /* what has to be read before a write, for the parities */
    RAID_WRITE,   /* what is written, and the parities */
    RAID_REBUILD, /* what whole stripes are rebuilt from */
    RAID_REPLACE  /* what was lost of them */
};

/* How the parities of a stripe that is written are found. */
enum raid_way {
    RAID_WHOLE,   /* by what is written: it is all of the data, or both parities are lost */
    RAID_MODIFY,  /* by what was there, the parities that were, and what is written */
    RAID_REST,    /* by what is written and the rest of the data */
    RAID_RECOVER, /* some of the rest is lost: it is rebuilt first */
    RAID_WAYS
};

struct raid_array {
    uint64_t strip; /* bytes */
    uint32_t data;
    uint32_t lost[2], losses; /* drives */
};

/* A part of a strip, on its drive. */
struct raid_strip {
    uint64_t stripe;
    uint32_t drive, from, bytes; /* from the strip's beginning */
};

/* What of one stripe bytes [from, to) of its data are. */
struct raid_piece {
    uint64_t stripe, from, to;
};

struct raid_need {
    uint32_t strips; /* so many of */
    struct raid_strip strip[RAID_PARTS_MOST];
    enum raid_way way; /* of RAID_OLD */
    bool degraded;     /* some of what is asked for, or of whole stripes, is lost */
    uint64_t work;     /* bytes that are gone through to make parities, or what is lost */
    uint64_t parity;   /* bytes of parities that are written */
};

static inline uint32_t raid_drives(const struct raid_array *a) { return a->data + 2; }

/* The n-th stripe that a request for `bytes` from `offset` on is about. @return false: it is
 * about fewer. */
bool raid_piece(const struct raid_array *a, uint64_t offset, uint64_t bytes, uint64_t n,
                struct raid_piece *piece);

/* What a plan needs of a stripe. */
void raid_need(const struct raid_array *a, enum raid_plan plan, const struct raid_piece *piece,
               struct raid_need *need);

/* Where a strip lies on the volume that the drives are. */
static inline uint64_t raid_place(const struct raid_array *a, const struct raid_strip *s) {
    return (s->stripe * raid_drives(a) + s->drive) * a->strip + s->from;
}

#endif
