/* checks_memory.c - tables that lie in a card's memory must fit into it. How much there is, its
 * cores say; a card without cores says nothing.
 */
#include "checks.h"
#include "sim/engine/field.h"

static int64_t number(const struct sim_comp *c, const char *name) {
    return sim_field_named(c->model->params, name, c);
}

static int64_t memory_of(const struct app_node *n) {
    int64_t most = 0;
    for (uint32_t k = 0; k < n->blocks; k++) {
        int64_t memory = n->block[k].host_cores ? 0 : number(n->block[k].comp, "memory");
        most = memory > most ? memory : most;
    }
    return most;
}

static bool check_node(const struct app_node *n, struct sim_err *err) {
    char at[APP_POINTER], table[64], has[64];
    int64_t memory = memory_of(n);
    for (uint32_t k = 0; k < n->blocks && memory > 0; k++) {
        const struct app_block *b = &n->block[k];
        int64_t entries = number(b->comp, "entries"), each = number(b->comp, "entry_bytes");
        if (entries * each <= memory)
            continue;
        sim_quantity_exact(SIM_BYTES, entries * each, table, sizeof table);
        sim_quantity_exact(SIM_BYTES, memory, has, sizeof has);
        return sim_fail(err, "", sim_pointer(at, sizeof at, b->pointer, "entries"),
                        "%lld entries of %lld bytes are %s, and the card's memory has %s; have "
                        "fewer, or \"memory\" of its cores larger",
                        (long long)entries, (long long)each, table, has);
    }
    return true;
}

bool app_checks_memory(struct app_scenario *s, struct sim_err *err) {
    for (uint32_t i = 0; i < s->nodes; i++)
        if (!check_node(&s->node[i], err))
            return false;
    return true;
}
