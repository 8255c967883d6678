/* help.c - `dpusim help`, `list`, `new`, `version`, and what `dpusim` alone says. */
#include "energy.h"
#include "models/registry.h"
#include "run.h"
#include "sim/engine/row.h"
#include "summary.h"
#include "version.h"
#include "workloads/registry.h"
#include <stdio.h>
#include <string.h>

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
        "dpusim trace FILE                   what is in this capture or block trace\n"
        "       [--as FORMAT]                of a block trace: iolog2, iolog3, blkparse, "
        "blktrace,\n"
        "                                    msr, alibaba, tencent, spc, cloudphysics, mqsim,\n"
        "                                    disksim, disksim-validate, fiu; which events "
        "count, too:\n"
        "                                    blkparse:queued, :issued (the default), "
        ":completed\n"
        "       [--skip-bad]                 go on behind lines that are no requests, of a "
        "format that\n"
        "                                    the file itself or --as says\n"
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

/* The model of a block, the source of a stream, or both of a name: "models/dma", "sources/dma"
 * is one of them. */
static bool help_named(const char *topic) {
    static const char *const kinds[] = {"models/", "sources/"};
    const struct sim_model *(*const find[])(const char *name) = {model_find, work_find};
    bool any = false;
    for (int i = 0; i < 2; i++) {
        size_t prefix = strlen(kinds[i]);
        const struct sim_model *m =
            find[i](strncmp(topic, kinds[i], prefix) == 0 ? topic + prefix : topic);
        if (m == NULL)
            continue;
        if (any)
            printf("\nAnd a source of streams:\n\n");
        help_model(m);
        any = true;
    }
    return any;
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
    if (help_named(topic))
        return APP_EXIT_DONE;
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
