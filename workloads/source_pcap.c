/* source_pcap.c - replays a capture: at its own pace, faster, or at a stated rate; looped.
 *
 * What is replayed are the facts of each record (packet_parse) and its size on Ethernet. A
 * looped capture of up to table_records packets is held in memory and shared by all messages;
 * else records are read as they are needed, in constant memory, and their facts travel with
 * the message. On looping, the gap from the last packet to the first is the mean gap.
 * Copies of a looped capture that are under way at once, and their flows: see spread.h and
 * flows.h; what a config says of the loop: replay_loop.h. Left out: more new flows than the
 * capture has, in each pass (refused); TCP's reactions: a capture says what was sent.
 */
#include "workloads/replay_loop.h"

enum { PPM = 1000000 };

extern const struct sim_model work_source_pcap; /* named by registry.c */

struct work_pcap {
    struct work_source source;
    /* parameters */
    const char *file;
    int64_t skip_bad, speed, rate, packet_rate, table_records;
    const struct json_t *loop;
    struct work_replay_loop looping;
    struct work_replay replay;
    /* pace */
    bool paced; /* by `pace`, else by the capture's times */
    struct work_pace pace;
    uint64_t mul, div; /* 1 / speed, reduced */
    sim_u128 pass_ps;  /* of one pass at the capture's own pace */
    /* the loop */
    int64_t at; /* next of the table */
    uint64_t pass;
    bool pass_begins;
    struct work_flows flows;
    struct packet_rss_table *rss;
    int64_t passes, copies; /* statistics */
};

static struct work_pcap *pcap_of(struct work_source *s) { return (struct work_pcap *)s; }

/* ---------------------------------------------------------------- times */

/* `ps` of the capture's time as time of the run, rounded up. */
static inline sim_u128 stretch(const struct work_pcap *p, sim_u128 ps) {
    uint64_t product;
    if (p->div == 1)
        return ps * p->mul;
    if (ps <= UINT64_MAX && !__builtin_mul_overflow((uint64_t)ps, p->mul, &product))
        return product / p->div + (product % p->div != 0);
    return (ps * p->mul + p->div - 1) / p->div;
}

static inline sim_ps capture_time(const struct work_pcap *p, int64_t at_ns) {
    sim_u128 own = p->pass * p->pass_ps + (sim_u128)(uint64_t)at_ns * SIM_PS_PER_NS;
    sim_u128 t = stretch(p, own) + (uint64_t)p->source.start;
    return t < SIM_NEVER ? (sim_ps)t : SIM_NEVER - 1; /* after the end of any run */
}

/* Of one pass of the loop. */
static struct work_span pass_span(const struct work_pcap *p) {
    sim_u128 n = (uint64_t)p->replay.records;
    sim_u128 bits = (p->replay.frame_bytes + n * WORK_WIRE_OVERHEAD) * 8;
    if (p->rate > 0)
        return (struct work_span){bits * (uint64_t)SIM_PS_PER_S, (uint64_t)p->rate};
    if (p->packet_rate > 0)
        return (struct work_span){n * (uint64_t)SIM_PS_PER_S, (uint64_t)p->packet_rate};
    return (struct work_span){p->pass_ps * p->mul, p->div};
}

/* Last record minus first, plus the mean gap. */
static void measure_pass(struct work_pcap *p) {
    uint64_t gaps = (uint64_t)p->replay.records - 1;
    sim_u128 span = (sim_u128)(uint64_t)p->replay.staged.at_ns * SIM_PS_PER_NS;
    p->pass_ps = gaps ? span + (span + gaps / 2) / gaps : 0;
}

/* ---------------------------------------------------------------- checks, before the run */

static bool check_pace(const struct work_pcap *p, struct sim_err *err) {
    const struct work_source *s = &p->source;
    if (p->rate > 0 && p->packet_rate > 0)
        return work_source_fail(s, "packet_rate", err,
                                "\"rate\" is stated too; state one of the two");
    if ((p->rate > 0 || p->packet_rate > 0) && p->speed != PPM)
        return work_source_fail(s, "speed", err,
                                "has no effect beside \"%s\"; state one of the two",
                                p->rate > 0 ? "rate" : "packet_rate");
    if (p->loop == NULL && p->table_records != 1 << 20)
        return work_source_fail(s, "table_records", err, "has no effect without \"loop\"");
    return true;
}

/* ---------------------------------------------------------------- scheduling */

static bool opens(const struct packet *p) {
    enum { SYN = 2 };
    return p->heads > 0 && (p->head[p->heads - 1].tcp_flags & SYN);
}

/* The flow instance of a packet, and what that does to its hash. Its conversation is renewed as
 * the first of its flows is. */
