/* train.h - trains: frames of one TCP connection that card or host handle as one.
 *
 * What a NIC that coalesces on receive (LRO), a driver that does so (GRO) and one that lets the
 * card cut segments (TSO) have in common. Every frame stays a message of its own, so that
 * counts and latencies are of frames. The first of a train costs what a frame costs; one that
 * follows has no headers while it is in the train, and costs what its bytes cost: no
 * descriptor, no completion, no cycles but those of its bytes. Before something is put around
 * it (ESP, MACsec, a tunnel) it is taken out of the train, as a kernel cuts segments first.
 *
 * A frame may be in a train when it is as it came: TCP with data, without SYN, RST or URG,
 * whole, without IP options, in no tunnel that this card put on or took off. It follows the one
 * before it of its flow when its sequence number is the next one (modulo 2^32), that one was as
 * long or longer (all but the last of a train have the same length), the train stays within its
 * limit, and their headers agree. How far they must, there are two rules:
 *   exact (GRO, and what one write of a host becomes): acknowledgement, window, flags but PSH,
 *     FIN and CWR, options byte by byte (so a timestamp that changes ends it), VLAN, of IP the
 *     time to live, traffic class, flow label, DF; identifications all the same or each one
 *     more. FIN may be in the last one, CWR in the first. As Linux has it, tcp_gro_receive and
 *     inet_gro_flush.
 *   else (a card): the same flags but PSH, traffic class, DF and VLAN, the same choice of
 * having timestamps, which do not go back, as acknowledgements do not; no other options, no
 * FIN. The window may change. As the rules of receive segment coalescing have it, and as a
 *     completion that has the last acknowledgement and window of its session needs it.
 * A shorter frame, or one with PSH or FIN, is the last of its train. What does not follow
 * (after a hole, out of order, sent again, an acknowledgement alone) ends the train of its
 * flow, and begins one if it may. Made-up frames (struct packet's `made`) have no numbers: they
 * follow one another by definition, also behind one that was lost. Docs: docs/sources.md,
 * section 3e.
 *
 * Left out: checksums, which captures of senders do not have yet; padding; the headers around a
 * captured tunnel, all of whose frames count as of one flow; acknowledgements alone, which some
 * cards gather too.
 */
#ifndef MODELS_TRAIN_H
#define MODELS_TRAIN_H

#include "models/wrap.h"
#include "sim/engine/model.h"

enum { TRAIN_MOST = 65536 }; /* bytes of an IP datagram, and so of a train */

/* Who may be in a train, and until when. */
struct train_rule {
    bool tunnels;  /* those in a captured tunnel too */
    bool exact;    /* see above */
    uint32_t most; /* bytes: longer there is none */
};

/* The train that the next frame may follow in, and what the next frame's headers are
 * compared with. */
struct train {
    uint64_t flow;  /* whose it is: stream and flow */
    uint64_t alike; /* what all of its frames share */
    uint32_t bytes; /* so far, headers of the first included; 0: there is none */
    uint32_t each;  /* payload of each of its frames but the last */
    uint32_t next;  /* sequence number that follows */
    uint32_t ack, time;
    uint16_t id, step; /* IPv4's of the last frame, and by how much they grow ... */
    bool steps;        /* ... once there are two */
};

static inline uint64_t train_flow(const struct sim_msg *m) {
    return (uint64_t)m->stream << 32 | m->flow;
}

/* Does the frame follow one that was handled with it? */
static inline bool train_follows(const struct sim_msg *m) {
    return (m->wrap >> WRAP_FOLLOWS & 1) != 0;
}

/* May the frame be in a train at all? */
bool train_may(const struct sim_msg *m, const struct train_rule *rule);

/* The frame comes behind the train. @return whether it follows in it; if not, the train, if
 * there is one, has ended, and the frame begins one if it `may`. Does not mark the frame. */
bool train_take(struct train *t, const struct sim_msg *m, bool may,
                const struct train_rule *rule);

/* Mark a frame that follows: its headers are off. */
void train_join(struct sim_msg *m);

/* For model.trains of those that work on bytes: something is put around the frames. */
enum sim_trains train_bytes(const struct sim_comp *comp, const struct sim_step *step,
                            const char **by);

/* Take the mark off again, if it has one: it has its headers back. */
void train_leave(struct sim_msg *m);

#endif
