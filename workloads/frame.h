/* frame.h - synthetic packets: their real header bytes, and mixes of sizes. */
#ifndef WORK_FRAME_H
#define WORK_FRAME_H

#include "models/payload.h"
#include "sim/engine/err.h"
#include "sim/engine/rng.h"

enum {
    WORK_FRAME_MIN = 64,
    WORK_FRAME_MAX = 10240,
    WORK_SIZES = 16,         /* in one mix */
    WORK_FRAME_FLOWS = 65536 /* different five-tuples that work_frame_parse makes */
};

struct work_frame_kind {
    bool tcp;  /* else UDP */
    bool ipv6; /* else IPv4 */
};

/* The smallest frame, with FCS, that holds the headers of the kind. */
uint32_t work_frame_least(struct work_frame_kind kind);

/* Build the headers of a packet of `flow` (< WORK_FRAME_FLOWS) in a frame of frame_bytes (with
 * FCS) and parse them. Its payload is unknown, as in a capture cut after the headers. */
void work_frame_parse(struct work_frame_kind kind, uint32_t flow, uint32_t frame_bytes,
                      struct packet *out);

/* Frame sizes with weights. */
struct work_sizes {
    uint32_t n;
    uint32_t bytes[WORK_SIZES];
    uint64_t upto[WORK_SIZES]; /* sum of the weights up to and with this one */
};

/* Read "imix", "1518" or "64:7,594:4,1518:1" (bytes with FCS : weight). "imix" is simple IMIX:
 * IP packets of 40, 576 and 1500 bytes 7:4:1, that is frames of 64, 594 and 1518.
 * Fails: err's text (without a place) when it is none of these or a size is out of bounds. */
bool work_sizes_read(struct work_sizes *sizes, const char *text, uint32_t least,
                     struct sim_err *err);

/* Index of a size, drawn by weight. */
static inline uint32_t work_sizes_draw(const struct work_sizes *sizes, struct sim_rng *rng) {
    if (sizes->n == 1)
        return 0;
    uint64_t at = sim_rng_below(rng, sizes->upto[sizes->n - 1]);
    uint32_t i = 0;
    while (at >= sizes->upto[i])
        i++;
    return i;
}

#endif
