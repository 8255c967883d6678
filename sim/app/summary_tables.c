/* summary_tables.c - tables that learn too late.
 *
 * What comes before a table has learnt of it misses again. So while the way from a miss to the
 * insertion is full, the shares of misses that bounds are made of are not those of a card that
 * is fast enough there: more packets miss, and more of them find that another has set their
 * connection up meanwhile. Only another run tells what that card would be asked for.
 */
#include "summary.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FULL 1.005 /* asked of it: more waits for it all the time */
#define BUSY 0.95

static const struct sim_port *served_at(const struct sim_world *w, uint32_t i) {
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_step_stat *stat = w->stream[k]->step[i];
        if (stat != NULL && w->step[i].op != NULL && stat->served + stat->lost.items > 0)
            return w->port[stat->port];
    }
    return NULL;
}

/* Does a step go on to one on the way, other than to one that looks up again? */
static bool leads(const struct sim_world *w, uint32_t i, const bool *way) {
    const struct sim_hop *hop;
    for (uint32_t v = 0; v < SIM_VERDICTS; v++)
        for (uint32_t k = 0; (hop = sim_hop_of(&w->step[i], v, k)) != NULL; k++)
            if (hop->kind == SIM_HOP_NEXT && way[hop->next])
                return true;
    return false;
}

/* Steps between a table's look-up and its insertion, and that, way[steps]. */
static void find(const struct sim_world *w, const struct sim_comp *table, const char *port,
                 bool *way) {
    bool grew = true;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_port *at = w->step[i].comp == table ? served_at(w, i) : NULL;
        way[i] = at != NULL && strcmp(at->name, port) == 0;
    }
    while (grew) {
        grew = false;
        for (uint32_t i = 0; i < w->steps; i++)
            if (!way[i] && w->step[i].comp != table && leads(w, i, way))
                grew = way[i] = true;
    }
}

static bool is_on(const struct sim_world *w, const struct app_bound *b, const bool *way) {
    const struct sim_port *of = b->window ? b->from : b->port;
    for (uint32_t i = 0; i < w->steps; i++) {
        const struct sim_port *at = way[i] ? served_at(w, i) : NULL;
        if (at != NULL && app_port_alike(at, of))
            return true;
    }
    return false;
}

bool app_is_fuller(const struct app_bound *a, const struct app_bound *b) {
    bool x = a->utilization >= BUSY, y = b->utilization >= BUSY;
    return x != y ? x : a->load > b->load;
}

/* The fullest on the way; NULL: none is full. */
static const struct app_bound *full_on(const struct sim_world *w, const struct app_bound *b,
                                       uint32_t n, const bool *way) {
    const struct app_bound *most = NULL;
    for (uint32_t i = 0; i < n; i++)
        if ((b[i].load >= FULL || (b[i].least && b[i].utilization >= BUSY)) &&
            (most == NULL || app_is_fuller(&b[i], most)) && is_on(w, &b[i], way))
            most = &b[i];
    return most;
}

static void warn_of_table(const struct app_scenario *s, const struct app_block *of,
                          const struct app_bound *b, uint32_t n) {
    const struct sim_comp *c = of->comp;
    struct sim_connections t;
    char text[1024];
    if (c->model->connections == NULL || !c->model->connections(c, &t))
        return;
    bool *way = calloc(s->world->steps + 1, sizeof *way);
    SIM_ASSERT(way != NULL);
    find(s->world, c, t.port, way);
    const struct app_bound *full = full_on(s->world, b, n, way);
    free(way);
    if (full == NULL)
        return;
    snprintf(text, sizeof text,
             "learns late while %s.%s is full, and until then packets miss: loads and bounds "
             "are of the misses of this run; a faster one would have others (--why runs it)",
             full->comp->path, full->resource);
    app_warn_of(s, of->pointer, text);
}

void app_warn_of_tables(const struct app_scenario *s, const struct app_bound *b, uint32_t n) {
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++)
            warn_of_table(s, &s->node[i].block[k], b, n);
}
