/* fio_gen.c - which direction is next, of which file, how soon, and when it is enough.
 *
 * As fio: the direction of a mix is drawn for each request, but holds while it lags behind its
 * share; under rates, a direction that is ahead of its own lets the other one go. Passes end
 * when `size` bytes are moved or no offset is left. Left out: verify passes, zones, flow.
 */
#include "workloads/fio_place.h"
#include <stdio.h>
#include <string.h>

static uint64_t seed_of(const struct work_fio_job *job, uint64_t seed) {
    return seed ^ (uint64_t)job->randseed * 0x9e3779b97f4a7c15ULL;
}

static void name_stream(char *to, size_t size, const struct work_fio_job *job, uint32_t number,
                        const char *what) {
    snprintf(to, size, "fio/%s/%u/%u/%s", job->name, job->twin, number, what);
}

/* From the beginning of all random numbers. */
static void seed_streams(struct work_fio_gen *g) {
    static const char *const names[WORK_FIO_STREAMS] = {"mix", "offset", "size", "file", "gap"};
    char name[WORK_FIO_NAME + 40];
    struct sim_rng map;
    for (int i = 0; i < WORK_FIO_STREAMS; i++) {
        name_stream(name, sizeof name, g->plan->job, g->number, names[i]);
        sim_rng_init(&g->rng[i], g->seed, name);
    }
    name_stream(name, sizeof name, g->plan->job, g->number, "map");
    sim_rng_init(&map, g->seed, name);
    g->key = sim_rng_next(&map);
}

/* All files from their beginnings. */
static void rewind_files(struct work_fio_gen *g) {
    int64_t files = g->plan->job->files;
    for (int64_t i = 0; i < files; i++) {
        struct work_fio_file *f = &g->file[i];
        for (int d = 0; d < WORK_FIO_DIRS; d++) {
            f->pos[d] = 0;
            f->last[d] = -1;
            f->step[d] = 0;
            f->lap[d] += (uint64_t)(g->plan->job->randrepeat == 0);
        }
        f->trimmed = f->done = false;
    }
    g->live = files;
    g->current = -1;
    g->run = 0;
    g->pass = 0;
    g->fruitless = true;
}

void work_fio_start(struct work_fio_gen *g, const struct work_fio_plan *plan, uint32_t number,
                    uint64_t seed, struct sim_arena *arena) {
    *g = (struct work_fio_gen){.plan = plan, .number = number, .last_dir = -1, .run_left = 1};
    g->seed = seed_of(plan->job, seed);
    g->file = sim_alloc_n(arena, (size_t)plan->job->files, sizeof *g->file);
    seed_streams(g);
    rewind_files(g);
}

int64_t work_fio_delay(const struct work_fio_job *job, uint32_t number, uint64_t seed) {
    char name[WORK_FIO_NAME + 40];
    struct sim_rng rng;
    name_stream(name, sizeof name, job, number, "delay");
    sim_rng_init(&rng, seed_of(job, seed), name);
    return job->startdelay +
           (int64_t)sim_rng_below(&rng, (uint64_t)(job->startdelay_most - job->startdelay) + 1);
}

/* ---- when it is enough ---- */

static bool enough_ios(const struct work_fio_gen *g) {
    const struct work_fio_job *job = g->plan->job;
    return job->number_ios > 0 && g->ios >= job->number_ios * job->loops;
}

static bool pass_is_over(const struct work_fio_gen *g) {
    return g->live == 0 ||
           (!g->plan->job->time_based &&
            (g->pass >= g->plan->pass || g->moved >= g->plan->total || enough_ios(g)));
}

static int64_t largest(const struct work_fio_job *job) {
    int64_t max = 0;
    for (int d = 0; d < WORK_FIO_DIRS; d++)
        max = job->max[d] > max ? job->max[d] : max;
    return max;
}

