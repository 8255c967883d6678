/* software.h - work done by processor cores: what a message costs on one, as the models of the
 * card's cores and of the host tell it. One kind of core differs from another by its numbers.
 *
 * A message costs cycles: a base and so much a byte, by a table of costs (software_ops.h) or as
 * the step says. What an engine's operation does to its bytes it does here too (treat.h), and
 * what counts are the bytes that an engine would go through. Digests that dedup-hash has met
 * are in one table of the block, which all of its cores share: they serve one after the other
 * then, in time (sim_step.shared). So with patterns: `scan` finds those of the block's `rules`
 * in the payload.
 *
 * It costs accesses to memory that stall the core. An access goes to the first level that holds
 * it. Its hit curve: of a working set of W bytes that is accessed at random, evenly, a cache of
 * C bytes holds min(1, C / W), whatever least recently used means then; of one that is gone
 * through in a circle it holds all or nothing. What several steps use competes: each has the
 * share of a cache that its working set has of all of them, so that W is their sum. The first
 * two levels belong to a core, the third to the block. A level's latency is divided by
 * memory_parallelism, the accesses that a core overlaps; hits in the first level are in the
 * cycles. Of a step that says no working set every access goes to memory, and memory_latency is
 * all that it waits for.
 *
 * Translation. Addresses of a working set are looked up in two levels of TLB, of so many pages
 * each, by the same hit curve. What the second does not hold is walked for: the last of its
 * descriptors, 8 bytes, is read from the second level, the third or memory; those above it are
 * few and kept by the core. A line of them serves 8 pages, so it is used far more often than a
 * line of the data, and descriptors have their room in a cache before the data.
 *
 * Stores. A store waits in a buffer, not in the core: what stores wait for passes beside the
 * cycles, and only the longer of the two counts; as many overlap as of loads. A line that is
 * written at random is read first and written back later.
 *
 * Streams. What lies in order is prefetched: the lines come beside the cycles, stream_lines on
 * their way at a time, and no translation is waited for. A core that writes whole lines in
 * order writes them out without reading them.
 *
 * Threads. A core of T hardware threads works on one message while others wait for memory: of
 * C cycles and S of stalls a message takes C + S, and keeps the core from the next one for
 * max(C, (C + S) / T).
 *
 * Bursts. Software takes up to `batch` messages at a time from its queue, what is there when it
 * looks; each burst costs batch_cycles. So a message costs less when many wait.
 *
 * Interrupts. A core that polls begins at once. One that sleeps is woken by what comes into its
 * empty queue: an interrupt, `moderation` after the one before or when moderation_packets have
 * come, whichever is first, then wakeup_latency and interrupt_cycles. While it has work there
 * are none. A service is fixed before later packets come, so when so many will have come is
 * told from the pace of those since the interrupt before: exact at a constant rate.
 *
 * Noise. The operating system takes a core away for noise_time in every noise_period, cores at
 * different times, by the run's seed.
 *
 * Trains (train.h). A frame that follows in one costs the cycles of its bytes only; where its
 * bytes are worked on (treat.h) it costs what every frame does.
 *
 * Left out: sets and ways, of caches and TLBs; how many walks go at a time; instructions, which
 * the TLB also translates; the share of memory's bandwidth that streams and stores take;
 * sharing of lines between cores; sleep states and changes of the clock; threads that compete
 * for anything but the pipeline. Whose numbers: docs/sources.md, sections 4, 8 and 9.
 */
#ifndef MODELS_SOFTWARE_H
#define MODELS_SOFTWARE_H

#include "models/scan.h"
#include "models/treat.h"

enum software_kind { SOFTWARE_A78, SOFTWARE_A72, SOFTWARE_X86, SOFTWARE_KINDS };

/* What is known of the core behind a port while running. */
struct software_core {
    sim_ps polled;  /* when the burst at hand was taken */
    sim_ps raised;  /* the last interrupt */
    sim_ps phase;   /* of the noise: it begins then, and every period */
    int64_t remain; /* messages that the burst at hand may still take */
    sim_ps first;   /* when the message came that raised the last interrupt ... */
    int64_t since;  /* ... and how many came behind it */
    uint64_t noise; /* picoseconds of it in the occupancies of services that began inside */
};

