/* ssd_lab.h - drives by themselves, under a load of fio's: for tests of the drive.
 *
 *   lab_set("/run/warmup", "0s");                        kept for the next run alone
 *   lab_run("'dies': 2", "'rw': 'read', 'bs': '4k'");    the drive's keys, the stream's keys
 *   stream()->latency; counter("media_reads"); lab_end();
 */
#ifndef TESTS_SSD_LAB_H
#define TESTS_SSD_LAB_H

#include "app_run.h"
#include <math.h>

static const sim_ps NS = 1000, US = 1000000;
static const sim_ps CARRY = 27306667; /* of 32 KiB at 1,200 MB/s */

static struct app_scenario s;
static struct app_set lab_sets[8];
static size_t lab_count;

/* Picoseconds of `bytes` on a drive's link, as laws_blocks.h has it. */
static inline sim_ps wire(int64_t bytes) {
    int64_t of = 64LL * 128 * (1534 * 214 - 16 * 1538);
    return (sim_ps)(((sim_u128)(uint64_t)bytes * 8000 * 130 * 1538 * 214 + (uint64_t)of - 1) /
                    (uint64_t)of);
}

static inline void lab_set(const char *pointer, const char *value) {
    ck_assert_uint_lt(lab_count, 8);
    lab_sets[lab_count++] = (struct app_set){pointer, value};
}

static const char lab_world[] =
    "{ 'dpusim': 1, 'name': 't', 'dpu': { 'blocks': { 'ssd': { 'model': 'ssd'%s%s } } },"
    " 'chains': {"
    " 'read': [ { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': 'read' },"
    "   { 'at': 'ssd', 'op': 'send' }, { 'end': 'reply' } ],"
    " 'write': [ { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': 'pull' },"
    "   { 'at': 'ssd', 'op': 'pulled' }, { 'at': 'ssd', 'op': 'write' },"
    "   { 'at': 'ssd', 'op': 'send' }, { 'end': 'reply' } ],"
    " 'flush': [ { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': 'flush' },"
    "   { 'at': 'ssd', 'op': 'send' }, { 'end': 'reply' } ],"
    " 'trim': [ { 'at': 'ssd', 'op': 'command' }, { 'at': 'ssd', 'op': 'trim' },"
    "   { 'at': 'ssd', 'op': 'send' }, { 'end': 'reply' } ] },"
    " 'streams': { 'io': { 'source': 'fio', %s, 'chain': { 'read': 'read', 'write': 'write',"
    "   'flush': 'flush', 'trim': 'trim' } } },"
    " 'run': { 'warmup': '5ms', 'duration': '20ms', 'seed': 1 } }";

static inline void lab_load(const char *drive, const char *load_keys) {
    char text[4096];
    snprintf(text, sizeof text, lab_world, *drive ? ", " : "", drive, load_keys);
    make_folder();
    load(&s, put("t.json", text), lab_sets, lab_count);
    lab_count = 0;
}

static inline void lab_run(const char *drive, const char *load_keys) {
    lab_load(drive, load_keys);
    run(&s);
}

static inline void lab_end(void) {
    app_scenario_free(&s);
    drop_folder();
}

static inline const struct sim_stream *stream(void) { return s.stream[0].stream; }

static inline int64_t counter(const char *name) { return stat_of(comp_of(&s, "ssd"), name); }

#endif
