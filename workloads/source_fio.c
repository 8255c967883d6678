/* source_fio.c - requests to drives as the load generator fio makes them: one job stated in the
 * scenario, or all jobs of a real job file.
 *
 * Options have fio's names and meanings (fio_job.h); those that a scenario has no key for go
 * into "options". Each process of a job keeps its iodepth under way; what it asks for is
 * fio_gen.h's. Jobs behind a "stonewall" begin when those before them are over. A process's
 * number is its requests' hash: which core and which queue they take. As with fio, a trim
 * blocks its process, and a flush does unless the engine has a queue for it (io_uring).
 *
 * Left out: the page cache; what a failed request does to a job (it goes on).
 */
#include "workloads/fio_file.h"
#include "workloads/fio_gen.h"
#include "workloads/requests.h"
#include <stdio.h>
#include <string.h>

enum { LINE = 64 };

struct fio_asker {
    struct work_asker asker;
    struct work_fio_gen gen;
    int64_t wave;
};

struct work_fio {
    struct work_requests requests;
    const char *file, *rw, *bs, *bssplit, *size, *offset, *distribution, *rate, *options;
    int64_t iodepth, numjobs, rwmixread, rate_iops, number_ios, device_bytes;
    struct work_fio_jobs jobs;
    struct work_fio_plan *plan; /* [jobs] */
    struct fio_asker *asker;    /* [requests.askers] */
    int64_t wave;               /* that asks now */
    uint32_t open;              /* of whose processes so many are not over */
};

/* ---------------------------------------------------------------- jobs */

static bool set(struct work_fio *f, struct work_fio_job *job, const char *key, const char *name,
                const char *value, struct sim_err *err) {
    struct sim_err why = {0};
    return work_fio_set(job, name, value, &why) ||
           work_source_fail(&f->requests.source, key, err, "%s", why.text);
}

static bool set_count(struct work_fio *f, struct work_fio_job *job, const char *name,
                      int64_t value, struct sim_err *err) {
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return value == SIM_ABSENT || set(f, job, name, name, text, err);
}

static bool set_text(struct work_fio *f, struct work_fio_job *job, const char *name,
                     const char *value, struct sim_err *err) {
    return value == NULL || set(f, job, name, name, value, err);
}

/* "norandommap fsync=32": names, or names and values, between blanks. */
static bool set_options(struct work_fio *f, struct work_fio_job *job, struct sim_err *err) {
    char *text = sim_strdup(sim_comp_arena(&f->requests.source.base),
                            f->options != NULL ? f->options : "");
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        char *is = strchr(word, '=');
        if (is != NULL)
            *is++ = '\0';
        if (!set(f, job, "options", word, is, err))
            return false;
    }
    return true;
}

/* The job that the scenario states. */
static bool stated(struct work_fio *f, struct sim_err *err) {
    struct work_fio_job *job = sim_alloc(sim_comp_arena(&f->requests.source.base), sizeof *job);
    struct sim_err why = {0};
    work_fio_init(job, f->requests.source.stream->name);
    f->jobs = (struct work_fio_jobs){.job = job, .n = 1};
    if (!set_text(f, job, "ioengine", "libaio", err) || /* else one is under way */
        !set_text(f, job, "filename", "volume", err) || /* else a file of each process */
        !set_text(f, job, "rw", f->rw, err) || !set_text(f, job, "bs", f->bs, err) ||
        !set_text(f, job, "bssplit", f->bssplit, err) ||
        !set_text(f, job, "size", f->size, err) ||
        !set_text(f, job, "offset", f->offset, err) ||
        !set_text(f, job, "random_distribution", f->distribution, err) ||
        !set_text(f, job, "rate", f->rate, err) ||
        !set_count(f, job, "iodepth", f->iodepth, err) ||
        !set_count(f, job, "numjobs", f->numjobs, err) ||
        !set_count(f, job, "rwmixread", f->rwmixread, err) ||
        !set_count(f, job, "rate_iops", f->rate_iops, err) ||
        !set_count(f, job, "number_ios", f->number_ios, err) || !set_options(f, job, err))
        return false;
    if (!work_fio_settle(job, &why))
        return work_source_fail(&f->requests.source, "", err, "%s", why.text);
    f->jobs.devices = work_fio_number(job, 1);
    return true;
}

