/* software_price.c - what a step costs on a block's cores: from the table of costs and the
 * caches, once, before the run.
 */
#include "models/memory.h"
#include "models/software.h"
#include "models/software_ops.h"
#include "models/tunnel.h"
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
#define TREAT_NAME(NAME, DOC, FIELDS, VERDICTS, ...) NAME,
#define TREAT_COST(NAME, DOC, FIELDS, VERDICTS, ...) COST(NAME, DOC, __VA_ARGS__)
static const struct cost costs[] = {
    SOFTWARE_OPS(COST) SOFTWARE_TREATS(TREAT_COST) SOFTWARE_OPS_OF_CORES(COST)
        SOFTWARE_OP_RX(COST) SOFTWARE_OP_TX(COST) SOFTWARE_OP_WRITE(COST){.op = NULL}};

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
const struct sim_field software_dedup[] = FIELDS(TREAT_DEDUP_ROWS(BYTES));
const struct sim_field software_raid6[] = FIELDS(TREAT_RAID6_ROWS(BYTES));
const struct sim_field software_erasure[] = FIELDS(TREAT_ERASURE_ROWS(BYTES));
const struct sim_field software_raid6_rebuild[] = FIELDS(TREAT_REBUILD_ROWS(BYTES, 2));
const struct sim_field software_rebuild[] = FIELDS(TREAT_REBUILD_ROWS(BYTES, 255));
#define ENCAP                                                                                  \
    SOFTWARE_ROW("outer", SIM_ENUM, BYTES + offsetof(struct software_tunnel_args, outer), 0,   \
                 0, "ipv4", "ipv4|ipv6", "outer IP header: 50 or 70 bytes are put in front",   \
                 NULL)                                                                         \
    SOFTWARE_ROW("vni", SIM_COUNT, BYTES + offsetof(struct software_tunnel_args, vni), 0,      \
                 0xffffff, "0", NULL,                                                          \
                 "network identifier in the header; changes neither size nor time", NULL)
const struct sim_field software_vxlan[] = FIELDS(ENCAP);
const struct sim_field software_geneve[] = FIELDS(ENCAP SOFTWARE_ROW(
    "options_bytes", SIM_BYTES, BYTES + offsetof(struct software_tunnel_args, options), 0,
    TUNNEL_OPTIONS, "0", NULL, "Geneve options; whole words of 4 bytes are added", NULL));
#undef ENCAP

const struct sim_field software_scan[] = FIELDS(SCAN_ROWS(BYTES));

#define UNIT                                                                                   \
    SOFTWARE_ROW("unit", SIM_BYTES, BYTES + offsetof(struct software_volume_args, unit), 1,    \
                 1 << 30, "4KiB", NULL,                                                        \
                 "what is stored is rounded up to whole ones of so many bytes",                \
                 "assumed: the blocks of most volumes, and what drives map")
const struct sim_field software_store[] = FIELDS(UNIT);
const struct sim_field software_load[] = FIELDS(TREAT_RATIO_ROWS(BYTES) UNIT SOFTWARE_ROW(
    "coder", SIM_ENUM, BYTES + offsetof(struct software_volume_args, coder), 0, 0, "deflate",
    SAMPLE_CODER_CHOICES, "by which it was compressed, where the stream has sample data",
    NULL));
#undef UNIT

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

/* The work of an engine or a table that a core does: what it does to a packet, and no more. Of
 * the others the row says that they receive or forward, or their packets come from no ring. */
static bool is_moved(const struct sim_op *op) {
    static const char *const names[] = {SOFTWARE_TREATS(TREAT_NAME) "classify", "track", NULL};
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], op->name) == 0 && software_io(op->name) == NULL)
            return strncmp(op->name, "kernel-", 7) != 0; /* those receive and send as well */
    return false;
}

/* In millionths of a cycle, what a core does for a packet that another block hands to it, and
 * that it hands on to another: it takes it from a ring, and posts it. */
static uint64_t handing(const struct sim_comp *comp, const struct software_cpu *cpu,
                        const struct sim_step *step) {
    static const struct cost ring[] = {SOFTWARE_OP_RX(COST) SOFTWARE_OP_TX(COST)};
    struct software_ends ends = software_ends(comp, step);
    return (ends.takes ? scaled(cpu, ring[0].on[cpu->table].cycles) : 0) +
           (ends.posts ? scaled(cpu, ring[1].on[cpu->table].cycles) : 0);
}

static void price_cycles(const struct sim_comp *comp, const struct software_cpu *cpu,
                         const struct sim_step *step, struct software_work *work) {
    const struct sim_op *op = step->op;
    const struct cost *c = cost_of(op);
    struct software_price *p = &work->price;
    uint64_t more = is_moved(op) ? handing(comp, cpu, step) : 0;
    if (work->cycles != SIM_ABSENT)
        p->cycles = (uint64_t)work->cycles;
    else if (c != NULL)
        p->cycles = (scaled(cpu, c->on[cpu->table].cycles) + more + ONE - 1) / ONE;
    if (work->cycles_per_byte != SIM_ABSENT)
        p->per_byte = (uint64_t)work->cycles_per_byte;
    else if (c != NULL)
        p->per_byte = scaled(cpu, c->on[cpu->table].per_byte) *
                      (uint64_t)treat_parts(op->name, &work->bytes);
}

