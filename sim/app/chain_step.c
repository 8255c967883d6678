/* chain_step.c - engine steps for what a JSON step holds: visits, calls, splits, copies. */
#include "chain.h"
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- engine steps */

/* Beyond the bound nothing is added: app_checks refuses the scenario. */
uint16_t app_step_add(struct app_scenario *s, const struct sim_step *step,
                      struct app_origin_of_step origin) {
    if (s->world->steps == APP_STEPS) {
        s->crowded = true;
        return 0;
    }
    struct sim_step placed = *step;
    placed.pointer = origin.chain != NULL
                         ? sim_printf(&s->arena, "%s/%u", origin.chain->pointer, origin.index)
                         : origin.node->pointer;
    uint16_t i = sim_step_add(s->world, &placed);
    if (i >= s->step_room) {
        uint32_t room = s->step_room ? 2 * s->step_room : 64;
        s->step = sim_grow(&s->arena, s->step, s->step_room * sizeof *s->step,
                           room * sizeof *s->step);
        s->step_room = room;
    }
    s->step[i] = origin;
    return i;
}

static struct app_origin_of_step origin_of(const struct app_work *w,
                                           const struct app_block *b) {
    return (struct app_origin_of_step){
        .node = w->n, .chain = w->chain, .block = b, .index = w->index};
}

static const char *label_of(const struct app_work *w, const struct app_block *b,
                            const struct sim_op *op, uint32_t stage) {
    if (op->stages < 2)
        return sim_printf(&w->s->arena, "%s.%s", b->name, op->name);
    return sim_printf(&w->s->arena, "%s.%s:%s", b->name, op->name,
                      b->comp->port[op->port + stage]->name);
}

/* The stages of one visit. @return the first; *last the last. */
uint16_t app_add_visit(const struct app_work *w, const struct app_block *b,
                       const struct sim_op *op, const void *args, uint16_t *last) {
    uint32_t stages = op->stages ? op->stages : 1;
    uint16_t first = 0;
    for (uint32_t i = 0; i < stages; i++) {
        struct sim_step step = {.comp = b->comp, .op = op, .args = args, .stage = (uint8_t)i};
        step.label = label_of(w, b, op, i);
        *last = app_step_add(w->s, &step, origin_of(w, b));
        if (i == 0)
            first = *last;
        for (int v = 0; i > 0 && v < SIM_VERDICTS; v++) /* unless the chain's step says else */
            w->s->world->step[*last - 1].hop[v] =
                (struct sim_hop){.kind = SIM_HOP_NEXT, .next = *last};
    }
    return first;
}

struct app_visits app_add_visits(const struct app_work *w, const struct app_block *b,
                                 const char *name, const struct sim_op *op, const void *args) {
    struct app_visits v = {.blocks = 1};
    uint16_t last;
    v.first = app_add_visit(w, b, op, args, &v.last);
    v.each = (uint16_t)(v.last - v.first + 1);
    if (!app_block_is_group(b, name) || w->s->crowded)
        return v;
    v.blocks = b->group->n;
    for (uint32_t k = 1; k < v.blocks; k++)
        (void)app_add_visit(w, app_visit_block(w, b, &v, k), op, args, &last);
    w->s->step[v.first].fan = b->group;
    w->s->step[v.first].stride = v.each;
    return v;
}

const struct app_block *app_visit_block(const struct app_work *w, const struct app_block *b,
                                        const struct app_visits *v, uint32_t k) {
    return v->blocks > 1 ? &w->n->block[b->group->first + k] : b;
}

uint16_t app_add_free(const struct app_work *w, const struct app_block *b,
                      enum sim_step_kind kind, const char *what) {
    struct sim_step step = {.comp = b->comp, .kind = kind};
    step.label = sim_printf(&w->s->arena, "%s.%s", b->name, what);
    return app_step_add(w->s, &step, origin_of(w, b));
}

