/* lro.c - large receive offload: the card gathers frames of a connection, so that the host
 * handles them as one (train.h).
 *
 * Models: so many sessions, a connection each. The first frame of a train opens one, if one is
 * free; the next frames of its flow wait in it, without their headers. It closes by its last
 * frame (a shorter one, or one with PSH), by a frame of the flow that cannot follow (a sequence
 * number that is not the next, an acknowledgement that goes back, timestamps or flags that do
 * not fit, no data; such a frame opens the session anew, if it may), when the train is full, or
 * `timeout` after it was opened; then its frames go on. What no session takes need not wait. Of
 * all that may go on, what came first goes first, so that no frame passes one of its flow.
 * While `queue` frames are held, those that come are lost. Leaves out: the bytes' own way (a
 * card writes them to memory as they come and the completion when the session closes; here they
 * cross the link behind the session); acknowledgements without data, which some cards gather.
 * Whose numbers: docs/sources.md, section 3e.
 */
#include "models/train.h"
#include "sim/engine/model.h"
#include "sim/engine/row.h"

enum { MOST = 256 }; /* sessions */

/* Line 0 is of what no session takes, line 1 + i of session i. A line's frames belong to trains
 * that are closed, but for the last `open` ones. */
struct session {
    struct train train;
    uint64_t flow;       /* whose frames are in the line */
    sim_ps until;        /* it closes by then, while open */
    uint32_t held, open; /* frames in the line; of them in a train that is not closed */
    uint32_t in, out;    /* frames so far, for `follows` */
    uint64_t *follows;   /* ring of bits: does a frame follow? */
};

struct lro {
    struct sim_comp base;
    /* parameters */
    int64_t sessions, max_bytes, timeout, rate, latency, queue, tunnels;
    /* statistics */
    int64_t trains, followed, timeouts, none;
    /* state */
    struct session *session; /* [1 + sessions] */
    struct sim_ser pace;
    bool follows;  /* the frame that was chosen */
    uint32_t held; /* frames, of all lines */
    uint32_t mask; /* of a ring of bits */
};

#define AT(name) offsetof(struct lro, name)
static const struct sim_field params[] = {
    {"sessions", SIM_COUNT, AT(sessions), 1, MOST, "32", NULL, "connections gathered at a time",
     "docs/sources.md ds-82599, from memory; assumed of other cards"},
    {"max_bytes", SIM_BYTES, AT(max_bytes), 128, TRAIN_MOST, "64KiB", NULL,
     "of a train: it closes before it would be longer",
     "an IP datagram, which the host is to see, has no more"},
    {"timeout", SIM_TIME, AT(timeout), 1, SIM_PS_PER_S, "32us", NULL,
     "from the opening of a session to its closing, at most", "docs/sources.md mlx5-lro"},
    {"tunnels", SIM_BOOL, AT(tunnels), 0, 0, "false", NULL,
     "whether it looks into captured tunnels", "assumed: not documented"},
    {"rate", SIM_PER_S, AT(rate), 1, 100000000000, "330M/s", NULL, "frames a second",
     "docs/sources.md pub:cx7-msgrate: as every stage of the pipeline, lower end"},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "50ns", NULL,
     "of a frame beyond its waiting", "assumed: one stage of the pipeline"},
    {"queue", SIM_COUNT, AT(queue), 1, 1 << 16, "8192", NULL, "frames held, of all sessions",
     "assumed: never in the way; a card holds the bytes in the host's memory"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    {.name = "trains",
     .unit = SIM_COUNT,
     .offset = AT(trains),
     .doc = "trains that were opened, those of one frame too"},
    {.name = "followed",
     .unit = SIM_COUNT,
     .offset = AT(followed),
     .doc = "frames that followed in one"},
    {.name = "timeouts",
     .unit = SIM_COUNT,
     .offset = AT(timeouts),
     .doc = "sessions that closed by time"},
    {.name = "full",
     .unit = SIM_COUNT,
     .offset = AT(none),
     .doc = "frames that could have opened a session, but none was free"},
    {.name = NULL}};