static inline void renew(struct work_pcap *p, const struct work_replay_record *r) {
    const struct packet *packet = &r->packet;
    struct sim_msg *m = &p->source.like;
    if (p->pass_begins)
        work_flows_pass(&p->flows);
    struct work_instance of = work_flows_at(&p->flows, packet->conversation, r->lag);
    uint32_t turn = (uint32_t)of.turn, mask = packet_flow_mask(turn);
    m->flow = turn + packet->flow;
    m->hash = packet->head[0].rss ^ work_rss_delta(p->rss, packet->head[0].version, mask);
    bool stands = of.again && (!of.ends || opens(packet));
    m->flags = (uint8_t)((of.old ? SIM_MSG_OLD : 0) | (stands ? SIM_MSG_AGAIN : 0));
}

static inline bool schedule(struct work_pcap *p, const struct work_replay_record *r) {
    struct work_source *s = &p->source;
    const struct packet *packet = &r->packet;
    s->due =
        p->paced ? work_pace_take(&p->pace, packet->frame_bytes) : capture_time(p, r->at_ns);
    s->like.bytes = packet->frame_bytes;
    s->like.body = packet;
    if (p->looping.renumber) {
        renew(p, r);
    } else {
        s->like.flow = packet->flow;
        s->like.hash = packet->head[0].rss;
    }
    p->passes += p->pass_begins;
    p->pass_begins = false;
    return s->due != SIM_NEVER;
}

/* One more pass? */
static bool another(struct work_pcap *p) {
    if (p->loop == NULL || (p->looping.times > 0 && p->passes >= p->looping.times))
        return false;
    p->pass++;
    p->pass_begins = true;
    return true;
}

static bool next_of_table(struct work_source *s) {
    struct work_pcap *p = pcap_of(s);
    if (p->at == p->replay.records) {
        if (!another(p))
            return false;
        p->at = 0;
    }
    return schedule(p, &p->replay.table[p->at++]);
}

static void stop(struct work_source *s) { work_replay_close(&pcap_of(s)->replay); }

/* The blocks' facts of a packet. @return false when one of them gives up; err names it. */
static bool add_facts(const struct work_replay *r, struct sim_world *w, struct packet *packet) {
    sim_world_facts(w, packet);
    if (w->failed)
        sim_err_add(&w->err, "; met in packet %llu of \"%s\"", (unsigned long long)r->read,
                    r->file);
    return !w->failed;
}

/* A damaged or vanished file while running. */
static bool fail_run(struct work_pcap *p) {
    p->source.base.world->failed = true;
    stop(&p->source);
    return false;
}

static bool next_of_file(struct work_source *s) {
    struct work_pcap *p = pcap_of(s);
    struct sim_world *w = s->base.world;
    if (p->replay.capture == NULL)
        return false;
    enum work_status status = work_replay_next(&p->replay, &w->err);
    if (status == WORK_END && another(p)) {
        if (!work_replay_rewind(&p->replay, &w->err))
            return fail_run(p);
        status = work_replay_next(&p->replay, &w->err);
    }
    if (status == WORK_DAMAGED)
        return fail_run(p);
    if (status == WORK_END) {
        stop(s);
        return false;
    }
    if (!add_facts(&p->replay, w, &p->replay.staged.packet))
        return fail_run(p);
    p->replay.staged.packet.bytes = NULL; /* the message outlives them */
    return schedule(p, &p->replay.staged);
}

/* ---------------------------------------------------------------- the model */

static void init_pace(struct work_pcap *p) {
    p->paced = p->rate > 0 || p->packet_rate > 0;
    if (p->paced)
        work_pace_init(&p->pace, p->rate, p->packet_rate, p->source.start);
    p->mul = PPM;
    p->div = (uint64_t)p->speed;
    for (uint64_t f = 2; f <= 5; f += 3) /* a million is 2^6 * 5^6 */
        for (; p->mul % f == 0 && p->div % f == 0; p->div /= f)
            p->mul /= f;
}

