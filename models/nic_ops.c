/* nic_ops.c - what the operations of the NIC pipeline do to a message; nic_steps.c says what
 * they are.
 */
#include "models/nic.h"
#include "models/train.h"

enum { FCS = 4 }; /* IEEE 802.3 */

/* Pass the stage of `port`: it takes the next packet 1/packet_rate later, exactly. */
static void pass(struct nic *n, enum nic_port port, sim_ps start, sim_ps latency,
                 struct sim_service *out) {
    out->occupancy_ps = sim_ser_send(&n->pace[port], start, 1) - start;
    out->latency_ps = latency;
}

/* Match-action stages in a row: pipelined, so only the latency adds up. */
static sim_ps stages(const struct nic *n, const struct sim_step *step) {
    const int64_t *args = step->args;
    return n->stage_latency * (args ? *args : 1);
}

static void count(const struct nic *n, int64_t *counter, sim_ps at) {
    sim_comp_count(&n->base, counter, at);
}

/* The outermost header that the facts know, or NULL when it is not IP. */
static const struct packet_head *head_of(const struct sim_msg *m) {
    const struct packet *p = m->body;
    unsigned level = tunnel_head(m->level);
    return p != NULL && level < p->heads ? &p->head[level] : NULL;
}

/* ---------------------------------------------------------------- hash */

/* What XORing `change` into the last four bytes of an address does to the hash. */
static uint32_t hash_change(const struct nic *n, const struct packet_head *head, bool dst,
                            uint32_t change) {
    const uint32_t(*of)[256] = n->rewrite->of[dst][head->version == 6];
    return of[0][change >> 24] ^ of[1][change >> 16 & 0xff] ^ of[2][change >> 8 & 0xff] ^
           of[3][change & 0xff];
}

/* The hash of the outermost header, as its flow was renewed. */
static uint32_t hash_of(const struct nic *n, const struct sim_msg *m) {
    const struct packet *p = m->body;
    const struct packet_head *head = head_of(m);
    uint32_t beyond = 0;
    if (head == NULL)
        return 0;
    if (tunnel_head(m->level) == 0)
        beyond = m->flow - p->flow;
    else if (p->inner_apart > 0)
        beyond = (m->flow - p->inner_flow) / p->inner_apart;
    return head->rss ^ hash_change(n, head, false, packet_flow_mask(beyond));
}

/* A card without RSS computes no hash: what it hands over has none. */
static void hash_or_none(const struct nic *n, struct sim_msg *m) {
    if (!n->rss)
        m->hash = 0;
}

/* ---------------------------------------------------------------- parser */

static void count_protocols(struct nic *n, const struct packet_head *head, sim_ps at) {
    if (head == NULL) {
        count(n, &n->non_ip, at);
        return;
    }
    count(n, head->version == 6 ? &n->ipv6 : &n->ipv4, at);
    if (head->flags & PACKET_FRAGMENT)
        count(n, &n->fragments, at);
    int64_t *l4 = head->l4 == PACKET_L4_TCP   ? &n->tcp
                  : head->l4 == PACKET_L4_UDP ? &n->udp
                                              : &n->other;
    count(n, l4, at);
}

/* Comes out at an edge of the pipeline's clock; the stages behind it run in step. */
static void parse(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                  struct sim_service *out) {
    const struct packet *p = m->body;
    const struct packet_head *head = head_of(m);
    (void)step;
    sim_ps done = sim_clock_edge(&n->domain, start + n->parse_latency);
    pass(n, NIC_PARSE, start, done - start, out);
    if (m->hash == 0) /* it has passed a card without RSS */
        m->hash = hash_of(n, m);
    hash_or_none(n, m);
    count_protocols(n, head, start);
    if (tunnel_ours(m->level) || (m->level == 0 && p != NULL && p->tunnel))
        count(n, &n->tunnelled, start);
    bool bad = false; /* in any header from the outermost inwards */
    for (unsigned i = tunnel_head(m->level); p != NULL && i < p->heads; i++)
        bad |= (p->head[i].flags & PACKET_BAD) != 0;
    if (!bad)
        return;
    count(n, &n->bad, start);
    out->verdict = NIC_BAD;
}

