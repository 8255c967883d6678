/* fio_place.c - offsets: in order, random, popular; sizes: one, a range, a mix.
 *
 * As fio: each direction of a job in order goes on where its own last request ended; random
 * offsets come all once before one comes again, unless norandommap, and are shared by the
 * directions of one size. Left out: with several sizes fio cuts a request short where it meets
 * a block that was visited, which leaves small ones behind; here only the places where requests
 * begin come once, and sizes keep their shares. Where directions have sizes of their own, each
 * has a map of its own.
 */
#include "workloads/fio_place.h"

/* Behind the last request of the direction, from the beginning again where the job goes on. */
static bool in_order(struct work_fio_gen *g, struct work_fio_file *f, int dir,
                     int64_t *offset) {
    const struct work_fio_plan *plan = g->plan;
    const struct work_fio_job *job = plan->job;
    bool again = (job->time_based && job->files == 1) ||
                 (job->dir[WORK_FIO_WRITE] && job->io_size.bytes > plan->size);
    if (f->pos[dir] >= plan->part && again)
        f->pos[dir] = 0;
    if (f->pos[dir] >= plan->part)
        return false;
    *offset = f->pos[dir];
    if (*offset > 0 && job->hole > 0)
        *offset = *offset + job->hole < plan->part ? *offset + job->hole : 0;
    return true;
}

static uint64_t key_of(const struct work_fio_gen *g, const struct work_fio_file *f, int map) {
    uint64_t file = (uint64_t)(f - g->file) * WORK_FIO_DIRS + (uint64_t)map;
    return g->key + (f->lap[map] << 32) + file * 0x9e3779b97f4a7c15ULL;
}

static uint64_t popular(struct work_fio_gen *g, const struct work_fio_file *f) {
    const struct work_fio_plan *plan = g->plan;
    uint64_t n = plan->ranges, rank, key = g->key + (uint64_t)(f - g->file);
    if (plan->job->distribution == WORK_FIO_NORMAL) {
        uint64_t deviation =
            (uint64_t)(((sim_u128)n * (uint64_t)plan->job->shape_ppm + 99999999) / 100000000);
        rank =
            work_fio_normal(&g->rng[WORK_FIO_OFFSET], n, deviation < n / 2 ? deviation : n / 2);
    } else {
        rank = work_fio_ranks_draw(plan->ranks, &g->rng[WORK_FIO_OFFSET]);
    }
    uint64_t block = work_fio_permute(rank, n, key);
    if (plan->center != UINT64_MAX)
        block = (block + n - work_fio_permute(0, n, key) + plan->center) % n;
    return block;
}

static bool at_random(struct work_fio_gen *g, struct work_fio_file *f, int dir,
                      int64_t *offset) {
    const struct work_fio_plan *plan = g->plan;
    const struct work_fio_job *job = plan->job;
    uint64_t blocks = plan->blocks[dir], block;
    int map = plan->shared ? 0 : dir;
    if (blocks == 0)
        return false;
    if (job->distribution != WORK_FIO_RANDOM) {
        block = popular(g, f) % blocks;
    } else if (job->norandommap) {
        block = sim_rng_below(&g->rng[WORK_FIO_OFFSET], blocks);
    } else {
        if (f->step[map] >= blocks) {
            if (!job->time_based)
                return false;
            f->step[map] = 0;
            f->lap[map]++;
        }
        block = work_fio_permute(f->step[map]++, blocks, key_of(g, f, map));
    }
    *offset = (int64_t)block * job->ba[dir];
    return true;
}

static bool percent(struct work_fio_gen *g, int64_t of_100) {
    return of_100 == 100 || (int64_t)sim_rng_below(&g->rng[WORK_FIO_MIX], 100) < of_100;
}

/* An offset, and whether it counts as random. */
static bool find_offset(struct work_fio_gen *g, struct work_fio_file *f, int dir,
                        int64_t *offset, bool *random) {
    const struct work_fio_job *job = g->plan->job;
    bool hit = --g->run_left <= 0;
    *random = false;
    if (hit)
        g->run_left = job->run_of;
    if (!job->random)
        return in_order(g, f, dir, offset);
    if (!hit && job->rw_sequencer == WORK_FIO_IDENTICAL) {
        *offset = f->last[dir] >= 0 ? f->last[dir] : 0;
        return true;
    }
    *random = hit && percent(g, job->percentage_random[dir]);
    if (!*random && in_order(g, f, dir, offset))
        return true;
    return at_random(g, f, dir, offset);
}

/* One of the sizes, by their percentages; what is missing of 100 is the last one's. */
static int64_t draw_size(struct work_fio_gen *g, int dir) {
    const struct work_fio_job *job = g->plan->job;
    const struct work_fio_split *split = job->split[dir];
    uint64_t r = sim_rng_next(&g->rng[WORK_FIO_SIZE]);
    if (job->splits[dir] == 0)
        return job->min[dir] + (int64_t)(((sim_u128)r * (uint64_t)job->max[dir]) >> 64);
    int64_t of_100 = (int64_t)(((sim_u128)r * 100) >> 64), i = 0;
    for (int64_t sum = 0; i < job->splits[dir] - 1; i++)
        if (of_100 < (sum += split[i].percent))
            break;
    return split[i].bytes;
}

enum { TRIES = 256 };

/* Drawn again while it does not fit into the rest of the part; 0 if none does. */
static int64_t find_size(struct work_fio_gen *g, int dir, int64_t offset, bool random) {
    const struct work_fio_job *job = g->plan->job;
    int64_t room = g->plan->part - offset;
    if (job->bs_is_seq_rand)
        dir = random ? WORK_FIO_WRITE : WORK_FIO_READ;
    int64_t min = job->min[dir], max = job->max[dir];
    if (min > room)
        return 0;
    for (int i = 0; i < TRIES && min < max; i++) {
        int64_t size = draw_size(g, dir);
        if (!job->bs_unaligned)
            size -= size % min;
        if (size > max)
            size = max;
        if (size <= room)
            return size;
    }
    return min;
}

bool work_fio_place(struct work_fio_gen *g, struct work_fio_file *f, int dir, int64_t *offset,
                    int64_t *bytes) {
    const struct work_fio_job *job = g->plan->job;
    bool random = true;
    *offset = f->last[WORK_FIO_TRIM];
    *bytes = f->pos[WORK_FIO_TRIM] - *offset;
    if (!(f->trimmed && job->random && dir == WORK_FIO_WRITE)) {
        if (!find_offset(g, f, dir, offset, &random))
            return false;
        *bytes = find_size(g, dir, *offset, random);
    }
    if (*bytes <= 0 || *bytes > g->plan->part - *offset)
        return false;
    f->last[dir] = *offset;
    f->pos[dir] = *offset + *bytes;
    return true;
}
