/* source_synthetic.c - made-up traffic: constant, Poisson or on-off arrivals, or a closed loop.
 *
 * Open: constant births are exact (n packets at rate R take exactly their time, rounded up);
 * Poisson gaps do not depend on the packets' sizes; on-off sends bursts of a geometric number
 * of packets back to back at the peak rate, and pauses of exponential length between them
 * that make the mean rate the stated one. Closed: `outstanding` requests are on their way or
 * thinking at any time; a reply is followed by the next request after `think`. A request that
 * is dropped is never answered: another takes its place after `timeout`.
 * Facts: parsed from real header bytes, one record for each flow and size, at most 65536;
 * flows beyond share a record's headers and differ in number and RSS hash. Left out: payload
 * (unknown to blocks that look at it), popular and rare flows.
 */
#include "workloads/flows.h"
#include "workloads/frame.h"
#include "workloads/loop.h"
#include "workloads/source.h"
#include <inttypes.h>

enum arrivals { CONSTANT, POISSON, ONOFF };
enum order { UNIFORM, ROUND_ROBIN };
enum { MAX_RECORDS = 65536, MEAN_BITS = 50 };

extern const struct sim_model work_source_synthetic; /* named by registry.c */

struct work_synthetic {
    struct work_source source;
    /* parameters */
    int64_t arrivals, rate, packet_rate, burst, peak, n_flows, order, protocol, version, train;
    int64_t outstanding, think, timeout;
    const char *size_list;
    /* what is sent */
    struct work_sizes sizes;
    struct packet *table; /* [flows in it][sizes] */
    uint32_t table_flows, flow;
    int64_t left; /* packets that the flow at hand sends yet */
    struct packet_rss_table *rss;
    struct sim_rng size_rng, flow_rng, gap_rng;
    /* when */
    struct work_pace pace;
    struct sim_sampler gap; /* of Poisson; the pause of on-off */
    uint32_t gap_bits;      /* drawn in units of 2^-gap_bits ps, to keep the mean exact */
    uint64_t gap_rest;
    struct work_loop loop;
    int64_t replies, bursts, timeouts; /* statistics */
};

static struct work_synthetic *synthetic_of(struct work_source *s) {
    return (struct work_synthetic *)s;
}

/* ---------------------------------------------------------------- what comes next */

static inline uint32_t next_flow(struct work_synthetic *p) {
    if (--p->left > 0)
        return p->flow;
    p->left = p->train;
    if (p->order == UNIFORM)
        p->flow = (uint32_t)sim_rng_below(&p->flow_rng, (uint64_t)p->n_flows);
    else if (++p->flow == p->n_flows)
        p->flow = 0;
    return p->flow;
}

/* Put the next packet into `like`. @return its bytes. */
static inline uint32_t choose(struct work_synthetic *p) {
    struct sim_msg *m = &p->source.like;
    uint32_t size = work_sizes_draw(&p->sizes, &p->size_rng);
    uint32_t flow = next_flow(p), record = flow % p->table_flows;
    const struct packet *packet = &p->table[(size_t)record * p->sizes.n + size];
    uint32_t mask = packet_flow_mask(flow / p->table_flows);
    m->body = packet;
    m->flow = flow;
    m->hash = packet->head[0].rss ^ work_rss_delta(p->rss, (uint8_t)p->version, mask);
    return m->bytes = packet->frame_bytes;
}

/* A random gap; what is below a picosecond is kept for the next one. */
static inline sim_ps draw_gap(struct work_synthetic *p) {
    uint64_t sum = p->gap_rest + (uint64_t)sim_sampler_draw(&p->gap, &p->gap_rng);
    p->gap_rest = sum & ((1U << p->gap_bits) - 1);
    return (sim_ps)(sum >> p->gap_bits);
}

static bool next_constant(struct work_source *s) {
    struct work_synthetic *p = synthetic_of(s);
    s->due = work_pace_take(&p->pace, choose(p));
    return true;
}

static bool next_poisson(struct work_source *s) {
    struct work_synthetic *p = synthetic_of(s);
    choose(p);
    s->due += draw_gap(p);
    return true;
}

