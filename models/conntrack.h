/* conntrack.h - the block, the states of a connection, and what a packet does to them.
 *
 * TCP's as Linux's tracker has them: FIN_WAIT is "one side has said FIN", whichever it was;
 * CLOSE_WAIT "and it was acknowledged". Who sent the first packet is the originator.
 */
#ifndef MODELS_CONNTRACK_H
#define MODELS_CONNTRACK_H

#include "models/fetch.h"
#include "models/flowtable.h"
#include "models/lru.h"
#include "sim/engine/model.h"

enum conntrack_state {
    CONNTRACK_NONE,
    CONNTRACK_SYN_SENT,
    CONNTRACK_SYN_RECV,
    CONNTRACK_ESTABLISHED,
    CONNTRACK_FIN_WAIT,
    CONNTRACK_CLOSE_WAIT,
    CONNTRACK_LAST_ACK,
    CONNTRACK_TIME_WAIT,
    CONNTRACK_CLOSE,
    CONNTRACK_UDP,        /* seen one way */
    CONNTRACK_UDP_STREAM, /* both ways */
    CONNTRACK_ICMP,
    CONNTRACK_OTHER,
    CONNTRACK_STATES,
    CONNTRACK_INVALID = CONNTRACK_STATES /* no state: the packet fits none */
};

/* The state that a TCP packet with these flags brings a connection in state s to: from
 * CONNTRACK_NONE its first one, SYN_SENT from TIME_WAIT or CLOSE a new one in its place.
 * @param reply it comes from the other side than the first packet did. @param loose a
 * connection may be taken up in its middle. */
enum conntrack_state conntrack_tcp(enum conntrack_state s, bool reply, uint8_t flags,
                                   bool loose);

enum conntrack_verdict { CT_OK, CT_NEW, CT_INVALID, CT_FULL };
enum conntrack_op { CT_TRACK, CT_INSERT, CT_OPS }; /* and ports */
enum conntrack_when { CT_WHEN_ESTABLISHED, CT_WHEN_NEW };
enum conntrack_evict { CT_EVICT_UNANSWERED, CT_EVICT_ANY, CT_EVICT_NEVER };

/* Kept apart from the state of the block: what a refused service did to it stays. */
struct conntrack_table {
    struct flowtable flows;
    struct lru cache;
    struct fetch fetch;
    sim_ps ageing[FLOW_STATES];
};

struct conntrack {
    struct sim_comp base;
    /* parameters */
    int64_t capacity, ways, evict, loose, resident, rate, latency, queue;
    int64_t cache_entries, entry_bytes, fetch_latency, fetches_max;
    int64_t insert_rate, insert_latency, insert_when;
    int64_t timeout[CONNTRACK_STATES];
    /* statistics */
    int64_t made, passed, pending, invalid, full, evicted, untracked, fetched, bytes_read;
    int64_t inserted, known, early, late, gone, closed, reached[CONNTRACK_STATES];
    /* state */
    struct sim_ser pace[CT_OPS], insert_pace; /* "one bit" each */
    struct conntrack_table *table;
    bool met_old;            /* a connection older than the run that may be in the table */
    uint64_t taken, refused; /* streams by TCP that was no, or was, invalid: a bit each */
};

void conntrack_track(struct conntrack *c, struct sim_msg *m, sim_ps start,
                     struct sim_service *out);
void conntrack_insert(struct conntrack *c, struct sim_msg *m, sim_ps start,
                      struct sim_service *out);

#endif
