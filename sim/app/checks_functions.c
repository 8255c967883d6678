/* checks_functions.c - machines behind functions of a card (SR-IOV) that it does not have. */
#include "checks.h"
#include "sim/engine/row.h"
#include <string.h>

static const char can_show[] =
    "virtual_functions"; /* parameter of what shows functions to a host */

/* The block of the card that shows most functions, or NULL when none shows any to a host. */
static const struct app_block *shows_most(const struct app_node *n, int64_t *most) {
    const struct app_block *best = NULL;
    for (uint32_t i = 0; i < n->blocks; i++) {
        const struct sim_field *f = sim_row_named(n->block[i].comp->model->params, can_show);
        int64_t can = f != NULL ? sim_field_int(f, n->block[i].comp) : -1;
        if (can < 0 || (best != NULL && can <= *most))
            continue;
        best = &n->block[i];
        *most = can;
    }
    return best;
}

static bool check(const struct app_node *n, const struct app_block *host, struct sim_err *err) {
    char at[APP_POINTER], others[256];
    const struct sim_model *model = host->comp->model;
    uint32_t asked = model->functions != NULL ? model->functions(host->comp) : 0;
    int64_t most = 0;
    const struct app_block *card = asked > 1 ? shows_most(n, &most) : NULL;
    if (card == NULL || asked <= most)
        return true;
    sim_pointer(at, sizeof at, host->pointer, "functions");
    if (most > 0)
        return sim_fail(err, "", at,
                        "%u machines need as many functions of the card (SR-IOV); block \"%s\" "
                        "has %lld, its %s",
                        asked, card->name, (long long)most, can_show);
    return sim_fail(err, "", at,
                    "%u machines need functions of the card (SR-IOV); block \"%s\" has none%s",
                    asked, card->name,
                    app_devices_with(card->comp->model, "switch", others, sizeof others));
}

bool app_checks_functions(struct app_scenario *s, struct sim_err *err) {
    for (uint32_t i = 0; i < s->nodes; i++)
        for (uint32_t k = 0; k < s->node[i].blocks; k++)
            if (!check(&s->node[i], &s->node[i].block[k], err))
                return false;
    return true;
}
