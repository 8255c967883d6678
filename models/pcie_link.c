/* pcie_link.c - bytes and times of a PCI Express link; see pcie.c for what is modelled.
 *
 * Whose numbers: framing and headers from the PCI Express Base Specification as the published
 * model of pcie-bench transcribes it (docs/sources.md section 7): 8 bytes of framing, sequence
 * number and LCRC around each packet (STP, END and so on in generations 1 and 2, a token of 4
 * bytes from 3 on), 12 or 16 bytes of header, 4 of ECRC where it is on.
 */
#include "models/pcie_link.h"

/* Bytes of descriptors and the like that may be on their way; assumed: 64 descriptors. */
enum { OWED = 4096 };
enum { FRAMING = 8, HEADER = 12, LONG_ADDRESS = 4, ECRC = 4, CREDIT = 16, FLITS = 6, WORD = 4 };

static uint64_t pieces(uint64_t bytes, uint64_t most) { return (bytes + most - 1) / most; }

/* What data takes on the wire: whole words. The published model counts its bytes. All packets
 * but the last of a transfer are full, of whole words. */
static uint64_t words(const struct pcie_link *l, uint64_t bytes) {
    return l->p->dllp == PCIE_RESERVED ? bytes : WORD * pieces(bytes, WORD);
}

/* Symbol times from one ACK to the next: (MPS + 28) * factor / lanes + internal delay, rounded
 * down. Source: PCI Express Base Specification 5.0, tables 2-46 to 2-48 and 3-7 to 3-9; the
 * factors follow from the tables as the published model transcribes them. */
static uint64_t ack_symbols(const struct pcie_params *p) {
    uint64_t delay = p->gen == 1 ? 19 : p->gen == 2 ? 70 : 115;
    bool small = p->mps_bytes <= 256;
    uint64_t tenths = p->lanes <= 4   ? (small ? 14 : 10)
                      : p->lanes == 8 ? (small ? 25 : 10)
                                      : (small ? 30 : 20);
    return ((uint64_t)p->mps_bytes + 28) * tenths / (10 * (uint64_t)p->lanes) + delay;
}

/* The published model's tables have two entries that break the rule of their columns: 248 for
 * 148 and 237 for 327, of 32 lanes. That model is what "reserved" is. */
static void as_published(struct pcie_link *l, uint64_t interval) {
    const struct pcie_params *p = l->p;
    bool reserved = p->dllp == PCIE_RESERVED && p->lanes == 32;
    l->fc_interval = reserved && p->gen == 1 && p->mps_bytes == 2048 ? 248 : interval;
    l->ack_interval = reserved && p->gen == 2 && p->mps_bytes == 4096 ? 237 : interval;
}

/* What a direction has: lanes after encoding, less SKP sets and, in reserved mode, the packets
 * of the other direction's acknowledgement and flow control. */
static bool wire_rate(const struct pcie_link *l, struct sim_rate *rate) {
    const struct pcie_params *p = l->p;
    int64_t skp = p->skp_interval_bytes, num = skp - p->skp_bytes, den = skp;
    if (p->dllp == PCIE_RESERVED && l->dllp_bytes > 0) {
        int64_t ack = (int64_t)l->ack_interval, fc = (int64_t)l->fc_interval;
        num = num * ack * fc - p->dllp_bytes * skp * (ack + fc);
        den *= ack * fc;
    }
    if (num <= 0)
        return false;
    uint64_t transfers = p->gen == 1   ? 2500000000
                         : p->gen == 2 ? 5000000000
                                       : 8000000000ULL << (p->gen - 3);
    uint64_t carried = p->gen <= 2 ? 8 : p->gen < FLITS ? 128 : 236;
    uint64_t sent = p->gen <= 2 ? 10 : p->gen < FLITS ? 130 : 256;
    *rate = sim_rate_make(transfers, (uint64_t)p->lanes * carried * (uint64_t)num,
                          sent * (uint64_t)den);
    return true;
}

/* Which of the acknowledgements' parameters makes them so many. */
static const char *most_often(const struct pcie_link *l) {
    const struct pcie_params *p = l->p;
    if (l->ack_interval <= l->fc_interval && p->ack_interval_bytes)
        return "ack_interval_bytes";
    return l->fc_interval <= l->ack_interval && p->fc_interval_bytes ? "fc_interval_bytes"
                                                                     : "dllp_bytes";
}

