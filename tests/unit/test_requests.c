/* test_requests.c - what sources of requests share: so many under way and no more, births in
 * order, barriers, replies that come before what is scheduled, and ties that do not matter.
 *
 * Requests of source fio go to a probe that keeps each for a time by a hash, notes it and
 * replies.
 */
#include "models/io.h"
#include "tests/source_world.h"
#include "workloads/requests.h"

enum { MOST = 60000, US = 1000000 };

struct asked {
    sim_ps birth, end;
    uint64_t offset;
    uint32_t bytes, hash;
    uint16_t job, stream;
    uint8_t op, kind;
};

/* Keeps requests for `mean` on average, whole multiples of `quantum`. */
struct drive {
    struct sim_comp base;
    sim_ps mean, quantum;
    struct asked *log;
    uint32_t n;
};

static bool drive_init(struct sim_comp *comp, struct sim_err *err) {
    struct drive *d = (struct drive *)comp;
    (void)err;
    sim_port_add(comp, &(struct sim_port_opts){.name = "in", .servers = 4096});
    d->log = sim_alloc_n(sim_comp_arena(comp), MOST, sizeof *d->log);
    return true;
}

static void drive_serve(struct sim_comp *comp, struct sim_port *port,
                        const struct sim_step *step, struct sim_msg *m, sim_ps start,
                        struct sim_service *out) {
    struct drive *d = (struct drive *)comp;
    const struct io *io = io_of(&comp->node->pool, m);
    uint64_t h = test_mix(io->offset + io->op, (uint64_t)m->birth);
    (void)port;
    (void)step;
    ck_assert_ptr_nonnull(io);
    out->occupancy_ps = d->mean > 0 ? (sim_ps)(h % (2 * (uint64_t)d->mean)) : 0;
    if (d->quantum > 0)
        out->occupancy_ps -= out->occupancy_ps % d->quantum;
    if (d->n < MOST)
        d->log[d->n++] = (struct asked){.birth = m->birth,
                                        .end = start + out->occupancy_ps,
                                        .offset = io->offset,
                                        .bytes = io->bytes,
                                        .hash = m->hash,
                                        .job = io->job,
                                        .stream = m->stream,
                                        .op = io->op,
                                        .kind = (uint8_t)m->kind};
}

static const struct sim_op drive_ops[] = {{.name = "serve", .doc = ""}, {.name = NULL}};
static const struct sim_model model_drive = {.name = "drive",
                                             .size = sizeof(struct drive),
                                             .ops = drive_ops,
                                             .init = drive_init,
                                             .serve = drive_serve};

static struct bench b;
static struct drive *drive;

/* Every stream's requests go to the drive and are answered. */
static void wire_up(void) {
    struct sim_step visit = {.comp = &drive->base, .op = drive_ops, .label = "drive"};
    char line[2048];
    visit.hop[0].kind = SIM_HOP_REPLY;
    ck_assert(sim_comp_init(&drive->base, &b.err));
    uint16_t to = sim_step_add(b.w, &visit);
    for (uint32_t i = 0; i < b.sources; i++) {
        struct sim_comp *c = &b.source[i]->base;
        if (!sim_comp_init(c, &b.err))
            ck_abort_msg("%s", sim_err_line(&b.err, line, sizeof line));
        struct sim_step emit = {.comp = c, .kind = SIM_STEP_EMIT, .label = "emit"};
        emit.hop[0] = (struct sim_hop){.kind = SIM_HOP_NEXT, .next = to, .delay = 1};
        b.source[i]->stream->first = sim_step_add(b.w, &emit);
    }
    sim_world_build(b.w);
}

/* @return the digest. */
static uint64_t go(sim_ps mean, sim_ps quantum, uint64_t shuffle, const char *const *jobs) {
    struct sim_world_opts o = {.seed = 1,
                               .duration = 20000 * (sim_ps)US,
                               .messages = 8192,
                               .body_bytes = sizeof(struct packet),
                               .max_hops = 4,
                               .shuffle_ties = shuffle};
    b = (struct bench){.w = sim_world_new(&o)};
    b.node = sim_node_add(b.w, "dpu");
    drive = (struct drive *)sim_comp_add(b.w, b.node, &model_drive, "drive");
    drive->mean = mean;
    drive->quantum = quantum;
    for (; *jobs != NULL; jobs++)
        ck_assert(bench_add(&b, "fio", "%s", *jobs));
    wire_up();
    bench_run(&b);
    bench_audit(&b);
    ck_assert_uint_lt(drive->n, MOST);
    ck_assert_uint_gt(drive->n, 0);
    return sim_world_digest(b.w);
}

#define GO(MEAN, ...) go(MEAN, 0, 0, (const char *const[]){__VA_ARGS__, NULL})

