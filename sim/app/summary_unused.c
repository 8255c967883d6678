/* summary_unused.c - what the config says and this run never used: changing it changes nothing.
 *
 * Whole blocks, routes and chains, steps of chains in use, and of blocks in use the parameters
 * that are about operations that were not.
 */
#include "sim/engine/row.h"
#include "summary.h"
#include <stdio.h>
#include <string.h>

static bool comp_used(const struct sim_world *w, const struct sim_comp *c) {
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].comp == c && sim_step_used(w, i))
            return true;
    return false;
}

static bool op_used(const struct sim_world *w, const struct sim_comp *c,
                    const struct sim_op *op) {
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].comp == c && w->step[i].op == op && sim_step_used(w, i))
            return true;
    return false;
}

/* Other than its default, and without effect. */
static bool vain(const struct app_block *b, const struct sim_field *param) {
    const struct sim_model *m = b->comp->model;
    bool other = sim_row_is_int(param) && param->def != NULL && *param->def &&
                 sim_field_int(param, b->comp) != sim_row_default(param);
    return other && m->effect != NULL && !m->effect(b->comp, param->name);
}

bool app_params_used(const struct sim_world *w, const struct app_block *b,
                     const struct sim_field *param) {
    bool named = false, used = false;
    for (const struct sim_op *op = b->comp->model->ops; op && op->name; op++)
        if (sim_listed(op->params, param->name)) {
            named = true;
            used = used || op_used(w, b->comp, op);
        }
    return named ? used : comp_used(w, b->comp);
}

/* Blocks of a card that one entry of the config stands for: b, and others behind it. */
struct likes {
    const struct app_block *b;
    uint32_t n;
};

static struct likes likes_of(const struct app_node *n, uint32_t k) {
    struct likes all = {&n->block[k], 1};
    while (k + all.n < n->blocks &&
           strcmp(n->block[k + all.n].pointer, n->block[k].pointer) == 0)
        all.n++;
    return all;
}

static bool any_used(const struct sim_world *w, struct likes all) {
    for (uint32_t i = 0; i < all.n; i++)
        if (comp_used(w, all.b[i].comp))
            return true;
    return false;
}

static bool param_used(const struct sim_world *w, struct likes all, const struct sim_field *f) {
    for (uint32_t i = 0; i < all.n; i++)
        if (app_params_used(w, &all.b[i], f) && !vain(&all.b[i], f))
            return true;
    return false;
}

/* Parameters of a block in use that are about operations that were not, or without effect; of
 * a block that idles, all but the idle power that it states. */
static void unused_blocks(const struct app_scenario *s, const struct app_node *n,
                          json_t *list) {
    char at[APP_POINTER];
    for (uint32_t k = 0; k < n->blocks;) {
        struct likes all = likes_of(n, k);
        const struct sim_field *f = all.b->comp->model->params;
        if (!any_used(s->world, all))
            json_array_append_new(list, json_string(all.b->pointer));
        else
            for (; f && f->name; f++)
                if (!param_used(s->world, all, f))
                    json_array_append_new(
                        list, json_string(sim_pointer(at, sizeof at, all.b->pointer, f->name)));
        k += all.n;
    }
}

/* The scenario's own chains are those of all nodes: this is the same one as c, as n has it. */
static const struct app_chain *same_chain(const struct app_node *n, const struct app_chain *c) {
    const struct app_chain *same = app_chain_find(n, c->name);
    return same != NULL && strcmp(same->pointer, c->pointer) == 0 ? same : NULL;
}

static bool chain_used(const struct app_scenario *s, const struct app_chain *c) {
    for (uint32_t i = 0; i < s->nodes; i++) {
        const struct app_chain *same = same_chain(&s->node[i], c);
        if (same != NULL && same->used)
            return true;
    }
    return false;
}

static bool chain_step_used(const struct app_scenario *s, const struct app_chain *c,
                            uint32_t k) {
    for (uint32_t i = 0; i < s->nodes; i++) {
        const struct app_chain *same = same_chain(&s->node[i], c);
        if (same != NULL && same->done &&
            (same->entry[k] == UINT16_MAX || sim_step_used(s->world, same->entry[k])))
            return true;
    }
    return false;
}

