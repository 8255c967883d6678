/* chain_hop.c - where a message goes from a step: targets, routes, verdicts. */
#include "chain.h"
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- hops */

static const char *group_name(const struct app_block *b) {
    return b->group != NULL ? b->group->name : b->name;
}

struct app_route *app_route_to(const struct app_scenario *s, const struct app_block *from,
                               uint32_t to) {
    const struct sim_op *op = s->world->step[to].op;
    const struct app_origin_of_step *end = &s->step[to];
    return app_route_find(end->node, group_name(from), group_name(end->block),
                          op != NULL ? op->name : "");
}

static bool connect_one(const struct app_work *w, const struct app_block *from, uint16_t to,
                        struct sim_hop *hop) {
    struct app_scenario *s = w->s;
    const struct app_block *b = s->step[to].block;
    *hop = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = to, .delay = 1};
    if (from == NULL || from == b)
        return true;
    struct app_route *r = app_route_to(s, from, to);
    if (r == NULL) {
        sim_fail(w->err, "", w->pointer,
                 "there is no route from \"%s\" to \"%s\"; go through a block that has one, or "
                 "add it under %s/routes",
                 from->name, b->name, w->n->pointer);
        return false;
    }
    hop->delay = r->delay;
    for (uint32_t i = r->vias; i-- > 0;) {
        const struct app_via *via = &r->via[i];
        struct sim_step step = {.comp = via->block->comp,
                                .op = via->op,
                                .kind = SIM_STEP_VIA,
                                .ratio_ppm = via->ratio_ppm};
        step.label = sim_printf(&s->arena, "%s.%s", via->block->name, via->op->name);
        for (int v = 0; v < SIM_VERDICTS; v++)
            step.hop[v] = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = hop->next, .delay = 1};
        if (via->op->fields != NULL) {
            json_t *empty = json_object();
            void *args = sim_alloc(&s->arena, via->op->size + 1);
            bool ok =
                app_params_read(s, via->op->fields, empty, args, NULL, r->pointer, w->err);
            step.args = args;
            json_decref(empty);
            if (!ok)
                return false;
        }
        hop->next = app_step_add(
            s, &step,
            (struct app_origin_of_step){
                .node = w->n, .chain = w->chain, .block = via->block, .index = w->index});
    }
    return true;
}

bool app_connect(const struct app_work *w, const struct app_block *from, uint16_t to,
                 struct sim_hop *hop) {
    struct app_scenario *s = w->s;
    const struct app_group *g = s->step[to].fan;
    uint16_t stride = s->step[to].stride;
    if (g == NULL)
        return connect_one(w, from, to, hop);
    if (g->by == SIM_FAN_MODEL && from != NULL && from->group == g) /* it is there */
        return connect_one(
            w, from, (uint16_t)(to + (uint32_t)(from - &w->n->block[g->first]) * stride), hop);
    struct sim_hop *fan = sim_alloc_n(&s->world->arena, g->n, sizeof *fan);
    for (uint32_t k = 0; k < g->n; k++)
        if (!connect_one(w, from, (uint16_t)(to + k * stride), &fan[k]))
            return false;
    *hop = fan[0];
    hop->fan = fan;
    hop->fans = (uint16_t)g->n;
    hop->by = (uint8_t)g->by;
    return true;
}

static bool find_label(const struct app_work *w, struct app_chain *c, const char *label,
                       const char *pointer, uint32_t *index) {
    for (*index = 0; *index < c->steps; ++*index) {
        const char *name =
            json_string_value(json_object_get(json_array_get(c->json, *index), "name"));
        if (name != NULL && strcmp(name, label) == 0)
            return true;
    }
    return sim_fail(w->err, "", pointer, "chain \"%s\" has no step with \"name\": \"%s\"",
                    c->name, label);
}

