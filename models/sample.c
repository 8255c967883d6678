/* sample.c - see sample.h. */
#include "models/sample.h"
#include "models/content.h"
#include "models/mix.h"
#include "sim/engine/err.h"

static uint32_t compress(enum sample_coder coder, const uint8_t *bytes, uint32_t n) {
    struct sim_arena scratch = {0};
    uint32_t size = coder == SAMPLE_DEFLATE ? content_deflate(bytes, n, &scratch)
                                            : content_lz4(bytes, n, &scratch);
    sim_arena_free(&scratch);
    return size;
}

void sample_make(struct sample *s, const uint8_t *bytes, uint64_t n, uint32_t block,
                 struct sim_arena *arena) {
    SIM_ASSERT(n > 0 && block > 0);
    *s = (struct sample){.block = block, .blocks = (uint32_t)((n + block - 1) / block)};
    for (int coder = 0; coder < SAMPLE_CODERS; coder++) {
        if (coder == SAMPLE_LZ4 && content_lz4_missing != NULL)
            continue;
        s->size[coder] = sim_alloc_n(arena, s->blocks, sizeof *s->size[coder]);
        for (uint32_t i = 0; i < s->blocks; i++) {
            uint64_t at = (uint64_t)i * block, left = n - at;
            uint32_t has = left < block ? (uint32_t)left : block;
            uint64_t size = compress((enum sample_coder)coder, bytes + at, has);
            s->size[coder][i] = (uint32_t)((size * block + has - 1) / has);
        }
    }
}

/* What the block at an address compresses to, or so many bytes of it. */
static uint64_t block_bytes(const struct sample *s, enum sample_coder coder, uint64_t key,
                            uint64_t bytes) {
    uint64_t size = s->size[coder][mix_place(key, s->blocks)];
    return bytes == s->block ? size : (size * bytes + s->block - 1) / s->block;
}

uint32_t sample_bytes(const struct sample *s, enum sample_coder coder, const struct io *io) {
    uint64_t sum = 0;
    for (uint64_t done = 0; done < io->bytes; done += s->block) {
        uint64_t left = io->bytes - done, key = (io->offset + done) ^ (uint64_t)io->space << 48;
        sum += block_bytes(s, coder, key, left < s->block ? left : s->block);
    }
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}
