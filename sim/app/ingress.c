/* ingress.c - the tables at the ends of cables: which chain takes a message that comes in. */
#include "models/payload.h"
#include "scenario.h"
#include <stdio.h>
#include <string.h>

struct row {
    int32_t stream;   /* -1: any */
    int32_t l4;       /* enum packet_l4, -1: any */
    bool roce;        /* only RoCEv2 */
    const char *name; /* only what this chain of the sender's sends; NULL: any */
    const struct app_chain *from;
    uint16_t step;
};

struct ingress {
    struct row *row;
    uint32_t rows;
    const struct app_scenario *s;
};

/* By what it is a row of a table fits: the chain that sent it, its stream. */
static bool fits(const struct ingress *t, const struct row *r, const struct sim_msg *m) {
    return (r->stream < 0 || r->stream == m->stream) &&
           (r->from == NULL || t->s->step[m->step].chain == r->from);
}

/* Which step takes a message that comes in: the first row that fits; the last takes all. */
static uint16_t first_fit(const struct sim_cable *cable, const struct sim_msg *m) {
    const struct ingress *t = cable->table;
    const struct packet *p = m->body;
    uint32_t i = 0;
    for (; i + 1 < t->rows; i++) {
        const struct row *r = &t->row[i];
        if (!fits(t, r, m))
            continue;
        if (p == NULL ? !r->roce && r->l4 < 0 /* no packet, so of no protocol */
                      : (!r->roce || p->roce) &&
                            (r->l4 < 0 || (p->heads > 0 && p->head[m->level & 1].l4 == r->l4)))
            break;
    }
    return t->row[i].step;
}

struct row_fields {
    const char *stream, *from, *chain;
    int64_t protocol;
};
const struct sim_field app_ingress_table[] = {
    {"stream", SIM_STRING, offsetof(struct row_fields, stream), 0, 0, "", NULL,
     "only messages of this stream", NULL},
    {"from", SIM_STRING, offsetof(struct row_fields, from), 0, 0, "", NULL,
     "only what this chain of the other card sends: what it is, as its headers would say",
     NULL},
    {"protocol", SIM_ENUM, offsetof(struct row_fields, protocol), 0, 0, "any",
     "any|tcp|udp|icmp|sctp|roce", "only packets of this protocol", NULL},
    {"chain", SIM_STRING, offsetof(struct row_fields, chain), 0, 0, NULL, NULL,
     "the chain that takes them", NULL},
    {.name = NULL}};

static bool stream_of(const struct app_scenario *s, const char *name, const char *pointer,
                      int32_t *id, struct sim_err *err) {
    *id = -1;
    for (uint32_t i = 0; name != NULL && i < s->streams; i++)
        if (strcmp(s->stream[i].name, name) == 0)
            *id = s->stream[i].stream->id;
    if (name != NULL && *id < 0)
        return sim_fail(err, "", pointer, "there is no stream \"%s\"", name);
    return true;
}

static bool read_row(struct app_scenario *s, const struct app_end *e, const json_t *obj,
                     const char *pointer, struct row *r, struct sim_err *err) {
    static const int32_t l4[] = {
        -1, PACKET_L4_TCP, PACKET_L4_UDP, PACKET_L4_ICMP, PACKET_L4_SCTP, -1};
    struct row_fields f;
    if (!json_is_object(obj))
        return app_json_wrong(obj, pointer, "must be an object: {\"chain\": NAME, ...}", err);
    if (!app_params_read(s, app_ingress_table, obj, &f, NULL, pointer, err) ||
        !stream_of(s, f.stream, pointer, &r->stream, err) ||
        !app_chain_compile(s, e->node, f.chain, pointer, &r->step, err))
        return false;
    r->name = f.from;
    r->l4 = l4[f.protocol];
    r->roce = f.protocol == 5;
    const struct sim_op *op = s->world->step[r->step].op;
    if (op != NULL && strcmp(op->name, "rx") == 0)
        return sim_fail(err, "", pointer,
                        "chain \"%s\" begins with op \"rx\", which would pay for the line a "
                        "second time; begin with op \"link-rx\"",
                        f.chain);
    if (op == NULL || strcmp(op->name, "link-rx") != 0 || s->step[r->step].block != e->block)
        return sim_fail(err, "", pointer,
                        "chain \"%s\" does not begin where the link ends; begin with "
                        "{\"at\": \"%s\", \"op\": \"link-rx\"}",
                        f.chain, e->block->name);
    s->world->step[r->step].lands = true;
    return true;
}

