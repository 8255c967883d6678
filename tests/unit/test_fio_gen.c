/* test_fio_gen.c - requests of jobs of fio, one by one where they are not random. */
#include "tests/fio_lab.h"

static struct fio_lab lab;

static const char *run_of(const char *text, uint32_t job, uint32_t number, int64_t device) {
    fio_free(&lab);
    fio_read(&lab, text);
    fio_start(&lab, job, number, 1, device);
    fio_run(&lab, 100);
    return fio_text(&lab);
}

static const char *requests(const char *text) { return run_of(text, 0, 0, 0); }

START_TEST(in_order) {
    ck_assert_str_eq(requests("[a]\nsize=12k"), "R0+4096 R4096+4096 R8192+4096");
    ck_assert_str_eq(requests("[a]\nrw=write\nsize=10k\noffset=1m"),
                     "W1048576+4096 W1052672+4096");
    ck_assert_str_eq(requests("[a]\nrw=trim\nbs=1k,2k,4k\nsize=8k"), "T0+4096 T4096+4096");
    ck_assert_str_eq(requests("[a]\nrw=read:4k\nsize=16k"),
                     "R0+4096 R8192+4096 R0+4096 R8192+4096");
    ck_assert_str_eq(requests("[a]\nrw=trimwrite\nsize=8k"),
                     "T0+4096 W0+4096 T4096+4096 W4096+4096");
    ck_assert_str_eq(requests("[a]\nrw=rw\nrwmixread=100\nsize=8k"), "R0+4096 R4096+4096");
    fio_free(&lab);
}
END_TEST

START_TEST(when_it_is_enough) {
    ck_assert_str_eq(requests("[a]\nsize=1m\nio_size=8k"), "R0+4096 R4096+4096");
    ck_assert_str_eq(requests("[a]\nsize=1m\nnumber_ios=1"), "R0+4096");
    ck_assert_str_eq(requests("[a]\nsize=40k\nio_size=20%"), "R0+4096 R4096+4096");
    ck_assert_str_eq(requests("[a]\nsize=8k\nloops=2"),
                     "R0+4096 R4096+4096 R0+4096 R4096+4096");
    ck_assert_str_eq(requests("[a]\nsize=8k\nio_size=12k"), "R0+4096 R4096+4096 R0+4096");
    ck_assert_str_eq(requests("[a]\nrw=write\nsize=8k\nio_size=15k"),
                     "W0+4096 W4096+4096 W0+4096 W4096+4096");
    run_of("[a]\nsize=8k\ntime_based\nruntime=1s", 0, 0, 0);
    ck_assert_uint_eq(lab.n, 100);
    run_of("[a]\nrw=randread\nsize=8k\ntime_based\nruntime=1s", 0, 0, 0);
    ck_assert_uint_eq(lab.n, 100);
    fio_free(&lab);
}
END_TEST

START_TEST(flushes) {
    ck_assert_str_eq(requests("[a]\nrw=write\nsize=20k\nfsync=2"),
                     "W0+4096 W4096+4096 F W8192+4096 W12288+4096 F W16384+4096");
    ck_assert_str_eq(requests("[a]\nrw=write\nsize=12k\nfdatasync=1\nend_fsync=1"),
                     "W0+4096 F W4096+4096 F W8192+4096 !F");
    ck_assert_str_eq(requests("[a]\nsize=8k\nfsync=1\nend_fsync=1"), "R0+4096 R4096+4096");
    fio_free(&lab);
}
END_TEST

START_TEST(files) {
    ck_assert_str_eq(requests("[a]\nnrfiles=2\nsize=16k"),
                     "R0+4096 Rd1:0+4096 R4096+4096 Rd1:4096+4096");
    ck_assert_str_eq(requests("[a]\nfilename=/x:/y\nfile_service_type=sequential\nsize=16k"),
                     "R0+4096 R4096+4096 Rd1:0+4096 Rd1:4096+4096");
    ck_assert_str_eq(requests("[a]\nnrfiles=2\nsize=32k\nfile_service_type=roundrobin:3"),
                     "R0+4096 R4096+4096 R8192+4096 Rd1:0+4096 Rd1:4096+4096 Rd1:8192+4096 "
                     "R12288+4096 Rd1:12288+4096");
    ck_assert_str_eq(requests("[a]\nfilesize=8k\nnrfiles=2"),
                     "R0+4096 Rd1:0+4096 R4096+4096 Rd1:4096+4096");
    run_of("[a]\nnrfiles=4\nsize=1m\nfile_service_type=random", 0, 0, 0);
    ck_assert_uint_eq(lab.n, 100);
    /* names are devices of all jobs; others have their own */
    static const char two[] = "[a]\nfilename=/x:/y\\:z\nsize=8k\n[b]\nnumjobs=2\nsize=4k\n"
                              "[c]\nfilename=/y\\:z\nsize=4k\n";
    ck_assert_str_eq(run_of(two, 0, 0, 0), "R0+4096 Rd1:0+4096");
    ck_assert_str_eq(run_of(two, 1, 0, 0), "Rd2:0+4096");
    ck_assert_str_eq(run_of(two, 1, 1, 0), "Rd3:0+4096");
    ck_assert_str_eq(run_of(two, 2, 0, 0), "Rd1:0+4096");
    ck_assert_uint_eq(lab.jobs.devices, 4);
    fio_free(&lab);
}
END_TEST

