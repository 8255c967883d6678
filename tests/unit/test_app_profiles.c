/* test_app_profiles.c - profiles: what the block says itself goes before, what --set says
 * before both; what they say stands in the effective configuration; all that are shipped are
 * valid.
 */
#include "app_run.h"
#include <dirent.h>

static struct app_scenario s;

#define WORLD(BLOCK)                                                                           \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'ssd': { 'model': 'ssd', " BLOCK " } }"  \
    " }, 'chains': { 'read': [ { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': "        \
    "'read' }, { 'at': 'ssd', 'op': 'send' }, { 'end': 'reply' } ] }, 'streams': { 'io': { "   \
    "'source': 'fio', 'rw': 'randread', 'chain': { 'read': 'read' } } }, 'run': { 'warmup': "  \
    "'0s', 'duration': '1ms' } }"

static const char mine[] = "{ 'model': 'ssd', 'channels': 3, 'dies': 5, 'lanes': 2, 'doc': 'my "
                           "own', 'sources': { 'channels': 'assumed: three', 'dies': "
                           "'assumed: five' }, 'energy': { 'idle': '3W' } }";

/* A value of the block in the effective configuration. */
static json_t *value(const char *key) {
    static json_t *whole;
    json_decref(whole);
    whole = app_scenario_effective(&s, NULL);
    json_t *card = json_object_get(json_object_get(whole, "dpu"), "device");
    json_t *blocks = json_object_get(card, "blocks");
    return json_object_get(json_object_get(blocks, "ssd"), key);
}

START_TEST(the_block_goes_before_its_profile) {
    const struct app_set sets[] = {{"/dpu/blocks/ssd/lanes", "8"}};
    make_folder();
    put("mine.json", mine);
    load(&s,
         put("t.json", WORLD("'profile': 'mine', 'dies': 7, 'sources': { 'dies': 'assumed: "
                             "seven' }")),
         sets, 1);
    ck_assert_int_eq(json_integer_value(value("channels")), 3);
    ck_assert_int_eq(json_integer_value(value("dies")), 7);
    ck_assert_int_eq(json_integer_value(value("lanes")), 8);
    ck_assert_int_eq(json_integer_value(value("gen")), 4); /* the model's default */
    json_t *sources = value("sources");
    ck_assert_str_eq(json_string_value(json_object_get(sources, "dies")), "assumed: seven");
    ck_assert_str_eq(json_string_value(json_object_get(sources, "channels")), "assumed: three");
    ck_assert_ptr_nonnull(value("energy"));
    ck_assert_ptr_null(value("profile"));
    ck_assert_ptr_null(value("doc")); /* that is the profile's */
    run(&s);
    ck_assert_uint_gt(s.stream[0].stream->delivered.items, 0);
    app_scenario_free(&s);
    drop_folder();
}
END_TEST

/* What is effective says it all: it runs to the same digest without the profile. */
START_TEST(what_is_effective_needs_no_profile) {
    uint64_t digest[2];
    char *text = NULL;
    make_folder();
    for (int i = 0; i < 2; i++) {
        load(&s,
             put("t.json", i == 0 ? WORLD("'profile': 'p4800x', 'count': 2, 'spread': "
                                          "'address', 'stripe': '64KiB'")
                                  : text),
             NULL, 0);
        json_t *whole = app_scenario_effective(&s, NULL);
        run(&s);
        digest[i] = sim_world_digest(s.world);
        app_scenario_free(&s);
        free(text);
        text = json_dumps(whole, 0);
        json_decref(whole);
        for (char *c = text; *c != 0; c++) /* which would be quotes */
            *c = *c == '\'' ? ' ' : *c;
    }
    free(text);
    ck_assert_uint_eq(digest[0], digest[1]);
    drop_folder();
}
END_TEST

/* --set chooses one, which is found by its name or its path. */
START_TEST(a_profile_can_be_set) {
    make_folder();
    const char *at = put("mine.json", mine), *file = put("t.json", WORLD("'lanes': 4"));
    const char *const names[] = {"mine", at};
    for (int i = 0; i < 2; i++) {
        const struct app_set sets[] = {{"/dpu/blocks/ssd/profile", names[i]}};
        load(&s, file, sets, 1);
        ck_assert_int_eq(json_integer_value(value("channels")), 3);
        ck_assert_int_eq(json_integer_value(value("lanes")), 4);
        app_scenario_free(&s);
    }
    drop_folder();
}
END_TEST

START_TEST(shipped_profiles_are_valid) {
    DIR *dir = opendir(DPUSIM_SOURCE_DIR "/configs/profiles");
    int n = 0;
    ck_assert_ptr_nonnull(dir);
    make_folder();
    const char *file = put("t.json", WORLD("'lanes': 4"));
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char name[256];
        const char *ends = strstr(e->d_name, ".json");
        if (ends == NULL)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(ends - e->d_name), e->d_name);
        const struct app_set sets[] = {{"/dpu/blocks/ssd/profile", name}};
        load(&s, file, sets, 1);
        ck_assert_ptr_nonnull(value("energy"));
        run(&s);
        ck_assert_uint_gt(s.stream[0].stream->delivered.items, 0);
        app_scenario_free(&s);
        n++;
    }
    closedir(dir);
    drop_folder();
    ck_assert_int_ge(n, 7);
}
END_TEST

TEST_MAIN("profiles", the_block_goes_before_its_profile, what_is_effective_needs_no_profile,
          a_profile_can_be_set, shipped_profiles_are_valid)
