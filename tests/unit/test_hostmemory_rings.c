/* test_hostmemory_rings.c - what a card's rings do in the host's memory beside its packets:
 * bytes, lines of cache and DRAM, translations, and who waits for them. */
#include "models/payload.h"
#include "models/rings.h"
#include "tests/unit/probe.h"

extern const struct sim_model model_hostmemory, model_pcie;

/* 125 ps a byte of the cache, 250 ps of DRAM. */
#define SLOW "\"bandwidth\": \"64Gb/s\", \"dram_bandwidth\": \"32Gb/s\""
/* 1 ps for a line: time passes in latencies only. */
#define FAST "\"bandwidth\": \"1000Tb/s\", \"dram_bandwidth\": \"1000Tb/s\""
#define ORDERS                                                                                 \
    "\"read_latency\": \"180ns\", \"write_latency\": \"66ns\", \"dram_latency\": \"54ns\""

enum { NS = 1000, N = 4096 };

/* ---------------------------------------------------------------- told by a card */

/* A card that has each packet take the same along. */
struct teller {
    struct sim_comp base;
    struct rings_work work;
};

static bool teller_init(struct sim_comp *comp, struct sim_err *err) {
    (void)err;
    sim_port_add(comp, &(struct sim_port_opts){.name = "tell"});
    return true;
}

static void teller_serve(struct sim_comp *comp, struct sim_port *port,
                         const struct sim_step *step, struct sim_msg *m, sim_ps start,
                         struct sim_service *out) {
    (void)port, (void)step, (void)start, (void)out;
    rings_tell(&comp->node->pool, m, &((struct teller *)comp)->work);
}

static const struct sim_field nothing[] = {{.name = NULL}};
static const struct sim_op teller_ops[] = {{.name = "tell", .doc = "tell"}, {.name = NULL}};
static const struct sim_model model_teller = {.name = "teller",
                                              .size = sizeof(struct teller),
                                              .params = nothing,
                                              .ops = teller_ops,
                                              .init = teller_init,
                                              .serve = teller_serve};

/* `n` messages of a line each, all to the same one, with w, and then `op` of memory. */
static struct bench told(uint64_t n, sim_ps gap, struct rings_work w, const char *op,
                         const char *json, struct sim_comp **memory) {
    struct bench b = bench_new(n, gap, 64);
    struct teller *t = bench_block(&b, &model_teller, "card", "{}");
    t->work = w;
    *memory = bench_block(&b, &model_hostmemory, "memory", json);
    bench_visit(&b, t, "tell", NULL);
    bench_visit(&b, *memory, op, NULL);
    bench_run(&b);
    return b;
}

static const struct rings_work completion = {.used = 1, .used_bytes = 64, .written = 1};
static const struct rings_work fetch = {.fetched = 8, .fetched_bytes = 16};

/* From the card's entry at 1 ps to the sink: two hops of 1 ps, and 1 ps of the card's. */
static sim_ps idle(struct rings_work w, const char *op, const char *json, int64_t walks) {
    struct sim_comp *memory;
    struct bench b = told(1, 0, w, op, json, &memory);
    sim_ps took = b.sink->log_start[0] - 3;
    ck_assert_int_eq(stat_of(memory, "walks"), walks);
    bench_free(&b);
    return took;
}

/* A packet is the host's when its completion is there: 64 bytes later, and where that needs a
 * page of its own, when this is found: two walkers, both pages at once. */
START_TEST(a_packet_waits_for_its_completion) {
    const char *json = "{" SLOW ", " ORDERS "}";
    const struct rings_work none = {0};
    ck_assert_int_eq(idle(none, "write", json, 0), 64 * 125 + 66 * NS);
    ck_assert_int_eq(idle(completion, "write", json, 0), 2 * 64 * 125 + 66 * NS);
    const char *paged = "{" SLOW ", " ORDERS ", \"iommu\": true, \"walk_latency\": \"330ns\"}";
    ck_assert_int_eq(idle(none, "write", paged, 1), 64 * 125 + (66 + 330) * NS);
    ck_assert_int_eq(idle(completion, "write", paged, 2), 2 * 64 * 125 + (66 + 330) * NS);
    const char *one = "{" SLOW ", " ORDERS ", \"iommu\": true, \"walkers\": 1}";
    ck_assert_int_eq(idle(completion, "write", one, 2), 64 * 125 + (66 + 2 * 330) * NS);
}
END_TEST

