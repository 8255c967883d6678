/* sequence.h - sequence numbers of contexts: how many messages each has had, so how many
 * contexts there are and how far the busiest has come.
 *
 * An open hash table that doubles; keys are never forgotten, as a context keeps its number
 * wherever it lies. 16 bytes a context, twice that and less when it has just doubled.
 */
#ifndef MODELS_SEQUENCE_H
#define MODELS_SEQUENCE_H

#include "sim/engine/mem.h"
#include <stdbool.h>
#include <stdint.h>

struct sequence {
    struct sequence_entry {
        uint64_t key, next; /* next 0: free */
    } * at;
    uint64_t room, contexts; /* room: a power of two */
    struct sim_arena *arena;
};

void sequence_init(struct sequence *s, struct sim_arena *arena);

/* The number of the next message of the context, from 1 on. */
uint64_t sequence_next(struct sequence *s, uint64_t key);

#endif
