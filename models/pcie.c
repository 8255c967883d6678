/* pcie.c - a PCI Express link between card and host.
 *
 * Ports. "to-host" and "from-host" are the wire, a direction each, packets (TLPs) in the order
 * in which they come: a request passes no write of its channel, a write one that lacks
 * credits. "tags" holds a read
 * request's tag from its sending to its last completion: a step of op "read" calls the memory
 * and polls, and the device's routes lay the request on the way there and the completions on
 * the way back. "reads" are the packets of the host that the card is reading in order to send
 * them. A route that brings packets from the host reads them with its own hops, and keeps none
 * of these: "posts" is where its packet is taken.
 *
 * A message crosses in one go: writes are cut into packets of at most MPS, a read's data into
 * completions of at most MPS (or of RCB, as some root complexes do). A chain cuts what is
 * longer than MRRS into requests of their own with {"split": {"each": "mrrs_bytes"}}, each with
 * its own tag; a request that is longer all the same takes one tag. Every direction carries the
 * other's acknowledgements and flow-control updates ("dllp": "generated"), or both have a fixed
 * share of them taken away, as the published model of pcie-bench does ("reserved"). Credits of
 * the host's receiver, by type, come back a fixed time after the packet was sent; each type
 * that is bounded is a resource of its own ("posted-headers"), whose servers are the credits.
 *
 * Transfers go one after the other, each with all its packets, as from one queue. With
 * "channels" streams have queues of their own that take turns on the wire, both ways: packet by
 * packet where a chain cuts writes with {"split": {"each": "mps_bytes"}}, else transfer by
 * transfer; completions of one request (at most MRRS) stay together. No bandwidth hangs on it,
 * but what a small transfer waits for behind large ones: docs/pcie.md has a table.
 *
 * Around the packets of a network card: pcie_rings.h. Parameters: pcie_params.c; operations:
 * pcie_steps.c. What has crossed the link with anything else takes nothing of that along
 * (rings.h): it is for the access of memory behind "receive", or the one that a "transmit" or
 * "post" leads to.
 *
 * Data takes whole words of 4 bytes of a packet, or with "reserved" its bytes, as the published
 * model has it. Left out: transfers that begin inside a line; completions of several requests
 * that alternate packet by packet (a small read waits for at most one request's, 552 bytes at
 * MRRS 512); tags of what fetches descriptors, and credits of those to send and of virtio's;
 * several links at a time for one transfer (a switch begins to send before the last packet has
 * come; here each link and switch on a way has all of it first: the latency of 9,000 bytes over
 * two links of Gen5 x16 and a switch is some 0.4 us too long. A chain that cuts it by MPS has
 * it right, at the price of as many messages); replays and errors; power states; credits of the
 * card for what peers write and ask for, and back-pressure by credits: what is slower behind
 * the link has a queue of its own. Generation 6 counts 236 of 256 bytes of a flit for packets,
 * whose acknowledgements and credits travel in the flit; flits begin at whole multiples of
 * their time, and a packet is there when its last one is, whole. Optional header content there
 * is none. Memory behind the link: hostmemory.c. Whose numbers: docs/sources.md section 7.
 */
#include "models/pcie.h"
#include <string.h>

static bool pcie_init(struct sim_comp *comp, struct sim_err *err) {
    struct pcie *p = (struct pcie *)comp;
    const char *key, *why;
    char path[512];
    if (!pcie_check(p, &key, &why))
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, key),
                        "%s", why);
    key = pcie_link_init(&p->link, &p->link_params, comp);
    if (key != NULL)
        return sim_fail(err, comp->file, sim_pointer(path, sizeof path, comp->pointer, key),
                        "ACK, flow-control and SKP leave nothing of the link for data; make "
                        "them smaller or their intervals longer");
    uint32_t lines = pcie_turns_init(&p->turns, &p->link, sim_comp_arena(comp));
    sim_port_add(comp, &(struct sim_port_opts){.name = "to-host",
                                               .lines = lines,
                                               .in_order = true,
                                               .late = true,
                                               .capacity = p->queue,
                                               .reserve_at_start = true});
    sim_port_add(comp,
                 &(struct sim_port_opts){
                     .name = "from-host", .lines = lines, .in_order = true, .late = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "tags", .servers = (uint32_t)p->tags});
    sim_port_add(comp, &(struct sim_port_opts){.name = "reads",
                                               .servers = (uint32_t)p->reads,
                                               .capacity = p->ring});
    sim_port_add(comp, &(struct sim_port_opts){.name = "posts", .late = true}); /* it owes */
    pcie_credit_ports(&p->link);
    return true;
}

