/* test_software.c - what a message costs on a core, by closed forms: tables, threads, bursts,
 * interrupts, noise.
 */
#include "idle_core.h"
#include "models/software.h"

extern const struct sim_model model_engine, model_host;

/* What an engine's work costs more where the packet is posted to another block. */
enum { POST = 125, POST_A72 = 188, POST_X86 = 83 };

static uint64_t cycles(const char *params, const char *op, const char *args, uint32_t bytes) {
    return idle_cycles(params, op, args, bytes, NULL);
}

START_TEST(operations_cost_by_the_table) {
    ck_assert_uint_eq(cycles("{}", "aes-gcm-encrypt", NULL, 1500), 340 + 1590 + POST);
    ck_assert_uint_eq(cycles("{\"table\": \"a72\"}", "aes-gcm-encrypt", NULL, 1500),
                      340 + 2115 + POST_A72);
    ck_assert_uint_eq(cycles("{\"table\": \"x86\"}", "aes-gcm-encrypt", NULL, 1500),
                      340 + 1560 + POST_X86);
    ck_assert_uint_eq(cycles("{\"table\": \"x86\"}", "forward", NULL, 1500), 166);
    ck_assert_uint_eq(cycles("{\"scale\": 2}", "aes-gcm-encrypt", NULL, 1500),
                      680 + 3180 + 2 * POST);
    /* what the step says is so, on any core */
    ck_assert_uint_eq(cycles("{\"scale\": 2}", "sha256", "{\"cycles\": 10}", 100), 10 + 462);
    ck_assert_uint_eq(
        cycles("{\"scale\": 2}", "sha256", "{\"cycles\": 10, \"cycles_per_byte\": 1}", 100),
        110);
}
END_TEST

/* The host has the same operations under the same names, and its own table. */
START_TEST(host_and_cores_do_the_same) {
    for (const struct sim_op *op = model_cores.ops + 1; op->name != NULL; op++) {
        const struct sim_op *h = model_host.ops;
        while (h->name != NULL && strcmp(h->name, op->name) != 0)
            h++;
        ck_assert_msg(h->name != NULL || strcmp(op->name, "upcall") == 0, "%s", op->name);
        if (h->name != NULL)
            ck_assert_str_eq(h->doc, op->doc);
    }
}
END_TEST

#define ENGINE                                                                                 \
    "{\"aes-gcm-encrypt\": 1, \"aes-gcm-decrypt\": 1, \"esp-encap\": 1, \"esp-decap\": 1, "    \
    "\"macsec-protect\": 1, \"macsec-validate\": 1, \"tls-encrypt\": 1, \"tls-decrypt\": 1, "  \
    "\"lz4-compress\": 1, \"lz4-decompress\": 1, \"raid6\": 1, \"erasure\": 1, "               \
    "\"erasure-rebuild\": 1}"

/* Bytes of a message of 1,500 that one block and then another worked on. */
static uint64_t bytes_after(const struct sim_model *first, const char *op, const char *args,
                            const struct sim_model *second, const char *back) {
    struct bench b = bench_new(1, 0, 1500);
    bench_visit(&b, bench_block(&b, first, "a", first == &model_engine ? ENGINE : "{}"), op,
                args);
    if (back != NULL)
        bench_visit(&b, bench_block(&b, second, "b", second == &model_engine ? ENGINE : "{}"),
                    back, NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 1);
    uint64_t n = b.feed->stream->delivered.bytes;
    bench_free(&b);
    return n;
}

