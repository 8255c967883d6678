/* sample.h - what the data of requests is like, by a sample of it: what blocks of a file
 * compress to, by the libraries of content.h, before the run.
 *
 * Data at an address is one of the sample's blocks, which follows from the address alone: what
 * is read there is what was written, on every run. A request is cut into blocks from its
 * beginning on, each compressed on its own.
 */
#ifndef MODELS_SAMPLE_H
#define MODELS_SAMPLE_H

#include "models/io.h"

enum sample_coder { SAMPLE_DEFLATE, SAMPLE_LZ4, SAMPLE_CODERS };
#define SAMPLE_CODER_CHOICES "deflate|lz4"

struct sample {
    uint32_t block, blocks;        /* bytes of one; how many */
    uint32_t *size[SAMPLE_CODERS]; /* [blocks]; NULL: no library */
};

/* Of n bytes, at least one. The last block may be shorter, and counts by its share. */
void sample_make(struct sample *s, const uint8_t *bytes, uint64_t n, uint32_t block,
                 struct sim_arena *arena);

/* Bytes that the request's data compresses to. */
uint32_t sample_bytes(const struct sample *s, enum sample_coder coder, const struct io *io);

#endif