static bool only_file(struct work_fio *f, struct sim_err *err) {
    const struct {
        const char *name;
        bool given;
    } keys[] = {{"rw", f->rw != NULL},
                {"bs", f->bs != NULL},
                {"bssplit", f->bssplit != NULL},
                {"size", f->size != NULL},
                {"offset", f->offset != NULL},
                {"random_distribution", f->distribution != NULL},
                {"rate", f->rate != NULL},
                {"iodepth", f->iodepth != SIM_ABSENT},
                {"numjobs", f->numjobs != SIM_ABSENT},
                {"rwmixread", f->rwmixread != SIM_ABSENT},
                {"rate_iops", f->rate_iops != SIM_ABSENT},
                {"number_ios", f->number_ios != SIM_ABSENT},
                {"options", f->options != NULL}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].given)
            return work_source_fail(&f->requests.source, keys[i].name, err,
                                    "has no effect with \"file\": the job file says it");
    return work_fio_read(f->file, &f->jobs, sim_comp_arena(&f->requests.source.base), err);
}

/* ---------------------------------------------------------------- processes */

static bool next(struct work_asker *a, int64_t now, struct work_io *io) {
    struct fio_asker *p = (struct fio_asker *)a;
    p->gen.now = now;
    bool more = work_fio_next(&p->gen, io);
    a->idle = p->gen.think;
    return more;
}

static void begin_wave(struct work_fio *f, sim_ps t) {
    struct work_requests *r = &f->requests;
    for (f->open = 0; f->open == 0 && f->wave <= (int64_t)f->jobs.n; f->wave += f->open == 0)
        for (uint32_t i = 0; i < r->askers; i++)
            f->open += f->asker[i].wave == f->wave;
    for (uint32_t i = 0; i < r->askers; i++) {
        const struct work_fio_job *job = f->asker[i].gen.plan->job;
        if (f->asker[i].wave != f->wave)
            continue;
        sim_ps from = t + work_fio_delay(job, f->asker[i].gen.number, f->asker[i].gen.seed);
        if (job->runtime > 0)
            f->asker[i].asker.end = from + job->ramp_time + job->runtime;
        work_requests_begin(r, &f->asker[i].asker, from);
    }
}

static void over(struct work_requests *r, struct work_asker *a, sim_ps t) {
    struct work_fio *f = (struct work_fio *)r;
    (void)a;
    SIM_ASSERT(f->open > 0);
    if (--f->open > 0)
        return;
    f->wave++;
    begin_wave(f, t);
}

static int64_t largest(const struct work_fio_job *job) {
    int64_t most = LINE;
    for (int d = 0; d < WORK_FIO_DIRS; d++)
        most = job->max[d] > most ? job->max[d] : most;
    return most;
}

static void make_asker(struct work_fio *f, uint32_t i, uint32_t job, uint32_t number,
                       uint64_t seed) {
    struct sim_arena *arena = sim_comp_arena(&f->requests.source.base);
    const struct work_fio_job *j = &f->jobs.job[job];
    struct fio_asker *p = &f->asker[i];
    uint32_t lines = (uint32_t)((largest(j) + LINE - 1) / LINE);
    p->asker =
        (struct work_asker){.next = next,
                            .number = i,
                            .job = job,
                            .depth = j->depth,
                            .end = SIM_NEVER,
                            .lines = lines,
                            .buffers = (uint32_t)j->depth,
                            .blocks = 1u << IO_TRIM | (j->async_flush ? 0 : 1u << IO_FLUSH)};
    if (i > 0)
        p->asker.buffer = f->asker[i - 1].asker.buffer +
                          (uint64_t)f->asker[i - 1].asker.lines * f->asker[i - 1].asker.buffers;
    p->wave = j->wave;
    work_fio_start(&p->gen, &f->plan[job], number, seed, arena);
    f->requests.asker[i] = &p->asker;
}

static bool plan_jobs(struct work_fio *f, struct sim_err *err) {
    struct sim_arena *arena = sim_comp_arena(&f->requests.source.base);
    struct sim_err why = {0};
    f->plan = sim_alloc_n(arena, f->jobs.n, sizeof *f->plan);
    for (uint32_t j = 0; j < f->jobs.n; j++)
        if (!work_fio_plan(&f->plan[j], &f->jobs.job[j], f->device_bytes, arena, &why))
            return work_source_fail(&f->requests.source, f->file != NULL ? "file" : "", err,
                                    "job \"%s\": %s", f->jobs.job[j].name, why.text);
    return true;
}