static const char *greediest(const struct pcie_link *l) {
    const struct pcie_params *p = l->p;
    uint64_t skp = (uint64_t)p->skp_bytes, every = (uint64_t)p->skp_interval_bytes;
    if (p->dllp == PCIE_GENERATED || (skp * l->ack_interval > l->dllp_bytes * every &&
                                      skp * l->fc_interval > l->dllp_bytes * every))
        return "skp_interval_bytes";
    return most_often(l);
}

/* What a full direction calls for fills the other one. */
static bool drowns(const struct pcie_link *l) {
    return l->p->dllp == PCIE_GENERATED && l->dllp_bytes * (l->ack_interval + l->fc_interval) >=
                                               l->ack_interval * l->fc_interval;
}

/* A kind of credits is a part of the block: its servers are the credits. */
static uint32_t credit_port(struct pcie_link *l, const char *name, int64_t credits) {
    const struct sim_port_opts o = {.name = name, .servers = (uint32_t)credits, .aside = true};
    return credits > 0 ? sim_port_add(l->comp, &o) : 0;
}

void pcie_credit_ports(struct pcie_link *l) {
    const struct pcie_params *p = l->p;
    struct pcie_credits *c = &l->posted;
    c->header_port = credit_port(l, "posted-headers", p->posted_headers);
    c->data_port = credit_port(l, "posted-data", c->data);
    c = &l->nonposted;
    c->header_port = credit_port(l, "nonposted-headers", p->nonposted_headers);
    c = &l->completion[PCIE_FROM_HOST];
    c->header_port = credit_port(l, "completion-headers", p->completion_headers);
    c->data_port = credit_port(l, "completion-data", c->data);
    c = &l->completion[PCIE_TO_HOST];
    c->header_port = credit_port(l, "completion-headers-to-host", p->completion_headers);
    c->data_port = credit_port(l, "completion-data-to-host", c->data);
}

static void credits_init(struct pcie_credits *c, int64_t headers, int64_t data,
                         struct sim_arena *arena) {
    uint32_t room = 1;
    /* data alone bounds packets too: each takes a unit of it */
    uint32_t most = headers > 0 ? (uint32_t)headers : (uint32_t)(data / CREDIT);
    while (room < most)
        room *= 2;
    c->headers = most;
    c->data = c->spare = (uint32_t)(data / CREDIT);
    c->mask = room - 1;
    c->used = most > 0 ? sim_alloc_n(arena, room, sizeof *c->used) : NULL;
}

const char *pcie_link_init(struct pcie_link *l, const struct pcie_params *p,
                           struct sim_comp *comp) {
    struct sim_arena *arena = sim_comp_arena(comp);
    struct sim_rate rate;
    bool flits = p->gen >= FLITS;
    *l = (struct pcie_link){.comp = comp, .p = p};
    uint64_t around = flits ? 0 : FRAMING;
    around += p->ecrc ? ECRC : 0;
    uint64_t address = p->address_bits == 64 ? LONG_ADDRESS : 0;
    l->write_header = l->request_header = around + HEADER + address;
    l->completion_header = around + HEADER;
    /* The published model takes symbol times for bytes; a symbol time is a byte a lane. */
    uint64_t bytes = ack_symbols(p) * (uint64_t)(p->dllp == PCIE_RESERVED ? 1 : p->lanes);
    as_published(l, bytes);
    if (p->ack_interval_bytes)
        l->ack_interval = (uint64_t)p->ack_interval_bytes;
    if (p->fc_interval_bytes)
        l->fc_interval = (uint64_t)p->fc_interval_bytes;
    l->dllp_bytes = flits ? 0 : (uint64_t)p->dllp_bytes;
    if (!wire_rate(l, &rate))
        return greediest(l);
    if (drowns(l))
        return most_often(l);
    l->owed_most = sim_rate_span(rate, OWED);
    for (int i = 0; i < 2; i++)
        sim_ser_init(&l->way[i].ser, rate);
    credits_init(&l->posted, p->posted_headers, p->posted_data_bytes, arena);
    credits_init(&l->nonposted, p->nonposted_headers, 0, arena);
    for (int i = 0; i < 2; i++)
        credits_init(&l->completion[i], p->completion_headers, p->completion_data_bytes, arena);
    return NULL;
}

