/* rules_match.c - first match of a five-tuple in a rule set, in near-constant time.
 *
 * Method: partitioned bit vectors, after T. V. Lakshman and D. Stiliadis, "High-speed
 * policy-based packet forwarding using efficient multi-dimensional range matching" (SIGCOMM
 * 1998), with the aggregate bit per word of F. Baboescu and G. Varghese, "Scalable packet
 * classification" (SIGCOMM 2001). The rules cut each of the five fields (an axis) into
 * classes; a class knows, as a bit vector in file order, which rules admit it. A look-up
 * finds five classes, ANDs their vectors and takes the lowest bit. Vectors are held in chunks
 * of 64 words = 4096 rules, with one summary word that tells the words worth looking at;
 * chunks are tried in file order, and equal chunk vectors are stored once.
 *
 * Why this and not a decision tree or tuple space search: the result is exact by
 * construction, no rule set can blow the cost up (no rule replication, no tuple explosion: at
 * worst n / 64 words of each field are looked at), ranges, odd protocol masks and IPv6 need no
 * case of their own, and memory is bounded: an axis has at most 8193 different vectors of 512
 * bytes a chunk, and for each of its at most 2n + 1 classes a row of 16 bytes a chunk.
 *
 * IPv4 and IPv6 heads have a table each, of the rules that can match them. Left out:
 * incremental update; a set is built once and is read-only.
 */
#include "models/rules.h"
#include <stdlib.h>
#include <string.h>

enum { SRC, DST, SPORT, DPORT, PROTO, AXES, WORDS = 64, CHUNK = 64 * WORDS };

typedef unsigned __int128 u128;

struct slot {              /* the rules of one chunk that admit a class */
    uint64_t live;         /* bit w: words[w] is not zero */
    const uint64_t *words; /* [WORDS] */
};

struct table {
    uint32_t count, chunks;
    const uint32_t *number;        /* [count] rule number of each position */
    const struct slot *row[AXES];  /* [classes][chunks] */
    unsigned shift;                /* of an address that leaves its first 16 bits */
    const u128 *start[2];          /* first address of each class of SRC and DST */
    const uint32_t *root[2];       /* [65537] class that holds address i << shift */
    const uint16_t *port_class[2]; /* [65536] */
};

struct rules {
    uint32_t count;
    uint32_t any; /* first rule that is "any" in every field, or PACKET_NO_RULE */
    struct rule *rule;
    struct table v4, v6;
};

uint32_t rules_count(const struct rules *set) { return set->count; }

const struct rule *rules_get(const struct rules *set, uint32_t i) {
    SIM_ASSERT(i < set->count);
    return &set->rule[i];
}

/* ---- the reference ---- */