/* Cores and engines do the same to the bytes, and undo what the other did. */
START_TEST(bytes_do_not_depend_on_who_does_it) {
    static const struct {
        const char *op, *args, *back;
    } pair[] = {{"aes-gcm-encrypt", "{\"tag_bytes\": 12}", "aes-gcm-decrypt"},
                {"esp-encap", "{\"outer\": \"ipv6\", \"udp\": true}", "esp-decap"},
                {"macsec-protect", "{\"sci\": false}", "macsec-validate"},
                {"tls-encrypt", "{\"version\": \"1.2\"}", "tls-decrypt"},
                {"lz4-compress", "{\"ratio\": 0.5}", "lz4-decompress"},
                {"esp-encap", "{\"mode\": \"transport\"}", "esp-decap"},
                {"erasure", "{\"data\": 8, \"parity\": 3}", NULL},
                {"erasure-rebuild", "{\"lost\": 2, \"gives\": \"lost\"}", NULL},
                {"raid6", "{\"data\": 8}", NULL}};
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
        uint64_t n = bytes_after(&model_engine, pair[i].op, pair[i].args, NULL, NULL);
        ck_assert_uint_ne(n, 1500);
        ck_assert_uint_eq(bytes_after(&model_cores, pair[i].op, pair[i].args, NULL, NULL), n);
        ck_assert_uint_eq(bytes_after(&model_host, pair[i].op, pair[i].args, NULL, NULL), n);
        if (pair[i].back == NULL)
            continue;
        ck_assert_uint_eq(
            bytes_after(&model_cores, pair[i].op, pair[i].args, &model_engine, pair[i].back),
            1500);
        ck_assert_uint_eq(
            bytes_after(&model_engine, pair[i].op, pair[i].args, &model_host, pair[i].back),
            1500);
    }
}
END_TEST

extern const struct sim_model model_nic;

/* Cores put the NIC's VXLAN headers on and take them off; one layer at a time. */
START_TEST(tunnels_do_not_depend_on_who_makes_them) {
    const char *six = "{\"outer\": \"ipv6\"}";
    ck_assert_uint_eq(bytes_after(&model_cores, "vxlan-encap", NULL, NULL, NULL), 1550);
    ck_assert_uint_eq(bytes_after(&model_host, "vxlan-encap", six, NULL, NULL), 1570);
    ck_assert_uint_eq(bytes_after(&model_nic, "vxlan-encap", six, &model_cores, "vxlan-decap"),
                      1500);
    ck_assert_uint_eq(bytes_after(&model_cores, "vxlan-encap", six, &model_nic, "vxlan-decap"),
                      1500);
    /* the network's number changes nothing; options come in words of 4: 50 + 8 and 70 + 252 */
    const char *seven = "{\"options_bytes\": 7}",
               *most = "{\"outer\": \"ipv6\", \"options_bytes\": 252, \"vni\": 16777215}";
    ck_assert_uint_eq(bytes_after(&model_cores, "vxlan-encap", "{\"vni\": 42}", NULL, NULL),
                      1550);
    ck_assert_uint_eq(bytes_after(&model_cores, "geneve-encap", seven, NULL, NULL), 1558);
    ck_assert_uint_eq(bytes_after(&model_nic, "geneve-encap", seven, NULL, NULL), 1558);
    ck_assert_uint_eq(bytes_after(&model_host, "geneve-encap", most, NULL, NULL), 1822);
    ck_assert_uint_eq(
        bytes_after(&model_nic, "geneve-encap", most, &model_cores, "geneve-decap"), 1500);
    ck_assert_uint_eq(
        bytes_after(&model_cores, "geneve-encap", most, &model_nic, "geneve-decap"), 1500);
    ck_assert_uint_eq(cycles("{}", "geneve-encap", most, 1500), 150 + POST);
    ck_assert_uint_eq(cycles("{}", "vxlan-encap", "{\"vni\": 42}", 1500), 150 + POST);
    struct bench b = bench_new(1, 0, 1500);
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{}");
    bench_visit(&b, arm, "vxlan-encap", NULL);
    bench_visit(&b, arm, "vxlan-encap", NULL)->hop[SOFTWARE_NESTED] =
        (struct sim_hop){.kind = SIM_HOP_DELIVERED};
    bench_run(&b);
    ck_assert_uint_eq(b.feed->stream->step[2]->verdict[SOFTWARE_NESTED], 1);
    ck_assert_uint_eq(b.feed->stream->delivered.bytes, 1550);
    bench_free(&b);
    ck_assert_uint_eq(cycles("{}", "vxlan-encap", NULL, 1500), 150 + POST);
    ck_assert_uint_eq(cycles("{\"table\": \"x86\"}", "vxlan-encap", NULL, 9000),
                      100 + POST_X86);
}
END_TEST