/* ---------------------------------------------------------------- what results say of a job */

static const char *said_size(struct sim_arena *arena, int64_t n) {
    if (n % 1048576 == 0)
        return sim_printf(arena, "%lldm", (long long)(n / 1048576));
    return sim_printf(arena, n % 1024 == 0 ? "%lldk" : "%lld",
                      (long long)(n % 1024 == 0 ? n / 1024 : n));
}

static const char *said_rw(const struct work_fio_job *j, struct sim_arena *arena) {
    static const char *const names[] = {"", "read", "write", "rw", "trim", "", "trimwrite", ""};
    unsigned which = (j->dir[WORK_FIO_READ] ? 1u : 0) | (j->dir[WORK_FIO_WRITE] ? 2u : 0) |
                     (j->dir[WORK_FIO_TRIM] ? 4u : 0);
    return sim_printf(arena, "%s%s", j->random ? "rand" : "", names[which]);
}

/* "bs" where all sizes of the directions used are one, else "bsrange". */
static struct work_said said_bs(const struct work_fio_job *j, struct sim_arena *arena) {
    int64_t least = INT64_MAX, most = 0;
    for (int d = 0; d < WORK_FIO_DIRS; d++) {
        least = j->dir[d] && j->min[d] < least ? j->min[d] : least;
        most = j->dir[d] && j->max[d] > most ? j->max[d] : most;
    }
    const char *from = said_size(arena, least), *to = said_size(arena, most);
    return least == most ? (struct work_said){"bs", from}
                         : (struct work_said){"bsrange", sim_printf(arena, "%s-%s", from, to)};
}

static const struct work_said *said_of(const struct work_fio_job *j, struct sim_arena *arena) {
    struct work_said *said = sim_alloc_n(arena, 8, sizeof *said), *at = said;
    *at++ = (struct work_said){"name", j->name};
    *at++ = (struct work_said){"rw", said_rw(j, arena)};
    *at++ = said_bs(j, arena);
    *at++ = (struct work_said){"iodepth", sim_printf(arena, "%lld", (long long)j->depth)};
    *at++ = (struct work_said){"numjobs", sim_printf(arena, "%lld", (long long)j->numjobs)};
    if (j->dir[WORK_FIO_READ] && j->dir[WORK_FIO_WRITE])
        *at++ =
            (struct work_said){"rwmixread", sim_printf(arena, "%lld", (long long)j->rwmixread)};
    *at = (struct work_said){NULL, NULL};
    return said;
}

static void say_jobs(struct work_fio *f) {
    struct sim_arena *arena = sim_comp_arena(&f->requests.source.base);
    const struct work_said **said = sim_alloc_n(arena, f->jobs.n, sizeof *said);
    uint32_t *group = sim_alloc_n(arena, f->jobs.n, sizeof *group);
    for (uint32_t j = 0; j < f->jobs.n; j++) {
        f->requests.job_name[j] = f->jobs.job[j].name;
        said[j] = said_of(&f->jobs.job[j], arena);
        group[j] = f->jobs.job[j].group;
    }
    f->requests.said = said;
    f->requests.group = group;
}

/* ---------------------------------------------------------------- the model */