/* ---------------------------------------------------------------- calls of memory */

/* The fill that a step calls, behind shared resources on its way, or NULL. */
static struct sim_step *fill_of(const struct sim_comp *comp, const struct sim_step *step) {
    struct sim_step *to = sim_stop_of(comp->world, &step->hop[0]);
    bool fill = to != NULL && to->called && to->op != NULL &&
                strcmp(to->op->name, "fill") == 0 && to->op->size == sizeof(struct memory_fill);
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
    bool stream = work->pattern == SOFTWARE_STREAM;
    struct sim_clock clock = sim_clock_make((uint64_t)cpu->clock);
    struct memory_fill *need = sim_alloc(sim_comp_arena(comp), sizeof *need);
    *need = (struct memory_fill){.misses = work->price.misses,
                                 .back = work->price.back,
                                 .latency = cpu->memory_latency,
                                 .parallelism =
                                     stream ? cpu->stream_lines * ONE : cpu->memory_parallelism,
                                 .stream = stream,
                                 .writes = stream && work->access != 0};
    if (work->price.beside)
        need->beside = sim_clock_after(&clock, 0, work->price.cycles);
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
    if (!software_fits(comp, cpu, step, err) ||
        !treat_check(step, &((const struct software_work *)step->args)->bytes, err))
        return NULL;
    struct software_work *work = sim_alloc(sim_comp_arena(comp), step->op->size);
    memcpy(work, step->args, step->op->size);
    SIM_ASSERT(work->cycles != SIM_ABSENT || cost_of(step->op) != NULL);
    work->price =
        (struct software_price){.treat = software_treat(step->op->name),
                                .scans = strcmp(step->op->name, "scan") == 0,
                                .woken = strcmp(step->op->name, "kernel-io-complete") == 0,
                                .args = &work->bytes};
    step->shared = strcmp(step->op->name, "dedup-hash") == 0;
    if (work->price.scans && !finds(comp, cpu, step, err))
        return NULL;
    price_cycles(comp, cpu, step, work);
    step->args = work;
    struct sim_step *fill = fill_of(comp, step);
    if (work->memory_accesses > 0)
        software_price_memory(comp, cpu, work, fill != NULL);
    return fill == NULL || ask(comp, cpu, step, fill, err) ? work : NULL;
}

/* ---------------------------------------------------------------- what has no effect */

/* What the steps of a component have of what parameters are about. */
struct uses {
    bool table, accesses, sets, waits, streams, translates;
};

static struct uses uses_of(const struct sim_comp *comp) {
    struct uses u = {0};
    for (uint32_t i = 0; i < comp->world->steps; i++) {
        const struct sim_step *step = &comp->world->step[i];
        const struct software_work *work = step->args;
        if (!software_is_work(comp, step))
            continue;
        bool used = work->memory_accesses > 0, set = work->working_set != SIM_ABSENT;
        bool stream = work->pattern == SOFTWARE_STREAM;
        u.table =
            u.table || (cost_of(step->op) != NULL &&
                        (work->cycles == SIM_ABSENT || work->cycles_per_byte == SIM_ABSENT));
        u.accesses = u.accesses || used;
        u.sets = u.sets || set;
        u.streams = u.streams || (used && stream);
        u.waits = u.waits || (used && !stream);
        u.translates = u.translates || (used && set && !stream);
    }
    return u;
}

bool software_effect(const struct sim_comp *comp, const struct software_cpu *cpu,
                     const char *param) {
    struct uses u = uses_of(comp);
    if (sim_listed("table scale", param))
        return u.table;
    if (strcmp(param, "dedup_entries") == 0)
        return lanes_asking(comp, BYTES, "dedup-hash") != NULL;
    if (strcmp(param, "rules") == 0)
        return lanes_asking(comp, BYTES, "scan") != NULL;
    if (sim_listed("memory_latency", param))
        return u.accesses;
    if (sim_listed("memory_parallelism", param))
        return u.waits;
    if (sim_listed("stream_lines", param))
        return u.streams;
    if (sim_listed("tlb1", param))
        return u.translates;
    if (sim_listed("page_bytes tlb2 tlb2_latency", param))
        return u.translates && cpu->tlb1 > 0;
    if (sim_listed("l1 l2 l3 l2_latency l3_latency memory", param))
        return u.accesses && u.sets;
    if (sim_listed("moderation moderation_packets wakeup_latency interrupt_cycles", param))
        return cpu->receive != 0;
    return true;
}
