/* pcie_link.h - what crosses a PCI Express link, in bytes and time: packets (TLPs) with their
 * headers, what each direction owes for the other's traffic, and credits. pcie.c has the ports
 * and the operations.
 */
#ifndef MODELS_PCIE_LINK_H
#define MODELS_PCIE_LINK_H

#include "sim/engine/model.h"

enum { PCIE_TO_HOST, PCIE_FROM_HOST };
enum { PCIE_GENERATED, PCIE_RESERVED }; /* dllp */

/* Parameters of the link; read from JSON. */
struct pcie_params {
    int64_t gen, lanes, mps_bytes, mrrs_bytes, rcb_bytes, address_bits, ecrc;
    int64_t dllp, dllp_bytes, ack_interval_bytes, fc_interval_bytes, skp_bytes,
        skp_interval_bytes;
    int64_t posted_headers, posted_data_bytes, nonposted_headers, completion_headers;
    int64_t completion_data_bytes, credit_latency;
};

/* Credits of one type that a receiver has given: a header for each packet, data in units of 16
 * bytes. Those of a packet come back a fixed time after it was sent. */
struct pcie_credits {
    struct pcie_credit {
        sim_ps back;
        uint32_t data;
    } * used;                        /* ring */
    uint32_t head, tail, mask;       /* packets whose credits are not back, oldest first */
    uint32_t headers, data, spare;   /* 0: no bound; data not in use now */
    uint32_t header_port, data_port; /* of the block, whose servers they are; 0: none */
    sim_ps took;                     /* when the last packet took its own ... */
    uint32_t left;                   /* ... and how much data it left */
    sim_ps lacked;                   /* since when what goes next lacked one; 0: it did not */
};

/* One direction. What it owes is sent as soon as the wire is free, in front of what comes
 * later; what was caused in a picosecond counts from the next one on, so that the order of ties
 * does not matter. */
struct pcie_way {
    struct sim_ser ser;
    sim_ps busy_until; /* by all that was sent and owed before `fresh_at` */
    sim_ps fresh_at;
    uint64_t fresh_bits;   /* owed since */
    sim_ps messages_until; /* busy with messages until then, not with what it owes */
    sim_ps sent_ps;        /* of the wire's time, for the message at hand ... */
    sim_ps begun;          /* ... since then, but for what it owed before */
    uint64_t ack_bytes,
        fc_bytes; /* of packets received, not yet acknowledged, not yet credited */
    int64_t tlp_bytes, dllp_bytes; /* sent in the measured window, headers included */
};

struct pcie_link {
    struct sim_comp *comp;
    const struct pcie_params *p;
    const struct sim_msg *by; /* the message at hand */
    struct pcie_way way[2];
    sim_ps owed_most; /* what one way may owe at most before that which causes it waits */
    uint64_t write_header, request_header, completion_header; /* bytes on the wire */
    uint64_t ack_interval, fc_interval, dllp_bytes;           /* 0 bytes: none of their own */
    struct pcie_credits posted, nonposted;
    struct pcie_credits completion[2]; /* by the way that completions take */
    int64_t credit_stall;              /* time that packets waited for credits, in the window */
};

/* @return NULL, or which parameter leaves nothing of the link for packets. */
const char *pcie_link_init(struct pcie_link *l, const struct pcie_params *p,
                           struct sim_comp *comp);

/* Bytes on the wire of a write, of the requests of a read and of its completions. A write
 * without bytes is a packet too; a read without bytes is none. */
uint64_t pcie_write_bytes(const struct pcie_link *l, uint64_t bytes);
uint64_t pcie_request_bytes(const struct pcie_link *l, uint64_t bytes);
uint64_t pcie_completion_bytes(const struct pcie_link *l, uint64_t bytes);

/* Ports of the credits that are bounded, behind the block's others. */
void pcie_credit_ports(struct pcie_link *l);

/* m is served from now on: what is sent and owed is for it. @return picoseconds of a wire for
 * all that was sent on it since the message before. */
void pcie_begin(struct pcie_link *l, const struct sim_msg *m);
sim_ps pcie_sent(const struct pcie_link *l, int way);

/* When what a way owes at t is little enough that m may make it owe more. */
sim_ps pcie_may_owe(struct pcie_link *l, int way, sim_ps t);

/* What was sent until `end` can be checked when the flit that it ends in has come whole: how
 * much later that is. 0 below generation 6. */
sim_ps pcie_flit_tail(const struct pcie_link *l, sim_ps end);

/* Packets of `bytes` in all are sent from `start` on. @return when the last bit is sent. */
sim_ps pcie_send(struct pcie_link *l, int way, sim_ps start, uint64_t bytes);
/* The same to the host, with the credits of a write of so many bytes of payload. */
sim_ps pcie_send_write(struct pcie_link *l, sim_ps start, uint64_t payload);
/* ... and of the requests of a read. */
sim_ps pcie_send_request(struct pcie_link *l, sim_ps start, uint64_t payload);
/* ... and of a read's completions, either way. */
sim_ps pcie_send_completions(struct pcie_link *l, int way, sim_ps start, uint64_t payload);
/* The first time from t on when a request has its credit; one that lacks it waits. */
sim_ps pcie_request_at(struct pcie_link *l, sim_ps t);
/* Packets of `bytes` that another transfer causes at time t: sent when the wire is free. */
void pcie_owe(struct pcie_link *l, int way, sim_ps t, uint64_t bytes);

#endif