/* The processor of a block: its parameters, embedded in the block's struct. */
struct software_cpu {
    int64_t table, scale, clock, threads;
    int64_t l1, l2, l3, l2_latency, l3_latency;
    int64_t memory, memory_latency, memory_parallelism, stream_lines;
    int64_t page_bytes, tlb1, tlb2, tlb2_latency;
    int64_t batch, batch_cycles;
    int64_t receive, moderation, moderation_packets, wakeup_latency, interrupt_cycles;
    int64_t noise_period, noise_time;
    int64_t dedup_entries;
    int64_t memory_bytes; /* counter */
    /* from here on: not parameters */
    struct treat treat;
    struct treat_asks asks;
    struct scan scan;
    uint64_t memory_part;       /* millionths of a line that the counter does not hold yet */
    uint32_t cores;             /* set by the block before software_init */
    bool gathers;               /* likewise: bursts matter even if they cost no cycles */
    bool plain;                 /* neither bursts nor interrupts nor noise */
    struct software_core *core; /* [ports] */
    struct lanes_due due;       /* of shares: by port */
};

/* What a message costs, worked out by software_prepare. */
struct software_price {
    uint64_t cycles, per_byte; /* whole cycles; millionths of a cycle */
    uint64_t stall;            /* millionths of a cycle */
    uint64_t misses, back;     /* millionths of a line, from memory and written back */
    bool beside;               /* the stall passes beside the cycles */
    treat_fn *treat;           /* what it does to the bytes, or NULL */
    bool scans;                /* it looks for patterns in them */
    bool woken;                /* a core that sleeps is interrupted for it */
    const void *args;          /* of that */
};

/* What a step says of an operation on the bytes. */
union software_bytes {
    struct treat_gcm_args gcm;
    struct treat_esp_args esp;
    struct treat_macsec_args macsec;
    struct treat_tls_args tls;
    struct lanes_stated stated;
    struct treat_parity_args parity;
    struct treat_rebuild_args rebuild;
    struct software_tunnel_args {
        int64_t outer, vni, options;
    } tunnel;
    struct software_volume_args {
        struct lanes_stated stated; /* of volume-read */
        int64_t unit, coder;
    } volume;
};

/* Arguments of a step; the first member of an operation's own. */
struct software_work {
    int64_t cycles, cycles_per_byte; /* SIM_ABSENT: by the table */
    int64_t memory_accesses, working_set, working_set_of, pattern, access;
    const char *name; /* of the working set */
    union software_bytes bytes;
    struct software_price price;
};

/* Fields of operations; those with arguments of an operation on the bytes. */
extern const struct sim_field software_fields[], software_gcm[], software_esp[],
    software_mode[], software_macsec[], software_tls[], software_ratio[], software_dedup[],
    software_raid6[], software_erasure[], software_raid6_rebuild[], software_rebuild[],
    software_vxlan[], software_geneve[], software_scan[], software_store[], software_load[];

enum software_pattern { SOFTWARE_RANDOM, SOFTWARE_CIRCLE, SOFTWARE_STREAM };

enum software_verdict {
    SOFTWARE_OK,
    SOFTWARE_NOT_SEALED,
    SOFTWARE_NESTED,
    SOFTWARE_NOT_IP,
    SOFTWARE_NOT_TUNNEL,
    SOFTWARE_HIT,
    SOFTWARE_MISS,
    SOFTWARE_DUPLICATE,
    SOFTWARE_TOO_LONG,
    SOFTWARE_VERDICTS /* of a block's own, the first */
};
#define SOFTWARE_VERDICT_ROWS                                                                  \
    [SOFTWARE_NOT_SEALED -                                                                     \
        1] = {"not-sealed", "drop", "the message is not what the operation takes off"},        \
        [SOFTWARE_NESTED - 1] = {"nested", "drop",                                             \
                                 "two layers are on already, or one that hides the payload"},  \
        [SOFTWARE_NOT_IP - 1] = {"not-ip", "next", "esp-encap: the packet has no IP header"},  \
        [SOFTWARE_NOT_TUNNEL - 1] = {"not-tunnel", "next",                                     \
                                     "decap: the packet is no such tunnel"},                   \
        [SOFTWARE_HIT - 1] = {"hit", "next", "scan: the payload holds a pattern"},             \
        [SOFTWARE_MISS - 1] = {"miss", "next", "scan: it holds none"},                         \
        [SOFTWARE_DUPLICATE - 1] = {"duplicate", "next",                                       \
                                    "dedup-hash: an equal payload is known"},                  \
        [SOFTWARE_TOO_LONG - 1] = {"too-long", "drop",                                         \
                                   "the IP packet would be above 65,535 bytes"}

