/* ethernet.c - an Ethernet port: the line in, the packet memory behind it, and the line out.
 *
 * Models: serialisation at the line rate with preamble and inter-frame gap, exact over frames
 * back to back; padding to the minimum frame; the time of MAC, PCS and FEC as one number a
 * direction; packet memory that drops a frame for which it has no room and holds the others
 * until the next stage takes them. The queue before the line in is the sender's: unbounded,
 * because how far the sender may run ahead is the sender's business.
 * Leaves out: pause frames and PFC (off unless configured, and then the sender would have to
 * react); auto-negotiation, FEC errors and bit errors; runts and oversized frames; cells of
 * packet memory (a frame takes its own bytes, not multiples of 128); cut-through (a frame is
 * handed on once its last bit is in).
 * Whose numbers: IEEE 802.3 for the frame; the rest from docs/sources.md, section 1.
 */
#include "sim/engine/model.h"

enum { WIRE, RX, TX };
enum { MIN_FRAME = 64 }; /* with FCS; IEEE 802.3 */

struct ethernet {
    struct sim_comp base;
    int64_t rate, gap_bytes, rx_latency, tx_latency, rx_fifo, tx_queue, tx_full;
    int64_t rx_wire_bytes, tx_wire_bytes, padded;
    struct sim_ser in, out;
};

#define AT(name) offsetof(struct ethernet, name)
static const struct sim_field params[] = {
    {.name = "rate",
     .unit = SIM_RATE,
     .offset = AT(rate),
     .min = 1000000,
     .max = 3200000000000,
     .def = "400Gb/s",
     .doc = "line rate after FEC, each direction",
     .source = "dpdk-mlx5; bsp-skus (1 x 400 Gb/s; 2 x 200 Gb/s is the variant)"},
    {.name = "gap_bytes",
     .unit = SIM_BYTES,
     .offset = AT(gap_bytes),
     .min = 0,
     .max = 1000,
     .def = "20",
     .doc = "line time around a frame: preamble and start 8, inter-frame gap 12",
     .source = "ieee-8023"},
    {.name = "rx_latency",
     .unit = SIM_TIME,
     .offset = AT(rx_latency),
     .min = 0,
     .max = SIM_PS_PER_S,
     .def = "100ns",
     .doc = "last bit in to frame in packet memory: PCS, FEC and MAC",
     .source = "fec-3dj (63 ns of FEC); assumed: 37 ns of MAC and PCS, half of amd-pg211"},
    {.name = "tx_latency",
     .unit = SIM_TIME,
     .offset = AT(tx_latency),
     .min = 0,
     .max = SIM_PS_PER_S,
     .def = "30ns",
     .doc = "MAC, PCS and FEC on the way out",
     .source = "assumed: amd-pg211 (25.6 ns) and 3 ns of FEC encoder, rounded"},
    {.name = "rx_fifo",
     .unit = SIM_BYTES,
     .offset = AT(rx_fifo),
     .min = MIN_FRAME,
     .max = 1LL << 40,
     .def = "2MiB",
     .doc = "packet memory for received frames; a frame that does not fit is dropped",
     .source = "assumed: no document gives it; twice the headroom of mlx5-xoff x mlx5-portbuf"},
    {.name = "tx_queue",
     .unit = SIM_COUNT,
     .offset = AT(tx_queue),
     .min = 1,
     .max = 1 << 20,
     .def = "64",
     .doc = "frames waiting for the line out, the one being sent included",
     .source = "assumed: only says where back-pressure begins"},
    {.name = "tx_full",
     .unit = SIM_ENUM,
     .offset = AT(tx_full),
     .def = "wait",
     .choices = sim_full_choices,
     .doc = "what happens when tx_queue is full",
     .source = "assumed: the pipeline waits for the line and the packet memory fills"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    {.name = "rx_wire_bytes",
     .unit = SIM_BYTES,
     .offset = AT(rx_wire_bytes),
     .doc = "bytes on the line in, preamble and gap included"},
    {.name = "tx_wire_bytes",
     .unit = SIM_BYTES,
     .offset = AT(tx_wire_bytes),
     .doc = "bytes on the line out, preamble and gap included"},
    {.name = "padded",
     .unit = SIM_COUNT,
     .offset = AT(padded),
     .doc = "frames padded to the minimum of 64 bytes"},
    {.name = NULL}};
#undef AT

static const struct sim_op ops[] = {
    {.name = "rx",
     .doc = "receive: the line in, then packet memory",
     .port = WIRE,
     .stages = 2,
     .params = "rate gap_bytes rx_latency rx_fifo"},
    {.name = "tx",
     .doc = "transmit: queue, then the line out",
     .port = TX,
     .params = "rate gap_bytes tx_latency tx_queue tx_full"},
    {.name = "link-rx",
     .doc = "receive from another node, whose tx has paid for the line: packet memory only",
     .port = RX,
     .params = "rx_latency rx_fifo"},
    {.name = NULL}};

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct ethernet *e = (struct ethernet *)comp;
    (void)err;
    struct sim_rate rate = sim_rate_make((uint64_t)e->rate, 1, 1);
    sim_ser_init(&e->in, rate);
    sim_ser_init(&e->out, rate);
    sim_port_add(comp, &(struct sim_port_opts){.name = "wire", .in_order = true});
    sim_port_add(comp, &(struct sim_port_opts){.name = "rx",
                                               .in_order = true,
                                               .capacity = e->rx_fifo,
                                               .bytes = true,
                                               .full = SIM_FULL_DROP,
                                               .cause = "rx-fifo-full"});
    sim_port_add(comp, &(struct sim_port_opts){.name = "tx",
                                               .in_order = true,
                                               .capacity = e->tx_queue,
                                               .full = (enum sim_full)e->tx_full,
                                               .cause = "tx-queue-full"});
    return true;
}

/* Put the frame on a line at `start`. @return how long the line is taken. */
static sim_ps put_on_line(struct ethernet *e, struct sim_ser *line, int64_t *wire_bytes,
                          struct sim_msg *m, sim_ps start) {
    if (m->bytes < MIN_FRAME) {
        m->bytes = MIN_FRAME;
        sim_comp_count(&e->base, &e->padded, start);
    }
    uint64_t bytes = m->bytes + (uint64_t)e->gap_bytes;
    if (sim_inside(e->base.world, start))
        *wire_bytes += (int64_t)bytes;
    return sim_ser_send(line, start, bytes * 8) - start;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct ethernet *e = (struct ethernet *)comp;
    if (port->index == WIRE) {
        out->occupancy_ps = put_on_line(e, &e->in, &e->rx_wire_bytes, m, start);
        out->latency_ps = out->occupancy_ps + e->rx_latency;
    } else if (port->index == TX) {
        out->occupancy_ps = put_on_line(e, &e->out, &e->tx_wire_bytes, m, start);
        out->latency_ps = out->occupancy_ps + e->tx_latency;
    } else if (step->op->port == RX) {
        out->latency_ps = e->rx_latency;
    }
}

const struct sim_model model_ethernet = {
    .name = "ethernet",
    .doc = "Ethernet port: line rate, frame overhead, packet memory that drops when full",
    .size = sizeof(struct ethernet),
    .params = params,
    .stats = stats,
    .ops = ops,
    .init = init,
    .serve = serve};