/* ---------------------------------------------------------------- flow table */

enum { ENTRY = 64 }; /* bytes: [ste-dump] */

/* A packet whose entry, or the lack of one, must be read from card memory comes out later, and
 * waits at the head of the stage while too many do. An entry that was read is on the chip. */
static void flow(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                 struct sim_service *out) {
    struct nic_table *t = n->table;
    uint64_t key = flowtable_key(m);
    bool old = (m->flags & SIM_MSG_OLD) && m->flow < n->flow_capacity;
    n->met_old |= old;
    bool hit = flowtable_find(&t->flows, key, start, old && n->resident);
    pass(n, NIC_FLOW, start, stages(n, step), out);
    if (n->cache_entries > 0 && (!hit || !lru_touch(&t->cache, key))) {
        fetch_wait(&t->fetch, m, start, out);
        count(n, &n->fetches, start);
        if (sim_inside(n->base.world, start))
            n->bytes_read += ENTRY;
    }
    count(n, hit ? &n->hits : &n->misses, start);
    if (!hit)
        out->verdict = NIC_MISS;
}

/* A flow that is there, or on its way, is not inserted twice: its packet only passes. */
static void insert(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                   struct sim_service *out) {
    struct sim_ser pace = n->insert_pace;
    sim_ps end = sim_ser_send(&pace, start, 1), done = start + n->insert_latency;
    (void)step;
    enum flow_added added =
        flowtable_add(&n->table->flows, flowtable_key(m), start, done > end ? done : end);
    if (added == FLOW_KNOWN) {
        pass(n, NIC_INSERT, start, n->stage_latency, out);
        count(n, &n->known, start);
        return;
    }
    n->insert_pace = pace;
    out->occupancy_ps = end - start;
    out->latency_ps = n->insert_latency;
    if (added == FLOW_FULL) {
        count(n, &n->full, start);
        out->verdict = NIC_FULL;
        return;
    }
    count(n, &n->inserted, start);
    if (added == FLOW_EVICTED)
        count(n, &n->evicted, start);
}

/* ---------------------------------------------------------------- headers */

static void encap(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                  struct sim_service *out, enum tunnel_kind kind) {
    const struct nic_encap_args *args = step->args;
    static const uint8_t verdict[] = {
        [TUNNEL_NESTED] = NIC_NESTED, [TUNNEL_TOO_LONG] = NIC_TOO_LONG};
    enum tunnel_put put =
        tunnel_put(m, (struct tunnel_header){kind, args->outer != 0, args->options});
    pass(n, NIC_TUNNEL, start, stages(n, step), out);
    if (put != TUNNEL_PUT) {
        out->verdict = verdict[put];
        return;
    }
    count(n, &n->encapsulated, start);
}

static void vxlan_encap(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                        sim_ps start, struct sim_service *out) {
    encap(n, step, m, start, out, TUNNEL_VXLAN);
}

static void geneve_encap(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                         sim_ps start, struct sim_service *out) {
    encap(n, step, m, start, out, TUNNEL_GENEVE);
}

/* A captured outer header is off, and what NAT did to it: from here on the message is of the
 * flow inside, renewed as the outer one was. */
static void uncover(const struct nic *n, struct sim_msg *m) {
    const struct packet *p = m->body;
    const struct packet_head *inner = head_of(m);
    uint32_t mask = packet_flow_mask(m->flow - p->flow);
    m->hash = inner ? inner->rss ^ hash_change(n, inner, false, mask) : 0;
    m->flow = packet_inner_flow(p, m->flow);
}

