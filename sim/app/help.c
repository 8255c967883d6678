/* help.c - `dpusim help`, `list`, `new`, `version`, and what `dpusim` alone says. */
#include "energy.h"
#include "models/registry.h"
#include "run.h"
#include "sim/engine/row.h"
#include "summary.h"
#include "version.h"
#include "workloads/registry.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void app_about(void) {
    fputs(
        "dpusim simulates Data Processing Units: packets from a real capture or a generator\n"
        "go through a model of the card (ports, NIC pipeline, Arm cores, fabric, DRAM, PCIe,\n"
        "host) event by event, to the picosecond. It reports throughput, latency, where the\n"
        "time went, and which part is the bottleneck and why. Cycle-level means that times\n"
        "keep to each block's clock; it is not accurate to the register transfer.\n"
        "A scenario is a JSON file; every field, default and source: dpusim help MODEL.\n\n"
        "  dpusim run configs/scenarios/quickstart.json\n"
        "  dpusim run configs/scenarios/quickstart.json --set /dpu/blocks/pcie/lanes=8\n"
        "  dpusim trace capture.pcap.gz\n",
        stdout);
}

void app_version_text(void) {
    json_t *libs = app_libraries(), *v;
    const char *name;
    printf("dpusim %s (%s)\n", app_version(), app_revision());
    json_object_foreach(libs, name, v) printf("  %s %s\n", name, json_string_value(v));
    json_decref(libs);
}

/* ---------------------------------------------------------------- help */

static void rows(const struct sim_field *table, const char *title) {
    char list[SIM_LIST];
    if (table == NULL || table->name == NULL)
        return;
    printf("\n%s\n", title);
    for (const struct sim_field *f = table; f->name != NULL; f++) {
        printf("  %-22s %s", f->name, sim_unit_name(f->unit));
        if (f->def == NULL)
            printf(", required");
        else if (f->def[0] != 0)
            printf(", default %s", f->def);
        if (f->choices != NULL && f->unit != SIM_JSON && f->unit != SIM_STRING)
            printf(", one of %s", sim_row_list(f, list));
        printf("\n      %s\n", f->doc);
        if (f->source != NULL)
            printf("      source: %s\n", f->source);
    }
}

static void counters(const struct sim_field *table) {
    if (table == NULL || table->name == NULL)
        return;
    printf("\nCounters in the results\n");
    for (const struct sim_field *f = table; f->name != NULL; f++)
        printf("  %-22s %s\n", f->name, f->doc);
}

/* The first operation with the same fields. */
static const struct sim_op *first_like(const struct sim_model *m, const struct sim_op *op) {
    const struct sim_op *first = m->ops;
    while (first->fields != op->fields)
        first++;
    return first;
}

static void help_op(const struct sim_model *m, const struct sim_op *op) {
    char title[512];
    const struct sim_op *first = first_like(m, op);
    bool has = op->fields != NULL && op->fields->name != NULL;
    snprintf(title, sizeof title, "Op \"%s\"%s: %s", op->name,
             op == m->ops ? " (the default)" : "", op->doc);
    if (has && first == op)
        rows(op->fields, title);
    else if (has)
        printf("\n%s; fields as of \"%s\"\n", title, first->name);
    else
        printf("\n%s\n", title);
}

static void help_model(const struct sim_model *m) {
    printf("%s: %s\n", m->name, m->doc);
    rows(m->params, "Parameters");
    for (const struct sim_op *op = m->ops; op != NULL && op->name != NULL; op++)
        help_op(m, op);
    for (const struct sim_verdict *v = m->verdicts; v != NULL && v->name != NULL; v++) {
        if (v == m->verdicts)
            printf("\nVerdicts that a step may branch on, e.g. \"%s\": \"drop\"\n", v->name);
        printf("  %-22s %s; otherwise: %s\n", v->name, v->doc, v->otherwise);
    }
    counters(m->stats);
}

static void commands(void) {
    fputs(
        "dpusim setup                        install what is missing (asks first on a "
        "terminal)\n"
        "dpusim run SCENARIO                 run; results go to results/runs/NAME\n"
        "       [--set POINTER=VALUE]...     change one value, e.g. /dpu/blocks/pcie/lanes=8\n"
        "       [--out DIR] [--seed N]       where results go; of every random stream\n"
        "       [--skip-bad]                 replay damaged captures up to the damage\n"
        "       [--shuffle-ties SEED]        another order of equal times: must change "
        "nothing\n"
        "       [--event-form] [--heap]      the engine's reference forms: must change "
        "nothing\n"
        "       [--windows]                  run cards apart between links: must change "
        "nothing\n"
        "       [--why]                      prove the bottleneck: run again with each suspect "
        "doubled\n"
        "dpusim check SCENARIO               only validate\n"
        "dpusim trace FILE                   what is in this capture\n"
        "dpusim report DIR                   the report of stored results again\n"
        "dpusim validate [AREA]              published numbers held against simulations\n"
        "dpusim list [KIND]                  scenarios, devices, models, sources\n"
        "dpusim new FILE [--from NAME]       a scenario to start from\n"
        "dpusim help [MODEL | config]        fields, units, defaults, sources\n"
        "dpusim schema [scenario | device]   JSON Schema of the files\n"
        "dpusim test                         build and run the tests\n"
        "dpusim version\n\n"
        "--format text|json|csv|md|html: of run and report; text|json|csv|md of validate;\n"
        "text|json of trace and list. --quiet: of run, check, trace, validate.\n"
        "Exit codes: 0 done, 1 the answer is no, 2 your error, 3 interrupted, 4 a "
        "failed\naudit, 70 our bug.\n",
        stdout);
}

