/* test_app_devices.c - the devices that are shipped: every chain is right, and packets come
 * through those that begin at a port or at the host; what engines take is stated. */
#include "app_run.h"
#include <dirent.h>

static struct app_scenario s;

static bool is_entry(const json_t *chain) {
    const char *at = json_string_value(json_object_get(json_array_get(chain, 0), "at"));
    return strncmp(at, "port", 4) == 0 || strcmp(at, "host") == 0;
}

static void try_chain(const char *device, const char *chain) {
    char text[1024];
    snprintf(text, sizeof text,
             "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': '%s' }, 'streams': { 's': { "
             "'source': 'synthetic', 'rate': '5Gb/s', 'sizes': '1518', 'flows': 100, "
             "'chain': '%s' } }, 'run': { 'warmup': '0s', 'duration': '300us' } }",
             device, chain);
    load(&s, put("t.json", text), NULL, 0);
    ck_assert_msg(
        json_array_size(s.config.warnings) == 0, "%s: %s", device,
        json_string_value(json_object_get(json_array_get(s.config.warnings, 0), "text")));
    run(&s);
    ck_assert_msg(s.stream[0].stream->delivered.items > 20, "%s: %s", device, chain);
    app_scenario_free(&s);
}

/* Each block says what it takes, and where each number comes from. Engines are idle most of the
 * time: what they take then is said, and what an operation adds, or that the board's power has
 * it. */
static void states_energy(const char *device, const char *name, const json_t *block,
                          const json_t *power) {
    const char *model = json_string_value(json_object_get(block, "model"));
    json_t *energy = json_object_get(block, "energy"), *value;
    const char *key;
    ck_assert_msg(energy != NULL, "%s, %s: no energy", device, name);
    json_object_foreach(energy, key, value) if (strcmp(key, "sources") != 0)
        ck_assert_msg(json_object_get(json_object_get(energy, "sources"), key) != NULL,
                      "%s, %s: no source of %s", device, name, key);
    if (power == NULL || (strcmp(model, "engine") != 0 && strcmp(model, "regex") != 0))
        return;
    ck_assert_msg(json_object_get(energy, "idle") != NULL, "%s, %s: no idle power", device,
                  name);
    const char *why =
        json_string_value(json_object_get(json_object_get(energy, "sources"), "idle"));
    ck_assert_msg(json_object_get(energy, "per_byte") != NULL || strstr(why, "board") != NULL,
                  "%s, %s: no energy a byte", device, name);
}

static int try_device(const char *name) {
    char path[512], device[256];
    struct sim_err err = {0};
    const char *chain, *block;
    json_t *steps, *of;
    int n = 0;
    snprintf(device, sizeof device, "%.*s", (int)strlen(name) - 5, name);
    snprintf(path, sizeof path, "%s/devices/%s", app_configs_folder(), name);
    json_t *root = app_json_load(path, &err);
    ck_assert_ptr_nonnull(root);
    ck_assert_msg(json_is_string(json_object_get(root, "doc")), "%s has no \"doc\"", device);
    json_object_foreach(json_object_get(root, "blocks"), block, of)
        states_energy(device, block, of, json_object_get(root, "power"));
    json_object_foreach(json_object_get(root, "chains"), chain, steps) if (is_entry(steps)) {
        try_chain(device, chain);
        n++;
    }
    json_decref(root);
    return n;
}

/* Of the shipped scenarios nothing is left out of the sum. */
START_TEST(scenarios_state_energy) {
    DIR *dir = opendir(DPUSIM_SOURCE_DIR "/configs/scenarios");
    char path[512];
    int n = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct sim_err err = {0};
        snprintf(path, sizeof path, "%s/scenarios/%s", app_configs_folder(), e->d_name);
        json_t *root = strstr(e->d_name, ".json") != NULL ? app_json_load(path, &err) : NULL;
        bool is_one = json_object_get(root, "streams") != NULL;
        json_decref(root);
        if (!is_one)
            continue;
        load(&s, path, NULL, 0);
        for (uint32_t i = 0; i < s.nodes; i++)
            for (uint32_t k = 0; k < s.node[i].blocks; k++)
                ck_assert_msg(s.node[i].block[k].energy != NULL, "%s: %s", path,
                              s.node[i].block[k].name);
        app_scenario_free(&s);
        n++;
    }
    closedir(dir);
    ck_assert_int_ge(n, 18);
}
END_TEST

START_TEST(chains) {
    make_folder();
    DIR *dir = opendir(DPUSIM_SOURCE_DIR "/configs/devices");
    int n = 0;
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (strstr(e->d_name, ".json") != NULL)
            n += try_device(e->d_name);
    closedir(dir);
    ck_assert_int_ge(n, 15);
    drop_folder();
}
END_TEST

static const char *buffer = "2KiB"; /* of each */

static int64_t walks(const char *chain, const char *size, const char *mrrs) {
    char text[1024];
    int64_t n = 0;
    snprintf(
        text, sizeof text,
        "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'connectx-7', 'blocks': { "
        "'memory': { 'iommu': true, 'buffer_bytes': '%s' }, 'pcie': { 'mrrs_bytes': %s } } }, "
        "'streams': { 's': "
        "{ 'source': 'synthetic', 'packet_rate': '1M/s', 'sizes': '%s', 'flows': 1, "
        "'chain': '%s' } }, 'run': { 'warmup': '0s', 'duration': '1024us', 'drain': '10us' } }",
        buffer, mrrs, size, chain);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    const struct sim_comp *memory = comp_of(&s, "memory");
    for (const struct sim_field *f = memory->model->stats; f->name != NULL; f++)
        if (strcmp(f->name, "walks") == 0)
            n = sim_field_int(f, memory);
    app_scenario_free(&s);
    return n;
}

/* One flow, so one queue. Two buffers of 2 KiB a page: half a page a packet, received or sent,
 * in however many reads; one that goes through 9,014 bytes touches two pages more. And of the
 * rings: 1,024 entries of completions of 64 bytes, or of one for every 64 packets, and of
 * descriptors of 16 bytes, or of 64. Between two of those 16 completions large packets drive
 * their page out. */
START_TEST(pages_are_translated_once) {
    make_folder();
    int64_t one = walks("receive", "1518", "512");
    ck_assert_int_eq(one, 512 + 16 + 4);
    ck_assert_int_eq(walks("transmit", "1518", "512"), 512 + 1 + 16);
    ck_assert_int_eq(walks("transmit", "1518", "4096"), 512 + 1 + 16);
    int64_t large = walks("receive", "9018", "512") - (16 + 4);
    static const char *const mrrs[] = {"512", "4096"};
    for (int i = 0; i < 2; i++) { /* a page or two more where a ring of buffers ends */
        int64_t sent = walks("transmit", "9018", mrrs[i]);
        ck_assert_int_le(llabs(sent - (large + 16 + 16)), 2);
        buffer = "1536B"; /* six of them, 9,216 bytes: two and a quarter pages a packet */
        sent = walks("transmit", "9018", mrrs[i]);
        ck_assert_int_le(llabs(sent - (1024 * 9 / 4 + 16 + 16)), 32);
        buffer = "2KiB";
    }
    drop_folder();
}
END_TEST

TEST_MAIN("devices", chains, scenarios_state_energy, pages_are_translated_once)
