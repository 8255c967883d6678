/* scheduler.c - an egress scheduler: queues by class, stream, function, tenant or flow, of
 * which strict priority, deficit round robin and shapers choose the next packet.
 *
 * Models: a queue for each class, stream, function (a VF of the host's), VLAN, VXLAN or Geneve
 * network, or share of the flows, each with room of its own; queues of one priority share by
 * weight (deficit round robin: in each round a queue may send weight x quantum bytes, what it
 * could not use for want of a whole packet it keeps), those of a higher one go first; a token
 * bucket a queue that lets a packet go when its tokens are there, while other queues use the
 * line; and a pipeline in front of all that, which takes time and keeps nobody out. The packet
 * chosen goes on when the next block takes it: what limits the scheduler is
 * that block's queue, or a `rate` of its own. Leaves out: shapers over several queues (put
 * schedulers in a row); a line that is lent tokens; marking or early drops. Whose numbers:
 * none; queues and weights are the scenario's. Deficit round robin: Shreedhar and Varghese,
 * "Efficient Fair Queuing Using Deficit Round Robin", SIGCOMM 1995.
 */
#include "models/scheduler.h"
#include "models/values.h"
#include "sim/engine/row.h"
#include <string.h>

enum { MISSED_OF = 1000 }; /* one of so many bytes is worth a word */

#define AT(name) offsetof(struct scheduler, name)
static const struct sim_field params[] = {
    {"queues", SIM_COUNT, AT(queues), 1, SCHEDULER_MOST, "4", NULL,
     "queues; a class, stream or function beyond the last one shares that, and is warned of",
     NULL},
    {"by", SIM_ENUM, AT(by), 0, 0, "class", TENANT_CHOICES_FUNCTION,
     "what a packet's queue is chosen by: " TENANT_DOC_FUNCTION, NULL},
    {"ids", SIM_STRING, AT(ids), 0, 0, "", "number",
     "with vlan and network: whose queue each is, \"10,20\"; all others go to the last one",
     NULL},
    {"priorities", SIM_STRING, AT(priorities), 0, 0, "", "number",
     "of each queue, \"0,1,1\": 0 goes first; none stated: all alike", NULL},
    {"weights", SIM_STRING, AT(weights), 0, 0, "", "number",
     "of each queue among those of its priority, \"3,1\"; none stated: all 1", NULL},
    {"quantum", SIM_BYTES, AT(quantum), 64, 1 << 20, "1600B", NULL,
     "bytes that weight 1 may send in a round",
     "assumed: a frame of 1,518 bytes and more, so that each round sends one"},
    {"rates", SIM_STRING, AT(rates), 0, 0, "", NULL,
     "shaper of each queue, bits of frames per second, \"40Gb/s,none\"; none stated: no "
     "shapers",
     NULL},
    {"tenants", SIM_COUNT, AT(tenants), 1, SCHEDULER_MOST, "1", NULL,
     "with tenant_rates: how many there are", NULL},
    {"tenant_of", SIM_STRING, AT(tenant_of), 0, 0, "", "number",
     "with tenant_rates: whose each queue (a VF, say) is, \"0,0,1\"", NULL},
    {"tenant_rates", SIM_STRING, AT(tenant_rates), 0, 0, "", NULL,
     "shaper of each tenant, over its queues together, \"100Gb/s,none\"; none stated: no such",
     NULL},
    {"burst", SIM_BYTES, AT(burst), 64, 1LL << 40, "16KiB", NULL,
     "bytes that a shaped queue or tenant may send at once after a pause: the depth of its "
     "bucket. What comes when that is full is lost, while a packet waits for a busy line too: "
     "one "
     "that holds less than a frame, and what the rate brings while others keep the line, lets "
     "less through than its rate (`missed`); one below a frame acts as one of a frame",
     "assumed: ten frames of 1,518 bytes"},
    {"queue_bytes", SIM_BYTES, AT(queue_bytes), 64, 1LL << 40, "1MiB", NULL,
     "room of each queue; what finds none is lost",
     "assumed: some 20 us at 400 Gb/s; no document gives it"},
    {"rate", SIM_RATE, AT(rate), 0, 1000000000000000, "0b/s", NULL,
     "bits on the wire per second that leave; 0: as fast as the next block takes them", NULL},
    {"gap_bytes", SIM_BYTES, AT(gap_bytes), 0, 64, "20B", NULL,
     "bytes added to each frame at `rate`: preamble and gap", "docs/sources.md ieee-8023"},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "0ns", NULL,
     "time from coming to being in its queue: a pipeline in front of the choice, with room for "
     "all that is under way; a stage of its own, where there is one",
     "assumed: none, part of the stage in front of it"},
    {.name = NULL}};

