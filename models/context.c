/* context.c - what an RDMA NIC must know to serve a message: the queue pair's context and the
 * translation of the memory it names, kept in host memory and cached on the chip.
 *
 * Models: a cache of queue-pair contexts and one of
 * lines of translations (of the pages that a message touches in its stream's memory region);
 * sets, least recently used out; what is missing is read over PCIe, one after the other for a
 * message, with a bound on the reads under way of all. So the miss cliff: while the queue pairs
 * and pages in use fit, a look-up takes a stage's time, beyond it is the reads that set the
 * rate. Whose context: a flow of the stream is a queue pair; or several flows share one, as
 * they do a security association of IPsec: neighbours by number, or all from or to one network,
 * of whatever stream. A context counts its messages: the sequence numbers that it gives. Leaves
 * out: that packets of one context which overtake one another on other ways can fall out of the
 * receiver's replay window; new keys before the numbers run out; the bytes of the reads on the
 * link (they are counted; a chain can carry them by the verdict miss, with fetch_latency 0);
 * the write of changed contexts back; prefetching; memory keys and protection; completion-queue
 * contexts; two messages that wait for one read. Whose numbers: docs/sources.md, section 3d.
 */
#include "models/fetch.h"
#include "models/flowtable.h"
#include "models/lru.h"
#include "models/mix.h"
#include "models/payload.h"
#include "models/sequence.h"
#include "models/tunnel.h"
#include "sim/engine/model.h"
#include "sim/engine/row.h"
#include <string.h>

enum { OK, MISS };
enum { RANDOM, SEQUENTIAL };
enum { BY_FLOW, BY_SOURCE, BY_DESTINATION };

/* Kept apart from the state of the block: what a refused service did to it stays. */
struct context_tables {
    struct lru qp, mtt;
    struct fetch fetch;
    struct sequence sequence;
};

struct context {
    struct sim_comp base;
    int64_t qp_entries, qp_bytes, mtt_lines, mtt_line_bytes, pages_per_line, ways;
    int64_t page_bytes, region_bytes, access, rate, latency, queue, fetch_latency, fetches_max;
    int64_t by, flows_per_context, prefix_ipv4, prefix_ipv6;
    int64_t contexts, sequence_highest;
    int64_t qp_hits, qp_misses, mtt_hits, mtt_misses, bytes_read;
    struct sim_ser pace; /* look-ups a second, one "bit" each */
    struct context_tables *tables;
};

