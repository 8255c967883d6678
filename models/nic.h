/* nic.h - the NIC pipeline's own: its state, and what its operations are told. */
#ifndef MODELS_NIC_H
#define MODELS_NIC_H

#include "models/fetch.h"
#include "models/flowtable.h"
#include "models/lru.h"
#include "models/meter.h"
#include "models/payload.h"
#include "models/tunnel.h"
#include "sim/engine/model.h"

enum nic_port {
    NIC_PARSE,
    NIC_FLOW,
    NIC_INSERT,
    NIC_TUNNEL,
    NIC_NAT,
    NIC_METER,
    NIC_RSS,
    NIC_DMA,
    NIC_HAIRPIN,
    NIC_SEND,
    NIC_CHECKSUM,
    NIC_SWITCH,
    NIC_PORTS
};

enum nic_verdict {
    NIC_OK,
    NIC_BAD,
    NIC_MISS,
    NIC_FULL,
    NIC_NOT_TUNNEL,
    NIC_NESTED,
    NIC_EXCEED,
    NIC_NO_TSO,
    NIC_UNCHECKED,
    NIC_TOO_LONG
};

enum nic_nat { NIC_SNAT, NIC_DNAT, NIC_SNAT_DNAT };
enum nic_meter { NIC_POLICE, NIC_SHAPE };
enum nic_offload { NIC_NONE, NIC_PLAIN, NIC_TUNNELS }; /* of checksums, of segmentation */

/* First address of NAT pools: 100.64.0.0/10, RFC 6598; the last four bytes of IPv6's. */
enum { NIC_POOL = 0x64400000, NIC_POOL_MAX = 1 << 22 };

/* What XORing a byte of an address does to the RSS hash. */
struct nic_rewrite {
    uint32_t of[2][2][4][256]; /* [destination][IPv6][of the last four bytes][change] */
};

/* The flow table: kept apart from the state, as what a refused service did to it stays. */
struct nic_table {
    struct flowtable flows;
    struct lru cache;   /* of entries on the chip, where not all are */
    struct fetch fetch; /* of the others */
};

/* The meter of one step of a chain, made when first used. */
struct nic_bucket {
    struct meter meter;
    bool ready;
};

struct nic {
    struct sim_comp base;
    /* parameters */
    int64_t packet_rate, clock, parse_latency, stage_latency, dma_latency, queue, on_full,
        tx_queue;
    int64_t rss, flow_table, tunnels, meters, hairpin, virtual_functions, checksum, tso;
    int64_t flow_capacity, flow_ways, flow_evict, flow_ageing, resident;
    int64_t cache_entries, fetch_latency, fetches_max, insert_rate, insert_latency;
    /* statistics */
    int64_t ipv4, ipv6, non_ip, tcp, udp, other, fragments, tunnelled, bad;
    int64_t hits, misses, fetches, bytes_read, inserted, known, evicted, full;
    int64_t encapsulated, decapsulated, translated, conforming, exceeding, shaped;
    int64_t switched, checked, segmented;
    /* state */
    struct sim_clock domain;
    struct sim_ser pace[NIC_PORTS]; /* packets a second, one "bit" each */
    struct sim_ser insert_pace;
    struct nic_table *table;
    bool met_old; /* a flow older than the run that may be in the table */
    const struct nic_rewrite *rewrite;
    struct nic_bucket *bucket; /* [steps there can be], by step number; few are touched */
};

/* Arguments of operations. Those that pass match-action stages begin with `stages`. */
struct nic_flow_args {
    int64_t stages;
};

struct nic_encap_args {
    int64_t stages, outer, vni, options;
};

struct nic_decap_args {
    int64_t stages;
};

struct nic_nat_args {
    int64_t stages, kind, pool;
};

struct nic_dma_args {
    int64_t strip_fcs;
};

struct nic_meter_args {
    int64_t rate, burst, mode;
};

/* Index in nic_ops[] and in nic_serve[]. */
enum nic_op {
    NIC_OP_PARSE,
    NIC_OP_FLOW,
    NIC_OP_INSERT,
    NIC_OP_VXLAN_ENCAP,
    NIC_OP_VXLAN_DECAP,
    NIC_OP_GENEVE_ENCAP,
    NIC_OP_GENEVE_DECAP,
    NIC_OP_NAT,
    NIC_OP_METER,
    NIC_OP_RSS,
    NIC_OP_DMA,
    NIC_OP_HAIRPIN,
    NIC_OP_SEND,
    NIC_OP_CHECKSUM,
    NIC_OP_SWITCH,
    NIC_OPS
};

/* Parameters and statistics: nic_params.c. Operations: nic_steps.c. */
extern const struct sim_field nic_fields[], nic_stats[];
extern const struct sim_op nic_ops[NIC_OPS + 1];
extern const struct sim_verdict nic_verdicts[];

/* Do the parameters go together? */
bool nic_check(const struct nic *n, struct sim_err *err);
/* For model.can. */
bool nic_can(const struct sim_comp *comp, const struct sim_op *op);

/* What the operations do: nic_ops.c. */
typedef void nic_serve_fn(struct nic *n, const struct sim_step *step, struct sim_msg *m,
                          sim_ps start, struct sim_service *out);
extern nic_serve_fn *const nic_serve[NIC_OPS];

/* The table for nic.rewrite. */
void nic_rewrite_init(struct nic_rewrite *rewrite);

#endif
