/* server.c - a plain queueing station, for tests and for teaching: so many servers, one queue,
 * service times of a distribution. With Poisson arrivals and the right parameters it is M/M/1,
 * M/D/1, M/M/c or M/G/1 with or without a bound.
 *
 * Service times are drawn from a stream of the component's own, in the order of service; the
 * mean of the draws is `time` to one part in 2^20. Left out: clocks, bytes, everything that
 * makes it a real device. Whose numbers: none; every parameter is the exercise's.
 */
#include "sim/engine/model.h"

struct server {
    struct sim_comp base;
    int64_t servers, queue, on_full, time, distribution, shape, latency;
    struct sim_sampler sampler;
    struct sim_rng rng;
};

enum { SHAPE = 1000000 }; /* the default, 1 */

#define AT(member) offsetof(struct server, member)

static const struct sim_field server_params[] = {
    {"servers", SIM_COUNT, AT(servers), 1, 1024, "1", NULL, "messages in service at once",
     NULL},
    {"queue", SIM_COUNT, AT(queue), 0, 1 << 20, "0", NULL,
     "messages in the station, those in service included; 0 is no bound", NULL},
    {"on_full", SIM_ENUM, AT(on_full), 0, 0, "drop", sim_full_choices,
     "when full: keep the message upstream, lose it on arrival, or have upstream drop it",
     NULL},
    {"time", SIM_TIME, AT(time), 0, SIM_PS_PER_S, "1us", NULL, "mean service time", NULL},
    {"distribution", SIM_ENUM, AT(distribution), 0, 0, "exponential", sim_dist_choices,
     "of the service times", NULL},
    {"shape", SIM_RATIO, AT(shape), 0, 1000000000, "1", NULL,
     "second parameter: coefficient of variation (lognormal, gamma), alpha (pareto)", NULL},
    {"latency", SIM_TIME, AT(latency), 0, SIM_PS_PER_S, "0ps", NULL,
     "time after service, which keeps no server", NULL},
    {.name = NULL}};

static bool server_init(struct sim_comp *comp, struct sim_err *err) {
    struct server *s = (struct server *)comp;
    struct sim_err bad = {0};
    char path[512];
    if (!sim_sampler_init(&s->sampler, (enum sim_dist)s->distribution, s->time, s->shape,
                          sim_comp_arena(comp), &bad))
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, "shape"),
                        "%s", bad.text);
    bool shaped = s->distribution == SIM_DIST_LOGNORMAL || s->distribution == SIM_DIST_PARETO ||
                  s->distribution == SIM_DIST_GAMMA;
    if (s->shape != SHAPE && !shaped)
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, "shape"),
                        "has no effect on this distribution; on lognormal, pareto and gamma");
    if (s->queue > 0 && s->queue < s->servers)
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, "queue"),
                        "leaves some of %lld servers without work for ever: those in service "
                        "count; make it as large, or 0 for no bound",
                        (long long)s->servers);
    sim_comp_rng(comp, "service", &s->rng);
    sim_port_add(comp, &(struct sim_port_opts){.name = "queue",
                                               .servers = (uint32_t)s->servers,
                                               .capacity = s->queue,
                                               .full = (enum sim_full)s->on_full});
    return true;
}

static void server_serve(struct sim_comp *comp, struct sim_port *port,
                         const struct sim_step *step, struct sim_msg *m, sim_ps start,
                         struct sim_service *out) {
    struct server *s = (struct server *)comp;
    (void)port;
    (void)step;
    (void)m;
    (void)start;
    out->occupancy_ps = sim_sampler_draw(&s->sampler, &s->rng);
    out->latency_ps = out->occupancy_ps + s->latency;
}

static const struct sim_op server_ops[] = {{.name = "serve", .doc = "wait, and be served"},
                                           {.name = NULL}};

const struct sim_model model_server = {.name = "server",
                                       .doc = "queueing station with random service times",
                                       .size = sizeof(struct server),
                                       .params = server_params,
                                       .ops = server_ops,
                                       .init = server_init,
                                       .serve = server_serve};
