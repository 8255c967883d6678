/* train.h - trains: frames of one TCP connection that card or host handle as one.
 *
 * What a NIC that coalesces on receive (LRO), a driver that does so (GRO) and one that lets the
 * card cut segments (TSO) have in common. Every frame stays a message of its own, so that
 * counts and latencies are of frames. The first of a train costs what a frame costs; one that
 * follows has no headers while it is in the train, and costs what its bytes cost: no
 * descriptor, no completion, no cycles but those of its bytes. Before something is put around
 * it (ESP, MACsec, a tunnel) it is taken out of the train, as a kernel cuts segments first.
 *
 * A frame follows the one before it of its flow when that one was as long or longer (all but
 * the last of a train have the same length), the train stays within its limit, and both are
 * frames as they came: TCP with data, without SYN, FIN, RST or URG, in no tunnel that this card
 * put on or took off. A shorter one, or one with PSH, is the last of its train. Sequence
 * numbers are not looked at: the frames of a flow count as in order and none missing.
 */
#ifndef MODELS_TRAIN_H
#define MODELS_TRAIN_H

#include "models/wrap.h"
#include "sim/engine/model.h"

enum { TRAIN_MOST = 65536 }; /* bytes of an IP datagram, and so of a train */

/* The train that the next frame may follow in. */
struct train {
    uint64_t flow;  /* whose it is: stream and flow */
    uint32_t bytes; /* so far, headers of the first included; 0: there is none */
    uint32_t each;  /* payload of each of its frames but the last */
};

static inline uint64_t train_flow(const struct sim_msg *m) {
    return (uint64_t)m->stream << 32 | m->flow;
}

/* Does the frame follow one that was handled with it? */
static inline bool train_follows(const struct sim_msg *m) {
    return (m->wrap >> WRAP_FOLLOWS & 1) != 0;
}

/* May the frame be in a train at all? Those in a captured tunnel only where `tunnels`. */
bool train_may(const struct sim_msg *m, bool tunnels);

/* The frame comes behind the train. @return whether it follows in it; if not, the train, if
 * there is one, has ended, and the frame begins one if it `may`. A train of more than `most`
 * bytes there is none. Does not mark the frame. */
bool train_take(struct train *t, const struct sim_msg *m, bool may, uint32_t most);

/* Mark a frame that follows: its headers are off. */
void train_join(struct sim_msg *m);

/* For model.trains of those that work on bytes: something is put around the frames. */
enum sim_trains train_bytes(const struct sim_comp *comp, const struct sim_step *step,
                            const char **by);

/* Take the mark off again, if it has one: it has its headers back. */
void train_leave(struct sim_msg *m);

#endif
