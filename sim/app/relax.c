/* relax.c - a resource doubled: its block twice as fast, or before the world is built, twice
 * the servers, or the places of a queue. */
#include "relax.h"
#include "sim/engine/quantity.h"
#include "sim/engine/row.h"
#include "summary.h"
#include <string.h>

/* Twice the servers, of which each has work where the queue counts what is in service. */
static void double_servers(struct sim_port *p) {
    p->servers *= 2;
    p->by_event = true; /* several servers need that form */
    if (p->capacity > 0 && !p->bytes_capacity && p->capacity < p->servers)
        p->capacity = p->servers;
}

static bool has_cause(const struct sim_world *w, const struct sim_port *p, const char *name) {
    const char *cause = p->drops || p->refuses ? w->cause[p->full_cause].name : NULL;
    return cause != NULL && strcmp(strrchr(cause, ':') + 1, name) == 0;
}

static const struct sim_comp *find_comp(const struct sim_world *w, const char *path) {
    for (uint32_t i = 0; i < w->comps; i++)
        if (strcmp(w->comp[i]->path, path) == 0)
            return w->comp[i];
    return NULL;
}

static const struct sim_port *find_port(const struct sim_comp *c, const char *name, size_t n) {
    for (uint32_t i = 0; i < c->ports; i++)
        if (strlen(c->port[i]->name) == n && strncmp(c->port[i]->name, name, n) == 0)
            return c->port[i];
    return NULL;
}

/* A resource's name taken apart: "wire", "core4 (hottest of 16)", "rx slots from port0.wire",
 * "core4 queue (hottest of 16)"; or a cause, "rx-fifo-full". */
struct named {
    const struct sim_comp *comp;
    const struct sim_port *port; /* NULL: by the cause */
    bool places;
};

static struct named find(const struct sim_world *w, const struct app_resource *r) {
    struct named n = {.comp = find_comp(w, r->component)};
    n.places =
        strstr(r->resource, " slots from ") != NULL || strstr(r->resource, " queue") != NULL;
    n.port = n.comp != NULL ? find_port(n.comp, r->resource, strcspn(r->resource, " ")) : NULL;
    return n;
}

const char *app_relax(struct sim_world *w, const struct app_resource *r) {
    struct named n = find(w, r);
    const char *what = NULL;
    for (uint32_t i = 0; n.comp != NULL && i < n.comp->ports; i++) {
        struct sim_port *p = n.comp->port[i];
        if (n.port != NULL ? !app_port_alike(p, n.port) : !has_cause(w, p, r->resource))
            continue;
        if (n.port != NULL && !n.places && p->aside)
            continue; /* the model has its own idea of how many there are */
        if (n.port != NULL && !n.places) {
            double_servers(p);
            what = "servers";
        } else if (p->capacity > 0) {
            p->capacity *= 2;
            what = "places";
        }
    }
    return what;
}

/* Does twice as much of it mean twice as fast? Lanes do where they are a link's width; where
 * they are servers, the port's name, their clock does. */
static bool is_speed(const struct sim_field *f, const struct sim_port *port) {
    return f->unit == SIM_RATE || f->unit == SIM_HZ || f->unit == SIM_PER_S ||
           (strcmp(f->name, "lanes") == 0 && strcmp(port->name, "lanes") != 0);
}

static bool can_double(const struct sim_comp *comp, const struct sim_field *f) {
    int64_t v = sim_field_int(f, comp);
    return v > 0 && (f->choices != NULL || 2 * v <= f->max);
}

/* Is a parameter a port's namesake? "tags" of tags, posted_data_bytes of posted-data,
 * completion_headers of completion-headers-to-host, too. */
static bool namesake(const struct sim_field *f, const struct sim_port *port) {
    static const char unit[] = "_bytes";
    size_t n = strlen(f->name), u = sizeof unit - 1;
    if (f->unit != SIM_COUNT && f->unit != SIM_BYTES)
        return false;
    n -= n > u && strcmp(f->name + n - u, unit) == 0 ? u : 0;
    for (size_t i = 0; i < n; i++)
        if (port->name[i] != (f->name[i] == '_' ? '-' : f->name[i]))
            return false;
    return port->name[n] == 0 || (port->aside && port->name[n] == '-');
}

