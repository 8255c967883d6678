/* fuzz_fio.c - any bytes as a job file of fio: read, or refused with words, never worse; what
 * was read makes requests that lie within what its job says, on a device of any size.
 */
#include "workloads/fio_file.h"
#include "workloads/fio_gen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REQUESTS = 200, FILES = 1000 };

static void check(const struct work_fio_plan *plan, uint32_t number, const struct work_io *io) {
    uint64_t begin = (uint64_t)(plan->offset + plan->increment * number);
    if (io->op == WORK_IO_FLUSH) {
        SIM_ASSERT(io->bytes == 0 && io->offset == 0);
        return;
    }
    SIM_ASSERT(io->bytes > 0 && io->offset >= begin);
    SIM_ASSERT(io->offset + io->bytes <= begin + (uint64_t)plan->part);
}

static void run(const struct work_fio_plan *plan, uint32_t number, struct sim_arena *arena) {
    struct work_fio_gen g;
    struct work_io io;
    int64_t last = 0;
    work_fio_start(&g, plan, number, number, arena);
    for (int i = 0; i < REQUESTS && work_fio_next(&g, &io); i++) {
        check(plan, number, &io);
        SIM_ASSERT(io.time >= last);
        last = io.time;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sim_arena arena = {0};
    struct sim_err err = {0};
    struct work_fio_jobs jobs;
    bool read = work_fio_parse("fuzz", (const char *)data, size, &jobs, &arena, &err);
    SIM_ASSERT(read == !err.set && (read || err.text[0] != '\0'));
    for (uint32_t i = 0; read && i < jobs.n && i < 4; i++) {
        const struct work_fio_job *job = &jobs.job[i];
        struct work_fio_plan plan;
        struct sim_err no_plan = {0};
        if (job->files > FILES)
            continue;
        if (!work_fio_plan(&plan, job, size % 2 ? 0 : (int64_t)1 << size % 60, &arena,
                           &no_plan))
            SIM_ASSERT(no_plan.text[0] != '\0');
        else
            run(&plan, (uint32_t)job->numjobs - 1, &arena);
    }
    sim_arena_free(&arena);
    return 0;
}
