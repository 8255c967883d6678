/* config.h - a scenario as JSON: read, merged with its device file and with --set.
 *
 * The merged tree has one node object per card: `/dpu` (or `/nodes/NAME`) with the device's
 * blocks, routes and chains in it, overridden key by key. Every error points into the
 * merged tree by an RFC 6901 pointer, as --set takes it; the file before it is the one that
 * the value came from, "--set" when it was set (app_config_blame).
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "sim/engine/err.h"
#include "sim/engine/mem.h"
#include <jansson.h>
#include <stdbool.h>

struct app_set {
    const char *pointer, *value; /* as given: --set POINTER=VALUE */
};

struct app_origin {
    const char *pointer; /* in the merged tree: this and what lies below it ... */
    const char *file;    /* ... came from this file ("--set" for the command line) */
    const char *card;    /* whose device file it is, as a pointer; else empty */
    const char *folder;  /* relative paths in it are taken from here */
    const char *block;   /* whose profile the file is, as a pointer; else NULL */
};

struct app_config {
    json_t *root;
    const char *file;   /* the scenario as the user wrote it */
    const char *folder; /* of the scenario */
    struct app_origin *origin;
    size_t origins;
    json_t *warnings;  /* [{pointer, text}] */
    json_t *overrides; /* [{pointer, value}] */
    json_t *devices;   /* {node: {name, file, revision}} */
    json_t *variants;  /* as written, {KEY: {CHOICE: patch}}; NULL: it has none */
    json_t *chosen;    /* {KEY: CHOICE} */
    json_t *baseline;  /* {KEY: CHOICE} of the run that this one is held against; NULL: none */
    struct sim_arena *arena;
};

/* Read, merge and check the outer shape. @param sets n overrides, applied in order.
 * Fails: err for a missing or malformed file, unknown or duplicate keys, a device that is
 * not found, a --set that points to nothing. */
bool app_config_load(struct app_config *c, const char *file, const struct app_set *sets,
                     size_t n, struct sim_arena *arena, struct sim_err *err);
void app_config_free(struct app_config *c);

/* The path of a device or profile (`kind`): a path if its name holds / or ends in .json, else
 * beside the scenario, else in configs/KINDs. Fails: err at the pointer. In the arena. */
const char *app_config_find(const struct app_config *c, const char *pointer, const char *kind,
                            const char *name, struct sim_err *err);
/* The folder that a file lies in. In the arena. */
const char *app_folder_of(struct sim_arena *arena, const char *file);
/* Which file a card's, or a block's, numbers are from. */
void app_note_device(struct app_config *c, const char *pointer, const char *name,
                     const char *file, const json_t *device);

/* --- profiles.c --- */

/* Blocks that name a profile get what it says and they do not. Fails: err. */
bool app_profiles_merge(struct app_config *c, struct sim_err *err);

/* --- devices.c --- */

/* Folder of the installed configs: DPUSIM_CONFIGS, else what the build was made from. */
const char *app_configs_folder(void);
enum { APP_FILES = 256 };
/* Names, without .json, of the JSON files of a folder of configs, sorted; the caller frees
 * each.
 * @return how many. */
size_t app_config_files(const char *kind, char *names[APP_FILES]);
/* Which installed devices have a block of that name; with a model, a block of that model that
 * has the operation `name`. E.g. "; bluefield-2 has it"; where none has it, "" or, with a
 * model, "; no device has it". @return buf. */
struct sim_model;
const char *app_devices_with(const struct sim_model *model, const char *name, char *buf,
                             size_t size);
/* Which models have an operation of that name, and of those that not every device has, which
 * devices: "" or e.g. "; model regex (bluefield-2) has it". @return buf. */
const char *app_models_with(const char *name, char *buf, size_t size);

/* --- blame.c --- */

/* From now on the value at a pointer, and what lies below it, is this file's. */
void app_origin_add(struct app_config *c, const char *pointer, const char *file,
                    const char *card, const char *folder);
/* A part of a card that is no device file's came from where the card did. */
void app_origin_own(struct app_config *c, const char *card, const char *pointer);
/* What was set within /dpu/device, an object, becomes what is set within /dpu. @param keys of
 * a device. */
void app_origin_inline(struct app_config *c, const char *card, const char *const *keys);
/* What says which card it is must be set before the device file is read: /dpu, /dpu/device and
 * what is within it, /nodes, /nodes/NAME and /nodes/NAME/device. */
bool app_names_card(const char *pointer);
/* Say where the value at a merged pointer came from: fills err->source of an error whose path
 * is a merged pointer. */
