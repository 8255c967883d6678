/* chain_unused.c - the scenario's chains that no stream comes to: they must be right too.
 *
 * Each is compiled as if it were used and given up again: its steps, and the marks that it left
 * on chains and routes, are taken back, so that a run does not depend on them. On several nodes
 * one that takes it is enough. A device's own chains are for those who use them: a scenario may
 * leave out the blocks that they need.
 */
#include "chain.h"

struct before {
    uint32_t steps;
    bool *used, *done; /* [chains] */
    bool *route;       /* [routes] used */
};

static struct before before(struct app_scenario *s, const struct app_node *n) {
    struct before b = {.steps = s->world->steps};
    b.used = sim_alloc_n(&s->arena, n->chains + 1, sizeof *b.used);
    b.done = sim_alloc_n(&s->arena, n->chains + 1, sizeof *b.done);
    b.route = sim_alloc_n(&s->arena, n->routes + 1, sizeof *b.route);
    for (uint32_t i = 0; i < n->chains; i++) {
        b.used[i] = n->chain[i].used;
        b.done[i] = n->chain[i].done[0];
    }
    for (uint32_t i = 0; i < n->routes; i++)
        b.route[i] = n->route[i].used;
    return b;
}

static void take_back(struct app_scenario *s, struct app_node *n, const struct before *b) {
    s->world->steps = b->steps;
    s->depth = 0;
    for (uint32_t i = 0; i < n->chains; i++) {
        n->chain[i].used = b->used[i];
        n->chain[i].done[0] = b->done[i];
    }
    for (uint32_t i = 0; i < n->routes; i++)
        n->route[i].used = b->route[i];
}

static bool compiles(struct app_scenario *s, struct app_node *n, const char *name,
                     struct sim_err *err) {
    struct before b = before(s, n);
    uint16_t first;
    bool ok = app_chain_compile(s, n, name, "", &first, err);
    take_back(s, n, &b);
    return ok;
}

static bool used(const struct app_scenario *s, const char *name) {
    for (uint32_t i = 0; i < s->nodes; i++)
        if (app_chain_find(&s->node[i], name)->used)
            return true;
    return false;
}

bool app_chains_unused(struct app_scenario *s, struct sim_err *err) {
    const char *name;
    json_t *json;
    json_object_foreach(json_object_get(s->config.root, "chains"), name, json) {
        struct sim_err first = {0}, other = {0};
        if (used(s, name) || compiles(s, &s->node[0], name, &first))
            continue;
        bool ok = false;
        for (uint32_t i = 1; i < s->nodes && !ok; i++)
            ok = compiles(s, &s->node[i], name, &other);
        if (!ok) {
            *err = first;
            return false;
        }
    }
    return true;
}
