/* fio_json.c - requests to drives as the load generator fio writes what it measured, with
 * --output-format=json+: for whatever reads that.
 *
 * A job of a stream is one of fio's jobs, all its processes together (group_reporting). Its
 * runtime is the part of the measured window that it ran in. Latency runs from the birth of a
 * request, so that submission takes no time of its own: as of fio's synchronous engines,
 * slat_ns is empty and clat_ns is lat_ns. Means, standard deviations and the shares of
 * latency_ns, _us and _ms are exact; percentiles and bins are of the histogram, up to 3.1 %
 * above. Samples of bandwidth and IOPS: fio_samples.c. What has no meaning here
 * (processor time, page faults, context switches) is 0, and time begins in 1970.
 */
#include "fio_json.h"
#include "version.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum io_op op;
    const char *name;
} dirs[] = {{IO_READ, "read"}, {IO_WRITE, "write"}, {IO_TRIM, "trim"}};

/* What the jobs of a group came to together, by kind. */
struct group {
    uint64_t bytes[IO_OPS];
    sim_ps runtime[IO_OPS]; /* of the one that ran longest */
};

/* A job, and over what its rates are. */
struct job {
    const struct sim_stream *st;
    const struct work_requests *r;
    uint32_t number, groupid;
    struct app_fio_time ran;
    sim_ps runtime;
    const struct group *group;
};

static void put(json_t *o, const char *key, uint64_t n) {
    json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void put_real(json_t *o, const char *key, double v) {
    json_object_set_new(o, key, app_real(v));
}

static double per_s(const struct job *j, uint64_t n) {
    return j->runtime > 0 ? (double)n / ((double)j->runtime / (double)SIM_PS_PER_S) : 0;
}

/* Rounded up: what ran has a runtime. */
static uint64_t milliseconds(sim_ps t) {
    const sim_ps ms = SIM_PS_PER_S / 1000;
    return (uint64_t)((t + ms - 1) / ms);
}

/* ---------------------------------------------------------------- latency */

static double mean(sim_u128 sum, uint64_t n) { return n > 0 ? (double)sum / (double)n : 0; }

/* Of a sample, as fio has it. Around a whole number near the mean the sums are small, and
 * exact. */
static double deviation(sim_u128 sum, sim_u128 squares, uint64_t n) {
    if (n < 2)
        return 0;
    sim_u128 near = sum / n, rest = sum - near * n;
    sim_u128 around = squares + near * near * n - 2 * near * sum;
    double off = (double)rest;
    return sqrt(((double)around - off * off / (double)n) / (double)(n - 1));
}

static json_t *percentiles(const struct sim_hist *h) {
    static const uint32_t at[] = {10000,  50000,  100000, 200000, 300000, 400000,
                                  500000, 600000, 700000, 800000, 900000, 950000,
                                  990000, 995000, 999000, 999500, 999900};
    json_t *o = json_object();
    char name[32];
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        snprintf(name, sizeof name, "%u.%06u", at[i] / 10000, at[i] % 10000 * 100);
        put(o, name, (uint64_t)sim_hist_quantile(h, at[i], 1000000) / 1000);
    }
    return o;
}

/* Nanoseconds, and how many took so many: the upper ends of the histogram's buckets. */
static json_t *bins(const struct sim_hist *h) {
    json_t *o = json_object();
    char name[32];
    for (uint32_t i = 0; i < SIM_HIST_BUCKETS; i++) {
        uint64_t n = h->bucket[i], top = sim_hist_top(i);
        if (n == 0)
            continue;
        snprintf(name, sizeof name, "%llu",
                 (unsigned long long)(top < (uint64_t)h->max ? top : (uint64_t)h->max) / 1000);
        put(o, name, n + (uint64_t)json_integer_value(json_object_get(o, name)));
    }
    return o;
}

/* @param h NULL: nothing was measured */
static json_t *latency(const struct sim_hist *h, sim_u128 sum, sim_u128 squares) {
    json_t *o = json_object();
    uint64_t n = h != NULL ? h->count : 0;
    put(o, "min", n > 0 ? (uint64_t)h->min / 1000 : 0);
    put(o, "max", n > 0 ? (uint64_t)h->max / 1000 : 0);
    put_real(o, "mean", mean(sum, n));
    put_real(o, "stddev", deviation(sum, squares, n));
    put(o, "N", n);
    return o;
}

static json_t *latency_of(const struct job *j, enum io_op op, bool whole) {
    const struct work_fine *fine = &j->r->fine[j->number];
    const struct sim_hist *h = &j->r->outcome[j->number][op].latency;
    json_t *o = latency(h, fine->ns[op], fine->squares[op]);
    if (whole && h->count > 0) {
        json_object_set_new(o, "percentile", percentiles(h));
        json_object_set_new(o, "bins", bins(h));
    }
    return o;
}

