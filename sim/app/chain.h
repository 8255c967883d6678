/* chain.h - compiling chains: what chain*.c share. Private to them.
 *
 * First every JSON step becomes its engine steps (the stages of a visit, the way there and
 * back of a call, the entry of children), then the hops between them are filled in, with the
 * shared resources of the routes as VIA steps in between.
 */
#ifndef APP_CHAIN_H
#define APP_CHAIN_H

#include "scenario.h"

enum app_target_kind { APP_TO_STEP, APP_TO_DELIVERED, APP_TO_REPLY, APP_TO_DROP };

/* Where a hop leads, before routes are put in. */
struct app_target {
    enum app_target_kind kind;
    struct app_chain *chain; /* APP_TO_STEP */
    uint32_t index;
};

/* One JSON step under compilation. */
struct app_work {
    struct app_scenario *s;
    struct app_node *n;
    struct app_chain *chain;
    uint32_t index;
    const json_t *json;
    char pointer[APP_POINTER];
    struct sim_err *err;
};

/* Words that a target may be beside the name of a chain: NULL-terminated. */
extern const char *const app_target_words[];

/* --- chain_step.c: engine steps --- */

/* The stages of one visit. @return the first; *last the last. */
uint16_t app_add_visit(const struct app_work *w, const struct app_block *b,
                       const struct sim_op *op, const void *args, uint16_t *last);
/* The stages at one block, and how many blocks follow with as many steps each. */
struct app_visits {
    uint16_t first, last, each;
    uint32_t blocks;
};
/* The same at every block of b's group, one after the other, when `name` stands for the
 * group. */
struct app_visits app_add_visits(const struct app_work *w, const struct app_block *b,
                                 const char *name, const struct sim_op *op, const void *args);
/* The k-th of the blocks that b, or its group, stands for. */
const struct app_block *app_visit_block(const struct app_work *w, const struct app_block *b,
                                        const struct app_visits *v, uint32_t k);
/* A step without cost at block b. */
uint16_t app_add_free(const struct app_work *w, const struct app_block *b,
                      enum sim_step_kind kind, const char *what);
/* A split or copy without an operation: no visit, without cost. */
bool app_step_is_bare(const json_t *step);
/* Read the arguments of a visit: {"at", "op", args...}. also: keys that the caller handles. */
bool app_read_visit(const struct app_work *w, const json_t *obj, const char *pointer,
                    const char *const *also, struct app_block **b, const struct sim_op **op,
                    void **args);
/* --- chain_calls.c --- */

/* "call", "split" and "copy" of a step whose visit ends in engine step `out` at block a. */
bool app_add_call(const struct app_work *w, const struct app_block *a, uint16_t out,
                  uint16_t *back);
bool app_add_split(const struct app_work *w, const struct app_block *a, uint16_t out,
                   uint16_t *resume);
bool app_add_copy(const struct app_work *w, const struct app_block *a, uint16_t out);

/* --- chain_hop.c: where a message goes from a step --- */

/* Fill *hop with the way from a block to an engine step: routes become VIA steps.
 * from: NULL for a source. Fails: err when there is no route. */
bool app_connect(const struct app_work *w, const struct app_block *from, uint16_t to,
                 struct sim_hop *hop);
/* "next", "drop", "delivered", "reply", CHAIN or CHAIN#STEPNAME. */
bool app_read_target(const struct app_work *w, const char *text, const char *pointer,
                     struct app_target *t);
/* Target that the step names under `key`, else `otherwise`. */
bool app_target_of(const struct app_work *w, const char *key, const char *otherwise,
                   struct app_target *t);
/* The hop to a target; cause: name of the drop when it is one. */
bool app_make_hop(const struct app_work *w, const struct app_block *from, struct app_target t,
                  const char *cause, struct sim_hop *hop);
/* Hops of an engine step by the verdicts of `model`; with `set_ok` also verdict 0: the next
 * step of the chain. */
bool app_verdict_hops(const struct app_work *w, const struct app_block *from, uint16_t step,
                      const struct sim_model *model, bool set_ok);

#endif
