/* names.c - names to numbers, counted from 0 in order of appearance.
 *
 * A hash table of numbers beside the list of names. Left out: taking a name away.
 */
#include "workloads/names.h"
#include "sim/engine/err.h"
#include <stdlib.h>
#include <string.h>

struct entry {
    char *text;
    uint32_t n, hash;
};

struct work_names {
    struct entry *entry; /* [count], in order of appearance */
    uint32_t *slot;      /* [slots], number + 1, 0: free */
    uint32_t count, slots;
};

static uint32_t hash_of(const char *name, size_t n) {
    uint32_t h = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)name[i]) * 16777619U;
    return h ^ h >> 15;
}

/* Twice as many slots, for twice as many names. */
static void grow(struct work_names *names) {
    uint32_t slots = names->slots ? names->slots * 2 : 64;
    free(names->slot);
    names->slot = calloc(slots, sizeof *names->slot);
    names->entry = realloc(names->entry, slots / 2 * sizeof *names->entry);
    SIM_ASSERT(names->slot && names->entry);
    names->slots = slots;
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t at = names->entry[i].hash & (slots - 1);
        while (names->slot[at])
            at = (at + 1) & (slots - 1);
        names->slot[at] = i + 1;
    }
}

struct work_names *work_names_new(void) {
    struct work_names *names = calloc(1, sizeof *names);
    SIM_ASSERT(names);
    grow(names);
    return names;
}

/* The slot of a name, or the free one where it would be. */
static uint32_t slot_of(const struct work_names *names, const char *name, size_t n,
                        uint32_t hash) {
    uint32_t at = hash & (names->slots - 1), i;
    for (; (i = names->slot[at]) != 0; at = (at + 1) & (names->slots - 1)) {
        const struct entry *e = &names->entry[i - 1];
        if (e->hash == hash && e->n == n && memcmp(e->text, name, n) == 0)
            break;
    }
    return at;
}

bool work_names_find(const struct work_names *names, const char *name, size_t n,
                     uint32_t *number) {
    uint32_t i = names->slot[slot_of(names, name, n, hash_of(name, n))];
    *number = i - 1;
    return i != 0;
}

bool work_names_add(struct work_names *names, const char *name, size_t n, uint32_t *number) {
    if (work_names_find(names, name, n, number))
        return true;
    if (names->count == WORK_NAMES_MOST || n > WORK_NAME_BYTES)
        return false;
    uint32_t hash = hash_of(name, n);
    *number = names->count++;
    names->slot[slot_of(names, name, n, hash)] = names->count;
    struct entry *e = &names->entry[*number];
    *e = (struct entry){.text = malloc(n + 1), .n = (uint32_t)n, .hash = hash};
    SIM_ASSERT(e->text);
    memcpy(e->text, name, n);
    e->text[n] = 0;
    if (names->count == names->slots / 2)
        grow(names);
    return true;
}

uint32_t work_names_count(const struct work_names *names) { return names->count; }

const char *work_names_text(const struct work_names *names, uint32_t number) {
    SIM_ASSERT(number < names->count);
    return names->entry[number].text;
}

void work_names_free(struct work_names *names) {
    if (!names)
        return;
    for (uint32_t i = 0; i < names->count; i++)
        free(names->entry[i].text);
    free(names->entry);
    free(names->slot);
    free(names);
}
