/* energy.c - energy by block: idle power, power of busy servers, energy an item and a byte.
 *
 * Made at the end of a run from sums that the books keep anyway: the length of the window, the
 * time that servers were occupied in it, the services that began in it and their bytes, and
 * what its model counts of bytes of a memory that is in no block (entries that are not on the
 * chip). What is idle takes its idle power all the time, busy power comes on top. An item is a
 * service: an operation of two stages is two, so is a call with its completion.
 *
 * Left out: clock gating and frequency changes, temperature, losses of supplies, refresh of a
 * DRAM beyond its idle power. Whose numbers: the config's; no block has any by itself.
 */
#include "energy.h"
#include "sim/engine/row.h"
#include "summary.h"
#include <string.h>

enum { MOST_MW = 10000000 };
#define MOST_FJ_AN_ITEM 1000000000000000 /* 1 J */
#define MOST_FJ_A_BYTE  1000000000000    /* 1 mJ */
#define ZJ_A_JOULE      ((sim_u128)1000000000000 * 1000000000)

#define AT(member) offsetof(struct app_energy, member)
const struct sim_field app_energy_table[] = {
    {"idle", SIM_POWER, AT(idle), 0, MOST_MW, "0W", NULL,
     "power all the time, whether messages come or not", NULL},
    {"busy", SIM_POWER, AT(busy), 0, MOST_MW, "0W", NULL,
     "power of each server (core, engine, line) while it is occupied, beside idle", NULL},
    {"per_item", SIM_ENERGY, AT(per_item), 0, MOST_FJ_AN_ITEM, "0J", NULL,
     "energy of a service: a message at a port of the block", NULL},
    {"per_byte", SIM_ENERGY, AT(per_byte), 0, MOST_FJ_A_BYTE, "0J", NULL,
     "energy of a byte of it, as it comes; of a resource on a route: of a byte carried", NULL},
    {"per_memory_byte", SIM_ENERGY, AT(per_memory_byte), 0, MOST_FJ_A_BYTE, "0J", NULL,
     "energy of a byte that the block itself reads or writes of memory that is in no block: "
     "entries that are not on the chip, a host's DRAM behind its cache",
     NULL},
    {.name = NULL}};

const struct sim_field app_power_table[] = {
    {"board", SIM_POWER, offsetof(struct app_power, board), 0, MOST_MW, "0W", NULL,
     "power all the time of what is in no block: supplies, fan, management", NULL},
    {.name = NULL}};

/* ---------------------------------------------------------------- reading */

/* An object of these fields that states one of them or more, and their sources. */
static bool read_object(struct app_scenario *s, const struct sim_field *table, json_t *obj,
                        void *out, const char *pointer, struct sim_err *err) {
    static const char *const also[] = {"sources", NULL};
    if (!json_is_object(obj))
        return app_json_wrong(obj, pointer, "must be an object of powers and energies", err);
    if (!app_params_read(s, table, obj, out, also, pointer, err) ||
        !app_sources_check(table, NULL, strrchr(pointer, '/') + 1, obj, pointer, err))
        return false;
    for (const struct sim_field *f = table; f->name != NULL; f++)
        if (json_object_get(obj, f->name) != NULL)
            return true;
    return sim_fail(err, "", pointer, "states nothing; write e.g. \"%s\": \"%s\"", table->name,
                    sim_unit_example(table->unit));
}

bool app_energy_read(struct app_scenario *s, const struct sim_model *model, struct app_block *b,
                     struct sim_err *err) {
    json_t *obj = json_object_get(b->json, "energy");
    char at[APP_POINTER], key[APP_POINTER];
    if (obj == NULL)
        return true;
    struct app_energy *e = sim_alloc(&s->arena, sizeof *e);
    b->energy = e;
    sim_pointer(at, sizeof at, b->pointer, "energy");
    if (!read_object(s, app_energy_table, obj, e, at, err))
        return false;
    if (e->per_memory_byte == 0 || model->memory != NULL)
        return true;
    return sim_fail(err, "", sim_pointer(key, sizeof key, at, "per_memory_byte"),
                    "model %s reads and writes no memory but by messages to other blocks; "
                    "write per_byte, or leave it out",
                    model->name);
}

bool app_power_read(struct app_scenario *s, struct app_node *n, struct sim_err *err) {
    json_t *obj = json_object_get(n->json, "power");
    char at[APP_POINTER];
    if (obj == NULL)
        return true;
    struct app_power *p = sim_alloc(&s->arena, sizeof *p);
    n->power = p;
    return read_object(s, app_power_table, obj, p,
                       sim_pointer(at, sizeof at, n->pointer, "power"), err);
}

/* ---------------------------------------------------------------- sums, in zJ */

struct parts {
    sim_u128 idle, busy, items, bytes, memory;
};

