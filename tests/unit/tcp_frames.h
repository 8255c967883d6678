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

static inline void all_full(struct sim_msg *m, uint64_t number) {
    (void)number;
    m->body = &full;
}

/* Every fourth frame is the last of a segment. */
static inline void by_four(struct sim_msg *m, uint64_t number) {
    m->body = number % 4 == 3 ? &pushed : &full;
}

#endif
