/* port.h - where components meet: the queue and the servers of the receiver, and the links
 * whose slots its senders take. See world.h for the two forms of the same rules.
 */
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include "event.h"
#include "msg.h"
#include "stat.h"
#include "step.h"

struct sim_step_stat;
struct sim_world;

enum { SIM_CLASSES = 4 };
#define SIM_NO_LINE UINT32_MAX

/* A slot ring from one port to another: times at which slots are (or will be) free. */
struct sim_link {
    struct sim_port *from, *to;
    uint32_t id;
    uint32_t head, tail, mask;
    sim_ps *slot;
    sim_ps credit_delay;    /* >= 1 ps */
    struct sim_hop refused; /* the drop at a destination that refuses */
    bool early;             /* taken when service starts */
    struct sim_server *waiting, **waiting_tail;
    struct sim_link *sibling; /* next link from the same port */
};

/* What is decided about a message when its service starts. */
struct sim_plan {
    sim_ps start, end; /* of the occupancy */
    sim_ps tail;       /* latency beyond the occupancy: travels, holds no server */
    const struct sim_hop *hop;
    struct sim_link *link;  /* whose slot it needs, or NULL */
    bool reserved;          /* the slot is taken already */
    struct sim_link *taken; /* whose slot was taken before the service; NULL from then on */
    uint32_t verdict;
    uint32_t bytes_in, bytes_out;
    uint16_t step, stream;
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

struct sim_server {
    struct sim_event timer;
    struct sim_port *port;
    struct sim_msg *msg;
    struct sim_plan plan;
    enum sim_server_state state;
    bool aside;       /* waits beside those that serve */
    sim_ps held_from; /* since when a polling call keeps it */
    struct sim_server *next_waiting, *next_idle;
};

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

/* Fields lie in the order in which a message meets them, those used together in one cache
 * line: every visit touches all but the last group. */
struct sim_port {
    /* for all */
    _Alignas(64) struct sim_comp *comp;
    struct sim_world *world;
    const sim_ps *now;         /* of the node's group */
    struct sim_server *server; /* [servers], and one that paces where the model chooses */
    sim_ps free_at;            /* promise form: last fixed departure */
    bool by_event;             /* which form */
    bool advancing;            /* promise form: at work, not to be entered again */
    bool late;                 /* serves when the time comes */
    bool drops, bytes_capacity, refuses, waits, reserve_at_start;
    bool slot_till_out; /* slots are taken for the latency too */
    bool lets_by;       /* what waits for a slot behind does so beside the servers */
    bool in_order; /* what leaves keeps its order on the way: none comes out before last_out */
    bool aside;    /* no message visits it: see sim_use_aside */
    const char *paced_by; /* aside: the parameter whose rate it is */
    uint32_t like; /* aside: 1 + id of the port whose entry in a step's books it shares */
    bool sole;     /* all that comes in comes from one such port: it may be told ahead */
    uint16_t full_cause;
    uint32_t id;                         /* in the world */
    struct sim_msg *armed, **armed_tail; /* sole: arrivals that are events all the same */
    uint64_t digest;                     /* of arrivals */
    struct sim_line line[SIM_CLASSES];
    sim_ps last_out;
    struct sim_outs *outs; /* drops, with slot_till_out: places of those that have left */
    uint32_t seq;          /* counter of what it sent */
    uint32_t index;        /* in the component */
    /* promise form: departures, so many fixed and so many of them gone from `level` */
    struct sim_leaving *leaving;
    uint32_t fixed, gone, mask;
    bool has_open;
    int64_t held_bytes; /* of what is in `level`, where it matters */
    /* books over the measured window, see visit.c */
    struct sim_gauge level;     /* items from entering to leaving */
    struct sim_step_stat *stat; /* of the last visit, of stream << 16 | step */
    uint32_t stat_of;
    struct sim_tally entered, left;
    struct sim_fresh fresh;
    int64_t bytes_changed; /* added minus removed by the model */
    /* the rest: */
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
    struct sim_line *lines;    /* [classes]: `line`, or more of them */
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