/* The parameter that says how many servers a port has; NULL: none, or one beside which another
 * must grow: a queue that counts what is in service, see double_servers. */
static const struct sim_field *servers_param(const struct sim_comp *comp,
                                             const struct sim_port *port) {
    const struct sim_field *of = NULL;
    for (const struct sim_field *f = comp->model->params; f->name != NULL; f++) {
        if (strcmp(f->name, "servers") == 0)
            return NULL;
        if (of == NULL && namesake(f, port))
            of = f;
    }
    return of != NULL && can_double(comp, of) ? of : NULL;
}

/* Is a parameter about what an operation of a port does? */
static bool is_about(const struct sim_field *f, const struct sim_port *port) {
    for (const struct sim_op *op = port->comp->model->ops; op->name != NULL; op++)
        if (op->port == port->index && sim_listed(op->params, f->name))
            return true;
    return false;
}

/* Does half of it mean twice as fast? All the time of a message, or that of a burst, on a
 * port's own way or on one that it shares. */
static bool is_pace(const struct sim_field *f, const struct sim_port *port) {
    static const char burst[] = "burst";
    size_t n = strlen(f->name), u = sizeof burst - 1;
    bool paces = strcmp(f->name, "time") == 0 ||
                 (n >= u && strcmp(f->name + n - u, burst) == 0 && is_about(f, port));
    return paces && f->unit == SIM_TIME && sim_field_int(f, port->comp) > 1;
}

static struct app_set set_to(const struct app_block *b, const struct sim_field *f, int64_t v,
                             struct sim_arena *arena) {
    char text[64];
    sim_quantity_exact(f->unit, v, text, sizeof text);
    return (struct app_set){sim_printf(arena, "%s/%s", b->pointer, f->name),
                            sim_strdup(arena, text)};
}

/* Twice each rate of a list, "40Gb/s,none". */
static struct app_set twice_each(const struct app_block *b, const struct sim_field *f,
                                 struct sim_arena *arena) {
    const char *list = *(const char *const *)((const char *)b->comp + f->offset), *sep = "";
    char text[64], why[256];
    const char *to = "";
    int64_t v;
    while (list != NULL) {
        size_t n = strcspn(list, ",");
        const char *one = sim_printf(arena, "%.*s", (int)n, list);
        if (sim_quantity_parse(SIM_RATE, one, &v, why, sizeof why)) {
            sim_quantity_exact(SIM_RATE, 2 * v, text, sizeof text);
            one = text;
        }
        to = sim_printf(arena, "%s%s%s", to, sep, one);
        sep = ",";
        list = list[n] == ',' ? list + n + 1 : NULL;
    }
    return (struct app_set){sim_printf(arena, "%s/%s", b->pointer, f->name), to};
}

static struct app_set number_at(const char *pointer, const char *name, int64_t n,
                                struct sim_arena *arena) {
    return (struct app_set){sim_printf(arena, "%s/%s", pointer, name),
                            sim_printf(arena, "%lld", (long long)n)};
}

/* Requests to drives: twice as many of each process. What a job file says is not changed. */
static bool deeper_requests(const struct app_stream *st, struct sim_arena *arena,
                            struct app_set *out) {
    const struct sim_field *f = sim_row_named(st->source->model->params, "iodepth");
    if (f == NULL || json_object_get(st->json, "file") != NULL)
        return false;
    int64_t depth = sim_field_int(f, st->source);
    *out = number_at(st->pointer, f->name, depth != SIM_ABSENT ? 2 * depth : 2, arena);
    return true;
}

