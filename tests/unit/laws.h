/* laws.h - one operation of one block, idle and saturated, against closed forms that the test
 * works out from the parameters.
 *
 * Idle: packets come far apart; each waits for the block's clock at most, and stays for the sum
 * of the parts. Saturated: four times as many come as the block can take; it is busy all the
 * time, and serves one each occupancy. Both to the picosecond. What keeps a server beyond its
 * visit (a tag, a core that polls) is a law of its own: `held`.
 *
 * The block under test is "x". Beside it are "e", an engine that does anything in a nanosecond,
 * and "n", a NIC that costs next to nothing: for what has to be done to a packet before.
 */
#ifndef LAWS_TEST_H
#define LAWS_TEST_H

#include "app_run.h"

enum {
    NS = 1000,
    US = 1000000,
    FRAME = 1518,
    IP = FRAME - 18,
    PAYLOAD = IP - 28,
    REQUEST = 4096
};
#define PER_S ((int64_t)1000000000000)
/* Picoseconds that `bytes` take at so many bits a second, as the two numbers of a fraction. */
#define LINE(bytes, bps) (int64_t)(bytes) * 8 * 1000, (int64_t)(bps) / 1000000000
#define CEIL(a, b)       (((int64_t)(a) + (b)-1) / (b))
#define LINE_PS(...)     LINE_PS_(__VA_ARGS__)
#define LINE_PS_(a, b)   CEIL(a, b)

struct law {
    const char *model, *op;
    const char *params; /* of x */
    const char *args;   /* of its step */
    const char *before; /* steps in front of it, with their commas */
    const char *chain;  /* instead of the step and those: all steps */
    const char *chains; /* others, with a comma in front */
    const char *blocks; /* others, with a comma in front */
    const char *via;    /* keys of the route between all blocks, with a comma in front: the law
                           is about a hop of it */
    struct {
        int64_t ps, of; /* ps / of: keeps the next one out */
    } busy;             /* 0: nothing does, and there is no rate to reach */
    sim_ps latency;     /* stays in */
    sim_ps wait;        /* idle: for the clock */
    uint32_t servers;   /* 0: one */
    uint32_t burst;     /* begin together; 0: as many as there are servers */
    uint32_t stage, flows;
    const char *rw;      /* it serves requests of source fio, of this kind; NULL: packets */
    const char *no_rate; /* why its rate is not asked for here */
    const char *full;    /* the port that is busy all the time, not the one visited */
    bool held;           /* busy is how long a server is kept, latency the whole chain's */
    uint32_t items;      /* of the saturated run; 0: 4,000 */
};

static const char laws_world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"
    " 'x': { 'model': '%s'%s%s },"
    " 'e': { 'model': 'engine', 'clock': '1GHz', 'pipeline_cycles': 0, 'ring': 64,"
    "   'aes-gcm-encrypt': 10000, 'aes-xts-encrypt': 10000, 'esp-encap': 10000,"
    "   'macsec-protect': 10000, 'tls-encrypt': 10000, 'deflate-compress': 10000,"
    "   'lz4-compress': 10000 },"
    " 'n': { 'model': 'nic', 'packet_rate': '10000M/s' }%s },"
    " 'routes': { 'r': { 'from': [%s], 'to': [%s]%s } } },"
    " 'chains': { 'c': [ %s ]%s },"
    " 'streams': { 's': { %s } },"
    " 'run': { 'warmup': '%lldps', 'duration': '%lldps', 'drain': '%lldps' } }";

static struct app_scenario s;

/* "'x','e','n'" and what `blocks` names: every quoted name in front of a colon and brace. */
static const char *names_of(const struct law *l) {
    static char names[256];
    size_t n = (size_t)snprintf(names, sizeof names, "'x','e','n'");
    for (const char *at = l->blocks; at != NULL && (at = strstr(at, "': {")) != NULL; at++) {
        const char *from = at;
        while (from[-1] != '\'')
            from--;
        n += (size_t)snprintf(names + n, sizeof names - n, ",'%.*s'", (int)(at - from), from);
    }
    return names;
}

static const char *or_none(const char *text) { return text != NULL ? text : ""; }

static void stream_of(const struct law *l, sim_ps gap, char *text, size_t size) {
    long long rate = CEIL(PER_S, gap);
    if (l->rw == NULL)
        snprintf(text, size,
                 "'source': 'synthetic', 'packet_rate': '%lld/s', 'sizes': '%d', 'flows': %u, "
                 "'flow_order': 'round-robin', 'chain': 'c'",
                 rate, (int)FRAME, l->flows ? l->flows : 1);
    else
        snprintf(text, size,
                 "'source': 'fio', 'rw': '%s', 'bs': '%d', 'iodepth': 160, 'rate_iops': %lld, "
                 "'chain': { 'read': 'c', 'write': 'c', 'trim': 'c' }",
                 l->rw, REQUEST, rate);
}

