/* wrap.h - what this card's engines, or cores in their place, have put around a message or done
 * to its payload, so that the way back restores it byte for byte.
 *
 * sim_msg.wrap holds two layers, the outer one last: a kind (3 bits) and the bytes that it
 * added (24 bits, negative where it made the message smaller). Kinds above WRAP_FRAMES change
 * the payload and leave the headers as they are; what they add is the payload's, and what
 * filled the frame up to 64 bytes goes first. ESP and MACsec go around the whole frame: then
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

/* Has this card opened what was captured closed? */
static inline void wrap_open(struct sim_msg *m) { m->wrap |= 1ULL << WRAP_OPEN; }

static inline bool wrap_opened(const struct sim_msg *m) {
    return (m->wrap >> WRAP_OPEN & 1) != 0;
}

/* Bytes that the layers have added to the payload. */
static inline int64_t wrap_added(const struct sim_msg *m) {
    int64_t n = 0;
    for (unsigned i = 0; i < 2; i++)
        if (wrap_kind_at(m->wrap, i) > WRAP_FRAMES)
            n += wrap_added_at(m->wrap, i);
    return n;
}

/* By how much a payload that is so many bytes longer than the captured one makes the frame
 * around it longer: that is filled up to 64 bytes, or to what it had in its tunnel; else what
 * was behind the packet is gone. What was opened has no such facts. */
static inline int64_t wrap_longer(const struct sim_msg *m, int64_t added) {
    enum { MIN_FRAME = 64 }; /* with FCS; IEEE 802.3 */
    const struct packet *p = m->body;
    if (p == NULL || p->heads == 0 || wrap_opened(m) || added == 0)
        return added;
    int64_t frame = (int64_t)p->frame_bytes - p->frame_at;
    int64_t least = frame < MIN_FRAME ? frame : MIN_FRAME, is = frame - p->padding + added;
    return (is > least ? is : least) - frame;
}

/* Bytes that fill the frame around the innermost packet up now. */
static inline uint32_t wrap_padding(const struct sim_msg *m) {
    const struct packet *p = m->body;
    int64_t added = wrap_added(m);
    if (p == NULL || p->heads == 0 || wrap_opened(m))
        return 0;
    return (uint32_t)(p->padding + wrap_longer(m, added) - added);
}

/* Bytes that a layer which adds so many to what it is around adds to the message, which has
 * `before` in its payload already. */
static inline int64_t wrap_adds(const struct sim_msg *m, enum wrap_kind kind, int64_t before,
                                int64_t added) {
    if (kind <= WRAP_FRAMES)
        return added;
    return wrap_longer(m, before + added) - wrap_longer(m, before);
}

/* Put a layer around m that adds so many bytes. @return false when it has two already, when it
 * is a frame's and the new one the payload's, or when so much cannot be kept. */
static inline bool wrap_put(struct sim_msg *m, enum wrap_kind kind, int64_t added) {
    const int64_t most = 1 << (WRAP_ADDED - 1), adds = wrap_adds(m, kind, wrap_added(m), added);
    enum wrap_kind top = wrap_top(m);
    bool frame = kind <= WRAP_FRAMES, framed = top != WRAP_NONE && top <= WRAP_FRAMES;
    if (wrap_kind_at(m->wrap, 1) != WRAP_NONE || (framed && !frame) || added < -most ||
        added >= most || (int64_t)m->bytes + adds < 0)
        return false;
    uint64_t bits = (uint64_t)added & ((1U << WRAP_ADDED) - 1);
    m->wrap |= (bits << 3 | (uint64_t)kind) << (top == WRAP_NONE ? 0 : WRAP_LAYER);
    if (frame && !framed) {
        m->wrap |= (uint64_t)(m->level >> 1) << WRAP_LEVEL;
        m->level = (uint8_t)(TUNNEL_SEALED << 1 | tunnel_head(m->level));
    }
    m->bytes = (uint32_t)((int64_t)m->bytes + adds);
    return true;
}

/* Take the outermost layer off. @return false when it is none of that kind. */
static inline bool wrap_take(struct sim_msg *m, enum wrap_kind kind) {
    if (kind == WRAP_NONE || wrap_top(m) != kind)
        return false;
    unsigned layer = wrap_kind_at(m->wrap, 1) != WRAP_NONE;
    int64_t added = wrap_added_at(m->wrap, layer);
    m->bytes = (uint32_t)((int64_t)m->bytes - wrap_adds(m, kind, wrap_added(m) - added, added));
    m->wrap &= ~(((1ULL << WRAP_LAYER) - 1) << (layer * WRAP_LAYER));
    enum wrap_kind left = wrap_top(m);
    if (kind <= WRAP_FRAMES && (left == WRAP_NONE || left > WRAP_FRAMES)) {
        uint64_t level = m->wrap >> WRAP_LEVEL & 0x7f;
        m->level = (uint8_t)(level << 1 | tunnel_head(m->level));
        m->wrap &= ~(0x7fULL << WRAP_LEVEL);
    }
    return true;
}

/* Are the payload's bytes those that were captured? Not those of a piece of a packet. */
static inline bool wrap_as_captured(const struct sim_msg *m) {
    const struct packet *p = m->body;
    bool piece = p != NULL && p->heads > 0 && p->head[p->heads - 1].payload > m->bytes;
    return (m->wrap & ~(1ULL << WRAP_FOLLOWS)) == 0 && !piece;
}

/* Bytes of payload now, of a packet with facts: what is behind the innermost header. Else, and
 * of a piece of a packet, all of the message. */
static inline uint32_t wrap_payload(const struct sim_msg *m) {
    const struct packet *p = m->body;
    if (p == NULL)
        return m->bytes;
    int64_t n = (p->heads > 0 ? p->head[p->heads - 1].payload : 0) + wrap_added(m);
    n = n < m->bytes ? n : m->bytes; /* of a piece that it was split into: all of it */
    return n > 0 ? (uint32_t)n : 0;
}

#endif
