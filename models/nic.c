/* nic.c - the packet pipeline of a NIC: parser, match-action stages, flow table, tunnels,
 * NAT, meters, the switch of virtual functions, RSS, the engine that hands packets to memory,
 * and the way back to the port. What a card cannot, its parameters say: it has no such
 * operation, and without RSS no hash.
 *
 * Models: every stage as a pipeline of its own that takes a packet each 1/packet_rate and
 * gives it back its latency later; parsing by the packet's real headers; an exact-match flow
 * table (sets, LRU, ageing, insertion rate and delay) whose entries lie in card memory and are
 * cached on the chip, with a bound on the reads under way; token-bucket meters; header bytes
 * of VXLAN and Geneve; what NAT and tunnels do to the RSS hash (Toeplitz) and to the flow that
 * is looked up (flowtable.h says how). The pipeline's clock is crossed once, in the parser;
 * behind it the stages run in step.
 * Leaves out: which rules there are (a flow is in the table or not; rules are the ACL's); the
 * packet rate shared by stages that one processor runs; entries of other sizes; the DRAM
 * traffic of reads of the table; a packet that finds its entry's read under way by another
 * packet does not wait for it; hairpin queues; which function the switch finds (the host
 * knows, host.c); NAT of ports, and of a packet twice (for both
 * sides at once there is a kind); entries of their own for a flow before and after NAT; the
 * tunnel's identifier (VNI) as part of the flow inside. A shaper holds up what is behind it in
 * the meter stage, of other steps too. What this card puts around a packet has no facts: stages
 * behind see the headers inside (tunnel.h has the limits). Whose numbers: docs/sources.md,
 * section 2. NVIDIA documents almost no time inside the NIC.
 * Parameters: nic_params.c; operations: nic_steps.c, and what they do: nic_ops.c.
 */
#include "models/nic.h"
#include "sim/engine/row.h"

static void make_ports(struct nic *n) {
    static const char *const name[NIC_PORTS] = {
        [NIC_PARSE] = "parse",   [NIC_FLOW] = "flow",         [NIC_INSERT] = "insert",
        [NIC_TUNNEL] = "tunnel", [NIC_NAT] = "nat",           [NIC_METER] = "meter",
        [NIC_RSS] = "rss",       [NIC_DMA] = "dma",           [NIC_HAIRPIN] = "hairpin",
        [NIC_SEND] = "send",     [NIC_CHECKSUM] = "checksum", [NIC_SWITCH] = "switch"};
    struct sim_rate rate = sim_rate_make((uint64_t)n->packet_rate, 1, 1);
    for (int i = 0; i < NIC_PORTS; i++) {
        sim_ser_init(&n->pace[i], rate);
        sim_port_add(&n->base,
                     &(struct sim_port_opts){.name = name[i],
                                             .in_order = i != NIC_FLOW && i != NIC_INSERT,
                                             .capacity = i == NIC_SEND ? n->tx_queue : n->queue,
                                             .full = i == NIC_SEND ? SIM_FULL_WAIT
                                                                   : (enum sim_full)n->on_full,
                                             .cause = "stage-full",
                                             .lets_by = true,
                                             .late = i == NIC_FLOW || i == NIC_INSERT});
    }
    sim_ser_init(&n->insert_pace, sim_rate_make((uint64_t)n->insert_rate, 1, 1));
}

static void make_tables(struct nic *n) {
    struct sim_arena *arena = sim_comp_arena(&n->base);
    uint32_t ways = (uint32_t)n->flow_ways;
    struct nic_table *t = n->table = sim_alloc(arena, sizeof *t);
    flowtable_init(&t->flows, (uint64_t)n->flow_capacity, ways, n->flow_ageing, arena);
    t->flows.world = n->base.world;
    t->flows.evict = n->flow_evict;
    if (n->cache_entries > 0)
        lru_init(&t->cache, (uint32_t)n->cache_entries, ways, arena);
    if (n->cache_entries > 0)
        fetch_init(&t->fetch, &n->base, (uint32_t)n->fetches_max, n->fetch_latency);
    struct nic_rewrite *rewrite = sim_alloc(arena, sizeof *rewrite);
    nic_rewrite_init(rewrite);
    n->rewrite = rewrite;
    n->bucket = sim_alloc_n(arena, UINT16_MAX + 1, sizeof *n->bucket);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct nic *n = (struct nic *)comp;
    if (!nic_check(n, err))
        return false;
    n->domain = sim_clock_make((uint64_t)n->clock);
    make_ports(n);
    make_tables(n);
    return true;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    (void)port;
    nic_serve[step->op - nic_ops]((struct nic *)comp, step, m, start, out);
}

/* Flows: that they begin is seen by their insertion, that they end is not seen. */
static bool connections(const struct sim_comp *comp, struct sim_connections *out) {
    const struct nic *n = (const struct nic *)comp;
    const struct sim_world *w = comp->world;
    bool used = false;
    for (uint32_t i = 0; i < w->steps; i++)
        used |= w->step[i].comp == comp && w->step[i].op == &nic_ops[NIC_OP_INSERT];
    if (!used)
        return false;
    struct flow_census c = flowtable_census(&n->table->flows, w->end);
    *out = (struct sim_connections){.port = "insert",
                                    .bound = n->insert_rate,
                                    .begun = n->inserted + n->full,
                                    .set_up = n->inserted,
                                    .closed = -1,
                                    .evicted = n->evicted,
                                    .failed = n->full,
                                    .aged = c.aged,
                                    .capacity = (uint64_t)n->flow_capacity,
                                    .entries = c.entries,
                                    .highest = n->table->flows.taken};
    return true;
}

static bool effect(const struct sim_comp *comp, const char *param) {
    return !sim_listed("resident", param) || ((const struct nic *)comp)->met_old;
}

/* What leaves for a port is cut, or lost. */
static enum sim_trains trains(const struct sim_comp *comp, const struct sim_step *step,
                              const char **by) {
    const struct nic *n = (const struct nic *)comp;
    if (step->op != &nic_ops[NIC_OP_SEND] && step->op != &nic_ops[NIC_OP_HAIRPIN])
        return SIM_TRAINS_PASS;
    *by = "tso";
    bool lost = n->tso == NIC_NONE && step->hop[NIC_NO_TSO].kind == SIM_HOP_DROP;
    return lost ? SIM_TRAINS_STUCK : SIM_TRAINS_END;
}

const struct sim_model model_nic = {
    .name = "nic",
    .doc =
        "NIC packet pipeline: parser, flow table, tunnels, NAT, meters, switch, RSS, hairpin",
    .size = sizeof(struct nic),
    .params = nic_fields,
    .stats = nic_stats,
    .ops = nic_ops,
    .memory = "bytes_read",
    .packets = true,
    .verdicts = nic_verdicts,
    .places = "flow_capacity",
    .init = init,
    .serve = serve,
    .effect = effect,
    .can = nic_can,
    .connections = connections,
    .trains = trains};
