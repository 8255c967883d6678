/* prop_queueing.c - mean waits and utilisation of M/D/1, M/M/1, M/M/c and M/G/1 against their
 * closed forms, within four standard errors over independent replications at fixed seeds.
 */
#include "tests/check_main.h"
#include "tests/small_world.h"
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

enum { REPLICATIONS = 20, MESSAGES = 12000, SERVICE = 1000000 };

struct station {
    const char *name;
    enum sim_dist dist;
    int64_t shape_ppm;
    double cv2; /* squared coefficient of variation of the service times */
    uint32_t servers;
    double load;
};

static const struct station stations[] = {
    {"M/D/1", SIM_DIST_CONSTANT, 0, 0, 1, 0.7},
    {"M/M/1", SIM_DIST_EXPONENTIAL, 0, 1, 1, 0.7},
    {"M/M/1 busy", SIM_DIST_EXPONENTIAL, 0, 1, 1, 0.85},
    {"M/M/3", SIM_DIST_EXPONENTIAL, 0, 1, 3, 0.8},
    {"M/M/8", SIM_DIST_EXPONENTIAL, 0, 1, 8, 0.8},
    {"M/U/1", SIM_DIST_UNIFORM, 0, 1.0 / 3, 1, 0.7},
    {"M/G/1 gamma", SIM_DIST_GAMMA, 500000, 0.25, 1, 0.75},
    {"M/G/1 lognormal", SIM_DIST_LOGNORMAL, 1500000, 2.25, 1, 0.5},
};

/* Mean wait in units of the service time: Pollaczek-Khinchine; Erlang C. */
static double mean_wait(const struct station *s) {
    double c = s->servers, a = c * s->load;
    if (s->servers == 1)
        return s->load * (1 + s->cv2) / (2 * (1 - s->load));
    double sum = 0, last = pow(a, c) / gsl_sf_gamma(c + 1) / (1 - s->load);
    for (double k = 0; k < c; k++)
        sum += pow(a, k) / gsl_sf_gamma(k + 1);
    return last / (sum + last) / (c * (1 - s->load));
}

struct result {
    double wait, load;
};

static struct result replicate(const struct station *s, uint64_t seed) {
    double gap = SERVICE / (s->load * s->servers);
    sim_ps window = (sim_ps)(gap * MESSAGES);
    struct sim_world_opts o = {
        .seed = seed, .warmup = window / 10, .duration = window, .messages = 8192};
    struct sim_world *w = sim_world_new(&o);
    struct sim_node *n = sim_node_add(w, "node");
    struct tserver *t =
        test_server(w, n, "station", 0, (struct sim_port_opts){.servers = s->servers});
    struct tsource *src = test_source(w, n, "poisson", 0, UINT64_MAX);
    struct sim_sampler service, gaps;
    struct sim_err err = {0};
    ck_assert(sim_sampler_init(&service, s->dist, SERVICE, s->shape_ppm, &w->arena, &err));
    ck_assert(sim_sampler_init(&gaps, SIM_DIST_EXPONENTIAL, (int64_t)(gap + 0.5), 0, &w->arena,
                               &err));
    t->sampler = &service;
    src->sampler = &gaps;
    test_init_all(w);
    uint16_t at = test_add(t, SIM_STEP_VISIT);
    w->step[at].hop[0] = test_end(SIM_HOP_DELIVERED);
    test_begin(src, at, 1);
    sim_world_build(w);
    test_run(w);
    ck_assert_msg(sim_world_audit(w, &err), "%s: %s", s->name, err.text);
    struct result r = {.wait = sim_hist_mean(&src->stream->step[at]->wait) / SERVICE,
                       .load = (double)t->base.port[0]->busy_ps / (double)window / s->servers};
    sim_world_free(w);
    return r;
}

static void within(const char *name, const char *what, const double *x, double expected) {
    double mean = gsl_stats_mean(x, 1, REPLICATIONS);
    double error = gsl_stats_sd(x, 1, REPLICATIONS) / sqrt(REPLICATIONS);
    ck_assert_msg(fabs(mean - expected) < 4 * error,
                  "%s: %s is %.5f, expected %.5f; %.1f standard errors of %.5f", name, what,
                  mean, expected, (mean - expected) / error, error);
    ck_assert_msg(error < 0.1 * expected, "%s: %s: too wide an error for a test", name, what);
}

START_TEST(closed_forms) {
    const struct station *s = &stations[_i];
    double wait[REPLICATIONS], load[REPLICATIONS];
    for (uint32_t i = 0; i < REPLICATIONS; i++) {
        struct result r = replicate(s, 1000 * (uint64_t)_i + i + 1);
        wait[i] = r.wait;
        load[i] = r.load;
    }
    within(s->name, "mean wait", wait, mean_wait(s));
    within(s->name, "utilisation", load, s->load);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("queueing");
    TCase *tcase = tcase_create("queueing");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, closed_forms, 0, (int)(sizeof stations / sizeof *stations));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
