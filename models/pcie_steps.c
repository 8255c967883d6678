/* pcie_steps.c - what the steps of a chain can ask of a PCI Express link: its operations with
 * their arguments, and how they must be used. pcie.c does them.
 */
#include "models/pcie.h"
#include <string.h>

#define SENDS(member) offsetof(struct pcie_transmit, member)

#define FORMAT(OF)                                                                             \
    {"rings",                                                                                  \
     SIM_ENUM,                                                                                 \
     OF + offsetof(struct pcie_ring_args, format),                                             \
     0,                                                                                        \
     0,                                                                                        \
     "native",                                                                                 \
     "native|split|packed",                                                                    \
     "whose descriptors and completions: the card's own, as the block's parameters say, or "   \
     "those of a virtio device with split or packed rings",                                    \
     "docs/sources.md virtio: 16 B a descriptor, 12 B in front of a packet"},                  \
    {                                                                                          \
        "used_batch", SIM_COUNT, OF + offsetof(struct pcie_ring_args, used_batch), 1, 256, "", \
            NULL,                                                                              \
            "virtio: packets whose completion is written at once; absent: a line of 64 "       \
            "bytes, 8 of split and 4 of packed rings",                                         \
            "assumed: a device that writes whole lines"                                        \
    }

static const struct sim_field receive_fields[] = {FORMAT(0), {.name = NULL}};

static const struct sim_field transmit_fields[] = {
    FORMAT(SENDS(rings)),
    {"doorbell", SIM_BOOL, SENDS(doorbell), 0, 0, "true", NULL,
     "whether the host's doorbell comes first: its way, and its share of the link", NULL},
    {"fetches", SIM_COUNT, SENDS(fetches), 0, 8, "", NULL,
     "round trips before the data is asked for; absent: 1 for the descriptor, of split rings "
     "3, for index, entry and descriptor, and none where \"tx_descriptor_bytes\" is 0; 0 when "
     "the "
     "card has it already",
     "assumed: an idle queue, where nothing was fetched ahead"},
    {"memory", SIM_TIME, SENDS(memory), 0, SIM_PS_PER_S, "180ns", NULL,
     "what memory adds to such a round trip",
     "assumed: a hit in the host's cache, hostmemory.c"},
    {.name = NULL}};

#define QUEUE(TYPE, DOC)                                                                       \
    { "queue", SIM_ENUM, offsetof(struct TYPE, queue), 0, 0, "nvme", QUEUES, DOC, NULL }
#define QUEUES "nvme|virtio-split|virtio-packed"

static const struct sim_field command_fields[] = {
    QUEUE(
        pcie_command,
        "whose queues the host drives: of virtio's the device reads index, entry, descriptors "
        "and header one after the other, or descriptors and header"),
    {"batch", SIM_COUNT, offsetof(struct pcie_command, batch), 1, 256, "1", NULL,
     "commands of one doorbell, and completions of another",
     "assumed: one each, as Linux rings them; user space gathers what one poll found"},
    {"memory", SIM_TIME, offsetof(struct pcie_command, memory), 0, SIM_PS_PER_S, "180ns", NULL,
     "what memory adds to the fetch of the command",
     "assumed: a hit in the host's cache, hostmemory.c"},
    {.name = NULL}};

static const struct sim_field write_fields[] = {
    QUEUE(pcie_write,
          "of virtio's: the used element is written behind the message, the status"),
    {"interrupt", SIM_BOOL, offsetof(struct pcie_write, interrupt), 0, 0, "false", NULL,
     "a write of 4 bytes behind it: a message signalled interrupt", NULL},
    {.name = NULL}};

/* What a packet that the card takes hangs on, whoever reads it. */
#define PACKET_PARAMS                                                                          \
    "tx_descriptor_bytes tx_completion_batch doorbell_bytes doorbell_batch descriptor_batch "  \
    "fcs_bytes completion_bytes rcb_bytes latency_from_host"
#define WRITE_CREDITS "posted_headers posted_data_bytes credit_latency"

