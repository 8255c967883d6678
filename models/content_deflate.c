/* content_deflate.c - what a payload compresses to by DEFLATE: zlib, level 1, no header, each
 * payload on its own. An engine's own coder finds other matches; how far its ratio is from
 * zlib's no maker says.
 */
#include "models/content.h"
#include "sim/engine/err.h"
#define ZLIB_CONST
#include <zlib.h>

enum { LEVEL = 1, RAW = -15, MEMORY = 8 };

uint32_t content_deflate(const uint8_t *bytes, uint32_t n, struct sim_arena *arena) {
    z_stream z = {.next_in = bytes, .avail_in = n};
    SIM_ASSERT(deflateInit2(&z, LEVEL, Z_DEFLATED, RAW, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK);
    uLong room = deflateBound(&z, n);
    z.next_out = sim_alloc(arena, room);
    z.avail_out = (uInt)room;
    SIM_ASSERT(deflate(&z, Z_FINISH) == Z_STREAM_END);
    uint32_t size = (uint32_t)(room - z.avail_out);
    deflateEnd(&z);
    return size;
}
