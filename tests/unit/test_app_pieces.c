/* test_app_pieces.c - what a packet was split into is worked on by its own bytes: it has no
 * headers, and of its payload only its part; and splitting takes no visit of the block.
 */
#include "tests/unit/app_run.h"

/* 8 bytes a cycle of 1 ns, behind 20 of set-up. */
#define CARD                                                                                   \
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': {"                                         \
    " 'in': { 'model': 'server', 'time': '1ps', 'distribution': 'constant' },"                 \
    " 'cpu': { 'model': 'cores' },"                                                            \
    " 'e': { 'model': 'engine', 'clock': '1GHz', 'setup_cycles': 20, 'sha256': 8,"             \
    "   'aes-xts-encrypt': 8, 'deflate-compress': 8, 'copy': 8 } },"                           \
    " 'routes': { 'r': { 'from': ['in', 'cpu', 'e'], 'to': ['in', 'cpu', 'e'] } } },"          \
    " 'chains': { 'c': [ { 'at': '%s', 'split': { 'each': '512B', 'chain': 'piece' } } ],"     \
    "   'piece': [ { 'at': 'e', 'op': %s } ] },"                                               \
    " 'streams': { 's': { 'source': 'synthetic', 'packet_rate': '10k/s', 'sizes': '4096',"     \
    "   'chain': 'c' } }, 'run': { 'duration': '1ms' } }"

static struct app_scenario s;

/* Of all pieces. @return picoseconds that the engine was busy. */
static uint64_t busy(const char *at, const char *op) {
    char text[2000];
    make_folder();
    snprintf(text, sizeof text, CARD, at, op);
    load(&s, put("t.json", text), NULL, 0);
    run(&s);
    const struct sim_comp *e = comp_of(&s, "e");
    uint64_t served = 0, ps = 0;
    for (uint32_t i = 0; i < e->ports; i++)
        ps += (uint64_t)e->port[i]->busy_ps;
    for (uint32_t i = 0; i < s.world->steps; i++)
        if (s.world->step[i].comp == e && s.world->step[i].op != NULL)
            served += s.stream[0].stream->step[i]->served;
    ck_assert_uint_eq(served, 8 * s.stream[0].stream->delivered.items);
    ck_assert_uint_ge(s.stream[0].stream->delivered.items, 9);
    app_scenario_free(&s);
    drop_folder();
    return ps / served;
}

START_TEST(pieces_cost_their_own_bytes) {
    static const char *const ops[] = {"'sha256'", "'aes-xts-encrypt'", "'copy'",
                                      "'deflate-compress', 'ratio': 0.5"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        ck_assert_uint_eq(busy("in", ops[i]), (20 + 512 / 8) * 1000);
}
END_TEST

/* Whatever the block's first operation would ask for, or cannot do. */
START_TEST(splitting_is_no_visit) {
    ck_assert_uint_eq(busy("cpu", "'sha256'"), (20 + 512 / 8) * 1000);
    ck_assert_uint_eq(busy("e", "'sha256'"), (20 + 512 / 8) * 1000);
}
END_TEST

TEST_MAIN("pieces of packets", pieces_cost_their_own_bytes, splitting_is_no_visit)