static void decap(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                  struct sim_service *out, enum tunnel_kind kind) {
    bool ours = tunnel_ours(m->level);
    uint32_t gone = tunnel_take(m, kind);
    pass(n, NIC_TUNNEL, start, stages(n, step), out);
    if (gone == 0) {
        out->verdict = NIC_NOT_TUNNEL;
        return;
    }
    if (!ours)
        uncover(n, m);
    hash_or_none(n, m);
    count(n, &n->decapsulated, start);
}

static void vxlan_decap(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                        sim_ps start, struct sim_service *out) {
    decap(n, step, m, start, out, TUNNEL_VXLAN);
}

static void geneve_decap(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                         sim_ps start, struct sim_service *out) {
    decap(n, step, m, start, out, TUNNEL_GENEVE);
}

void nic_rewrite_init(struct nic_rewrite *rewrite) {
    static const size_t at[2][2] = {{0, 12}, {4, 28}}; /* in the input of the hash */
    for (size_t side = 0; side < 2; side++)
        for (size_t six = 0; six < 2; six++)
            for (size_t i = 0; i < 4; i++)
                for (unsigned change = 0; change < 256; change++) {
                    uint8_t input[36] = {0};
                    input[at[side][six] + i] = (uint8_t)change;
                    rewrite->of[side][six][i][change] =
                        packet_toeplitz(packet_rss_key, input, sizeof input);
                }
}

/* The hash is linear: what the last four bytes of an address becoming `to` does to it. */
static uint32_t rewritten(const struct nic *n, const struct packet_head *head, bool dst,
                          uint32_t to) {
    const uint8_t *old = (dst ? head->dst : head->src) + (head->version == 6 ? 12 : 0);
    uint32_t last = (uint32_t)old[0] << 24 | (uint32_t)old[1] << 16 | (uint32_t)old[2] << 8 |
                    (uint32_t)old[3];
    return hash_change(n, head, dst, last ^ to);
}

/* Which address of the pool a flow gets: the same for all its packets. */
static uint32_t pool_address(const struct sim_msg *m, int64_t pool) {
    uint64_t x = ((uint64_t)m->stream << 32 | m->flow) * 0x9e3779b97f4a7c15ULL;
    return NIC_POOL + (uint32_t)((x >> 32) * (uint64_t)pool >> 32);
}

static void nat(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                struct sim_service *out) {
    const struct nic_nat_args *args = step->args;
    const struct packet_head *head = head_of(m);
    pass(n, NIC_NAT, start, stages(n, step), out);
    if (head == NULL)
        return;
    uint32_t to = pool_address(m, args->pool);
    /* A renewed flow has another source address: what becomes of that does not matter once it
     * is the pool's. */
    uint32_t changed = m->hash ^ head->rss;
    if (args->kind != NIC_DNAT)
        changed = rewritten(n, head, false, to);
    if (args->kind != NIC_SNAT)
        changed ^= rewritten(n, head, true, to);
    m->hash = head->rss ^ changed;
    hash_or_none(n, m);
    count(n, &n->translated, start);
}

/* The hash is that of the outermost header all the time, as renewed, rewritten or uncovered:
 * the stage costs what it costs and has nothing to set but for what has no header. */
static void rss(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                struct sim_service *out) {
    const struct packet_head *head = head_of(m);
    (void)step;
    pass(n, NIC_RSS, start, n->stage_latency, out);
    if (head == NULL)
        m->hash = 0;
}

/* Its few rules are all on the chip: every packet finds its own. */
static void look_function_up(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                             sim_ps start, struct sim_service *out) {
    (void)step;
    (void)m;
    pass(n, NIC_SWITCH, start, n->stage_latency, out);
    count(n, &n->switched, start);
}

/* ---------------------------------------------------------------- meters, ends */

static void shape(struct nic *n, struct meter *meter, const struct sim_msg *m, sim_ps start,
                  struct sim_service *out) {
    sim_ps wait = meter_shape(meter, start, m->bytes);
    count(n, wait ? &n->shaped : &n->conforming, start);
    out->latency_ps += wait;
    if (wait > out->occupancy_ps)
        out->occupancy_ps = wait;
}