static bool next_onoff(struct work_source *s) {
    struct work_synthetic *p = synthetic_of(s);
    s->due = work_pace_take(&p->pace, choose(p));
    if (sim_rng_below(&p->gap_rng, (uint64_t)p->burst) == 0) {
        p->bursts++;
        p->pace.next += draw_gap(p);
    }
    return true;
}

static bool next_closed(struct work_source *s) {
    struct work_synthetic *p = synthetic_of(s);
    if (p->loop.waiting == 0)
        return false;
    s->due = work_loop_take(&p->loop);
    if (!s->again)
        choose(p);
    return true;
}

static void reply(struct sim_stream *stream, const struct sim_msg *m, sim_ps t) {
    (void)m;
    struct work_synthetic *p = (struct work_synthetic *)stream->source;
    SIM_ASSERT(t == sim_now(&p->source.base)); /* a reply ends on the node of its source */
    p->replies++;
    /* nothing comes back at the same time */
    work_loop_place(&p->source, &p->loop, &p->loop, t + (p->think > 0 ? p->think : 1));
}

/* The sender finds out by a time-out. */
static void lost(struct sim_stream *stream, const struct sim_msg *m, sim_ps t) {
    (void)m;
    struct work_synthetic *p = (struct work_synthetic *)stream->source;
    p->timeouts++;
    work_loop_place(&p->source, &p->loop, &p->loop, t + p->timeout);
}

/* ---------------------------------------------------------------- checks, before the run */

enum { TIMEOUT = 100 * 1000 * 1000 }; /* the default, 100 us */

static bool idle_key(const struct work_synthetic *p, const char *key, const char *why,
                     struct sim_err *err) {
    return work_source_fail(&p->source, key, err, "has no effect %s", why);
}

static bool check_closed(const struct work_synthetic *p, struct sim_err *err) {
    static const char why[] = "in a closed loop (\"outstanding\"): replies set the pace";
    if (p->rate > 0 || p->packet_rate > 0)
        return idle_key(p, p->rate > 0 ? "rate" : "packet_rate", why, err);
    return p->arrivals == CONSTANT || idle_key(p, "arrivals", why, err);
}

static bool check_open(const struct work_synthetic *p, struct sim_err *err) {
    if (p->rate > 0 && p->packet_rate > 0)
        return work_source_fail(&p->source, "packet_rate", err,
                                "\"rate\" is stated too; state one of the two");
    if (p->rate == 0 && p->packet_rate == 0)
        return work_source_fail(&p->source, "rate", err,
                                "required; write e.g. \"100Gb/s\", or \"packet_rate\", or "
                                "\"outstanding\" for a closed loop");
    if (p->timeout != TIMEOUT)
        return idle_key(p, "timeout", "without \"outstanding\"", err);
    return p->think == 0 || idle_key(p, "think", "without \"outstanding\"", err);
}

static bool check_bursts(const struct work_synthetic *p, struct sim_err *err) {
    bool onoff = p->arrivals == ONOFF;
    if (!onoff && (p->burst > 0 || p->peak > 0))
        return idle_key(p, p->burst > 0 ? "burst" : "peak", "without \"arrivals\": \"onoff\"",
                        err);
    if (onoff && p->burst == 0)
        return work_source_fail(&p->source, "burst", err,
                                "required with \"arrivals\": \"onoff\"; write e.g. 32");
    if (onoff && p->peak == 0)
        return work_source_fail(
            &p->source, "peak", err,
            "required with \"arrivals\": \"onoff\"; write e.g. \"400Gb/s\"");
    return true;
}

static bool check(const struct work_synthetic *p, struct sim_err *err) {
    return (p->outstanding > 0 ? check_closed(p, err) : check_open(p, err)) &&
           check_bursts(p, err);
}

/* ---------------------------------------------------------------- times */

