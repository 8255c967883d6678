/* cores.c - a pool of processor cores, each with a queue of its own: the card's Arm complex,
 * and with other numbers a pool of many slow threads or a server's processor.
 *
 * What a message costs on a core: software.h. Which core: the message's hash picks an entry of
 * an indirection table that names the cores in turn, as receive-side scaling does, so a heavy
 * flow overloads its core while others idle; `imbalance` in the results says how much.
 *
 * An upcall is for the first packet of a flow that the NIC does not know. Until the NIC has the
 * flow's rule more packets of it come up: software finds the flow in a table of its own and
 * only forwards them, verdict "known". It thinks so of a flow for a while after its first
 * packet, then takes it for a new one: the NIC has given its entry up.
 *
 * Left out: what software.h leaves out; moving work between cores. Whose numbers:
 * docs/sources.md sections 4 and 9.
 */
#include "models/flowtable.h"
#include "models/software.h"
#include "models/software_ops.h"
#include "models/train.h"

struct cores {
    struct sim_comp base;
    struct software_cpu cpu;
    int64_t cores, queue, on_full, indirection;
    struct flowtable *known; /* [cores] flows whose rule is on its way to the NIC */
};

struct cores_work {
    struct software_work work;
    int64_t insert_cycles, known_cycles, known_for;
};

enum { CORES_KNOWN = SOFTWARE_VERDICTS };

/* Flows that software keeps a core: 80 ms of misses at a full core's pace. Of more the oldest
 * is taken for new again. */
enum { KNOWN_FLOWS = 1 << 14, KNOWN_WAYS = 8 };

#define PARAM(member) offsetof(struct cores, member)
#define CPU(member)   offsetof(struct cores, cpu.member)

static const struct sim_field cores_params[] = {
    {"cores", SIM_COUNT, PARAM(cores), 1, 512, "16", NULL, "cores, each with its own queue",
     "docs/sources.md doca-hw, pub:bf3-cores"},
    SOFTWARE_PARAMS(
        CPU, "a78", "2.13GHz",
        "docs/sources.md em-bf3b, and derived from pub:dpb-strcmp and pub:dpb-fp64"){
        "queue", SIM_COUNT, PARAM(queue), 0, 1 << 20, "1024", NULL,
        "messages a core holds, the one in work included; 0 is no bound",
        "docs/sources.md mlx5-en: the driver's default ring"},
    {"on_full", SIM_ENUM, PARAM(on_full), 0, 0, "refuse", sim_full_choices,
     "when a core's queue is full: keep the message in the block before, lose it on arrival, "
     "or "
     "have the block before drop it",
     "docs/sources.md mlx5-oob: what finds no receive buffer is lost in the card, before it "
     "crosses "
     "anything"},
    {"indirection", SIM_COUNT, PARAM(indirection), 0, 0, "128",
     "1|2|4|8|16|32|64|128|256|512|1024", "entries of the table that maps hashes to cores",
     "docs/sources.md mlx5-en"},
    SOFTWARE_CACHES(CPU, "64KiB", "512KiB", "16MiB", "docs/sources.md pub:bf3-cache", "10",
                    "80", "assumed: usual for this core class; docs/sources.md section 4")
        SOFTWARE_DRAM(
            CPU, "32GiB", "docs/sources.md bf3-manual", "120ns",
            "assumed: between two measured bounds, docs/sources.md section 4", "3.25",
            "docs/sources.md section 9: pub:dpb-mem-rd-rnd, 149.5 ns over 46 ns a read")
            SOFTWARE_STREAMS(CPU, "32", "1024", "3",
                             "docs/sources.md section 4: from memory; n1-trm", "34",
                             "docs/sources.md a76-trm: 22, 34 or 46; the middle one assumed")
                SOFTWARE_SYSTEM(CPU){.name = NULL}};

static const struct sim_field cores_stats[] = {SOFTWARE_STATS(CPU){.name = NULL}};

/* Any work: the one operation without a cost of its own. */
static const struct sim_field work_fields[] = {
    SOFTWARE_CYCLES(NULL, "cycles a message", NULL)
        SOFTWARE_PER_BYTE("0", "assumed: the payload is not touched")
            SOFTWARE_MEMORY{.name = NULL}};

#define WORK(member) offsetof(struct cores_work, member)

static const struct sim_field upcall_fields[] = {
    SOFTWARE_CYCLES("", "cycles for the first packet of a flow; absent: by the block's table",
                    "docs/sources.md section 9"){
        "insert_cycles", SIM_CYCLES, WORK(insert_cycles), 0, 1000000000, "7100", NULL,
        "cycles added for the insertion of the flow's rule; 0 when it needs none",
        "docs/sources.md mlx5-sws: 300,000 rules a second on one core"},
    {"known_cycles", SIM_CYCLES, WORK(known_cycles), 0, 1000000000, "700", NULL,
     "cycles in all for a packet of a flow whose rule is on its way to the NIC",
     "assumed: receive and send 250, look up 450, docs/sources.md section 4"},
    {"known_for", SIM_TIME, WORK(known_for), 0, 1000000000000, "1ms", NULL,
     "how long after its first packet a flow counts as on its way; 0: every packet is handled "
     "as a first one",
     "assumed: longer than waiting for a core and an insertion take"},
    SOFTWARE_PER_BYTE("", "docs/sources.md section 9; absent: by the operation and the table")
        SOFTWARE_MEMORY{.name = NULL}};