START_TEST(parts_of_a_device) {
    enum { MIB = 1 << 20 };
    ck_assert_str_eq(run_of("[a]\nfilename=/x\nbs=512k", 0, 0, MIB),
                     "R0+524288 R524288+524288");
    ck_assert_str_eq(run_of("[a]\nfilename=/x\nbs=256k\nsize=50%\noffset=25%", 0, 0, MIB),
                     "R262144+262144 R524288+262144");
    ck_assert_str_eq(
        run_of("[a]\nfilename=/x\nbs=8k\nsize=8k\noffset_increment=16k\nnumjobs=3", 0, 2, MIB),
        "R32768+8192");
    ck_assert_str_eq(run_of("[a]\nfilename=/x\nbs=4k\nsize=4k\noffset=1%", 0, 0, MIB),
                     "R12288+4096");
    ck_assert_str_eq(
        run_of("[a]\nfilename=/x\nbs=4k\nsize=4k\noffset=1%\noffset_align=64k", 0, 0, MIB),
        "R65536+4096");
    fio_free(&lab);
}
END_TEST

static const char *refusal(const char *text, int64_t device) {
    fio_free(&lab);
    fio_read(&lab, text);
    ck_assert(!work_fio_plan(&lab.plan, &lab.jobs.job[0], device, &lab.arena, &lab.err));
    return fio_message(&lab.err);
}

START_TEST(what_cannot_be_planned) {
    ck_assert_str_eq(refusal("[a]\n", 0),
                     "how much is to be done is not said; add a \"size\" such as 1g");
    ck_assert_str_eq(
        refusal("[a]\nsize=50%", 0),
        "\"size\" is a percentage, and how large the device is is not known; write "
        "bytes");
    ck_assert_str_eq(refusal("[a]\nsize=1m\noffset=5%", 0),
                     "\"offset\" is a percentage, and how large the device is is not known; "
                     "write bytes");
    ck_assert_str_eq(refusal("[a]\nsize=1m\noffset_increment=5%", 0),
                     "\"offset_increment\" is a percentage, and how large the device is is not "
                     "known; write bytes");
    ck_assert_str_eq(refusal("[a]\nsize=1k", 0),
                     "requests of 4096 bytes do not fit into the 1024 bytes of each file from "
                     "\"offset\" on; make \"size\" larger or \"bs\" smaller");
    ck_assert_str_eq(refusal("[a]\nsize=2m\noffset=3m", 4 << 20),
                     "with \"offset\", \"offset_increment\" and \"size\" the job ends at byte "
                     "5242880 of a device of 4194304; make it smaller, or give \"size\" in "
                     "percent");
    ck_assert_str_eq(
        refusal("[a]\nsize=1m\nrate=1\nrate_process=poisson", 0),
        "\"rate\" is less than a request in 1000 s, which \"rate_process=poisson\" "
        "cannot draw; make it larger");
    fio_free(&lab);
}
END_TEST

START_TEST(rates) {
    /* 4,096 bytes at 4,096,000 bytes a second are 1 ms */
    ck_assert_str_eq(requests("[a]\nsize=16k\nrate=4096000"),
                     "R0+4096 R4096+4096@1000000000 R8192+4096@2000000000 "
                     "R12288+4096@3000000000");
    ck_assert_str_eq(requests("[a]\nsize=12k\nrate_iops=1000"),
                     "R0+4096 R4096+4096@1000000000 R8192+4096@2000000000");
    /* the rate is of reads alone */
    ck_assert_str_eq(requests("[a]\nrw=write\nsize=8k\nrate=1k,"), "W0+4096 W4096+4096");
    /* a third of a second is not a whole number of picoseconds: no error adds up */
    run_of("[a]\nsize=28k\nrate_iops=3", 0, 0, 0);
    ck_assert_int_eq(lab.io[1].time, 333333333333);
    ck_assert_int_eq(lab.io[6].time, 2000000000000);
    fio_free(&lab);
}
END_TEST

/* Reads at twice the rate of writes: the mix follows the rates, not rwmixread. */
START_TEST(rates_of_a_mix) {
    fio_free(&lab);
    fio_read(&lab, "[a]\nrw=randrw\nsize=40m\nnumber_ios=3000\nrate_iops=2000,1000");
    fio_start(&lab, 0, 0, 1, 0);
    fio_run(&lab, 3000);
    int64_t reads = 0, last = 0;
    for (size_t i = 0; i < lab.n; i++) {
        reads += lab.io[i].op == WORK_IO_READ;
        ck_assert_int_ge(lab.io[i].time, last);
        last = lab.io[i].time;
    }
    ck_assert_int_ge(reads, 1998);
    ck_assert_int_le(reads, 2002);
    ck_assert_int_ge(last, 998000000000);
    ck_assert_int_le(last, 1000000000000);
    /* who is late anyway does not wait: the mix is as drawn */
    fio_start(&lab, 0, 0, 1, 0);
    lab.gen.now = INT64_MAX / 4;
    fio_run(&lab, 3000);
    reads = 0;
    for (size_t i = 0; i < lab.n; i++)
        reads += lab.io[i].op == WORK_IO_READ;
    ck_assert_int_lt(reads, 1700);
    fio_free(&lab);
}
END_TEST