const struct sim_op pcie_ops[PCIE_OPS + 1] = {
    [PCIE_OP_WRITE] = {.name = "write",
                       .doc = "a write to the host",
                       .port = PCIE_TO_HOST,
                       .fields = write_fields,
                       .size = sizeof(struct pcie_write),
                       .params = WRITE_CREDITS},
    [PCIE_OP_RECEIVE] =
        {.name = "receive",
         .doc = "write a received packet to the host, with its completion entry and its "
                "share of descriptors and interrupts",
         .port = PCIE_TO_HOST,
         .fields = receive_fields,
         .size = sizeof(struct pcie_ring_args),
         .params = WRITE_CREDITS " nonposted_headers completion_bytes completion_batch "
                                 "descriptor_bytes interrupt_batch "
                                 "descriptor_batch fcs_bytes pad_bytes rcb_bytes "
                                 "rx_doorbell_batch doorbell_bytes"},
    [PCIE_OP_REQUEST] =
        {.name = "request",
         .bare = true,
         .doc = "requests of a read: what routes lay on the way from the card to memory",
         .port = PCIE_TO_HOST,
         .params = "nonposted_headers credit_latency"},
    [PCIE_OP_COMPLETION] = {.name = "completion",
                            .doc = "completions of a read: what routes lay on the way back",
                            .port = PCIE_FROM_HOST,
                            .params = "rcb_bytes latency_from_host completion_headers "
                                      "completion_data_bytes credit_latency"},
    [PCIE_OP_READ] = {.name = "read",
                      .bare = true,
                      .doc = "take a tag; the step calls memory and polls",
                      .port = PCIE_TAGS,
                      .params = "tags"},
    [PCIE_OP_COMPLETE] = {.name = "complete",
                          .bare = true,
                          .doc = "all completions are there: the way back of a call",
                          .port = PCIE_TAGS},
    [PCIE_OP_TRANSMIT] = {.name = "transmit",
                          .bare = true,
                          .fcs = true,
                          .doc =
                              "the card takes a packet's descriptor; the step splits into read "
                              "requests and polls",
                          .port = PCIE_READS,
                          .fields = transmit_fields,
                          .size = sizeof(struct pcie_transmit),
                          .params = PACKET_PARAMS " ring reads"},
    [PCIE_OP_TRANSMITTED] = {.name = "transmitted",
                             .bare = true,
                             .fcs = true,
                             .doc = "the packet is read: the way back of \"transmit\"",
                             .port = PCIE_READS},
    [PCIE_OP_POST] =
        {.name = "post",
         .bare = true,
         .fcs = true,
         .doc = "as transmit, on a route whose own hops read the packet: request, the "
                "memory's read, completion, posted",
         .port = PCIE_POSTS,
         .fields = transmit_fields,
         .size = sizeof(struct pcie_transmit),
         .params = PACKET_PARAMS},
    [PCIE_OP_POSTED] = {.name = "posted",
                        .bare = true,
                        .fcs = true,
                        .doc = "that packet is read",
                        .port = PCIE_POSTS},
    [PCIE_OP_WRITE_IN] = {.name = "write-in",
                          .doc =
                              "a write towards the card: of a peer, or of the host's processor",
                          .port = PCIE_FROM_HOST,
                          .params = "latency_from_host"},
    [PCIE_OP_REQUEST_IN] = {.name = "request-in",
                            .bare = true,
                            .doc = "requests of a peer's read of the card's memory",
                            .port = PCIE_FROM_HOST,
                            .params = "latency_from_host"},
    [PCIE_OP_COMPLETION_OUT] = {.name = "completion-out",
                                .doc = "completions of a peer's read of the card's memory",
                                .port = PCIE_TO_HOST,
                                .params = "rcb_bytes completion_headers completion_data_bytes "
                                          "credit_latency"},
    [PCIE_OP_COMMAND] = {.name = "command",
                         .bare = true,
                         .doc = "a command for a drive: the host's doorbell, and the fetch of "
                                "the command from its memory",
                         .port = PCIE_POSTS,
                         .fields = command_fields,
                         .size = sizeof(struct pcie_command)},
    [PCIE_OPS] = {.name = NULL}};

static bool check_rings(const struct sim_step *step, struct sim_err *err) {
    const struct pcie_ring_args *how = step->op == &pcie_ops[PCIE_OP_RECEIVE] ? step->args
                                       : pcie_takes_packet(step->op)
                                           ? &((const struct pcie_transmit *)step->args)->rings
                                           : NULL;
    char at[512];
    if (how == NULL || how->format != RINGS_NATIVE || how->used_batch == SIM_ABSENT)
        return true;
    return sim_fail(err, "", sim_pointer(at, sizeof at, step->pointer, "used_batch"),
                    "has no effect without \"rings\": \"split\" or \"packed\"");
}

/* Does software pick one of its queues there? */
static bool picks(const struct sim_step *s) {
    return s->kind == SIM_STEP_VISIT && s->op != NULL && s->comp->model->finishes &&
           s->comp->model->pick != NULL;
}

/* The queue's step that a packet comes to by way of a step; NULL: none. */
static const struct sim_step *queue_behind(const struct sim_world *w,
                                           const struct sim_step *s) {
    for (uint32_t n = 0; n < w->steps && s->hop[0].kind == SIM_HOP_NEXT; n++) {
        s = &w->step[s->hop[0].next];
        if (picks(s))
            return s;
    }
    return NULL;
}