#define OF(n)                                                                                  \
    {"bytes" #n,                                                                               \
     SIM_BYTES,                                                                                \
     AT(bytes_of[n]),                                                                          \
     0,                                                                                        \
     INT64_MAX,                                                                                \
     NULL,                                                                                     \
     NULL,                                                                                     \
     "bytes that queue " #n " sent",                                                           \
     NULL},                                                                                    \
    {                                                                                          \
        "lost" #n, SIM_COUNT, AT(lost_of[n]), 0, INT64_MAX, NULL, NULL,                        \
            "packets that queue " #n " had no room for", NULL                                  \
    }
static const struct sim_field stats[] = {
    {.name = "sent", .unit = SIM_COUNT, .offset = AT(sent), .doc = "packets sent"},
    {.name = "paced",
     .unit = SIM_COUNT,
     .offset = AT(paced),
     .doc = "times that the line was free and all that waited had no tokens"},
    {.name = "missed",
     .unit = SIM_BYTES,
     .offset = AT(missed),
     .doc = "bytes that shapers kept back for want of tokens that had found the bucket full "
            "while a packet waited for the line: a larger `burst` would have let them go"},
    OF(0),
    OF(1),
    OF(2),
    OF(3),
    OF(4),
    OF(5),
    OF(6),
    OF(7),
    {.name = NULL}};
#undef OF

static const struct sim_op ops[] = {
    {.name = "send",
     .doc = "the pipeline, if it takes time, then wait for one's turn",
     .stages = 2},
    {.name = NULL}};

/* ---------------------------------------------------------------- lists */

static bool fail_at(const struct scheduler *s, const char *key, struct sim_err *err,
                    const char *why) {
    char at[512];
    return sim_fail(err, s->base.file, sim_pointer(at, sizeof at, s->base.pointer, key), "%s",
                    why);
}

static bool check_lists(const struct scheduler *s, struct sim_err *err) {
    if (s->tenant_rates != NULL && s->tenant_of == NULL)
        return fail_at(
            s, "tenant_of", err,
            "required with \"tenant_rates\"; write e.g. \"0,0,1\": the tenant of each "
            "queue");
    if (s->tenant_rates == NULL && (s->tenant_of != NULL || s->tenants != 1))
        return fail_at(s, s->tenant_of ? "tenant_of" : "tenants", err,
                       "has no effect without \"tenant_rates\"");
    return true;
}

static struct scheduler_shaper *shaper(const struct scheduler *s, int64_t rate) {
    if (rate == 0)
        return NULL;
    struct scheduler_shaper *a = sim_alloc(sim_comp_arena(&s->base), sizeof *a);
    meter_init(&a->meter, (uint64_t)rate, (uint64_t)s->burst, 0);
    return a;
}

