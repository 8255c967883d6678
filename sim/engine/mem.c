/* mem.c - the arena: one heap block per allocation, kept in a doubly linked list.
 *
 * Blocks come from calloc, so that the kernel's zero pages are used as they are; each payload
 * starts at the first multiple of 64 bytes past its header. Under AddressSanitizer the bytes
 * behind a payload are poisoned, as they would be with plain malloc.
 */
#include "mem.h"
#include "err.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined __SANITIZE_ADDRESS__
#define UNDER_ASAN
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define UNDER_ASAN
#endif
#endif
#ifdef UNDER_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define ALIGN ((size_t)64)

/* Lies in the ALIGN bytes before its payload. */
struct sim_arena_block {
    struct sim_arena_block *prev, *next;
    void *raw; /* what calloc returned */
    size_t bytes;
};
_Static_assert(sizeof(struct sim_arena_block) <= ALIGN, "header fits before the payload");

static struct sim_arena_block *block_of(void *payload) {
    return (struct sim_arena_block *)(void *)((char *)payload - ALIGN);
}

static void link_block(struct sim_arena *arena, struct sim_arena_block *block) {
    block->next = arena->blocks;
    if (block->next)
        block->next->prev = block;
    arena->blocks = block;
    arena->bytes += block->bytes;
}

static void unlink_block(struct sim_arena *arena, struct sim_arena_block *block) {
    if (block->prev)
        block->prev->next = block->next;
    else
        arena->blocks = block->next;
    if (block->next)
        block->next->prev = block->prev;
    arena->bytes -= block->bytes;
}

/* Large tables are looked up at random: on pages of 4 KiB most look-ups would also miss the
 * translation buffer. Only advice: a kernel without large pages leaves it. */
static void advise(void *raw, size_t whole) {
#ifdef MADV_HUGEPAGE
    enum { LARGE = 32 << 20 };
    uintptr_t page = 4096, from = ((uintptr_t)raw + page - 1) / page * page;
    if (whole >= LARGE)
        (void)madvise((void *)from, whole - (from - (uintptr_t)raw), MADV_HUGEPAGE);
#else
    (void)raw;
    (void)whole;
#endif
}

void *sim_alloc(struct sim_arena *arena, size_t bytes) {
    size_t whole = bytes + 2 * ALIGN;
    char *raw = whole > bytes ? calloc(1, whole) : NULL;
    if (!raw)
        sim_panic(__FILE__, __LINE__, "out of memory: %zu bytes wanted, %zu in the arena",
                  bytes, arena->bytes);
    advise(raw, whole);
    char *payload = raw + (2 * ALIGN - (uintptr_t)raw % ALIGN);
    struct sim_arena_block *block = block_of(payload);
    *block = (struct sim_arena_block){.raw = raw, .bytes = bytes};
    link_block(arena, block);
    ASAN_POISON_MEMORY_REGION(payload + bytes, (size_t)(raw + whole - payload) - bytes);
    return payload;
}

void *sim_alloc_n(struct sim_arena *arena, size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        sim_panic(__FILE__, __LINE__, "out of memory: %zu items of %zu bytes wanted", n, size);
    return sim_alloc(arena, bytes);
}

void *sim_grow(struct sim_arena *arena, void *old, size_t old_bytes, size_t new_bytes) {
    SIM_ASSERT(old_bytes <= new_bytes && (old || old_bytes == 0));
    void *grown = sim_alloc(arena, new_bytes);
    if (!old)
        return grown;
    struct sim_arena_block *block = block_of(old);
    SIM_ASSERT(old_bytes <= block->bytes);
    memcpy(grown, old, old_bytes);
    unlink_block(arena, block);
    free(block->raw);
    return grown;
}

char *sim_strdup(struct sim_arena *arena, const char *text) {
    size_t bytes = strlen(text) + 1;
    return memcpy(sim_alloc(arena, bytes), text, bytes);
}

char *sim_printf(struct sim_arena *arena, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    SIM_ASSERT(length >= 0);
    size_t size = (size_t)length + 1;
    char *text = sim_alloc(arena, size);
    vsnprintf(text, size, fmt, again);
    va_end(again);
    return text;
}

void sim_arena_free(struct sim_arena *arena) {
    for (struct sim_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block->raw);
    }
    *arena = (struct sim_arena){0};
}