/* Most of a process's under way at a birth, and how often it was so many. */
static uint32_t deepest(uint16_t job, uint32_t *often) {
    uint32_t most = 0;
    *often = 0;
    for (uint32_t i = 0; i < drive->n; i++) {
        uint32_t n = 0;
        for (uint32_t k = 0; k <= i && drive->log[i].job == job; k++)
            n += drive->log[k].job == job && drive->log[k].end >= drive->log[i].birth;
        *often = n > most ? 1 : *often + (n == most);
        most = n > most ? n : most;
    }
    return most;
}

START_TEST(depth_is_kept_and_not_exceeded) {
    static const uint32_t depth[] = {1, 2, 7, 64};
    for (size_t i = 0; i < sizeof depth / sizeof *depth; i++) {
        char job[256];
        uint32_t often;
        snprintf(job, sizeof job, "{'rw': 'randread', 'bs': '4k', 'iodepth': %u, 'numjobs': 3}",
                 depth[i]);
        GO((sim_ps)depth[i] * 30 * US, job);
        for (uint16_t k = 0; k < 3; k++) {
            ck_assert_uint_eq(deepest(k, &often), depth[i]);
            ck_assert_uint_gt(often, drive->n / 3 * 8 / 10);
        }
        bench_free(&b);
    }
}
END_TEST

/* Messages are numbered, and come to the drive, as they are born; each process keeps its
 * order in time. */
START_TEST(births_are_in_order) {
    GO(50 * US, "{'rw': 'randrw', 'bs': '4k', 'iodepth': 5, 'numjobs': 20}");
    for (uint32_t i = 1; i < drive->n; i++)
        ck_assert_int_le(drive->log[i - 1].birth, drive->log[i].birth);
    bench_free(&b);
    GO(5 * US, "{'rw': 'randread', 'bs': '4k', 'iodepth': 4, 'rate_iops': 10000, 'options': "
               "'rate_process=poisson'}");
    ck_assert_uint_gt(drive->n, 100);
    for (uint32_t i = 1; i < drive->n; i++)
        ck_assert_int_le(drive->log[i - 1].birth, drive->log[i].birth);
    bench_free(&b);
}
END_TEST

/* The kind is the operation, and the facts are its own. */
START_TEST(facts_come_along) {
    uint32_t seen[IO_OPS] = {0};
    GO(20 * US, "{'rw': 'randrw', 'bs': '8k', 'iodepth': 4, 'options': 'fsync=4'}");
    for (uint32_t i = 0; i < drive->n; i++) {
        const struct asked *a = &drive->log[i];
        ck_assert_uint_eq(a->op, a->kind);
        ck_assert_uint_eq(a->bytes, a->op == IO_FLUSH ? 0 : 8192);
        ck_assert_uint_eq(a->offset % 8192, 0);
        seen[a->op]++;
    }
    ck_assert_uint_gt(seen[IO_READ], 20);
    ck_assert_uint_gt(seen[IO_WRITE], 20);
    ck_assert_uint_gt(seen[IO_FLUSH], 4);
    bench_free(&b);
}
END_TEST

/* What must wait for all: it begins a picosecond behind the last of them, or so long after. */
START_TEST(barriers_wait_for_all) {
    static const struct {
        const char *job;
        sim_ps idle;
    } of[] = {{"{'rw': 'randwrite', 'bs': '4k', 'iodepth': 8, 'options': 'thinktime=100 "
               "thinktime_blocks=8'}",
               100 * (sim_ps)US}};
    uint32_t pauses = 0;
    GO(20 * US, of[0].job);
    for (uint32_t i = 1; i < drive->n; i++) {
        sim_ps last = 0;
        for (uint32_t k = 0; k < i; k++)
            last = sim_later(last, drive->log[k].end);
        if (drive->log[i].birth <= last)
            continue;
        ck_assert_int_ge(drive->log[i].birth, last + of[0].idle);
        pauses++;
    }
    ck_assert_uint_gt(pauses, drive->n / 8 - 2);
    bench_free(&b);
}
END_TEST

/* Requests of a process that are born while one of its `op` is under way, and those that were
 * under way when it was born, over all of these. */
static void around(uint8_t op, uint16_t job, uint32_t *behind, uint32_t *before) {
    *behind = *before = 0;
    for (uint32_t i = 0; i < drive->n; i++) {
        const struct asked *a = &drive->log[i];
        for (uint32_t k = 0; a->op == op && a->job == job && k < drive->n; k++) {
            const struct asked *o = &drive->log[k];
            if (k == i || o->job != job)
                continue;
            *behind += k > i && o->birth <= a->end;
            *before += k < i && o->end >= a->birth;
        }
    }
}

/* With libaio a flush blocks its process and waits for nothing; with io_uring it does not block
 * it; a trim does in any case. */