/* "base + per byte" of every kind in a text of the op's. */
#define SOFTWARE_COSTS(A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE)                            \
    "; cycles + cycles a byte on a78 " #A78 " + " #A78_BYTE ", a72 " #A72 " + " #A72_BYTE      \
    ", x86 " #X86 " + " #X86_BYTE

#define SOFTWARE_WORK(member) offsetof(struct software_work, member)

/* Rows of field tables that blocks share, each with its comma. */
#define SOFTWARE_ROW(...) {__VA_ARGS__},

/* A step's memory accesses. */
#define SOFTWARE_MEMORY                                                                        \
    SOFTWARE_ROW("memory_accesses", SIM_COUNT, SOFTWARE_WORK(memory_accesses), 0, 1000000,     \
                 "0", NULL,                                                                    \
                 "accesses to memory added to the cycles; without working_set all of them "    \
                 "miss the caches",                                                            \
                 "assumed: cycles were measured with their misses in")                         \
    SOFTWARE_ROW(                                                                              \
        "working_set", SIM_BYTES, SOFTWARE_WORK(working_set), 1, INT64_MAX, "", NULL,          \
        "bytes that the accesses of this step go to; absent: more than any cache holds", NULL) \
    SOFTWARE_ROW("working_set_of", SIM_ENUM, SOFTWARE_WORK(working_set_of), 0, 0, "block",     \
                 "block|core", "one working set for all cores, or one for each core", NULL)    \
    SOFTWARE_ROW("pattern", SIM_ENUM, SOFTWARE_WORK(pattern), 0, 0, "random",                  \
                 "random|circle|stream",                                                       \
                 "how accesses go through the working set: at random, or line after line, "    \
                 "each waited for (circle) or prefetched (stream)",                            \
                 NULL)                                                                         \
    SOFTWARE_ROW("access", SIM_ENUM, SOFTWARE_WORK(access), 0, 0, "read", "read|write",        \
                 "what accesses do: a write is not waited for, but for room to wait in", NULL) \
    SOFTWARE_ROW("working_set_name", SIM_STRING, SOFTWARE_WORK(name), 0, 0, "", NULL,          \
                 "steps that give the same name use the same data", NULL)

#define SOFTWARE_CYCLES(DEFAULT, DOC, SOURCE)                                                  \
    SOFTWARE_ROW("cycles", SIM_CYCLES, SOFTWARE_WORK(cycles), 0, 1000000000, DEFAULT, NULL,    \
                 DOC, SOURCE)
#define SOFTWARE_PER_BYTE(DEFAULT, SOURCE)                                                     \
    SOFTWARE_ROW("cycles_per_byte", SIM_RATIO, SOFTWARE_WORK(cycles_per_byte), 0,              \
                 1000000000000, DEFAULT, NULL, "cycles added for each byte; 0.1 for a copy",   \
                 SOURCE)

/* Parameters of the processor, but how many cores. AT(member): the offset in the block. */
#define SOFTWARE_PARAMS(AT, TABLE, CLOCK, CLOCK_SOURCE)                                        \
    SOFTWARE_ROW("clock", SIM_HZ, AT(clock), 1000000, 100000000000, CLOCK, NULL,               \
                 "clock of the cores", CLOCK_SOURCE)                                           \
    SOFTWARE_ROW("table", SIM_ENUM, AT(table), 0, 0, TABLE, "a78|a72|x86",                     \
                 "whose cycles an operation costs where its step does not say",                \
                 "docs/sources.md section 9")                                                  \
    SOFTWARE_ROW("rules", SIM_STRING, AT(scan.file), 0, 0, "", "file",                         \
                 "what op scan looks for; " SCAN_RULES, NULL)                                  \
    TREAT_DEDUP_ENTRIES(AT(dedup_entries))                                                     \
    SOFTWARE_ROW("scale", SIM_RATIO, AT(scale), 1000, 1000000000, "1", NULL,                   \
                 "times the table's cycles: for a core that the table does not have",          \
                 "assumed: the core is of the table's kind")                                   \
    SOFTWARE_ROW("threads", SIM_COUNT, AT(threads), 1, 256, "1", NULL,                         \
                 "hardware threads of a core: messages whose stalls it overlaps",              \
                 "assumed: one message at a time")

