/* fio_sizes.c - how large requests are: bs, bsrange, bssplit, and where they may begin. */
#include "workloads/fio_value.h"

bool work_fio_bs(struct work_fio_value *v, enum work_fio_dir dir) {
    return work_fio_bytes(v, &v->job->bs[dir]) &&
           work_fio_between(v, v->job->bs[dir], 1, 1LL << 40);
}

bool work_fio_ba(struct work_fio_value *v, enum work_fio_dir dir) {
    return work_fio_bytes(v, &v->job->ba[dir]) &&
           work_fio_between(v, v->job->ba[dir], 1, 1LL << 40);
}

bool work_fio_range(struct work_fio_value *v, enum work_fio_dir dir) {
    int64_t *min = &v->job->min[dir], *max = &v->job->max[dir];
    if (!work_fio_bytes(v, min) || !work_fio_between(v, *min, 1, 1LL << 40))
        return false;
    if (!work_fio_is(v, '-'))
        return work_fio_wrong(v, "a range such as 4k-64k");
    const char *begin = v->at;
    if (!work_fio_bytes(v, max) || !work_fio_between(v, *max, 1, 1LL << 40))
        return false;
    if (*max >= *min)
        return true;
    v->at = begin;
    return work_fio_wrong(v, "no less than the lower end of the range");
}

/* Sizes without a percentage, or with 0, share what the others leave. */
static bool share_rest(struct work_fio_value *v, enum work_fio_dir dir) {
    struct work_fio_split *split = v->job->split[dir];
    int64_t sum = 0, without = 0;
    for (int64_t i = 0; i < v->job->splits[dir]; i++) {
        sum += split[i].percent;
        without += split[i].percent == 0;
    }
    if (sum > 100) {
        v->at = v->text;
        return work_fio_wrong(v, "percentages of at most 100 in all");
    }
    int64_t share = without > 0 ? (100 - sum) / without : 0;
    for (int64_t i = 0; i < v->job->splits[dir]; i++)
        if (split[i].percent == 0)
            split[i].percent = share;
    return true;
}

/* By percentage, as fio sorts them: the last takes what is left of 100. */
static void sort_splits(struct work_fio_split *split, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        struct work_fio_split one = split[i];
        int64_t to = i;
        for (; to > 0 && split[to - 1].percent > one.percent; to--)
            split[to] = split[to - 1];
        split[to] = one;
    }
}

bool work_fio_split(struct work_fio_value *v, enum work_fio_dir dir) {
    struct work_fio_job *job = v->job;
    job->splits[dir] = 0;
    do {
        if (job->splits[dir] == WORK_FIO_SPLITS)
            return work_fio_wrong(v, "at most 64 sizes");
        struct work_fio_split *split = &job->split[dir][job->splits[dir]++];
        split->percent = 0;
        if (!work_fio_bytes(v, &split->bytes) ||
            !work_fio_between(v, split->bytes, 1, 1LL << 40))
            return false;
        if (work_fio_is(v, '/') && *v->at != ':' && *v->at != ',' && *v->at != '\0' &&
            !(work_fio_bytes(v, &split->percent) &&
              work_fio_between(v, split->percent, 0, 100)))
            return false;
    } while (work_fio_is(v, ':'));
    if (!share_rest(v, dir))
        return false;
    sort_splits(job->split[dir], job->splits[dir]);
    return true;
}