/* It passes no write, whatever those of packets do. */
START_TEST(completions_are_never_relaxed) {
    const char *json = "{" SLOW ", " ORDERS ", \"iommu\": true, \"walkers\": 1, "
                       "\"relaxed_ordering\": true}";
    ck_assert_int_eq(idle(completion, "write", json, 2), 64 * 125 + (66 + 2 * 330) * NS);
}
END_TEST

/* Descriptors delay nobody, but take the cache's time: the next access waits. */
START_TEST(fetches_delay_nobody) {
    const char *json = "{" SLOW ", " ORDERS ", \"iommu\": true, \"walk_latency\": \"330ns\"}";
    ck_assert_int_eq(idle(fetch, "write", json, 2), 64 * 125 + (66 + 330) * NS);
    struct sim_comp *memory;
    struct bench b = told(N, 0, fetch, "write", "{" SLOW "}", &memory);
    ck_assert_int_eq((sim_ps)memory->port[0]->busy_ps, N * (64 + 128) * 125);
    ck_assert_int_eq(stat_of(memory, "ring_read"), N * 128);
    ck_assert_int_eq(stat_of(memory, "ring_written"), 0);
    ck_assert_int_eq(stat_of(memory, "dram_read"), 0);
    bench_free(&b);
}
END_TEST

/* What a card says of packets that it receives is no matter of a read, and the other way. */
START_TEST(a_read_does_what_is_sent) {
    const struct rings_work sent = {.sends = true, .used = 1, .used_bytes = 64, .written = 1};
    const char *json = "{" SLOW ", " ORDERS ", \"cache\": \"warm\"}";
    const struct {
        struct rings_work w;
        const char *op;
        int64_t lines;
    } row[] = {{completion, "read", 0},
               {completion, "write", 1},
               {sent, "read", 1},
               {sent, "write", 0}};
    for (int i = 0; i < 4; i++) {
        struct sim_comp *memory;
        struct bench b = told(N, 0, row[i].w, row[i].op, json, &memory);
        ck_assert_int_eq(stat_of(memory, "ring_written"), row[i].lines * N * 64);
        bench_free(&b);
    }
    /* the data does not wait for the completion that says it was read */
    ck_assert_int_eq(idle(sent, "read", json, 0), 64 * 125 + 180 * NS);
}
END_TEST

/* Lines that so many completions drive out of DDIO's 1,024 places, of a ring of so many. The
 * packets' one line stays. */
static int64_t driven(const char *entries, struct rings_work w) {
    char json[256];
    struct sim_comp *memory;
    snprintf(json, sizeof json, "{" FAST ", \"ddio_bytes\": \"64KiB\", \"buffers\": %s}",
             entries);
    struct bench b = told(N, 0, w, "write", json, &memory);
    int64_t lines = stat_of(memory, "dram_written") / 64;
    bench_free(&b);
    return lines;
}

/* A ring that fits stays; of one that does not each entry drives another line out. Of entries
 * half as long, two share a line. */
START_TEST(a_ring_has_places_of_ddio) {
    struct rings_work half = completion;
    half.used_bytes = 32;
    ck_assert_int_eq(driven("256", completion), 0);
    ck_assert_int_eq(driven("960", completion), 0);
    ck_assert_int_eq(driven("2048", completion), N - 1023);
    ck_assert_int_eq(driven("4096", completion), N - 1023);
    ck_assert_int_eq(driven("4096", half), N / 2 - 1023);
    ck_assert_int_eq(driven("1024", half), 0);
}
END_TEST

/* A session of eight, two entries of which are written, has eight places: of a ring of 4,096 a
 * quarter of the lines is used, which DDIO holds but for one. */
