/* prop_scheduler.c - laws of the egress scheduler over random queues, weights, priorities,
 * shapers and packets: it works whenever a packet may go, and at once; the first in its queue;
 * none while one of a higher priority may; tokens to the bit; shares by weight.
 */
#include "models/payload.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_scheduler;

enum { QUEUES = 5, MESSAGES = 1500, NS = 1000, BURST = 4000, MOST_BYTES = 1518 };

/* A queue, as the test knows it. */
struct plain {
    int64_t weight, priority;
    uint64_t rate;            /* 0: no shaper */
    unsigned __int128 tokens; /* of a bit 10^12 */
    sim_ps at;
    uint32_t message[MESSAGES], n, next; /* in the order of their coming */
};

struct passed {
    sim_ps entered, start, end;
    uint32_t bytes, queue;
};

static struct plain queue[QUEUES];
static struct passed of[MESSAGES];
static uint64_t of_seed;

static uint32_t queue_of(uint64_t number) {
    return (uint32_t)(test_mix(of_seed, number) % QUEUES);
}

static void vary(struct sim_msg *m, uint64_t number) {
    m->hash = (uint32_t)(((uint64_t)queue_of(number) << 32) / QUEUES + 7);
    m->bytes = 64 + (uint32_t)(test_mix(of_seed, number) >> 32) % (MOST_BYTES - 63);
}

/* A list of the queues' values, "1,2,3". */
static const char *list(char *buf, size_t size, int64_t (*value)(const struct plain *)) {
    size_t at = 0;
    for (int i = 0; i < QUEUES; i++)
        at += (size_t)snprintf(buf + at, size - at, "%s%lld", i ? "," : "",
                               (long long)value(&queue[i]));
    return buf;
}

static int64_t weight(const struct plain *q) { return q->weight; }
static int64_t priority(const struct plain *q) { return q->priority; }

static const char *rates(char *buf, size_t size) {
    size_t at = 0;
    for (int i = 0; i < QUEUES; i++) {
        at += (size_t)snprintf(buf + at, size - at, "%s", i ? "," : "");
        if (queue[i].rate)
            at += (size_t)snprintf(buf + at, size - at, "%llub/s",
                                   (unsigned long long)queue[i].rate);
        else
            at += (size_t)snprintf(buf + at, size - at, "none");
    }
    return buf;
}

static void random_queues(bool plain) {
    memset(queue, 0, sizeof queue);
    for (uint32_t i = 0; i < QUEUES; i++) {
        uint64_t h = test_mix(of_seed + 77, i);
        queue[i].weight = 1 + (int64_t)(h % 7);
        queue[i].priority = plain ? 0 : (int64_t)(h >> 8 & 3);
        queue[i].rate = !plain && (h >> 16 & 1) ? 1000000007 * (1 + (h >> 20) % 20) : 0;
        queue[i].tokens = (unsigned __int128)BURST * 8 * 1000000000000;
    }
}

/* Send them all; of[] says what became of each. */
static void send_all(uint64_t seed, bool saturated) {
    char w[128], p[128], r[256], params[1024];
    of_seed = seed;
    random_queues(saturated);
    struct bench b = bench_new(MESSAGES, saturated ? 0 : (sim_ps)(20 + seed % 100) * NS, 100);
    b.w->opts.sample_one_in = 1;
    snprintf(params, sizeof params,
             "{\"queues\": %d, \"by\": \"flow\", \"weights\": \"%s\", \"priorities\": \"%s\", "
             "\"rates\": \"%s\", \"burst\": %d, \"rate\": \"%lluMb/s\", \"queue_bytes\": "
             "\"1GB\", \"quantum\": %llu}",
             QUEUES, list(w, sizeof w, weight), list(p, sizeof p, priority), rates(r, sizeof r),
             BURST, 20000ULL + seed % 7 * 20000, 64 + seed * 37ULL % 4000);
    probe_add(&b, "in")->vary = vary;
    bench_visit(&b, bench_block(&b, &model_scheduler, "egress", params), "send", NULL);
    struct probe *out = probe_add(&b, "out");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), MESSAGES);
    ck_assert_uint_eq(b.w->records.n, MESSAGES);
    for (uint32_t i = 0; i < MESSAGES; i++) {
        const struct sim_record *rec = &b.w->records.record[i];
        uint64_t number = rec->id & 0xffffffffff;
        for (uint32_t k = 0; k < rec->stamps; k++)
            if (rec->stamp[k].step == 2)
                of[number] = (struct passed){rec->stamp[k].entered, rec->stamp[k].start,
                                             rec->stamp[k].end, out->saw[number].bytes,
                                             queue_of(number)};
    }
    for (uint32_t i = 0; i < MESSAGES; i++) {
        struct plain *q = &queue[of[i].queue];
        q->message[q->n++] = i;
    }
    bench_free(&b);
}