START_TEST(what_blocks_a_process) {
    uint32_t behind, before;
    GO(20 * US, "{'rw': 'randwrite', 'bs': '4k', 'iodepth': 8, 'numjobs': 2, 'options': "
                "'fsync=5'}");
    for (uint16_t job = 0; job < 2; job++) {
        around(IO_FLUSH, job, &behind, &before);
        ck_assert_uint_eq(behind, 0);
        ck_assert_uint_gt(before, 100);
    }
    bench_free(&b);
    GO(20 * US, "{'rw': 'randwrite', 'bs': '4k', 'iodepth': 8, 'options': 'fsync=5 "
                "ioengine=io_uring'}");
    around(IO_FLUSH, 0, &behind, &before);
    ck_assert_uint_gt(behind, 100);
    ck_assert_uint_gt(before, 100);
    bench_free(&b);
    GO(20 * US,
       "{'rw': 'trimwrite', 'bs': '4k', 'iodepth': 8, 'options': 'ioengine=io_uring'}");
    around(IO_TRIM, 0, &behind, &before);
    ck_assert_uint_eq(behind, 0);
    ck_assert_uint_gt(before, 100);
    bench_free(&b);
}
END_TEST

/* At the end of a job: when its own process's requests are back, one file after the other, and
 * whatever other processes have under way. */
START_TEST(a_flush_at_the_end_waits_for_its_process) {
    uint32_t behind, before, others = 0, flushes = 0;
    GO(500 * US,
       "{'rw': 'randwrite', 'bs': '4k', 'iodepth': 8, 'number_ios': 40, 'numjobs': "
       "3, 'options': 'end_fsync=1 filename=a:b ioengine=io_uring startdelay=0-2ms'}");
    for (uint16_t job = 0; job < 3; job++) {
        around(IO_FLUSH, job, &behind, &before);
        ck_assert_uint_eq(behind, 0);
        ck_assert_uint_eq(before, 0);
    }
    for (uint32_t i = 0; i < drive->n; i++) {
        const struct asked *a = &drive->log[i];
        flushes += a->op == IO_FLUSH;
        for (uint32_t k = 0; a->op == IO_FLUSH && k < i; k++)
            others += drive->log[k].end >= a->birth;
    }
    ck_assert_uint_eq(flushes, 6);
    ck_assert_uint_gt(others, 0);
    bench_free(&b);
}
END_TEST

/* No two processes share a submission queue, of whichever stream they are. */
START_TEST(each_process_has_a_queue) {
    static const uint32_t first[] = {0, 3, 4};
    uint32_t seen = 0;
    GO(20 * US, "{'rw': 'randread', 'bs': '4k', 'iodepth': 2, 'numjobs': 3}",
       "{'rw': 'randread', 'bs': '4k', 'iodepth': 2}",
       "{'rw': 'randread', 'bs': '4k', 'iodepth': 2, 'numjobs': 2}");
    for (uint32_t i = 0; i < drive->n; i++) {
        ck_assert_uint_eq(drive->log[i].hash, first[drive->log[i].stream] + drive->log[i].job);
        seen |= 1u << drive->log[i].hash;
    }
    ck_assert_uint_eq(seen, 0x3f);
    bench_free(&b);
}
END_TEST

/* Parts of a request are born together, side by side, and it is back when all of them are. */
START_TEST(large_requests_go_in_parts) {
    enum { PART = 65536, PARTS = 4, WHOLE = 250000 / 512 * 512, DEPTH = 3 };
    uint32_t often;
    GO(50 * US, "{'rw': 'randread', 'bs': '249856', 'iodepth': 3, 'number_ios': 200, "
                "'max_request': '64KiB'}");
    const struct work_requests *r = (const struct work_requests *)b.source[0];
    ck_assert_uint_eq(drive->n, 200 * PARTS);
    ck_assert_int_eq(r->replies, 200);
    ck_assert_uint_eq(r->outcome[0][IO_READ].items, 200);
    ck_assert_uint_eq(r->outcome[0][IO_READ].bytes, 200ull * WHOLE);
    ck_assert_uint_eq(r->outcome[0][IO_READ].latency.count, 200);
    ck_assert_int_eq(r->largest, PART);
    for (uint32_t i = 0; i < drive->n; i++) {
        const struct asked *a = &drive->log[i], *first = &drive->log[i - i % PARTS];
        ck_assert_int_eq(a->birth, first->birth);
        ck_assert_uint_eq(a->offset, first->offset + i % PARTS * PART);
        ck_assert_uint_eq(a->bytes, i % PARTS < PARTS - 1 ? PART : WHOLE - 3 * PART);
        ck_assert_uint_eq(a->hash, 0);
    }
    ck_assert_uint_eq(deepest(0, &often), DEPTH * PARTS);
    ck_assert_int_eq(work_requests_depth(r), DEPTH * PARTS);
    /* the next one is born when all of one before are back */
    for (uint32_t i = DEPTH * PARTS; i < drive->n; i += PARTS) {
        bool found = false;
        for (uint32_t k = 0; k < i && !found; k += PARTS) {
            sim_ps last = 0;
            for (uint32_t p = k; p < k + PARTS; p++)
                last = sim_later(last, drive->log[p].end);
            found = drive->log[i].birth == last + 1;
        }
        ck_assert_msg(found, "request %u", i / PARTS);
    }
    bench_free(&b);
}
END_TEST