/* Does a hop lead to a step, by way of no other queue's? */
static bool leads_to(const struct sim_world *w, const struct sim_hop *hop,
                     const struct sim_step *s) {
    for (uint32_t n = 0; n < w->steps && hop->kind == SIM_HOP_NEXT; n++) {
        const struct sim_step *next = &w->step[hop->next];
        if (next == s)
            return true;
        if (picks(next))
            return false;
        hop = &next->hop[0];
    }
    return false;
}

/* The queue's step that leads to a step; NULL: none. */
static const struct sim_step *queue_before(const struct sim_world *w,
                                           const struct sim_step *s) {
    for (uint32_t i = 0; i < w->steps; i++)
        for (uint32_t v = 0; v < SIM_VERDICTS && picks(&w->step[i]); v++)
            if (leads_to(w, &w->step[i].hop[v], s))
                return &w->step[i];
    return NULL;
}

/* Whose queue has the packets that cross with descriptors and completions. */
static void find_queue(const struct sim_comp *comp, struct sim_step *step) {
    bool sends = pcie_takes_packet(step->op);
    if (step->args == NULL || !(sends || step->op == &pcie_ops[PCIE_OP_RECEIVE]))
        return;
    struct pcie_ring_args *how = (struct pcie_ring_args *)step->args;
    how->queue = sends ? queue_before(comp->world, step) : queue_behind(comp->world, step);
}

/* Does what goes by a hop cross this link by an operation on its way? */
static bool crosses(const struct sim_comp *comp, const struct sim_hop *hop, int op) {
    const struct sim_world *w = comp->world;
    for (uint32_t n = 0; hop->kind == SIM_HOP_NEXT && n < w->steps; n++) {
        const struct sim_step *s = &w->step[hop->next];
        if (s->kind != SIM_STEP_VIA)
            return false;
        if (s->comp == comp && s->op == &pcie_ops[op])
            return true;
        hop = &s->hop[0];
    }
    return false;
}

/* A read's request and its data cross the link on the routes to the host's memory and back;
 * another block may stand for memory and link together. */
static bool check_read(const struct sim_comp *comp, const struct sim_step *step,
                       struct sim_err *err) {
    const struct sim_step *to = sim_stop_of(comp->world, &step->hop[0]);
    if (to == NULL || strcmp(to->comp->model->name, "hostmemory") != 0)
        return true;
    bool asks = crosses(comp, &step->hop[0], PCIE_OP_REQUEST);
    if (asks && crosses(comp, &to->hop[0], PCIE_OP_COMPLETION))
        return true;
    return sim_fail(err, "", step->pointer,
                    "the %s of this read does not cross the link: the route %s \"%s\" lacks "
                    "in its \"via\" the op \"%s\" of \"%s\"",
                    asks ? "data" : "request", asks ? "back from" : "to", to->comp->path,
                    asks ? "completion" : "request", comp->path);
}

/* Tags and places for packets are kept while a step polls. */
bool pcie_prepare(const struct sim_comp *comp, struct sim_step *step, struct sim_err *err) {
    if (!check_rings(step, err))
        return false;
    find_queue(comp, step);
    if ((step->op == &pcie_ops[PCIE_OP_READ] || step->op == &pcie_ops[PCIE_OP_TRANSMIT]) &&
        !step->hold)
        return sim_fail(err, "", step->pointer,
                        "\"%s\" alone moves no data: %s, and say \"wait\": \"poll\"",
                        step->op->name,
                        step->op == &pcie_ops[PCIE_OP_READ]
                            ? "\"call\" the memory"
                            : "\"split\" into a chain that reads the packet");
    if (step->op == &pcie_ops[PCIE_OP_READ] && !check_read(comp, step, err))
        return false;
    if ((step->op == &pcie_ops[PCIE_OP_POST] || step->op == &pcie_ops[PCIE_OP_POSTED]) &&
        step->kind != SIM_STEP_VIA)
        return sim_fail(err, "", step->pointer,
                        "\"%s\" is for a route that reads the packet by its own hops; a chain "
                        "says \"transmit\"",
                        step->op->name);
    if ((step->op == &pcie_ops[PCIE_OP_COMPLETE] ||
         step->op == &pcie_ops[PCIE_OP_TRANSMITTED]) &&
        !step->back)
        return sim_fail(err, "", step->pointer,
                        "\"%s\" is the way back of another step; name it in its \"complete\"",
                        step->op->name);
    return true;
}
