/* test_fio_file.c - job files of fio: sections, what is taken over, variables, includes, and
 * the places of errors.
 */
#include "tests/fio_lab.h"
#include <stdlib.h>
#include <unistd.h>

static struct fio_lab lab;

static const struct work_fio_job *read_job(const char *text, uint32_t i) {
    fio_free(&lab);
    fio_read(&lab, text);
    ck_assert_uint_lt(i, lab.jobs.n);
    return &lab.jobs.job[i];
}

START_TEST(sections) {
    static const char text[] = "; a remark\n"
                               "# another\n"
                               "[global]\n"
                               "bs = 8k   ; behind a value\n"
                               "\n"
                               "  iodepth=4\t\r\n"
                               "[one]\n"
                               "rw=write\n"
                               "[global-more]\n"
                               "bs=16k#too\n"
                               "[two words]\n"
                               "iodepth=9\n"
                               "stonewall\n"
                               "[three]";
    const struct work_fio_job *one = read_job(text, 0), *two = one + 1, *three = one + 2;
    ck_assert_uint_eq(lab.jobs.n, 3);
    ck_assert_str_eq(one->name, "one");
    ck_assert_str_eq(two->name, "two words");
    ck_assert(one->bs[0] == 8192 && two->bs[0] == 16384 && three->bs[0] == 16384);
    ck_assert(one->iodepth == 4 && two->iodepth == 9 && three->iodepth == 4);
    ck_assert(one->dir[WORK_FIO_WRITE] && two->dir[WORK_FIO_READ]);
    ck_assert(one->wave == 0 && two->wave == 1 && three->wave == 1);
    ck_assert(one->line == 7 && two->line == 11 && three->line == 14);
    fio_free(&lab);
}
END_TEST

/* kb_base counts for its section wherever it stands. */
START_TEST(kb_base_first) {
    ck_assert_int_eq(read_job("[a]\nsize=1k\nkb_base=1000\n", 0)->size.bytes, 1000);
    fio_free(&lab);
}
END_TEST

START_TEST(variables) {
    setenv("FIO_TEST_SIZE", "64m", 1);
    unsetenv("FIO_TEST_NONE");
    const struct work_fio_job *job = read_job("[a]\nsize=${FIO_TEST_SIZE}\nbs=$pagesize\n"
                                              "filename=/dev/$x-${FIO_TEST_SIZE}\n",
                                              0);
    ck_assert_int_eq(job->size.bytes, 64 << 20);
    ck_assert_int_eq(job->bs[0], 4096);
    ck_assert_str_eq(job->filename, "/dev/$x-64m");
    fio_free(&lab);
}
END_TEST

START_TEST(devices_and_twins) {
    const struct work_fio_job *job = read_job(
        "[a]\nfilename=/x:/y\nsize=1m\n[a]\nsize=1m\nnrfiles=3\n[b]\nfilename=/y\n", 0);
    ck_assert_uint_eq(job[1].twin, 1);
    ck_assert_uint_eq(job[2].twin, 0);
    ck_assert_uint_eq(job[0].device[1], 1);
    ck_assert_uint_eq(job[1].first_device, 2);
    ck_assert_uint_eq(job[2].device[0], 1);
    ck_assert_uint_eq(lab.jobs.devices, 5);
    fio_free(&lab);
}
END_TEST

static const char *refused(const char *text) {
    fio_free(&lab);
    ck_assert(!work_fio_parse("t", text, strlen(text), &lab.jobs, &lab.arena, &lab.err));
    return fio_message(&lab.err);
}

