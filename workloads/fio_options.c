/* fio_options.c - the options that are modelled: a table of names and how each is read.
 *
 * Refused are values that would need what is not modelled: backward and zoned sequences, file
 * sizes drawn at random. fio_others.c has the options that have no effect or are refused.
 */
#include "workloads/fio_value.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct row {
    const char *name, *alias;
    bool (*read)(struct work_fio_value *v, const struct row *row);
    size_t offset;
    int64_t min, max;
    const char *choices;
    work_fio_one *one;
    const char *doc;
};

#define AT(member) offsetof(struct work_fio_job, member)

static int64_t *member(const struct work_fio_value *v, const struct row *row) {
    return (int64_t *)((char *)v->job + row->offset);
}

static bool read_count(struct work_fio_value *v, const struct row *row) {
    int64_t *to = member(v, row);
    return work_fio_bytes(v, to) && work_fio_between(v, *to, row->min, row->max) &&
           work_fio_done(v);
}

static bool read_size(struct work_fio_value *v, const struct row *row) {
    return work_fio_share(v, (struct work_fio_size *)(void *)member(v, row)) &&
           work_fio_done(v);
}

static bool read_seconds(struct work_fio_value *v, const struct row *row) {
    return work_fio_time(v, SIM_PS_PER_S, member(v, row)) && work_fio_done(v);
}

static bool read_us(struct work_fio_value *v, const struct row *row) {
    return work_fio_time(v, 1000 * SIM_PS_PER_NS, member(v, row)) && work_fio_done(v);
}

/* Bare, or 0 or 1. */
static bool read_flag(struct work_fio_value *v, const struct row *row) {
    int64_t *to = member(v, row);
    *to = 1;
    if (*v->at == '\0')
        return true;
    return work_fio_bytes(v, to) && work_fio_between(v, *to, 0, 1) && work_fio_done(v);
}

static bool read_word(struct work_fio_value *v, const struct row *row) {
    return work_fio_word(v, row->choices, member(v, row)) && work_fio_done(v);
}

static bool one_random(struct work_fio_value *v, enum work_fio_dir dir) {
    int64_t *to = &v->job->percentage_random[dir];
    return work_fio_bytes(v, to) && work_fio_between(v, *to, 0, 100);
}

static bool one_rate(struct work_fio_value *v, enum work_fio_dir dir) {
    return work_fio_bytes(v, &v->job->rate[dir]);
}

static bool one_iops(struct work_fio_value *v, enum work_fio_dir dir) {
    return work_fio_bytes(v, &v->job->rate_iops[dir]) &&
           work_fio_between(v, v->job->rate_iops[dir], 0, 1LL << 32);
}

/* Values for read, write and trim. */
static bool read_each(struct work_fio_value *v, const struct row *row) {
    return work_fio_each(v, row->one);
}

static bool read_rw(struct work_fio_value *v, const struct row *row) {
    static const char dirs[][4] = {"r", "w", "t", "r", "w", "t", "rw", "rw", "rw", "wt", "wt"};
    struct work_fio_job *job = v->job;
    int64_t which = 0, number = 0;
    if (!work_fio_word(v, row->choices, &which))
        return false;
    for (int d = 0; d < WORK_FIO_DIRS; d++)
        job->dir[d] = strchr(dirs[which], "rwt"[d]) != NULL;
    job->random = (which >= 3 && which <= 5) || which == 8 || which == 10;
    job->run_of = 1;
    job->hole = 0;
    if (work_fio_is(v, ':')) {
        if (*v->at == '-')
            return work_fio_wrong(v, "a number that is not negative: going backwards is not "
                                     "modelled");
        if (!work_fio_bytes(v, &number) || !work_fio_between(v, number, job->random, 1LL << 40))
            return false;
        *(job->random ? &job->run_of : &job->hole) = number;
    }
    return work_fio_done(v);
}

static bool read_mix(struct work_fio_value *v, const struct row *row) {
    int64_t percent = 0;
    if (!work_fio_bytes(v, &percent) || !work_fio_between(v, percent, 0, 100))
        return false;
    v->job->rwmixread = row->max == WORK_FIO_READ ? percent : 100 - percent;
    return work_fio_done(v);
}

