/* test_flash.c - dies behind channels: a channel's slots against a count of every picosecond,
 * what a die does in which order, and what interrupts what.
 */
#include "models/flash.c"
#include "tests/block_world.h"
#include "tests/mix.h"

/* A block that has nothing but flash; what a test asks of it, it asks while it serves the one
 * message that there is. */
struct lab {
    struct sim_comp base;
    struct flash_params media;
    struct flash flash;
    void (*ask)(struct flash *f, const struct sim_msg *m);
};

static bool lab_init(struct sim_comp *comp, struct sim_err *err) {
    struct lab *l = (struct lab *)comp;
    (void)err;
    sim_port_add(comp, &(struct sim_port_opts){.name = "in"});
    flash_init(&l->flash, &l->media, comp);
    return true;
}

static void lab_serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                      struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct lab *l = (struct lab *)comp;
    (void)port;
    (void)step;
    (void)start;
    (void)out;
    l->ask(&l->flash, m);
}

static const struct sim_op lab_ops[] = {{.name = "none", .doc = ""}, {.name = NULL}};
static const struct sim_field lab_params[] = {{.name = NULL}};
static const struct sim_model model_lab = {.name = "lab",
                                           .size = sizeof(struct lab),
                                           .params = lab_params,
                                           .ops = lab_ops,
                                           .init = lab_init,
                                           .serve = lab_serve};

/* 100 us a read of 32 KiB, which the channel carries in 32.768 us. */
static const struct flash_params usual = {.channels = 2,
                                          .dies = 2,
                                          .channel_rate = 8000000000,
                                          .read_time = 100000000,
                                          .program_time = 1000000000,
                                          .erase_time = 3000000000,
                                          .read_bytes = 32768,
                                          .program_bytes = 32768,
                                          .suspend_time = 20000000};
static const sim_ps US = 1000000, READ = 100000000, CARRY = 32768000, PROGRAM = 1000000000;

static void lab(struct flash_params p, void (*ask)(struct flash *f, const struct sim_msg *m)) {
    struct bench b = bench_new(1, 0, 64);
    struct lab *l = bench_comp(&b, &model_lab, "lab", "{}");
    struct sim_err err = {0};
    l->media = p;
    l->ask = ask;
    ck_assert(sim_comp_init(&l->base, &err));
    bench_visit(&b, l, "none", NULL);
    bench_run(&b);
    ck_assert_uint_eq(bench_delivered(&b), 1);
    bench_free(&b);
}

/* ---------------------------------------------------------------- channels */

/* The same, unit by unit: a slot's time that is taken lies at its beginning. */
static sim_ps counted(sim_ps *taken, sim_ps width, sim_ps t, sim_ps span) {
    sim_ps mine = 0, slot = t / width;
    for (sim_ps x = t; span > 0; x++) {
        if (x / width != slot) {
            taken[slot] += mine;
            mine = 0;
            slot = x / width;
        }
        if (x - slot * width < taken[slot])
            continue;
        mine++;
        if (--span == 0) {
            taken[slot] += mine;
            return x + 1;
        }
    }
    return t;
}

/* The ring begins with four slots, and grows to what is booked ahead: 25 of t and what waits.
 */
static void fill_gaps(struct flash *f, const struct sim_msg *m) {
    enum { WIDTH = 40, SPANS = 400, MOST = 2000 };
    (void)m;
    f->width = WIDTH;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        sim_ps taken[MOST] = {0}, all = 0, sum = 0;
        struct flash_slot four[4] = {{0}};
        struct flash_channel channel = {.slot = four, .slots = 4};
        for (uint64_t i = 0; i < SPANS; i++) {
            uint64_t h = test_mix(seed, i);
            sim_ps t = (sim_ps)(i * 30 + h % 1000), span = (sim_ps)(1 + h / 1000 % 60);
            f->now = (sim_ps)(i * 30);
            sim_ps want = counted(taken, WIDTH, t, span), found = take(f, &channel, t, span);
            ck_assert_msg(found == want, "seed %d, span %d: %lld, not %lld", (int)seed, (int)i,
                          (long long)found, (long long)want);
            ck_assert_int_ge(found, t + span);
            all += span;
        }
        ck_assert_uint_ge(channel.slots, 32);
        ck_assert_uint_le(channel.slots, 256);
        for (int i = 0; i < MOST; i++) {
            ck_assert_int_le(taken[i], WIDTH);
            sum += taken[i];
        }
        ck_assert_int_eq(sum, all);
    }
}

