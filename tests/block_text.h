/* block_text.h - a trace of block requests written here, for the tests of their readers. */
#ifndef BLOCK_TEXT_H
#define BLOCK_TEXT_H

#include "tests/check_main.h"
#include "workloads/block_reader.h"
#include <string.h>

static char block_name[64];

/* Store bytes as a file of a name that tests/-wide is removed by block_close. */
static inline const char *block_store(const void *bytes, size_t n) {
    snprintf(block_name, sizeof block_name, "/tmp/dpusim_block_XXXXXX");
    FILE *f = fdopen(mkstemp(block_name), "wb");
    ck_assert(f != NULL && fwrite(bytes, 1, n, f) == n);
    fclose(f);
    return block_name;
}

/* Open a text as a trace; `as` NULL: recognise it. */
static inline struct work_block *block_open(const char *text, const char *as, bool skip_bad,
                                            struct sim_err *err) {
    struct work_block_opts opts = {.skip_bad = skip_bad};
    memset(err, 0, sizeof *err);
    ck_assert(as == NULL || work_block_named(&opts, as, err));
    struct work_block *b = work_block_open(block_store(text, strlen(text)), &opts, err);
    ck_assert(b != NULL || err->set);
    return b;
}

static inline void block_close(struct work_block *b) {
    work_block_close(b);
    unlink(block_name);
}

static inline struct work_io block_next(struct work_block *b) {
    struct work_io io;
    struct sim_err err = {0};
    enum work_status status = work_block_next(b, &io, &err);
    ck_assert_msg(status == WORK_RECORD, "%s: %s", err.path, err.text);
    return io;
}

static inline void block_end(struct work_block *b) {
    struct work_io io;
    struct sim_err err = {0};
    enum work_status status = work_block_next(b, &io, &err);
    ck_assert_msg(status == WORK_END, "%s: %s", err.path, err.text);
}

/* The first error that reading a text to its end meets, as "path: text". */
static inline const char *block_error(const char *text, const char *as) {
    static char line[2048];
    struct sim_err err;
    struct work_io io;
    struct work_block *b = block_open(text, as, false, &err);
    while (b && work_block_next(b, &io, &err) == WORK_RECORD)
        ;
    block_close(b);
    snprintf(line, sizeof line, "%s: %s", err.path, err.set ? err.text : "no error");
    return line;
}

#endif