#define AT(name) offsetof(struct context, name)
static const struct sim_field params[] = {
    {"qp_entries", SIM_COUNT, AT(qp_entries), 1, 1 << 24, "5592", NULL,
     "contexts of queue pairs kept on the chip, a multiple of ways",
     "erpc: 2 MB on the chip of a ConnectX-5 at 375 B a connection"},
    {"qp_bytes", SIM_BYTES, AT(qp_bytes), 1, 65536, "375B", NULL, "bytes of a context",
     "erpc: 375 B a connection"},
    {"by", SIM_ENUM, AT(by), 0, 0, "flow", "flow|source|destination",
     "what has a context: a flow of a stream; or the network that the address of the outermost "
     "IP header is in, for all flows and streams: a tunnel's security association. A message "
     "without such a header goes by its flow",
     NULL},
    {"flows_per_context", SIM_COUNT, AT(flows_per_context), 1, 1 << 30, "1", NULL,
     "by flow: flows of a stream with neighbouring numbers that share one",
     "assumed: a queue pair each"},
    {"prefix_ipv4", SIM_COUNT, AT(prefix_ipv4), 0, 32, "32", NULL,
     "bits of an IPv4 address that name the network; 0: all share one",
     "assumed: an association for each host; a site's is e.g. 24"},
    {"prefix_ipv6", SIM_COUNT, AT(prefix_ipv6), 0, 128, "128", NULL,
     "bits of an IPv6 address that name the network; 0: all share one",
     "assumed: an association for each host; a site's is e.g. 48"},
    {"mtt_lines", SIM_COUNT, AT(mtt_lines), 1, 1 << 24, "4096", NULL,
     "lines of translations kept on the chip, a multiple of ways",
     "assumed: not documented; sweep it"},
    {"mtt_line_bytes", SIM_BYTES, AT(mtt_line_bytes), 8, 4096, "64B", NULL,
     "bytes of such a line", "assumed: a line of the host's cache"},
    {"pages_per_line", SIM_COUNT, AT(pages_per_line), 1, 512, "8", NULL,
     "translations in a line", "assumed: 8 bytes each, an address"},
    {"ways", SIM_COUNT, AT(ways), 1, 1024, "8", NULL, "entries of a set, of both caches",
     "assumed: not documented"},
    {"page_bytes", SIM_BYTES, AT(page_bytes), 4096, 1LL << 40, "4KiB", NULL,
     "bytes of a page of registered memory; with huge pages 2MiB", "assumed: ordinary pages"},
    {"region_bytes", SIM_BYTES, AT(region_bytes), 0, 1LL << 50, "0B", NULL,
     "memory that the messages of a stream go to or come from; 0: no translations looked up",
     NULL},
    {"access", SIM_ENUM, AT(access), 0, 0, "random", "random|sequential",
     "where in it the next message begins: at any page, or behind the one before", NULL},
    {"rate", SIM_PER_S, AT(rate), 1, 100000000000, "330M/s", NULL, "messages per second",
     "pub:cx7-msgrate (330 to 370 M messages/s of a ConnectX-7, lower end)"},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "50ns", NULL,
     "time of a look-up, all on the chip", "assumed: one stage of the NIC pipeline"},
    {"queue", SIM_COUNT, AT(queue), 1, 1 << 20, "64", NULL,
     "messages held; when it is full the block before it waits",
     "assumed: as in a stage of the NIC pipeline"},
    {"fetch_latency", SIM_TIME, AT(fetch_latency), 0, SIM_PS_PER_S, "500ns", NULL,
     "time of a read of host memory", "pub:pcie-lat-BDW-cmd, pcie-lat-HSW-cmd: 480 and 506 ns"},
    {"fetches", SIM_COUNT, AT(fetches_max), 1, 65536, "32", NULL,
     "such reads under way at most", "assumed: an eighth of 256 tags; the others are for data"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    SIM_STAT("contexts", AT(contexts), SIM_COUNT,
             "different contexts that messages came to since the run began"),
    SIM_STAT("sequence_highest", AT(sequence_highest), SIM_COUNT,
             "messages since then of the one that most came to: its sequence number"),
    SIM_STAT("qp_hits", AT(qp_hits), SIM_COUNT,
             "messages whose queue pair's context was on the chip"),
    SIM_STAT("qp_misses", AT(qp_misses), SIM_COUNT,
             "messages whose queue pair's context had to be read"),
    SIM_STAT("mtt_hits", AT(mtt_hits), SIM_COUNT,
             "lines of translations that were on the chip"),
    SIM_STAT("mtt_misses", AT(mtt_misses), SIM_COUNT,
             "lines of translations that had to be read"),
    {.name = "bytes_read",
     .unit = SIM_BYTES,
     .offset = AT(bytes_read),
     .doc = "bytes of contexts and translations read from host memory"},
    {.name = NULL}};
#undef COUNT