/* What is no tunnel, or the other one, goes on by itself, as at the NIC. */
START_TEST(no_tunnel_has_the_verdict_of_the_nic) {
    const struct sim_verdict *verdict = &model_cores.verdicts[SOFTWARE_NOT_TUNNEL - 1];
    static const char *const off[] = {"vxlan-decap", "geneve-decap"};
    ck_assert_str_eq(verdict->name, "not-tunnel");
    ck_assert_str_eq(verdict->otherwise, "next");
    for (int i = 0; i < 2; i++) {
        struct bench b = bench_new(1, 0, 1500);
        struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{}");
        bench_visit(&b, arm, off[1 - i][0] == 'v' ? "vxlan-encap" : "geneve-encap", NULL);
        bench_visit(&b, arm, off[i], NULL)->hop[SOFTWARE_NOT_TUNNEL] =
            (struct sim_hop){.kind = SIM_HOP_DELIVERED};
        bench_run(&b);
        ck_assert_uint_eq(b.feed->stream->step[2]->verdict[SOFTWARE_NOT_TUNNEL], 1);
        ck_assert_uint_eq(b.feed->stream->delivered.bytes, 1550);
        bench_free(&b);
    }
}
END_TEST

/* The kernel's IPsec frames as an engine's does, and costs more. */
START_TEST(the_kernel_makes_the_same_tunnels) {
    ck_assert_uint_eq(bytes_after(&model_cores, "kernel-esp-encap", NULL, NULL, NULL),
                      bytes_after(&model_engine, "esp-encap", NULL, NULL, NULL));
    ck_assert_uint_eq(
        bytes_after(&model_cores, "kernel-esp-encap", NULL, &model_engine, "esp-decap"), 1500);
    ck_assert_uint_eq(
        bytes_after(&model_engine, "esp-encap", NULL, &model_host, "kernel-esp-decap"), 1500);
    ck_assert_uint_eq(cycles("{}", "kernel-esp-encap", NULL, 1518), 22800 + 1590);
}
END_TEST

/* The bytes that count are those of the IP packet, without Ethernet's 18. */
START_TEST(framing_costs_what_an_engine_goes_through) {
    ck_assert_uint_eq(cycles("{}", "esp-encap", NULL, 1518), 790 + 1590 + POST);
    ck_assert_uint_eq(cycles("{}", "esp-encap", "{\"mode\": \"transport\"}", 1518),
                      790 + 1569 + POST);
    ck_assert_uint_eq(cycles("{}", "macsec-protect", NULL, 1518), 490 + 1610 + POST);
    /* a pass for each parity or lost part */
    ck_assert_uint_eq(cycles("{}", "erasure", "{\"parity\": 4}", 10000), 100 + 9600 + POST);
    ck_assert_uint_eq(cycles("{}", "erasure-rebuild", NULL, 10000), 100 + 2400 + POST);
    ck_assert_uint_eq(cycles("{}", "raid6-rebuild", "{\"lost\": 2}", 10000), 100 + 2200 + POST);
    ck_assert_uint_eq(cycles("{}", "lz4-compress", "{\"ratio\": 0.5}", 1000),
                      300 + 10100 + POST);
}
END_TEST

/* Between engines a core takes a packet from a ring and posts it again, once for all that it
 * does in a row; a table's row that forwards has both, and so has what a step says itself. */
