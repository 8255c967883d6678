/* sequence.c - see sequence.h. */
#include "models/sequence.h"
#include "models/mix.h"

enum { FIRST = 1024 };

void sequence_init(struct sequence *s, struct sim_arena *arena) {
    *s = (struct sequence){.room = FIRST, .arena = arena};
    s->at = sim_alloc_n(arena, FIRST, sizeof *s->at);
}

/* The entry of the key, or the free one where it belongs. */
static struct sequence_entry *find(struct sequence *s, uint64_t key) {
    uint64_t i = mix64(key) & (s->room - 1);
    while (s->at[i].next != 0 && s->at[i].key != key)
        i = (i + 1) & (s->room - 1);
    return &s->at[i];
}

static void grow(struct sequence *s) {
    struct sequence_entry *old = s->at;
    uint64_t n = s->room;
    s->room = 2 * n;
    s->at = sim_alloc_n(s->arena, s->room, sizeof *s->at);
    for (uint64_t i = 0; i < n; i++)
        if (old[i].next != 0)
            *find(s, old[i].key) = old[i];
}

uint64_t sequence_next(struct sequence *s, uint64_t key) {
    struct sequence_entry *e = find(s, key);
    if (e->next == 0 && 2 * (s->contexts + 1) > s->room) {
        grow(s);
        e = find(s, key);
    }
    s->contexts += e->next == 0;
    e->key = key;
    return ++e->next;
}