/* theta, h or the deviation, and the center: "zipf:1.2:0.5". */
static bool read_dist(struct work_fio_value *v, const struct row *row) {
    static const struct {
        int64_t def, min, max;
        const char *want;
    } shapes[] = {[WORK_FIO_ZIPF] = {1100000, 1, 10000000, "theta above 0, up to 10, not 1"},
                  [WORK_FIO_PARETO] = {200000, 1, 999999, "a value between 0 and 1"},
                  [WORK_FIO_NORMAL] = {0, 0, 99999999, "a percentage from 0 to below 100"}};
    struct work_fio_job *job = v->job;
    int64_t kind = 0;
    if (!work_fio_word(v, row->choices, &kind))
        return false;
    job->distribution = kind;
    job->center_ppm = -1;
    if (kind == WORK_FIO_RANDOM)
        return work_fio_done(v);
    job->shape_ppm = shapes[kind].def;
    const char *begin = v->at + 1;
    if (work_fio_is(v, ':') && !work_fio_ppm(v, &job->shape_ppm))
        return false;
    if (job->shape_ppm < shapes[kind].min || job->shape_ppm > shapes[kind].max ||
        (kind == WORK_FIO_ZIPF && job->shape_ppm == 1000000)) {
        v->at = begin;
        return work_fio_wrong(v, shapes[kind].want);
    }
    begin = v->at + 1;
    if (work_fio_is(v, ':') && !work_fio_ppm(v, &job->center_ppm))
        return false;
    if (job->center_ppm > 1000000) {
        v->at = begin;
        return work_fio_wrong(v, "a center from 0 to 1");
    }
    return work_fio_done(v);
}

static bool read_service(struct work_fio_value *v, const struct row *row) {
    v->job->file_run = 1;
    if (!work_fio_word(v, row->choices, &v->job->file_service))
        return false;
    if (work_fio_is(v, ':') && (!work_fio_bytes(v, &v->job->file_run) ||
                                !work_fio_between(v, v->job->file_run, 1, 1LL << 40)))
        return false;
    return work_fio_done(v);
}

static bool read_filename(struct work_fio_value *v, const struct row *row) {
    char *to = (char *)v->job + row->offset;
    if (strlen(v->at) >= (size_t)row->max)
        return work_fio_wrong(v, "fewer letters");
    snprintf(to, (size_t)row->max, "%s", v->at);
    return true;
}

static bool read_delay(struct work_fio_value *v, const struct row *row) {
    (void)row;
    struct work_fio_job *job = v->job;
    if (!work_fio_time(v, SIM_PS_PER_S, &job->startdelay))
        return false;
    job->startdelay_most = job->startdelay;
    if (work_fio_is(v, '-')) {
        const char *begin = v->at;
        if (!work_fio_time(v, SIM_PS_PER_S, &job->startdelay_most))
            return false;
        if (job->startdelay_most < job->startdelay) {
            v->at = begin;
            return work_fio_wrong(v, "no less than the lower end of the range");
        }
    }
    return work_fio_done(v);
}

static bool read_kb_base(struct work_fio_value *v, const struct row *row) {
    int64_t which = 0;
    if (!work_fio_word(v, row->choices, &which))
        return false;
    v->job->kb_base = which ? 1000 : 1024;
    return work_fio_done(v);
}

static const char buffered_why[] = "the page cache is not modelled: requests go to the drive "
                                   "as with direct=1";

static bool read_direct(struct work_fio_value *v, const struct row *row) {
    if (!read_flag(v, row))
        return false;
    v->job->direct ^= row->max == 0; /* buffered=1 is direct=0 */
    return true;
}

enum { MANY = 1 << 20 };