START_TEST(gaps_are_filled) { lab(usual, fill_gaps); }
END_TEST

/* Many dies behind one channel: it carries one page after the other, without a gap. */
static void fill_channel(struct flash *f, const struct sim_msg *m) {
    sim_ps waits = 0, last = 0;
    for (uint32_t die = 0; die < 64; die++) {
        sim_ps end = flash_read(f, m, die, 32768, 0, &waits);
        last = last > end ? last : end;
    }
    sim_ps want = READ + 64 * CARRY;
    ck_assert_int_ge(last, want - f->width); /* to a slot: within it, time has no order */
    ck_assert_int_le(last, want + f->width);
}

START_TEST(a_full_channel_is_never_idle) {
    struct flash_params p = usual;
    p.channels = 1;
    p.dies = 64;
    lab(p, fill_channel);
}
END_TEST

/* ---------------------------------------------------------------- dies */

/* One after the other of one die, side by side of two; the register is read meanwhile. */
static void take_turns(struct flash *f, const struct sim_msg *m) {
    sim_ps waits = 0;
    ck_assert_int_eq(flash_read(f, m, 0, 32768, 0, &waits), READ + CARRY);
    ck_assert_int_eq(waits, 0);
    ck_assert_int_eq(flash_read(f, m, 1, 32768, 0, &waits), READ + CARRY);
    ck_assert_int_eq(waits, 0);
    ck_assert_int_eq(flash_read(f, m, 0, 32768, 0, &waits), 2 * READ + CARRY);
    ck_assert_int_eq(waits, READ);
    /* a part of a page takes its part of the channel, and all of the die */
    ck_assert_int_eq(flash_read(f, m, 1, 4096, READ, &waits), 2 * READ + CARRY / 8);
}

START_TEST(reads_take_their_turn) { lab(usual, take_turns); }
END_TEST

/* Data goes over the channel first; each block is erased before it is programmed again. */
static void program_blocks(struct flash *f, const struct sim_msg *m) {
    sim_ps end = CARRY;
    for (int i = 1; i <= 9; i++) {
        end += PROGRAM + (i % 3 == 0 ? 3 * PROGRAM : 0);
        ck_assert_int_eq(flash_program(f, m, 0, 32768, 0, PROGRAM), end);
    }
    ck_assert_int_eq(f->programs, 9);
    ck_assert_int_eq(f->erases, 3);
}

START_TEST(programs_and_erases) {
    struct flash_params p = usual;
    p.programs = 3; /* erase_time is three of program_time */
    lab(p, program_blocks);
}
END_TEST

static void interrupt_it(struct flash *f, const struct sim_msg *m) {
    int64_t suspends = f->p->suspends;
    sim_ps waits = 0, t = 200 * US, done = CARRY + PROGRAM, late = f->p->suspend_time + READ;
    ck_assert_int_eq(flash_program(f, m, 0, 32768, 0, PROGRAM), done);
    for (int64_t i = 0; i < suspends; i++, t += 200 * US, done += late)
        ck_assert_int_eq(flash_read(f, m, 0, 32768, t, &waits), t + late + CARRY);
    /* now it must go on; what is programmed next waits for the read besides */
    ck_assert_int_eq(flash_read(f, m, 0, 32768, t, &waits), done + READ + CARRY);
    ck_assert_int_eq(f->suspended, suspends);
    ck_assert_int_eq(flash_program(f, m, 0, 32768, t, PROGRAM), done + READ + PROGRAM);
}

START_TEST(reads_interrupt_what_is_programmed) {
    for (int64_t suspends = 0; suspends < 3; suspends++) {
        struct flash_params p = usual;
        p.suspends = suspends;
        lab(p, interrupt_it);
    }
}
END_TEST

/* What the controller moves waits for all, and all wait for it but reads that interrupt. */
static void move_page(struct flash *f, const struct sim_msg *m) {
    sim_ps waits = 0;
    ck_assert_int_eq(flash_read(f, m, 0, 32768, 0, &waits), READ + CARRY);
    flash_move(f, m, 0, 0);
    ck_assert_int_eq(flash_program(f, m, 0, 32768, 0, PROGRAM), 2 * READ + PROGRAM);
    ck_assert_int_eq(f->reads, 2);
}

START_TEST(moves_wait_for_all) { lab(usual, move_page); }
END_TEST

TEST_MAIN("flash", gaps_are_filled, a_full_channel_is_never_idle, reads_take_their_turn,
          programs_and_erases, reads_interrupt_what_is_programmed, moves_wait_for_all)