static const struct sim_op ops[] = {{.name = "gather", .doc = "gather frames of a connection"},
                                    {.name = NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct lro *l = (struct lro *)comp;
    struct sim_arena *arena = sim_comp_arena(comp);
    (void)err;
    for (l->mask = 63; l->mask < l->queue; l->mask = 2 * l->mask + 1)
        ;
    l->session = sim_alloc_n(arena, (size_t)l->sessions + 1, sizeof *l->session);
    for (int64_t i = 0; i <= l->sessions; i++)
        l->session[i].follows = sim_alloc_n(arena, (l->mask + 1) / 64, sizeof(uint64_t));
    sim_ser_init(&l->pace, sim_rate_make((uint64_t)l->rate, 1, 1));
    sim_port_add(comp, &(struct sim_port_opts){.name = "sessions",
                                               .lines = (uint32_t)l->sessions + 1,
                                               .in_order = true,
                                               .capacity = l->queue,
                                               .full = SIM_FULL_DROP,
                                               .cause = "lro-full"});
    return true;
}

/* ---------------------------------------------------------------- what comes */

static void put_bit(const struct lro *l, struct session *s, bool follows) {
    uint32_t i = s->in++ & l->mask;
    uint64_t bit = 1ULL << (i & 63);
    s->follows[i / 64] = follows ? s->follows[i / 64] | bit : s->follows[i / 64] & ~bit;
}

static bool take_bit(const struct lro *l, struct session *s) {
    uint32_t i = s->out++ & l->mask;
    return (s->follows[i / 64] >> (i & 63) & 1) != 0;
}

static struct train_rule rule_of(const struct lro *l) {
    return (struct train_rule){.tunnels = l->tunnels, .most = (uint32_t)l->max_bytes};
}

/* The session that has frames of the flow, else an empty one, else line 0. */
static uint32_t session_of(const struct lro *l, uint64_t flow, bool may) {
    uint32_t empty = 0;
    for (uint32_t i = 1; i <= l->sessions; i++) {
        const struct session *s = &l->session[i];
        if (s->held > 0 && s->flow == flow)
            return i;
        if (s->held == 0 && empty == 0)
            empty = i;
    }
    return may ? empty : 0;
}

static uint32_t line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                     bool must) {
    struct lro *l = (struct lro *)comp;
    sim_ps now = sim_now(comp);
    const struct train_rule rule = rule_of(l);
    bool may = train_may(m, &rule);
    (void)port;
    if (!must && l->held >= l->queue)
        return SIM_NO_LINE;
    uint32_t i = session_of(l, train_flow(m), may);
    struct session *s = &l->session[i];
    bool follows = i > 0 && train_take(&s->train, m, may, &rule);
    if (i == 0 && may)
        sim_comp_count(comp, &l->none, now);
    if (i > 0 && !follows && may) {
        s->until = now + l->timeout;
        sim_comp_count(comp, &l->trains, now);
    }
    s->open = i > 0 && s->train.bytes > 0 ? (follows ? s->open : 0) + 1 : 0;
    s->flow = train_flow(m);
    s->held++;
    l->held++;
    put_bit(l, s, follows);
    return i;
}

/* ---------------------------------------------------------------- what goes */

static void close_late(struct lro *l, sim_ps now, sim_ps *until) {
    for (uint32_t i = 1; i <= l->sessions; i++) {
        struct session *s = &l->session[i];
        if (s->open == 0)
            continue;
        if (s->until <= now) {
            s->open = 0;
            s->train.bytes = 0;
            sim_comp_count(&l->base, &l->timeouts, now);
        } else if (s->until < *until) {
            *until = s->until;
        }
    }
}

/* Did a come before b? Of one picosecond by number, whatever lines they are in. */
static bool before(const struct sim_msg *a, const struct sim_msg *b) {
    return a->entered != b->entered ? a->entered < b->entered : a->id < b->id;
}

static uint32_t choose(struct sim_comp *comp, struct sim_port *port, sim_ps now,
                       sim_ps *until) {
    struct lro *l = (struct lro *)comp;
    const struct sim_msg *first = NULL;
    uint32_t line = SIM_NO_LINE;
    close_late(l, now, until);
    for (uint32_t i = 0; i <= l->sessions; i++) {
        if (l->session[i].held == l->session[i].open)
            continue;
        const struct sim_msg *m = sim_line_head(port, i);
        if (first == NULL || before(m, first)) {
            first = m;
            line = i;
        }
    }
    if (line == SIM_NO_LINE)
        return line;
    l->session[line].held--;
    l->held--;
    l->follows = take_bit(l, &l->session[line]);
    return line;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct lro *l = (struct lro *)comp;
    (void)port;
    (void)step;
    out->occupancy_ps = sim_ser_send(&l->pace, start, 1) - start;
    out->latency_ps = out->occupancy_ps + l->latency;
    if (!l->follows)
        return;
    train_join(m);
    sim_comp_count(comp, &l->followed, start);
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct lro *l = (const struct lro *)comp;
    if (!sim_listed("max_bytes", param) || l->followed > 0)
        return NULL;
    return "nothing followed in a train: no two frames with data of one TCP connection came "
           "within \"timeout\" and were together no longer than this; say 64KiB, or leave the "
           "block out of the chain";
}

static enum sim_trains trains(const struct sim_comp *comp, const struct sim_step *step,
                              const char **by) {
    (void)comp;
    (void)step;
    *by = "max_bytes";
    return SIM_TRAINS_MADE;
}

const struct sim_model model_lro = {
    .name = "lro",
    .doc = "large receive offload: frames of a connection gathered for the host",
    .size = sizeof(struct lro),
    .params = params,
    .stats = stats,
    .ops = ops,
    .packets = true,
    .init = init,
    .serve = serve,
    .line = line,
    .choose = choose,
    .remark = remark,
    .trains = trains};