static void unused_chain(const struct app_scenario *s, const struct app_chain *c,
                         json_t *list) {
    char at[APP_POINTER];
    if (!chain_used(s, c)) {
        json_array_append_new(list, json_string(c->pointer));
        return;
    }
    for (uint32_t k = 0; k < c->steps; k++) {
        snprintf(at, sizeof at, "%s/%u", c->pointer, k);
        if (!chain_step_used(s, c, k))
            json_array_append_new(list, json_string(at));
    }
}

/* Has an earlier node told of it? */
static bool told(const struct app_scenario *s, uint32_t node, const struct app_chain *c) {
    for (uint32_t i = 0; i < node; i++)
        if (same_chain(&s->node[i], c) != NULL)
            return true;
    return false;
}

/* The step that a hop leads to behind the shared resources on its way, when messages came. */
static uint32_t arrives(const struct sim_world *w, const struct sim_hop *hop) {
    uint32_t at = hop->next;
    for (uint32_t k = 0; w->step[at].kind == SIM_STEP_VIA && k < w->steps; k++) {
        if (!sim_step_used(w, at))
            return UINT32_MAX;
        at = w->step[at].hop[0].next;
    }
    return sim_step_used(w, at) ? at : UINT32_MAX;
}

/* Did step i give a verdict? Those of a called block are the caller's business. */
static bool gave(const struct sim_world *w, uint32_t i, uint32_t verdict) {
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_step_stat *stat = w->stream[k]->step[i];
        if (stat != NULL &&
            (w->step[i].called || stat->verdict[verdict] > 0 || (stat->gave >> verdict & 1)))
            return true;
    }
    return false;
}

/* Did messages of step i take a route? */
static bool took(const struct app_scenario *s, uint32_t i, const struct app_route *r) {
    const struct sim_world *w = s->world;
    const struct app_origin_of_step *from = &s->step[i];
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(&w->step[i], v, k)) != NULL; k++) {
            uint32_t to = hop->kind == SIM_HOP_NEXT ? arrives(w, hop) : UINT32_MAX;
            if (to != UINT32_MAX && s->step[to].block != from->block && gave(w, i, v) &&
                app_route_to(s, from->block, to) == r)
                return true;
        }
    return false;
}

bool app_route_taken(const struct app_scenario *s, const struct app_node *n,
                     const struct app_route *r) {
    const struct sim_world *w = s->world;
    for (uint32_t i = 0; i < w->steps; i++)
        if (s->step[i].node == n && s->step[i].block != NULL &&
            w->step[i].kind != SIM_STEP_VIA && sim_step_used(w, i) && took(s, i, r))
            return true;
    return false;
}

json_t *app_summary_unused(const struct app_scenario *s) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->nodes; i++) {
        const struct app_node *n = &s->node[i];
        unused_blocks(s, n, list);
        for (uint32_t k = 0; k < n->chains; k++)
            if (!told(s, i, &n->chain[k]))
                unused_chain(s, &n->chain[k], list);
        for (uint32_t k = 0; k < n->routes; k++)
            if (!app_route_taken(s, n, &n->route[k]))
                json_array_append_new(list, json_string(n->route[k].pointer));
    }
    return list;
}

/* Is it what the entry names, or in it? Energy is of idle blocks, too. */
static bool is_in(const char *pointer, const char *entry) {
    size_t n = strlen(entry);
    return strncmp(pointer, entry, n) == 0 && (pointer[n] == '\0' || pointer[n] == '/') &&
           strstr(pointer + n, "/energy") == NULL;
}

void app_warn_of_unused(const struct app_scenario *s, const json_t *unused) {
    size_t i, k;
    json_t *set, *entry;
    json_array_foreach(s->config.overrides, i, set) {
        const char *pointer = json_string_value(json_object_get(set, "pointer"));
        bool vain = false;
        json_array_foreach(unused, k, entry) vain =
            vain || is_in(pointer, json_string_value(entry));
        if (vain)
            app_warn_of(s, pointer,
                        "was set, and has no effect on this run but for idle power: nothing "
                        "came to what it is about");
    }
}
