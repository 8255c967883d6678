/* test_validate_shipped.c - the published numbers that ship: all of them, as they were
 * published, each with a case or a reason.
 */
#include "app_run.h"
#include "sim/app/validate.h"

/* The number at KEY of a published value: KEY/KEY of lists and objects. */
static json_t *at_key(json_t *value, const char *key) {
    char pointer[256] = "";
    if (key[0] != 0)
        snprintf(pointer, sizeof pointer, "/%s", key);
    return app_json_at(value, pointer);
}

static size_t leaves(const json_t *v) {
    size_t n = 0, i;
    const char *key;
    json_t *child;
    json_object_foreach((json_t *)v, key, child) n += leaves(child);
    json_array_foreach(v, i, child) n += leaves(child);
    return json_is_object(v) || json_is_array(v) ? n : 1;
}

/* Every scalar of every entry, with its value, source and certainty. */
START_TEST(split_is_what_was_published) {
    static const char *const same[] = {"area",    "device",    "metric", "source",
                                       "locator", "certainty", "kind",   NULL};
    const char *file = test_shared("validation/published.json"), *key;
    if (file == NULL)
        return;
    json_t *list = json_load_file(file, 0, NULL), *entry, *mine;
    json_t *doc = json_load_file(DPUSIM_SOURCE_DIR "/configs/validation/split.json", 0, NULL);
    json_t *published = json_object_get(doc, "published");
    size_t i;
    ck_assert_uint_eq(json_array_size(list), json_object_size(published));
    json_array_foreach(list, i, entry) {
        const char *id = json_string_value(json_object_get(entry, "id"));
        json_t *ours = json_object_get(published, id);
        json_t *value = json_object_get(entry, "value");
        ck_assert_msg(ours != NULL, "%s is missing", id);
        for (size_t k = 0; same[k] != NULL; k++)
            ck_assert_msg(
                json_equal(json_object_get(ours, same[k]), json_object_get(entry, same[k])),
                "%s: another %s", id, same[k]);
        ck_assert_uint_eq(json_object_size(json_object_get(ours, "scalars")), leaves(value));
        json_object_foreach(json_object_get(ours, "scalars"), key, mine) ck_assert_msg(
            json_equal(json_object_get(mine, "value"), at_key(value, key)), "%s/%s", id, key);
    }
    json_decref(list);
    json_decref(doc);
}
END_TEST

/* What the project set itself: 60 predictions, and nothing without a case or a reason; of area
 * 4 what is an input or fitted has a case too.
 */
START_TEST(nothing_is_left_out) {
    struct sim_err err = {0};
    struct app_validation v = {.folder = DPUSIM_SOURCE_DIR "/configs/validation"};
    char line[2200];
    size_t predict = 0;
    if (!app_split_read(&v, &err) || !app_cases_read(&v, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
    for (size_t i = 0; i < v.scalars; i++) {
        const struct app_scalar *s = &v.scalar[i];
        predict += s->class == APP_PREDICT;
        bool drive = strcmp(s->area, "4-nvme-of") == 0 && s->class != APP_EXCLUDED;
        if (s->class == APP_PREDICT || s->class == APP_MODEL || s->class == APP_BESIDE || drive)
            ck_assert_msg(s->by != NULL || s->absent != NULL,
                          "%s has neither a case nor a reason", s->id);
    }
    ck_assert_uint_ge(predict, 60);
    json_decref(v.split);
    json_decref(v.all);
    sim_arena_free(&v.arena);
}
END_TEST

TEST_MAIN("validate, shipped", split_is_what_was_published, nothing_is_left_out)
