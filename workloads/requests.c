/* requests.c - see requests.h. */
#include "workloads/requests.h"

_Static_assert((int)WORK_IO_READ == IO_READ && (int)WORK_IO_WRITE == IO_WRITE &&
                   (int)WORK_IO_FLUSH == IO_FLUSH && (int)WORK_IO_TRIM == IO_TRIM,
               "the reader's operations are the models'");

const struct sim_op work_requests_kinds[] = {
    [IO_READ] = {.name = "read", .doc = "data from a drive"},
    [IO_WRITE] = {.name = "write", .doc = "data to a drive"},
    [IO_FLUSH] = {.name = "flush", .doc = "what was written before is to be kept"},
    [IO_TRIM] = {.name = "trim", .doc = "what lies there is not needed any more"},
    {.name = NULL}};

/* ---------------------------------------------------------------- the heap */

static bool before(const struct work_asker *a, const struct work_asker *b) {
    return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void push(struct work_requests *r, struct work_asker *a) {
    uint32_t i = r->waiting++;
    for (; i > 0 && before(a, r->heap[(i - 1) / 2]); i = (i - 1) / 2)
        r->heap[i] = r->heap[(i - 1) / 2];
    r->heap[i] = a;
    a->queued = true;
}

static struct work_asker *pop(struct work_requests *r) {
    struct work_asker *top = r->heap[0], *last = r->heap[--r->waiting];
    uint32_t i = 0;
    for (uint32_t k = 1; k < r->waiting; i = k, k = 2 * i + 1) {
        k += k + 1 < r->waiting && before(r->heap[k + 1], r->heap[k]);
        if (!before(r->heap[k], last))
            break;
        r->heap[i] = r->heap[k];
    }
    r->heap[i] = last;
    top->queued = false;
    return top;
}

/* ---------------------------------------------------------------- what is asked for next */

static void finish(struct work_requests *r, struct work_asker *a, sim_ps t) {
    if (a->over && a->under_way == 0 && r->over != NULL)
        r->over(r, a, t);
}

/* When there is room for a request that is due. What came back at a picosecond gives it from
 * the next one on, whether the request was made before it or behind it at that time. */
static sim_ps since_room(const struct work_asker *a, sim_ps due) {
    due = sim_later(due, a->room);
    bool full = a->under_way + a->just >= a->depth;
    return due < a->quiet && full ? a->quiet : due;
}

/* One has come back at t: what is due until then was under way already, or is as good as. */
static void give_room(struct work_asker *a, const struct io *io, sim_ps t) {
    int64_t under_way = a->under_way + (a->queued && a->parted == 0 && a->due <= t);
    a->just = a->quiet == t + 1 ? a->just + 1 : 1;
    a->quiet = t + 1;
    bool blocked = (a->blocks >> io->op & 1) != 0;
    a->room = under_way >= a->depth || blocked ? a->quiet : a->room;
    a->blocked = a->blocked && !blocked;
    a->under_way--;
    if (a->of_space != NULL)
        a->of_space[io->space]--;
}

/* May what it asks for next be born, whatever its time? */
static bool may_come(const struct work_asker *a) {
    int64_t before = a->of_space != NULL ? a->of_space[a->io.device] : a->under_way;
    return !a->blocked && (a->depth == 0 || a->under_way < a->depth) &&
           !(a->io.barrier && before > 0);
}

/* What the asker asks for next gets its time, if it can have one now. */
static void plan(struct work_requests *r, struct work_asker *a, sim_ps now) {
    if (!a->ready && !a->over) {
        a->ready = a->next(a, now - a->begin, &a->io);
        a->over = !a->ready;
    }
    if (!a->ready || a->queued || !may_come(a))
        return;
    sim_ps due = a->io.time < a->end - a->begin ? a->begin + a->io.time : a->end;
    due = sim_later(due, a->last);
    if (a->depth > 0)
        due = since_room(a, due);
    a->due = a->io.barrier ? sim_later(due, a->quiet + a->idle) : due;
    if (a->due < a->end) {
        push(r, a);
        return;
    }
    a->ready = false;
    a->over = true;
}

/* How many are under way at a birth, and whether that had to wait for another's end. */
static void count_birth(struct work_requests *r, const struct work_asker *a) {
    enum { MOST = 1 << (WORK_DEPTHS - 1) };
    if (!sim_inside(r->source.base.world, a->due))
        return;
    uint64_t deep = a->under_way < MOST ? (uint64_t)a->under_way : MOST;
    r->fine[a->job].depth[63 - __builtin_clzll(deep)]++;
    r->born++;
    r->held += a->due - a->begin > a->io.time && a->due > a->last;
}

/* ---------------------------------------------------------------- parts */

/* Bytes of a request's command that begins behind `parted` of them. */
static uint64_t part_from(const struct work_requests *r, const struct work_asker *a,
                          uint64_t parted) {
    bool data = a->io.op == WORK_IO_READ || a->io.op == WORK_IO_WRITE;
    uint64_t left = a->io.bytes - parted, most = (uint64_t)r->max_request;
    uint64_t each = (uint64_t)r->boundary;
    if (!data)
        return left;
    if (each > 0 && left > each - (a->io.offset + parted) % each)
        left = each - (a->io.offset + parted) % each;
    return most > 0 && left > most ? most : left;
}

/* Of what is next of it: of all of it, or of a part. */
static uint64_t part_of(const struct work_requests *r, const struct work_asker *a) {
    return part_from(r, a, a->parted);
}

static uint32_t whole_new(struct work_requests *r) {
    if (r->free_whole == 0) {
        uint32_t old = r->wholes, n = old > 0 ? 2 * old : 64;
        r->whole = sim_grow(sim_comp_arena(&r->source.base), r->whole, old * sizeof *r->whole,
                            n * sizeof *r->whole);
        for (uint32_t i = n; i > old; i--) {
            r->whole[i - 1].left = r->free_whole;
            r->free_whole = i;
        }
        r->wholes = n;
    }
    uint32_t number = r->free_whole;
    r->free_whole = r->whole[number - 1].left;
    return number;
}

/* The first of several parts is next. */
static void begin_parts(struct work_requests *r, struct work_asker *a) {
    uint32_t parts = 0;
    for (uint64_t parted = 0; parted < a->io.bytes; parts++)
        parted += part_from(r, a, parted);
    a->whole = whole_new(r);
    r->whole[a->whole - 1] = (struct work_whole){
        .offset = a->io.offset, .bytes = (uint32_t)a->io.bytes, .left = parts};
}

/* The last part is back, and with it all of the request: *io is that now. @return false: others
 * are still under way. */
static bool is_whole(struct work_requests *r, struct io *io, bool *failed) {
    if (io->whole == 0)
        return true;
    struct work_whole *w = &r->whole[io->whole - 1];
    w->failed = w->failed || *failed;
    if (--w->left > 0)
        return false;
    *failed = w->failed;
    io->offset = w->offset;
    io->bytes = w->bytes;
    w->left = r->free_whole;
    r->free_whole = io->whole;
    return true;
}

/* A request is under way. */
static void begin(struct work_requests *r, struct work_asker *a) {
    a->under_way++;
    a->blocked = (a->blocks >> a->io.op & 1) != 0;
    if (a->of_space != NULL)
        a->of_space[a->io.device]++;
    count_birth(r, a);
}

/* The request, or part, in `like` is born. */
static void commit(struct work_requests *r) {
    struct work_asker *a = r->current;
    r->current = NULL;
    SIM_ASSERT(r->heap[0] == a);
    uint64_t part = part_of(r, a);
    bool first = a->parted == 0;
    r->parts += sim_inside(r->source.base.world, a->due);
    a->parted += part;
    if (first)
        begin(r, a);
    if (a->parted < a->io.bytes)
        return; /* the next part stands where it stood */
    (void)pop(r);
    a->ready = false;
    a->parted = a->whole = 0;
    a->made++;
    a->last = a->due;
    plan(r, a, a->due);
}

static void fill(struct work_requests *r, struct work_asker *a) {
    enum { LINE = 64 };
    struct sim_msg *m = &r->source.like;
    const struct work_io *io = &a->io;
    uint64_t part = part_of(r, a);
    if (a->whole == 0 && part < io->bytes)
        begin_parts(r, a);
    r->io = (struct io){.offset = io->offset + a->parted,
                        .digest = a->whole == 0 ? io->content : 0,
                        .bytes = (uint32_t)part,
                        .whole = a->whole,
                        .space = (uint16_t)io->device,
                        .job = (uint16_t)a->number,
                        .op = io->op};
    m->kind = (unsigned)io->op & 3;
    m->bytes = io_data(&r->io);
    m->hash = r->first_queue + a->number;
    m->hash += a->queues > 0 ? (uint32_t)(a->made % a->queues) : 0;
    m->flow = (uint32_t)(a->buffer + a->made % a->buffers * a->lines + a->parted / LINE);
    r->source.due = a->due;
    if (r->largest < (int64_t)part)
        r->largest = (int64_t)part;
}

static bool next(struct work_source *s) {
    struct work_requests *r = (struct work_requests *)s;
    if (r->current != NULL && !s->again)
        commit(r);
    if (r->waiting == 0)
        return false;
    r->current = r->heap[0];
    fill(r, r->current);
    return true;
}

/* ---------------------------------------------------------------- what became of it */

/* How many of fio's bounds a latency is not below. */
static uint32_t within(int64_t ns) {
    static const int64_t bound[WORK_WITHIN - 1] = {
        2,        4,         10,        20,        50,        100,        250,       500,
        750,      1000,      2000,      4000,      10000,     20000,      50000,     100000,
        250000,   500000,    750000,    1000000,   2000000,   4000000,    10000000,  20000000,
        50000000, 100000000, 250000000, 500000000, 750000000, 1000000000, 2000000000};
    uint32_t n = 0;
    for (uint32_t step = WORK_WITHIN / 2; step > 0; step /= 2)
        n += ns >= bound[n + step - 1] ? step : 0;
    return n;
}

static void count_latency(struct work_fine *fine, const struct io *io, sim_ps latency) {
    int64_t ns = latency / 1000;
    fine->ns[io->op] += (uint64_t)ns;
    fine->squares[io->op] += (sim_u128)(uint64_t)ns * (uint64_t)ns;
    if (io->op != IO_FLUSH)
        fine->within[within(ns)]++;
}

static void count_into(struct work_outcome *o, const struct io *io, bool failed) {
    o->failed += failed;
    o->items += !failed;
    o->bytes += failed ? 0 : io->bytes;
}

/* Whose books it is in: its asker's job, or its device. */
static uint32_t job_of(const struct work_requests *r, const struct io *io) {
    uint32_t last = WORK_REQUESTS_DEVICES - 1;
    if (r->by_device)
        return io->space < last ? io->space : last;
    return r->asker[io->job]->job;
}

/* The end of the request of m, to the books of its job and its namespace. */
static void count_end(struct work_requests *r, const struct sim_msg *m, const struct io *io,
                      sim_ps t, bool failed) {
    uint32_t job = job_of(r, io);
    struct work_outcome *of_job = &r->outcome[job][io->op];
    struct work_outcome *of_space =
        &r->space[io->space < WORK_SPACES ? io->space : WORK_SPACES][io->op];
    if (sim_inside(r->source.base.world, t)) {
        count_into(of_job, io, failed);
        count_into(of_space, io, failed);
        r->fine[job].last = t;
        if (!failed)
            work_samples_add(&r->fine[job].samples[io->op], t - r->source.base.world->from,
                             io->bytes);
    }
    if (failed || !(m->flags & SIM_MSG_MEASURED))
        return;
    sim_hist_add(&of_job->latency, t - m->birth, 1);
    sim_hist_add(&of_space->latency, t - m->birth, 1);
    count_latency(&r->fine[job], io, t - m->birth);
}

static void settle(struct sim_stream *stream, const struct sim_msg *m, sim_ps t, bool failed) {
    struct work_requests *r = (struct work_requests *)stream->source;
    struct io io = *io_of(&r->source.base.node->pool, m);
    struct work_asker *a = r->asker[io.job];
    if (!is_whole(r, &io, &failed))
        return;
    *(failed ? &r->failed : &r->replies) += 1;
    count_end(r, m, &io, t, failed);
    give_room(a, &io, t);
    if (r->source.stopped)
        return;
    uint32_t waiting = r->waiting;
    plan(r, a, t + 1);
    finish(r, a, t + 1);
    if (r->waiting > waiting) { /* it asks again, or others that its end lets begin */
        if (r->source.ready && r->heap[0] != r->current)
            work_source_again(&r->source);
        else
            work_source_wake(&r->source);
    }
}

static void reply(struct sim_stream *stream, const struct sim_msg *m, sim_ps t) {
    settle(stream, m, t, false);
}

static void lost(struct sim_stream *stream, const struct sim_msg *m, sim_ps t) {
    settle(stream, m, t, true);
}

static uint32_t data(const struct sim_msg *m) { return m->bytes; }

void work_requests_begin(struct work_requests *r, struct work_asker *a, sim_ps begin) {
    a->begin = a->room = a->quiet = begin;
    a->started = true;
    plan(r, a, begin);
    finish(r, a, begin);
}

/* Submission queues that the askers of earlier streams have, one each or as many as they say.
 */
static uint32_t queues_before(const struct work_requests *r) {
    const struct sim_world *w = r->source.base.world;
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->streams && w->stream[i] != r->source.stream; i++) {
        const struct work_requests *other = (const struct work_requests *)w->stream[i]->source;
        for (uint32_t k = 0; w->stream[i]->requests && k < other->askers; k++)
            n += other->asker[k]->queues > 0 ? other->asker[k]->queues : 1;
    }
    return n;
}