/* ---------------------------------------------------------------- a direction */

/* Bytes a second of its group. */
static double of_group(const struct job *j, enum io_op op) {
    sim_ps t = j->group->runtime[op];
    return t > 0 ? (double)j->group->bytes[op] / ((double)t / (double)SIM_PS_PER_S) : 0;
}

static json_t *direction(const struct job *j, enum io_op op) {
    const struct work_outcome *out = &j->r->outcome[j->number][op];
    json_t *o = json_object();
    put(o, "io_bytes", out->bytes);
    put(o, "io_kbytes", out->bytes / 1024);
    put(o, "bw_bytes", (uint64_t)per_s(j, out->bytes));
    put(o, "bw", (uint64_t)per_s(j, out->bytes) / 1024);
    put_real(o, "iops", per_s(j, out->items));
    put(o, "runtime", out->items > 0 ? milliseconds(j->runtime) : 0);
    put(o, "total_ios", out->items);
    put(o, "short_ios", 0);
    put(o, "drop_ios", out->failed);
    json_object_set_new(o, "slat_ns", latency(NULL, 0, 0));
    json_object_set_new(o, "clat_ns", latency_of(j, op, true));
    json_object_set_new(o, "lat_ns", latency_of(j, op, false));
    app_fio_samples(o, &j->r->fine[j->number].samples[op], &j->ran, of_group(j, op));
    return o;
}

static json_t *sync_of(const struct job *j) {
    json_t *o = json_object();
    put(o, "total_ios", j->r->outcome[j->number][IO_FLUSH].items);
    json_object_set_new(o, "lat_ns", latency_of(j, IO_FLUSH, true));
    return o;
}

/* ---------------------------------------------------------------- shares */

static json_t *shares(const char *const *name, const uint64_t *n, size_t names, uint64_t all) {
    json_t *o = json_object();
    for (size_t i = 0; i < names; i++)
        put_real(o, name[i], all > 0 ? 100 * (double)n[i] / (double)all : 0);
    return o;
}

static uint64_t sum_of(const uint64_t *n, size_t names) {
    uint64_t sum = 0;
    for (size_t i = 0; i < names; i++)
        sum += n[i];
    return sum;
}

static void put_shares(json_t *o, const struct job *j) {
    static const char *const depth[] = {"1", "2", "4", "8", "16", "32", ">=64"};
    static const char *const at_once[] = {"0", "4", "8", "16", "32", "64", ">=64"};
    static const char *const below[] = {"2",   "4",   "10",  "20",   "50",   "100",
                                        "250", "500", "750", "1000", "2000", ">=2000"};
    const struct work_fine *fine = &j->r->fine[j->number];
    uint64_t born = sum_of(fine->depth, WORK_DEPTHS), took = sum_of(fine->within, WORK_WITHIN);
    const uint64_t one_by_one[WORK_DEPTHS] = {[1] = born};
    json_object_set_new(o, "iodepth_level", shares(depth, fine->depth, WORK_DEPTHS, born));
    json_object_set_new(o, "iodepth_submit", shares(at_once, one_by_one, WORK_DEPTHS, born));
    json_object_set_new(o, "iodepth_complete", shares(at_once, one_by_one, WORK_DEPTHS, born));
    json_object_set_new(o, "latency_ns", shares(below, fine->within, 10, took));
    json_object_set_new(o, "latency_us", shares(below, fine->within + 10, 10, took));
    json_object_set_new(o, "latency_ms", shares(below, fine->within + 20, 12, took));
}

/* ---------------------------------------------------------------- a job */

/* From when it began, or the window did, until it was over, or the window was. */
static struct app_fio_time time_of(const struct sim_world *w, const struct work_requests *r,
                                   uint32_t job) {
    sim_ps begin = SIM_NEVER, end = r->fine[job].last;
    for (uint32_t i = 0; i < r->askers; i++) {
        const struct work_asker *a = r->asker[i];
        if (a->job != job || !a->started)
            continue;
        begin = a->begin < begin ? a->begin : begin;
        end = a->over && a->under_way == 0 ? end : w->to;
    }
    begin = sim_later(begin, w->from);
    end = sim_later(begin, end);
    return (struct app_fio_time){begin - w->from, end - w->from};
}