static sim_u128 window_of(const struct sim_world *w) {
    return w->to > w->from ? (sim_u128)(uint64_t)(w->to - w->from) : 0;
}

static sim_u128 sum_of(const struct parts *p) {
    return p->idle + p->busy + p->items + p->bytes + p->memory;
}

/* Power over a time, in picoseconds. */
static sim_u128 over(int64_t power, sim_u128 time) { return time * (uint64_t)power * 1000000; }

/* Services that began in the window. */
static void add_services(const struct sim_world *w, const struct sim_comp *c,
                         const struct app_energy *e, struct parts *p) {
    for (uint32_t k = 0; k < w->streams; k++)
        for (uint32_t i = 0; i < w->steps; i++) {
            const struct sim_step *step = &w->step[i];
            const struct sim_step_stat *stat = w->stream[k]->step[i];
            if (stat == NULL || step->comp != c || step->op == NULL)
                continue;
            uint32_t ppm = step->kind == SIM_STEP_VIA ? step->ratio_ppm : 1000000;
            p->items += (sim_u128)stat->served * (uint64_t)e->per_item * 1000000;
            if (!step->op->bare)
                p->bytes += (sim_u128)stat->bytes * (uint64_t)e->per_byte * ppm;
        }
}

/* Bytes of memory that is in no block, in the window: what the model says of them. */
static sim_u128 memory_of(const struct sim_comp *c) {
    sim_u128 bytes = 0;
    for (const struct sim_field *f = c->model->stats; f != NULL && f->name != NULL; f++)
        if (c->model->memory != NULL && sim_listed(c->model->memory, f->name))
            bytes += (uint64_t) * (const int64_t *)(const void *)((const char *)c + f->offset);
    return bytes;
}

static struct parts parts_of(const struct sim_world *w, const struct app_block *b) {
    struct parts p = {.idle = over(b->energy->idle, window_of(w))};
    for (uint32_t i = 0; i < b->comp->ports; i++)
        if (!b->comp->port[i]->aside) /* what is kept there works elsewhere, or is on its way */
            p.busy += over(b->energy->busy, b->comp->port[i]->busy_ps);
    add_services(w, b->comp, b->energy, &p);
    p.memory = memory_of(b->comp) * (uint64_t)b->energy->per_memory_byte * 1000000;
    return p;
}

static json_t *joules(sim_u128 zj) { return app_ratio(zj, ZJ_A_JOULE); }

/* ---------------------------------------------------------------- the summary */

void app_energy_put(const struct app_scenario *s, const struct sim_comp *c, json_t *o) {
    const struct app_block *b = app_block_of(s, c);
    if (b == NULL || b->energy == NULL || window_of(s->world) == 0) {
        json_object_set_new(o, "energy_j", json_null());
        return;
    }
    struct parts p = parts_of(s->world, b);
    json_object_set_new(o, "energy_j", joules(sum_of(&p)));
    json_object_set_new(o, "energy_parts_j",
                        json_pack("{so so so so so}", "idle", joules(p.idle), "busy",
                                  joules(p.busy), "items", joules(p.items), "bytes",
                                  joules(p.bytes), "memory", joules(p.memory)));
}

/* Blocks that state nothing; of like blocks the name that they share. */
static json_t *unstated(const struct app_scenario *s) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++) {
            const struct app_node *n = &s->node[i];
            const struct app_block *b = &n->block[k];
            if (b->energy == NULL && (b->group == NULL || b->group->first == k))
                json_array_append_new(
                    list, json_sprintf("%s.%s", n->name, b->group ? b->group->name : b->name));
        }
    return list;
}

json_t *app_energy_summary(const struct app_scenario *s) {
    const struct sim_world *w = s->world;
    sim_u128 blocks = 0, boards = 0, delivered = 0, window = window_of(w);
    bool any = false;
    for (uint32_t i = 0; i < s->nodes; i++) {
        const struct app_node *n = &s->node[i];
        any |= n->power != NULL;
        boards += n->power != NULL ? over(n->power->board, window) : 0;
        for (uint32_t k = 0; k < n->blocks; k++) {
            if (n->block[k].energy == NULL)
                continue;
            struct parts p = parts_of(w, &n->block[k]);
            blocks += sum_of(&p);
            any = true;
        }
    }
    if (!any || window == 0)
        return json_null();
    for (uint32_t i = 0; i < w->streams; i++)
        delivered += w->stream[i]->delivered.bytes;
    sim_u128 total = blocks + boards;
    json_t *o = json_pack("{so so}", "total_j", joules(total), "mean_w",
                          app_ratio(total, window * 1000000000));
    json_object_set_new(o, "j_per_gigabyte", app_ratio(total, delivered * 1000000000000));
    json_object_set_new(o, "board_j", joules(boards));
    json_object_set_new(o, "unstated", unstated(s));
    return o;
}
