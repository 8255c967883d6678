/* port.h - where components meet: the queue and the servers of the receiver, and the links
 * whose slots its senders take. See world.h for the two forms of the same rules.
 */
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include "event.h"
#include "msg.h"
#include "stat.h"
#include "step.h"

struct sim_world;

enum { SIM_CLASSES = 4 };
#define SIM_NO_LINE UINT32_MAX

/* A slot ring from one port to another: times at which slots are (or will be) free. */
struct sim_link {
    struct sim_port *to;
    sim_ps *slot;
    sim_ps credit_delay; /* >= 1 ps */
    struct sim_server *waiting, **waiting_tail;
    uint32_t head, tail, mask;
    uint32_t id;
    bool early;   /* taken when service starts */
    bool refuses; /* `to` does */
    struct sim_port *from;
    struct sim_link *sibling; /* next link from the same port */
    struct sim_hop refused;   /* the drop at a destination that refuses */
};

/* What is decided about a message when its service starts. */
struct sim_plan {
    sim_ps start, end; /* of the occupancy */
    sim_ps tail;       /* latency beyond the occupancy: travels, holds no server */
    const struct sim_hop *hop;
    struct sim_link *link;  /* whose slot it needs, or NULL */
    struct sim_link *taken; /* whose slot was taken before the service; NULL from then on */
    uint32_t bytes_in;
    uint8_t verdict;
    bool reserved; /* the slot is taken already */
};

enum sim_server_state {
    SIM_SERVER_IDLE,
    SIM_SERVER_BUSY,
    SIM_SERVER_WAITS,   /* for a slot downstream */
    SIM_SERVER_GRANTED, /* has the slot; leaves when the credit comes in */
    SIM_SERVER_HELD,    /* kept by a polling call */
    SIM_SERVER_LATE,    /* serves when its timer says that the time has come */
    SIM_SERVER_DECIDES, /* promise form: takes a slot when service starts, its time has come */
    SIM_SERVER_ENDS,    /* promise form: takes a slot when service ends, or is lost there */
    SIM_SERVER_PACES    /* serves nobody: its timer says when the model is asked again */
};

/* What every visit touches lies in the first line, what keeps time in the second. */
struct sim_server {
    _Alignas(64) uint8_t state; /* enum sim_server_state */
    bool aside;                 /* waits beside those that serve */
    struct sim_plan plan;
    struct sim_event timer;
    struct sim_port *port;
    struct sim_msg *msg;
    sim_ps held_from; /* since when a polling call keeps it */
    struct sim_server *next_waiting, *next_idle;
};
_Static_assert(offsetof(struct sim_server, timer) == 64, "a cache line");

/* A visit of a message to a port: what the books need of it. */
struct sim_visit {
    sim_ps in;         /* came into the port */
    sim_ps since;      /* waits since then: in a source's port since it was due */
    sim_ps start, end; /* of the occupancy */
    sim_ps out;        /* left the server */
    sim_ps tail;       /* latency beyond the occupancy */
    uint32_t bytes_in, bytes_out;
    uint16_t stream, step;
    uint8_t verdict; /* SIM_VERDICTS: refused, not served */
    bool dropped, measured;
    bool again;          /* a part of it, and not the last */
    sim_ps waited, took; /* of the last part: the others' waiting, service and tail */
};

/* What was last added to the port's sums of 128 bits, so that most additions are of 64. */
struct sim_fresh {
    uint64_t residence, busy, blocked; /* the first is not below the others */
};

/* A departure that is fixed (promise form). */
struct sim_leaving {
    sim_ps at;
    uint32_t bytes;
};

/* When what has left a port comes out of it, in that order. */
struct sim_outs {
    uint32_t head, tail, mask;
    sim_ps at[];
};

struct sim_tally {
    uint64_t items, bytes;
};

/* Items of one class that wait for a server, or whose departure is not fixed yet. */
struct sim_line {
    struct sim_msg *head, **tail;
};