static const struct row rows[] = {
    {"rw", "readwrite", read_rw, 0, 0, 0,
     "read|write|trim|randread|randwrite|randtrim|rw|readwrite|randrw|trimwrite|randtrimwrite",
     NULL,
     "directions and order; random with `:N`: a new offset once in N requests; in order with "
     "`:SIZE`: so many bytes are left out after each"},
    {"bs", "blocksize", read_each, 0, 0, 0, NULL, work_fio_bs, "bytes of a request"},
    {"ba", "blockalign", read_each, 0, 0, 0, NULL, work_fio_ba,
     "boundary of random offsets; another one than `bs` turns the random map off"},
    {"bsrange", "blocksize_range", read_each, 0, 0, 0, NULL, work_fio_range,
     "sizes between two, in steps of the lower one"},
    {"bssplit", NULL, read_each, 0, 0, 0, NULL, work_fio_split,
     "sizes by percentages: `4k/70:64k/30`"},
    {"bs_unaligned", "blocksize_unaligned", read_flag, AT(bs_unaligned), 0, 0, NULL, NULL,
     "sizes need not be multiples of the smallest one"},
    {"bs_is_seq_rand", NULL, read_flag, AT(bs_is_seq_rand), 0, 0, NULL, NULL,
     "the sizes for reads are for sequential requests, those for writes for random ones"},
    {"rwmixread", NULL, read_mix, 0, 0, WORK_FIO_READ, NULL, NULL, "percentage of reads"},
    {"rwmixwrite", NULL, read_mix, 0, 0, WORK_FIO_WRITE, NULL, NULL, "percentage of writes"},
    {"rw_sequencer", NULL, read_word, AT(rw_sequencer), 0, 0, "sequential|identical", NULL,
     "what follows a random offset with `rw=randread:N`"},
    {"filename", NULL, read_filename, AT(filename), 0, WORK_FIO_FILENAME, NULL, NULL,
     "devices, or files as devices, with `:` between them; up to 64"},
    {"nrfiles", "nr_files", read_count, AT(nrfiles), 1, MANY, NULL, NULL,
     "files of each process, without `filename`"},
    {"file_service_type", NULL, read_service, 0, 0, 0, "random|roundrobin|sequential", NULL,
     "which file is next; `:N` after so many requests"},
    {"size", NULL, read_size, AT(size), 0, 0, NULL, NULL,
     "bytes of all files of a process, or percentage of each device"},
    {"io_size", "io_limit", read_size, AT(io_size), 0, 0, NULL, NULL,
     "bytes to move, more or less than `size`"},
    {"filesize", NULL, read_count, AT(filesize), 1, INT64_MAX, NULL, NULL,
     "bytes of each file"},
    {"offset", "fileoffset", read_size, AT(offset), 0, 0, NULL, NULL,
     "where each file's part begins"},
    {"offset_increment", NULL, read_size, AT(offset_increment), 0, 0, NULL, NULL,
     "added to `offset` for each further process"},
    {"offset_align", NULL, read_count, AT(offset_align), 0, INT64_MAX, NULL, NULL,
     "boundary of an offset that is a percentage; else the smallest size"},
    {"number_ios", NULL, read_count, AT(number_ios), 0, INT64_MAX >> 20, NULL, NULL,
     "end after so many requests"},
    {"loops", NULL, read_count, AT(loops), 1, MANY, NULL, NULL, "how often the job is done"},
    {"random_distribution", NULL, read_dist, 0, 0, 0, "random|zipf|pareto|normal", NULL,
     "of random offsets: `zipf:theta`, `pareto:h`, `normal:deviation`, with `:center` behind"},
    {"percentage_random", NULL, read_each, 0, 0, 0, NULL, one_random,
     "of the requests of a random job; the others follow the last one of their direction"},
    {"norandommap", NULL, read_flag, AT(norandommap), 0, 0, NULL, NULL,
     "blocks may come again before all have come once"},
    {"randrepeat", "allrandrepeat", read_flag, AT(randrepeat), 0, 0, NULL, NULL,
     "each loop makes the same requests; every run does so anyway, by its own seed"},
    {"randseed", NULL, read_count, AT(randseed), 0, INT64_MAX, NULL, NULL,
     "other random numbers, with the seed of the run"},
    {"ioengine", NULL, read_filename, AT(ioengine), 0, 64, NULL, NULL,
     "block engines only; a synchronous one has one request under way"},
    {"iodepth", NULL, read_count, AT(iodepth), 1, MANY, NULL, NULL, "requests under way"},
    {"numjobs", NULL, read_count, AT(numjobs), 1, WORK_FIO_PROCESSES, NULL, NULL,
     "processes that do this job"},
    {"stonewall", "wait_for_previous", read_flag, AT(stonewall), 0, 0, NULL, NULL,
     "begins when all jobs before it have ended"},
    {"new_group", NULL, read_flag, AT(new_group), 0, 0, NULL, NULL,
     "results of the jobs from it on have the next groupid, as behind a stonewall"},
    {"rate", NULL, read_each, 0, 0, 0, NULL, one_rate, "bytes a second at most"},
    {"rate_iops", NULL, read_each, 0, 0, 0, NULL, one_iops,
     "requests of the smallest size a second at most"},
    {"rate_process", NULL, read_word, AT(rate_process), 0, 0, "linear|poisson", NULL,
     "how requests at a rate come: evenly, or at exponential distances"},
    {"thinktime", NULL, read_us, AT(thinktime), 0, 0, NULL, NULL,
     "pause when `thinktime_blocks` requests are complete"},
    {"thinktime_blocks", NULL, read_count, AT(thinktime_blocks), 1, INT64_MAX, NULL, NULL,
     "requests between two pauses"},
    {"startdelay", NULL, read_delay, 0, 0, 0, NULL, NULL,
     "when the job begins; of a range, a time drawn for each process"},
    {"runtime", "timeout", read_seconds, AT(runtime), 0, 0, NULL, NULL,
     "the job ends after it"},
    {"time_based", NULL, read_flag, AT(time_based), 0, 0, NULL, NULL,
     "begins again and again until `runtime` is over"},
    {"ramp_time", NULL, read_seconds, AT(ramp_time), 0, 0, NULL, NULL,
     "what is done in it is not measured"},
    {"fsync", NULL, read_count, AT(fsync), 0, INT64_MAX, NULL, NULL,
     "a flush after so many writes"},
    {"fdatasync", NULL, read_count, AT(fdatasync), 0, INT64_MAX, NULL, NULL,
     "a flush after so many writes"},
    {"end_fsync", NULL, read_flag, AT(end_fsync), 0, 0, NULL, NULL, "a flush at the end"},
    {"direct", NULL, read_direct, AT(direct), 0, 1, NULL, NULL, buffered_why},
    {"buffered", NULL, read_direct, AT(direct), 0, 0, NULL, NULL, buffered_why},
    {"kb_base", NULL, read_kb_base, 0, 0, 0, "1024|1000", NULL,
     "what `k` is; `kib` is the other one"},
};