void app_config_blame(const struct app_config *c, struct sim_err *err);
/* Was the value at a merged pointer, or anything in it, put there by --set, or by a file beside
 * the device file that holds the rest? */
bool app_config_is_set(const struct app_config *c, const char *pointer);
/* Origin of the value at a merged pointer. */
const struct app_origin *app_config_origin(const struct app_config *c, const char *pointer);
/* The path of a file named at `pointer`: relative ones from the folder of the file that
 * names it. In the arena. */
const char *app_config_path(const struct app_config *c, const char *pointer, const char *name);

void app_config_warn(struct app_config *c, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* --- variants_names.c --- */

/* Of a scenario; a variant may hold all but the first three. */
enum { APP_ROOT_KEYS_FIXED = 3 };
extern const char *const app_root_keys[];
/* Is it a remark, which may stand in any object? */
bool app_is_doc(const char *key);
/* Is it, or in, a key that chooses, "variants" or "baseline"? */
bool app_names_variant(const struct app_config *c, const char *pointer);
/* The patch that the key `name` chose. Borrowed. */
json_t *app_variants_patch(const struct app_config *c, const char *name);
/* The key whose patch put the value at a merged pointer there, or NULL. */
const char *app_variants_by(const struct app_config *c, const char *pointer);

/* --- variants.c --- */

/* Check "variants", choose by the keys named there (and by --set of them), merge what is chosen
 * over the root, and take all that chooses out of it. Fails: err. */
bool app_variants_read(struct app_config *c, const struct app_set *sets, size_t n,
                       struct sim_err *err);
/* What makes `to` of `from` (RFC 7396). New reference. */
json_t *app_merge_patch(const json_t *from, const json_t *to);
/* Into an effective config: what was chosen, and how to make the baseline's, `other`, of it.
 * @param other NULL: there is none, or it is this one. */
void app_variants_echo(const struct app_config *c, json_t *effective, json_t *other);

/* --- set.c --- */

/* What a --set is about, in the order in which they take effect: what chooses variants, what
 * says which card it is, all else. */
enum app_set_kind { APP_SET_VARIANT, APP_SET_CARD, APP_SET_REST };
/* Apply those of one kind. Fails: err. */
bool app_sets_apply(struct app_config *c, const struct app_set *sets, size_t n,
                    enum app_set_kind kind, struct sim_err *err);

/* --- json.c --- */

enum { APP_NAME = 64, APP_SHOWN = 128 };
/* Of a block, route, chain, stream, node, link, scenario. */
bool app_name_ok(const char *name);
/* Fails: err, quoting what is no name, with the rule. */
bool app_name_need(const char *name, const char *pointer, struct sim_err *err);

/* A value as a message quotes it. @return buf, or a word. */
const char *app_json_show(const json_t *v, char buf[APP_SHOWN]);
/* Refuse a value: what it is, and then `must`. Without a value only the latter.
 * @return always false. */
bool app_json_wrong(const json_t *v, const char *pointer, const char *must,
                    struct sim_err *err);

/* Parse a JSON file: objects without duplicate keys. "-" is standard input.
 * Fails: err with what is wrong (missing, directory, no permission, empty, line and column). */
json_t *app_json_load(const char *file, struct sim_err *err);
/* Value at an RFC 6901 pointer, or NULL. Borrowed. */
json_t *app_json_at(json_t *root, const char *pointer);
/* Set the value at a pointer (steals value). Parents must exist; array "-" appends.
 * @return false when the parent does not exist or is no container. */
bool app_json_set(json_t *root, const char *pointer, json_t *value);
/* A JSON value from command-line text: what is not JSON is a string. New reference.
 * Fails: err when it begins an object or array and is none, or is not UTF-8. */
json_t *app_json_word(const char *text, const char *pointer, struct sim_err *err);
/* Write a file whole: to a temporary name, then renamed. `text` is not freed.
 * Fails: err naming the file and the system's reason; nothing is left behind. */
bool app_write_file(const char *folder, const char *name, const char *text, size_t size,
                    struct sim_err *err);
/* Known keys of an object, else err at "<pointer>/<key>" with the nearest one. */
bool app_json_keys(const json_t *obj, const char *const *known, const char *pointer,
                   struct sim_err *err);
/* A required or optional string member. `*out` is NULL when absent and optional. */
bool app_json_string(const json_t *obj, const char *key, bool required, const char *pointer,
                     const char **out, struct sim_err *err);

#endif
