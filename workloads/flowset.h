/* flowset.h - how many different flows were seen, in constant memory. */
#ifndef WORK_FLOWSET_H
#define WORK_FLOWSET_H

#include "models/payload.h"

struct work_flowset;

struct work_flow_counts {
    uint64_t unidirectional, bidirectional;
    bool exact;
    double error; /* relative standard error of the estimates, 0 when exact */
};

struct work_flowset *work_flowset_new(void);
/* Note the flow of this IP level, which is TCP or UDP with its ports. */
void work_flowset_add(struct work_flowset *set, const struct packet_head *head);
struct work_flow_counts work_flowset_count(const struct work_flowset *set);
void work_flowset_free(struct work_flowset *set);

/* A number for a five-tuple, equal for equal tuples, and one equal for both directions too. */
struct work_flow_hash {
    uint64_t one_way, both_ways;
    bool high; /* which of the two directions it is */
};
struct work_flow_hash work_flow_hash(const struct packet_head *head);

#endif