static const struct sim_op ops[] = {
    {.name = "look-up", .doc = "have the message's contexts on the chip"}, {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [MISS - 1] = {"miss", "next", "something had to be read"}, {NULL, NULL, NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct context *c = (struct context *)comp;
    struct sim_arena *arena = sim_comp_arena(comp);
    if (!lru_whole_sets(&c->base, "qp_entries", c->qp_entries, "ways", c->ways, err) ||
        !lru_whole_sets(&c->base, "mtt_lines", c->mtt_lines, "ways", c->ways, err))
        return false;
    struct context_tables *t = c->tables = sim_alloc(arena, sizeof *t);
    lru_init(&t->qp, (uint32_t)c->qp_entries, (uint32_t)c->ways, arena);
    lru_init(&t->mtt, (uint32_t)c->mtt_lines, (uint32_t)c->ways, arena);
    sim_ser_init(&c->pace, sim_rate_make((uint64_t)c->rate, 1, 1));
    sim_port_add(comp, &(struct sim_port_opts){
                           .name = "look-up", .capacity = c->queue, .full = SIM_FULL_WAIT});
    sequence_init(&t->sequence, arena);
    fetch_init(&t->fetch, &c->base, (uint32_t)c->fetches_max, c->fetch_latency);
    return true;
}

/* Where in its stream's region a message begins. */
static uint64_t place_of(const struct context *c, const struct sim_msg *m) {
    uint64_t number = m->id & ((1ULL << 40) - 1), page = (uint64_t)c->page_bytes;
    uint64_t region = (uint64_t)c->region_bytes, pages = (region + page - 1) / page;
    if (c->access == RANDOM)
        return (uint64_t)((sim_u128)mix64(m->id) * pages >> 64) * page;
    return (uint64_t)((sim_u128)number * m->bytes % region);
}

/* The reads of a message: how many, and how long until the last one begins. */
struct reads {
    uint32_t n;
    sim_ps wait;
};

static void read_entry(struct context *c, const struct sim_msg *m, int64_t *counter,
                       int64_t bytes, sim_ps start, struct reads *r) {
    sim_ps wait = fetch_begin(&c->tables->fetch, m, start);
    r->n++;
    r->wait = wait > r->wait ? wait : r->wait;
    sim_comp_count(&c->base, counter, start);
    if (sim_inside(c->base.world, start))
        c->bytes_read += bytes;
}

/* The lines that translate the pages that the message touches. */
static void translate(struct context *c, const struct sim_msg *m, sim_ps start,
                      struct reads *r) {
    uint64_t line_bytes = (uint64_t)(c->page_bytes * c->pages_per_line);
    uint64_t from = place_of(c, m), last = from + (m->bytes ? m->bytes - 1 : 0);
    uint64_t lines = ((uint64_t)c->region_bytes + line_bytes - 1) / line_bytes;
    for (uint64_t line = from / line_bytes; line <= last / line_bytes; line++) {
        uint64_t key = (uint64_t)m->stream << 48 | line % lines;
        if (lru_touch(&c->tables->mtt, key))
            sim_comp_count(&c->base, &c->mtt_hits, start);
        else
            read_entry(c, m, &c->mtt_misses, c->mtt_line_bytes, start, r);
    }
}

/* The network of an address, as a key; IPv4's and IPv6's are apart. */
static uint64_t network_of(const uint8_t *address, unsigned version, int64_t bits) {
    uint8_t net[16] = {0};
    int64_t whole = bits / 8, rest = bits % 8;
    memcpy(net, address, (size_t)whole);
    if (rest > 0)
        net[whole] = (uint8_t)(address[whole] & (0xff00U >> rest));
    uint64_t half[2];
    memcpy(half, net, sizeof half);
    return mix64(mix64(mix64(half[0]) + half[1]) + version);
}

/* Which context a message is of. A flow that a loop renews has another source address, in the
 * same network as long as that is more than one host. */
static uint64_t key_of(const struct context *c, const struct sim_msg *m) {
    const struct packet *p = m->body;
    unsigned level = tunnel_head(m->level);
    bool head = p != NULL && level < p->heads && p->head[level].version != 0;
    if (c->by == BY_FLOW || !head) {
        uint64_t key = flowtable_key(m);
        return c->by == BY_FLOW ? key - m->flow + m->flow / (uint64_t)c->flows_per_context
                                : key;
    }
    const struct packet_head *h = &p->head[level];
    bool v4 = h->version == 4;
    int64_t bits = v4 ? c->prefix_ipv4 : c->prefix_ipv6;
    if (c->by == BY_DESTINATION)
        return network_of(h->dst, h->version, bits);
    uint64_t key = network_of(h->src, h->version, bits);
    bool host = bits == (v4 ? 32 : 128);
    return host ? mix64(key + m->flow - (level ? p->inner_flow : p->flow)) : key;
}

/* The message has the next number of its context. */
static void number(struct context *c, uint64_t key) {
    struct sequence *s = &c->tables->sequence;
    int64_t next = (int64_t)sequence_next(s, key);
    c->contexts = (int64_t)s->contexts;
    c->sequence_highest = next > c->sequence_highest ? next : c->sequence_highest;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct context *c = (struct context *)comp;
    struct reads r = {0, 0};
    (void)port;
    (void)step;
    out->occupancy_ps = sim_ser_send(&c->pace, start, 1) - start;
    out->latency_ps = c->latency;
    uint64_t key = key_of(c, m);
    number(c, key);
    if (lru_touch(&c->tables->qp, key))
        sim_comp_count(comp, &c->qp_hits, start);
    else
        read_entry(c, m, &c->qp_misses, c->qp_bytes, start, &r);
    if (c->region_bytes > 0)
        translate(c, m, start, &r);
    if (r.n > 0) {
        fetch_pay(&c->tables->fetch, r.wait, out);
        out->verdict = MISS;
    }
}

static bool effect(const struct sim_comp *comp, const char *param) {
    const struct context *c = (const struct context *)comp;
    if (sim_listed("prefix_ipv4 prefix_ipv6", param))
        return c->by != BY_FLOW;
    if (sim_listed("flows_per_context", param))
        return c->by == BY_FLOW;
    return c->region_bytes > 0 ||
           !sim_listed("mtt_lines mtt_line_bytes pages_per_line page_bytes access", param);
}

const struct sim_model model_context = {
    .name = "context",
    .doc = "RDMA NIC's cache of queue-pair contexts and translations, with its miss cliff",
    .size = sizeof(struct context),
    .params = params,
    .stats = stats,
    .ops = ops,
    .memory = "bytes_read",
    .verdicts = verdicts,
    .init = init,
    .effect = effect,
    .serve = serve};