/* Read the arguments of a visit: {"at", "op", args...}. also: keys that the caller handles. */
/* NOLINTNEXTLINE(readability-function-size): its seven parameters are seven things */
bool app_read_visit(const struct app_work *w, const json_t *obj, const char *pointer,
                    const char *const *also, struct app_block **b, const struct sim_op **op,
                    void **args) {
    const char *at_name, *op_name;
    char at[APP_POINTER];
    if (!app_json_string(obj, "at", true, pointer, &at_name, w->err) ||
        !app_json_string(obj, "op", false, pointer, &op_name, w->err) ||
        !app_block_need(w->n, at_name, sim_pointer(at, sizeof at, pointer, "at"), b, w->err) ||
        !app_op_need(*b, op_name, sim_pointer(at, sizeof at, pointer, "op"), op, w->err))
        return false;
    *args = sim_alloc(&w->s->arena, (*op)->size + 1);
    return app_params_read(w->s, (*op)->fields, obj, *args, also, pointer, w->err);
}

/* ---------------------------------------------------------------- calls, splits, copies */

struct call_fields {
    int64_t poll;
};
const struct sim_field app_wait_table[] = {
    {"wait", SIM_ENUM, offsetof(struct call_fields, poll), 0, 0, "park", "park|poll",
     "poll: the server is kept until the call comes back; park: it is free meanwhile", NULL},
    {.name = NULL}};

static bool wait_of(const struct app_work *w, bool *poll) {
    struct call_fields f = {0};
    json_t *only = json_object();
    json_t *v = json_object_get(w->json, "wait");
    if (v != NULL)
        json_object_set(only, "wait", v);
    bool ok = sim_fields_read(app_wait_table, only, &f, NULL,
                              (struct sim_place){"", w->pointer}, &w->s->arena, w->err);
    json_decref(only);
    *poll = f.poll != 0;
    return ok;
}

/* The visit on the way back: "complete": {"op": ..., args}, the op "complete" by default. */
static bool add_complete(const struct app_work *w, const struct app_block *a, bool poll,
                         uint16_t *step) {
    static const char *const also[] = {"op", NULL};
    const json_t *obj = json_object_get(w->json, "complete");
    const char *op_name = "complete";
    const struct sim_op *op;
    char at[APP_POINTER];
    json_t *empty = NULL;
    sim_pointer(at, sizeof at, w->pointer, "complete");
    if (obj == NULL)
        obj = empty = json_object();
    else if (!json_is_object(obj))
        return app_json_wrong(obj, at, "must be an object: {\"op\": ..., ...}", w->err);
    const char *given = NULL;
    if (obj == empty && app_op_find(a->comp->model, op_name) == NULL) {
        json_decref(empty);
        return sim_fail(w->err, "", w->pointer,
                        "block \"%s\" (model %s) has no op \"complete\" for the way back of a "
                        "\"call\"; say \"complete\": {\"op\": ...}",
                        a->name, a->comp->model->name);
    }
    char sub[APP_POINTER];
    sim_pointer(sub, sizeof sub, at, "op");
    bool ok = app_json_string(obj, "op", false, at, &given, w->err) &&
              app_op_need(a, given ? given : op_name, sub, &op, w->err);
    void *args = ok ? sim_alloc(&w->s->arena, op->size + 1) : NULL;
    ok = ok && app_params_read(w->s, op->fields, obj, args, also, at, w->err);
    if (empty != NULL)
        json_decref(empty);
    if (!ok)
        return false;
    (void)app_add_visit(w, a, op, args, step);
    w->s->world->step[*step].back = true;
    w->s->world->step[*step].keep = poll;
    return true;
}

/* The server that polls would be kept for ever by a call that is dropped. */
static bool no_drop(const struct app_work *w, const struct app_block *b, bool poll) {
    for (uint32_t i = 0; poll && i < b->comp->ports; i++)
        if (b->comp->port[i]->drops || b->comp->port[i]->refuses)
            return sim_fail(w->err, "", w->pointer,
                            "a polling call to \"%s\", which drops when full, would keep the "
                            "caller for ever; use \"wait\": \"park\" or let it wait when full",
                            b->name);
    return true;
}