#define SOFTWARE_CACHES(AT, L1, L2, L3, SIZES, L2_CYCLES, L3_CYCLES, LATENCIES)                \
    SOFTWARE_ROW("l1", SIM_BYTES, AT(l1), 0, 1LL << 40, L1, NULL,                              \
                 "first level of data, a core", SIZES)                                         \
    SOFTWARE_ROW("l2", SIM_BYTES, AT(l2), 0, 1LL << 40, L2, NULL, "second level, a core",      \
                 SIZES)                                                                        \
    SOFTWARE_ROW("l3", SIM_BYTES, AT(l3), 0, 1LL << 40, L3, NULL,                              \
                 "third level, shared by all cores of the block", SIZES)                       \
    SOFTWARE_ROW("l2_latency", SIM_CYCLES, AT(l2_latency), 0, 100000, L2_CYCLES, NULL,         \
                 "of an access that the second level holds", LATENCIES)                        \
    SOFTWARE_ROW("l3_latency", SIM_CYCLES, AT(l3_latency), 0, 100000, L3_CYCLES, NULL,         \
                 "of an access that the third level holds", LATENCIES)

#define SOFTWARE_DRAM(AT, SIZE, SIZE_FROM, LATENCY, LATENCY_FROM, PARALLEL, PARALLEL_FROM)     \
    SOFTWARE_ROW("memory", SIM_BYTES, AT(memory), 1, INT64_MAX, SIZE, NULL,                    \
                 "size of the memory: working sets must fit", SIZE_FROM)                       \
    SOFTWARE_ROW("memory_latency", SIM_TIME, AT(memory_latency), 0, 1000000000, LATENCY, NULL, \
                 "what a core sees of one access that misses its caches", LATENCY_FROM)        \
    SOFTWARE_ROW("memory_parallelism", SIM_RATIO, AT(memory_parallelism), 1000000, 1000000000, \
                 PARALLEL, NULL, "misses that a core overlaps, on average", PARALLEL_FROM)

/* Translation and prefetching. */
#define SOFTWARE_STREAMS(AT, TLB1, TLB2, CYCLES, TLB_FROM, LINES, LINES_FROM)                  \
    SOFTWARE_ROW("page_bytes", SIM_BYTES, AT(page_bytes), 4096, 1 << 30, "4KiB", NULL,         \
                 "that one translation covers: a power of two",                                \
                 "assumed: what Linux gives without huge pages")                               \
    SOFTWARE_ROW("tlb1", SIM_COUNT, AT(tlb1), 0, 1 << 20, TLB1, NULL,                          \
                 "translations of data in the first level, a core; 0: translating takes no "   \
                 "time",                                                                       \
                 TLB_FROM)                                                                     \
    SOFTWARE_ROW("tlb2", SIM_COUNT, AT(tlb2), 0, 1 << 20, TLB2, NULL,                          \
                 "translations in the second level, a core", TLB_FROM)                         \
    SOFTWARE_ROW("tlb2_latency", SIM_CYCLES, AT(tlb2_latency), 0, 100000, CYCLES, NULL,        \
                 "of a translation that the first level does not hold, but for the walk",      \
                 TLB_FROM)                                                                     \
    SOFTWARE_ROW("stream_lines", SIM_COUNT, AT(stream_lines), 1, 1024, LINES, NULL,            \
                 "lines of a stream that are on their way to a core at once", LINES_FROM)

#define SOFTWARE_SYSTEM(AT)                                                                    \
    SOFTWARE_ROW(                                                                              \
        "batch", SIM_COUNT, AT(batch), 1, 65536, "1", NULL,                                    \
        "messages that software takes from its queue at a time, at most",                      \
        "assumed: the cycles were measured in full bursts, and hold their share of them")      \
    SOFTWARE_ROW("batch_cycles", SIM_CYCLES, AT(batch_cycles), 0, 1000000000, "0", NULL,       \
                 "cycles of each burst besides its messages'",                                 \
                 "assumed: in the cycles of each message")                                     \
    SOFTWARE_ROW("receive", SIM_ENUM, AT(receive), 0, 0, "poll", "poll|interrupt",             \
                 "cores look for work all the time, or sleep and are woken",                   \
                 "assumed: poll-mode drivers")                                                 \
    SOFTWARE_ROW("moderation", SIM_TIME, AT(moderation), 0, 1000000000000, "16us", NULL,       \
                 "interrupts: from one to the next of a core, when few packets come",          \
                 "docs/sources.md mlx5-en")                                                    \
    SOFTWARE_ROW("moderation_packets", SIM_COUNT, AT(moderation_packets), 1, 65535, "32",      \
                 NULL, "interrupts: so many packets do not wait longer for one",               \
                 "docs/sources.md mlx5-en")                                                    \
    SOFTWARE_ROW(                                                                              \
        "wakeup_latency", SIM_TIME, AT(wakeup_latency), 0, 1000000000000, "2us", NULL,         \
        "from an interrupt until the core is at work",                                         \
        "assumed: delivery and a light sleep; deep sleep costs tens of us, pub:xdp-lat")       \
    SOFTWARE_ROW("interrupt_cycles", SIM_CYCLES, AT(interrupt_cycles), 0, 1000000000, "1500",  \
                 NULL, "cycles that an interrupt costs",                                       \
                 "assumed: entry, soft interrupt, arming it again")                            \
    SOFTWARE_ROW("noise_period", SIM_TIME, AT(noise_period), 0, SIM_PS_PER_S, "0s", NULL,      \
                 "how often the operating system takes a core; 0: never",                      \
                 "assumed: cores are isolated from the system's own work")                     \
    SOFTWARE_ROW("noise_time", SIM_TIME, AT(noise_time), 0, SIM_PS_PER_S, "0s", NULL,          \
                 "how long it keeps the core",                                                 \
                 "assumed: cores are isolated from the system's own work")