/* Mean time between packets at `rate` bits/s, or packet_rate when that is 0, in 2^-16 ps. */
static sim_u128 mean_gap(const struct work_synthetic *p, int64_t rate, int64_t packet_rate) {
    const struct work_sizes *z = &p->sizes;
    const sim_u128 second = (sim_u128)(uint64_t)SIM_PS_PER_S << 16;
    SIM_ASSERT(rate > 0 || packet_rate > 0);
    if (rate == 0)
        return second / (uint64_t)packet_rate;
    sim_u128 bits = 0;
    for (uint32_t i = 0; i < z->n; i++)
        bits += (sim_u128)8 * (z->bytes[i] + WORK_WIRE_OVERHEAD) *
                (z->upto[i] - (i ? z->upto[i - 1] : 0));
    return bits * second / (z->upto[z->n - 1] * (sim_u128)(uint64_t)rate);
}

static bool init_gap(struct work_synthetic *p, sim_u128 mean, struct sim_err *err) {
    struct sim_err why = {0};
    p->gap_bits = 16;
    for (; mean >> MEAN_BITS != 0 && p->gap_bits > 0; p->gap_bits--)
        mean >>= 1;
    if (mean >> MEAN_BITS != 0)
        return work_source_fail(&p->source, p->rate > 0 ? "rate" : "packet_rate", err,
                                "so slow that packets are more than 1000 s apart");
    return sim_sampler_init(&p->gap, SIM_DIST_EXPONENTIAL, (int64_t)mean, 0,
                            sim_comp_arena(&p->source.base), &why) ||
           work_source_fail(&p->source, "rate", err, "%s", why.text);
}

static bool init_onoff(struct work_synthetic *p, struct sim_err *err) {
    sim_u128 mean = mean_gap(p, p->rate, p->packet_rate), peak = mean_gap(p, p->peak, 0);
    if (peak >= mean)
        return work_source_fail(&p->source, "peak", err,
                                "is not above the mean rate; bursts need a higher one");
    work_pace_init(&p->pace, p->peak, 0, p->source.start);
    return init_gap(p, (mean - peak) * (uint64_t)p->burst, err);
}

static bool init_times(struct work_synthetic *p, struct sim_err *err) {
    p->source.due = p->source.start;
    if (p->outstanding > 0) {
        p->source.next = next_closed;
        work_loop_init(&p->loop, p->outstanding, p->outstanding, p->source.start,
                       sim_comp_arena(&p->source.base));
        p->source.stream->reply = reply;
        p->source.stream->lost = lost;
        return true;
    }
    if (p->arrivals == POISSON) {
        p->source.next = next_poisson;
        return init_gap(p, mean_gap(p, p->rate, p->packet_rate), err);
    }
    if (p->arrivals == ONOFF) {
        p->source.next = next_onoff;
        return init_onoff(p, err);
    }
    work_pace_init(&p->pace, p->rate, p->packet_rate, p->source.start);
    return true;
}

/* ---------------------------------------------------------------- the model */

static struct work_frame_kind kind_of(const struct work_synthetic *p) {
    return (struct work_frame_kind){.tcp = p->protocol == 1, .ipv6 = p->version == 6};
}

static void init_packets(struct work_synthetic *p) {
    struct sim_arena *arena = sim_comp_arena(&p->source.base);
    const struct work_sizes *z = &p->sizes;
    int64_t most = MAX_RECORDS / z->n;
    p->table_flows = (uint32_t)(p->n_flows < most ? p->n_flows : most);
    p->table = sim_alloc_n(arena, (size_t)p->table_flows * z->n, sizeof *p->table);
    for (uint32_t f = 0; f < p->table_flows; f++)
        for (uint32_t i = 0; i < z->n; i++) {
            struct packet *packet = &p->table[(size_t)f * z->n + i];
            work_frame_parse(kind_of(p), f, z->bytes[i], packet);
            packet->flow = packet->conversation = f;
        }
    p->rss = sim_alloc(arena, sizeof *p->rss);
    packet_rss_table_init(p->rss, packet_rss_key);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct work_synthetic *p = (struct work_synthetic *)comp;
    struct sim_err why = {0};
    work_source_init(&p->source, next_constant);
    if (!check(p, err))
        return false;
    if (!work_sizes_read(&p->sizes, p->size_list, work_frame_least(kind_of(p)), &why))
        return work_source_fail(&p->source, "sizes", err, "%s", why.text);
    sim_comp_rng(comp, "sizes", &p->size_rng);
    sim_comp_rng(comp, "flows", &p->flow_rng);
    sim_comp_rng(comp, "gaps", &p->gap_rng);
    p->flow = (uint32_t)p->n_flows - 1; /* so that the first is 0 */
    init_packets(p);
    return init_times(p, err);
}