bool app_add_call(const struct app_work *w, const struct app_block *a, uint16_t out,
                  uint16_t *back_step) {
    static const char *const also[] = {"at", "op", NULL};
    const json_t *obj = json_object_get(w->json, "call");
    char at[APP_POINTER];
    struct app_block *b;
    const struct sim_op *op;
    void *args;
    bool poll;
    uint16_t back = 0;
    sim_pointer(at, sizeof at, w->pointer, "call");
    if (!json_is_object(obj))
        return app_json_wrong(obj, at, "must be an object: {\"at\": BLOCK, \"op\": ...}",
                              w->err);
    if (!app_read_visit(w, obj, at, also, &b, &op, &args) || !wait_of(w, &poll) ||
        !no_drop(w, b, poll))
        return false;
    const char *name = json_string_value(json_object_get(obj, "at"));
    struct app_visits v = app_add_visits(w, b, name, op, args);
    if (!add_complete(w, a, poll, &back))
        return false;
    struct sim_hop hop;
    if (!app_connect(w, a, v.first, &hop))
        return false;
    w->s->world->step[out].hold = poll;
    w->s->world->step[out].hop[0] = hop;
    for (uint32_t k = 0; k < v.blocks && !w->s->crowded; k++) {
        if (!app_connect(w, app_visit_block(w, b, &v, k), back, &hop))
            return false;
        w->s->world->step[v.last + k * v.each].called = true;
        w->s->world->step[v.last + k * v.each].hop[0] = hop;
    }
    *back_step = back;
    return true;
}

struct split_fields {
    int64_t into;
    const char *each, *chain;
    const json_t *join;
};
const struct sim_field app_split_table[] = {
    {"into", SIM_COUNT, offsetof(struct split_fields, into), 0, 4096, "0", NULL,
     "how many children; by size when absent, see each", NULL},
    {"each", SIM_STRING, offsetof(struct split_fields, each), 0, 0, "", "number",
     "as many children as its bytes need: the most bytes of a child, or a parameter of this "
     "block that says so",
     NULL},
    {"chain", SIM_STRING, offsetof(struct split_fields, chain), 0, 0, NULL, NULL,
     "the chain that each child takes", NULL},
    {"join", SIM_JSON, offsetof(struct split_fields, join), 0, 0, "",
     "{\"anyOf\":[{\"const\":\"all\"},{\"type\":\"integer\",\"minimum\":1}]}",
     "how many must end before the parent goes on: \"all\" or a number", NULL},
    {.name = NULL}};

static bool join_of(const struct app_work *w, const struct split_fields *f, const char *pointer,
                    uint16_t *join) {
    char at[APP_POINTER], shown[APP_SHOWN];
    *join = (uint16_t)f->into;
    if (f->join == NULL ||
        (json_is_string(f->join) && strcmp(json_string_value(f->join), "all") == 0))
        return true;
    json_int_t n = json_integer_value(f->join);
    sim_pointer(at, sizeof at, pointer, "join");
    if (f->into == 0)
        return sim_fail(w->err, "", at, "a split by size waits for all; leave it out");
    if (!json_is_integer(f->join) || n < 1 || n > f->into)
        return sim_fail(w->err, "", at, "is %s; must be \"all\" or a number from 1 to %d",
                        app_json_show(f->join, shown), (int)f->into);
    *join = (uint16_t)n;
    return true;
}

