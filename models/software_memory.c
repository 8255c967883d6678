/* software_memory.c - what a step's accesses to memory cost on a block's cores: caches,
 * translation and streams, worked out once, before the run.
 */
#include "models/software.h"
#include <string.h>

enum { ONE = 1000000, LINE = 64, DESCRIPTOR = 8 };

static bool same_data(const struct software_work *a, const struct software_work *b) {
    return a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0;
}

/* Is its working set that of an earlier step? */
static bool told(const struct sim_comp *comp, uint32_t i) {
    const struct sim_step *step = comp->world->step;
    for (uint32_t k = 0; k < i; k++)
        if (software_is_work(comp, &step[k]) && same_data(step[k].args, step[i].args))
            return true;
    return false;
}

/* Bytes of the working sets of a component's steps: as one core sees them, and in all. */
struct sets {
    sim_u128 core, block;
};

static struct sets sets_of(const struct sim_comp *comp, uint32_t cores) {
    struct sets sum = {0, 0};
    for (uint32_t i = 0; i < comp->world->steps; i++) {
        const struct sim_step *step = &comp->world->step[i];
        const struct software_work *work = step->args;
        if (!software_is_work(comp, step) || work->working_set == SIM_ABSENT || told(comp, i))
            continue;
        sum.core += (uint64_t)work->working_set;
        sum.block += (sim_u128)(uint64_t)work->working_set * (work->working_set_of ? cores : 1);
    }
    return sum;
}

/* ---------------------------------------------------------------- what is held where */

/* Millionths of the accesses that the first levels hold, up to each. */
struct place {
    uint64_t in1, in2, in3;
};

/* Millionths of evenly used things that there is room for. */
static uint64_t share(sim_u128 room, sim_u128 all) {
    return all <= room ? ONE : (uint64_t)(room * ONE / all);
}

/* Millionths of the accesses that a cache of `room` bytes holds. */
static uint64_t held(const struct software_work *work, sim_u128 room, sim_u128 all) {
    return all > room && work->pattern != SOFTWARE_RANDOM ? 0 : share(room, all);
}

static sim_u128 less(int64_t room, sim_u128 taken) {
    return taken < (uint64_t)room ? (uint64_t)room - taken : 0;
}

/* Where the data are, when descriptors of so many bytes come first. */
static struct place data_in(const struct software_cpu *cpu, const struct software_work *work,
                            const struct sets *data, const struct sets *table) {
    struct place p = {.in1 = held(work, (uint64_t)cpu->l1, data->core),
                      .in2 = held(work, less(cpu->l2, table->core), data->core),
                      .in3 = held(work, less(cpu->l3, table->block), data->block)};
    p.in2 = p.in2 < p.in1 ? p.in1 : p.in2;
    p.in3 = p.in3 < p.in2 ? p.in2 : p.in3;
    return p;
}

/* Where the last descriptors are. Line after line 8 walks in turn find theirs in one line. */
static struct place table_in(const struct software_cpu *cpu, const struct software_work *work,
                             const struct sets *data, const struct sets *table) {
    uint64_t next = ONE - ONE * DESCRIPTOR / LINE;
    struct place p = {0, share((uint64_t)cpu->l2, table->core),
                      share((uint64_t)cpu->l3, table->block)};
    if (work->pattern != SOFTWARE_RANDOM) {
        p.in2 = data->core <= (uint64_t)cpu->l2 ? ONE : next;
        p.in3 = data->block <= (uint64_t)cpu->l3 ? ONE : next;
    }
    p.in3 = p.in3 < p.in2 ? p.in2 : p.in3;
    return p;
}

/* Millionths of the accesses whose page a TLB of so many entries does not hold. */
static uint64_t missed(const struct software_cpu *cpu, const struct software_work *work,
                       int64_t entries, sim_u128 all) {
    sim_u128 reach = (sim_u128)(uint64_t)entries * (uint64_t)cpu->page_bytes;
    if (all > reach && work->pattern != SOFTWARE_RANDOM) /* a new page every so many lines */
        return (uint64_t)((int64_t)ONE * LINE / cpu->page_bytes);
    return ONE - share(reach, all);
}

/* ---------------------------------------------------------------- what it costs */

/* What an access waits for, in 10^-12 of a cycle; what is `called` for waits at the memory. */
static sim_u128 wait_of(const struct software_cpu *cpu, const struct place *p, bool called) {
    sim_u128 caches = (sim_u128)(p->in2 - p->in1) * (uint64_t)cpu->l2_latency +
                      (sim_u128)(p->in3 - p->in2) * (uint64_t)cpu->l3_latency;
    sim_u128 memory = (sim_u128)(uint64_t)cpu->memory_latency * (uint64_t)cpu->clock;
    return caches * ONE + (called ? 0 : memory * (ONE - p->in3) / ONE);
}

/* Of an access: millionths that walk, what its translation waits for, and lines that this
 * reads from memory. */
