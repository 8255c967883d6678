/* stream.h - the bytes of a file, unpacked where it is compressed; private to workloads/, but
 * for opening, work_stream_stop and work_stream_stopped. */
#ifndef WORK_STREAM_H
#define WORK_STREAM_H

#include "sim/engine/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct work_stream;

/* Open a file, "-" is standard input; gzip (any number of members, zeros between and behind
 * them) and, where built with libzstd, Zstandard are unpacked. Fails: missing, directory, no
 * permission, empty, not readable. */
struct work_stream *work_stream_open(const char *file, struct sim_err *err);

/* Its first bytes, up to 32; whoever changes them changes what is read. */
uint8_t *work_stream_head(struct work_stream *s, size_t *n);

/* A buffered, unlocked stdio stream over the bytes, once. Close it before the stream. */
FILE *work_stream_file(struct work_stream *s);

/* Why reading stopped before the end, or NULL. */
const char *work_stream_failure(const struct work_stream *s);
/* false for pipes and the like, whose bytes are gone once read. */
bool work_stream_rereadable(const struct work_stream *s);
void work_stream_close(struct work_stream *s);

/* From now on, do not wait for data: reading what is no regular file fails, within 200 ms. A
 * handler of signals may call it. */
void work_stream_stop(void);
/* Has reading failed because of that? */
bool work_stream_stopped(void);

#endif
