/* nvme_tcp.c - NVMe/TCP in a capture: which connections carry it, and a whole file of it.
 *
 * 4096 connections at a time; of more, the one that was quiet for longest is forgotten. The
 * innermost TCP of a packet counts. Left out: segments in IP fragments, which are gaps; TLS,
 * whose connections carry nothing that is recognised; on ports other than 4420 and 8009 an
 * ICReq that comes in pieces, and connections that were there before the capture began.
 */
#include "workloads/nvme_tcp_impl.h"
#include <stdlib.h>
#include <string.h>

enum { PORT_NVME = 4420, PORT_DISCOVERY = 8009 }; /* 4420 is NVMe over RDMA's, too */
enum { SYN = 2 };

static uint32_t key_bucket(const uint8_t key[40]) {
    uint64_t h = 14695981039346656037U;
    for (int i = 0; i < 38; i++)
        h = (h ^ key[i]) * 1099511628211U;
    return (uint32_t)(h >> 32) & (NVME_CONNECTIONS - 1);
}

static struct nvme_conn *find(struct work_nvme_tap *tap, const uint8_t key[40]) {
    if (tap->conn == NULL)
        return NULL;
    uint32_t i = tap->conn_bucket[key_bucket(key)];
    while (i != 0 && memcmp(tap->conn[i - 1].key, key, 38) != 0)
        i = tap->conn[i - 1].chain;
    return i != 0 ? &tap->conn[i - 1] : NULL;
}

struct sink {
    struct work_nvme_tap *tap;
    struct nvme_way *way;
};

static void run(void *ctx, const struct work_tcp_run *r) {
    const struct sink *s = ctx;
    work_nvme_way_run(s->tap, s->way, r);
}

/* What TCP says of a connection counts once it is known to carry NVMe/TCP. */
static struct work_tcp_to towards(struct sink *s) {
    return (struct work_tcp_to){
        .run = run, .ctx = s, .counts = &s->way->conn->counts, .budget = &s->tap->budget};
}

static void add_counts(struct work_tcp_counts *to, const struct work_tcp_counts *from) {
    to->reordered += from->reordered;
    to->repeated_bytes += from->repeated_bytes;
    to->holes += from->holes;
    to->hole_bytes += from->hole_bytes;
    to->cut_bytes += from->cut_bytes;
}

/* The connection is over: what it holds, and what it was. */
static void close_conn(struct work_nvme_tap *tap, struct nvme_conn *c) {
    struct work_nvme_facts *f = &tap->facts;
    for (int i = 0; i < 2; i++) {
        struct sink s = {tap, &c->way[i]};
        struct work_tcp_to to = towards(&s);
        work_tcp_end(&c->way[i].tcp, &to);
        f->given_up += c->proven && c->way[i].lost;
        free(c->way[i].keep);
    }
    if (!c->proven)
        return;
    f->connections++;
    f->unknown_queues += c->queue < 0 || c->guessed;
    f->packets += c->packets;
    add_counts(&f->tcp, &c->counts);
}

static void start_conn(struct work_nvme_tap *tap, struct nvme_conn *c,
                       const uint8_t server[18]) {
    uint64_t h = 14695981039346656037U;
    for (int i = 0; i < 18; i++)
        h = (h ^ server[i]) * 1099511628211U;
    c->number = tap->numbers++;
    c->proven = c->negotiated = c->guessed = false;
    c->digests = 0;
    c->maxh2cdata = 0;
    c->queue = c->host = -1;
    c->packets = 0;
    c->subsystem = h;
    memset(&c->counts, 0, sizeof c->counts);
    memset(c->unread, 0, sizeof c->unread);
    memset(c->way, 0, sizeof c->way);
    c->way[0].conn = c->way[1].conn = c;
}

/* In order of use, from conn_oldest to conn_newest. */
static void leave_order(struct work_nvme_tap *tap, const struct nvme_conn *c) {
    *(c->newer ? &tap->conn[c->newer - 1].older : &tap->conn_newest) = c->older;
    *(c->older ? &tap->conn[c->older - 1].newer : &tap->conn_oldest) = c->newer;
}

static void enter_order(struct work_nvme_tap *tap, struct nvme_conn *c) {
    uint32_t me = (uint32_t)(c - tap->conn) + 1;
    c->newer = 0;
    c->older = tap->conn_newest;
    *(c->older ? &tap->conn[c->older - 1].newer : &tap->conn_oldest) = me;
    tap->conn_newest = me;
}

static struct nvme_conn *evict(struct work_nvme_tap *tap) {
    struct nvme_conn *c = &tap->conn[tap->conn_oldest - 1];
    uint32_t *link = &tap->conn_bucket[key_bucket(c->key)];
    while (*link != tap->conn_oldest)
        link = &tap->conn[*link - 1].chain;
    *link = c->chain;
    leave_order(tap, c);
    tap->facts.evicted += c->proven;
    close_conn(tap, c);
    work_nvme_forget(tap, c->number);
    return c;
}

static void make_tables(struct work_nvme_tap *tap) {
    tap->conn = calloc(NVME_CONNECTIONS, sizeof *tap->conn);
    tap->conn_bucket = calloc(NVME_CONNECTIONS, sizeof *tap->conn_bucket);
    tap->open = calloc(NVME_TABLE, sizeof *tap->open);
    tap->open_bucket = calloc(NVME_TABLE, sizeof *tap->open_bucket);
    SIM_ASSERT(tap->conn && tap->conn_bucket && tap->open && tap->open_bucket);
}