static void help_config(void) {
    fputs(
        "A scenario: {\"dpusim\": 1, \"name\": ..., \"doc\": ..., \"dpu\": {\"device\": NAME,\n"
        "\"blocks\": {...}, \"routes\": {...}, \"chains\": {...}}, \"chains\": {...},\n"
        "\"streams\": {NAME: {\"source\": ..., \"chain\": ..., ...}}, \"run\": {...}}.\n"
        "A step of a chain: {\"at\": BLOCK, \"op\": OP, its fields, VERDICT: TARGET}, where a\n"
        "target is \"next\", \"drop\", \"delivered\", \"reply\", CHAIN or CHAIN#STEPNAME; or\n"
        "{\"end\": ...} or {\"goto\": TARGET}.\n"
        "Several cards: \"nodes\": {NAME: {\"device\": ..., \"ingress\": {PORT: [{\"chain\": "
        "...}]}}}\n"
        "and \"links\": {NAME: {\"ends\": [\"A.port0\", \"B.port0\"], \"delay\": ...}}.\n"
        "Cases of `dpusim validate`: {\"dpusim\": 1, \"scenario\": FILE, \"set\": {POINTER: "
        "VALUE},\n"
        "\"answer\": POINTER, \"scale\": NUMBER, \"cases\": [{\"scalar\": ID, ...}]}.\n"
        "See docs/config.md.\n",
        stdout);
    rows(app_block_table, "Keys of every block, beside its model's");
    rows(app_energy_table, "Fields of \"energy\", of every block");
    rows(app_power_table, "Fields of \"power\", of a card");
    rows(app_run_table, "Fields of \"run\"");
}

int app_help(const char *topic, struct sim_err *err) {
    const char *names[128] = {"config"};
    size_t n = 1;
    if (topic == NULL) {
        commands();
        return APP_EXIT_DONE;
    }
    if (strcmp(topic, "config") == 0) {
        help_config();
        return APP_EXIT_DONE;
    }
    const struct sim_model *m = model_find(topic);
    if (m == NULL)
        m = work_find(topic);
    if (m != NULL) {
        help_model(m);
        return APP_EXIT_DONE;
    }
    for (size_t i = 0; model_table[i] != NULL && n < 60; i++)
        names[n++] = model_table[i]->name;
    for (size_t i = 0; work_table[i] != NULL && n < 120; i++)
        names[n++] = work_table[i]->name;
    const char *near = sim_nearest(topic, names);
    sim_fail(err, "dpusim help", topic, "there is no such model or source%s%s%s",
             near ? "; did you mean \"" : "; `dpusim list models` and `dpusim list sources`",
             near ? near : "", near ? "\"?" : " name them");
    return APP_EXIT_USER;
}

/* ---------------------------------------------------------------- list */

static void list_files(const char *kind, const char *key, json_t *all) {
    char *names[APP_FILES], path[4400];
    size_t n = app_config_files(kind, names);
    json_t *list = json_object();
    for (size_t i = 0; i < n; i++) {
        struct sim_err ignored = {0};
        snprintf(path, sizeof path, "%s/%s/%s.json", app_configs_folder(), kind, names[i]);
        json_t *file = app_json_load(path, &ignored);
        const char *doc = json_string_value(json_object_get(file, "doc"));
        if (json_object_get(file, key) != NULL) /* not rule sets and other inputs beside them */
            json_object_set_new(list, names[i], json_string(doc ? doc : ""));
        json_decref(file);
        free(names[i]);
    }
    json_object_set_new(all, kind, list);
}

static void list_models(const char *kind, const struct sim_model *const *table, json_t *all) {
    json_t *list = json_object();
    for (size_t i = 0; table[i] != NULL; i++)
        json_object_set_new(list, table[i]->name, json_string(table[i]->doc));
    json_object_set_new(all, kind, list);
}

