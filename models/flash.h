/* flash.h - dies behind channels: when what is read, programmed or erased there is done.
 *
 * A die does one thing at a time, in the order in which it is asked. It reads into a register
 * of its own; from there the data goes over the channel while the die does the next thing. A
 * program takes its data over the channel first. Reads pass programs and erases that wait, and
 * interrupt the one under way where the part can suspend it: that ends so much later.
 *
 * A channel is shared by its dies. It is asked for in the order of the requests, and each of
 * them is for later, when its die has read: so a channel's time is kept in slots, and what is
 * ready early takes what is left of the slots before those of others.
 *
 * Times are worked out when a request comes, in the order of the block's queue: no events.
 * Left out: planes that read different pages at a time; retries of reads, which grow with wear;
 * the pages of a cell that take different times, but for their mean; suspended programs are not
 * told apart among those that wait for one die.
 */
#ifndef MODELS_FLASH_H
#define MODELS_FLASH_H

#include "sim/engine/model.h"

struct flash_params {
    int64_t channels, dies; /* dies a channel */
    int64_t channel_rate;
    int64_t read_time, program_time, erase_time;
    int64_t read_bytes, program_bytes; /* of one read, one program of a die, all its planes */
    int64_t programs;                  /* from one erase of a die to the next; 0: none */
    int64_t suspend_time, suspends;    /* of a program or an erase; suspends 0: it cannot */
};

struct flash_die {
    sim_ps free;    /* it has read all that it was asked for */
    sim_ps working; /* programs and erases are done */
    sim_ps begun;   /* the last of these began */
    uint32_t since; /* programs since the last erase */
    uint32_t left;  /* times that it may be suspended yet, before it must go on */
};

/* A slot of a channel's time: so much of it is taken. */
struct flash_slot {
    uint64_t number;
    sim_ps taken;
};

/* As much of a channel's time as is booked ahead. */
struct flash_channel {
    struct flash_slot *slot; /* [slots], a ring; more where they do not reach */
    uint64_t slots;
    uint64_t full_from, full_till; /* slots from the one to before the other are full */
};

struct flash {
    const struct flash_params *p;
    struct sim_comp *comp;
    struct flash_die *die; /* [channels * dies] */
    struct flash_channel *channel;
    sim_ps now;    /* of the request at hand: nothing is asked for before it any more */
    uint32_t dies; /* all */
    uint32_t die_port, channel_port;
    sim_ps page;                                /* a whole read over the channel */
    sim_ps width;                               /* of a slot */
    int64_t reads, programs, erases, suspended; /* statistics */
};

/* Makes the ports "dies" and "channels" of the component. */
void flash_init(struct flash *f, const struct flash_params *p, struct sim_comp *comp);

/* m reads `bytes` of one read of a die at t. @return when they are in the controller; *waits
 * grows by what it waited for others. */
sim_ps flash_read(struct flash *f, const struct sim_msg *m, uint32_t die, uint64_t bytes,
                  sim_ps t, sim_ps *waits);

/* `bytes` for one program of a die, which takes `takes`, are there at t. m is the message that
 * causes it. @return when they are kept. */
sim_ps flash_program(struct flash *f, const struct sim_msg *m, uint32_t die, uint64_t bytes,
                     sim_ps t, sim_ps takes);

/* A read of the controller's own, for its housekeeping: the die's time, and the channel's. */
void flash_move(struct flash *f, const struct sim_msg *m, uint32_t die, sim_ps t);

#endif