enum { ROWS = sizeof rows / sizeof *rows };

bool work_fio_option(uint32_t i, struct work_fio_option *out) {
    if (i >= ROWS)
        return work_fio_other(i - ROWS, out);
    *out =
        (struct work_fio_option){rows[i].name, rows[i].alias, WORK_FIO_MODELLED, rows[i].doc};
    return true;
}

static bool is_named(const struct work_fio_option *o, const char *name) {
    return strcmp(o->name, name) == 0 || (o->alias && strcmp(o->alias, name) == 0);
}

static bool unknown(struct work_fio_job *job, const char *name, struct sim_err *err) {
    const char *names[1024];
    struct work_fio_option o;
    uint32_t n = 0;
    char found[80];
    for (uint32_t i = 0; work_fio_option(i, &o); i++) {
        SIM_ASSERT(n + 3 < sizeof names / sizeof *names);
        names[n++] = o.name;
        if (o.alias)
            names[n++] = o.alias;
    }
    names[n] = NULL;
    const char *near = sim_nearest(name, names);
    job->fault = -1;
    return sim_fail(err, NULL, NULL, "%s is no option of fio%s%s%s",
                    sim_quote(name, found, sizeof found), near ? "; did you mean \"" : "",
                    near ? near : "", near ? "\"?" : "");
}

/* A switch that is off does nothing, whatever it would do. */
static bool other(struct work_fio_job *job, const struct work_fio_option *o, const char *value,
                  struct sim_err *err) {
    if (o->kind == WORK_FIO_NOTED) {
        work_fio_remark(job, o->name, o->doc);
        return true;
    }
    if (value && strcmp(value, "0") == 0)
        return true;
    job->fault = -1;
    return sim_fail(err, NULL, NULL, "\"%s\" is not modelled: %s", o->name, o->doc);
}

bool work_fio_set(struct work_fio_job *job, const char *name, const char *value,
                  struct sim_err *err) {
    struct work_fio_option o;
    uint32_t i = 0;
    bool found = false;
    while (!found && work_fio_option(i, &o))
        found = is_named(&o, name), i++;
    if (!found)
        return unknown(job, name, err);
    if (o.kind != WORK_FIO_MODELLED)
        return other(job, &o, value, err);
    const struct row *row = &rows[i - 1];
    struct work_fio_value v = {job, o.name, value ? value : "", value ? value : "", err};
    if (*v.text == '\0' && row->read != read_flag)
        return work_fio_wrong(&v, "a value");
    return row->read(&v, row);
}