static void print_list(const json_t *all) {
    const char *kind, *name;
    char plain[1024];
    json_t *list, *doc;
    json_object_foreach((json_t *)all, kind, list) {
        int width = 0;
        json_object_foreach(list, name, doc) {
            width = (int)strlen(name) > width ? (int)strlen(name) : width;
        }
        printf("%s\n", kind);
        json_object_foreach(list, name, doc) {
            printf("  %-*s  ", width, sim_plain(name, plain, sizeof plain));
            printf("%s\n", sim_plain(json_string_value(doc), plain, sizeof plain));
        }
    }
}

int app_list(const char *kind, enum app_format format, struct sim_err *err) {
    static const char *const kinds[] = {"scenarios", "devices", "models", "sources", NULL};
    json_t *all = json_object();
    if (kind == NULL || strcmp(kind, kinds[0]) == 0)
        list_files("scenarios", "streams", all);
    if (kind == NULL || strcmp(kind, kinds[1]) == 0)
        list_files("devices", "blocks", all);
    if (kind == NULL || strcmp(kind, kinds[2]) == 0)
        list_models("models", model_table, all);
    if (kind == NULL || strcmp(kind, kinds[3]) == 0)
        list_models("sources", work_table, all);
    if (json_object_size(all) == 0) {
        const char *near = sim_nearest(kind, kinds);
        json_decref(all);
        sim_fail(err, "dpusim list", kind,
                 "is none of scenarios, devices, models, sources%s%s%s",
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        return APP_EXIT_USER;
    }
    if (format == APP_JSON) {
        json_dumpf(all, stdout, JSON_INDENT(1));
        putchar('\n');
    } else {
        print_list(all);
    }
    json_decref(all);
    return APP_EXIT_DONE;
}

/* ---------------------------------------------------------------- new, report */

/* File parameters of a copied scenario point to where they were. */
static void repoint(json_t *v, const char *folder) {
    const char *key;
    json_t *child;
    char path[4400];
    void *tmp;
    json_object_foreach_safe(v, tmp, key, child) {
        const char *text = json_string_value(child);
        if ((strcmp(key, "file") == 0 || strcmp(key, "rules") == 0) && text != NULL &&
            text[0] != '/') {
            snprintf(path, sizeof path, "%s/%s", folder, text);
            json_object_set_new(v, key, json_string(path));
        } else if (json_is_object(child)) {
            repoint(child, folder);
        }
    }
}

static bool no_scenario(const char *name, struct sim_err *err) {
    char *names[257];
    size_t n = app_config_files("scenarios", names);
    names[n] = NULL;
    const char *near = sim_nearest(name, (const char *const *)names);
    sim_fail(err, "dpusim", "--from", "there is no scenario \"%s\"%s%s%s", name,
             near ? "; did you mean \"" : "; `dpusim list scenarios` names them",
             near ? near : "", near ? "\"?" : "");
    while (n > 0)
        free(names[--n]);
    return false;
}

/* A file that is there is never written over; what was begun and failed does not stay. */
static bool put_new(const char *file, const char *text, struct sim_err *err) {
    FILE *f = fopen(file, "wx");
    bool ok = f != NULL && fprintf(f, "%s\n", text) > 0 && fflush(f) == 0;
    int code = errno;
    if (f != NULL && fclose(f) != 0 && ok) {
        ok = false;
        code = errno;
    }
    if (f != NULL && !ok)
        unlink(file);
    return ok || sim_fail(err, file, "", "cannot be written: %s", strerror(code));
}

/* The file's own name as one of a scenario: "my file.json" is my-file, "2nd.json" is new-2nd.
 */
static void name_after(const char *file, char name[APP_NAME]) {
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    size_t n = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    snprintf(name, APP_NAME, "%s%.*s", isalpha((unsigned char)base[0]) ? "" : "new-", (int)n,
             base);
    for (char *c = name; *c != 0; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            *c = '-';
}

int app_new(const char *file, const char *from, struct sim_err *err) {
    char path[4400], folder[4200], name[APP_NAME];
    if (access(file, F_OK) == 0) {
        sim_fail(err, file, "", "is there already; name another file");
        return APP_EXIT_USER;
    }
    snprintf(folder, sizeof folder, "%s/scenarios", app_configs_folder());
    snprintf(path, sizeof path, "%s/%s.json", folder, from ? from : "quickstart");
    if (from != NULL && access(path, F_OK) != 0 && !no_scenario(from, err))
        return APP_EXIT_USER;
    json_t *root = app_json_load(path, err);
    if (root == NULL)
        return APP_EXIT_USER;
    repoint(root, folder);
    name_after(file, name);
    json_object_set_new(root, "name", json_string(name));
    char *text = json_dumps(root, JSON_INDENT(2));
    bool ok = put_new(file, text, err);
    if (ok)
        printf("%s: a copy of %s to start from; `dpusim help config` and `dpusim help MODEL` "
               "explain it, `dpusim check` validates it\n",
               sim_plain(file, path, sizeof path), from ? from : "quickstart");
    free(text);
    json_decref(root);
    return ok ? APP_EXIT_DONE : APP_EXIT_USER;
}
