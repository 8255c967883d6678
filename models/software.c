/* software.c - a message on a core: when the core begins, and how long it takes. */
#include "models/software.h"
#include "models/train.h"
#include "models/wrap.h"

enum { ONE = 1000000, LINE = 64 };

static bool fail(struct sim_comp *comp, const char *key, const char *text,
                 struct sim_err *err) {
    char path[512];
    return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, key), "%s",
                    text);
}

bool software_init(struct sim_comp *comp, struct software_cpu *cpu, const char *what,
                   int64_t cores, int64_t entries, struct sim_err *err) {
    char path[512];
    if (cores > entries)
        return sim_fail(
            err, comp->file, sim_pointer(path, sizeof path, comp->pointer, "indirection"),
            "%lld entries leave some of %lld %s without work; use as many entries as %s, or "
            "more",
            (long long)entries, (long long)cores, what, what);
    if (cpu->batch > 1 && cpu->batch_cycles == 0 && !cpu->gathers)
        return fail(comp, "batch", "has no effect without \"batch_cycles\"", err);
    if (cpu->noise_time > 0 && cpu->noise_period == 0)
        return fail(comp, "noise_time", "has no effect without \"noise_period\"", err);
    if (cpu->noise_period > 0 && cpu->noise_time == 0)
        return fail(comp, "noise_period", "has no effect without \"noise_time\"", err);
    if (cpu->noise_period > 0 && cpu->noise_time >= cpu->noise_period)
        return fail(comp, "noise_time",
                    "must be shorter than \"noise_period\": it leaves no "
                    "time for work",
                    err);
    if ((cpu->l2 > 0 && cpu->l1 > cpu->l2) || (cpu->l3 > 0 && cpu->l2 > cpu->l3))
        return fail(
            comp, cpu->l2 > 0 && cpu->l1 > cpu->l2 ? "l1" : "l2",
            "is larger than the level behind it, whose time it would take away; make it "
            "smaller, or that one larger (0: there is none)",
            err);
    if (cpu->page_bytes & (cpu->page_bytes - 1))
        return fail(comp, "page_bytes", "must be a power of two; use 4KiB, 64KiB or 2MiB", err);
    cpu->scan.stated = &cpu->treat.stated;
    if (!scan_init(&cpu->scan, comp, &patterns_pcre2, err) ||
        !treat_make_digests(&cpu->treat, comp, cpu->dedup_entries, err))
        return false;
    struct sim_rng rng;
    sim_comp_rng(comp, "noise", &rng);
    cpu->treat.comp = comp;
    cpu->core = sim_alloc_n(sim_comp_arena(comp), comp->ports, sizeof *cpu->core);
    cpu->plain =
        cpu->batch_cycles == 0 && !cpu->gathers && cpu->receive == 0 && cpu->noise_period == 0;
    for (uint32_t i = 0; i < comp->ports; i++) {
        cpu->core[i] = (struct software_core){.polled = -1, .raised = -cpu->moderation};
        if (cpu->noise_period > 0)
            cpu->core[i].phase = (sim_ps)sim_rng_below(&rng, (uint64_t)cpu->noise_period);
    }
    return true;
}

/* ---------------------------------------------------------------- when the core begins */

/* Time since the last beginning of the noise. */
static sim_ps into_noise(const struct software_cpu *cpu, const struct software_core *core,
                         sim_ps at) {
    return (at + cpu->noise_period - core->phase) % cpu->noise_period;
}

/* What the noise takes of work of length `work` from `at` on, when the core is there. */
static sim_ps stolen(const struct software_cpu *cpu, const struct software_core *core,
                     sim_ps at, sim_ps work) {
    sim_ps left = cpu->noise_period - into_noise(cpu, core, at);
    if (work <= left)
        return 0;
    return (1 + (work - left - 1) / (cpu->noise_period - cpu->noise_time)) * cpu->noise_time;
}

/* A core whose queue was empty sleeps: an interrupt, when it may be, and the wake-up. */
static sim_ps woken(const struct software_cpu *cpu, struct software_core *core, sim_ps came) {
    sim_ps may = core->raised + cpu->moderation;
    sim_ps pace = (came - core->first) / core->since;
    pace = pace < cpu->moderation ? pace : cpu->moderation;
    sim_ps enough = came + pace * (cpu->moderation_packets - 1);
    may = may < enough ? may : enough;
    core->raised = came > may ? came : may;
    core->first = came;
    core->since = 0;
    return core->raised + cpu->wakeup_latency;
}

/* The first moment from `start` on at which the core is at work on the message, an edge.
 * *cycles: what the core does besides. */
static sim_ps begin(const struct software_cpu *cpu, struct software_core *core,
                    const struct software_visit *v, uint64_t *cycles) {
    const struct sim_clock *clock = &v->port->clock;
    sim_ps at = v->start;
    if (v->step->keep) /* it never left the core */
        return at;
    if (train_follows(v->m)) /* it comes with the first of its train, whose look was its own */
        return at;
    core->since++;
    if (cpu->receive && v->interrupts && v->start == sim_clock_edge(clock, v->m->entered)) {
        at = sim_clock_edge(clock, woken(cpu, core, v->m->entered));
        *cycles += (uint64_t)cpu->interrupt_cycles;
    }
    if (core->remain > 0 && v->m->entered <= core->polled) {
        core->remain--;
    } else if (cpu->batch_cycles || cpu->gathers) {
        core->remain = cpu->batch - 1;
        core->polled = at;
        *cycles += (uint64_t)cpu->batch_cycles;
    }
    return at;
}

