/* fio_job.c - what the options of a job come to: defaults, sizes, depth, waves and devices.
 *
 * Left out: waiting for one job of several (wait_for), what fio does to a file that is smaller
 * than the job says (here the device is as large as it is).
 */
#include "workloads/fio_value.h"
#include <stdio.h>
#include <string.h>

void work_fio_init(struct work_fio_job *job, const char *name) {
    *job = (struct work_fio_job){.dir = {true},
                                 .run_of = 1,
                                 .rwmixread = 50,
                                 .bs = {4096, 4096, 4096},
                                 .loops = 1,
                                 .nrfiles = 1,
                                 .file_service = WORK_FIO_FILE_TURNS,
                                 .file_run = 1,
                                 .center_ppm = -1,
                                 .percentage_random = {100, 100, 100},
                                 .randrepeat = 1,
                                 .iodepth = 1,
                                 .numjobs = 1,
                                 .thinktime_blocks = 1,
                                 .kb_base = 1024};
    snprintf(job->name, sizeof job->name, "%s", name);
    snprintf(job->ioengine, sizeof job->ioengine, "psync");
}

static bool among(const char *name, const char *const *names) {
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

static const char depth_why[] =
    "of no effect: a synchronous ioengine (psync is the default) has "
    "one request under way";
static const char engine_why[] = "the simulator's host is the engine; only whether requests "
                                 "and flushes block the process counts";
static const char direct_why[] = "the page cache is not modelled: requests go to the drive as "
                                 "with direct=1";

static const char whole_why[] = "requests keep their sizes, and each place where one may begin "
                                "comes once; fio cuts them short at blocks that have come";

static bool settle_engine(struct work_fio_job *job, struct sim_err *err) {
    static const char *const sync[] = {"sync",    "psync",   "vsync",  "pvsync",
                                       "pvsync2", "mmap",    "splice", "dev-dax",
                                       "libpmem", "pmemblk", "mtd",    NULL};
    static const char *const async[] = {
        "libaio",     "io_uring",   "io_uring_cmd", "posixaio", "null",     "sg",
        "windowsaio", "solarisaio", "nbd",          "rbd",      "rados",    "nvme",
        "spdk",       "spdk_bdev",  "xnvme",        "libblkio", "libiscsi", "gfapi",
        "http",       "guasi",      "gfapi_async",  NULL};
    static const char *const none[] = {"cpuio",     "net",        "netsplice",     "rdma",
                                       "exec",      "filecreate", "filestat",      "filedelete",
                                       "dircreate", "dirstat",    "dirdelete",     "ftruncate",
                                       "e4defrag",  "falloc",     "librpma_gpspm", NULL};
    static const char *const queued[] = {"io_uring", "io_uring_cmd", "posixaio", NULL};
    char found[80];
    sim_quote(job->ioengine, found, sizeof found);
    if (among(job->ioengine, none))
        return sim_fail(err, NULL, NULL,
                        "ioengine %s makes no requests to a block device; io_uring and libaio "
                        "do",
                        found);
    bool external = strncmp(job->ioengine, "external:", 9) == 0;
    if (!external && !among(job->ioengine, sync) && !among(job->ioengine, async))
        return sim_fail(err, NULL, NULL,
                        "ioengine %s is none that is known; write io_uring, libaio or psync",
                        found);
    job->depth = among(job->ioengine, sync) ? 1 : job->iodepth;
    job->async_flush = among(job->ioengine, queued);
    if (job->depth < job->iodepth)
        work_fio_remark(job, "iodepth", depth_why);
    work_fio_remark(job, "ioengine", engine_why);
    if (!job->direct)
        work_fio_remark(job, "direct", direct_why);
    return true;
}

static void settle_sizes(struct work_fio_job *job) {
    bool aligned = true;
    for (int d = 0; d < WORK_FIO_DIRS; d++) {
        const struct work_fio_split *split = job->split[d];
        for (int64_t i = 0; i < job->splits[d]; i++) {
            if (i == 0 || split[i].bytes < job->min[d])
                job->min[d] = split[i].bytes;
            if (i == 0 || split[i].bytes > job->max[d])
                job->max[d] = split[i].bytes;
        }
        if (job->min[d] == 0)
            job->min[d] = job->max[d] = job->bs[d];
        if (job->ba[d] == 0 || !job->random)
            job->ba[d] = job->min[d];
        aligned = aligned && job->ba[d] == job->min[d];
    }
    job->norandommap |= !aligned;
    for (int d = 0; d < WORK_FIO_DIRS; d++)
        if (job->dir[d] && job->random && !job->norandommap && job->min[d] < job->max[d] &&
            job->distribution == WORK_FIO_RANDOM)
            work_fio_remark(job, job->splits[d] > 0 ? "bssplit" : "bsrange", whole_why);
}

/* A drive's blocks have 512 bytes or more. */
static bool on_blocks(int64_t size, int64_t align, struct sim_err *err) {
    enum { BLOCK = 512 };
    return (size % BLOCK == 0 && align % BLOCK == 0) ||
           sim_fail(
               err, NULL, NULL,
               "requests of %lld bytes at multiples of %lld: a drive has blocks of 512 bytes "
               "or more; use multiples of 512",
               (long long)size, (long long)align);
}

/* What a request carries of itself (models/io.h) counts its bytes in 32 bits. */
static bool countable(int64_t most, struct sim_err *err) {
    return most <= UINT32_MAX ||
           sim_fail(err, NULL, NULL,
                    "requests of %lld bytes: one has less than 4 GiB; write smaller ones",
                    (long long)most);
}

static bool settle_blocks(const struct work_fio_job *job, struct sim_err *err) {
    for (int d = 0; d < WORK_FIO_DIRS; d++) {
        bool good = !job->dir[d] ||
                    (countable(job->max[d], err) && on_blocks(job->min[d], job->ba[d], err));
        for (int64_t i = 0; good && job->dir[d] && i < job->splits[d]; i++)
            good = on_blocks(job->split[d][i].bytes, job->ba[d], err);
        if (!good)
            return false;
    }
    return true;
}

static int64_t count_names(const char *filename) {
    int64_t n = 1;
    for (; *filename; filename++) {
        if (*filename == '\\' && filename[1] != '\0')
            filename++;
        else
            n += *filename == ':';
    }
    return n;
}

static bool settle_files(struct work_fio_job *job, struct sim_err *err) {
    job->files = job->filename[0] ? count_names(job->filename) : job->nrfiles;
    if (job->filename[0] && job->files > WORK_FIO_FILES)
        return sim_fail(err, NULL, NULL, "\"filename\" names %lld files; at most %d are read",
                        (long long)job->files, WORK_FIO_FILES);
    if (job->files * job->numjobs <= WORK_FIO_FILES_MOST)
        return true;
    return sim_fail(err, NULL, NULL, "%lld files of %lld processes are too many; at most %d",
                    (long long)job->files, (long long)job->numjobs, WORK_FIO_FILES_MOST);
}

static bool any(const int64_t *of) { return of[0] > 0 || of[1] > 0 || of[2] > 0; }

bool work_fio_settle(struct work_fio_job *job, struct sim_err *err) {
    if (any(job->rate) && any(job->rate_iops))
        return sim_fail(err, NULL, NULL,
                        "\"rate\" and \"rate_iops\" limit the same; state one of them");
    if (job->time_based && job->runtime == 0)
        return sim_fail(err, NULL, NULL, "\"time_based\" has no end; add a \"runtime\"");
    settle_sizes(job);
    if (!settle_blocks(job, err) || !settle_files(job, err) || !settle_engine(job, err))
        return false;
    return true;
}

/* Name i of "a:b:c", without the backslashes that stand before colons. */
static void name_of(const char *filename, int64_t i, char name[WORK_FIO_FILENAME]) {
    size_t n = 0;
    for (; *filename && i >= 0; filename++) {
        bool escaped = *filename == '\\' && filename[1] != '\0';
        filename += escaped;
        if (*filename == ':' && !escaped)
            i--;
        else if (i == 0)
            name[n++] = *filename;
    }
    name[n] = '\0';
}

/* FNV-1a. */
static uint64_t hash_of(const char *name) {
    uint64_t h = 0xcbf29ce484222325ULL;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3ULL;
    return h;
}

/* The number that an earlier job, or an earlier name of this one, gave to this file. */
static bool numbered(const struct work_fio_job *jobs, struct work_fio_job *last, int64_t file) {
    char name[WORK_FIO_FILENAME], other[WORK_FIO_FILENAME];
    name_of(last->filename, file, name);
    last->hash[file] = hash_of(name);
    for (const struct work_fio_job *job = jobs; job <= last; job++) {
        int64_t end = job == last ? file : job->filename[0] ? job->files : 0;
        for (int64_t i = 0; i < end; i++) {
            if (job->hash[i] != last->hash[file])
                continue;
            name_of(job->filename, i, other);
            if (strcmp(name, other) != 0)
                continue;
            last->device[file] = job->device[i];
            return true;
        }
    }
    return false;
}

uint32_t work_fio_number(struct work_fio_job *jobs, uint32_t n) {
    uint32_t devices = 0, group = 0;
    int64_t wave = 0;
    for (struct work_fio_job *job = jobs; job < jobs + n; job++) {
        job->twin = 0;
        for (const struct work_fio_job *before = jobs; before < job; before++)
            job->twin += strcmp(before->name, job->name) == 0;
        wave += job->stonewall && job > jobs;
        job->wave = wave;
        group += (job->stonewall || job->new_group) && job > jobs;
        job->group = group;
        job->first_device = devices;
        if (!job->filename[0])
            devices += (uint32_t)(job->files * job->numjobs);
        else
            for (int64_t i = 0; i < job->files; i++)
                if (!numbered(jobs, job, i))
                    job->device[i] = devices++;
    }
    return devices;
}

uint32_t work_fio_device(const struct work_fio_job *job, int64_t process, int64_t file) {
    if (job->filename[0])
        return job->device[file];
    return job->first_device + (uint32_t)(process * job->files + file);
}
