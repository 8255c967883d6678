/* source_world.h - for tests of traffic sources: small captures written here, a world of
 * sources that feed one probe, and the log of what came.
 *
 * Parameters are given as JSON with ' for ".
 */
#ifndef TESTS_SOURCE_WORLD_H
#define TESTS_SOURCE_WORLD_H

#include "tests/check_main.h"
#include "tests/mix.h"
#include "workloads/registry.h"
#include "workloads/source.h"
#include <jansson.h>
#include <string.h>

/* ---------------------------------------------------------------- captures */

static inline void put32(FILE *f, uint32_t v) { ck_assert_uint_eq(fwrite(&v, 4, 1, f), 1); }

/* A new pcap of Ethernet frames with nanoseconds, in a name[32] of its own. */
static inline FILE *capture_new(char name[32]) {
    strcpy(name, "/tmp/dpusim_capture_XXXXXX");
    int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    FILE *f = fdopen(fd, "wb");
    const uint32_t head[] = {0xa1b23c4d, 4u << 16 | 2, 0, 0, 65535, 1};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        put32(f, head[i]);
    return f;
}

/* A UDP packet of flow `flow` (its source address), `length` bytes without FCS, at t_ns. */
static inline void capture_add(FILE *f, int64_t t_ns, uint32_t flow, uint32_t length) {
    uint8_t b[2048] = {[12] = 8,  [14] = 0x45, [22] = 64, [23] = 17, [26] = 10,
                       [30] = 10, [31] = 1,    [34] = 1,  [36] = 2};
    uint32_t ip = length - 14, udp = ip - 20;
    b[16] = (uint8_t)(ip >> 8);
    b[17] = (uint8_t)ip;
    for (uint32_t i = 0; i < 3; i++)
        b[27 + i] = (uint8_t)(flow >> (16 - 8 * i));
    b[38] = (uint8_t)(udp >> 8);
    b[39] = (uint8_t)udp;
    put32(f, (uint32_t)(t_ns / 1000000000));
    put32(f, (uint32_t)(t_ns % 1000000000));
    put32(f, length);
    put32(f, length);
    ck_assert_uint_eq(fwrite(b, 1, length, f), length);
}

/* A UDP packet of flow `inner` in a VXLAN tunnel of flow `outer`. */
static inline void capture_add_tunnel(FILE *f, int64_t t_ns, uint32_t outer, uint32_t inner) {
    enum { HEADERS = 42, PAYLOAD = 100, IN = HEADERS + PAYLOAD, OUT = HEADERS + 8 + IN };
    uint8_t b[OUT] = {0};
    for (int level = 0; level < 2; level++) {
        uint8_t *at = b + level * (HEADERS + 8);
        uint32_t flow = level ? inner : outer, ip = (level ? IN : OUT) - 14;
        uint8_t head[HEADERS] = {[12] = 8,
                                 [14] = 0x45,
                                 [17] = (uint8_t)ip,
                                 [22] = 64,
                                 [23] = 17,
                                 [26] = 10,
                                 [28] = (uint8_t)(flow >> 8),
                                 [29] = (uint8_t)flow,
                                 [30] = 10,
                                 [36] = 0x12,
                                 [37] = level ? 1 : 0xb5, /* 4789 */
                                 [39] = (uint8_t)(ip - 20)};
        memcpy(at, head, HEADERS);
        at[HEADERS] = level ? 0 : 8; /* VXLAN: its identifier is valid */
    }
    put32(f, (uint32_t)(t_ns / 1000000000));
    put32(f, (uint32_t)(t_ns % 1000000000));
    put32(f, OUT);
    put32(f, OUT);
    ck_assert_uint_eq(fwrite(b, 1, OUT, f), OUT);
}

/* ---------------------------------------------------------------- the probe */

struct seen {
    sim_ps birth, at;
    uint32_t bytes, flow, inner_flow, hash, frame, inner_ip, source_ip, facts, payload;
    uint16_t stream;
    uint8_t flags, cls;
    struct io io; /* of a request to a drive */
};

struct probe {
    struct sim_comp base;
    sim_ps occupancy;
    int64_t capacity, full;
    struct seen *log; /* [room] */
    uint32_t n, room;
    uint64_t ops[IO_OPS], bytes[IO_OPS]; /* of all requests to drives */
};

/* A request has no headers. */
static inline void probe_request(struct probe *p, const struct sim_msg *m, const struct io *io,
                                 sim_ps start) {
    p->ops[io->op]++;
    p->bytes[io->op] += io->bytes;
    if (p->n < p->room)
        p->log[p->n++] = (struct seen){.birth = m->birth,
                                       .at = start,
                                       .bytes = m->bytes,
                                       .flow = m->flow,
                                       .hash = m->hash,
                                       .stream = m->stream,
                                       .cls = m->cls,
                                       .io = *io};
}

static inline bool probe_init(struct sim_comp *comp, struct sim_err *err) {
    struct probe *p = (struct probe *)comp;
    (void)err;
    sim_port_add(comp, &(struct sim_port_opts){.name = "in",
                                               .capacity = p->capacity,
                                               .full = (enum sim_full)p->full});
    p->log = sim_alloc_n(sim_comp_arena(comp), p->room, sizeof *p->log);
    return true;
}

/* Counts how often it sees a payload: must be once. */
static inline void probe_facts(struct sim_comp *comp, void *body) {
    struct packet *k = body;
    (void)comp;
    k->rule[0] = k->rule[0] == PACKET_NO_RULE ? 1 : k->rule[0] + 1;
}

