/* chain_step.c - engine steps: of a visit, and those without cost. */
#include "chain.h"
#include <stdio.h>

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

/* The stages of an operation at a block, which has made ports for all of them or fewer, and
 * perhaps others behind them that nothing visits. */
static uint32_t stages_of(const struct app_block *b, const struct sim_op *op) {
    uint32_t stages = op->stages ? op->stages : 1;
    while (stages > 1 &&
           (op->port + stages > b->comp->ports || b->comp->port[op->port + stages - 1]->aside))
        stages--;
    return stages;
}

static const char *label_of(const struct app_work *w, const struct app_block *b,
                            const struct sim_op *op, uint32_t stage) {
    if (stages_of(b, op) < 2)
        return sim_printf(&w->s->arena, "%s.%s", b->name, op->name);
    return sim_printf(&w->s->arena, "%s.%s:%s", b->name, op->name,
                      b->comp->port[op->port + stage]->name);
}

/* The stages of one visit. @return the first; *last the last. */
uint16_t app_add_visit(const struct app_work *w, const struct app_block *b,
                       const struct sim_op *op, const void *args, uint16_t *last) {
    uint32_t stages = stages_of(b, op);
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
    struct sim_step step = {.comp = b->comp, .kind = (uint8_t)kind};
    step.label = sim_printf(&w->s->arena, "%s.%s", b->name, what);
    return app_step_add(w->s, &step, origin_of(w, b));
}

bool app_step_is_bare(const json_t *step) {
    return json_object_get(step, "op") == NULL && json_object_get(step, "call") == NULL &&
           (json_object_get(step, "split") != NULL || json_object_get(step, "copy") != NULL);
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
        !app_block_need(w->n, at_name, sim_pointer(at, sizeof at, pointer, "at"), b, w->err))
        return false;
    *op = NULL;
    *args = NULL;
    if (app_step_is_bare(obj))
        return app_params_read(w->s, NULL, obj, NULL, also, pointer, w->err);
    if (!app_op_need(*b, op_name, sim_pointer(at, sizeof at, pointer, "op"), op, w->err))
        return false;
    *args = sim_alloc(&w->s->arena, (*op)->size + 1);
    return app_params_read(w->s, (*op)->fields, obj, *args, also, pointer, w->err);
}
