/* rng.c - seeds a named stream.
 *
 * The generator is xoshiro256** 1.0 and the seeding SplitMix64, both by Blackman and Vigna
 * (2018; public domain), as their authors recommend. The name is hashed with FNV-1a and mixed
 * once more, so that names that differ in one letter do not start near each other.
 */
#include "rng.h"

/* The output function of SplitMix64: a bijection in which every bit depends on every other. */
static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static uint64_t hash(const char *name) {
    uint64_t h = 0xcbf29ce484222325ULL;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3ULL;
    return mix(h);
}

/* The state cannot become all zero: mix() is 0 for one argument only, and they differ. */
void sim_rng_init(struct sim_rng *rng, uint64_t seed, const char *name) {
    uint64_t z = seed ^ hash(name);
    for (int i = 0; i < 4; i++)
        rng->s[i] = mix(z += 0x9e3779b97f4a7c15ULL);
}
