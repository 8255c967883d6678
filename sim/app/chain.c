/* chain.c - compiling one chain: from JSON to the engine's steps. */
#include "chain.h"
#include "sim/engine/row.h"
#include <stdio.h>
#include <string.h>

enum { DEEPEST = 256 };

/* ---------------------------------------------------------------- one step */

/* Keys of a step beside its op's own: structure, and the verdicts of up to two models. */
static void step_keys(const struct sim_model *a, const struct sim_model *b,
                      const char *keys[64]) {
    static const char *const fixed[] = {"at",       "op",    "name", "call", "wait",
                                        "complete", "split", "copy", "error"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        keys[n++] = fixed[i];
    for (int k = 0; k < 2; k++) {
        const struct sim_model *m = k ? b : a;
        for (uint32_t v = 0; m != NULL && m->verdicts != NULL && m->verdicts[v].name; v++)
            keys[n++] = m->verdicts[v].name;
    }
    keys[n] = NULL;
}

struct made {
    struct app_block *a, *b;  /* visited, called */
    struct app_visits v;      /* at a, or at every block of its group */
    uint16_t first, out, end; /* steps: entry, last stage, where the chain goes on from */
};

static bool errors_have_a_split(const struct app_work *w) {
    if (json_object_get(w->json, "error") != NULL && json_object_get(w->json, "split") == NULL)
        return sim_fail(w->err, "", w->pointer, "\"error\" has no effect without \"split\"");
    return true;
}

static bool exclusive(const struct app_work *w) {
    int n = (json_object_get(w->json, "call") != NULL) +
            (json_object_get(w->json, "split") != NULL) +
            (json_object_get(w->json, "copy") != NULL);
    if (n > 1)
        return sim_fail(w->err, "", w->pointer,
                        "\"call\", \"split\" and \"copy\" exclude each other in one step");
    for (int i = 0; i < 2; i++) {
        const char *key = i ? "complete" : "wait";
        if (json_object_get(w->json, key) != NULL && json_object_get(w->json, "call") == NULL &&
            json_object_get(w->json, "split") == NULL)
            return sim_fail(w->err, "", w->pointer,
                            "\"%s\" has no effect without \"call\" or \"split\"", key);
    }
    const char *wait = json_string_value(json_object_get(w->json, "wait"));
    if (json_object_get(w->json, "split") == NULL || (wait && strcmp(wait, "poll") == 0))
        return errors_have_a_split(w);
    if (json_object_get(w->json, "complete") != NULL)
        return sim_fail(w->err, "", w->pointer,
                        "\"complete\" has no effect on a \"split\" without \"wait\": \"poll\"");
    return errors_have_a_split(w);
}

static bool has_verdict(const struct sim_model *m, const char *name) {
    for (uint32_t v = 0; m != NULL && m->verdicts != NULL && m->verdicts[v].name; v++)
        if (strcmp(m->verdicts[v].name, name) == 0)
            return true;
    return false;
}

/* A branch on what the operation never finds would never be taken. */
static bool can_find(const struct app_work *w, const struct app_block *a,
                     const struct sim_op *op, const struct app_block *called) {
    const struct sim_verdict *d = a->comp->model->verdicts;
    char at[APP_POINTER];
    for (uint32_t v = 0; op->verdicts != NULL && d != NULL && d[v].name != NULL; v++)
        if (json_object_get(w->json, d[v].name) != NULL &&
            !sim_listed(op->verdicts, d[v].name) &&
            !(called != NULL && has_verdict(called->comp->model, d[v].name)))
            return sim_fail(w->err, "", sim_pointer(at, sizeof at, w->pointer, d[v].name),
                            "op \"%s\" never finds that: it finds %s; see `dpusim help %s`",
                            op->name, op->verdicts[0] ? op->verdicts : "nothing to branch on",
                            a->comp->model->name);
    return true;
}

/* Phase one: the engine steps. */
static bool make_steps(const struct app_work *w, struct made *m) {
    const char *keys[64];
    const struct sim_op *op;
    void *args;
    const json_t *call = json_object_get(w->json, "call");
    const char *a = json_string_value(json_object_get(w->json, "at"));
    const char *b = json_string_value(json_object_get(call, "at"));
    const struct app_block *pa = a ? app_block_find(w->n, a) : NULL;
    const struct app_block *pb = b ? app_block_find(w->n, b) : NULL;
    step_keys(pa ? pa->comp->model : NULL, pb ? pb->comp->model : NULL, keys);
    if (!exclusive(w) || !app_read_visit(w, w->json, w->pointer, keys, &m->a, &op, &args))
        return false;
    bool more = call || json_object_get(w->json, "split") || json_object_get(w->json, "copy");
    bool bare = app_step_is_bare(w->json);
    if (!bare && !can_find(w, m->a, op, pb))
        return false;
    if (app_block_is_group(m->a, a) && more)
        return sim_fail(
            w->err, "", w->pointer,
            "\"%s\" stands for %u blocks; a step that calls, splits or copies names "
            "one of them, e.g. \"%s\"",
            a, m->a->group->n, m->a->name);
    if (bare && json_object_get(w->json, "wait") != NULL)
        return sim_fail(w->err, "", w->pointer,
                        "\"wait\" keeps the server of a visit; name its \"op\"");
    if (bare) { /* splitting itself costs nothing */
        m->first = m->out = app_add_free(w, m->a, SIM_STEP_RESUME, "split");
    } else {
        m->v = app_add_visits(w, m->a, a, op, args);
        m->first = m->v.first;
        m->out = m->v.last;
    }
    m->end = m->out;
    m->b = (struct app_block *)pb;
    return true;
}

/* Phase two: what follows from it. */
static bool make_hops(const struct app_work *w, struct made *m) {
    const struct sim_model *model = m->a->comp->model;
    bool call = json_object_get(w->json, "call") != NULL;
    bool split = json_object_get(w->json, "split") != NULL;
    struct app_target t;
    if (call) {
        if (!app_add_call(w, m->a, m->out, &m->end))
            return false;
        if (!app_verdict_hops(w, m->a, m->end, m->b->comp->model, true))
            return false;
    }
    if (split) {
        uint16_t resume = 0;
        struct sim_hop hop;
        if (!app_add_split(w, m->a, m->out, &resume) ||
            !app_target_of(w, "error", "drop", &t) ||
            !app_make_hop(w, m->a, t, "child-failed", &hop))
            return false;
        for (int v = 1; v < SIM_VERDICTS; v++)
            w->s->world->step[resume].hop[v] = hop;
        t = (struct app_target){.kind = APP_TO_STEP, .chain = w->chain, .index = w->index + 1};
        if (!app_make_hop(w, m->a, t, "dropped", &hop))
            return false;
        w->s->world->step[resume].hop[0] = hop;
    }
    if (json_object_get(w->json, "copy") != NULL && !app_add_copy(w, m->a, m->out))
        return false;
    for (uint32_t k = 0; k < (m->v.blocks ? m->v.blocks : 1) && !w->s->crowded; k++) {
        const struct app_block *a = app_visit_block(w, m->a, &m->v, k);
        uint16_t first = (uint16_t)(m->first + k * m->v.each);
        uint16_t out = (uint16_t)(m->out + k * m->v.each);
        for (uint16_t i = first; i < out; i++)
            if (!app_verdict_hops(w, a, i, model, false))
                return false;
        if (!app_verdict_hops(w, a, out, model, !call && !split))
            return false;
    }
    return true;
}

static bool is_visit(const json_t *step) {
    return json_object_get(step, "end") == NULL && json_object_get(step, "goto") == NULL;
}

static struct app_work work_at(struct app_scenario *s, struct app_node *n, struct app_chain *c,
                               uint32_t i, struct sim_err *err) {
    struct app_work w = {.s = s, .n = n, .chain = c, .index = i, .err = err};
    w.json = json_array_get(c->json, i);
    snprintf(w.pointer, sizeof w.pointer, "%s/%u", c->pointer, i);
    return w;
}

static bool check_end(const struct app_work *w) {
    static const char *const keys[] = {"end", "goto", "name", NULL};
    struct app_target t;
    const char *end, *go;
    char at[APP_POINTER];
    bool ends = json_object_get(w->json, "end") != NULL;
    if (json_object_get(w->json, "at") != NULL)
        return sim_fail(w->err, "", w->pointer,
                        "\"%s\" is a step of its own; \"at\" cannot stand beside it",
                        ends ? "end" : "goto");
    if (!app_json_keys(w->json, keys, w->pointer, w->err) ||
        !app_json_string(w->json, "end", false, w->pointer, &end, w->err) ||
        !app_json_string(w->json, "goto", false, w->pointer, &go, w->err))
        return false;
    if (end != NULL && go != NULL)
        return sim_fail(w->err, "", w->pointer, "give either \"end\" or \"goto\"");
    if (end != NULL && strcmp(end, "delivered") != 0 && strcmp(end, "reply") != 0 &&
        strcmp(end, "drop") != 0)
        return sim_fail(w->err, "", sim_pointer(at, sizeof at, w->pointer, "end"),
                        "is \"delivered\", \"reply\" or \"drop\", not \"%s\"", end);
    if (w->index + 1 < w->chain->steps &&
        json_object_get(json_array_get(w->chain->json, w->index + 1), "name") == NULL)
        return sim_fail(w->err, "", w->pointer,
                        "the steps behind this one can never be reached; name them for a "
                        "\"CHAIN#NAME\", or remove them");
    sim_pointer(at, sizeof at, w->pointer, ends ? "end" : "goto");
    return app_read_target(w, ends ? end : go, at, &t);
}

/* "name" of a step: what CHAIN#NAME leads to, so there may be only one of it. */
static bool check_name(const struct app_work *w) {
    const char *name, *other;
    char at[APP_POINTER];
    if (!app_json_string(w->json, "name", false, w->pointer, &name, w->err))
        return false;
    sim_pointer(at, sizeof at, w->pointer, "name");
    if (name != NULL && !app_name_need(name, at, w->err))
        return false;
    for (uint32_t i = 0; name != NULL && i < w->index; i++) {
        other = json_string_value(json_object_get(json_array_get(w->chain->json, i), "name"));
        if (other != NULL && strcmp(other, name) == 0)
            return sim_fail(w->err, "", at, "step %u has the name \"%s\" already", i, name);
    }
    return true;
}

/* Phase one of a chain: the engine steps of all its steps. */
static bool steps_of(struct app_scenario *s, struct app_node *n, struct app_chain *c,
                     struct made *made, struct sim_err *err) {
    for (uint32_t i = 0; i < c->steps; i++) {
        struct app_work w = work_at(s, n, c, i, err);
        if (!check_name(&w) || (is_visit(w.json) ? !make_steps(&w, &made[i]) : !check_end(&w)))
            return false;
        c->entry[i] = is_visit(w.json) ? made[i].first : UINT16_MAX;
    }
    return true;
}

static bool hops_of(struct app_scenario *s, struct app_node *n, struct app_chain *c,
                    struct made *made, struct sim_err *err) {
    for (uint32_t i = 0; i < c->steps; i++) {
        struct app_work w = work_at(s, n, c, i, err);
        if (is_visit(w.json) && !make_hops(&w, &made[i]))
            return false;
    }
    return true;
}

bool app_chain_compile(struct app_scenario *s, struct app_node *n, const char *name,
                       const char *pointer, uint16_t *first, struct sim_err *err) {
    struct app_chain *c = app_chain_find(n, name);
    if (c == NULL && strchr(name, '#') != NULL)
        return sim_fail(err, "", pointer,
                        "\"%s\": a whole chain is meant here, not a step of one", name);
    if (c == NULL)
        return app_chain_unknown(n, name, pointer, "", err);
    if (!c->done) {
        if (s->depth == DEEPEST)
            return sim_fail(err, "", c->pointer,
                            "chains lead into each other more than %d deep", DEEPEST);
        s->depth++;
        c->used = true;
        c->done = true;
        c->entry = sim_alloc_n(&s->arena, c->steps, sizeof *c->entry);
        struct made *made = sim_alloc_n(&s->arena, c->steps, sizeof *made);
        if (!steps_of(s, n, c, made, err) || !hops_of(s, n, c, made, err))
            return false;
        s->depth--;
    }
    *first = c->entry[0];
    if (*first == UINT16_MAX)
        return sim_fail(err, "", c->pointer,
                        "begins with an \"end\" or \"goto\"; the first step must be a visit");
    return true;
}