static uint32_t pcie_line(struct sim_comp *comp, struct sim_port *port, const struct sim_msg *m,
                          bool must) {
    const struct pcie *p = (const struct pcie *)comp;
    const struct sim_op *op = comp->world->step[m->step].op;
    (void)must;
    return pcie_turns_line(&p->turns, m,
                           port->index == PCIE_TO_HOST && op == &pcie_ops[PCIE_OP_REQUEST]);
}

static uint32_t pcie_choose(struct sim_comp *comp, struct sim_port *port, sim_ps now,
                            sim_ps *until) {
    struct pcie *p = (struct pcie *)comp;
    return pcie_turns_choose(&p->turns, &p->link, port, now, until);
}

/* The card takes a packet's descriptor. @return how long until it knows it. */
static sim_ps begin_transmit(struct pcie *p, const struct pcie_transmit *how, struct sim_msg *m,
                             sim_ps start) {
    int64_t fetches = how->fetches;
    if (fetches == SIM_ABSENT)
        fetches = pcie_rings_fetches(&p->rings, (enum rings_format)how->rings.format);
    pcie_rings_transmit(&p->rings, &p->link, &how->rings, how->doorbell, m, start);
    return fetches * (p->latency_to_host + p->latency_from_host + how->memory) +
           (how->doorbell ? p->latency_from_host : 0);
}

enum { INTERRUPT = 4, DEPENDENT = 4 };

/* What a request to a drive, or to what shows itself as one, takes of the link, in bytes. NVMe
 * Base 2.0, 3.1 and 3.3.3.1: doorbells of the submission and of the completion queue, the
 * entry. VIRTIO 1.2, 2.7, 2.8 and 5.2.6: one notification; index, entry, three descriptors in a
 * row and the block device's header, or descriptors and header; behind the status the used
 * element and its index, or a descriptor. */
static const struct {
    uint32_t bell, bells;
    uint32_t read[DEPENDENT]; /* one behind the other; up to the first 0 */
    uint32_t used[2];         /* written behind the message; likewise */
} queues[PCIE_QUEUES] = {[PCIE_QUEUE_NVME] = {4, 2, {64}, {0}},
                         [PCIE_QUEUE_SPLIT] = {2, 1, {2, 2, 48, 16}, {8, 2}},
                         [PCIE_QUEUE_PACKED] = {2, 1, {48, 16}, {16}}};

/* A drive behind the link hears of a command and fetches it; and hears, later, that its
 * completion was seen. @return how long until it knows the command. */
static sim_ps take_command(struct pcie *p, const struct pcie_command *how, sim_ps start) {
    struct pcie_link *l = &p->link;
    const uint32_t *read = queues[how->queue].read;
    uint64_t n = (uint64_t)how->batch;
    uint64_t bells = queues[how->queue].bells * pcie_write_bytes(l, queues[how->queue].bell);
    sim_ps takes = p->latency_from_host;
    pcie_owe(l, PCIE_FROM_HOST, start, (bells + n - 1) / n);
    for (int i = 0; i < DEPENDENT && read[i] > 0; i++) {
        pcie_owe(l, PCIE_TO_HOST, start, pcie_request_bytes(l, read[i]));
        pcie_owe(l, PCIE_FROM_HOST, start, pcie_completion_bytes(l, read[i]));
        takes += p->latency_to_host + p->latency_from_host + how->memory;
    }
    return takes;
}

/* A write to the host, what ends a request of its queue, and the interrupt behind it. */
static sim_ps write_out(struct pcie *p, const struct pcie_write *how, uint64_t bytes,
                        sim_ps start) {
    sim_ps end = pcie_send_write(&p->link, start, bytes);
    if (how == NULL)
        return end;
    const uint32_t *used = queues[how->queue].used;
    for (int i = 0; i < 2 && used[i] > 0; i++)
        end = pcie_send_write(&p->link, end, used[i]);
    return how->interrupt ? pcie_send_write(&p->link, end, INTERRUPT) : end;
}