/* "next", "drop", "delivered", "reply", CHAIN or CHAIN#STEPNAME. */
bool app_read_target(const struct app_work *w, const char *text, const char *pointer,
                     struct app_target *t) {
    static const enum app_target_kind kinds[] = {APP_TO_STEP, APP_TO_DROP, APP_TO_DELIVERED,
                                                 APP_TO_REPLY};
    char chain[APP_NAME];
    *t = (struct app_target){.kind = APP_TO_STEP, .chain = w->chain, .index = w->index + 1};
    for (int i = 0; app_target_words[i] != NULL; i++) {
        if (strcmp(text, app_target_words[i]) == 0) {
            t->kind = kinds[i];
            return true;
        }
    }
    const char *hash = strchr(text, '#');
    snprintf(chain, sizeof chain, "%.*s", hash ? (int)(hash - text) : (int)strlen(text), text);
    t->chain = app_chain_find(w->n, chain);
    t->index = 0;
    if (t->chain != NULL)
        return hash == NULL || find_label(w, t->chain, hash + 1, pointer, &t->index);
    return app_chain_unknown(w->n, chain, pointer,
                             "\"next\", \"drop\", \"delivered\", \"reply\"", w->err);
}

/* Steps that are no visit, {"end": ...} and {"goto": ...}, are followed. */
static bool settle(const struct app_work *w, struct app_target *t) {
    for (uint32_t hops = 0; t->kind == APP_TO_STEP; hops++) {
        if (t->index >= t->chain->steps) {
            t->kind = APP_TO_DELIVERED;
            return true;
        }
        const json_t *step = json_array_get(t->chain->json, t->index);
        const char *end = json_string_value(json_object_get(step, "end"));
        const char *go = json_string_value(json_object_get(step, "goto"));
        if (end == NULL && go == NULL)
            return true;
        struct app_work at = *w;
        at.chain = t->chain;
        at.index = t->index;
        snprintf(at.pointer, sizeof at.pointer, "%s/%u", t->chain->pointer, t->index);
        if (hops > 1000)
            return sim_fail(w->err, "", at.pointer, "goes round in a circle of \"goto\"");
        t->chain->used = true;
        if (!app_read_target(&at, end != NULL ? end : go, at.pointer, t))
            return false;
    }
    return true;
}

bool app_make_hop(const struct app_work *w, const struct app_block *from, struct app_target t,
                  const char *cause, struct sim_hop *hop) {
    uint16_t first;
    if (!settle(w, &t))
        return false;
    *hop = (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    if (t.kind == APP_TO_REPLY)
        hop->kind = SIM_HOP_REPLY;
    if (t.kind == APP_TO_DROP) {
        hop->kind = SIM_HOP_DROP;
        hop->cause = sim_cause_add(w->s->world, from->comp, cause);
    }
    if (t.kind != APP_TO_STEP)
        return true;
    if (!app_chain_compile(w->s, w->n, t.chain->name, w->pointer, &first, w->err))
        return false;
    return app_connect(w, from, t.chain->entry[t.index], hop);
}

bool app_target_of(const struct app_work *w, const char *key, const char *otherwise,
                   struct app_target *t) {
    const char *text;
    char at[APP_POINTER];
    if (!app_json_string(w->json, key, false, w->pointer, &text, w->err))
        return false;
    sim_pointer(at, sizeof at, w->pointer, key);
    return app_read_target(w, text != NULL ? text : otherwise, at, t);
}

/* Hops of the steps [first, last] of one JSON step by verdicts of `model`; hop 0 of the last
 * goes on unless it is set. */
bool app_verdict_hops(const struct app_work *w, const struct app_block *from, uint16_t step,
                      const struct sim_model *model, bool set_ok) {
    struct app_target t;
    struct sim_hop hop;
    for (uint32_t v = 1; v < SIM_VERDICTS; v++) {
        const struct sim_verdict *d = model->verdicts;
        uint32_t n = 0;
        while (d != NULL && d[n].name != NULL)
            n++;
        const char *name = v <= n ? d[v - 1].name : "error";
        if (!app_target_of(w, name, v <= n ? d[v - 1].otherwise : "drop", &t))
            return false;
        if (v > n) /* a verdict that the model does not have */
            hop = (struct sim_hop){.kind = SIM_HOP_DROP,
                                   .cause = sim_cause_add(w->s->world, from->comp, "error")};
        else if (!app_make_hop(w, from, t, name, &hop))
            return false;
        if (v <= n && hop.kind == SIM_HOP_DROP && strcmp(name, "full") == 0)
            w->s->world->cause[hop.cause].lacks = model->places;
        w->s->world->step[step].hop[v] = hop;
    }
    if (!set_ok)
        return true;
    t = (struct app_target){.kind = APP_TO_STEP, .chain = w->chain, .index = w->index + 1};
    if (!app_make_hop(w, from, t, "dropped", &hop))
        return false;
    w->s->world->step[step].hop[0] = hop;
    return true;
}
