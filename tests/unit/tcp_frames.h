/* tcp_frames.h - frames of TCP, and of something else, for tests of trains: call make_frames()
 * first; the functions are for a probe's `vary`.
 */
#ifndef TESTS_TCP_FRAMES_H
#define TESTS_TCP_FRAMES_H

#include "models/train.h"
#include "tests/unit/probe.h"
#include "workloads/frame.h"

enum { NS = 1000, FRAME = 1518, PAYLOAD = 1460, HEADERS = 54 };
enum { FIN = 1, PSH = 8 };

static struct packet full, last, pushed, ended, udp, small;

static inline void make_frames(void) {
    struct work_frame_kind tcp = {.tcp = true};
    work_frame_parse(tcp, 0, FRAME, &full);
    work_frame_parse(tcp, 0, 558, &last); /* 500 bytes of payload */
    work_frame_parse(tcp, 0, FRAME, &pushed);
    work_frame_parse(tcp, 0, FRAME, &ended);
    work_frame_parse((struct work_frame_kind){0}, 0, FRAME, &udp);
    work_frame_parse(tcp, 0, 64, &small);
    pushed.head[0].tcp_flags |= PSH;
    ended.head[0].tcp_flags |= FIN;
    ck_assert_uint_eq(full.head[0].payload, PAYLOAD);
}

/* A captured segment of PAYLOAD bytes (0 with `empty`): what is 0 is as usual. */
struct segment {
    uint32_t seq, ack, time; /* time: with timestamps */
    uint16_t window, id;
    uint8_t flags, ttl, tos, option; /* flags beside ACK; option: a kind, of 12 bytes */
    bool empty, dont;                /* dont: fragment */
};

static inline void put32(uint8_t *at, uint32_t v) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The facts of its frame, from its bytes. */
static inline struct packet segment(struct segment s) {
    uint8_t f[14 + 20 + 32] = {[12] = 8, [14] = 0x45, [23] = 6, [26] = 10, 0, 0, 1, 10,
                               0,        0,           2,        [34] = 4,  0, 4, 1};
    uint32_t options = s.time || s.option ? 12 : 0;
    uint32_t bytes = 20 + 20 + options + (s.empty ? 0 : PAYLOAD);
    put32(f + 16, bytes << 16 | s.id);
    f[15] = s.tos;
    f[20] = s.dont ? 0x40 : 0;
    f[22] = s.ttl ? s.ttl : 64;
    put32(f + 38, s.seq);
    put32(f + 42, s.ack);
    put32(f + 46, (5 + options / 4) << 28 | (0x10U | s.flags) << 16 | s.window);
    if (s.time)
        put32(f + 54, 0x0101080a);
    else if (options)
        put32(f + 54, (uint32_t)s.option << 24 | 12 << 16);
    put32(f + 58, s.time);
    struct packet p;
    packet_parse(PACKET_LINK_ETHERNET, f, 54 + options, 14 + bytes, &p);
    ck_assert_uint_eq(p.head[0].payload, s.empty ? 0 : PAYLOAD);
    return p;
}

/* Segments by their number, one digit each ("0132"), an acknowledgement alone for '-'. */
static struct packet captured[16];

static inline void capture(const char *order, uint32_t first) {
    for (uint32_t i = 0; order[i] != 0; i++) {
        uint32_t number = order[i] == '-' ? i : (uint32_t)(order[i] - '0');
        captured[i] = segment(
            (struct segment){.seq = first + number * PAYLOAD, .empty = order[i] == '-'});
    }
}

static inline void as_captured(struct sim_msg *m, uint64_t number) {
    m->body = &captured[number];
    m->bytes = captured[number].frame_bytes;
}

static inline void all_full(struct sim_msg *m, uint64_t number) {
    (void)number;
    m->body = &full;
}

/* Every fourth frame is the last of a segment. */
static inline void by_four(struct sim_msg *m, uint64_t number) {
    m->body = number % 4 == 3 ? &pushed : &full;
}

#endif