/* One rate for both: as many of each, as fio does, whatever rwmixread says. */
START_TEST(one_rate_of_a_mix) {
    fio_free(&lab);
    fio_read(&lab, "[a]\nrw=randrw\nrwmixread=70\nsize=40m\nnumber_ios=2000\nrate_iops=1000");
    fio_start(&lab, 0, 0, 1, 0);
    fio_run(&lab, 3000);
    int64_t reads = 0;
    for (size_t i = 0; i < lab.n; i++)
        reads += lab.io[i].op == WORK_IO_READ;
    ck_assert_int_ge(reads, 998);
    ck_assert_int_le(reads, 1002);
    fio_free(&lab);
}
END_TEST

START_TEST(poisson) {
    run_of("[a]\nsize=400m\nrate_iops=1000\nrate_process=poisson", 0, 0, 0);
    fio_run(&lab, 20000);
    double mean = (double)lab.io[19999].time / 1e9 / 20000;
    ck_assert_double_eq_tol(mean, 1, 4 / 141.4);
    ck_assert_int_ne(lab.io[2].time - lab.io[1].time, lab.io[1].time - lab.io[0].time);
    fio_free(&lab);
}
END_TEST

START_TEST(pauses) {
    ck_assert_str_eq(requests("[a]\nsize=20k\nthinktime=10\nthinktime_blocks=2"),
                     "R0+4096 R4096+4096 !R8192+4096 R12288+4096 !R16384+4096");
    ck_assert_int_eq(lab.gen.think, 10000000);
    fio_free(&lab);
}
END_TEST

START_TEST(delays) {
    fio_free(&lab);
    fio_read(&lab, "[a]\nsize=1m\nstartdelay=2\n[b]\nsize=1m\nstartdelay=1s-3s\n");
    ck_assert_int_eq(work_fio_delay(&lab.jobs.job[0], 0, 1), 2 * SIM_PS_PER_S);
    int64_t one = work_fio_delay(&lab.jobs.job[1], 0, 1);
    ck_assert(one >= SIM_PS_PER_S && one <= 3 * SIM_PS_PER_S);
    ck_assert_int_ne(one, work_fio_delay(&lab.jobs.job[1], 1, 1));
    fio_free(&lab);
}
END_TEST

/* A hash of the offsets of a run. */
static uint64_t offsets(const char *text, uint32_t job, uint32_t number, uint64_t seed) {
    uint64_t hash = 1;
    fio_free(&lab);
    fio_read(&lab, text);
    fio_start(&lab, job, number, seed, 0);
    fio_run(&lab, 50);
    for (size_t i = 0; i < lab.n; i++)
        hash = hash * 0x100000001b3ULL + lab.io[i].offset;
    return hash;
}

START_TEST(seeds) {
    static const char text[] = "[a]\nrw=randread\nsize=64m\nnumjobs=2\n"
                               "[a]\nrw=randread\nsize=64m\n";
    static const char other[] = "[a]\nrw=randread\nsize=64m\nrandseed=5\n";
    uint64_t first = offsets(text, 0, 0, 1);
    ck_assert_uint_eq(first, offsets(text, 0, 0, 1));
    ck_assert_uint_ne(first, offsets(text, 0, 1, 1)); /* another process */
    ck_assert_uint_ne(first, offsets(text, 0, 0, 2)); /* another seed */
    ck_assert_uint_ne(first, offsets(text, 1, 0, 1)); /* another job of that name */
    ck_assert_uint_ne(first, offsets(other, 0, 0, 1));
    fio_free(&lab);
}
END_TEST

/* Loops make the same requests again, but for randrepeat=0. */
START_TEST(loops_repeat) {
    for (int repeat = 0; repeat < 2; repeat++) {
        char text[100];
        snprintf(text, sizeof text, "[a]\nrw=randread\nsize=1m\nloops=2\nrandrepeat=%d",
                 repeat);
        fio_free(&lab);
        fio_read(&lab, text);
        fio_start(&lab, 0, 0, 1, 0);
        fio_run(&lab, 1000);
        ck_assert_uint_eq(lab.n, 512);
        int equal = 0;
        for (size_t i = 0; i < 256; i++)
            equal += lab.io[i].offset == lab.io[i + 256].offset;
        ck_assert_int_eq(equal == 256, repeat);
    }
    fio_free(&lab);
}
END_TEST

TEST_MAIN("requests of fio jobs", in_order, when_it_is_enough, flushes, files,
          parts_of_a_device, what_cannot_be_planned, rates, rates_of_a_mix, one_rate_of_a_mix,
          poisson, pauses, delays, seeds, loops_repeat)
