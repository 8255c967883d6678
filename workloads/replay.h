/* replay.h - the records of a capture as a source wants them: parsed, numbered by flow, with
 * times that never go backwards; held in a table or read again. */
#ifndef WORK_REPLAY_H
#define WORK_REPLAY_H

#include "workloads/flows.h"
#include "workloads/reader.h"
#include "workloads/spread.h"

struct work_replay_record {
    int64_t at_ns; /* since the first record, never backwards */
    struct packet packet;
    uint32_t lag; /* passes behind the first of its conversation, see spread.h */
};

struct work_replay {
    const char *file;
    bool skip_bad;         /* the packets before damage are the capture */
    int64_t table_records; /* how many a table may hold */
    struct sim_arena *arena;
    struct work_capture *capture; /* while it is open */
    struct work_numbers numbers;
    bool spreads;              /* copies will be wanted */
    struct work_spread spread; /* of them */
    int64_t first_ns, last_ns;
    bool timed;                       /* a record with a time has been read in this pass */
    uint64_t read;                    /* records of this pass */
    bool again;                       /* this is not the first pass */
    bool peeked;                      /* `staged` is read but not taken yet */
    bool piped;                       /* the table came from a pipe */
    struct work_replay_record staged; /* the record read last */
    struct work_replay_record *table; /* [records] after work_replay_survey, or NULL */
    sim_u128 frame_bytes;             /* of all records */
    uint32_t inner_apart;             /* see packet_inner_flow; set by work_replay_survey */
    /* of the first pass */
    int64_t records, flows, backwards, damaged, customs;
};

/* Set file, skip_bad, spreads, table_records and arena before. */
void work_replay_init(struct work_replay *r);
/* Read all of it once: the counts, and the table if it fits. The capture is closed again.
 * Fails: err when it cannot be opened, holds no packets, is damaged (unless skip_bad), or
 * does not fit and cannot be read twice. */
bool work_replay_survey(struct work_replay *r, struct sim_err *err);
/* So many copies are under way at once, after a survey that `spreads`: each record has its lag.
 * 1: without this call. */
void work_replay_spread(struct work_replay *r, uint32_t copies);
/* Once more through the capture whose records are in the table: `look` at each with its bytes.
 * Fails: err when it cannot be read again, or is another one by now, or `look` says false;
 * then r->read is the packet's number, from 1. */
typedef bool work_look_fn(const void *arg, struct packet *packet);
bool work_replay_look(struct work_replay *r, work_look_fn *look, const void *arg,
                      struct sim_err *err);
/* See that it can be opened and its first record read. Fails as work_replay_survey. */
bool work_replay_peek(struct work_replay *r, struct sim_err *err);
/* Open it at the first record. */
bool work_replay_open(struct work_replay *r, struct sim_err *err);
/* The next record into r->staged. WORK_DAMAGED: err says where. What was stopped
 * (work_stream_stop) ends there. */
enum work_status work_replay_next(struct work_replay *r, struct sim_err *err);
/* Go back to the first record for one more pass. */
bool work_replay_rewind(struct work_replay *r, struct sim_err *err);
void work_replay_close(struct work_replay *r);

#endif
