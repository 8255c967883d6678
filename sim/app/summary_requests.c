/* summary_requests.c - what became of requests to drives, as they were made: all of a stream,
 * by job and by namespace.
 *
 * Counted as the stream counts: how many and how much of those that came back in the measured
 * window, latency of those born in it. Only what came is there: a job that does not write has
 * no "write". Namespaces from the 65th on are counted together, as "others".
 */
#include "summary.h"
#include <stdio.h>
#include <stdlib.h>

const char *app_job_name(const struct sim_stream *st, uint32_t job, char *buf, size_t size) {
    const struct work_requests *r = app_requests(st);
    if (r->job_name[job] != NULL)
        sim_plain(r->job_name[job], buf, size);
    else if (r->jobs == 1)
        snprintf(buf, size, "%s", st->name);
    else
        snprintf(buf, size, "%s-%u", st->name, job);
    return buf;
}

static json_t *outcome(const struct sim_world *w, const struct work_outcome *out) {
    json_t *o =
        json_pack("{sI sI}", "items", (json_int_t)out->items, "bytes", (json_int_t)out->bytes);
    json_object_set_new(o, "items_per_s", app_per_s(w, out->items));
    json_object_set_new(o, "bits_per_s", app_per_s(w, 8 * out->bytes));
    json_object_set_new(o, "failed", json_integer((json_int_t)out->failed));
    json_object_set_new(o, "latency_s", app_latency_s(&out->latency));
    return o;
}

/* By what they do. */
static json_t *by_op(const struct sim_world *w, const struct work_outcome out[IO_OPS]) {
    json_t *o = json_object();
    for (int op = 0; op < IO_OPS; op++)
        if (out[op].items + out[op].failed + out[op].latency.count > 0)
            json_object_set_new(o, work_requests_kinds[op].name, outcome(w, &out[op]));
    return o;
}

static json_t *of_all_jobs(const struct sim_world *w, const struct work_requests *r) {
    struct work_outcome *sum = calloc(IO_OPS, sizeof *sum);
    SIM_ASSERT(sum != NULL);
    for (uint32_t i = 0; i < r->jobs * (uint32_t)IO_OPS; i++) {
        const struct work_outcome *job = &r->outcome[i / IO_OPS][i % IO_OPS];
        struct work_outcome *of = &sum[i % IO_OPS];
        of->items += job->items;
        of->bytes += job->bytes;
        of->failed += job->failed;
        sim_hist_merge(&of->latency, &job->latency);
    }
    json_t *o = by_op(w, sum);
    free(sum);
    return o;
}

/* fio lets jobs share a name. */
static void put_job(json_t *jobs, const char *name, json_t *job) {
    char other[300];
    snprintf(other, sizeof other, "%s", name);
    for (unsigned n = 2; json_object_get(jobs, other) != NULL; n++)
        snprintf(other, sizeof other, "%s (%u)", name, n);
    json_object_set_new(jobs, other, job);
}

void app_summary_requests(const struct sim_world *w, const struct sim_stream *st, json_t *o) {
    const struct work_requests *r = app_requests(st);
    json_t *jobs = json_object(), *spaces = json_object();
    char name[256];
    for (uint32_t j = 0; j < r->jobs; j++)
        put_job(jobs, app_job_name(st, j, name, sizeof name), by_op(w, r->outcome[j]));
    for (uint32_t i = 0; i <= WORK_SPACES; i++) {
        json_t *space = by_op(w, r->space[i]);
        snprintf(name, sizeof name, "%u", i);
        if (json_object_size(space) > 0)
            json_object_set(spaces, i < WORK_SPACES ? name : "others", space);
        json_decref(space);
    }
    json_object_set_new(o, "requests", of_all_jobs(w, r));
    json_object_set_new(o, "jobs", jobs);
    json_object_set_new(o, "namespaces", spaces);
}