#define TREATS(NAME, DOC, FIELDS, VERDICTS, A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE)       \
    {.name = NAME,                                                                             \
     .doc = DOC SOFTWARE_COSTS(A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE),                   \
     .fields = FIELDS,                                                                         \
     .size = sizeof(struct software_work),                                                     \
     .verdicts = VERDICTS},
#define DOES(NAME, DOC, ...) TREATS(NAME, DOC, software_fields, "", __VA_ARGS__)
#define UPCALL(NAME, DOC, A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE)                         \
    {.name = NAME,                                                                             \
     .doc = DOC SOFTWARE_COSTS(A78, A78_BYTE, A72, A72_BYTE, X86, X86_BYTE),                   \
     .fields = upcall_fields,                                                                  \
     .size = sizeof(struct cores_work),                                                        \
     .verdicts = "known"},

static const struct sim_op cores_ops[] = {{.name = "work",
                                           .doc = "any work: say how many cycles",
                                           .fields = work_fields,
                                           .size = sizeof(struct software_work),
                                           .verdicts = ""},
                                          SOFTWARE_OPS(DOES) SOFTWARE_TREATS(TREATS)
                                              SOFTWARE_OPS_OF_CORES(UPCALL){.name = NULL}};

static const struct sim_verdict cores_verdicts[] = {
    SOFTWARE_VERDICT_ROWS,
    [CORES_KNOWN - 1] = {"known", "next", "upcall: the flow's rule is on its way to the NIC"},
    [CORES_KNOWN] = {NULL, NULL, NULL}};

static bool cores_init(struct sim_comp *comp, struct sim_err *err) {
    struct cores *c = (struct cores *)comp;
    struct sim_port_opts opts = {.hz = (uint64_t)c->cpu.clock,
                                 .in_order = true,
                                 .capacity = c->queue,
                                 .full = (enum sim_full)c->on_full,
                                 .cause = "core-queue-full"};
    c->cpu.cores = (uint32_t)c->cores;
    for (int64_t i = 0; i < c->cores; i++) {
        opts.name = sim_printf(sim_comp_arena(comp), "core%lld", (long long)i);
        sim_port_add(comp, &opts);
    }
    c->known = sim_alloc_n(sim_comp_arena(comp), (size_t)c->cores, sizeof *c->known);
    return software_init(comp, &c->cpu, "cores", c->cores, c->indirection, err);
}

static bool cores_prepare(const struct sim_comp *comp, struct sim_step *step,
                          struct sim_err *err) {
    return software_prepare(comp, &((const struct cores *)comp)->cpu, step, err) != NULL;
}

/* Is the flow's rule on its way to the NIC? If not, from now on it is. All packets of a flow
 * come to one core, in order. */
static bool cores_known(struct cores *c, uint32_t core, const struct cores_work *work,
                        const struct sim_msg *m, sim_ps start) {
    struct flowtable *t = &c->known[core];
    if (work->known_for == 0)
        return false;
    if (t->entry == NULL)
        flowtable_init(t, KNOWN_FLOWS, KNOWN_WAYS, 0, sim_comp_arena(&c->base));
    t->ageing = work->known_for;
    return flowtable_add(t, flowtable_key(m), start, start) == FLOW_KNOWN;
}

static void cores_serve(struct sim_comp *comp, struct sim_port *port,
                        const struct sim_step *step, struct sim_msg *m, sim_ps start,
                        struct sim_service *out) {
    struct cores *c = (struct cores *)comp;
    const struct cores_work *upcall = step->args;
    const struct software_price *price = &upcall->work.price;
    struct software_visit v = {port, step, m, start, true};
    struct software_price known;
    if (step->op->fields == upcall_fields) {
        known = *price;
        known.cycles += (uint64_t)upcall->insert_cycles;
        if (cores_known(c, port->index, upcall, m, start)) {
            known = (struct software_price){.cycles = (uint64_t)upcall->known_cycles};
            out->verdict = CORES_KNOWN;
        }
        price = &known;
    }
    software_serve(&c->cpu, price, &v, out);
}

static uint32_t cores_pick(const struct sim_comp *comp, const struct sim_step *step,
                           const struct sim_msg *m) {
    const struct cores *c = (const struct cores *)comp;
    (void)step;
    return software_pick(c->cpu.cores, c->indirection, m);
}

static bool cores_effect(const struct sim_comp *comp, const char *param) {
    return software_effect(comp, &((const struct cores *)comp)->cpu, param);
}

static void cores_facts(struct sim_comp *comp, void *body) {
    software_facts(comp, &((struct cores *)comp)->cpu, body);
}

static void cores_start(struct sim_comp *comp) {
    lanes_due_init(&((struct cores *)comp)->cpu.due, comp, comp->ports);
}

static bool rests(const struct sim_comp *comp, const struct sim_port *port,
                  struct sim_rests *out) {
    return software_rests(&((const struct cores *)comp)->cpu, port, out);
}

const struct sim_model model_cores = {.name = "cores",
                                      .doc = "processor cores, each with a queue of its own",
                                      .size = sizeof(struct cores),
                                      .finishes = true,
                                      .params = cores_params,
                                      .stats = cores_stats,
                                      .ops = cores_ops,
                                      .memory = "memory_bytes",
                                      .verdicts = cores_verdicts,
                                      .init = cores_init,
                                      .start = cores_start,
                                      .prepare = cores_prepare,
                                      .rests = rests,
                                      .serve = cores_serve,
                                      .facts = cores_facts,
                                      .effect = cores_effect,
                                      .trains = train_bytes,
                                      .pick = cores_pick};