static void start(struct sim_comp *comp) {
    struct work_synthetic *p = (struct work_synthetic *)comp;
    for (size_t i = 0; i < (size_t)p->table_flows * p->sizes.n; i++)
        sim_world_facts(comp->world, &p->table[i]);
    work_source_start(&p->source);
}

#define AT(member) offsetof(struct work_synthetic, member)

static const struct sim_field params[] = {
    {"arrivals", SIM_ENUM, AT(arrivals), 0, 0, "constant", "constant|poisson|onoff",
     "how packets are spread over time", NULL},
    {"rate", SIM_RATE, AT(rate), 0, 1000000000000000, "0b/s", NULL,
     "mean bits per second on the wire (frame, preamble and gap); 0: see packet_rate", NULL},
    {"packet_rate", SIM_PER_S, AT(packet_rate), 0, SIM_PS_PER_S, "0", NULL,
     "mean packets per second; 0: see rate", NULL},
    {"burst", SIM_COUNT, AT(burst), 0, 1000000, "0", NULL,
     "onoff: mean packets of a burst (geometric)", NULL},
    {"peak", SIM_RATE, AT(peak), 0, 1000000000000000, "0b/s", NULL,
     "onoff: bits per second on the wire within a burst", NULL},
    {"sizes", SIM_STRING, AT(size_list), 0, 0, "imix", "number",
     "frame bytes with FCS: \"1518\", weighted \"64:7,594:4,1518:1\", or \"imix\", which is "
     "that list",
     NULL},
    {"flows", SIM_COUNT, AT(n_flows), 1, 1 << 30, "1024", NULL, "different five-tuples", NULL},
    {"flow_order", SIM_ENUM, AT(order), 0, 0, "uniform", "uniform|round-robin",
     "which flow is next", NULL},
    {"train", SIM_COUNT, AT(train), 1, 1000000, "1", NULL,
     "packets that a flow sends one after another before the next flow's turn: what LRO, GRO "
     "and "
     "TSO make use of",
     NULL},
    {"protocol", SIM_ENUM, AT(protocol), 0, 0, "udp", "udp|tcp", "of all packets", NULL},
    {"version", SIM_COUNT, AT(version), 0, 0, "4", "4|6", "of IP", NULL},
    {"outstanding", SIM_COUNT, AT(outstanding), 0, 1 << 24, "0", NULL,
     "closed loop of so many requests; 0: open, at the stated rate", NULL},
    {"timeout", SIM_TIME, AT(timeout), 1, INT64_MAX / 4, "100us", NULL,
     "closed loop: from the drop of a request to the one in its place",
     "assumed: a few round trips of a retransmission timer"},
    {"think", SIM_TIME, AT(think), 0, INT64_MAX / 4, "0s", NULL,
     "closed loop: from a reply to the next request, at least 1ps", NULL},
    WORK_SOURCE_PARAMS(struct work_synthetic),
    {.name = NULL}};

static const struct sim_field stats[] = {
    WORK_SOURCE_STATS(struct work_synthetic),
    {.name = "timeouts",
     .unit = SIM_COUNT,
     .offset = AT(timeouts),
     .doc = "closed loop: requests that were dropped over the whole run"},
    {.name = "replies",
     .unit = SIM_COUNT,
     .offset = AT(replies),
     .doc = "closed loop: replies that came back over the whole run"},
    {.name = "bursts",
     .unit = SIM_COUNT,
     .offset = AT(bursts),
     .doc = "onoff: bursts that ended over the whole run"},
    {.name = NULL}};

const struct sim_model work_source_synthetic = {.name = "synthetic",
                                                .doc = "makes up packets",
                                                .size = sizeof(struct work_synthetic),
                                                .params = params,
                                                .stats = stats,
                                                .init = init,
                                                .start = start};
