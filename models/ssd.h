/* ssd.h - an NVMe drive: its state, its ports, and what its operations are. */
#ifndef MODELS_SSD_H
#define MODELS_SSD_H

#include "models/flash.h"
#include "models/ftl.h"
#include "models/io.h"
#include "models/pcie_link.h"

enum { SSD_QUEUES, SSD_MEDIA, SSD_UP, SSD_DOWN }; /* ports */
enum { SSD_ROUND_ROBIN, SSD_WEIGHTED };           /* arbitration */
enum { SSD_PARTS = 256 };                         /* pages that are known to be begun */
#define SSD_PART_KNOWN 1ULL /* ends are even: the rest of the page has been read */

/* Index in ssd_ops[]. */
enum ssd_op {
    SSD_OP_COMMAND,
    SSD_OP_READ,
    SSD_OP_PULL,
    SSD_OP_PULLED,
    SSD_OP_WRITE,
    SSD_OP_FLUSH,
    SSD_OP_TRIM,
    SSD_OP_SEND,
    SSD_OPS
};

/* Arguments of "command". */
struct ssd_command {
    int64_t fetch;
};

enum ssd_verdict { SSD_OK, SSD_OUT_OF_RANGE, SSD_TOO_LARGE };

/* A program whose end gives room in the buffer back. */
struct ssd_release {
    sim_ps at;
    uint64_t bytes;
};

struct ssd {
    struct sim_comp base;
    /* parameters */
    struct pcie_params link_params;
    struct flash_params media;
    int64_t link_latency;
    int64_t queues, queue_depth, arbitration, burst, weight[SIM_CLASSES];
    int64_t command_time, command_latency, command_jitter, max_transfer;
    int64_t capacity, namespaces, stripe;
    int64_t buffer_bytes, write_latency, protected;
    int64_t cache_bytes, cache_program_time;
    int64_t state, spare, map_bytes;
    /* state */
    struct pcie_link link;
    struct flash flash;
    struct ftl ftl;
    struct sim_rng rng, jitter_rng;
    struct sim_sampler jitter;
    bool maps, conditioned;
    uint32_t buffer_port;
    uint64_t buffered;           /* bytes in the buffer ... */
    sim_ps admitted;             /* ... of which the last came in then */
    struct ssd_release *release; /* ring, in the order of programs */
    uint32_t head, tail, mask;
    uint64_t filling, moving; /* bytes that wait for a program: the host's, moved ones */
    uint64_t packed;          /* bytes of compressed requests that fill no page yet */
    uint64_t part[SSD_PARTS]; /* ends of writes within a page of the map, by page, and a bit */
    uint32_t next_die;        /* where they go */
    sim_ps settled;           /* all that was programmed is kept */
    struct ssd_turns {
        uint32_t last, left; /* the queue that was served last, and how often it may be yet */
        int64_t credit[SIM_CLASSES];
    } turns;
    uint64_t cached; /* bytes that the cache has taken */
    /* statistics */
    int64_t read_bytes, written_bytes, moved_bytes, trimmed_bytes, full_buffer, crossing,
        beyond, rests;
};

/* Parameters and statistics: ssd_params.c. */
extern const struct sim_field ssd_fields[], ssd_stats[];
extern const struct sim_op ssd_ops[SSD_OPS + 1];

/* ssd_queues.c: submission queues take turns. */
void ssd_queues_init(struct ssd *d);
uint32_t ssd_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                  bool must);
uint32_t ssd_choose(struct sim_comp *comp, struct sim_port *port, sim_ps now, sim_ps *until);

/* Do the parameters go together? @return true; or false with the reason in err. */
bool ssd_check(struct ssd *d, struct sim_err *err);
bool ssd_effect(const struct sim_comp *comp, const char *param);
const char *ssd_remark(const struct sim_comp *comp, const char *param);

/* Where a request begins in the drive's namespace, and which of them that is. */
static inline uint64_t ssd_offset(const struct ssd *d, const struct io *io) {
    uint64_t stripe = (uint64_t)d->stripe, like = d->base.like;
    return stripe == 0 ? io->offset : io->offset / stripe / like * stripe + io->offset % stripe;
}
static inline uint32_t ssd_space(const struct ssd *d, const struct io *io) {
    return d->stripe == 0 ? io->space / d->base.like : io->space;
}

/* ssd_media.c: when what m asks of the media at t is there, or kept. *waits: how much of that
 * it waited for others. */
sim_ps ssd_read(struct ssd *d, const struct sim_msg *m, const struct io *io, sim_ps t,
                sim_ps *waits);
sim_ps ssd_write(struct ssd *d, const struct sim_msg *m, const struct io *io, sim_ps t,
                 sim_ps *waits);
sim_ps ssd_flush(struct ssd *d, const struct sim_msg *m, sim_ps t);
void ssd_trim(struct ssd *d, const struct io *io, sim_ps t);
/* For init and start. */
void ssd_media_init(struct ssd *d);
void ssd_media_start(struct ssd *d);

#endif