static bool in_prefix(const uint8_t *address, const uint8_t *prefix, unsigned len) {
    unsigned whole = len / 8, rest = len % 8;
    if (memcmp(address, prefix, whole) != 0)
        return false;
    return rest == 0 || ((address[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

static bool in_range(uint16_t port, const uint16_t range[2]) {
    return range[0] <= port && port <= range[1];
}

static bool any_at_all(const struct rule *r) {
    return r->version == 0 && r->proto_mask == 0 && r->sport[0] == 0 && r->dport[0] == 0 &&
           r->sport[1] == 0xffff && r->dport[1] == 0xffff;
}

static bool matches(const struct rule *r, const struct packet_head *h) {
    if (h->version != 4 && h->version != 6)
        return any_at_all(r);
    if (r->version != 0 && r->version != h->version)
        return false;
    return in_prefix(h->src, r->src, r->src_len) && in_prefix(h->dst, r->dst, r->dst_len) &&
           in_range(h->sport, r->sport) && in_range(h->dport, r->dport) &&
           ((h->proto ^ r->proto) & r->proto_mask) == 0;
}

uint32_t rules_linear(const struct rules *set, const struct packet_head *head) {
    for (uint32_t i = 0; i < set->count; i++)
        if (matches(&set->rule[i], head))
            return i;
    return PACKET_NO_RULE;
}

/* ---- looking up ---- */

static u128 key_of(const uint8_t address[16], uint8_t version) {
    u128 key = 0;
    for (int i = 0; i < (version == 4 ? 4 : 16); i++)
        key = key << 8 | address[i];
    return key;
}

/* Of n classes from `low` on, the one that holds key: the last that starts at or below it. */
static inline uint32_t find_class(const u128 *start, uint32_t low, uint32_t n, u128 key) {
    while (n > 1) {
        uint32_t half = n / 2;
        low += start[low + half] <= key ? half : 0;
        n -= half;
    }
    return low;
}

static inline uint32_t class_of(const struct table *t, int field, u128 key) {
    const uint32_t *root = t->root[field] + (uint32_t)(key >> t->shift);
    return find_class(t->start[field], root[0], root[1] - root[0] + 1, key);
}

static uint32_t first_of(const struct table *t, const uint32_t classes[AXES]) {
    const struct slot *s[AXES];
    for (int a = 0; a < AXES; a++)
        s[a] = t->row[a] + (size_t)classes[a] * t->chunks;
    for (uint32_t c = 0; c < t->chunks; c++) {
        uint64_t live =
            s[0][c].live & s[1][c].live & s[2][c].live & s[3][c].live & s[4][c].live;
        for (; live; live &= live - 1) {
            uint32_t w = (uint32_t)__builtin_ctzll(live);
            uint64_t hit = s[0][c].words[w] & s[1][c].words[w] & s[2][c].words[w] &
                           s[3][c].words[w] & s[4][c].words[w];
            if (hit)
                return t->number[c * CHUNK + w * 64 + (uint32_t)__builtin_ctzll(hit)];
        }
    }
    return PACKET_NO_RULE;
}

uint32_t rules_match(const struct rules *set, const struct packet_head *head) {
    const struct table *t = head->version == 4 ? &set->v4 : &set->v6;
    uint32_t classes[AXES];
    if (head->version != 4 && head->version != 6)
        return set->any;
    if (t->count == 0)
        return PACKET_NO_RULE;
    classes[SRC] = class_of(t, SRC, key_of(head->src, head->version));
    classes[DST] = class_of(t, DST, key_of(head->dst, head->version));
    classes[SPORT] = t->port_class[0][head->sport];
    classes[DPORT] = t->port_class[1][head->dport];
    classes[PROTO] = head->proto;
    return first_of(t, classes);
}

/* ---- building ---- */

struct span { /* what a rule admits on an axis, inclusive */
    u128 low, high;
};

struct axis {          /* one being built, of an address or a port */
    u128 top;          /* its highest value */
    struct span *span; /* [table.count] */
    u128 *start;       /* [classes], room for 2 * table.count + 1 */
    uint32_t classes;
};

struct edge { /* at the start of `class`, the rule at `bit` of the chunk begins or ends */
    uint32_t class, bit;
};

struct build {
    struct sim_arena *arena, scratch; /* what stays, and what does not */
    const struct rule *rule;
};

/* Interns the chunk vectors of one axis. */
struct pool {
    struct sim_arena *arena;
    struct slot *bucket; /* [mask + 1]; empty: words == NULL */
    uint32_t mask;
};

/* @param most an upper bound of the different vectors that will come */
static struct pool pool_make(uint32_t most, struct build *b) {
    struct pool pool = {.arena = b->arena, .mask = 1};
    while (pool.mask < 2 * most)
        pool.mask = 2 * pool.mask + 1;
    pool.bucket = sim_alloc_n(&b->scratch, (size_t)pool.mask + 1, sizeof *pool.bucket);
    return pool;
}

static struct slot pool_add(struct pool *pool, const uint64_t words[WORDS]) {
    uint64_t hash = 0, live = 0;
    uint32_t i;
    for (int w = 0; w < WORDS; w++) {
        hash = (hash ^ words[w]) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29;
        live |= (uint64_t)(words[w] != 0) << w;
    }
    for (i = (uint32_t)hash & pool->mask; pool->bucket[i].words; i = (i + 1) & pool->mask)
        if (memcmp(pool->bucket[i].words, words, WORDS * sizeof *words) == 0)
            return pool->bucket[i];
    uint64_t *copy = sim_alloc_n(pool->arena, WORDS, sizeof *copy);
    memcpy(copy, words, WORDS * sizeof *words);
    pool->bucket[i] = (struct slot){live, copy};
    return pool->bucket[i];
}

static int by_value(const void *a, const void *b) {
    const u128 x = *(const u128 *)a, y = *(const u128 *)b;
    return (x > y) - (x < y);
}

/* Edges of a class come in any order: each flips a bit of its own. */
static int by_class(const void *a, const void *b) {
    const struct edge *x = a, *y = b;
    return (x->class > y->class) - (x->class < y->class);
}

/* Find where the classes of the axis start, ascending. */
static void cut_axis(struct axis *axis, uint32_t n) {
    u128 *start = axis->start;
    uint32_t cuts = 0, kept = 0;
    start[cuts++] = 0;
    for (uint32_t i = 0; i < n; i++) {
        start[cuts++] = axis->span[i].low;
        if (axis->span[i].high < axis->top)
            start[cuts++] = axis->span[i].high + 1;
    }
    qsort(start, cuts, sizeof *start, by_value);
    for (uint32_t i = 0; i < cuts; i++)
        if (kept == 0 || start[i] != start[kept - 1])
            start[kept++] = start[i];
    axis->classes = kept;
}

/* Where the n rules of a chunk begin and end on the axis, ascending. @return edges. */
static uint32_t find_edges(const struct axis *axis, const struct span *span, uint32_t n,
                           struct edge *edge) {
    const u128 *start = axis->start;
    uint32_t edges = 0;
    for (uint32_t i = 0; i < n; i++) {
        edge[edges++] = (struct edge){find_class(start, 0, axis->classes, span[i].low), i};
        if (span[i].high < axis->top)
            edge[edges++] =
                (struct edge){find_class(start, 0, axis->classes, span[i].high + 1), i};
    }
    qsort(edge, edges, sizeof *edge, by_class);
    return edges;
}

/* Fill a chunk's column of the rows: sweep the classes upwards. */
static void fill_column(uint32_t classes, const struct edge *edge, uint32_t edges,
                        struct slot *column, uint32_t stride, struct pool *pool) {
    uint64_t words[WORDS] = {0};
    struct slot slot = {0, NULL};
    uint32_t at = 0;
    for (uint32_t c = 0; c < classes; c++) {
        bool changed = c == 0;
        for (; at < edges && edge[at].class == c; at++, changed = true)
            words[edge[at].bit / 64] ^= (uint64_t)1 << edge[at].bit % 64;
        if (changed)
            slot = pool_add(pool, words);
        column[(size_t)c * stride] = slot;
    }
}

static uint32_t chunk_size(const struct table *t, uint32_t chunk) {
    uint32_t rest = t->count - chunk * CHUNK;
    return rest < CHUNK ? rest : CHUNK;
}

/* Cut an axis into classes and give each its row. */
static const struct slot *build_rows(const struct table *t, struct axis *axis,
                                     struct build *b) {
    struct edge *edge = sim_alloc_n(&b->scratch, 2 * (size_t)CHUNK, sizeof *edge);
    cut_axis(axis, t->count);
    struct slot *row = sim_alloc_n(b->arena, (size_t)axis->classes * t->chunks, sizeof *row);
    for (uint32_t c = 0; c < t->chunks; c++) {
        uint32_t n = chunk_size(t, c);
        uint32_t edges = find_edges(axis, axis->span + (size_t)c * CHUNK, n, edge);
        struct pool pool = pool_make(edges + 1, b);
        fill_column(axis->classes, edge, edges, row + c, t->chunks, &pool);
    }
    return row;
}

static struct axis axis_make(const struct table *t, u128 top, struct build *b) {
    struct axis axis = {.top = top};
    axis.span = sim_alloc_n(&b->scratch, t->count, sizeof *axis.span);
    axis.start = sim_alloc_n(&b->scratch, 2 * (size_t)t->count + 1, sizeof *axis.start);
    return axis;
}

/* Which class holds the first address of each block of 1 << shift. */
static const uint32_t *index_starts(const struct axis *axis, unsigned shift,
                                    struct sim_arena *arena) {
    uint32_t *root = sim_alloc_n(arena, 65537, sizeof *root), class = 0;
    for (uint32_t i = 0; i < 65536; i++) {
        while (class + 1 < axis->classes && axis->start[class + 1] <= (u128)i << shift)
            class ++;
        root[i] = class;
    }
    root[65536] = axis->classes - 1;
    return root;
}

static void build_address(struct table *t, int field, uint8_t version, struct build *b) {
    struct axis axis = axis_make(t, version == 4 ? 0xffffffff : ~(u128)0, b);
    for (uint32_t i = 0; i < t->count; i++) {
        const struct rule *r = &b->rule[t->number[i]];
        const uint8_t *address = field == SRC ? r->src : r->dst;
        unsigned len = field == SRC ? r->src_len : r->dst_len;
        u128 hosts = len < 128 ? axis.top >> len : 0;
        u128 low = key_of(address, version) & ~hosts;
        axis.span[i] = (struct span){low, low | hosts};
    }
    t->row[field] = build_rows(t, &axis, b);
    t->start[field] = memcpy(sim_alloc_n(b->arena, axis.classes, sizeof(u128)), axis.start,
                             axis.classes * sizeof(u128));
    t->root[field] = index_starts(&axis, t->shift, b->arena);
}

static void build_port(struct table *t, int field, struct build *b) {
    struct axis axis = axis_make(t, 0xffff, b);
    uint16_t *map = sim_alloc_n(b->arena, 65536, sizeof *map);
    uint32_t class = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct rule *r = &b->rule[t->number[i]];
        const uint16_t *range = field == SPORT ? r->sport : r->dport;
        axis.span[i] = (struct span){range[0], range[1]};
    }
    t->row[field] = build_rows(t, &axis, b);
    for (uint32_t port = 0; port < 65536; port++) {
        class += class + 1 < axis.classes && axis.start[class + 1] == port;
        map[port] = (uint16_t) class;
    }
    t->port_class[field - SPORT] = map;
}

/* The rules of a chunk that admit a protocol number. */
static void admit_proto(const struct table *t, const struct rule *rule, uint32_t chunk,
                        unsigned proto, uint64_t words[WORDS]) {
    const uint32_t *number = t->number + (size_t)chunk * CHUNK;
    for (uint32_t i = 0, n = chunk_size(t, chunk); i < n; i++) {
        const struct rule *r = &rule[number[i]];
        bool admits = ((proto ^ r->proto) & r->proto_mask) == 0;
        words[i / 64] |= (uint64_t)admits << i % 64;
    }
}

/* Each of the 256 protocol numbers is a class: masks need not be intervals. */
static void build_proto(struct table *t, struct build *b) {
    struct slot *row = sim_alloc_n(b->arena, (size_t)256 * t->chunks, sizeof *row);
    for (uint32_t c = 0; c < t->chunks; c++) {
        struct pool pool = pool_make(256, b);
        for (unsigned proto = 0; proto < 256; proto++) {
            uint64_t words[WORDS] = {0};
            admit_proto(t, b->rule, c, proto, words);
            row[(size_t)proto * t->chunks + c] = pool_add(&pool, words);
        }
    }
    t->row[PROTO] = row;
}

static void build_table(struct table *t, const struct rules *set, uint8_t version,
                        struct sim_arena *arena) {
    struct build b = {.arena = arena, .rule = set->rule};
    uint32_t *number = sim_alloc_n(arena, set->count, sizeof *number);
    for (uint32_t i = 0; i < set->count; i++)
        if (set->rule[i].version == 0 || set->rule[i].version == version)
            number[t->count++] = i;
    t->number = number;
    t->chunks = (t->count + CHUNK - 1) / CHUNK;
    t->shift = version == 4 ? 16 : 112;
    if (t->count == 0)
        return;
    build_address(t, SRC, version, &b);
    build_address(t, DST, version, &b);
    build_port(t, SPORT, &b);
    build_port(t, DPORT, &b);
    build_proto(t, &b);
    sim_arena_free(&b.scratch);
}

struct rules *rules_build(const struct rule *rule, uint32_t n, struct sim_arena *arena) {
    struct rules *set = sim_alloc(arena, sizeof *set);
    SIM_ASSERT(n <= RULES_MAX);
    set->any = PACKET_NO_RULE;
    if (n == 0)
        return set;
    set->rule = sim_alloc_n(arena, n, sizeof *rule);
    memcpy(set->rule, rule, n * sizeof *rule);
    set->count = n;
    for (uint32_t i = n; i-- > 0;)
        if (any_at_all(&rule[i]))
            set->any = i;
    build_table(&set->v4, set, 4, arena);
    build_table(&set->v6, set, 6, arena);
    return set;
}
