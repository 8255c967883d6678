/* bench_hold.c - hold model of the event queue: one line of JSON.
 *
 *   bench_hold [N [EVENTS [wheel|heap]]]        100 pending, 10 million events, wheel
 *
 * N events are pending; each handler arms its own again after an exponential increment (mean
 * 1e6 ticks, a table of 65,536 drawn by xorshift64), with the full tie key. The events are
 * fields of 64-byte objects. Time is processor time of the loop; setting up is left out. The
 * same work as the peer's that hold.sh runs beside it.
 */
#include "sim/engine/event.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct holder {
    struct sim_event timer;
    uint32_t id, sent;
    uint64_t taken;
};
_Static_assert(sizeof(struct holder) == 64, "one cache line each");

static sim_ps increment[65536];
static uint64_t state = 88172645463325252ull, left;
static struct sim_queue queue;

static inline sim_ps draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return increment[state >> 48];
}

static void hold(struct sim_event *e, struct sim_group *g) {
    struct holder *h = (struct holder *)(void *)e;
    (void)g;
    h->taken++;
    if (--left == 0)
        return;
    e->time += draw();
    e->rank = sim_event_rank(h->id, 0);
    e->seq = h->sent++;
    sim_queue_add(&queue, e);
}

static double processor_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double run(void) {
    struct sim_event *e;
    double from = processor_time();
    while (left > 0 && (e = sim_queue_take(&queue, SIM_NEVER)) != NULL)
        e->fire(e, NULL);
    return processor_time() - from;
}

int main(int argc, char **argv) {
    uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 100;
    uint64_t events = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
    bool heap = argc > 3 && strcmp(argv[3], "heap") == 0;
    if (n == 0 || events == 0) {
        fprintf(stderr, "usage: bench_hold [N [EVENTS [wheel|heap]]]\n");
        return EXIT_FAILURE;
    }
    struct sim_arena arena = {0};
    struct holder *holder = sim_alloc_n(&arena, n, sizeof *holder);
    for (int i = 0; i < 65536; i++)
        increment[i] = 1 + (sim_ps)(-log((i + 0.5) / 65536) * 1e6);
    sim_queue_init(&queue, heap ? SIM_QUEUE_HEAP : SIM_QUEUE_WHEEL, &arena);
    left = events;
    for (uint32_t i = 0; i < n; i++) {
        holder[i].id = i;
        holder[i].timer.fire = hold;
        holder[i].timer.time = draw();
        holder[i].timer.rank = sim_event_rank(i, 0);
        sim_queue_add(&queue, &holder[i].timer);
    }
    double took = run();
    printf("{\"bench\": \"hold-%s\", \"n\": %" PRIu32 ", \"events\": %" PRIu64
           ", \"ns_per_event\": %.1f}\n",
           heap ? "heap" : "wheel", n, events, took * 1e9 / (double)events);
    sim_arena_free(&arena);
    return EXIT_SUCCESS;
}