/* Every visit touches the first four lines of the cache, and not the rest but what of `level`
 * lies behind them. */
struct sim_port {
    _Alignas(64) struct sim_comp *comp;
    struct sim_world *world;
    const sim_ps *now;         /* of the node's group */
    struct sim_server *server; /* [servers], and one that paces where the model chooses */
    sim_ps free_at;            /* promise form: last fixed departure */
    uint32_t id;               /* in the world */
    uint32_t rank;             /* of its component */
    uint32_t mask;             /* of leaving */
    bool by_event;             /* which form */
    bool advancing;            /* promise form: at work, not to be entered again */
    bool late;                 /* serves when the time comes */
    bool sole; /* all that comes in comes from one such port: it may be told ahead */
    bool drops, refuses;
    bool emits;    /* what enters a chain at its component does so here */
    bool clocked;  /* its services start at edges of `clock` */
    bool in_order; /* what leaves keeps its order on the way: none is out before last_out */
    bool slot_till_out; /* slots are taken for the latency too */
    bool lets_by;       /* what waits for a slot behind does so beside the servers */
    bool has_open;
    uint64_t digest;             /* of arrivals */
    struct sim_line line;        /* of the one class, where there is but one */
    struct sim_msg *armed;       /* sole: arrivals that are events all the same */
    struct sim_leaving *leaving; /* promise form: departures that are fixed, see below */
    sim_ps last_out;
    uint32_t seq;   /* counter of what it sent */
    uint32_t index; /* in the component */
    /* books over the measured window, see visit.c */
    uint32_t fixed, gone; /* of leaving: so many fixed and so many of them gone from `level` */
    struct sim_tally entered, left;
    struct sim_fresh fresh;
    _Alignas(64) struct sim_gauge level; /* items from entering to leaving */
    /* the rest: */
    bool bytes_capacity, waits, reserve_at_start;
    bool aside; /* no message visits it: see sim_use_aside */
    uint16_t full_cause;
    const char *paced_by; /* aside: the parameter whose rate it is */
    uint32_t like; /* aside: 1 + id of the port whose entry in a step's books it shares */
    struct sim_msg **armed_tail;
    struct sim_outs *outs; /* drops, with slot_till_out: places of those that have left */
    int64_t held_bytes;    /* of what is in `level`, where it matters */
    int64_t bytes_changed; /* added minus removed by the model */
    unsigned __int128 residence_ps; /* by the visits; audited against level.area */
    unsigned __int128 demand_ps;    /* occupancy of services started in the window */
    unsigned __int128 busy_ps;      /* server time occupied */
    unsigned __int128 blocked_ps;   /* server time waiting for a slot downstream */
    unsigned __int128 waited_ps; /* of messages elsewhere, for servers that they keep beside */
    uint64_t asked_bytes;        /* aside: of messages that asked for it in the window */
    struct sim_tally created, dropped, carried_in, carried_out;
    struct sim_tally lost; /* what came while it was full, or would have: refused before */
    uint64_t refused;      /* of what it dropped: not served, for want of a place elsewhere */
    struct sim_visit open; /* promise form: to be booked when it is past */
    struct sim_msg *ended, **ended_tail; /* chains that end here, told ahead: by time ... */
    uint32_t ends_armed;                 /* ... and how many ends are events */
    uint64_t digest_out;                 /* of what ended here */
    int64_t capacity;
    struct sim_clock clock;
    uint32_t servers, classes; /* classes: lines */
    struct sim_line *lines;    /* [classes]: `line`, or so many of them */
    bool chosen;               /* the model says which line a message takes, and which goes */
    struct sim_tally away;     /* on their way back here, in the places that they keep */
    uint32_t coming;           /* the line of the message that comes, asked for already */
    struct sim_server *idle;   /* event form: idle servers */
    struct sim_server *spare;  /* lets_by: take the place of those that wait */
    uint32_t all_servers;      /* those, too */
    struct sim_link *links;    /* from here, by `sibling` */
    const char *name;
};

#endif
