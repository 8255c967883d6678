/* test_fio_peer.c - Debian's fio, its null engine and its log of requests, against ours: every
 * file of tests/fio. Where nothing is random the requests are the same one by one; else counts
 * are those of two samples of one distribution. fio's own random numbers are repeatable.
 */
#include "tests/fio_lab.h"
#include <dirent.h>
#include <math.h>
#include <unistd.h>

enum { MOST = 40000, POPULAR = 8 };

struct sample {
    struct work_io io[MOST];
    size_t n;
};

static struct sample fio, ours;
static struct fio_lab lab;

static int op_of(const char *name) {
    static const char *const names[] = {"read", "write", "sync", "trim"};
    for (int op = 0; op < 4; op++)
        if (strcmp(name, names[op]) == 0)
            return op;
    return -1;
}

/* "TIME FILE ACTION OFFSET LENGTH", as fio's log of version 3 has it. */
static void read_log(const char *path) {
    char line[512], file[256], action[32];
    unsigned long offset, bytes;
    FILE *in = fopen(path, "r");
    ck_assert_msg(in != NULL, "fio wrote no log: is Debian's package fio installed? "
                              "./dpusim setup --test does it");
    ck_assert_ptr_nonnull(fgets(line, sizeof line, in));
    ck_assert_str_eq(line, "fio version 3 iolog\n");
    for (fio.n = 0; fgets(line, sizeof line, in);) {
        if (sscanf(line, "%*s %255s %31s %lu %lu", file, action, &offset, &bytes) != 4)
            continue;
        int op = op_of(action);
        ck_assert_msg(op >= 0 && fio.n < MOST, "%s", line);
        struct work_io *io = &fio.io[fio.n++];
        *io = (struct work_io){.op = (uint8_t)op, .offset = offset, .bytes = bytes};
        io->device = (uint32_t)strtoul(strrchr(file, '.') + 1, NULL, 10);
        if (op == WORK_IO_FLUSH)
            io->offset = io->bytes = 0;
    }
    fclose(in);
}

static void run_fio(const char *job) {
    char folder[] = "/tmp/dpusim-peer-XXXXXX", command[2048], log[100];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(log, sizeof log, "%s/log", folder);
    snprintf(command, sizeof command, "cd %s && fio --write_iolog=log --output=/dev/null '%s'",
             folder, job);
    FILE *running = popen(command, "r");
    ck_assert_ptr_nonnull(running);
    ck_assert_msg(pclose(running) == 0, "failed: %s", command);
    read_log(log);
    unlink(log);
    rmdir(folder);
}

static void run_ours(const char *job) {
    fio_free(&lab);
    ck_assert_msg(work_fio_read(job, &lab.jobs, &lab.arena, &lab.err), "%s",
                  fio_message(&lab.err));
    fio_start(&lab, 0, 0, 1, 0);
    for (ours.n = 0; ours.n < MOST && work_fio_next(&lab.gen, &ours.io[ours.n]);)
        ours.n++;
}

/* ---- one by one ---- */

static void same_requests(const char *job) {
    ck_assert_msg(fio.n == ours.n, "%s: %zu requests, fio makes %zu", job, ours.n, fio.n);
    for (size_t i = 0; i < fio.n; i++) {
        const struct work_io *a = &fio.io[i], *b = &ours.io[i];
        ck_assert_msg(a->op == b->op && a->offset == b->offset && a->bytes == b->bytes &&
                          a->device == b->device,
                      "%s: request %zu is op %u at %lu of %lu bytes; fio's is op %u at %lu of "
                      "%lu bytes",
                      job, i, b->op, (unsigned long)b->offset, (unsigned long)b->bytes, a->op,
                      (unsigned long)a->offset, (unsigned long)a->bytes);
    }
}

/* ---- two samples ---- */

/* Shares a of n and b of m, five standard deviations apart at most. */
static void alike(const char *job, const char *what, double a, double n, double b, double m) {
    double p = (a + b) / (n + m), sigma = sqrt(p * (1 - p) * (1 / n + 1 / m));
    ck_assert_msg(fabs(a / n - b / m) <= 5 * sigma + 1 / n + 1 / m,
                  "%s: %s are %.4f, with fio %.4f +- %.4f", job, what, b / m, a / n, sigma);
}

static size_t count(const struct sample *s, unsigned op, uint64_t bytes) {
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->io[i].op == op && (bytes == 0 || s->io[i].bytes == bytes);
    return n;
}

/* Requests that begin where the last one of their direction ended (1) or began (0). */
static size_t continued(const struct sample *s, int behind) {
    uint64_t next[4] = {0};
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct work_io *io = &s->io[i];
        n += i > 0 && io->offset == next[io->op];
        next[io->op] = io->offset + (behind ? io->bytes : 0);
    }
    return n;
}

static int by_offset(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int by_count(const void *a, const void *b) { return *(const int *)b - *(const int *)a; }

/* How often each offset came, most often first. @return how many offsets there are. */
static size_t popularity(const struct sample *s, int *hits) {
    static uint64_t offset[MOST];
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        offset[i] = s->io[i].offset;
    qsort(offset, s->n, sizeof *offset, by_offset);
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || offset[i] != offset[i - 1])
            hits[n++] = 0;
        hits[n - 1]++;
    }
    qsort(hits, n, sizeof *hits, by_count);
    return n;
}

static void like_popularity(const char *job) {
    static int a[MOST], b[MOST];
    size_t n = popularity(&fio, a), m = popularity(&ours, b);
    alike(job, "different offsets", (double)n, (double)fio.n, (double)m, (double)ours.n);
    for (int i = 0; i < POPULAR; i++)
        alike(job, "popular offsets", a[i], (double)fio.n, b[i], (double)ours.n);
}

