/* content.h - facts of a packet's payload that need its bytes: what it compresses to, and a
 * digest of it. Real libraries, one file each; called once a captured record, never in the
 * event loop.
 */
#ifndef MODELS_CONTENT_H
#define MODELS_CONTENT_H

#include "sim/engine/mem.h"
#include <stdbool.h>
#include <stdint.h>

/* The library behind a fact, or NULL when this program was built without it. */
extern const char *const content_lz4_missing; /* NULL, or "liblz4" */

/* Compressed size of n bytes: raw DEFLATE (RFC 1951) by zlib at level 1; one LZ4 block. What
 * does not compress is stored and a little longer. The arena is for scratch memory. */
uint32_t content_deflate(const uint8_t *bytes, uint32_t n, struct sim_arena *arena);
uint32_t content_lz4(const uint8_t *bytes, uint32_t n, struct sim_arena *arena);

/* The first 56 bits of SHA-256, never 0. */
uint64_t content_digest(const uint8_t *bytes, uint32_t n);

#endif