START_TEST(compressed_ones_leave_places_out) {
    const struct rings_work session = {.used = 8, .used_bytes = 64, .written = 2};
    ck_assert_int_eq(driven("2048", session), 0);
    ck_assert_int_eq(driven("8192", session), 2 * N - 1023);
}
END_TEST

/* Descriptors of 16 bytes, eight at a time, and 64 KiB of cache outside of DDIO's: a ring of
 * 4,096 is there, one of 8,192 comes from DRAM, two lines a fetch. */
START_TEST(a_large_ring_of_descriptors_is_in_dram) {
    for (int entries = 4096; entries <= 8192; entries *= 2) {
        char json[256];
        struct sim_comp *memory;
        snprintf(json, sizeof json,
                 "{" SLOW ", \"llc_bytes\": \"128KiB\", \"ddio_bytes\": \"64KiB\", "
                 "\"buffers\": %d}",
                 entries);
        struct bench b = told(N, 0, fetch, "write", json, &memory);
        bool far = entries > 4096;
        ck_assert_int_eq(stat_of(memory, "dram_read"), far ? N * 128 : 0);
        ck_assert_int_eq((sim_ps)memory->port[0]->busy_ps,
                         N * (far ? 128 * 250 : (64 + 128) * 125));
        bench_free(&b);
    }
}
END_TEST

/* Pages of the packets' line, of 2,048 completions of 64 bytes: 32 of them, once each. */
START_TEST(pages_of_rings_are_translated) {
    struct sim_comp *memory;
    struct bench b = told(N, 0, completion, "write",
                          "{" FAST ", \"iommu\": true, \"buffers\": 2048}", &memory);
    ck_assert_int_eq(stat_of(memory, "walks"), 1 + 2048 * 64 / 4096);
    bench_free(&b);
}
END_TEST

/* ---------------------------------------------------------------- of a link */

/* What N frames of 64 bytes across a link have memory do in its rings, and `packet` bytes of
 * each. */
static void lies(const char *pcie_json, const char *args, int64_t packet, int64_t read,
                 int64_t written) {
    struct bench b = bench_new(N, 0, 64);
    struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", pcie_json);
    struct sim_comp *memory = bench_block(&b, &model_hostmemory, "memory", "{" SLOW "}");
    bench_visit(&b, pcie, "receive", args);
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    ck_assert_int_eq(stat_of(memory, "ring_read"), read);
    ck_assert_int_eq(stat_of(memory, "ring_written"), written);
    ck_assert_int_eq((sim_ps)memory->port[0]->busy_ps, (N * packet + read + written) * 125);
    bench_free(&b);
}

#define LINK(more) "{\"queue\": 0, " more "}"

/* Those of the card's own rings: without check sequence. */
static void rings_of(const char *pcie_json, const char *args, int64_t read, int64_t written) {
    lies(pcie_json, args, 60, read, written);
}

static void as_packets(struct sim_msg *m, uint64_t nth) {
    static struct packet frame;
    (void)nth;
    m->body = &frame;
}

/* Of a packet as much lies in memory as crossed the link. */
START_TEST(a_packet_lies_there_as_it_crossed) {
    const char *none = "\"completion_bytes\": 0, \"descriptor_bytes\": 0";
    char json[256];
    static const struct {
        const char *params;
        int64_t bytes;
    } row[] = {{"\"fcs_bytes\": 0", 64},
               {"\"fcs_bytes\": 4", 60},
               {"\"pad_bytes\": 64", 64},
               {"\"pad_bytes\": 128", 128},
               {"\"pad_bytes\": 128, \"fcs_bytes\": 0", 128}};
    for (int i = 0; i < (int)(sizeof row / sizeof *row); i++) {
        snprintf(json, sizeof json, "{\"queue\": 0, %s, %s}", none, row[i].params);
        lies(json, "{}", row[i].bytes, 0, 0);
    }
    /* of a frame of 68 bytes a line, not two: a line of DDIO's that is driven out is DRAM's */
    struct bench b = bench_new(2 * N, 0, 68);
    probe_add(&b, "in")->vary = as_packets;
    struct sim_comp *pcie =
        bench_block(&b, &model_pcie, "pcie", LINK("\"completion_bytes\": 0"));
    struct sim_comp *memory = bench_block(&b, &model_hostmemory, "memory",
                                          "{\"ddio_bytes\": \"4KiB\", \"buffers\": 65536}");
    bench_visit(&b, pcie, "receive", NULL);
    bench_visit(&b, memory, "write", NULL);
    bench_run(&b);
    ck_assert_int_le(stat_of(memory, "dram_written"), 2 * N * 64);
    ck_assert_int_gt(stat_of(memory, "dram_written"), (2 * N - 64) * 64 * 9 / 10);
    bench_free(&b);
}
END_TEST