#define SOFTWARE_STATS(AT)                                                                     \
    SOFTWARE_ROW("memory_bytes", SIM_BYTES, AT(memory_bytes), 0, INT64_MAX, NULL, NULL,        \
                 "bytes that the accesses of steps move from and to memory, 64 a line", NULL)  \
    SOFTWARE_ROW("stated", SIM_COUNT, AT(treat.stated), 0, INT64_MAX, NULL, NULL,              \
                 "messages that took a stated value: a ratio, a share of misses", NULL)        \
    TREAT_STATS(AT)

/* Check the parameters against one another, and an indirection table of so many entries for so
 * many cores; make the state of the component's ports, which are there. `what`: the name of the
 * parameter that says how many cores a table serves. */
bool software_init(struct sim_comp *comp, struct software_cpu *cpu, const char *what,
                   int64_t cores, int64_t entries, struct sim_err *err);

/* For model.rests: what noise takes of the core of a port. */
bool software_rests(const struct software_cpu *cpu, const struct sim_port *port,
                    struct sim_rests *out);

/* Does a packet come to a step from another block's service, and go on to one? Not of called
 * steps, nor from a source or to the end of a chain. In software_ends.c. */
struct software_ends {
    bool takes, posts;
};
struct software_ends software_ends(const struct sim_comp *comp, const struct sim_step *step);

/* For model.prepare: a copy of the step's arguments, priced. @return it, or NULL. */
void *software_prepare(const struct sim_comp *comp, const struct software_cpu *cpu,
                       struct sim_step *step, struct sim_err *err);

/* Parameters that have no effect with these steps; for model.effect. */
bool software_effect(const struct sim_comp *comp, const struct software_cpu *cpu,
                     const char *param);

/* A message on the core of a port. */
struct software_visit {
    const struct sim_port *port;
    const struct sim_step *step;
    struct sim_msg *m;
    sim_ps start;
    bool interrupts; /* may interrupt the core */
};

/* Of prepare: may the step's working set be? And price what its accesses cost; what is `called`
 * for stalls at the memory. */
bool software_fits(const struct sim_comp *comp, const struct software_cpu *cpu,
                   const struct sim_step *step, struct sim_err *err);
void software_price_memory(const struct sim_comp *comp, const struct software_cpu *cpu,
                           struct software_work *work, bool called);

/* What an operation of a core does to the bytes, or NULL. */
treat_fn *software_treat(const char *op);
/* software_io.c: the same of requests to drives. */
treat_fn *software_io(const char *op);

/* Is this a step of the component that may use memory? */
static inline bool software_is_work(const struct sim_comp *comp, const struct sim_step *step) {
    return step->comp == comp && step->op != NULL && step->args != NULL;
}

void software_serve(struct software_cpu *cpu, const struct software_price *price,
                    const struct software_visit *v, struct sim_service *out);
/* For model.facts: what the steps compress to. */
void software_facts(struct sim_comp *comp, struct software_cpu *cpu, void *body);

/* Which of so many cores a hash picks through an indirection table of `entries`, a power of
 * two.
 */
static inline uint32_t software_pick(uint32_t cores, int64_t entries, const struct sim_msg *m) {
    return (m->hash & (uint32_t)(entries - 1)) % cores;
}

#endif