/* None crosses a multiple of "boundary", and together they are the request. */
START_TEST(requests_are_cut_at_boundaries) {
    enum { EACH = 65536, WHOLE = 200704, MOST_BYTES = 40960 };
    GO(50 * US, "{'rw': 'randread', 'bs': '200704', 'iodepth': 3, 'number_ios': 200, "
                "'boundary': '64KiB', 'max_request': '40KiB', 'options': 'ba=4k norandommap'}");
    const struct work_requests *r = (const struct work_requests *)b.source[0];
    ck_assert_int_eq(r->replies, 200);
    ck_assert_uint_eq(r->outcome[0][IO_READ].bytes, 200ull * WHOLE);
    uint64_t sum = 0, cut = 0;
    for (uint32_t i = 0; i < drive->n; i++) {
        const struct asked *a = &drive->log[i];
        ck_assert_uint_le(a->offset % EACH + a->bytes, EACH);
        ck_assert_uint_le(a->bytes, MOST_BYTES);
        if (sum % WHOLE != 0) /* a further part */
            ck_assert_uint_eq(a->offset, a[-1].offset + a[-1].bytes);
        cut += a->bytes < MOST_BYTES;
        sum += a->bytes;
    }
    ck_assert_uint_eq(sum, 200ull * WHOLE);
    ck_assert_uint_gt(cut, 400);
    bench_free(&b);
}
END_TEST

/* One asks rarely, the other as fast as it may: what comes back is asked for again at once,
 * whatever else is scheduled. */
START_TEST(replies_come_before_what_is_scheduled) {
    GO(0, "{'rw': 'randread', 'bs': '4k', 'iodepth': 1, 'rate_iops': 1000}",
       "{'rw': 'randread', 'bs': '4k', 'iodepth': 1, 'number_ios': 2000}");
    bench_free(&b);
    GO(3 * US, "{'rw': 'randread', 'bs': '4k', 'iodepth': 1, 'numjobs': 2, 'options': "
               "'thinktime=50'}");
    for (uint16_t job = 0; job < 2; job++) {
        sim_ps last = -1;
        for (uint32_t i = 0; i < drive->n; i++) {
            if (drive->log[i].job != job)
                continue;
            if (last >= 0) /* a hop there */
                ck_assert_int_le(drive->log[i].birth - last, 50 * (sim_ps)US + 2);
            last = drive->log[i].end;
        }
    }
    bench_free(&b);
}
END_TEST

/* All times are multiples of a microsecond: everything happens at the same time. */
START_TEST(ties_do_not_matter) {
    static const char *const jobs[][4] = {
        {"{'rw': 'randrw', 'bs': '4k', 'iodepth': 7, 'numjobs': 9}", NULL},
        {"{'rw': 'randwrite', 'bs': '4k', 'iodepth': 3, 'numjobs': 5, 'options': 'fsync=2'}",
         "{'rw': 'read', 'bs': '64k', 'iodepth': 2, 'numjobs': 3, 'max_request': '24KiB'}",
         "{'rw': 'trimwrite', 'bs': '4k', 'iodepth': 4, 'number_ios': 99, 'options': "
         "'ioengine=io_uring fsync=3 end_fsync=1'}",
         NULL},
        {"{'rw': 'randread', 'bs': '4k', 'iodepth': 4, 'numjobs': 6, 'rate_iops': 100000}",
         "{'rw': 'write', 'bs': '4k', 'iodepth': 1, 'options': 'thinktime=3'}", NULL}};
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        uint64_t digest[5];
        for (uint64_t shuffle = 0; shuffle < 5; shuffle++) {
            digest[shuffle] = go(80 * US, US, shuffle, jobs[i]);
            ck_assert_uint_eq(digest[shuffle], digest[0]);
            bench_free(&b);
        }
    }
}
END_TEST

TEST_MAIN("requests", depth_is_kept_and_not_exceeded, births_are_in_order, facts_come_along,
          barriers_wait_for_all, what_blocks_a_process,
          a_flush_at_the_end_waits_for_its_process, each_process_has_a_queue,
          large_requests_go_in_parts, requests_are_cut_at_boundaries,
          replies_come_before_what_is_scheduled, ties_do_not_matter)
