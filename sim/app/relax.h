/* relax.h - a resource, as results name it, doubled: to see what it holds up. */
#ifndef APP_RELAX_H
#define APP_RELAX_H

#include "scenario.h"

enum { APP_FASTER = 8 };

/* What makes a resource twice as fast, where it has one server that goes by rates, twice as
 * many, where a parameter says how many, or a closed loop twice as deep: values to be set, in
 * `arena`. @return how many; 0: its servers or places are to be doubled. */
size_t app_faster(const struct app_scenario *s, const struct app_resource *r,
                  struct sim_arena *arena, struct app_set out[APP_FASTER]);

/* Double its servers, or places, in a world that is not built yet. @return what was doubled;
 * NULL: nothing, there is none of that name. */
const char *app_relax(struct sim_world *w, const struct app_resource *r);

#endif
