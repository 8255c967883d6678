/* mix.h - a 64-bit key turned into one whose upper bits depend on all of it. */
#ifndef MODELS_MIX_H
#define MODELS_MIX_H

#include <stdint.h>

/* The finaliser of MurmurHash3, by Appleby: keys that differ give results that differ. */
static inline uint64_t mix64(uint64_t x) {
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdULL;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ULL;
    return x ^ x >> 33;
}

/* Which of n (at most 2^32) places the key belongs to. */
static inline uint64_t mix_place(uint64_t key, uint64_t n) {
    return (mix64(key) >> 32) * n >> 32;
}

#endif