/* ---------------------------------------------------------------- bytes */

uint64_t pcie_write_bytes(const struct pcie_link *l, uint64_t bytes) {
    uint64_t packets = bytes > 0 ? pieces(bytes, (uint64_t)l->p->mps_bytes) : 1;
    return words(l, bytes) + packets * l->write_header;
}

uint64_t pcie_request_bytes(const struct pcie_link *l, uint64_t bytes) {
    return pieces(bytes, (uint64_t)l->p->mrrs_bytes) * l->request_header;
}

/* At most so much data in a completion. */
static uint64_t most_in_one(const struct pcie_params *p) {
    return (uint64_t)(p->rcb_bytes ? p->rcb_bytes : p->mps_bytes);
}

/* At most so much data before completions begin anew: a request's. The published model has them
 * of MPS whatever MRRS is. */
static uint64_t most_of_one(const struct pcie_params *p) {
    bool over = p->dllp == PCIE_RESERVED && p->mrrs_bytes < (int64_t)most_in_one(p);
    return over ? most_in_one(p) : (uint64_t)p->mrrs_bytes;
}

uint64_t pcie_completion_bytes(const struct pcie_link *l, uint64_t bytes) {
    const struct pcie_params *p = l->p;
    uint64_t mrrs = most_of_one(p), most = most_in_one(p);
    uint64_t packets = bytes / mrrs * pieces(mrrs, most) + pieces(bytes % mrrs, most);
    return words(l, bytes) + packets * l->completion_header;
}

/* ---------------------------------------------------------------- times */

/* Between the packets of a message it counts as if it were in front of them: the message is
 * booked in one piece, up to its end. */
static void book_owed(struct pcie_link *l, int way, sim_ps from, sim_ps ps) {
    struct pcie_way *w = &l->way[way];
    if (w->sent_ps > 0) {
        from = w->begun;
        w->begun += ps;
    }
    sim_busy_aside(l->comp, (uint32_t)way, from, from + ps);
}

static void add_owed(struct pcie_link *l, int way, sim_ps t, uint64_t bits) {
    struct pcie_way *w = &l->way[way];
    if (w->fresh_at < t && w->fresh_bits > 0) {
        sim_ps from = w->fresh_at > w->busy_until ? w->fresh_at : w->busy_until;
        w->busy_until = sim_ser_send(&w->ser, from, w->fresh_bits);
        book_owed(l, way, from, w->busy_until - from);
        w->fresh_bits = 0;
    }
    w->fresh_at = t;
    w->fresh_bits += bits;
}

/* The message at hand causes `bytes` the other way, or either: the wire's work, not its own. */
static void owe(struct pcie_link *l, int way, sim_ps t, uint64_t bytes) {
    add_owed(l, way, t, 8 * bytes);
    sim_load_aside(l->comp, (uint32_t)way, l->by, t,
                   sim_rate_span(l->way[way].ser.rate, bytes));
}

/* How many packets of acknowledgement or credit `bytes` more call for. */
static uint64_t due(uint64_t *since, uint64_t interval, uint64_t bytes) {
    *since += bytes;
    if (*since < interval)
        return 0;
    uint64_t n = *since / interval;
    *since -= n * interval;
    return n;
}

/* `bytes` of packets go one way at t: the other way acknowledges them. */
static void acknowledge(struct pcie_link *l, int way, sim_ps t, uint64_t bytes) {
    bool inside = sim_inside(l->comp->world, t);
    l->way[way].tlp_bytes += inside ? (int64_t)bytes : 0;
    if (l->dllp_bytes == 0 || l->p->dllp == PCIE_RESERVED)
        return;
    struct pcie_way *back = &l->way[1 - way];
    uint64_t n = due(&back->ack_bytes, l->ack_interval, bytes) +
                 due(&back->fc_bytes, l->fc_interval, bytes);
    if (n == 0)
        return;
    owe(l, 1 - way, t, n * l->dllp_bytes);
    back->dllp_bytes += inside ? (int64_t)(n * l->dllp_bytes) : 0;
}

