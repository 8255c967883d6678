/* mix.h - a number by hash of two (SplitMix64): for tests that make things up. */
#ifndef TESTS_MIX_H
#define TESTS_MIX_H

#include <stdint.h>

static inline uint64_t test_mix(uint64_t a, uint64_t b) {
    uint64_t x = (a + 0x9e3779b97f4a7c15ull) ^ (b * 0xbf58476d1ce4e5b9ull);
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

#endif
