/* test_app_cut.c - a run that is cut short counts what was, not what had been planned. */
#include "app_run.h"

/* Twice what the line takes, for a time in which most of it still waits at it. */
static const char overload[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'device': 'bluefield-3',"
    "  'blocks': { 'port0': { 'rate': '10Gb/s' } } },"
    " 'streams': { 's': { 'source': 'synthetic', 'rate': '20Gb/s', 'sizes': '64',"
    "  'chain': 'hairpin' } },"
    " 'run': { 'warmup': '0us', 'duration': '5ms', 'messages': 131072 } }";

/* A model's own count of the window, by its name in the table of statistics. */
static int64_t counter(const struct sim_comp *c, const char *name) {
    for (const struct sim_field *f = c->model->stats; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return sim_field_int(f, c);
    ck_abort_msg("no counter %s", name);
    return 0;
}

static const struct sim_step_stat *first_visit(const struct app_scenario *s) {
    const struct sim_stream *st = s->world->stream[0];
    return st->step[s->world->step[st->first].hop[0].next];
}

static void cut_at(sim_ps t, bool by_event) {
    struct app_scenario s;
    const struct app_run_opts opts = {.all_by_event = by_event};
    struct sim_err err = {0};
    char line[2200];
    make_folder();
    if (!app_scenario_load(&s, put("t.json", overload), NULL, 0, &opts, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
    sim_world_run(s.world, t, UINT64_MAX);
    sim_ps end = sim_world_settle(s.world);
    ck_assert_int_ge(end, t - 100 * SIM_PS_PER_NS * 1000);     /* the last event before t */
    ck_assert_int_lt(end, t + 2 * 100 * SIM_PS_PER_NS * 1000); /* not for long */
    app_close(&s, end);
    if (!sim_world_audit(s.world, &err))
        ck_abort_msg("%s", sim_err_line(&err, line, sizeof line));
    const struct sim_step_stat *wire = first_visit(&s);
    int64_t served = (int64_t)wire->served, window = end - s.world->from;
    ck_assert_int_eq(counter(comp_of(&s, "port0"), "rx_wire_bytes"), served * (64 + 20));
    ck_assert_int_ge(window / 67200, served - 2); /* 84 B at 10 Gb/s */
    ck_assert_int_le(window / 67200, served + 2);
    ck_assert_uint_le(wire->wait.count, (uint64_t)served + 1);
    ck_assert_uint_ge(wire->wait.count + 2, (uint64_t)served);
    app_scenario_free(&s);
    drop_folder();
}

START_TEST(what_was_planned_is_not_counted) {
    for (int by_event = 0; by_event < 2; by_event++)
        for (sim_ps us = 100; us < 3000; us += 731)
            cut_at(us * SIM_PS_PER_NS * 1000, by_event);
}
END_TEST

TEST_MAIN("app cut", what_was_planned_is_not_counted)