static sim_ps to_host(struct pcie *p, const struct sim_step *step, struct sim_msg *m,
                      sim_ps start) {
    uint64_t bytes = sim_step_bytes(step, m);
    if (step->op == &pcie_ops[PCIE_OP_RECEIVE]) {
        start = pcie_may_owe(&p->link, PCIE_FROM_HOST, start);
        return pcie_rings_receive(&p->rings, &p->link, step->args, m, start);
    }
    if (step->op == &pcie_ops[PCIE_OP_REQUEST])
        return pcie_send_request(&p->link, start, bytes);
    m->along = 0;
    if (step->op == &pcie_ops[PCIE_OP_COMPLETION_OUT])
        return pcie_send_completions(&p->link, PCIE_TO_HOST, start, bytes);
    return write_out(p, step->args, bytes, start);
}

static sim_ps from_host(struct pcie *p, const struct sim_step *step, struct sim_msg *m,
                        sim_ps start) {
    uint64_t bytes = sim_step_bytes(step, m);
    m->along = 0;
    if (step->op == &pcie_ops[PCIE_OP_COMPLETION])
        return pcie_send_completions(&p->link, PCIE_FROM_HOST, start, bytes);
    uint64_t wire = step->op == &pcie_ops[PCIE_OP_REQUEST_IN]
                        ? pcie_request_bytes(&p->link, bytes)
                        : pcie_write_bytes(&p->link, bytes);
    return pcie_send(&p->link, PCIE_FROM_HOST, start, wire);
}

static void pcie_serve(struct sim_comp *comp, struct sim_port *port,
                       const struct sim_step *step, struct sim_msg *m, sim_ps start,
                       struct sim_service *out) {
    struct pcie *p = (struct pcie *)comp;
    pcie_begin(&p->link, m);
    if (port->index <= PCIE_FROM_HOST) {
        int way = (int)port->index;
        sim_ps end = (way == PCIE_TO_HOST ? to_host : from_host)(p, step, m, start);
        out->occupancy_ps = pcie_sent(&p->link, way);
        out->delay_ps = end - start - out->occupancy_ps; /* for credits, or for what is owed */
        out->latency_ps = out->occupancy_ps + pcie_flit_tail(&p->link, end) +
                          (way == PCIE_TO_HOST ? p->latency_to_host : p->latency_from_host);
    } else if (pcie_takes_packet(step->op)) {
        out->latency_ps = begin_transmit(p, step->args, m, start);
    } else if (step->op == &pcie_ops[PCIE_OP_COMMAND]) {
        out->latency_ps = take_command(p, step->args, start);
    } else if (step->op == &pcie_ops[PCIE_OP_READ]) {
        if (m->bytes > p->link_params.mrrs_bytes)
            sim_comp_count(comp, &p->long_reads, start);
    } else if (step->op == &pcie_ops[PCIE_OP_TRANSMITTED] ||
               step->op == &pcie_ops[PCIE_OP_POSTED]) {
        m->bytes += (uint32_t)p->rings.fcs_bytes;
    }
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct pcie *p = (const struct pcie *)comp;
    if (strcmp(param, "mrrs_bytes") != 0 || p->long_reads == 0)
        return NULL;
    return "reads longer than that took one tag each, and not one for each of their requests: "
           "a step that says \"split\": {\"each\": \"mrrs_bytes\"} before them cuts them";
}

static void start(struct sim_comp *comp) {
    pcie_rings_start(&((struct pcie *)comp)->rings, comp);
}

const struct sim_model model_pcie = {.name = "pcie",
                                     .doc = "PCI Express link: each direction on its own",
                                     .size = sizeof(struct pcie),
                                     .params = pcie_fields,
                                     .stats = pcie_stats,
                                     .ops = pcie_ops,
                                     .same = "mps_bytes",
                                     .init = pcie_init,
                                     .prepare = pcie_prepare,
                                     .start = start,
                                     .serve = pcie_serve,
                                     .line = pcie_line,
                                     .choose = pcie_choose,
                                     .effect = pcie_effect,
                                     .remark = remark};