static struct nvme_conn *add(struct work_nvme_tap *tap, const uint8_t key[40],
                             const uint8_t server[18]) {
    if (tap->conn == NULL)
        make_tables(tap);
    struct nvme_conn *c = tap->conns < NVME_CONNECTIONS ? &tap->conn[tap->conns++] : evict(tap);
    uint32_t *link = &tap->conn_bucket[key_bucket(key)];
    memcpy(c->key, key, 38);
    c->chain = *link;
    *link = (uint32_t)(c - tap->conn) + 1;
    enter_order(tap, c);
    start_conn(tap, c, server);
    return c;
}

static bool is_port(uint16_t port) { return port == PORT_NVME || port == PORT_DISCOVERY; }

static bool begins_with_icreq(const struct work_tcp_segment *s) {
    struct nvme_pdu pdu;
    return s->captured >= 12 && s->bytes[0] == NVME_ICREQ && s->bytes[1] == 0 &&
           s->bytes[3] == 0 && nvme_u16(s->bytes + 8) == 0 &&
           work_nvme_pdu_form(s->bytes, &pdu) == NULL;
}

/* Address and port of the controller's end: the one with the port, else whom ICReq goes to. */
static void server_of(const struct packet_head *h, uint8_t server[18]) {
    bool source = is_port(h->sport) && !is_port(h->dport);
    uint16_t port = source ? h->sport : h->dport;
    memcpy(server, source ? h->src : h->dst, 16);
    server[16] = (uint8_t)(port >> 8);
    server[17] = (uint8_t)port;
}

/* The packet's TCP payload. @return false when it has none that can be placed. */
static bool segment_of(const struct work_record *r, const struct packet *p,
                       struct work_tcp_segment *s) {
    enum { UNPLACED = PACKET_FRAGMENT | PACKET_L4_CUT | PACKET_BAD | PACKET_NO_PORTS };
    const struct packet_head *h = p->heads > 0 ? &p->head[p->heads - 1] : NULL;
    if (h == NULL || h->l4 != PACKET_L4_TCP || p->esp)
        return false;
    uint32_t from = (uint32_t)h->l3_offset + h->header_bytes;
    uint32_t have = from < r->captured ? r->captured - from : 0;
    if (h->flags & UNPLACED)
        return false;
    *s = (struct work_tcp_segment){.seq = p->segment.seq,
                                   .length = h->payload,
                                   .captured = have < h->payload ? have : h->payload,
                                   .bytes = r->bytes + from,
                                   .time = r->timeless ? WORK_TCP_NO_TIME : r->ts_ns};
    return true;
}

/* A SYN: the stream begins here; with another number than before, a new connection. */
static void begin(struct work_nvme_tap *tap, struct nvme_conn *c, struct nvme_way *way,
                  const struct packet_head *h, uint32_t seq) {
    if (way->tcp.started && way->tcp.origin == seq)
        return;
    if (way->tcp.started) {
        uint8_t server[18];
        server_of(h, server);
        close_conn(tap, c);
        work_nvme_forget(tap, c->number);
        start_conn(tap, c, server);
    }
    work_tcp_start(&way->tcp, seq);
    way->step = NVME_IN_HEADER;
}

void work_nvme_tap_record(struct work_nvme_tap *tap, const struct work_record *r,
                          const struct packet *p) {
    struct work_tcp_segment s;
    uint8_t key[40], server[18];
    tap->now = r->ts_ns;
    if (!segment_of(r, p, &s))
        return;
    const struct packet_head *h = &p->head[p->heads - 1];
    bool port = is_port(h->sport) || is_port(h->dport), icreq = begins_with_icreq(&s);
    if (!port && !icreq && tap->conn == NULL)
        return;
    packet_tuple(h, true, key);
    struct nvme_conn *c = find(tap, key);
    if (c == NULL && (port || icreq)) {
        server_of(h, server);
        c = add(tap, key, server);
    }
    if (c == NULL)
        return;
    leave_order(tap, c);
    enter_order(tap, c);
    struct nvme_way *way = &c->way[memcmp(key, h->src, 16) != 0 ||
                                   (memcmp(h->src, h->dst, 16) == 0 && h->sport > h->dport)];
    if (h->tcp_flags & SYN)
        begin(tap, c, way, h, ++s.seq);
    c->packets++;
    struct sink sink = {tap, way};
    struct work_tcp_to to = towards(&sink);
    work_tcp_add(&way->tcp, &to, &s);
}

struct work_nvme_tap *work_nvme_tap_new(struct work_nvme_opts opts, bool requests) {
    struct work_nvme_tap *tap = calloc(1, sizeof *tap);
    SIM_ASSERT(tap != NULL);
    tap->opts = opts;
    tap->wanted = requests;
    work_crc32c_init(&tap->crc);
    return tap;
}

void work_nvme_tap_end(struct work_nvme_tap *tap) {
    for (uint32_t i = 0; i < tap->conns; i++)
        close_conn(tap, &tap->conn[i]);
    tap->conns = 0;
    if (tap->conn != NULL)
        work_nvme_forget_all(tap);
    memcpy(tap->facts.space, tap->space, sizeof tap->facts.space);
}

const struct work_nvme_facts *work_nvme_tap_facts(const struct work_nvme_tap *tap) {
    return &tap->facts;
}

const struct work_nvme_namespace *work_nvme_tap_namespace(const struct work_nvme_tap *tap,
                                                          uint32_t device) {
    SIM_ASSERT(device < tap->facts.namespaces);
    return &tap->space[device];
}

void work_nvme_tap_free(struct work_nvme_tap *tap) {
    if (tap == NULL)
        return;
    for (uint32_t i = 0; i < tap->conns; i++)
        close_conn(tap, &tap->conn[i]);
    free(tap->conn);
    free(tap->conn_bucket);
    free(tap->open);
    free(tap->open_bucket);
    free(tap->ring);
    free(tap);
}
