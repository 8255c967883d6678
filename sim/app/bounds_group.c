/* bounds_group.c - ports of one kind, of which a message visits one: cores, queues, shapers. */
#include "summary.h"
#include <math.h>

struct sim_tally app_group_left(const struct sim_port *like) {
    struct sim_tally left = {0, 0};
    for (uint32_t i = 0; i < like->comp->ports; i++) {
        const struct sim_port *p = like->comp->port[i];
        left.items += app_port_alike(p, like) ? p->left.items : 0;
        left.bytes += app_port_alike(p, like) ? p->left.bytes : 0;
    }
    return left;
}

static double demand_of(const struct sim_port *like) {
    double demand = 0;
    for (uint32_t i = 0; i < like->comp->ports; i++) {
        const struct sim_port *p = like->comp->port[i];
        demand += app_port_alike(p, like) ? (double)p->demand_ps : 0;
    }
    return demand;
}

double app_group_time(const struct sim_port *like) {
    struct sim_tally left = app_group_left(like);
    return left.items > 0 ? demand_of(like) / (double)left.items : 0;
}

double app_group_rests(const struct sim_port *like) {
    const struct sim_model *model = like->comp->model;
    struct sim_rests rests;
    double booked = 0, part = 0, demand = demand_of(like);
    for (uint32_t i = 0; i < like->comp->ports && model->rests != NULL; i++) {
        const struct sim_port *p = like->comp->port[i];
        if (!app_port_alike(p, like) || !model->rests(like->comp, p, &rests))
            continue;
        booked += (double)rests.booked;
        part = (double)rests.time / (double)rests.period;
    }
    return part > 0 && demand > 0 ? (1 - booked / demand) / (1 - part) - 1 : 0;
}

/* Visits of messages that had been at the group before: a step in a row, or the end of a call.
 */
static double returned(const struct sim_port *like) {
    const struct sim_world *w = like->world;
    double n = 0;
    for (uint32_t k = 0; k < w->streams; k++) {
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (stat == NULL || w->step[i].op == NULL || w->step[i].comp != like->comp ||
                !app_port_alike(w->port[stat->port], like))
                continue;
            n += (double)stat->parts + (w->step[i].back ? (double)stat->served : 0);
            for (uint32_t v = 0; v < SIM_VERDICTS; v++) {
                const struct sim_hop *hop = &w->step[i].hop[v];
                bool counted = hop->kind == SIM_HOP_NEXT && w->step[hop->next].back;
                n += hop->keeps && !counted ? (double)stat->verdict[v] : 0;
            }
        }
    }
    return n;
}

/* Picoseconds that a message takes of a group of ports, over all of its visits. */
static double whole_time(const struct sim_port *like) {
    double came = (double)app_group_left(like).items - returned(like);
    return came > 0 ? demand_of(like) / came : 0;
}

/* Picoseconds of all that came to a port, what it lost or refused too: that would have taken
 * as long as the rest of its group. */
static double asked(const struct sim_port *p, double each) {
    return (double)p->demand_ps + (double)p->lost.items * each;
}

const struct sim_port *app_group_hottest(const struct sim_port *like, double *share) {
    const struct sim_port *hot = NULL; /* of equal ones the first, whoever asks */
    double sum = 0, most = 0, each = whole_time(like);
    for (uint32_t i = 0; i < like->comp->ports; i++) {
        const struct sim_port *p = like->comp->port[i];
        if (!app_port_alike(p, like))
            continue;
        sum += asked(p, each);
        if (hot == NULL || asked(p, each) > most) {
            hot = p;
            most = asked(p, each);
        }
    }
    *share = sum > 0 ? most / sum : 1;
    return hot;
}

/* What the ports of a group that drop let through when the hottest has so much load. */
static double served(const struct app_bound *b) {
    double sum = 0, through = 0, each = whole_time(b->port), hot = asked(b->port, each);
    for (uint32_t i = 0; hot > 0 && i < b->port->comp->ports; i++) {
        const struct sim_port *p = b->port->comp->port[i];
        if (!app_port_alike(p, b->port))
            continue;
        double load = b->load * asked(p, each) / hot;
        sum += asked(p, each);
        through += asked(p, each) / (load > 1 ? load : 1);
    }
    return sum > 0 ? through / sum : 1;
}

/* Do messages of a step ask for one of a group of rates? */
static bool asks(const struct sim_world *w, uint32_t step, const struct sim_port *like) {
    for (uint32_t k = 0; k < w->streams; k++) {
        const struct sim_step_stat *stat = w->stream[k]->step[step];
        for (uint32_t a = 0; stat != NULL && a < SIM_ASIDES; a++)
            if (stat->aside[a].port == like->like)
                return true;
    }
    return false;
}

/* Bytes of all that comes to such steps, whether it asks for one or not. */
static double paced_bytes(const struct sim_port *like) {
    const struct sim_world *w = like->world;
    double bytes = 0;
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t k = 0; asks(w, i, like) && k < w->streams; k++) {
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            bytes += stat != NULL ? (double)(stat->bytes + stat->lost.bytes) : 0;
        }
    return bytes;
}

/* What rates that lose in front of them let through when the hottest has so much load: each of
 * the messages that ask for it. */
static double paced(const struct app_bound *b) {
    double all = paced_bytes(b->port), hot = (double)b->port->demand_ps, lost = 0;
    for (uint32_t i = 0; all > 0 && hot > 0 && i < b->port->comp->ports; i++) {
        const struct sim_port *p = b->port->comp->port[i];
        double load = app_port_alike(p, b->port) ? b->load * (double)p->demand_ps / hot : 0;
        lost += load > 1 ? (1 - 1 / load) * (double)p->asked_bytes : 0;
    }
    return all > 0 ? fmax(1 - lost / all, 0) : 1;
}

uint32_t app_group_size(const struct sim_port *like) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < like->comp->ports; i++)
        n += app_port_alike(like->comp->port[i], like);
    return n;
}

double app_group_passes(const struct app_bound *b) {
    return b->port->paced_by != NULL ? paced(b) : served(b);
}
