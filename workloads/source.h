/* source.h - what all traffic sources share: one message scheduled at a time, one timer.
 *
 * A source says what comes next and when (`next`); this part puts it into the world at that
 * time. When the pool of messages is half empty it waits, while births keep the time they
 * were scheduled for: the wait is part of the latency. When the measured window shuts, what
 * was scheduled in it and never got in is offered and carried out, and the source stops.
 */
#ifndef WORK_SOURCE_H
#define WORK_SOURCE_H

#include "models/io.h"
#include "models/payload.h"
#include "sim/engine/model.h"

enum { WORK_WIRE_OVERHEAD = 20 }; /* preamble, start of frame and gap: bytes a frame */

struct work_source {
    struct sim_comp base;
    struct sim_stream *stream; /* set by who builds the world, before sim_comp_init */
    /* parameters */
    int64_t limit, start, cls;
    /* Put the next message into `like` and its birth, not before the last one's, into `due`.
     * @return false when there is none, for now or for ever. */
    bool (*next)(struct work_source *s);
    void (*stop)(struct work_source *s); /* it will not be asked again; may be NULL */
    struct sim_event timer;
    sim_ps due;
    struct sim_msg like;
    const struct packet *fresh; /* facts that `like` takes along in its own room, or NULL */
    const struct io *own;       /* likewise, of a request to a drive */
    bool ready, stopped;        /* `due` and `like` hold a message; for ever */
    bool over;                  /* there was none left when it was stopped */
    bool ends;                  /* set by init: it does by itself, its job being done */
    unsigned makes;             /* likewise: a bit for each kind that comes; 0: not known yet */
    unsigned unchained;         /* kinds that the stream has no chain for; set before init */
    bool again;     /* a sooner one is asked for in place of the last: what was drawn stays */
    uint64_t asked; /* how often for a free message in vain */
    /* statistics */
    int64_t made, lagged, lag_max;
};

/* Rows that every source has, for a struct T that begins with `struct work_source source`. */
#define WORK_SOURCE_PARAMS(T)                                                                  \
    {.name = "limit",                                                                          \
     .unit = SIM_COUNT,                                                                        \
     .offset = offsetof(T, source.limit),                                                      \
     .max = INT64_MAX,                                                                         \
     .def = "0",                                                                               \
     .doc = "packets to send in all, 0: no limit"},                                            \
        {.name = "start",                                                                      \
         .unit = SIM_TIME,                                                                     \
         .offset = offsetof(T, source.start),                                                  \
         .max = INT64_MAX / 4,                                                                 \
         .def = "0s",                                                                          \
         .doc = "when the first packet is born"},                                              \
    {                                                                                          \
        .name = "class", .unit = SIM_COUNT, .offset = offsetof(T, source.cls),                 \
        .max = SIM_CLASSES - 1, .def = "0", .doc = "class of service, 0 goes first"            \
    }

#define WORK_SOURCE_STATS(T)                                                                   \
    {.name = "scheduled",                                                                      \
     .unit = SIM_COUNT,                                                                        \
     .offset = offsetof(T, source.made),                                                       \
     .doc = "packets scheduled over the whole run"},                                           \
        {.name = "lagged",                                                                     \
         .unit = SIM_COUNT,                                                                    \
         .offset = offsetof(T, source.lagged),                                                 \
         .doc = "packets of the measured window that had to wait for room in the message "     \
                "pool"},                                                                       \
    {                                                                                          \
        .name = "lag_max", .unit = SIM_TIME, .offset = offsetof(T, source.lag_max),            \
        .doc = "longest such wait"                                                             \
    }

/* For init: the emit port, the timer, the hooks of the stream. */
void work_source_init(struct work_source *s, bool (*next)(struct work_source *));
/* For start: schedule the first message. */
void work_source_start(struct work_source *s);
/* There may be a next message again (a reply came); nothing when one is scheduled. */
void work_source_wake(struct work_source *s);
/* Nothing comes any more: what it holds open is closed. Again: nothing. */
void work_source_stop(struct work_source *s);
/* Does it wait for a free message, and ask again and again? */
bool work_source_asks(const struct work_source *s);
/* What was scheduled is taken back: ask for the next message again. */
void work_source_again(struct work_source *s);

/* An error at parameter `key` of the source. @return false. */
bool work_source_fail(const struct work_source *s, const char *key, struct sim_err *err,
                      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Application bytes of a packet, by its header lengths: what the innermost header that the
 * facts know carries, tunnel or no. */
uint32_t work_payload(const struct sim_msg *m);

/* Births at a stated rate: packet n at the start plus the exact time of those before it,
 * rounded up. */
struct work_pace {
    struct sim_ser ser;
    sim_ps next;
    bool by_packet;
};

/* @param rate bits per second on the wire, overhead included, or 0: then by packet_rate. */
void work_pace_init(struct work_pace *pace, int64_t rate, int64_t packet_rate, sim_ps start);

/* When a packet of frame_bytes that comes next is due; the one after it comes behind. */
static inline sim_ps work_pace_take(struct work_pace *pace, uint32_t frame_bytes) {
    sim_ps due = pace->next;
    uint64_t bits = pace->by_packet ? 1 : 8 * ((uint64_t)frame_bytes + WORK_WIRE_OVERHEAD);
    pace->next = sim_ser_send(&pace->ser, due, bits);
    return due;
}

#endif
