/* content_lz4.c - what a payload compresses to as one LZ4 block: liblz4, acceleration 1. */
#include "models/content.h"
#include "sim/engine/err.h"

#ifdef DPUSIM_LZ4
#include <lz4.h>

const char *const content_lz4_missing = NULL;

uint32_t content_lz4(const uint8_t *bytes, uint32_t n, struct sim_arena *arena) {
    SIM_ASSERT(n <= LZ4_MAX_INPUT_SIZE);
    int room = LZ4_compressBound((int)n);
    int size =
        LZ4_compress_default((const char *)bytes, sim_alloc(arena, (size_t)room), (int)n, room);
    SIM_ASSERT(size > 0);
    return (uint32_t)size;
}
#else
const char *const content_lz4_missing = "liblz4";

uint32_t content_lz4(const uint8_t *bytes, uint32_t n, struct sim_arena *arena) {
    (void)bytes;
    (void)n;
    (void)arena;
    SIM_ASSERT(!"who asks looks at content_lz4_missing before");
    return 0;
}
#endif