/* The most bytes of a child: a number of them, or a parameter of the block. */
static bool each_of(const struct app_work *w, const struct app_block *a, const char *text,
                    const char *pointer, uint32_t *each) {
    char at[APP_POINTER];
    int64_t bytes = 0;
    bool named = false;
    sim_pointer(at, sizeof at, pointer, "each");
    for (const struct sim_field *f = a->comp->model->params; f->name != NULL; f++)
        if (f->unit == SIM_BYTES && strcmp(f->name, text) == 0) {
            bytes = *(const int64_t *)((const char *)a->comp + f->offset);
            named = true;
        }
    char why[128];
    if (!named && !sim_quantity_parse(SIM_BYTES, text, &bytes, why, sizeof why))
        return sim_fail(w->err, "", at,
                        "\"%s\" is neither a number of bytes, e.g. \"512B\", nor a parameter "
                        "of \"%s\" in bytes",
                        text, a->name);
    if (bytes < 1 || bytes > UINT32_MAX)
        return sim_fail(w->err, "", at,
                        "is %lld bytes; a child needs at least 1, and at most 4 GiB",
                        (long long)bytes);
    *each = (uint32_t)bytes;
    return true;
}

static bool parts_of(const struct app_work *w, const struct app_block *a,
                     const struct split_fields *f, const char *pointer, uint32_t *each) {
    *each = 0;
    if ((f->into == 0) == (f->each == NULL))
        return sim_fail(w->err, "", pointer, "give either \"into\" or \"each\"");
    if (f->into > 0)
        return true;
    SIM_ASSERT(f->each != NULL);
    return each_of(w, a, f->each, pointer, each);
}

/* Entry of children or a copy at block a into a chain. */
static bool add_entry(const struct app_work *w, const struct app_block *a, const char *chain,
                      const char *pointer, uint16_t *entry) { /* pointer: of the name */
    uint16_t first;
    struct sim_hop hop;
    *entry = app_add_free(w, a, SIM_STEP_EMIT, "out");
    if (!app_chain_compile(w->s, w->n, chain, pointer, &first, w->err) ||
        !app_connect(w, a, first, &hop))
        return false;
    w->s->world->step[*entry].hop[0] = hop;
    return true;
}

bool app_add_split(const struct app_work *w, const struct app_block *a, uint16_t out,
                   uint16_t *resume) {
    struct split_fields f;
    char at[APP_POINTER], sub[APP_POINTER];
    uint16_t join, entry, back;
    uint32_t each;
    bool poll;
    sim_pointer(at, sizeof at, w->pointer, "split");
    const json_t *obj = json_object_get(w->json, "split");
    if (!json_is_object(obj))
        return app_json_wrong(obj, at, "must be an object: {\"into\": N, \"chain\": NAME}",
                              w->err);
    if (!app_params_read(w->s, app_split_table, obj, &f, NULL, at, w->err) ||
        !parts_of(w, a, &f, at, &each) || !join_of(w, &f, at, &join) || !wait_of(w, &poll) ||
        !add_entry(w, a, f.chain, sim_pointer(sub, sizeof sub, at, "chain"), &entry))
        return false;
    *resume = app_add_free(w, a, SIM_STEP_RESUME, "join");
    struct sim_step *step = &w->s->world->step[out];
    step->action = SIM_ACT_SPLIT;
    step->target = entry;
    step->into = (uint16_t)f.into;
    step->each = each;
    step->join = join;
    step->resume = *resume;
    step->hold = poll;
    step->hop[0] = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = *resume};
    if (!poll)
        return true;
    if (!add_complete(w, a, true, &back))
        return false;
    for (int v = 0; v < 2; v++) /* where its server is, well or not */
        w->s->world->step[*resume].hop[v] =
            (struct sim_hop){.kind = SIM_HOP_NEXT, .next = back, .delay = 1};
    *resume = back;
    return true;
}

bool app_add_copy(const struct app_work *w, const struct app_block *a, uint16_t out) {
    const char *chain;
    char at[APP_POINTER];
    uint16_t entry;
    if (!app_json_string(w->json, "copy", true, w->pointer, &chain, w->err) ||
        !add_entry(w, a, chain, sim_pointer(at, sizeof at, w->pointer, "copy"), &entry))
        return false;
    w->s->world->step[out].action = SIM_ACT_COPY;
    w->s->world->step[out].target = entry;
    return true;
}