/* A bit for each kind of requests that the job makes. A mix may be of one kind alone. */
static unsigned kinds_of(const struct work_fio_job *j) {
    bool mix = j->dir[WORK_FIO_READ] && j->dir[WORK_FIO_WRITE];
    bool reads = j->dir[WORK_FIO_READ] && (!mix || j->rwmixread > 0);
    bool writes = j->dir[WORK_FIO_WRITE] && (!mix || j->rwmixread < 100);
    bool flushes =
        (writes && j->fsync + j->fdatasync > 0) || (j->dir[WORK_FIO_WRITE] && j->end_fsync > 0);
    return (reads ? 1u << IO_READ : 0) | (writes ? 1u << IO_WRITE : 0) |
           (flushes ? 1u << IO_FLUSH : 0) | (j->dir[WORK_FIO_TRIM] ? 1u << IO_TRIM : 0);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct work_fio *f = (struct work_fio *)comp;
    struct sim_rng rng;
    uint32_t askers = 0;
    if (!(f->file != NULL ? only_file(f, err) : stated(f, err)) || !plan_jobs(f, err))
        return false;
    for (uint32_t j = 0; j < f->jobs.n; j++) {
        askers += (uint32_t)f->jobs.job[j].numjobs;
        f->requests.source.makes |= kinds_of(&f->jobs.job[j]);
    }
    work_requests_init(&f->requests, askers, f->jobs.n);
    if (!work_requests_check(&f->requests, err) || !work_requests_sample(&f->requests, err))
        return false;
    f->requests.over = over;
    f->requests.source.ends = true; /* a job without a size goes through its device once */
    say_jobs(f);
    f->asker = sim_alloc_n(sim_comp_arena(comp), askers, sizeof *f->asker);
    sim_comp_rng(comp, "fio", &rng);
    uint64_t seed = sim_rng_next(&rng);
    for (uint32_t j = 0, i = 0; j < f->jobs.n; j++)
        for (uint32_t k = 0; k < (uint32_t)f->jobs.job[j].numjobs; k++, i++)
            make_asker(f, i, j, k, seed);
    return true;
}

static void start(struct sim_comp *comp) {
    struct work_fio *f = (struct work_fio *)comp;
    begin_wave(f, f->requests.source.start);
    work_source_start(&f->requests.source);
}

#define AT(member) offsetof(struct work_fio, member)
#define TEXT(NAME, MEMBER, DOC)                                                                \
    { NAME, SIM_STRING, AT(MEMBER), 0, 0, "", "number", DOC, NULL }
#define COUNT(NAME, MEMBER, MIN, MAX, DOC)                                                     \
    { NAME, SIM_COUNT, AT(MEMBER), MIN, MAX, "", NULL, DOC, NULL }

static const struct sim_field params[] = {
    {"file", SIM_STRING, AT(file), 0, 0, "", "file",
     "a job file of fio, read as it is; then the other keys are its business", NULL},
    TEXT("rw", rw, "read, write, randread, randwrite, rw, randrw, trim, randtrim"),
    TEXT("bs", bs, "bytes of each request: \"4k\", or by direction \"4k,8k\""),
    TEXT("bssplit", bssplit, "sizes and their percentages: \"4k/70:16k/20:64k/10\""),
    COUNT("iodepth", iodepth, 1, 1 << 20, "requests under way of each process"),
    COUNT("numjobs", numjobs, 1, 1 << 15, "processes, each with its iodepth"),
    COUNT("rwmixread", rwmixread, 0, 100, "percent of reads, with rw and randrw"),
    TEXT("size", size,
         "bytes that each process goes through, or a share of the device: \"50%\""),
    TEXT("offset", offset, "where its part of the device begins"),
    TEXT("random_distribution", distribution,
         "random, zipf:THETA, pareto:H or normal:DEVIATION"),
    TEXT("rate", rate, "bytes a second at most, of each process"),
    COUNT("rate_iops", rate_iops, 0, 1LL << 32, "requests a second at most, of each process"),
    COUNT("number_ios", number_ios, 0, INT64_MAX, "requests in all, of each process"),
    TEXT("options", options,
         "any other options of fio, between blanks: \"norandommap fsync=32\"; docs/fio.md"),
    {"device_bytes", SIM_BYTES, AT(device_bytes), 4096, 1LL << 50, "100GB", NULL,
     "of each device that is asked: what a job takes that does not say a size, and what its "
     "percentages are of",
     "assumed: a part of most drives"},
    WORK_REQUESTS_PARAMS(struct work_fio),
    WORK_SOURCE_PARAMS(struct work_requests),
    {.name = NULL}};

static const struct sim_field stats[] = {WORK_SOURCE_STATS(struct work_requests),
                                         WORK_REQUESTS_STATS(struct work_fio),
                                         {.name = NULL}};

const struct sim_model work_source_fio = {.name = "fio",
                                          .doc = "requests to drives, as fio's jobs make them",
                                          .size = sizeof(struct work_fio),
                                          .params = params,
                                          .stats = stats,
                                          .ops = work_requests_kinds,
                                          .init = init,
                                          .start = start};