static bool read_lists(struct scheduler *s, struct sim_err *err) {
    enum { RATE_LEAST = 1000, ALL = INT32_MAX };
    const int64_t fast = 1000000000000000;
    const struct values lists[] = {
        {"priorities", s->priorities, SIM_COUNT, 0, ALL, "queue"},
        {"weights", s->weights, SIM_COUNT, 1, 1000000, "queue"},
        {"rates", s->rates, SIM_RATE, RATE_LEAST, fast, "queue"},
        {"tenant_of", s->tenant_of, SIM_COUNT, 0, s->tenants - 1, "queue"},
        {"tenant_rates", s->tenant_rates, SIM_RATE, RATE_LEAST, fast, "tenant"}};
    enum { PRIORITY, WEIGHT, RATE, TENANT, TENANT_RATE, LISTS };
    int64_t value[LISTS][SCHEDULER_MOST] = {{0}},
            *id = sim_alloc_n(sim_comp_arena(&s->base), SCHEDULER_MOST, sizeof *id);
    struct scheduler_shaper *tenant[SCHEDULER_MOST];
    for (int64_t i = 0; i < SCHEDULER_MOST; i++)
        value[WEIGHT][i] = 1;
    for (size_t k = 0; k < LISTS; k++)
        if (!values_read(&s->base, &lists[k], k < TENANT_RATE ? s->queues : s->tenants,
                         value[k], err))
            return false;
    s->whose = (struct tenants){(enum tenant_by)s->by, (uint32_t)s->queues, id, NULL};
    if (!tenant_ids(&s->base, &s->whose, s->ids, "queue", id, err))
        return false;
    for (int64_t i = 0; i < s->tenants; i++)
        tenant[i] = shaper(s, value[TENANT_RATE][i]);
    for (int64_t i = 0; i < s->queues; i++)
        s->queue[i] = (struct scheduler_queue){
            .priority = value[PRIORITY][i],
            .tenant = value[TENANT][i],
            .weight = value[WEIGHT][i],
            .shaper = {shaper(s, value[RATE][i]), tenant[value[TENANT][i]]}};
    return true;
}

/* ---------------------------------------------------------------- making it */

/* The smallest priority above `above`, or -1. */
static int64_t next_priority(const struct scheduler *s, int64_t above) {
    int64_t best = -1;
    for (int64_t i = 0; i < s->queues; i++) {
        int64_t p = s->queue[i].priority;
        if (p > above && (best < 0 || p < best))
            best = p;
    }
    return best;
}

static void make_groups(struct scheduler *s) {
    struct sim_arena *arena = sim_comp_arena(&s->base);
    s->group = sim_alloc_n(arena, (size_t)s->queues, sizeof *s->group);
    for (int64_t p = next_priority(s, -1); p >= 0; p = next_priority(s, p)) {
        struct scheduler_group *g = &s->group[s->groups++];
        g->queue = sim_alloc_n(arena, (size_t)s->queues, sizeof *g->queue);
        g->turn = sim_alloc_n(arena, (size_t)s->tenants, sizeof *g->turn);
        for (int64_t i = 0; i < s->tenants; i++)
            g->turn[i] = SIM_NO_LINE;
        for (int64_t i = 0; i < s->queues; i++)
            if (s->queue[i].priority == p)
                g->queue[g->n++] = (uint32_t)i;
    }
}

/* The shapers of queues (k 0) or tenants, each a port that nobody visits, once: a tenant's
 * queues have the same. */
static void add_shapers(struct scheduler *s, int k) {
    static const char *const name[SCHEDULER_SHAPERS] = {"shaper", "tenant-shaper"},
                             *const rates[SCHEDULER_SHAPERS] = {"rates", "tenant_rates"};
    uint32_t first = 0;
    for (int64_t i = 0; i < s->queues; i++) {
        const struct scheduler_queue *q = &s->queue[i];
        struct scheduler_shaper *a = q->shaper[k];
        if (a == NULL || a->port != 0)
            continue;
        long long of = k == 0 ? i : q->tenant;
        a->port = sim_port_add(
            &s->base, &(struct sim_port_opts){
                          .name = sim_printf(sim_comp_arena(&s->base), "%s%lld", name[k], of),
                          .aside = true,
                          .like = first,
                          .paced_by = rates[k]});
        first = first == 0 ? a->port + 1 : first;
    }
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct scheduler *s = (struct scheduler *)comp;
    s->queue = sim_alloc_n(sim_comp_arena(comp), (size_t)s->queues, sizeof *s->queue);
    s->closed = sim_alloc_n(sim_comp_arena(comp), (size_t)s->tenants, sizeof *s->closed);
    if (!tenant_check(comp, s->by, s->ids, "queue", err) || !check_lists(s, err) ||
        !read_lists(s, err))
        return false;
    make_groups(s);
    if (s->rate > 0)
        sim_ser_init(&s->line, sim_rate_make((uint64_t)s->rate, 1, 1));
    if (s->latency > 0)
        sim_port_add(comp, &(struct sim_port_opts){.name = "pipeline", .in_order = true});
    s->port = comp->ports;
    sim_port_add(comp, &(struct sim_port_opts){.name = "queues",
                                               .lines = (uint32_t)s->queues,
                                               .in_order = true,
                                               .capacity = s->queues * s->queue_bytes,
                                               .bytes = true,
                                               .full = SIM_FULL_DROP});
    for (int k = 0; k < SCHEDULER_SHAPERS; k++)
        add_shapers(s, k);
    return true;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct scheduler *s = (struct scheduler *)comp;
    (void)step;
    if (port->index != s->port) {
        out->latency_ps = s->latency;
        return;
    }
    if (s->rate > 0)
        out->occupancy_ps =
            sim_ser_send(&s->line, start, (m->bytes + (uint64_t)s->gap_bytes) * 8) - start;
    sim_comp_count(comp, &s->sent, start);
}