static bool takes_all(const struct row *r) {
    return r->stream < 0 && r->l4 < 0 && !r->roce && r->name == NULL;
}

bool app_ingress_read(struct app_scenario *s, const struct app_end *e, struct sim_cable *cable,
                      struct sim_err *err) {
    char at[APP_POINTER], sub[APP_POINTER], index[24];
    const json_t *list =
        json_object_get(json_object_get(e->node->json, "ingress"), e->block->name);
    sim_pointer(at, sizeof at, e->node->pointer, "ingress");
    sim_pointer(sub, sizeof sub, at, e->block->name);
    if (!json_is_array(list) || json_array_size(list) == 0)
        return app_json_wrong(list, sub,
                              "must be an array of rows {\"chain\": NAME}: what comes in over "
                              "the link needs a chain",
                              err);
    struct ingress *t = sim_alloc(&s->arena, sizeof *t);
    t->rows = (uint32_t)json_array_size(list);
    struct row *row = sim_alloc_n(&s->arena, t->rows, sizeof *row);
    memcpy(at, sub, sizeof at);
    for (uint32_t i = 0; i < t->rows; i++) {
        snprintf(index, sizeof index, "%u", i);
        if (!read_row(s, e, json_array_get(list, i), sim_pointer(sub, sizeof sub, at, index),
                      &row[i], err))
            return false;
        if (i > 0 && takes_all(&row[i - 1]))
            return sim_fail(err, "", sub, "has no effect: the row before it takes everything");
    }
    if (!takes_all(&row[t->rows - 1]))
        return sim_fail(err, "", at,
                        "ends in a row that does not take everything; end it in a row with "
                        "only a \"chain\"");
    t->row = row;
    t->s = s;
    cable->table = t;
    cable->ingress = first_fit;
    return true;
}

bool app_ingress_senders(const struct app_end *from, const struct app_end *to,
                         const struct sim_cable *cable, struct sim_err *err) {
    const struct ingress *t = cable->table;
    char at[APP_POINTER], sub[APP_POINTER], index[24];
    for (uint32_t i = 0; i < t->rows; i++) {
        if (t->row[i].name == NULL)
            continue;
        t->row[i].from = app_chain_find(from->node, t->row[i].name);
        if (t->row[i].from != NULL)
            continue;
        snprintf(index, sizeof index, "%u", i);
        sim_pointer(at, sizeof at, to->node->pointer, "ingress");
        sim_pointer(sub, sizeof sub, at, to->block->name);
        sim_pointer(at, sizeof at, sub, index);
        return app_chain_unknown(from->node, t->row[i].name,
                                 sim_pointer(sub, sizeof sub, at, "from"), "", err);
    }
    return true;
}

/* May a row take what a stream sends from a step? *all: it takes whatever of that comes to it.
 */
static bool may_take(const struct ingress *t, const struct row *r, const struct sim_stream *st,
                     uint32_t from, bool *all) {
    if (st != NULL && r->stream >= 0 && r->stream != st->id)
        return false;
    if (st != NULL && r->from != NULL && r->from != t->s->step[from].chain)
        return false;
    *all = st != NULL && r->l4 < 0 && !r->roce;
    return true;
}

uint32_t app_links_steps_of(const struct sim_cable *cable, const struct sim_stream *st,
                            uint32_t from, uint16_t step[APP_INGRESS]) {
    const struct ingress *t = cable->table;
    uint32_t n = 0;
    bool all = false;
    for (uint32_t i = 0; i < t->rows && !all; i++) {
        uint32_t k = 0;
        if (!may_take(t, &t->row[i], st, from, &all))
            continue;
        while (k < n && step[k] != t->row[i].step)
            k++;
        if (k == n && n < APP_INGRESS)
            step[n++] = t->row[i].step;
    }
    return n;
}

uint32_t app_links_steps(const struct sim_cable *cable, uint16_t step[APP_INGRESS]) {
    return app_links_steps_of(cable, NULL, 0, step);
}