START_TEST(packets_are_taken_and_posted_once) {
    static const struct {
        const char *first, *args, *second;
        uint64_t cycles;
    } row[] = {{"aes-xts-encrypt", NULL, NULL, 200 + 1000 + 2 * POST},
               {"aes-xts-encrypt", NULL, "sha256", 200 + 1000 + 350 + 2310 + 2 * POST},
               {"forward", NULL, NULL, 250},
               {"aes-xts-encrypt", "{\"cycles\": 300}", NULL, 300 + 1000}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct bench b = bench_new(1, 0, 1000);
        bench_visit(&b, bench_block(&b, &model_engine, "e", "{\"copy\": 1000}"), "copy", NULL);
        struct sim_comp *arm = bench_block(&b, &model_cores, "arm", "{\"cores\": 1}");
        bench_visit(&b, arm, row[i].first, row[i].args);
        if (row[i].second != NULL)
            bench_visit(&b, arm, row[i].second, NULL);
        bench_run(&b);
        ck_assert_uint_eq(
            sim_clock_cycles(&arm->port[0]->clock, (sim_ps)arm->port[0]->busy_ps + 1),
            row[i].cycles);
        bench_free(&b);
    }
}
END_TEST

/* 1,000 messages at once on one core of T threads, of 100 cycles and a stall of 400. */
static void threads(uint64_t t, sim_ps each) {
    char params[256];
    snprintf(params, sizeof params,
             "{\"cores\": 1, \"clock\": \"1GHz\", \"memory_latency\": \"400ns\", \"threads\": "
             "%llu, \"memory_parallelism\": 1, \"on_full\": \"wait\"}",
             (unsigned long long)t);
    struct bench b = bench_new(1000, 0, 64);
    struct sim_comp *dpa = bench_block(&b, &model_cores, "dpa", params);
    bench_visit(&b, dpa, "work", "{\"cycles\": 100, \"memory_accesses\": 1}");
    bench_run(&b);
    ck_assert_int_eq(b.sink->log_start[0], 1000 + 500000 + 1); /* the first edge; idle */
    ck_assert_int_eq(b.sink->log_start[999] - b.sink->log_start[0], 999 * each);
    ck_assert(!dpa->port[0]->by_event);
    bench_free(&b);
}

START_TEST(threads_overlap_stalls_and_share_the_pipeline) {
    threads(1, 500000);
    threads(2, 250000);
    threads(4, 125000);
    threads(5, 100000);
    threads(16, 100000);
}
END_TEST

/* When n messages that come every `gap` are through one core at 1 GHz, the last of them. */
static sim_ps last_of(const char *params, uint64_t n, sim_ps gap, struct sim_port *port) {
    struct bench b = bench_new(n, gap, 64);
    struct sim_comp *arm = bench_block(&b, &model_cores, "arm", params);
    bench_visit(&b, arm, "work", "{\"cycles\": 50}");
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), n);
    sim_ps out = b.sink->log_start[n - 1] - 1;
    *port = *arm->port[0];
    bench_free(&b);
    return out;
}

#define ONE_CORE "{\"cores\": 1, \"clock\": \"1GHz\", \"on_full\": \"wait\", "

START_TEST(bursts_share_their_cycles) {
    struct sim_port p;
    const char *params = ONE_CORE "\"batch\": 4, \"batch_cycles\": 100}";
    ck_assert_int_eq(last_of(params, 1, 0, &p), 1000 + 150000);
    /* bursts of 4, 4 and 2: all had come when the core looked */
    ck_assert_int_eq(last_of(params, 10, 0, &p), 1000 + 300000 + 10 * 50000);
    /* one every 200 ns: each is a burst of its own */
    ck_assert_int_eq(last_of(params, 10, 200000, &p), 9 * 200000 + 1000 + 150000);
    ck_assert_int_eq((sim_ps)p.busy_ps, 10 * 150000);
    /* one every 100 ns, more than bursts of one allow: the queue grows until bursts are of 2 */
    sim_ps out = last_of(params, 1000, 100000, &p);
    ck_assert_int_ge(out, 999 * 100000 + 150000);
    ck_assert_int_le(out, 1000 * 100000 + 300000);
    /* saturated, but for the first, which came alone: 4 messages in 300 cycles */
    ck_assert_int_eq(last_of(params, 1000, 1000, &p),
                     1000 + (150 + 250 * 100 + 999 * 50) * 1000);
}
END_TEST