static inline void probe_serve(struct sim_comp *comp, struct sim_port *port,
                               const struct sim_step *step, struct sim_msg *m, sim_ps start,
                               struct sim_service *out) {
    struct probe *p = (struct probe *)comp;
    const struct packet *k = m->body;
    (void)port;
    (void)step;
    const struct io *io = io_of(&comp->node->pool, m);
    out->occupancy_ps = p->occupancy;
    if (io != NULL)
        probe_request(p, m, io, start);
    if (io != NULL || p->n == p->room)
        return;
    const uint8_t *a = k->head[0].src;
    p->log[p->n++] = (struct seen){
        .birth = m->birth,
        .at = start,
        .bytes = m->bytes,
        .flow = m->flow,
        .hash = m->hash,
        .frame = k->frame_bytes,
        .source_ip = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3],
        .facts = k->rule[0],
        .inner_flow = packet_inner_flow(k, m->flow),
        .inner_ip = (uint32_t)k->head[1].src[2] << 8 | (uint32_t)k->head[1].src[3],
        .payload = work_payload(m),
        .stream = m->stream,
        .flags = m->flags & (SIM_MSG_OLD | SIM_MSG_AGAIN),
        .cls = m->cls};
}

static const struct sim_op probe_ops[] = {{.name = "serve", .doc = ""}, {.name = NULL}};
static const struct sim_model model_probe = {.name = "probe",
                                             .size = sizeof(struct probe),
                                             .ops = probe_ops,
                                             .init = probe_init,
                                             .serve = probe_serve,
                                             .facts = probe_facts};

/* ---------------------------------------------------------------- the world */

enum { SOURCES = 4 };

struct bench {
    struct sim_world *w;
    struct sim_node *node;
    struct probe *probe;
    struct work_source *source[SOURCES];
    json_t *json[SOURCES];
    uint32_t sources;
    struct sim_err err;
};

static inline struct bench bench_new(sim_ps warmup, sim_ps duration, uint32_t messages) {
    struct sim_world_opts o = {.seed = 1,
                               .warmup = warmup,
                               .duration = duration,
                               .messages = messages,
                               .body_bytes = sizeof(struct packet),
                               .max_hops = 4};
    struct bench b = {.w = sim_world_new(&o)};
    b.node = sim_node_add(b.w, "dpu");
    b.probe = (struct probe *)sim_comp_add(b.w, b.node, &model_probe, "probe");
    b.probe->room = 1 << 16;
    return b;
}

/* Add a source with parameters by a printf format. @return false with b->err. */
static inline bool bench_add(struct bench *b, const char *model, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool bench_add(struct bench *b, const char *model, const char *format, ...) {
    char text[1024], name[16];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    uint32_t i = b->sources++;
    b->json[i] = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(b->json[i] != NULL, "the test's JSON: %s", text);
    snprintf(name, sizeof name, "s%u", i);
    const struct sim_model *m = work_find(model);
    struct sim_comp *c = sim_comp_add(b->w, b->node, m, name);
    c->pointer = "/streams/s";
    c->file = "t.json";
    b->source[i] = (struct work_source *)c;
    b->source[i]->stream = sim_stream_add(b->w, name);
    struct sim_place at = {c->file, c->pointer};
    return sim_fields_read(m->params, b->json[i], c, NULL, at, &b->w->arena, &b->err);
}

/* Init and wire everything: source -> probe -> delivered (or reply). */
static inline bool bench_build(struct bench *b, bool reply) {
    if (!sim_comp_init(&b->probe->base, &b->err))
        return false;
    struct sim_step visit = {.comp = &b->probe->base, .op = probe_ops, .label = "probe"};
    visit.hop[0].kind = reply ? SIM_HOP_REPLY : SIM_HOP_DELIVERED;
    uint16_t to = sim_step_add(b->w, &visit);
    for (uint32_t i = 0; i < b->sources; i++) {
        struct sim_comp *c = &b->source[i]->base;
        if (!sim_comp_init(c, &b->err))
            return false;
        struct sim_step emit = {.comp = c, .kind = SIM_STEP_EMIT, .label = "emit"};
        emit.hop[0] = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = to, .delay = 1};
        b->source[i]->stream->first = sim_step_add(b->w, &emit);
    }
    sim_world_build(b->w);
    return true;
}

static inline void bench_run(struct bench *b) {
    while (sim_world_run(b->w, b->w->end, UINT64_MAX))
        ;
    sim_world_close(b->w, b->w->end);
}

static inline void bench_audit(struct bench *b) {
    struct sim_err err = {0};
    char line[2048];
    if (!sim_world_audit(b->w, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
}

/* A bench with one source, built and run. */
static inline void bench_go(struct bench *b) {
    char line[2048];
    if (!bench_build(b, false))
        ck_abort_msg("%s", sim_err_line(&b->err, line, sizeof line));
    bench_run(b);
    bench_audit(b);
}

static inline void bench_free(struct bench *b) {
    for (uint32_t i = 0; i < b->sources; i++)
        json_decref(b->json[i]);
    sim_world_free(b->w);
}

/* A source of that model with this JSON must be refused, at `path` and with words of `text`. */
static inline void bench_refused(const char *model, const char *json, const char *path,
                                 const char *text) {
    struct bench b = bench_new(0, 1000000, 64);
    if (bench_add(&b, model, "%s", json))
        ck_assert_msg(!bench_build(&b, false), "%s was taken", json);
    ck_assert_msg(strcmp(b.err.path, path) == 0, "%s: at %s", json, b.err.path);
    ck_assert_msg(strstr(b.err.text, text) != NULL, "%s: %s", json, b.err.text);
    bench_free(&b);
}

#endif
