/* chain_index.c - the chains of a card by their names: its own and the scenario's. */
#include "chain.h"
#include "sim/engine/row.h"
#include <stdio.h>
#include <string.h>

const char *const app_target_words[] = {"next", "drop", "delivered", "reply", NULL};

struct app_chain *app_chain_find(const struct app_node *n, const char *name) {
    for (uint32_t i = 0; i < n->chains; i++)
        if (strcmp(n->chain[i].name, name) == 0)
            return &n->chain[i];
    return NULL;
}

/* Also of chains that nothing comes to: the schema knows no difference. */
static bool are_steps(const json_t *json, const char *pointer, struct sim_err *err) {
    char at[APP_POINTER], index[24];
    const char *text;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const json_t *step = json_array_get(json, i);
        snprintf(index, sizeof index, "%zu", i);
        sim_pointer(at, sizeof at, pointer, index);
        if (!json_is_object(step))
            return app_json_wrong(step, at, "must be an object: {\"at\": BLOCK, ...}", err);
        if (json_object_get(step, "end") == NULL && json_object_get(step, "goto") == NULL &&
            !app_json_string(step, "at", true, at, &text, err))
            return false;
    }
    return true;
}

static bool chain_add(struct app_scenario *s, struct app_node *n, const char *name,
                      const json_t *json, const char *pointer, struct sim_err *err) {
    if (!app_name_need(name, pointer, err))
        return false;
    for (int i = 0; app_target_words[i] != NULL; i++)
        if (strcmp(app_target_words[i], name) == 0)
            return sim_fail(err, "", pointer,
                            "\"%s\" is a word of the format, not a chain's name", name);
    if (!json_is_array(json) || json_array_size(json) == 0)
        return app_json_wrong(json, pointer, "must be an array of one step or more", err);
    if (!are_steps(json, pointer, err))
        return false;
    struct app_chain *c = app_chain_find(n, name);
    if (c == NULL)
        c = &n->chain[n->chains++];
    c->name = name;
    c->pointer = sim_strdup(&s->arena, pointer);
    c->json = json;
    c->steps = (uint32_t)json_array_size(json);
    return true;
}

static bool chains_of(struct app_scenario *s, struct app_node *n, const json_t *obj,
                      const char *pointer, struct sim_err *err) {
    const char *name;
    json_t *json;
    char at[APP_POINTER];
    if (obj != NULL && !json_is_object(obj))
        return app_json_wrong(obj, pointer, "must be an object of chains by name", err);
    json_object_foreach((json_t *)obj, name, json) {
        if (!chain_add(s, n, name, json, sim_pointer(at, sizeof at, pointer, name), err))
            return false;
    }
    return true;
}

/* The device's chains, then the scenario's own: those win. */
bool app_chains_index(struct app_scenario *s, struct app_node *n, struct sim_err *err) {
    const json_t *device = json_object_get(n->json, "chains");
    const json_t *own = json_object_get(s->config.root, "chains");
    char at[APP_POINTER];
    n->chain = sim_alloc_n(&s->arena, json_object_size(device) + json_object_size(own) + 1,
                           sizeof *n->chain);
    return chains_of(s, n, device, sim_pointer(at, sizeof at, n->pointer, "chains"), err) &&
           chains_of(s, n, own, "/chains", err);
}

/* " (known: receive, transmit)" */
static const char *list_chains(const struct app_node *n, char *text, size_t size) {
    text[0] = 0;
    for (uint32_t i = 0; i < n->chains; i++)
        sim_append(text, size, "%s%s", i ? ", " : " (known: ", n->chain[i].name);
    if (n->chains > 0)
        sim_append(text, size, ")");
    return text;
}

bool app_chain_missing(const struct app_node *n, const char *pointer, struct sim_err *err) {
    char known[600];
    return sim_fail(err, "", pointer, "\"chain\" is missing%s; write \"chain\": \"...\"",
                    list_chains(n, known, sizeof known));
}

bool app_chain_unknown(const struct app_node *n, const char *name, const char *pointer,
                       const char *words, struct sim_err *err) {
    const char *names[256] = {NULL};
    char known[600];
    for (uint32_t i = 0; i < n->chains && i < 255; i++)
        names[i] = n->chain[i].name;
    const char *near = sim_nearest(name, names);
    if (near != NULL)
        return sim_fail(err, "", pointer, "there is no chain \"%s\"; did you mean \"%s\"?",
                        name, near);
    list_chains(n, known, sizeof known);
    if (words[0] != 0)
        return sim_fail(err, "", pointer,
                        "there is no chain \"%s\"%s; say %s or the name of a chain", name,
                        known, words);
    return sim_fail(err, "", pointer,
                    "there is no chain \"%s\"%s; write it under /chains, or name another", name,
                    known);
}
