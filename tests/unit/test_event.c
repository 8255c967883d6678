/* test_event.c - the wheel gives the order of the heap, whatever is added and cancelled, and
 * both give the order of (time, receiver, sender, counter).
 */
#include "sim/engine/event.h"
#include "tests/check_main.h"
#include "tests/small_world.h"

enum { EVENTS = 600 };

struct pair {
    struct sim_event in_wheel, in_heap;
};

struct queues {
    struct sim_arena arena;
    struct sim_queue wheel, heap;
    struct pair pair[EVENTS];
    uint64_t state;
    sim_ps floor; /* nothing is armed before it: last event taken, last limit asked for */
    sim_ps span;  /* of the times of new events */
    uint32_t seq, armed;
};

static uint64_t draw(struct queues *q) { return q->state = test_mix(q->state, 3); }

static struct queues *queues_new(uint64_t seed, sim_ps start, sim_ps span) {
    static struct queues q;
    memset(&q, 0, sizeof q);
    q.state = test_mix(seed, 1);
    q.floor = start;
    q.span = span;
    q.seq = (uint32_t)(0u - 1000u); /* wraps soon */
    sim_queue_init(&q.wheel, SIM_QUEUE_WHEEL, &q.arena);
    sim_queue_init(&q.heap, SIM_QUEUE_HEAP, &q.arena);
    return &q;
}

/* Few different times and ranks, so that ties abound; a counter for each event. */
static void add(struct queues *q, uint32_t i) {
    struct pair *p = &q->pair[i];
    uint64_t h = draw(q);
    sim_ps ahead = (sim_ps)(draw(q) % (uint64_t)q->span);
    if (h & 1)
        ahead &= 7;
    if (ahead > SIM_NEVER - 1 - q->floor)
        ahead = 0;
    p->in_wheel.time = q->floor + ahead;
    p->in_wheel.rank = sim_event_rank((uint32_t)(h >> 8) % 3, (uint32_t)(h >> 16) % 3);
    p->in_wheel.seq = q->seq++;
    p->in_heap = p->in_wheel;
    sim_queue_add(&q->wheel, &p->in_wheel);
    sim_queue_add(&q->heap, &p->in_heap);
    q->armed++;
}

static void cancel(struct queues *q, uint32_t i) {
    q->armed -= sim_event_armed(&q->pair[i].in_heap);
    sim_queue_cancel(&q->wheel, &q->pair[i].in_wheel);
    sim_queue_cancel(&q->heap, &q->pair[i].in_heap);
    ck_assert(!sim_event_armed(&q->pair[i].in_wheel));
}

/* Take one event of both. @return false when there is none up to the limit. */
static bool take(struct queues *q, sim_ps limit) {
    ck_assert_int_le(sim_queue_next(&q->wheel), sim_queue_next(&q->heap));
    struct sim_event *a = sim_queue_take(&q->wheel, limit);
    struct sim_event *b = sim_queue_take(&q->heap, limit);
    ck_assert_msg((a == NULL) == (b == NULL), "one is empty before the other");
    if (a == NULL) {
        if (limit < SIM_NEVER - 1 && limit > q->floor)
            q->floor = limit;
        return false;
    }
    ck_assert_int_eq(a->time, b->time);
    ck_assert(a->rank == b->rank && a->seq == b->seq);
    ck_assert_int_le(a->time, limit);
    ck_assert_int_ge(a->time, q->floor);
    ck_assert(!sim_event_armed(a) && !sim_event_armed(b));
    q->floor = a->time;
    q->armed--;
    return true;
}

