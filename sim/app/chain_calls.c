/* chain_calls.c - engine steps for what a JSON step sends on from its block: "call", "split"
 * and "copy". */
#include "chain.h"
#include <string.h>

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

/* The way back carries what the called operation brings: of a digest nearly nothing. */
static void carry(struct sim_world *w, struct sim_hop *hop, const struct sim_step *called) {
    if (called->op->brings == NULL)
        return;
    uint64_t ppm = called->op->brings(called->op, called->args);
    for (uint32_t i = hop->next; w->step[i].kind == SIM_STEP_VIA; i = w->step[i].hop[0].next)
        w->step[i].ratio_ppm = (uint32_t)(w->step[i].ratio_ppm * ppm / 1000000);
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
        carry(w->s->world, &hop, &w->s->world->step[v.last + k * v.each]);
        w->s->world->step[v.last + k * v.each].called = true;
        w->s->world->step[v.last + k * v.each].hop[0] = hop;
    }
    *back_step = back;
    return true;
}

struct split_fields {
    int64_t into, timeout, retries;
    const char *each, *chain;
    const json_t *join;
};
const struct sim_field app_split_table[] = {
    {"into", SIM_COUNT, offsetof(struct split_fields, into), 1, 4096, "", NULL,
     "how many children; without it by size, see each", NULL},
    {"each", SIM_STRING, offsetof(struct split_fields, each), 0, 0, "", "number",
     "as many children as its bytes need: the most bytes of a child, or a parameter of this "
     "block that says so",
     NULL},
    {"chain", SIM_STRING, offsetof(struct split_fields, chain), 0, 0, NULL, NULL,
     "the chain that each child takes", NULL},
    {"timeout", SIM_TIME, offsetof(struct split_fields, timeout), 0, SIM_PS_PER_S * 3600, "0s",
     NULL,
     "how long the parent waits for them at most; 0: as long as it takes. Needed where they "
     "go to another card, from which they have to come back",
     NULL},
    {"retries", SIM_COUNT, offsetof(struct split_fields, retries), 0, 1000, "0", NULL,
     "with timeout: how often they are sent anew before the parent goes on to \"error\"", NULL},
    {"join", SIM_JSON, offsetof(struct split_fields, join), 0, 0, "",
     "{\"anyOf\":[{\"const\":\"all\"},{\"type\":\"integer\",\"minimum\":1}]}",
     "how many must end before the parent goes on: \"all\" or a number", NULL},
    {.name = NULL}};

static bool join_of(const struct app_work *w, const struct split_fields *f, const char *pointer,
                    uint16_t *join) {
    char at[APP_POINTER], shown[APP_SHOWN];
    bool by_size = f->each != NULL;
    *join = by_size ? 0 : (uint16_t)f->into;
    if (f->join == NULL ||
        (json_is_string(f->join) && strcmp(json_string_value(f->join), "all") == 0))
        return true;
    json_int_t n = json_integer_value(f->join);
    sim_pointer(at, sizeof at, pointer, "join");
    if (by_size)
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
    if ((f->into == SIM_ABSENT) == (f->each == NULL))
        return sim_fail(w->err, "", pointer, "give either \"into\" or \"each\"");
    return f->each == NULL || each_of(w, a, f->each, pointer, each);
}

static bool retries_of(const struct app_work *w, const struct split_fields *f,
                       const char *pointer) {
    char at[APP_POINTER];
    return f->retries == 0 || f->timeout > 0 ||
           sim_fail(w->err, "", sim_pointer(at, sizeof at, pointer, "retries"),
                    "has no effect without \"timeout\"");
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
        !retries_of(w, &f, at) || !parts_of(w, a, &f, at, &each) ||
        !join_of(w, &f, at, &join) || !wait_of(w, &poll) ||
        !add_entry(w, a, f.chain, sim_pointer(sub, sizeof sub, at, "chain"), &entry))
        return false;
    *resume = app_add_free(w, a, SIM_STEP_RESUME, "join");
    struct sim_step *step = &w->s->world->step[out];
    step->action = SIM_ACT_SPLIT;
    step->target = entry;
    step->into = each > 0 ? 0 : (uint16_t)f.into;
    step->each = each;
    step->timeout = f.timeout;
    step->retries = (uint16_t)f.retries;
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

struct copy_fields {
    const char *each, *chain;
    int64_t rest;
};
const struct sim_field app_copy_table[] = {
    {"chain", SIM_STRING, offsetof(struct copy_fields, chain), 0, 0, NULL, NULL,
     "the chain that each copy takes", NULL},
    {"each", SIM_STRING, offsetof(struct copy_fields, each), 0, 0, NULL, "number",
     "as many copies as its bytes need: the most bytes of one, or a parameter of this block "
     "that says so",
     NULL},
    {"rest", SIM_BOOL, offsetof(struct copy_fields, rest), 0, 0, "false", NULL,
     "whether the message goes on with the last part itself, for which there is no copy then",
     NULL},
    {.name = NULL}};

/* "copy": CHAIN, one of the whole message; or by size, an object. */
static bool copy_of(const struct app_work *w, const struct app_block *a, struct copy_fields *f,
                    char at[APP_POINTER], uint32_t *each) {
    const json_t *obj = json_object_get(w->json, "copy");
    char sub[APP_POINTER];
    *each = 0;
    sim_pointer(at, APP_POINTER, w->pointer, "copy");
    *f = (struct copy_fields){.chain = json_string_value(obj)};
    if (json_is_string(obj))
        return true;
    if (!json_is_object(obj))
        return app_json_wrong(obj, at,
                              "must be a chain's name, or an object: {\"each\": \"4KiB\", "
                              "\"chain\": NAME}",
                              w->err);
    if (!app_params_read(w->s, app_copy_table, obj, f, NULL, at, w->err) ||
        !each_of(w, a, f->each, at, each))
        return false;
    memcpy(at, sim_pointer(sub, sizeof sub, at, "chain"), APP_POINTER);
    return true;
}

bool app_add_copy(const struct app_work *w, const struct app_block *a, uint16_t out) {
    struct copy_fields f;
    char at[APP_POINTER];
    uint16_t entry;
    uint32_t each;
    if (!copy_of(w, a, &f, at, &each) || !add_entry(w, a, f.chain, at, &entry))
        return false;
    struct sim_step *step = &w->s->world->step[out];
    step->action = SIM_ACT_COPY;
    step->target = entry;
    step->each = each;
    step->rest = f.rest != 0;
    return true;
}
