/* chain_unused.c - chains that no stream comes to, the scenario's and the cards': they must be
 * right too.
 *
 * Each is compiled and checked by itself, as if it were the only one, and given up again: a run
 * does not depend on it. On several nodes one that takes a chain of the scenario is enough.
 */
#include "chain.h"

/* What is laid aside meanwhile: all that compiling leaves its marks on. */
struct aside {
    struct sim_arena arena;
    struct app_chain *chain; /* [chains] of the node */
    struct sim_step *step;
    struct app_origin_of_step *origin;
    uint32_t steps, step_room, causes;
};

static struct aside lay_aside(struct app_scenario *s, struct app_node *n) {
    struct sim_world *w = s->world;
    struct aside a = {.arena = s->arena, .step = w->step, .origin = s->step};
    a.steps = w->steps;
    a.step_room = s->step_room;
    a.causes = w->causes;
    s->arena = (struct sim_arena){0};
    w->step = NULL;
    s->step = NULL;
    w->steps = s->step_room = 0;
    a.chain = sim_alloc_n(&s->arena, n->chains + 1, sizeof *a.chain);
    for (uint32_t i = 0; i < n->chains; i++) {
        a.chain[i] = n->chain[i];
        n->chain[i].used = n->chain[i].done = false;
    }
    return a;
}

/* Take it up again; `right`: the chains that were compiled are. */
static void take_up(struct app_scenario *s, struct app_node *n, struct aside a, bool right) {
    struct sim_world *w = s->world;
    for (uint32_t i = 0; i < n->chains; i++) {
        bool proven = a.chain[i].right || (right && n->chain[i].done);
        n->chain[i] = a.chain[i];
        n->chain[i].right = proven;
    }
    sim_arena_free(&s->arena);
    s->arena = a.arena;
    s->step = a.origin;
    s->step_room = a.step_room;
    s->depth = 0;
    w->step = a.step;
    w->steps = a.steps;
    w->causes = a.causes;
}

static bool check(struct app_scenario *s, struct app_node *n, const struct app_chain *c,
                  struct sim_err *err) {
    struct aside a = lay_aside(s, n);
    uint16_t first;
    bool ok = app_chain_compile(s, n, c->name, "", &first, err) && app_checks_steps(s, err);
    take_up(s, n, a, ok);
    return ok;
}

/* Any node has compiled this chain of the scenario, or now does. */
static bool check_any(struct app_scenario *s, const char *name, struct sim_err *err) {
    struct sim_err other = {0};
    for (uint32_t i = 0; i < s->nodes; i++) {
        const struct app_chain *c = app_chain_find(&s->node[i], name);
        if (c->done || c->right)
            return true;
    }
    bool ok = false;
    for (uint32_t i = 0; i < s->nodes && !ok; i++)
        ok = check(s, &s->node[i], app_chain_find(&s->node[i], name), i == 0 ? err : &other);
    if (ok)
        *err = (struct sim_err){0};
    return ok;
}

/* One of the card may not be possible, as where a scenario replaced a block: that is told, and
 * no error, for nobody takes it; but what was changed in the chain itself has to be right. */
static bool check_card(struct app_scenario *s, struct app_node *n, const struct app_chain *c,
                       struct sim_err *err) {
    if (check(s, n, c, err))
        return true;
    if (app_config_is_set(&s->config, c->pointer))
        return false;
    app_config_warn(&s->config, c->pointer,
                    "is not possible on this card, and no stream takes it: %s: %s", err->path,
                    err->text);
    *err = (struct sim_err){0};
    return true;
}

bool app_chains_unused(struct app_scenario *s, struct sim_err *err) {
    const json_t *own = json_object_get(s->config.root, "chains");
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].chains; k++) {
            const struct app_chain *c = &s->node[i].chain[k];
            if (c->done || c->right)
                continue;
            if (!(c->json == json_object_get(own, c->name)
                      ? check_any(s, c->name, err)
                      : check_card(s, &s->node[i], c, err)))
                return false;
        }
    return true;
}
