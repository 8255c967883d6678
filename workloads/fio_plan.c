/* fio_plan.c - where the requests of a job go, how many bytes it moves, its tables.
 *
 * As fio, but for what it does where a job asks for more than the device has: here that is an
 * error, with the numbers.
 */
#include "workloads/fio_gen.h"

/* The smallest size of the directions that a job makes. */
static int64_t smallest(const struct work_fio_job *job) {
    int64_t min = INT64_MAX;
    for (int d = 0; d < WORK_FIO_DIRS; d++)
        if (job->dir[d] && job->min[d] < min)
            min = job->min[d];
    return min;
}

static int64_t share_of(int64_t bytes, int64_t percent) {
    return (int64_t)((__int128)bytes * percent / 100);
}

static bool need_device(const char *name, struct sim_err *err) {
    return sim_fail(err, NULL, NULL,
                    "\"%s\" is a percentage, and how large the device is is not known; write "
                    "bytes",
                    name);
}

static int64_t round_up(int64_t bytes, int64_t align) {
    return (bytes / align + (bytes % align != 0)) * align;
}

/* Offsets that are percentages are rounded up to the boundary. */
static bool plan_offset(struct work_fio_plan *plan, int64_t device, struct sim_err *err) {
    const struct work_fio_job *job = plan->job;
    int64_t align = job->offset_align > 0 ? job->offset_align : smallest(job);
    plan->offset = job->offset.bytes;
    plan->increment = job->offset_increment.bytes;
    if (device == 0 && job->offset.percent > 0)
        return need_device("offset", err);
    if (device == 0 && job->offset_increment.percent > 0)
        return need_device("offset_increment", err);
    if (job->offset.percent > 0)
        plan->offset = share_of(device, job->offset.percent);
    if (job->offset_increment.percent > 0)
        plan->increment = share_of(device, job->offset_increment.percent);
    if (job->offset.percent > 0 || job->offset_increment.percent > 0) {
        plan->offset = round_up(plan->offset, align);
        plan->increment = round_up(plan->increment, align);
    }
    return true;
}

static bool plan_part(struct work_fio_plan *plan, int64_t device, struct sim_err *err) {
    const struct work_fio_job *job = plan->job;
    int64_t min = smallest(job);
    if (job->filesize > 0) {
        plan->part = job->filesize - plan->offset;
    } else if (job->size.bytes > 0) {
        plan->part = job->size.bytes / job->files;
    } else if (device == 0) {
        return job->size.percent > 0 ? need_device("size", err)
                                     : sim_fail(err, NULL, NULL,
                                                "how much is to be done is not said; add a "
                                                "\"size\" such as 1g");
    } else {
        plan->part = device - plan->offset;
        if (job->size.percent > 0 && share_of(device, job->size.percent) < plan->part)
            plan->part = share_of(device, job->size.percent);
        if (job->size.percent > 0)
            plan->part -= plan->part % min;
    }
    if (plan->part >= min)
        return true;
    return sim_fail(err, NULL, NULL,
                    "requests of %lld bytes do not fit into the %lld bytes of each file from "
                    "\"offset\" on; make \"size\" larger or \"bs\" smaller",
                    (long long)min, (long long)(plan->part > 0 ? plan->part : 0));
}

/* The last process ends furthest behind. */
static bool fits(const struct work_fio_plan *plan, int64_t device, struct sim_err *err) {
    __int128 end =
        (__int128)plan->increment * (plan->job->numjobs - 1) + plan->offset + plan->part;
    int64_t limit = device > 0 ? device : INT64_MAX / 2;
    if (end <= limit)
        return true;
    return sim_fail(err, NULL, NULL,
                    "with \"offset\", \"offset_increment\" and \"size\" the job ends at byte "
                    "%lld of a device of %lld; make it smaller, or give \"size\" in percent",
                    (long long)(end < INT64_MAX ? (int64_t)end : INT64_MAX), (long long)limit);
}

static int64_t times(int64_t bytes, int64_t n) {
    return __builtin_mul_overflow(bytes, n, &bytes) ? INT64_MAX : bytes;
}