void work_requests_init(struct work_requests *r, uint32_t askers, uint32_t jobs) {
    struct sim_arena *arena = sim_comp_arena(&r->source.base);
    SIM_ASSERT(r->source.base.node->pool.body_bytes >= SIM_OWN);
    work_source_init(&r->source, next);
    r->source.due = r->source.start;
    r->source.own = &r->io;
    r->source.stream->requests = true;
    r->source.stream->payload = data;
    r->source.stream->reply = reply;
    r->source.stream->lost = lost;
    r->askers = askers;
    r->first_queue = queues_before(r);
    r->jobs = jobs;
    r->asker = sim_alloc_n(arena, askers, sizeof *r->asker);
    r->heap = sim_alloc_n(arena, askers, sizeof *r->heap);
    r->outcome = sim_alloc_n(arena, jobs, sizeof *r->outcome);
    r->job_name = sim_alloc_n(arena, jobs, sizeof *r->job_name);
    r->fine = sim_alloc_n(arena, jobs, sizeof *r->fine);
    r->space = sim_alloc_n(arena, WORK_SPACES + 1, sizeof *r->space);
}

bool work_requests_check(const struct work_requests *r, struct sim_err *err) {
    enum { BLOCK = 512 };
    if (r->max_request % BLOCK != 0)
        return work_source_fail(&r->source, "max_request", err,
                                "must be a multiple of 512 bytes, a drive's blocks, or 0");
    return r->boundary % BLOCK == 0 ||
           work_source_fail(&r->source, "boundary", err,
                            "must be a multiple of 512 bytes, a drive's blocks, or 0");
}

/* ---------------------------------------------------------------- of a run that is over */

int64_t work_requests_depth(const struct work_requests *r) {
    int64_t sum = 0, all = 0;
    if (2 * r->held < r->born)
        return 0;
    for (uint32_t i = 0; i < r->askers; i++) {
        const struct work_asker *a = r->asker[i];
        if (a->depth == 0)
            return 0;
        all += a->started ? a->depth : 0;
        sum += a->started && !a->over ? a->depth : 0;
    }
    sum = sum > 0 ? sum : all;
    return r->born > 0 ? (int64_t)((sim_u128)(uint64_t)sum * r->parts / r->born) : sum;
}