static sim_ps transmit(struct pcie_link *l, int way, sim_ps start, uint64_t bytes) {
    struct pcie_way *w = &l->way[way];
    w->begun = w->sent_ps > 0 ? w->begun : start;
    w->busy_until = w->messages_until = sim_ser_send(&w->ser, start, 8 * bytes);
    w->sent_ps += w->busy_until - start;
    acknowledge(l, way, start, bytes);
    return w->busy_until;
}

/* When the wire is free of what was there before t. */
static sim_ps wire_free(struct pcie_link *l, int way, sim_ps t) {
    const struct pcie_way *w = &l->way[way];
    add_owed(l, way, t, 0);
    return w->busy_until > t ? w->busy_until : t;
}

void pcie_begin(struct pcie_link *l, const struct sim_msg *m) {
    l->by = m;
    l->way[PCIE_TO_HOST].sent_ps = l->way[PCIE_FROM_HOST].sent_ps = 0;
}

sim_ps pcie_sent(const struct pcie_link *l, int way) { return l->way[way].sent_ps; }

sim_ps pcie_may_owe(struct pcie_link *l, int way, sim_ps t) {
    const struct pcie_way *w = &l->way[way];
    sim_ps till = wire_free(l, way, t), from = w->messages_until > t ? w->messages_until : t;
    if (till - from <= l->owed_most)
        return t;
    sim_ps may = t + (till - from - l->owed_most);
    const struct sim_keeps waited = {.asked = t, .from = may, .till = may};
    sim_use_aside(l->comp, (uint32_t)way, l->by, &waited);
    return may;
}

sim_ps pcie_flit_tail(const struct pcie_link *l, sim_ps end) {
    enum { FLIT_BITS = 256 * 8, BITS_PER_NS = 64 };
    const struct pcie_params *p = l->p;
    if (p->gen < FLITS)
        return 0;
    sim_ps flit = FLIT_BITS * SIM_PS_PER_NS / (BITS_PER_NS * p->lanes);
    return (flit - end % flit) % flit;
}

sim_ps pcie_send(struct pcie_link *l, int way, sim_ps start, uint64_t bytes) {
    return bytes > 0 ? transmit(l, way, wire_free(l, way, start), bytes) : start;
}

void pcie_owe(struct pcie_link *l, int way, sim_ps t, uint64_t bytes) {
    if (bytes == 0)
        return;
    owe(l, way, t, bytes);
    acknowledge(l, way, t, bytes);
}

/* ---------------------------------------------------------------- credits */

/* Those that are back at t. */
static void give_back(struct pcie_credits *c, sim_ps t) {
    while (c->head != c->tail && c->used[c->head & c->mask].back <= t)
        c->spare += c->used[c->head++ & c->mask].data;
}

/* The message at hand keeps credits until they are back: in the books. */
static void keep(const struct pcie_link *l, uint32_t port, uint32_t n, sim_ps asked,
                 sim_ps from, sim_ps till) {
    const struct sim_keeps keeps = {asked, from, till, n};
    if (port != 0 && n > 0)
        sim_use_aside(l->comp, port, l->by, &keeps);
}

/* When the next packet has its header's credit, and that of `data` units; from t on. Units that
 * are there and too few are of no use to anybody, from the packet before on. */
struct credit_time {
    sim_ps header, data;
};

static struct credit_time credit_at(const struct pcie_link *l, struct pcie_credits *c, sim_ps t,
                                    uint32_t data) {
    struct credit_time at = {t, t};
    give_back(c, t);
    if (c->tail - c->head >= c->headers)
        at.header = c->used[c->head & c->mask].back;
    if (c->data > 0 && c->spare < data)
        keep(l, c->data_port, c->left, c->took, c->took, t);
    while (c->data > 0 && c->spare < data) {
        sim_ps back = c->used[c->head & c->mask].back;
        keep(l, c->data_port, c->spare, at.data, at.data, back);
        at.data = back;
        give_back(c, at.data);
    }
    give_back(c, at.header);
    return at;
}