static sim_ps after_noise(const struct software_cpu *cpu, const struct software_core *core,
                          const struct sim_clock *clock, sim_ps at) {
    if (cpu->noise_period == 0)
        return at;
    sim_ps into = into_noise(cpu, core, at);
    return into < cpu->noise_time ? sim_clock_edge(clock, at + cpu->noise_time - into) : at;
}

/* ---------------------------------------------------------------- how long it takes */

static uint64_t whole(sim_u128 millionths) {
    return millionths ? (uint64_t)((millionths + ONE - 1) / ONE) : 0;
}

static void count_misses(struct software_cpu *cpu, const struct software_visit *v,
                         uint64_t misses) {
    if (!sim_inside(v->port->world, v->start))
        return;
    cpu->memory_part += misses;
    cpu->memory_bytes += (int64_t)(cpu->memory_part / ONE * LINE);
    cpu->memory_part %= ONE;
}

/* Cycles and stalls of a message on a core of so many threads. */
static void work(const struct software_cpu *cpu, const struct software_price *price,
                 uint32_t bytes, uint64_t cycles, struct sim_service *out) {
    sim_u128 part = (sim_u128)bytes * price->per_byte;
    cycles += price->cycles;
    uint64_t busy = cycles + whole(part), all = cycles + whole(part + price->stall);
    if (price->beside) {
        uint64_t stall = whole(price->stall);
        all = busy > stall ? busy : stall;
    }
    out->occupancy_cycles = all;
    if (cpu->threads == 1)
        return;
    uint64_t share = (all + (uint64_t)cpu->threads - 1) / (uint64_t)cpu->threads;
    out->occupancy_cycles = share > busy ? share : busy;
    out->latency_cycles = all;
}

static void special(struct software_cpu *cpu, const struct software_price *price,
                    const struct software_visit *v, uint32_t bytes, struct sim_service *out) {
    struct software_core *core = &cpu->core[v->port->index];
    const struct sim_clock *clock = &v->port->clock;
    uint64_t cycles = 0;
    sim_ps at = after_noise(cpu, core, clock, begin(cpu, core, v, &cycles));
    work(cpu, price, bytes, cycles, out);
    out->delay_ps = at - v->start;
    if (cpu->noise_period == 0)
        return;
    sim_ps busy = sim_clock_after(clock, at, out->occupancy_cycles) - at;
    out->occupancy_ps = stolen(cpu, core, at, busy);
    if (sim_inside(v->port->world, at))
        core->noise += (uint64_t)out->occupancy_ps;
    if (out->latency_cycles) {
        sim_ps all = sim_clock_after(clock, at, out->latency_cycles) - at;
        out->latency_ps = stolen(cpu, core, at, all);
    }
}

bool software_rests(const struct software_cpu *cpu, const struct sim_port *port,
                    struct sim_rests *out) {
    if (cpu->noise_period == 0)
        return false;
    *out = (struct sim_rests){(uint64_t)cpu->noise_time, (uint64_t)cpu->noise_period,
                              cpu->core[port->index].noise};
    return true;
}

/* Do to the message what the operation does. @return bytes that the core goes through. */
static uint32_t treat(struct software_cpu *cpu, const struct software_price *price,
                      const struct software_visit *v, struct sim_service *out) {
    static const uint8_t verdict[] = {[TREAT_OK] = SOFTWARE_OK,
                                      [TREAT_DUPLICATE] = SOFTWARE_DUPLICATE,
                                      [TREAT_NOT_SEALED] = SOFTWARE_NOT_SEALED,
                                      [TREAT_NESTED] = SOFTWARE_NESTED,
                                      [TREAT_NOT_IP] = SOFTWARE_NOT_IP,
                                      [TREAT_TOO_LONG] = SOFTWARE_TOO_LONG,
                                      [TREAT_NOT_TUNNEL] = SOFTWARE_NOT_TUNNEL};
    struct treat_call call = {&cpu->treat,
                              v->step,
                              price->args,
                              v->m,
                              v->start,
                              lanes_due(&cpu->due, v->m, v->port->index),
                              0};
    out->verdict = verdict[price->treat(&call)];
    return call.work;
}

/* Look for patterns. @return bytes that the core goes through. */
static uint32_t scan(struct software_cpu *cpu, const struct software_price *price,
                     const struct software_visit *v, struct sim_service *out) {
    bool hit = scan_hits(&cpu->scan, v->step, price->args, v->m, v->start,
                         lanes_due(&cpu->due, v->m, v->port->index));
    out->verdict = hit ? SOFTWARE_HIT : SOFTWARE_MISS;
    return wrap_payload(v->m);
}

/* @return bytes that the core goes through. */
static uint32_t look_at(struct software_cpu *cpu, const struct software_price *price,
                        const struct software_visit *v, struct sim_service *out) {
    if (price->treat != NULL)
        return treat(cpu, price, v, out);
    return price->scans ? scan(cpu, price, v, out) : v->m->bytes;
}

void software_serve(struct software_cpu *cpu, const struct software_price *price,
                    const struct software_visit *v, struct sim_service *out) {
    const struct software_price rest = {.per_byte = price->per_byte};
    if (price->treat == NULL && !price->scans && train_follows(v->m))
        price = &rest; /* the first of its train has paid */
    uint32_t bytes = look_at(cpu, price, v, out);
    if (cpu->plain)
        work(cpu, price, bytes, 0, out);
    else
        special(cpu, price, v, bytes, out);
    if (price->misses)
        count_misses(cpu, v, price->misses + price->back);
}

void software_facts(struct sim_comp *comp, struct software_cpu *cpu, void *body) {
    treat_facts(comp, offsetof(struct software_work, bytes), &cpu->asks, body);
    scan_facts(&cpu->scan, offsetof(struct software_work, bytes), body);
}