static json_t *options(const struct job *j, const char *name) {
    json_t *o = json_object();
    json_object_set_new(o, "name", json_string(name));
    for (const struct work_said *s = j->r->said != NULL ? j->r->said[j->number] : NULL;
         s != NULL && s->name != NULL; s++)
        if (strcmp(s->name, "name") != 0)
            json_object_set_new(o, s->name, json_string(s->value));
    return o;
}

static uint64_t depth_of(const struct work_requests *r, uint32_t job) {
    for (uint32_t i = 0; i < r->askers; i++)
        if (r->asker[i]->job == job)
            return (uint64_t)r->asker[i]->depth;
    return 0;
}

static void put_failed(json_t *o, const struct job *j) {
    uint64_t failed = 0;
    for (int op = 0; op < IO_OPS; op++)
        failed += j->r->outcome[j->number][op].failed;
    if (failed == 0)
        return;
    put(o, "total_err", failed);
    put(o, "first_error", 5); /* EIO */
}

static json_t *job_of(const struct job *j) {
    char name[256], desc[300];
    json_t *o = json_object();
    app_job_name(j->st, j->number, name, sizeof name);
    snprintf(desc, sizeof desc, "stream %s", j->st->name);
    json_object_set_new(o, "jobname", json_string(name));
    put(o, "groupid", j->groupid);
    put(o, "error", 0);
    put_failed(o, j);
    put(o, "eta", 0);
    put(o, "elapsed", (milliseconds(j->runtime) + 999) / 1000);
    json_object_set_new(o, "desc", json_string(desc));
    json_object_set_new(o, "job options", options(j, name));
    for (size_t d = 0; d < sizeof dirs / sizeof *dirs; d++)
        json_object_set_new(o, dirs[d].name, direction(j, dirs[d].op));
    json_object_set_new(o, "sync", sync_of(j));
    put(o, "job_runtime", milliseconds(j->runtime));
    put_real(o, "usr_cpu", 0);
    put_real(o, "sys_cpu", 0);
    put(o, "ctx", 0);
    put(o, "majf", 0);
    put(o, "minf", 0);
    put_shares(o, j);
    put(o, "latency_depth", depth_of(j->r, j->number));
    put(o, "latency_target", 0);
    put_real(o, "latency_percentile", 100);
    put(o, "latency_window", 0);
    return o;
}

/* ---------------------------------------------------------------- the document */

/* Jobs of all streams; groups that they are of at most. */
static uint32_t all_jobs(const struct app_scenario *s) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->streams; i++)
        n += s->stream[i].stream->requests ? app_requests(s->stream[i].stream)->jobs : 0;
    return n;
}

static void add_to_group(struct group *g, const struct job *j) {
    for (int op = 0; op < IO_OPS; op++) {
        const struct work_outcome *out = &j->r->outcome[j->number][op];
        g->bytes[op] += out->bytes;
        if (out->items > 0)
            g->runtime[op] = sim_later(g->runtime[op], j->runtime);
    }
}

/* All jobs, those of a stream behind those of the one before: into their groups; or to an
 * array. */
static void each_job(const struct app_scenario *s, struct group *group, json_t *jobs) {
    uint32_t first = 0, next = 0;
    for (uint32_t i = 0; i < s->streams; i++, first = next) {
        struct job j = {.st = s->stream[i].stream};
        if (!j.st->requests)
            continue;
        for (j.r = app_requests(j.st); j.number < j.r->jobs; j.number++) {
            j.groupid = first + (j.r->group != NULL ? j.r->group[j.number] : 0);
            next = j.groupid + 1;
            j.group = &group[j.groupid];
            j.ran = time_of(s->world, j.r, j.number);
            j.runtime = j.ran.end - j.ran.begin;
            if (jobs != NULL)
                json_array_append_new(jobs, job_of(&j));
            else
                add_to_group(&group[j.groupid], &j);
        }
    }
}

json_t *app_fio_json(const struct app_scenario *s) {
    uint32_t n = all_jobs(s);
    char version[128];
    if (n == 0)
        return NULL;
    struct group *group = calloc(n, sizeof *group);
    SIM_ASSERT(group != NULL);
    each_job(s, group, NULL);
    json_t *root = json_object(), *jobs = json_array();
    each_job(s, group, jobs);
    free(group);
    snprintf(version, sizeof version, "fio-3.33 (the form; made by dpusim %s)", app_version());
    json_object_set_new(root, "fio version", json_string(version));
    put(root, "timestamp", 0);
    put(root, "timestamp_ms", 0);
    json_object_set_new(root, "time", json_string("Thu Jan  1 00:00:00 1970"));
    json_object_set_new(root, "global options", json_object());
    json_object_set_new(root, "jobs", jobs);
    json_object_set_new(root, "disk_util", json_array());
    return root;
}