START_TEST(places_of_errors) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[a]\nsize=1m\n  bs = 4x\n", "t: line 3, column 8: found \"4x\" in \"bs\"; expected a "
                                      "whole number such as 4096, 4k, "
                                      "64k, 1m, 2g"},
        {"[a]\n\nbs=4k,8q\n", "t: line 3, column 7: found \"8q\" in \"bs\"; expected a whole "
                              "number such as 4096, 4k, "
                              "64k, 1m, 2g"},
        {"[a]\n blocksise=4k\n",
         "t: line 2, column 2: \"blocksise\" is no option of fio; did you mean \"blocksize\"?"},
        {"[a]\nbs\n", "t: line 2, column 1: found the end in \"bs\"; expected a value"},
        {"bs=4k\n", "t: line 1, column 1: found an option before the first section; begin with "
                    "[global] or [job1]"},
        {"[global]\nbs=4k\n", "t: there is no job in it; add a section such as [job1]"},
        {"[a\nbs=4k\n", "t: line 1, column 3: found no section such as [job1]"},
        {"[]\n", "t: line 1, column 3: found no section such as [job1]"},
        {"[a] b\n", "t: line 1, column 4: found no section such as [job1]"},
        {"[a]\nsize=${FIO_TEST_NONE}\n", "t: line 2, column 6: ${FIO_TEST_NONE} is not set in "
                                         "the environment; set it, or write "
                                         "the value"},
        {"[a]\nnumjobs=$ncpus\n",
         "t: line 2, column 9: this depends on the machine; write a number"},
        {"[a]\nbs=$pagesize,x\n", "t: line 2, column 4: found \"x\" in \"bs\"; expected a "
                                  "whole number such as 4096, 4k, "
                                  "64k, 1m, 2g"},
        {"[a]\nsize=1m\n[b]\nioengine=net\n", "t: line 3, column 1: ioengine \"net\" makes no "
                                              "requests to a block device; io_uring and "
                                              "libaio do"},
        {"[a]\ninclude nothere.fio\n",
         "t: line 2, column 1: nothere.fio does not exist; check the path"},
        {"[a]\ninclude -\n", "t: line 2, column 1: standard input cannot be included"},
        {"[a]\ninclude  \n", "t: line 2, column 1: \"include\" is no option of fio"},
    };
    unsetenv("FIO_TEST_NONE");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(refused(cases[i].text), cases[i].message);
    fio_free(&lab);
}
END_TEST

START_TEST(bytes_that_are_no_text) {
    static const char zero[] = "[a]\nbs=4\0k\n";
    ck_assert(!work_fio_parse("t", zero, sizeof zero - 1, &lab.jobs, &lab.arena, &lab.err));
    ck_assert_str_eq(fio_message(&lab.err),
                     "t: line 2, column 1: found a zero byte: no job file");
    fio_free(&lab);
    static char many[32 * 2000];
    size_t n = 0;
    for (int i = 0; i < 1025; i++)
        n += (size_t)snprintf(many + n, sizeof many - n, "[job%d]\nsize=1m\n", i);
    ck_assert_str_eq(refused(many), "t: line 2049, column 1: more than 1024 jobs");
    fio_free(&lab);
}
END_TEST

static void write_file(const char *name, const char *text) {
    FILE *to = fopen(name, "w");
    ck_assert_ptr_nonnull(to);
    fputs(text, to);
    fclose(to);
}

START_TEST(includes) {
    char folder[] = "/tmp/dpusim-fio-XXXXXX", path[100];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/more.fio", folder);
    write_file(path, "# shared\nbs=32k\niodepth=2\n");
    snprintf(path, sizeof path, "%s/bad.fio", folder);
    write_file(path, "\nbs=32z\n");
    snprintf(path, sizeof path, "%s/round.fio", folder);
    write_file(path, "include round.fio\n");
    snprintf(path, sizeof path, "%s/job.fio", folder);
    write_file(path, "[a]\ninclude more.fio\niodepth=7\n");
    ck_assert_msg(work_fio_read(path, &lab.jobs, &lab.arena, &lab.err), "%s",
                  fio_message(&lab.err));
    ck_assert_int_eq(lab.jobs.job[0].bs[0], 32768);
    ck_assert_int_eq(lab.jobs.job[0].iodepth, 7);
    fio_free(&lab);
    write_file(path, "[a]\ninclude bad.fio\n");
    ck_assert(!work_fio_read(path, &lab.jobs, &lab.arena, &lab.err));
    ck_assert_ptr_nonnull(strstr(fio_message(&lab.err), "bad.fio: line 2, column 4: found"));
    fio_free(&lab);
    write_file(path, "[a]\ninclude round.fio\n");
    ck_assert(!work_fio_read(path, &lab.jobs, &lab.arena, &lab.err));
    ck_assert_ptr_nonnull(
        strstr(fio_message(&lab.err), "files include one another more than 8 deep"));
    fio_free(&lab);
    static const char *const names[] = {"more", "bad", "round", "job"};
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s.fio", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}
END_TEST

TEST_MAIN("job files of fio", sections, kb_base_first, variables, devices_and_twins,
          places_of_errors, bytes_that_are_no_text, includes)
