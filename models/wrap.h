/* wrap.h - what this card's engines, or cores in their place, have put around a message or done
 * to its payload, so that the way back restores it byte for byte.
 *
 * sim_msg.wrap holds two layers, the outer one last: a kind (3 bits) and the bytes that it
 * added (24 bits, negative where it made the message smaller). Kinds above WRAP_FRAMES change
 * the payload and leave the headers as they are. ESP and MACsec go around the whole frame: then
 * sim_msg.level says TUNNEL_SEALED, and what it was is kept here (7 bits). One bit says that
 * the payload was opened by this card, so that the captured bytes are not what is in it, and
 * one that the frame follows in a train (train.h).
 */
#ifndef MODELS_WRAP_H
#define MODELS_WRAP_H

#include "models/tunnel.h"
#include "sim/engine/msg.h"

enum wrap_kind {
    WRAP_NONE,
    WRAP_ESP,
    WRAP_MACSEC,
    WRAP_FRAMES = WRAP_MACSEC,
    WRAP_TLS,
    WRAP_GCM,
    WRAP_XTS,
    WRAP_DEFLATE,
    WRAP_LZ4
};

enum { WRAP_ADDED = 24, WRAP_LAYER = 27, WRAP_LEVEL = 54, WRAP_OPEN = 61, WRAP_FOLLOWS = 62 };

static inline enum wrap_kind wrap_kind_at(uint64_t wrap, unsigned layer) {
    return (enum wrap_kind)(wrap >> (layer * WRAP_LAYER) & 7);
}

static inline int32_t wrap_added_at(uint64_t wrap, unsigned layer) {
    uint32_t bits = (uint32_t)(wrap >> (layer * WRAP_LAYER + 3));
    return (int32_t)(bits << (32 - WRAP_ADDED)) >> (32 - WRAP_ADDED);
}

/* The outermost layer. */
static inline enum wrap_kind wrap_top(const struct sim_msg *m) {
    enum wrap_kind outer = wrap_kind_at(m->wrap, 1);
    return outer != WRAP_NONE ? outer : wrap_kind_at(m->wrap, 0);
}

/* Put a layer around m that adds so many bytes. @return false when it has two already, when it
 * is a frame's and the new one the payload's, or when so much cannot be kept. */
static inline bool wrap_put(struct sim_msg *m, enum wrap_kind kind, int64_t added) {
    const int64_t most = 1 << (WRAP_ADDED - 1);
    enum wrap_kind top = wrap_top(m);
    bool frame = kind <= WRAP_FRAMES, framed = top != WRAP_NONE && top <= WRAP_FRAMES;
    if (wrap_kind_at(m->wrap, 1) != WRAP_NONE || (framed && !frame) || added < -most ||
        added >= most || (int64_t)m->bytes + added < 0)
        return false;
    uint64_t bits = (uint64_t)added & ((1U << WRAP_ADDED) - 1);
    m->wrap |= (bits << 3 | (uint64_t)kind) << (top == WRAP_NONE ? 0 : WRAP_LAYER);
    if (frame && !framed) {
        m->wrap |= (uint64_t)(m->level >> 1) << WRAP_LEVEL;
        m->level = (uint8_t)(TUNNEL_SEALED << 1 | tunnel_head(m->level));
    }
    m->bytes = (uint32_t)((int64_t)m->bytes + added);
    return true;
}

/* Take the outermost layer off. @return false when it is none of that kind. */
static inline bool wrap_take(struct sim_msg *m, enum wrap_kind kind) {
    if (kind == WRAP_NONE || wrap_top(m) != kind)
        return false;
    unsigned layer = wrap_kind_at(m->wrap, 1) != WRAP_NONE;
    m->bytes = (uint32_t)((int64_t)m->bytes - wrap_added_at(m->wrap, layer));
    m->wrap &= ~(((1ULL << WRAP_LAYER) - 1) << (layer * WRAP_LAYER));
    enum wrap_kind left = wrap_top(m);
    if (kind <= WRAP_FRAMES && (left == WRAP_NONE || left > WRAP_FRAMES)) {
        uint64_t level = m->wrap >> WRAP_LEVEL & 0x7f;
        m->level = (uint8_t)(level << 1 | tunnel_head(m->level));
        m->wrap &= ~(0x7fULL << WRAP_LEVEL);
    }
    return true;
}

/* Has this card opened what was captured closed? */
static inline void wrap_open(struct sim_msg *m) { m->wrap |= 1ULL << WRAP_OPEN; }

static inline bool wrap_opened(const struct sim_msg *m) {
    return (m->wrap >> WRAP_OPEN & 1) != 0;
}

/* Are the payload's bytes those that were captured? */
static inline bool wrap_as_captured(const struct sim_msg *m) {
    return (m->wrap & ~(1ULL << WRAP_FOLLOWS)) == 0;
}

/* Bytes of payload now, of a packet with facts: what is behind the innermost header. Else all
 * of the message. */
static inline uint32_t wrap_payload(const struct sim_msg *m) {
    const struct packet *p = m->body;
    if (p == NULL)
        return m->bytes;
    int64_t n = p->heads > 0 ? p->head[p->heads - 1].payload : 0;
    for (unsigned i = 0; i < 2; i++)
        if (wrap_kind_at(m->wrap, i) > WRAP_FRAMES)
            n += wrap_added_at(m->wrap, i);
    return n > 0 ? (uint32_t)n : 0;
}

#endif