static void plan_total(struct work_fio_plan *plan) {
    const struct work_fio_job *job = plan->job;
    int64_t size = times(plan->part, job->files);
    if (job->size.bytes > 0 && job->size.bytes < size)
        size = job->size.bytes;
    if (job->io_size.percent > 0)
        size = share_of(size, job->io_size.percent);
    plan->pass = plan->size = size;
    plan->total = job->io_size.bytes > 0 ? job->io_size.bytes : size;
    if (job->dir[WORK_FIO_WRITE] && job->random && job->norandommap && plan->total > size)
        plan->pass = plan->total;
    if (job->dir[WORK_FIO_TRIM] && job->dir[WORK_FIO_WRITE])
        plan->pass = times(plan->pass, 2); /* each byte twice */
    plan->total = times(plan->total, job->loops);
}

static void plan_places(struct work_fio_plan *plan, struct sim_arena *arena) {
    const struct work_fio_job *job = plan->job;
    const int64_t *min = job->min;
    int64_t unit =
        min[WORK_FIO_READ] < min[WORK_FIO_WRITE] ? min[WORK_FIO_READ] : min[WORK_FIO_WRITE];
    int64_t shared = 0;
    plan->shared = true;
    for (int d = 0; d < WORK_FIO_DIRS; d++) {
        int64_t least = min[job->bs_is_seq_rand ? WORK_FIO_WRITE : d];
        int64_t room = plan->part - (least > job->ba[d] ? least - job->ba[d] : 0);
        plan->blocks[d] = room > 0 ? (uint64_t)(room / job->ba[d]) : 0;
        plan->shared = plan->shared && (!job->dir[d] || shared == 0 || shared == job->ba[d]);
        shared = job->dir[d] ? job->ba[d] : shared;
    }
    plan->ranges = (uint64_t)((plan->part - 1) / unit + 1);
    plan->center = UINT64_MAX;
    if (job->center_ppm >= 0)
        plan->center = (uint64_t)((sim_u128)plan->ranges * (sim_u128)job->center_ppm / 1000000);
    if (job->distribution == WORK_FIO_ZIPF || job->distribution == WORK_FIO_PARETO) {
        struct work_fio_ranks *ranks = sim_alloc(arena, sizeof *ranks);
        work_fio_ranks_init(ranks, job, plan->ranges);
        plan->ranks = ranks;
    }
}

/* At rates of requests those of the smallest size count, as fio's manual says. */
static bool plan_gaps(struct work_fio_plan *plan, struct sim_arena *arena,
                      struct sim_err *err) {
    const struct work_fio_job *job = plan->job;
    for (int d = 0; d < WORK_FIO_DIRS && job->rate_process == WORK_FIO_POISSON; d++) {
        __int128 gap = 0;
        if (!job->dir[d] || job->rate[d] + job->rate_iops[d] == 0)
            continue;
        if (job->rate[d] > 0)
            gap = (__int128)SIM_PS_PER_S * job->min[d] / job->rate[d];
        else
            gap = SIM_PS_PER_S / job->rate_iops[d];
        if (gap > 1000 * (__int128)SIM_PS_PER_S)
            return sim_fail(err, NULL, NULL,
                            "\"rate\" is less than a request in 1000 s, which "
                            "\"rate_process=poisson\" cannot draw; make it larger");
        if (!sim_sampler_init(&plan->gap[d], SIM_DIST_EXPONENTIAL, (int64_t)gap, 0, arena, err))
            return false;
    }
    return true;
}

bool work_fio_plan(struct work_fio_plan *plan, const struct work_fio_job *job,
                   int64_t device_bytes, struct sim_arena *arena, struct sim_err *err) {
    *plan = (struct work_fio_plan){.job = job};
    if (!plan_offset(plan, device_bytes, err) || !plan_part(plan, device_bytes, err) ||
        !fits(plan, device_bytes, err))
        return false;
    plan_total(plan);
    plan_places(plan, arena);
    return plan_gaps(plan, arena, err);
}