static void work(struct queues *q, uint32_t rounds) {
    for (uint32_t r = 0; r < rounds; r++) {
        uint32_t i = (uint32_t)(draw(q) % EVENTS);
        switch (draw(q) % 8) {
        case 0:
            cancel(q, i);
            break;
        case 1:
        case 2:
            (void)take(q, q->floor + (sim_ps)(draw(q) % (uint64_t)(q->span / 4 + 1)));
            break;
        case 3:
            (void)take(q, SIM_NEVER - 1);
            break;
        default:
            if (!sim_event_armed(&q->pair[i].in_heap))
                add(q, i);
        }
        if (r % 64 == 0) {
            ck_assert_uint_eq(sim_queue_count(&q->wheel), q->armed);
            ck_assert_uint_eq(sim_queue_count(&q->heap), q->armed);
        }
    }
    while (take(q, SIM_NEVER - 1))
        ;
    ck_assert_uint_eq(q->armed, 0);
    ck_assert_int_eq(sim_queue_next(&q->wheel), SIM_NEVER);
    ck_assert_uint_eq(q->wheel.taken, q->heap.taken);
    sim_arena_free(&q->arena);
}

START_TEST(wheel_is_heap) {
    for (uint64_t seed = 0; seed < 120; seed++)
        work(queues_new(seed, 0, (sim_ps)1 << (3 + seed % 50)), 2500);
}
END_TEST

START_TEST(late_times) {
    for (uint64_t seed = 0; seed < 60; seed++) {
        sim_ps start = ((sim_ps)1 << 62) - (sim_ps)(seed * 100);
        work(queues_new(seed, start, (sim_ps)1 << (3 + seed % 58)), 2000);
    }
}
END_TEST

/* Events of one time come by receiver, sender (timers first), counter, over the counter's wrap,
 * in whatever order they are added. */
START_TEST(ties_by_key) {
    for (int kind = 0; kind < 2; kind++) {
        for (uint64_t seed = 0; seed < 50; seed++) {
            struct sim_arena arena = {0};
            struct sim_queue q;
            struct sim_event e[64] = {{.time = 0}};
            uint32_t order[64];
            sim_queue_init(&q, kind ? SIM_QUEUE_HEAP : SIM_QUEUE_WHEEL, &arena);
            for (uint32_t i = 0; i < 64; i++) {
                order[i] = i;
                e[i].time = 123456789;
                e[i].rank = sim_event_rank(i / 16, i / 4 % 4);
                e[i].seq = UINT32_MAX - 1 + i % 4;
            }
            for (uint32_t i = 64; i > 1; i--) {
                uint32_t j = (uint32_t)(test_mix(seed, i) % i), k = order[i - 1];
                order[i - 1] = order[j];
                order[j] = k;
            }
            for (uint32_t i = 0; i < 64; i++)
                sim_queue_add(&q, &e[order[i]]);
            for (uint32_t i = 0; i < 64; i++)
                ck_assert_ptr_eq(sim_queue_take(&q, SIM_NEVER), &e[i]);
            sim_arena_free(&arena);
        }
    }
}
END_TEST

/* What is armed from a handler for the present picosecond is taken in it, by its key. */
START_TEST(now_is_not_too_late) {
    for (int kind = 0; kind < 2; kind++) {
        struct sim_arena arena = {0};
        struct sim_queue q;
        struct sim_event a = {.time = 1000, .rank = 5}, b = {.time = 1000, .rank = 9};
        struct sim_event c = {.time = 1000, .rank = 2}, far = {.time = (sim_ps)1 << 62};
        sim_queue_init(&q, kind ? SIM_QUEUE_HEAP : SIM_QUEUE_WHEEL, &arena);
        sim_queue_add(&q, &far);
        sim_queue_add(&q, &b);
        sim_queue_add(&q, &a);
        ck_assert_ptr_null(sim_queue_take(&q, 999));
        ck_assert_ptr_eq(sim_queue_take(&q, 1000), &a);
        sim_queue_add(&q, &c);
        ck_assert_ptr_eq(sim_queue_take(&q, 1000), &c);
        ck_assert_ptr_eq(sim_queue_take(&q, 1000), &b);
        ck_assert_ptr_null(sim_queue_take(&q, far.time - 1));
        ck_assert_ptr_eq(sim_queue_take(&q, far.time), &far);
        sim_queue_cancel(&q, &far); /* not armed: nothing happens */
        sim_arena_free(&arena);
    }
}
END_TEST

TEST_MAIN("event", wheel_is_heap, late_times, ties_by_key, now_is_not_too_late)