/* What is left of io_size is not begun if it is less than a request. */
static bool another_pass(const struct work_fio_gen *g) {
    const struct work_fio_job *job = g->plan->job;
    if (g->fruitless || (enough_ios(g) && !job->time_based))
        return false;
    if (job->time_based || g->passes < job->loops)
        return true;
    return job->io_size.bytes > 0 && g->moved < job->io_size.bytes &&
           job->io_size.bytes - g->moved >= largest(job);
}

static void end_pass(struct work_fio_gen *g) {
    const struct work_fio_job *job = g->plan->job;
    g->passes++;
    if (job->end_fsync && job->dir[WORK_FIO_WRITE])
        g->flushes = job->files;
    if (!another_pass(g)) {
        g->over = true;
        return;
    }
    rewind_files(g);
    if (job->randrepeat)
        seed_streams(g);
}

/* ---- which file ---- */

static int64_t next_file(struct work_fio_gen *g) {
    const struct work_fio_job *job = g->plan->job;
    int64_t at = g->current;
    if (at >= 0 && !g->file[at].done &&
        (job->file_service == WORK_FIO_FILE_WHOLE || g->run > 0)) {
        g->run--;
        return at;
    }
    if (job->file_service == WORK_FIO_FILE_RANDOM)
        at = (int64_t)sim_rng_below(&g->rng[WORK_FIO_FILE], (uint64_t)job->files) - 1;
    do
        at = at + 1 < job->files ? at + 1 : 0;
    while (g->file[at].done);
    g->current = at;
    g->run = job->file_run - 1;
    return at;
}

/* ---- which direction ---- */

static bool is_mix(const struct work_fio_job *job) {
    return job->dir[WORK_FIO_READ] && job->dir[WORK_FIO_WRITE];
}

static int mixed(struct work_fio_gen *g) {
    const struct work_fio_job *job = g->plan->job;
    if (g->issues[g->mix_dir] < g->mix_until)
        return g->mix_dir;
    bool read = (int64_t)sim_rng_below(&g->rng[WORK_FIO_MIX], 100) < job->rwmixread;
    int dir = read ? WORK_FIO_READ : WORK_FIO_WRITE;
    if (dir != g->mix_dir) {
        int64_t share = read ? job->rwmixread : 100 - job->rwmixread;
        g->mix_until = g->issues[g->mix_dir] * share / 100;
    }
    g->mix_dir = (uint8_t)dir;
    return dir;
}

/* A direction that is ahead of its rate lets the other one of a mix go, if that is not. */
static int rated(const struct work_fio_gen *g, int dir) {
    const struct work_fio_job *job = g->plan->job;
    int64_t now = g->now > g->issued ? g->now : g->issued;
    int64_t other_share = dir == WORK_FIO_READ ? 100 - job->rwmixread : job->rwmixread;
    int other = 1 - dir;
    if (!is_mix(job) || g->due[dir] <= now || other_share == 0)
        return dir;
    return g->due[other] <= now || g->due[other] < g->due[dir] ? other : dir;
}

static int next_dir(struct work_fio_gen *g, const struct work_fio_file *f) {
    const struct work_fio_job *job = g->plan->job;
    if (is_mix(job)) {
        int dir = rated(g, mixed(g));
        g->mix_dir = (uint8_t)dir;
        return dir;
    }
    if (job->dir[WORK_FIO_TRIM])
        return job->dir[WORK_FIO_WRITE] && f->trimmed ? WORK_FIO_WRITE : WORK_FIO_TRIM;
    return job->dir[WORK_FIO_READ] ? WORK_FIO_READ : WORK_FIO_WRITE;
}

/* ---- how soon ---- */

/* The time that so many units take at a rate; far away rather than too large. */
static int64_t time_of(int64_t units, int64_t rate) {
    sim_u128 ps = (sim_u128)(uint64_t)units * SIM_PS_PER_S / (uint64_t)rate;
    return ps < INT64_MAX / 4 ? (int64_t)ps : INT64_MAX / 4;
}

