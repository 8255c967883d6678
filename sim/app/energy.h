/* energy.h - what blocks and boards say of the energy that they take, and what a run took.
 *
 * Power is in mW, energy in fJ, so 1 mW for 1 ps is 1 fJ. Sums are in millionths of that (a
 * route carries millionths of a byte per byte), zeptojoules: exact in 128 bits.
 */
#ifndef APP_ENERGY_H
#define APP_ENERGY_H

#include "scenario.h"

/* "energy" of a block. */
struct app_energy {
    int64_t idle, busy;         /* mW: always; of each server while it is occupied */
    int64_t per_item, per_byte; /* fJ */
    int64_t per_memory_byte;    /* fJ */
};

/* "power" of a card: of what is in none of its blocks. */
struct app_power {
    int64_t board; /* mW */
};

extern const struct sim_field app_energy_table[], app_power_table[];

/* Into b->energy what the block's object states; NULL where it states nothing. Fails: err. */
bool app_energy_read(struct app_scenario *s, const struct sim_model *model, struct app_block *b,
                     struct sim_err *err);
/* The same of a card. Fails: err. */
bool app_power_read(struct app_scenario *s, struct app_node *n, struct sim_err *err);

/* Into the object of a component: energy_j, and its parts where its block states them. */
void app_energy_put(const struct app_scenario *s, const struct sim_comp *c, json_t *o);
/* Of the whole run; null where nobody states anything. New reference. */
json_t *app_energy_summary(const struct app_scenario *s);

#endif