/* A completion of 64 bytes for a packet of 64 doubles what memory takes. */
START_TEST(received_packets_bring_their_rings) {
    rings_of(LINK("\"completion_bytes\": 0, \"descriptor_bytes\": 0"), "{}", 0, 0);
    rings_of(LINK("\"completion_bytes\": 64, \"descriptor_bytes\": 0"), "{}", 0, N * 64);
    rings_of(LINK("\"completion_bytes\": 128, \"descriptor_bytes\": 0"), "{}", 0, N * 128);
    rings_of(LINK("\"completion_batch\": 8, \"descriptor_bytes\": 0"), "{}", 0, N / 8 * 128);
    rings_of(LINK("\"completion_batch\": 32, \"descriptor_bytes\": 0"), "{}", 0,
             N / 32 * 5 * 64);
    rings_of(LINK("\"completion_bytes\": 0"), "{}", N / 8 * 128, 0);
    rings_of(LINK("\"interrupt_batch\": 1"), "{}", N * 16, N * 64);
}
END_TEST

/* Split: eight elements and an index; index, entries of 2 bytes and descriptors. Packed: what
 * is used is written over descriptors. */
START_TEST(virtio_has_its_own) {
    lies(LINK("\"gen\": 5"), "{\"rings\": \"split\"}", 60 + 12, N / 8 * (2 + 16 + 128),
         N / 8 * (64 + 2));
    lies(LINK("\"gen\": 5"), "{\"rings\": \"packed\"}", 60 + 12, N * 16, N * 16);
    lies(LINK("\"gen\": 5"), "{\"rings\": \"packed\", \"used_batch\": 1}", 60 + 12, N * 16,
         N * 16);
}
END_TEST

/* What the card takes in order to read it: descriptors of 64 bytes, eight at a time, and a
 * completion in 64. It goes with the request, and what another transfer crosses the link with
 * is forgotten. */
START_TEST(sent_packets_bring_their_rings) {
    for (int other = 0; other < 2; other++) {
        struct bench b = bench_new(N, 0, 64);
        struct sim_comp *pcie = bench_block(&b, &model_pcie, "pcie", LINK("\"fcs_bytes\": 0"));
        struct sim_comp *memory = bench_block(&b, &model_hostmemory, "memory", "{" SLOW "}");
        bench_via(&b, pcie, "post", 1000000);
        bench_via(&b, pcie, other ? "write" : "request", 1000000);
        bench_via(&b, memory, "read", 1000000);
        bench_run(&b);
        ck_assert_int_eq(stat_of(memory, "ring_read"), other ? 0 : N * 64);
        ck_assert_int_eq(stat_of(memory, "ring_written"), other ? 0 : N / 64 * 64);
        bench_free(&b);
    }
}
END_TEST

TEST_MAIN("hostmemory rings", a_packet_waits_for_its_completion, completions_are_never_relaxed,
          fetches_delay_nobody, a_read_does_what_is_sent, a_ring_has_places_of_ddio,
          compressed_ones_leave_places_out, a_large_ring_of_descriptors_is_in_dram,
          pages_of_rings_are_translated, a_packet_lies_there_as_it_crossed,
          received_packets_bring_their_rings, virtio_has_its_own,
          sent_packets_bring_their_rings)