/* When the next one of the direction may start, now that this one did. fio counts bytes, and
 * requests of the smallest size for a rate of requests; requests where sizes are a mix. */
static void pace(struct work_fio_gen *g, int dir, int64_t bytes) {
    const struct work_fio_job *job = g->plan->job;
    int64_t rate = job->rate[dir], iops = job->rate_iops[dir];
    if (rate + iops == 0)
        return;
    if (job->rate_process == WORK_FIO_POISSON) {
        g->due[dir] += sim_sampler_draw(&g->plan->gap[dir], &g->rng[WORK_FIO_GAP]);
        return;
    }
    bool count = rate == 0 && job->splits[dir] > 0;
    g->paced[dir] += count ? 1 : bytes;
    if (rate > 0 || count)
        g->due[dir] = time_of(g->paced[dir], rate > 0 ? rate : iops);
    else
        g->due[dir] = time_of(g->paced[dir] / job->min[dir], iops) +
                      time_of(g->paced[dir] % job->min[dir], iops) / job->min[dir];
}

/* ---- requests ---- */

static void begin(struct work_fio_gen *g, struct work_io *out, int op, int64_t file) {
    *out = (struct work_io){.response = -1, .op = (uint8_t)op};
    out->device = work_fio_device(g->plan->job, g->number, file);
    out->time = g->issued;
    g->think = 0;
}

static bool flush_is_due(const struct work_fio_gen *g) {
    const struct work_fio_job *job = g->plan->job;
    int64_t writes = g->issues[WORK_FIO_WRITE];
    return g->last_dir == WORK_FIO_WRITE &&
           ((job->fsync > 0 && writes % job->fsync == 0) ||
            (job->fdatasync > 0 && writes % job->fdatasync == 0));
}

static void account(struct work_fio_gen *g, struct work_io *out, int dir) {
    const struct work_fio_job *job = g->plan->job;
    int64_t bytes = (int64_t)out->bytes;
    if (job->thinktime > 0 && g->ios >= g->thought + job->thinktime_blocks) {
        g->thought = g->ios;
        out->barrier = true;
        g->think = job->thinktime;
    }
    if (g->due[dir] > g->issued)
        out->time = g->issued = g->due[dir];
    pace(g, dir, bytes);
    g->last_dir = dir;
    g->issues[dir]++;
    g->ios++;
    g->pass += bytes;
    g->moved += dir == WORK_FIO_TRIM && job->dir[WORK_FIO_WRITE] ? 0 : bytes;
    g->fruitless = false;
}

static bool request(struct work_fio_gen *g, struct work_io *out) {
    static const uint8_t ops[] = {WORK_IO_READ, WORK_IO_WRITE, WORK_IO_TRIM};
    int64_t at = next_file(g), offset = 0, bytes = 0;
    struct work_fio_file *f = &g->file[at];
    if (flush_is_due(g)) {
        begin(g, out, WORK_IO_FLUSH, at);
        g->last_dir = -1;
        return true;
    }
    int dir = next_dir(g, f);
    if (!work_fio_place(g, f, dir, &offset, &bytes)) {
        f->done = true;
        g->live--;
        return false;
    }
    f->trimmed = dir == WORK_FIO_TRIM;
    begin(g, out, ops[dir], at);
    out->bytes = (uint64_t)bytes;
    out->offset = (uint64_t)(g->plan->offset + g->plan->increment * g->number + offset);
    account(g, out, dir);
    return true;
}

bool work_fio_next(struct work_fio_gen *g, struct work_io *out) {
    for (;;) {
        if (g->flushes > 0) {
            begin(g, out, WORK_IO_FLUSH, g->plan->job->files - g->flushes--);
            out->barrier = true; /* behind all requests, one file after the other */
            return true;
        }
        if (g->over)
            return false;
        if (pass_is_over(g))
            end_pass(g);
        else if (request(g, out))
            return true;
    }
}
