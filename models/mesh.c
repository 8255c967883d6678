/* mesh.c - the on-chip fabric as one shared resource: so many bytes a second, and a crossing
 * latency. Routes name it; a message that crosses it carries its bytes times the route's ratio.
 *
 * Bandwidth is exact over back-to-back transfers (the sum of all links of the mesh is finer
 * than a cycle, so the server is not clocked); what leaves does so at an edge of the clock. The
 * queue has no bound: a slot is taken at the destination before the mesh is entered, so the
 * mesh itself never blocks.
 *
 * Left out: topology, hot spots, coherence traffic, a latency that grows with load other than
 * by queueing. Whose numbers: docs/sources.md section 5, all assumed but the kind of fabric.
 */
#include "sim/engine/model.h"

struct mesh {
    struct sim_comp base;
    int64_t bandwidth, latency, clock;
    struct sim_ser ser;
    struct sim_clock edges;
};

static const struct sim_field mesh_params[] = {
    {"bandwidth", SIM_RATE, offsetof(struct mesh, bandwidth), 1000000, 1000000000000000,
     "256GB/s", NULL, "bytes a second that cross it in all",
     "assumed: more than DRAM and the NIC both ways, docs/sources.md section 5"},
    {"latency", SIM_TIME, offsetof(struct mesh, latency), 0, 1000000000, "40ns", NULL,
     "crossing time beyond the transfer", "assumed: a few hops and one arbitration"},
    {"clock", SIM_HZ, offsetof(struct mesh, clock), 1000000, 100000000000, "2GHz", NULL,
     "messages leave at its edges", "assumed: near the core clock"},
    {.name = NULL}};

static bool mesh_init(struct sim_comp *comp, struct sim_err *err) {
    struct mesh *mesh = (struct mesh *)comp;
    (void)err;
    sim_ser_init(&mesh->ser, sim_rate_make((uint64_t)mesh->bandwidth, 1, 1));
    mesh->edges = sim_clock_make((uint64_t)mesh->clock);
    sim_port_add(comp, &(struct sim_port_opts){.name = "carry", .in_order = true});
    return true;
}

static void mesh_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct mesh *mesh = (struct mesh *)comp;
    uint32_t bytes = sim_step_bytes(step, m);
    (void)port;
    if (bytes == 0)
        return;
    sim_ps end = sim_ser_send(&mesh->ser, start, (uint64_t)bytes * 8);
    out->occupancy_ps = end - start;
    out->latency_ps = sim_clock_edge(&mesh->edges, end + mesh->latency) - start;
}

static const struct sim_op mesh_ops[] = {
    {.name = "carry", .doc = "cross the fabric", .port = 0}, {.name = NULL}};

const struct sim_model model_mesh = {.name = "mesh",
                                     .doc = "on-chip fabric: shared bandwidth and a latency",
                                     .size = sizeof(struct mesh),
                                     .params = mesh_params,
                                     .ops = mesh_ops,
                                     .init = mesh_init,
                                     .serve = mesh_serve};