static const struct passed *head(const struct plain *q) {
    return q->next < q->n ? &of[q->message[q->next]] : NULL;
}

static unsigned __int128 cost(const struct passed *m) {
    return (unsigned __int128)m->bytes * 8 * 1000000000000;
}

static void fill(struct plain *q, sim_ps at) {
    unsigned __int128 most = (unsigned __int128)BURST * 8 * 1000000000000;
    q->tokens += (unsigned __int128)q->rate * (uint64_t)(at - q->at);
    q->tokens = q->tokens < most ? q->tokens : most;
    q->at = at;
}

/* From when on the head may go, as far as its tokens and its coming are concerned. */
static sim_ps ready(struct plain *q) {
    const struct passed *m = head(q);
    if (q->rate == 0 || cost(m) <= q->tokens)
        return m->entered > q->at ? m->entered : q->at;
    unsigned __int128 lack = cost(m) - q->tokens;
    sim_ps at = q->at + (sim_ps)((lack + q->rate - 1) / q->rate);
    return at > m->entered ? at : m->entered;
}

/* The message that started next. */
static const struct passed *next_started(void) {
    const struct passed *best = NULL;
    for (int i = 0; i < QUEUES; i++) {
        const struct passed *m = head(&queue[i]);
        if (m != NULL && (best == NULL || m->start < best->start))
            best = m;
    }
    return best;
}

/* Every packet starts when the line is free and the first of all heads is ready, and no head of
 * a higher priority was ready then. */
static void check_order(uint64_t seed) {
    sim_ps free_at = 0;
    for (uint32_t k = 0; k < MESSAGES; k++) {
        const struct passed *m = next_started();
        struct plain *mine = &queue[m->queue];
        sim_ps first = SIM_NEVER;
        for (int i = 0; i < QUEUES; i++)
            if (head(&queue[i]) != NULL && ready(&queue[i]) < first)
                first = ready(&queue[i]);
        sim_ps want = first > free_at ? first : free_at;
        ck_assert_msg(m->start == want, "seed %llu: started at %lld, could at %lld",
                      (unsigned long long)seed, (long long)m->start, (long long)want);
        for (int i = 0; i < QUEUES; i++)
            if (queue[i].priority < mine->priority && head(&queue[i]) != NULL)
                ck_assert_msg(ready(&queue[i]) >= m->start, "seed %llu: a higher one waited",
                              (unsigned long long)seed);
        if (mine->rate) {
            fill(mine, m->start);
            ck_assert(mine->tokens >= cost(m));
            mine->tokens -= cost(m);
        }
        mine->next++;
        free_at = m->end;
    }
}

START_TEST(works_when_it_may_and_by_priority) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        send_all(seed, false);
        check_order(seed);
    }
}
END_TEST

/* All are there from the start: while two queues both have something to send, what they have
 * sent for each unit of weight differs by no more than a quantum and what the granularity of
 * packets adds. So nobody starves. */
START_TEST(shares_are_by_weight) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        int64_t sent[QUEUES] = {0};
        send_all(seed, true);
        int64_t quantum = 64 + (int64_t)(seed * 37 % 4000);
        for (uint32_t k = 0; k < MESSAGES; k++) {
            const struct passed *m = next_started();
            queue[m->queue].next++;
            sent[m->queue] += m->bytes;
            for (int i = 0; i < QUEUES && k >= QUEUES; i++)
                for (int j = 0; j < QUEUES; j++) {
                    const struct plain *a = &queue[i], *b = &queue[j];
                    if (head(a) == NULL || head(b) == NULL)
                        continue;
                    int64_t apart = sent[i] * b->weight - sent[j] * a->weight;
                    int64_t most =
                        quantum * a->weight * b->weight + MOST_BYTES * (a->weight + b->weight);
                    ck_assert_msg(apart <= most, "seed %llu, packet %u: %lld above %lld",
                                  (unsigned long long)seed, k, (long long)apart,
                                  (long long)most);
                }
        }
    }
}
END_TEST

TEST_MAIN("egress scheduler", works_when_it_may_and_by_priority, shares_are_by_weight)
