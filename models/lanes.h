/* lanes.h - how an engine works through its messages, whatever it does to them: so many lanes,
 * a ring of descriptors in front of them, a set-up, so many bytes a cycle, a pipeline behind.
 *
 * A lane is busy for the set-up and the bytes (occupancy); the message comes out after the
 * pipeline as well, and where its descriptor has to be read first, so much later (latency).
 * All lanes take from one ring, in which a message has its place until it comes out.
 */
#ifndef MODELS_LANES_H
#define MODELS_LANES_H

#include "sim/engine/model.h"
#include "sim/engine/row.h"
#include <string.h>

struct lanes {
    int64_t clock, lanes, setup, pipeline, descriptor, ring, on_full;
};

#define LANES_ROW(TYPE, NAME, UNIT, MEMBER, MIN, MAX, DEF, DOC, SOURCE)                        \
    { NAME, UNIT, offsetof(TYPE, lanes.MEMBER), MIN, MAX, DEF, NULL, DOC, SOURCE }

/* Rows of the parameters, of a model whose state holds them in member `lanes`. */
#define LANES_PARAMS(T)                                                                        \
    LANES_ROW(T, "clock", SIM_HZ, clock, 1000000, 100000000000, "1GHz", "clock of the engine", \
              "assumed: not documented; rates are stated in bytes a cycle of it"),             \
        LANES_ROW(T, "lanes", SIM_COUNT, lanes, 1, 1024, "1", "messages worked on at once",    \
                  "assumed: not documented; several slower lanes delay large messages"),       \
        LANES_ROW(T, "setup_cycles", SIM_CYCLES, setup, 0, 1000000, "0",                       \
                  "cycles that a lane needs for each message beside its bytes",                \
                  "assumed: none; it bounds the rate of small messages where one is known"),   \
        LANES_ROW(T, "pipeline_cycles", SIM_CYCLES, pipeline, 0, 1000000000, "100",            \
                  "cycles from the last byte in to the result out; keep no lane",              \
                  "assumed: not documented; of the order of two stages of the NIC pipeline"),  \
        LANES_ROW(T, "descriptor_latency", SIM_TIME, descriptor, 0, SIM_PS_PER_S, "0ps",       \
                  "doorbell and reading of the descriptor; keeps no lane, for descriptors "    \
                  "are read ahead",                                                            \
                  "assumed: inline engines have none; a lookaside engine's device states it"), \
        LANES_ROW(T, "ring", SIM_COUNT, ring, 1, 1 << 20, "1024",                              \
                  "descriptors: messages that wait, are worked on, or are not out yet (the "   \
                  "pipeline, a descriptor's latency); with \"wait\" of each port that "        \
                  "submits",                                                                   \
                  "docs/sources.md mlx5-en: the driver's default ring; assumed of engines"),   \
    {                                                                                          \
        "on_full", SIM_ENUM, offsetof(T, lanes.on_full), 0, 0, "wait", sim_full_choices,       \
            "when the ring is full: keep the message in the block before, lose it on "         \
            "arrival, or have the block before drop it",                                       \
            "assumed: who submits work sees that the ring is full, and waits"                  \
    }

/* Make the engine's one port. Fails: err when the one ring of all leaves lanes without work
 * for ever. */
static inline bool lanes_port(struct sim_comp *comp, const struct lanes *l,
                              struct sim_err *err) {
    char at[512];
    if (l->ring < l->lanes && l->on_full == SIM_FULL_DROP) /* else each sender has so many */
        return sim_fail(err, comp->file, sim_pointer(at, sizeof at, comp->pointer, "ring"),
                        "%lld descriptors leave some of %lld lanes without work for ever; make "
                        "it as large",
                        (long long)l->ring, (long long)l->lanes);
    sim_port_add(comp, &(struct sim_port_opts){.name = "lanes",
                                               .hz = (uint64_t)l->clock,
                                               .servers = (uint32_t)l->lanes,
                                               .capacity = l->ring,
                                               .full = (enum sim_full)l->on_full,
                                               .cause = "ring-full",
                                               .in_order = true, /* what is behind the lanes
                                                                    takes all as long */
                                               .slot_till_out = true});
    return true;
}