static bool by_class(const struct sim_comp *comp) {
    const struct scheduler *s = (const struct scheduler *)comp;
    const struct sim_comp *host = tenant_host(comp);
    return s->by == TENANT_BY_CLASS ||
           (s->by == TENANT_BY_FUNCTION && host != NULL && host->model->by_class(host));
}

/* Functions are the host's: it says how many there are, and which a packet's is. */
static bool prepare(const struct sim_comp *comp, struct sim_step *step, struct sim_err *err) {
    const struct scheduler *s = (const struct scheduler *)comp;
    const struct sim_comp *host = tenant_host(comp);
    (void)step;
    if (s->by != TENANT_BY_FUNCTION)
        return true;
    if (host == NULL)
        return fail_at(s, "by", err,
                       "\"function\" needs one block of model host on this card that has "
                       "\"functions\" of more than one");
    if ((uint32_t)s->queues > host->model->functions(host))
        return fail_at(
            s, "queues", err,
            "are more than the \"functions\" of the card's host: the last ones would "
            "stay empty");
    return true;
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct scheduler *s = (const struct scheduler *)comp;
    if (sim_listed("queues", param) && s->beyond)
        return "some packets were of a class, stream or function beyond the last queue, and "
               "shared that one with those whose it is; have a queue for each";
    if (!sim_listed("burst", param))
        return NULL;
    if (s->burst < s->largest)
        return "is below the largest frame that was shaped: such a bucket lets a frame go when "
               "it is full, as if it held just that, and loses what comes while others keep "
               "the "
               "line; say the frame and what the rate brings meanwhile";
    if (s->missed > 0 && s->missed >= s->shaped / MISSED_OF)
        return "shapers let less through than their rates (statistic \"missed\"): their "
               "buckets "
               "were full while packets waited for the line; say a frame and what the rate "
               "brings while others keep the line";
    return NULL;
}

static bool effect(const struct sim_comp *comp, const char *param) {
    const struct scheduler *s = (const struct scheduler *)comp;
    if (strcmp(param, "gap_bytes") == 0)
        return s->rate > 0;
    if (strcmp(param, "burst") == 0)
        return s->rates != NULL || s->tenant_rates != NULL;
    return strcmp(param, "quantum") != 0 || s->groups < s->queues;
}

static void start(struct sim_comp *comp) {
    struct scheduler *s = (struct scheduler *)comp;
    s->whose.host = tenant_host(comp);
    s->room = (uint64_t)(comp->port[s->port]->capacity / s->queues);
}

const struct sim_model model_scheduler = {
    .name = "scheduler",
    .doc = "egress scheduler: priorities, deficit round robin, a shaper for each queue",
    .size = sizeof(struct scheduler),
    .params = params,
    .stats = stats,
    .ops = ops,
    .init = init,
    .prepare = prepare,
    .start = start,
    .serve = serve,
    .line = scheduler_line,
    .choose = scheduler_choose,
    .remark = remark,
    .effect = effect,
    .by_class = by_class};