static void police(struct nic *n, struct meter *meter, const struct sim_msg *m, sim_ps start,
                   struct sim_service *out) {
    bool conforms = meter_police(meter, start, m->bytes);
    count(n, conforms ? &n->conforming : &n->exceeding, start);
    if (!conforms)
        out->verdict = NIC_EXCEED;
}

static void meter(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                  struct sim_service *out) {
    const struct nic_meter_args *args = step->args;
    struct nic_bucket *bucket = &n->bucket[m->step];
    if (!bucket->ready) {
        meter_init(&bucket->meter, (uint64_t)args->rate, (uint64_t)args->burst, start);
        bucket->ready = true;
    }
    pass(n, NIC_METER, start, n->stage_latency, out);
    if (args->mode == NIC_SHAPE)
        shape(n, &bucket->meter, m, start, out);
    else
        police(n, &bucket->meter, m, start, out);
}

static void dma(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                struct sim_service *out) {
    const struct nic_dma_args *args = step->args;
    pass(n, NIC_DMA, start, n->dma_latency, out);
    if (args != NULL && args->strip_fcs && m->bytes > FCS)
        m->bytes -= FCS;
    hash_or_none(n, m);
}

static bool tunnelled(const struct sim_msg *m) {
    const struct packet *p = m->body;
    return p != NULL && p->heads > 1;
}

/* What was gathered or makes a segment leaves as frames: the headers are written here, where
 * the card can. */
static void cut(struct nic *n, struct sim_msg *m, sim_ps start, struct sim_service *out) {
    if (!train_follows(m))
        return;
    if (n->tso == NIC_NONE || (n->tso == NIC_PLAIN && tunnelled(m))) {
        out->verdict = NIC_NO_TSO;
        return;
    }
    train_leave(m);
    count(n, &n->segmented, start);
}

static void hairpin(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                    struct sim_service *out) {
    (void)step;
    pass(n, NIC_HAIRPIN, start, n->stage_latency, out);
    cut(n, m, start, out);
}

/* A packet read from memory enters the sending pipeline: one stage, as parsing is. */
static void send(struct nic *n, const struct sim_step *step, struct sim_msg *m, sim_ps start,
                 struct sim_service *out) {
    (void)step;
    pass(n, NIC_SEND, start, n->stage_latency, out);
    cut(n, m, start, out);
}

/* Checksums of IP, TCP and UDP, of a tunnelled packet the inner ones where the card can: in a
 * stage, whatever its bytes. */
static void checksum(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                     sim_ps start, struct sim_service *out) {
    (void)step;
    pass(n, NIC_CHECKSUM, start, n->stage_latency, out);
    if (n->checksum == NIC_PLAIN && tunnelled(m))
        out->verdict = NIC_UNCHECKED;
    else
        count(n, &n->checked, start);
}

nic_serve_fn *const nic_serve[NIC_OPS] = {[NIC_OP_PARSE] = parse,
                                          [NIC_OP_FLOW] = flow,
                                          [NIC_OP_INSERT] = insert,
                                          [NIC_OP_VXLAN_ENCAP] = vxlan_encap,
                                          [NIC_OP_VXLAN_DECAP] = vxlan_decap,
                                          [NIC_OP_GENEVE_ENCAP] = geneve_encap,
                                          [NIC_OP_GENEVE_DECAP] = geneve_decap,
                                          [NIC_OP_NAT] = nat,
                                          [NIC_OP_METER] = meter,
                                          [NIC_OP_RSS] = rss,
                                          [NIC_OP_DMA] = dma,
                                          [NIC_OP_HAIRPIN] = hairpin,
                                          [NIC_OP_SEND] = send,
                                          [NIC_OP_CHECKSUM] = checksum,
                                          [NIC_OP_SWITCH] = look_function_up};