static void law_load(const struct law *l, sim_ps gap, sim_ps warmup, sim_ps duration) {
    static char text[8192];
    char step[1024], stream[512];
    snprintf(step, sizeof step, "%s{ 'at': 'x', 'op': '%s'%s%s }%s", or_none(l->before), l->op,
             l->args ? ", " : "", or_none(l->args), l->rw ? ", { 'end': 'reply' }" : "");
    stream_of(l, gap, stream, sizeof stream);
    const char *names = names_of(l);
    snprintf(text, sizeof text, laws_world, l->model, l->params ? ", " : "", or_none(l->params),
             or_none(l->blocks), names, names, or_none(l->via), l->chain ? l->chain : step,
             or_none(l->chains), stream, (long long)warmup, (long long)duration,
             (long long)(4 * l->latency + US));
    load(&s, put("t.json", text), NULL, 0);
}

/* What the books have of the visits to x that the law is about. */
static const struct sim_step_stat *visits_of(const struct law *l) {
    const struct sim_world *w = s.world;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_step *step = &w->step[i];
        if (step->comp == comp_of(&s, "x") && step->op != NULL && step->stage == l->stage &&
            step->kind == (l->via ? SIM_STEP_VIA : SIM_STEP_VISIT) &&
            strcmp(step->op->name, l->op) == 0 &&
            (l->via == NULL || s.stream[0].stream->step[i]->served > 0)) /* one a verdict */
            return s.stream[0].stream->step[i];
    }
    ck_abort_msg("no visit of %s at %s", l->op, l->model);
    return NULL;
}

static const struct sim_port *port_of(const struct sim_step_stat *stat) {
    const struct sim_comp *x = comp_of(&s, "x");
    for (uint32_t i = 0; i < x->ports; i++)
        if (x->port[i]->id == stat->port)
            return x->port[i];
    ck_abort_msg("no port");
    return NULL;
}

static const struct sim_port *port_named(const char *name) {
    const struct sim_comp *x = comp_of(&s, "x");
    for (uint32_t i = 0; i < x->ports; i++)
        if (strcmp(x->port[i]->name, name) == 0)
            return x->port[i];
    ck_abort_msg("no port %s", name);
    return NULL;
}

static void all_are(const struct law *l, const char *what, const struct sim_hist *h,
                    sim_ps want) {
    ck_assert_uint_gt(h->count, 0);
    ck_assert_msg(h->max == want && h->sum == (sim_u128)(uint64_t)want * h->count,
                  "%s %s: %s is %lld ps (mean %.3f), not %lld", l->model, l->op, what,
                  (long long)h->max, sim_hist_mean(h), (long long)want);
}

static void law_idle(const struct law *l) {
    sim_ps gap = 10 * US, busy = CEIL(l->busy.ps, l->busy.of ? l->busy.of : 1);
    while (gap < 2 * (l->latency + busy))
        gap *= 10;
    law_load(l, gap, 50 * gap, 50 * gap);
    run(&s);
    const struct sim_step_stat *stat = visits_of(l);
    ck_assert_msg(stat->served == 50, "%s %s: %llu served, not 50", l->model, l->op,
                  (unsigned long long)stat->served);
    if (l->held) {
        uint64_t kept = (uint64_t)port_of(stat)->busy_ps;
        all_are(l, "latency", &s.stream[0].stream->latency, l->latency);
        ck_assert_msg(kept == 50 * (uint64_t)l->busy.ps, "%s %s: held for %.3f ps, not %lld",
                      l->model, l->op, (double)kept / 50, (long long)l->busy.ps);
    } else {
        all_are(l, "wait", &stat->wait, l->wait);
        all_are(l, "service", &stat->service, l->latency);
    }
    app_scenario_free(&s);
}

static void law_saturated(const struct law *l) {
    int64_t servers = l->servers ? l->servers : 1, burst = l->burst ? l->burst : servers;
    int64_t of = l->busy.of ? l->busy.of : 1, n = l->items ? l->items : 4000;
    sim_ps each = CEIL(l->busy.ps, of * servers), gap = CEIL(each, 4);
    sim_ps window = n * l->busy.ps / (of * servers);
    const sim_ps learn = 50 * US; /* what the first packets teach a table */
    law_load(l, gap, 64 * each + 4 * l->latency + learn, window);
    run(&s);
    const struct sim_step_stat *stat = visits_of(l);
    const struct sim_port *full = l->full != NULL ? port_named(l->full) : port_of(stat);
    int64_t served = (int64_t)stat->served, busy = (int64_t)full->busy_ps;
    ck_assert_msg(served >= n - burst && served <= n + burst,
                  "%s %s: %lld served in %lld ps, not %lld", l->model, l->op, (long long)served,
                  (long long)window, (long long)n);
    window *= l->full != NULL ? (int64_t)full->servers : servers;
    ck_assert_msg(busy == window || l->held, "%s %s: idle for %lld of %lld ps", l->model, l->op,
                  (long long)(window - busy), (long long)window);
    app_scenario_free(&s);
}

static void law_holds(const struct law *l) {
    law_idle(l);
    if (l->no_rate == NULL && l->busy.ps > 0)
        law_saturated(l);
}

#endif