static void like_requests(const char *job) {
    double n = (double)fio.n, m = (double)ours.n;
    for (unsigned op = 0; op < WORK_IO_OPS; op++) {
        double of_fio = (double)count(&fio, op, 0), of_ours = (double)count(&ours, op, 0);
        alike(job, "requests of an operation", of_fio, n, of_ours, m);
        for (uint64_t bytes = 1024; of_fio > 0 && bytes <= 65536; bytes += 1024)
            alike(job, "requests of a size", (double)count(&fio, op, bytes), of_fio,
                  (double)count(&ours, op, bytes), of_ours);
    }
    for (int behind = 0; behind < 2; behind++)
        alike(job, behind ? "requests in order" : "requests at one place",
              (double)continued(&fio, behind), n, (double)continued(&ours, behind), m);
    like_popularity(job);
}

/* ---- files ---- */

/* Nothing of them is drawn. */
static bool is_fixed(const struct work_fio_job *job) {
    for (int d = 0; d < WORK_FIO_DIRS; d++)
        if (job->dir[d] && job->min[d] != job->max[d])
            return false;
    return !job->random && !(job->dir[WORK_FIO_READ] && job->dir[WORK_FIO_WRITE]);
}

static bool has_map(const struct work_fio_job *job) {
    return job->random && !job->norandommap && job->distribution == WORK_FIO_RANDOM;
}

/* With a map every block comes as often as with fio: once, or trimmed and written. Towards the
 * end fio's requests follow one another, which ours do not: no look at their order. */
static void same_blocks(const char *job) {
    static int a[MOST], b[MOST];
    size_t n = popularity(&fio, a);
    ck_assert_uint_eq(fio.n, ours.n);
    ck_assert_uint_eq(n, popularity(&ours, b));
    ck_assert_int_eq(a[0], b[0]);
    ck_assert_int_eq(a[n - 1], b[n - 1]);
    ck_assert_int_eq(a[0], a[n - 1]);
    for (unsigned op = 0; op < WORK_IO_OPS; op++)
        alike(job, "requests of an operation", (double)count(&fio, op, 0), (double)fio.n,
              (double)count(&ours, op, 0), (double)ours.n);
}

START_TEST(same_mix) {
    DIR *folder = opendir(DPUSIM_SOURCE_DIR "/tests/fio");
    const struct dirent *entry;
    int fixed = 0, maps = 0, drawn = 0;
    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL) {
        char job[1024];
        if (!strstr(entry->d_name, ".fio"))
            continue;
        snprintf(job, sizeof job, DPUSIM_SOURCE_DIR "/tests/fio/%s", entry->d_name);
        run_fio(job);
        run_ours(job);
        if (is_fixed(&lab.jobs.job[0]))
            same_requests(entry->d_name), fixed++;
        else if (has_map(&lab.jobs.job[0]))
            same_blocks(entry->d_name), maps++;
        else
            like_requests(entry->d_name), drawn++;
    }
    closedir(folder);
    fio_free(&lab);
    ck_assert(fixed >= 11 && maps >= 3 && drawn >= 10);
}
END_TEST

/* ---- fio-genzipf: as many draws as there are blocks, counted ---- */

enum { RANGES = 1 << 18, TOP = 12 }; /* 1 GiB of 4 KiB blocks */

static void read_genzipf(const char *type, const char *value, double *share) {
    char command[200], line[100];
    unsigned long rank, hits;
    double sum = 0;
    snprintf(command, sizeof command, "fio-genzipf -t %s -i %s -b 4096 -g 1 -c", type, value);
    FILE *in = popen(command, "r");
    ck_assert_ptr_nonnull(in);
    int read = 0;
    while (fgets(line, sizeof line, in))
        if (sscanf(line, "%lu, %lu", &rank, &hits) == 2 && rank < RANGES) {
            sum += (double)hits;
            for (int i = 0; i < TOP; i++)
                share[i] += rank < 1UL << i ? (double)hits : 0;
            read++;
        }
    ck_assert_msg(pclose(in) == 0 && read > 0,
                  "%s: is Debian's package fio installed? ./dpusim setup --test does it",
                  command);
    ck_assert_double_eq(sum, RANGES);
}

static void like_genzipf(const char *type, const char *value) {
    static struct work_fio_ranks ranks;
    static int hits[RANGES];
    struct work_fio_job job;
    struct sim_rng rng;
    struct sim_err err = {0};
    char text[64];
    double theirs[TOP] = {0}, mine = 0;
    snprintf(text, sizeof text, "%s:%s", type, value);
    work_fio_init(&job, "a");
    ck_assert(work_fio_set(&job, "random_distribution", text, &err));
    work_fio_ranks_init(&ranks, &job, RANGES);
    sim_rng_init(&rng, 1, text);
    memset(hits, 0, sizeof hits);
    for (int i = 0; i < RANGES; i++)
        hits[work_fio_ranks_draw(&ranks, &rng)]++;
    qsort(hits, RANGES, sizeof *hits, by_count);
    read_genzipf(type, value, theirs);
    for (int i = 0, rank = 0; i < TOP; i++) {
        for (; rank < 1 << i; rank++)
            mine += hits[rank];
        alike(text, "the hottest blocks", theirs[i], RANGES, mine, RANGES);
    }
}

START_TEST(same_popularity) {
    like_genzipf("zipf", "0.6");
    like_genzipf("zipf", "0.9");
    like_genzipf("zipf", "1.1");
    like_genzipf("zipf", "1.2");
    like_genzipf("zipf", "2.5");
    like_genzipf("pareto", "0.1");
    like_genzipf("pareto", "0.2");
    like_genzipf("pareto", "0.3");
    like_genzipf("pareto", "0.45");
}
END_TEST

TEST_MAIN("jobs against fio", same_mix, same_popularity)