/* What a step states of payloads that are not known: made up, cut, encrypted. Arguments of an
 * operation that depends on the payload. */
struct lanes_stated {
    int64_t value; /* millionths; 0: nothing is stated */
    int64_t all;   /* for all messages, and not only for those */
};

/* Its row, with its comma; BASE: offset of the lanes_stated in the arguments. */
#define LANES_STATED(BASE)                                                                     \
    {"stated",                                                                                 \
     SIM_ENUM,                                                                                 \
     (BASE) + offsetof(struct lanes_stated, all),                                              \
     0,                                                                                        \
     0,                                                                                        \
     "unknown",                                                                                \
     "unknown|all",                                                                            \
     "which messages take the stated value: those whose payload is not known, or all",         \
     NULL},

/* A step of the component that asks for the fact of the payload that `op` is about, or NULL.
 * @param base where the lanes_stated lies in its arguments. */
static inline const struct sim_step *lanes_asking(const struct sim_comp *comp, size_t base,
                                                  const char *op) {
    const struct sim_world *w = comp->world;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step *step = &w->step[i];
        if (step->comp != comp || step->op == NULL || strcmp(step->op->name, op) != 0)
            continue;
        const void *args = (const char *)step->args + base;
        if (!((const struct lanes_stated *)args)->all)
            return step;
    }
    return NULL;
}

/* What is due of stated shares, in millionths: of each step and stream apart, and core. */
struct lanes_due {
    uint64_t *at; /* NULL: no step states any */
    uint32_t steps, streams;
};

/* For model.start. */
static inline void lanes_due_init(struct lanes_due *due, struct sim_comp *comp,
                                  uint32_t cores) {
    const struct sim_world *w = comp->world;
    bool states = false;
    for (uint32_t i = 0; i < w->steps; i++)
        states |= w->step[i].comp == comp && w->step[i].op != NULL &&
                  w->step[i].op->fields != NULL &&
                  sim_row_named(w->step[i].op->fields, "stated") != NULL;
    *due = (struct lanes_due){.steps = w->steps, .streams = w->streams};
    if (states)
        due->at = sim_alloc_n(sim_comp_arena(comp), (size_t)cores * w->steps * w->streams,
                              sizeof *due->at);
}

static inline uint64_t *lanes_due(const struct lanes_due *due, const struct sim_msg *m,
                                  uint32_t core) {
    size_t step = (size_t)core * due->steps + m->step;
    return due->at != NULL ? &due->at[step * due->streams + m->stream] : NULL;
}

/* The stated value is used and counted. @return false, and the run ends, when there is none. */
static inline bool lanes_take_stated(const struct sim_comp *comp, const struct sim_step *step,
                                     const struct lanes_stated *args, const char *key,
                                     int64_t *counter, sim_ps start) {
    struct sim_world *w = comp->world;
    if (args->value > 0) {
        sim_comp_count(comp, counter, start);
        return true;
    }
    w->failed = true;
    return sim_fail(&w->err, NULL, step->pointer,
                    "a message comes whose payload is not known (made up, cut by the capture, "
                    "encrypted, or changed on the way), and the step states no \"%s\"; state "
                    "it, e.g. 0.5",
                    key);
}

/* A fact needs a library that this program was built without: the run ends. */
static inline void lanes_no_library(const struct sim_comp *comp, const char *library) {
    comp->world->failed = true;
    sim_fail(&comp->world->err, comp->file, comp->pointer,
             "facts of the payload need %s, and this program was built without it; `dpusim "
             "setup` installs it, or say \"stated\": \"all\" in the step",
             library);
}

/* A message of which `bytes` are worked on at `ppm` millionths of a byte a cycle. */
static inline void lanes_work(const struct lanes *l, uint64_t bytes, int64_t ppm,
                              struct sim_service *out) {
    uint64_t rate = (uint64_t)ppm;
    uint64_t cycles = (uint64_t)l->setup + (bytes * 1000000 + rate - 1) / rate;
    out->occupancy_cycles = cycles > 0 ? cycles : 1;
    out->latency_cycles = out->occupancy_cycles + (uint64_t)l->pipeline;
    out->latency_ps = l->descriptor;
}

#endif