sim_ps pcie_request_at(struct pcie_link *l, sim_ps t) {
    struct pcie_credits *c = &l->nonposted;
    give_back(c, t);
    return c->headers > 0 && c->tail - c->head >= c->headers ? c->used[c->head & c->mask].back
                                                             : t;
}

/* How a transfer is cut into packets: at most so many bytes each, none across a multiple of
 * `within`, each with a header. */
struct cut {
    uint64_t each, within, header;
    bool carries; /* data goes with the header */
};

/* Send packets as credits allow. */
static sim_ps send_credited(struct pcie_link *l, int way, struct pcie_credits *c,
                            const struct cut *cut, sim_ps start, uint64_t payload) {
    sim_ps t = wire_free(l, way, start), stall = 0;
    uint64_t at = 0;
    do {
        uint64_t bytes = payload - at < cut->each ? payload - at : cut->each;
        uint64_t left = cut->within - at % cut->within;
        bytes = bytes < left ? bytes : left;
        at += bytes;
        uint32_t data = cut->carries ? (uint32_t)pieces(bytes, CREDIT) : 0;
        struct credit_time at_hand = credit_at(l, c, t, data);
        sim_ps ready = at_hand.header > at_hand.data ? at_hand.header : at_hand.data;
        sim_ps lacked = c->lacked > 0 ? t - c->lacked : 0; /* before its turn came */
        sim_ps no_header = at_hand.header - t + lacked, no_data = at_hand.data - t;
        stall += ready - t;
        t = transmit(l, way, ready, cut->header + (cut->carries ? words(l, bytes) : 0));
        sim_ps back = t + l->p->credit_latency;
        keep(l, c->header_port, 1, ready - no_header, ready, back);
        keep(l, c->data_port, data, ready - no_data, ready, back);
        c->used[c->tail++ & c->mask] = (struct pcie_credit){back, data};
        c->lacked = 0;
        c->took = ready;
        c->spare -= c->data > 0 ? data : 0;
        c->left = c->spare;
    } while (at < payload);
    l->credit_stall += sim_inside(l->comp->world, start) ? stall : 0;
    return t;
}

sim_ps pcie_send_write(struct pcie_link *l, sim_ps start, uint64_t payload) {
    uint64_t mps = (uint64_t)l->p->mps_bytes;
    const struct cut cut = {mps, mps, l->write_header, true};
    if (l->posted.headers == 0)
        return pcie_send(l, PCIE_TO_HOST, start, pcie_write_bytes(l, payload));
    return send_credited(l, PCIE_TO_HOST, &l->posted, &cut, start, payload);
}

sim_ps pcie_send_request(struct pcie_link *l, sim_ps start, uint64_t payload) {
    uint64_t mrrs = (uint64_t)l->p->mrrs_bytes;
    const struct cut cut = {mrrs, mrrs, l->request_header, false};
    if (l->nonposted.headers == 0 || payload == 0)
        return pcie_send(l, PCIE_TO_HOST, start, pcie_request_bytes(l, payload));
    return send_credited(l, PCIE_TO_HOST, &l->nonposted, &cut, start, payload);
}

/* What goes with the packet of the part before, of a read in parts, where the published model's
 * completions are longer than requests. */
static uint64_t with_the_last(const struct pcie_link *l, uint64_t payload) {
    uint64_t most = most_in_one(l->p);
    if (l->p->dllp != PCIE_RESERVED || (uint64_t)l->p->mrrs_bytes >= most)
        return 0;
    uint64_t begun = sim_part_begins(l->comp->world, l->by) % most;
    uint64_t room = begun > 0 ? most - begun : 0;
    return payload < room ? payload : room;
}

sim_ps pcie_send_completions(struct pcie_link *l, int way, sim_ps start, uint64_t payload) {
    const struct pcie_params *p = l->p;
    const struct cut cut = {most_in_one(p), most_of_one(p), l->completion_header, true};
    uint64_t with = with_the_last(l, payload);
    start = pcie_send(l, way, start, with);
    payload -= with;
    if (with > 0 && payload == 0)
        return start;
    if (l->completion[way].headers == 0 || payload == 0)
        return pcie_send(l, way, start, pcie_completion_bytes(l, payload));
    return send_credited(l, way, &l->completion[way], &cut, start, payload);
}