static bool init_loop(struct work_pcap *p, struct sim_err *err) {
    struct work_replay_loop *l = &p->looping;
    struct sim_arena *arena = sim_comp_arena(&p->source.base);
    if (!work_replay_loop_read(l, p->loop, &p->source, err))
        return false;
    p->replay.spreads = l->renumber;
    work_replay_init(&p->replay);
    if (!work_replay_survey(&p->replay, err))
        return false;
    measure_pass(p);
    struct work_span pass = pass_span(p);
    bool faster = p->pass_ps == 0 || pass.ps < p->pass_ps * pass.of;
    if (!work_replay_loop_check(l, &p->replay, pass, faster, &p->source, err))
        return false;
    if (!l->renumber)
        return true;
    p->copies = l->concurrent / p->replay.flows;
    work_replay_spread(&p->replay, (uint32_t)p->copies);
    work_flows_init(&p->flows, (uint32_t)p->copies, (uint32_t)p->replay.flows,
                    pass.ps * (uint64_t)l->per_s, pass.of * (uint64_t)SIM_PS_PER_S);
    p->rss = sim_alloc(arena, sizeof *p->rss);
    packet_rss_table_init(p->rss, packet_rss_key);
    return true;
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct work_pcap *p = (struct work_pcap *)comp;
    struct work_replay *r = &p->replay;
    work_source_init(&p->source, next_of_file);
    p->source.stop = stop;
    if (!check_pace(p, err))
        return false;
    *r = (struct work_replay){.file = p->file,
                              .skip_bad = p->skip_bad,
                              .table_records = p->table_records,
                              .arena = sim_comp_arena(comp)};
    init_pace(p);
    p->pass_begins = true;
    p->copies = 1;
    if (p->loop == NULL)
        work_replay_init(r);
    if (!(p->loop != NULL ? init_loop(p, err) : work_replay_peek(r, err)))
        return false;
    if (r->table != NULL) {
        p->source.next = next_of_table;
        return true;
    }
    SIM_ASSERT(comp->node->pool.body_bytes >= sizeof(struct packet));
    p->source.fresh = &r->staged.packet;
    return true;
}

static bool look(const void *source, struct packet *packet) {
    const struct work_pcap *p = source;
    return add_facts(&p->replay, p->source.base.world, packet);
}

/* Facts of the table: of the headers, and where a block wants it of the payload, for which the
 * capture is read once more. */
static bool table_facts(struct work_pcap *p, struct sim_world *w) {
    struct work_replay *r = &p->replay;
    bool wanted = false;
    for (int64_t i = 0; i < r->records; i++) {
        sim_world_facts(w, &r->table[i].packet);
        wanted |= r->table[i].packet.wanted;
    }
    return !wanted || w->failed || work_replay_look(r, look, p, &w->err);
}

static void start(struct sim_comp *comp) {
    struct work_pcap *p = (struct work_pcap *)comp;
    struct work_replay *r = &p->replay;
    struct sim_world *w = comp->world;
    if (r->table != NULL ? !table_facts(p, w) : !work_replay_open(r, &w->err)) {
        w->failed = true;
        return;
    }
    work_source_start(&p->source);
}

#define AT(member) offsetof(struct work_pcap, member)

static const struct sim_field params[] = {
    {"file", SIM_STRING, AT(file), 0, 0, NULL, "file",
     "pcap, pcapng or snoop capture, plain or compressed; \"-\" is standard input", NULL},
    {"skip_bad", SIM_BOOL, AT(skip_bad), 0, 0, "false", NULL,
     "take the packets before damage as the capture, instead of failing", NULL},
    {"speed", SIM_RATIO, AT(speed), 1, 1000000LL * PPM, "1", NULL,
     "factor on the capture's own pace", NULL},
    {"rate", SIM_RATE, AT(rate), 0, 1000000000000000, "0b/s", NULL,
     "replay at this many bits per second on the wire (frame, preamble and gap) instead; 0: no",
     NULL},
    {"packet_rate", SIM_PER_S, AT(packet_rate), 0, SIM_PS_PER_S, "0", NULL,
     "replay at this many packets per second instead; 0: no", NULL},
    {"loop", SIM_JSON, AT(loop), 0, 0, "", WORK_REPLAY_LOOP,
     "replay again when it ends: {flows, concurrent_flows, new_flows_per_s, times}", NULL},
    {"table_records", SIM_COUNT, AT(table_records), 0, 1 << 26, "1048576", NULL,
     "a looped capture of up to so many packets is held in memory; larger ones are read again",
     NULL},
    WORK_SOURCE_PARAMS(struct work_pcap),
    {.name = NULL}};

#define COUNT(key, member, text)                                                               \
    { .name = key, .unit = SIM_COUNT, .offset = AT(member), .doc = text }

static const struct sim_field stats[] = {
    WORK_SOURCE_STATS(struct work_pcap),
    COUNT("records", replay.records, "packets read of the capture, in its first pass"),
    COUNT("captured_flows", replay.flows, "different five-tuples among them"),
    COUNT("passes", passes, "passes begun"),
    COUNT("copies", copies,
          "copies of the capture under way at once, of captured_flows flows each"),
    COUNT("backwards", replay.backwards,
          "packets older than an earlier one, replayed at the time of that"),
    COUNT("not_packets", replay.customs,
          "records that hold no packet (custom blocks of pcapng): not replayed"),
    COUNT("damaged", replay.damaged, "1: the capture is damaged and was used up to there"),
    {.name = NULL}};

const struct sim_model work_source_pcap = {.name = "pcap",
                                           .doc = "replays a packet capture",
                                           .size = sizeof(struct work_pcap),
                                           .params = params,
                                           .stats = stats,
                                           .init = init,
                                           .start = start};