/* A closed loop: twice the requests, and room for them. */
static size_t deeper(const struct app_scenario *s, const struct app_stream *st,
                     struct sim_arena *arena, struct app_set out[APP_FASTER]) {
    int64_t n = 2 * app_outstanding(st);
    size_t sets = 0;
    if (!st->stream->requests)
        out[sets++] = number_at(st->pointer, "outstanding", n, arena);
    else if (deeper_requests(st, arena, out))
        sets++;
    else
        return 0;
    if (json_object_get(st->json, "in_flight") != NULL) /* that was stated instead */
        out[sets++] = number_at(st->pointer, "in_flight", 0, arena);
    if (4 * n > s->run.messages)
        out[sets++] = number_at("/run", "messages", 2 * s->run.messages, arena);
    return sets;
}

/* The pool of messages, which a source waited for. */
static size_t larger_pool(const struct app_scenario *s, struct sim_arena *arena,
                          struct app_set out[APP_FASTER]) {
    if (2 * s->run.messages > APP_MOST_MESSAGES)
        return 0;
    out[0] = number_at("/run", "messages", 2 * s->run.messages, arena);
    return 1;
}

/* A table that had no place for what came: twice as many. */
static size_t larger_table(const struct app_scenario *s, const struct app_resource *r,
                           struct sim_arena *arena, struct app_set out[APP_FASTER]) {
    for (uint32_t i = 0; i < s->world->causes; i++) {
        const struct sim_cause *c = &s->world->cause[i];
        const struct app_block *b = app_block_of(s, c->comp);
        if (b == NULL || c->lacks == NULL || strcmp(c->lacks, r->resource) != 0 ||
            strcmp(c->comp->path, r->component) != 0)
            continue;
        const struct sim_field *f = sim_row_named(c->comp->model->params, c->lacks);
        if (!can_double(c->comp, f))
            return 0;
        out[0] = set_to(b, f, 2 * sim_field_int(f, c->comp), arena);
        return 1;
    }
    return 0;
}

static const struct app_stream *loop_of(const struct app_scenario *s,
                                        const struct app_resource *r) {
    bool loop = strcmp(r->resource, "outstanding") == 0 || strcmp(r->resource, "iodepth") == 0;
    for (uint32_t i = 0; i < s->streams && loop; i++)
        if (strcmp(s->stream[i].source->path, r->component) == 0)
            return &s->stream[i];
    return NULL;
}

size_t app_faster(const struct app_scenario *s, const struct app_resource *r,
                  struct sim_arena *arena, struct app_set out[APP_FASTER]) {
    const struct app_stream *loop = loop_of(s, r);
    if (loop != NULL)
        return deeper(s, loop, arena, out);
    if (strcmp(r->resource, "messages") == 0)
        return larger_pool(s, arena, out);
    if (larger_table(s, r, arena, out) > 0)
        return 1;
    struct named named = find(s->world, r);
    const struct app_block *b = app_block_of(s, named.comp);
    size_t n = 0;
    if (b == NULL || named.port == NULL || named.places)
        return 0;
    if (named.port->paced_by != NULL) {
        out[0] =
            twice_each(b, sim_row_named(b->comp->model->params, named.port->paced_by), arena);
        return 1;
    }
    if (b->comp->model->finishes && !app_any_loop(s->world))
        return 0; /* software waits, too: a faster clock would not be twice as fast; where a
                     loop waits for it, it is the sooner back */
    const struct sim_field *f = servers_param(b->comp, named.port);
    bool many = named.port->servers > 1 || named.port->aside;
    if (many && f != NULL)
        out[n++] = set_to(b, f, 2 * sim_field_int(f, b->comp), arena);
    for (f = b->comp->model->params; !many && f->name != NULL && n < APP_FASTER; f++) {
        int64_t v = sim_field_int(f, b->comp);
        if (is_speed(f, named.port) && can_double(b->comp, f))
            out[n++] = set_to(b, f, 2 * v, arena);
        else if (is_pace(f, named.port))
            out[n++] = set_to(b, f, v / 2, arena);
    }
    return n;
}
