/* software_price.c - what a step costs on a block's cores: from the table of costs and the
 * caches, once, before the run.
 */
#include "models/memory.h"
#include "models/software.h"
#include "models/software_ops.h"
#include "sim/engine/row.h"
#include <string.h>

enum { ONE = 1000000 };

/* Texts, exact, as they stand in help. */
struct cost {
    const char *op;
    struct {
        const char *cycles, *per_byte;
    } on[SOFTWARE_KINDS];
};

#define COST(NAME, DOC, A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE)                           \
    {NAME, {{#A78, #A78_BYTE}, {#A72, #A72_BYTE}, {#X86, #X86_BYTE}}},
#define TREAT_COST(NAME, DOC, FIELDS, VERDICTS, ...) COST(NAME, DOC, __VA_ARGS__)
static const struct cost costs[] = {SOFTWARE_OPS(COST) SOFTWARE_TREATS(TREAT_COST)
                                        SOFTWARE_OPS_OF_CORES(COST) SOFTWARE_OP_RX(COST)
                                            SOFTWARE_OP_TX(COST){.op = NULL}};

#define FIELDS(ROWS)                                                                           \
    {                                                                                          \
        SOFTWARE_CYCLES("",                                                                    \
                        "cycles a message; absent: by the operation and the block's table",    \
                        "docs/sources.md section 9")                                           \
        SOFTWARE_PER_BYTE("",                                                                  \
                          "docs/sources.md section 9; absent: by the operation and the table") \
        SOFTWARE_MEMORY ROWS { .name = NULL }                                                  \
    }
#define BYTES offsetof(struct software_work, bytes)

const struct sim_field software_fields[] = FIELDS();
const struct sim_field software_gcm[] = FIELDS(TREAT_GCM_ROWS(BYTES));
const struct sim_field software_esp[] = FIELDS(TREAT_ESP_ROWS(BYTES));
const struct sim_field software_mode[] = FIELDS(TREAT_MODE_ROWS(BYTES));
const struct sim_field software_macsec[] = FIELDS(TREAT_MACSEC_ROWS(BYTES));
const struct sim_field software_tls[] = FIELDS(TREAT_TLS_ROWS(BYTES));
const struct sim_field software_ratio[] = FIELDS(TREAT_RATIO_ROWS(BYTES));
const struct sim_field software_raid6[] = FIELDS(TREAT_RAID6_ROWS(BYTES));
const struct sim_field software_erasure[] = FIELDS(TREAT_ERASURE_ROWS(BYTES));
const struct sim_field software_raid6_rebuild[] = FIELDS(TREAT_REBUILD_ROWS(BYTES, 2));
const struct sim_field software_rebuild[] = FIELDS(TREAT_REBUILD_ROWS(BYTES, 255));

const struct sim_field software_scan[] = FIELDS(SCAN_ROWS(BYTES));

static const struct cost *cost_of(const struct sim_op *op) {
    const struct cost *c = costs;
    while (c->op != NULL && strcmp(c->op, op->name) != 0)
        c++;
    return c->op != NULL ? c : NULL;
}

/* In millionths of a cycle. */
static uint64_t parse(const char *text) {
    char why[256];
    int64_t value = 0;
    bool ok = sim_quantity_parse(SIM_RATIO, text, &value, why, sizeof why);
    SIM_ASSERT(ok && value >= 0);
    return (uint64_t)value;
}

static uint64_t scaled(const struct software_cpu *cpu, const char *text) {
    return (uint64_t)((sim_u128)parse(text) * (uint64_t)cpu->scale / ONE);
}

static void price_cycles(const struct software_cpu *cpu, const struct sim_op *op,
                         struct software_work *work) {
    const struct cost *c = cost_of(op);
    struct software_price *p = &work->price;
    if (work->cycles != SIM_ABSENT)
        p->cycles = (uint64_t)work->cycles;
    else if (c != NULL)
        p->cycles = (scaled(cpu, c->on[cpu->table].cycles) + ONE - 1) / ONE;
    if (work->cycles_per_byte != SIM_ABSENT)
        p->per_byte = (uint64_t)work->cycles_per_byte;
    else if (c != NULL)
        p->per_byte = scaled(cpu, c->on[cpu->table].per_byte) *
                      (uint64_t)treat_parts(op->name, &work->bytes);
}

/* ---------------------------------------------------------------- working sets */

static bool is_work_of(const struct sim_comp *comp, const struct sim_step *step) {
    return step->comp == comp && step->op != NULL && step->args != NULL;
}

static bool same_data(const struct software_work *a, const struct software_work *b) {
    return a->name != NULL && b->name != NULL && strcmp(a->name, b->name) == 0;
}

/* Is its working set that of an earlier step? */
static bool told(const struct sim_comp *comp, uint32_t i) {
    const struct sim_step *step = comp->world->step;
    for (uint32_t k = 0; k < i; k++)
        if (is_work_of(comp, &step[k]) && same_data(step[k].args, step[i].args))
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
        if (!is_work_of(comp, step) || work->working_set == SIM_ABSENT || told(comp, i))
            continue;
        sum.core += (uint64_t)work->working_set;
        sum.block += (sim_u128)(uint64_t)work->working_set * (work->working_set_of ? cores : 1);
    }
    return sum;
}

/* Millionths of the accesses that a cache of `bytes` holds. */
static uint64_t held(const struct software_work *work, int64_t bytes, sim_u128 all) {
    if (all == 0 || (sim_u128)(uint64_t)bytes >= all)
        return ONE;
    return work->pattern ? 0 : (uint64_t)((sim_u128)(uint64_t)bytes * ONE / all);
}

/* Millionths of a cycle that the accesses of a message stall, and its lines from memory; what
 * is `called` for stalls there. */
static void price_memory(const struct sim_comp *comp, const struct software_cpu *cpu,
                         struct software_work *work, bool called) {
    uint64_t in1 = 0, in2 = 0, in3 = 0;
    if (work->working_set != SIM_ABSENT) {
        struct sets sum = sets_of(comp, cpu->cores);
        in1 = held(work, cpu->l1, sum.core);
        in2 = held(work, cpu->l2, sum.core);
        in3 = held(work, cpu->l3, sum.block);
        in2 = in2 < in1 ? in1 : in2;
        in3 = in3 < in2 ? in2 : in3;
    }
    uint64_t n = (uint64_t)work->memory_accesses, ppm = (uint64_t)cpu->memory_parallelism;
    sim_u128 caches = (sim_u128)(in2 - in1) * (uint64_t)cpu->l2_latency +
                      (sim_u128)(in3 - in2) * (uint64_t)cpu->l3_latency;
    sim_u128 memory = (sim_u128)(uint64_t)cpu->memory_latency * (uint64_t)cpu->clock;
    if (called)
        memory = 0;
    sim_u128 stall = (caches * ONE + memory * (ONE - in3) / ONE) * n;
    work->price.stall = (uint64_t)((stall + ppm - 1) / ppm);
    work->price.misses = (ONE - in3) * n;
}

/* A step that shares its data says the same of it as the other. */
static bool agrees(const struct sim_comp *comp, const struct sim_step *step,
                   struct sim_err *err) {
    const struct software_work *work = step->args;
    char path[512];
    for (const struct sim_step *s = comp->world->step; s != step; s++) {
        const struct software_work *other = s->args;
        if (is_work_of(comp, s) && same_data(work, other) &&
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

static bool fits(const struct sim_comp *comp, const struct software_cpu *cpu,
                 const struct sim_step *step, struct sim_err *err) {
    const struct software_work *work = step->args;
    char path[512], all[64], size[64];
    if (work->working_set == SIM_ABSENT)
        return work->name == NULL ||
               sim_fail(err, "",
                        sim_pointer(path, sizeof path, step->pointer, "working_set_name"),
                        "has no effect without \"working_set\"");
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

/* The fill that a step calls, behind shared resources on its way, or NULL. */
static struct sim_step *fill_of(const struct sim_comp *comp, const struct sim_step *step) {
    if (step->hop[0].kind != SIM_HOP_NEXT)
        return NULL;
    struct sim_step *to = &comp->world->step[step->hop[0].next];
    while (to->kind == SIM_STEP_VIA && to->hop[0].kind == SIM_HOP_NEXT)
        to = &comp->world->step[to->hop[0].next];
    bool fill = to->called && to->op != NULL && strcmp(to->op->name, "fill") == 0 &&
                to->op->size == sizeof(struct memory_fill);
    return fill ? to : NULL;
}

/* A core that calls memory waits there for what it misses. */
static bool ask(const struct sim_comp *comp, const struct software_cpu *cpu,
                const struct sim_step *step, struct sim_step *fill, struct sim_err *err) {
    const struct software_work *work = step->args;
    char path[512];
    sim_pointer(path, sizeof path, step->pointer, "call");
    if (!step->hold)
        return sim_fail(err, "", path, "a core waits for a fill: say \"wait\": \"poll\"");
    if (work->memory_accesses == 0)
        return sim_fail(err, "", path, "there is nothing to fill without \"memory_accesses\"");
    if (cpu->threads > 1)
        return sim_fail(err, "", path,
                        "a core of %lld threads does not wait for a fill; leave out the call, "
                        "or \"threads\"",
                        (long long)cpu->threads);
    struct memory_fill *need = sim_alloc(sim_comp_arena(comp), sizeof *need);
    *need =
        (struct memory_fill){work->price.misses, cpu->memory_latency, cpu->memory_parallelism};
    fill->args = need;
    return true;
}

/* Is known what to look for? */
static bool finds(const struct sim_comp *comp, const struct software_cpu *cpu,
                  const struct sim_step *step, struct sim_err *err) {
    const struct software_work *work = step->args;
    return cpu->scan.file != NULL || work->bytes.stated.value > 0 ||
           sim_fail(err, "", step->pointer,
                    "block \"%s\" has no \"rules\" to look for; give it some, or state the "
                    "share of \"misses\"",
                    comp->path);
}

void *software_prepare(const struct sim_comp *comp, const struct software_cpu *cpu,
                       struct sim_step *step, struct sim_err *err) {
    if (!fits(comp, cpu, step, err) ||
        !treat_check(step, &((const struct software_work *)step->args)->bytes, err))
        return NULL;
    struct software_work *work = sim_alloc(sim_comp_arena(comp), step->op->size);
    memcpy(work, step->args, step->op->size);
    bool hashes = strcmp(step->op->name, "dedup-hash") == 0;
    work->price =
        (struct software_price){.treat = treat_find(hashes ? "sha256" : step->op->name),
                                .scans = strcmp(step->op->name, "scan") == 0,
                                .args = &work->bytes};
    if (work->price.scans && !finds(comp, cpu, step, err))
        return NULL;
    price_cycles(cpu, step->op, work);
    step->args = work;
    struct sim_step *fill = fill_of(comp, step);
    if (work->memory_accesses > 0)
        price_memory(comp, cpu, work, fill != NULL);
    return fill == NULL || ask(comp, cpu, step, fill, err) ? work : NULL;
}

/* ---------------------------------------------------------------- what has no effect */

bool software_effect(const struct sim_comp *comp, const struct software_cpu *cpu,
                     const char *param) {
    bool table = false, accesses = false, sets = false;
    for (uint32_t i = 0; i < comp->world->steps; i++) {
        const struct sim_step *step = &comp->world->step[i];
        const struct software_work *work = step->args;
        if (!is_work_of(comp, step))
            continue;
        table = table || (cost_of(step->op) != NULL &&
                          (work->cycles == SIM_ABSENT || work->cycles_per_byte == SIM_ABSENT));
        accesses = accesses || work->memory_accesses > 0;
        sets = sets || work->working_set != SIM_ABSENT;
    }
    if (sim_listed("table scale", param))
        return table;
    if (strcmp(param, "rules") == 0)
        return lanes_asking(comp, BYTES, "scan") != NULL;
    if (sim_listed("memory_latency memory_parallelism", param))
        return accesses;
    if (sim_listed("l1 l2 l3 l2_latency l3_latency memory", param))
        return accesses && sets;
    if (sim_listed("moderation moderation_packets wakeup_latency interrupt_cycles", param))
        return cpu->receive != 0;
    return true;
}