struct translation {
    uint64_t walks, misses;
    sim_u128 wait;
};

static struct translation translate(const struct software_cpu *cpu,
                                    const struct software_work *work, const struct sets *data,
                                    const struct sets *table, bool called) {
    struct translation t = {0};
    if (cpu->tlb1 == 0 || work->pattern == SOFTWARE_STREAM)
        return t;
    uint64_t asks = missed(cpu, work, cpu->tlb1, data->core);
    struct place p = table_in(cpu, work, data, table);
    t.walks = missed(cpu, work, cpu->tlb2, data->core);
    t.walks = t.walks < asks ? t.walks : asks;
    t.misses = t.walks * (ONE - p.in3) / ONE;
    t.wait = (sim_u128)asks * (uint64_t)cpu->tlb2_latency * ONE +
             wait_of(cpu, &p, called) * t.walks / ONE;
    return t;
}

void software_price_memory(const struct sim_comp *comp, const struct software_cpu *cpu,
                           struct software_work *work, bool called) {
    bool stream = work->pattern == SOFTWARE_STREAM, writes = work->access != 0;
    uint64_t n = (uint64_t)work->memory_accesses, page = (uint64_t)cpu->page_bytes;
    uint64_t overlap =
        stream ? (uint64_t)cpu->stream_lines * ONE : (uint64_t)cpu->memory_parallelism;
    struct sets none = {0, 0};
    struct place p = {0, 0, 0};
    struct translation t = {0};
    if (work->working_set != SIM_ABSENT) {
        struct sets data = sets_of(comp, cpu->cores);
        struct sets table = {data.core * DESCRIPTOR / page, data.block * DESCRIPTOR / page};
        t = translate(cpu, work, &data, &table, called);
        bool walked = t.walks > 0 && !work->pattern;
        p = data_in(cpu, work, &data, walked ? &table : &none);
    }
    sim_u128 stall = (wait_of(cpu, &p, called) + t.wait) * n;
    work->price.stall = (uint64_t)((stall + overlap - 1) / overlap);
    work->price.misses = (ONE - p.in3 + t.misses) * n;
    work->price.back = writes && !stream ? (ONE - p.in3) * n : 0;
    work->price.beside = stream || writes;
}

/* ---------------------------------------------------------------- what may be */

/* A step that shares its data says the same of it as the other. */
static bool agrees(const struct sim_comp *comp, const struct sim_step *step,
                   struct sim_err *err) {
    const struct software_work *work = step->args;
    char path[512];
    for (const struct sim_step *s = comp->world->step; s != step; s++) {
        const struct software_work *other = s->args;
        if (software_is_work(comp, s) && same_data(work, other) &&
            (work->working_set != other->working_set ||
             work->working_set_of != other->working_set_of))
            return sim_fail(err, "",
                            sim_pointer(path, sizeof path, step->pointer, "working_set_name"),
                            "\"%s\" has another working set at %s; give both the same, or "
                            "another name",
                            work->name, s->pointer);
    }
    return true;
}

/* Of a step's words about its memory one that nothing makes use of, and what it lacks; NULL:
 * none. A working set of no accesses takes none of the caches from others. */
static const char *idle_word(const struct software_work *w, const char **lacks) {
    bool set = w->working_set != SIM_ABSENT, asks = w->memory_accesses > 0;
    *lacks = asks ? "working_set" : "memory_accesses";
    if (!set && w->name != NULL)
        *lacks = "working_set";
    if (w->name != NULL && (!set || !asks))
        return "working_set_name";
    if (!asks && set)
        return "working_set";
    if (!asks && w->pattern != 0)
        return "pattern";
    if (!asks && w->access != 0)
        return "access";
    return !set && w->working_set_of != 0 ? "working_set_of" : NULL;
}

bool software_fits(const struct sim_comp *comp, const struct software_cpu *cpu,
                   const struct sim_step *step, struct sim_err *err) {
    const struct software_work *work = step->args;
    char path[512], all[64], size[64];
    const char *lacks, *word = idle_word(work, &lacks);
    if (word != NULL)
        return sim_fail(err, "", sim_pointer(path, sizeof path, step->pointer, word),
                        "has no effect without \"%s\"", lacks);
    if (work->working_set == SIM_ABSENT)
        return true;
    sim_u128 block = sets_of(comp, cpu->cores).block;
    if (block <= (uint64_t)cpu->memory)
        return agrees(comp, step, err);
    sim_quantity_exact(SIM_BYTES, block > INT64_MAX ? INT64_MAX : (int64_t)block, all,
                       sizeof all);
    sim_quantity_exact(SIM_BYTES, cpu->memory, size, sizeof size);
    return sim_fail(
        err, "", sim_pointer(path, sizeof path, step->pointer, "working_set"),
        "the working sets at \"%s\" are %s in all, and its memory has %s; make them "
        "smaller, or \"memory\" larger",
        comp->path, all, size);
}