START_TEST(interrupts_wake_a_core_that_sleeps) {
    struct sim_port p;
    const char *params = ONE_CORE "\"receive\": \"interrupt\", \"moderation\": \"16us\", "
                                  "\"moderation_packets\": 1000, \"wakeup_latency\": \"2us\", "
                                  "\"interrupt_cycles\": 1500}";
    /* comes at 1 ps: at work at the edge after 2 us and 1 ps */
    ck_assert_int_eq(last_of(params, 1, 0, &p), 2001000 + 1550000);
    ck_assert_int_eq((sim_ps)p.busy_ps, 1550000);
    /* the second comes 5 us after the first and waits for 16 us between interrupts */
    ck_assert_int_eq(last_of(params, 2, 5000000, &p), 16000000 + 2001000 + 1550000);
    ck_assert_int_eq((sim_ps)p.busy_ps, 2 * 1550000);
    /* 20 us apart there is nothing to wait for */
    ck_assert_int_eq(last_of(params, 2, 20000000, &p), 20000000 + 2001000 + 1550000);
    /* ten at once: one interrupt */
    ck_assert_int_eq(last_of(params, 10, 0, &p), 2001000 + 1500000 + 10 * 50000);
    ck_assert_int_eq((sim_ps)p.busy_ps, 1500000 + 10 * 50000);
}
END_TEST

/* One every us: the second waits until four have come, 4 us after the first; so does every
 * fourth from then on. */
START_TEST(enough_packets_wait_no_longer) {
    struct sim_port p;
    const char *params = ONE_CORE "\"receive\": \"interrupt\", \"moderation\": \"16us\", "
                                  "\"moderation_packets\": 4, \"wakeup_latency\": \"0s\", "
                                  "\"interrupt_cycles\": 0}";
    ck_assert_int_eq(last_of(params, 2, 1000000, &p), 4000000 + 1000 + 50000);
    ck_assert_int_eq(last_of(params, 5, 1000000, &p), 4000000 + 1000 + 4 * 50000);
    ck_assert_int_eq(last_of(params, 6, 1000000, &p), 8000000 + 1000 + 50000);
    ck_assert_int_eq(last_of(params, 9, 1000000, &p), 8000000 + 1000 + 4 * 50000);
}
END_TEST

/* A core that the system takes for 3 of every 10 us does 7 us of work in it. */
START_TEST(noise_takes_its_share) {
    struct sim_port p;
    const char *params = ONE_CORE "\"noise_period\": \"10us\", \"noise_time\": \"3us\"}";
    sim_ps out = last_of(params, 4000, 0, &p), work = 4000LL * 50000;
    sim_ps stolen = out - 1000 - work;
    ck_assert_int_ge(stolen, work / 7 * 3 - 10000000);
    ck_assert_int_le(stolen, work / 7 * 3 + 10000000);
    ck_assert_int_eq(stolen % 3000000, 0); /* whole pieces, but for the first's rest */
}
END_TEST

START_TEST(what_has_no_effect_is_refused) {
    bench_refused(&model_cores, "{\"batch\": 8}", "/batch", "");
    bench_refused(&model_cores, "{\"noise_period\": \"1ms\"}", "/noise_period", "");
    bench_refused(&model_cores, "{\"noise_time\": \"1us\"}", "/noise_time", "");
    bench_refused(&model_host, "{\"noise_time\": \"1us\", \"noise_period\": \"1us\"}",
                  "/noise_time", "");
}
END_TEST

TEST_MAIN("software", operations_cost_by_the_table, host_and_cores_do_the_same,
          bytes_do_not_depend_on_who_does_it, tunnels_do_not_depend_on_who_makes_them,
          no_tunnel_has_the_verdict_of_the_nic, the_kernel_makes_the_same_tunnels,
          framing_costs_what_an_engine_goes_through, packets_are_taken_and_posted_once,
          threads_overlap_stalls_and_share_the_pipeline, bursts_share_their_cycles,
          interrupts_wake_a_core_that_sleeps, enough_packets_wait_no_longer,
          noise_takes_its_share, what_has_no_effect_is_refused)
