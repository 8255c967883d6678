/* replay.c - a capture read for replay: once into a table, or again for every pass.
 *
 * A file is not left open between building and running, so that a build that fails elsewhere
 * leaves nothing open; what cannot be read twice, standard input or another pipe, is.
 */
#include "workloads/replay.h"
#include "workloads/stream.h"

void work_replay_init(struct work_replay *r) {
    work_numbers_init(&r->numbers, r->arena);
    if (r->spreads)
        work_spread_init(&r->spread, r->arena);
}

/* Time since the first record that has one; of one older than an earlier one, the time of
 * that. */
static int64_t since_first(struct work_replay *r, const struct work_record *record) {
    if (r->read == 0)
        r->timed = false;
    if (!r->timed && record->timeless)
        return 0;
    if (!r->timed)
        r->first_ns = r->last_ns = record->ts_ns;
    r->timed = true;
    if (record->ts_ns < r->last_ns)
        r->backwards += !r->again;
    else
        r->last_ns = record->ts_ns;
    int64_t span;
    return __builtin_sub_overflow(r->last_ns, r->first_ns, &span) ? INT64_MAX : span;
}

static void stage(struct work_replay *r, const struct work_record *record) {
    struct packet *p = &r->staged.packet;
    packet_parse(record->link, record->bytes, record->captured, record->length, p);
    struct work_numbered of = work_number(&r->numbers, p, 0);
    p->flow = of.flow;
    p->conversation = of.conversation;
    if (p->tunnel != PACKET_TUNNEL_NONE) {
        of = work_number(&r->numbers, p, 1);
        p->inner_flow = of.flow;
        p->inner_conversation = of.conversation;
    }
    if (r->spreads && r->again)
        r->staged.lag = work_spread_lag(&r->spread, p);
    else if (r->spreads)
        work_spread_count(&r->spread, p);
    p->inner_apart = r->inner_apart;
    p->bytes = record->bytes;
    r->staged.at_ns = since_first(r, record);
    r->read++;
    r->records += !r->again;
    r->flows = r->numbers.flows[0];
}

enum work_status work_replay_next(struct work_replay *r, struct sim_err *err) {
    struct work_record record;
    struct sim_err damage = {0};
    if (r->peeked) {
        r->peeked = false;
        return WORK_RECORD;
    }
    enum work_status status;
    while ((status = work_capture_next(r->capture, &record, &damage)) == WORK_RECORD &&
           record.custom)
        r->customs += !r->again; /* what is no packet is not replayed */
    if (status == WORK_RECORD)
        stage(r, &record);
    if (status != WORK_DAMAGED)
        return status;
    if (work_stream_stopped())
        return WORK_END;
    if (r->skip_bad) {
        r->damaged = 1;
        return WORK_END;
    }
    sim_fail(err, damage.source, damage.path, "%s%s", damage.text,
             r->read > 0 ? "; with \"skip_bad\": true the packets before it are replayed" : "");
    return WORK_DAMAGED;
}

void work_replay_close(struct work_replay *r) {
    work_capture_close(r->capture);
    r->capture = NULL;
}

bool work_replay_open(struct work_replay *r, struct sim_err *err) {
    if (r->capture != NULL)
        return true;
    r->read = 0;
    if (!r->again)
        r->records = r->backwards = r->customs = 0;
    r->capture = work_capture_open(r->file, err);
    return r->capture != NULL;
}

bool work_replay_rewind(struct work_replay *r, struct sim_err *err) {
    r->read = 0;
    r->again = true;
    return work_capture_rewind(r->capture, err);
}

static bool is_empty(struct work_replay *r, struct sim_err *err) {
    return sim_fail(err, r->file, NULL, "holds no packets%s",
                    r->damaged ? " before its damage" : "");
}

bool work_replay_peek(struct work_replay *r, struct sim_err *err) {
    if (!work_replay_open(r, err))
        return false;
    enum work_status status = work_replay_next(r, err);
    r->peeked = status == WORK_RECORD && !work_capture_rereadable(r->capture);
    if (!r->peeked)
        work_replay_close(r);
    return status == WORK_RECORD || (status == WORK_END && is_empty(r, err));
}

/* Keep the staged record in the table; when there are too many, give the table up. */
static void keep(struct work_replay *r) {
    size_t n = (size_t)r->records - 1, item = sizeof *r->table;
    if (r->records > r->table_records) {
        if (r->table != NULL)
            (void)sim_grow(r->arena, r->table, 0, 0); /* gives it back */
        r->table = NULL;
        return;
    }
    if ((n & (n - 1)) == 0)
        r->table = sim_grow(r->arena, r->table, n * item, (n ? 2 * n : 1) * item);
    r->table[n] = r->staged;
    r->table[n].packet.bytes = NULL; /* gone with the next record */
}

static bool read_all(struct work_replay *r, struct sim_err *err) {
    enum work_status status;
    while ((status = work_replay_next(r, err)) == WORK_RECORD) {
        r->frame_bytes += r->staged.packet.frame_bytes;
        keep(r);
    }
    if (status == WORK_END && r->records == 0)
        return is_empty(r, err);
    return status == WORK_END && (r->table != NULL || work_replay_rewind(r, err));
}

/* Instance i + g F of outer flow i, of F, holds the inner flows j + g F apart. They do not meet
 * those of g + 1 where F times `apart` is as many as there are inner flows, or more. */
static void set_apart(struct work_replay *r) {
    if (r->flows > 0)
        r->inner_apart = (uint32_t)((r->numbers.flows[1] + r->flows - 1) / r->flows);
    for (int64_t i = 0; r->table != NULL && i < r->records; i++)
        r->table[i].packet.inner_apart = r->inner_apart;
}

static bool changed(struct work_replay *r, struct sim_err *err) {
    return sim_fail(err, r->file, NULL, "changed while it was being read");
}

/* The next packet, past what is none. */
static bool next_bytes(struct work_replay *r, struct work_record *record, struct sim_err *err) {
    enum work_status status;
    while ((status = work_capture_next(r->capture, record, err)) == WORK_RECORD)
        if (!record->custom)
            return true;
    return status == WORK_END ? changed(r, err) : false;
}

bool work_replay_look(struct work_replay *r, work_look_fn *look, const void *arg,
                      struct sim_err *err) {
    struct work_record record;
    if (r->piped)
        return sim_fail(err, r->file, NULL,
                        "is a pipe, and a block looks into the packets' payload, for which it "
                        "is read once more; store it in a file");
    r->capture = work_capture_open(r->file, err);
    bool ok = r->capture != NULL;
    for (int64_t i = 0; ok && i < r->records; i++) {
        struct packet *p = &r->table[i].packet;
        ok = next_bytes(r, &record, err) && (record.captured == p->captured || changed(r, err));
        p->bytes = record.bytes;
        r->read = (uint64_t)i + 1;
        ok = ok && look(arg, p);
        p->bytes = NULL;
    }
    work_replay_close(r);
    return ok;
}

bool work_replay_survey(struct work_replay *r, struct sim_err *err) {
    if (!work_replay_open(r, err))
        return false;
    bool ok = read_all(r, err);
    r->piped = ok && !work_capture_rereadable(r->capture);
    work_replay_close(r);
    r->again = true;
    set_apart(r);
    if (r->table != NULL)
        work_numbers_free(&r->numbers, r->arena);
    return ok;
}

void work_replay_spread(struct work_replay *r, uint32_t copies) {
    SIM_ASSERT(r->spreads && r->again);
    work_spread_over(&r->spread, copies, (uint32_t)r->flows);
    if (r->table == NULL)
        return;
    for (int64_t i = 0; i < r->records; i++)
        r->table[i].lag = work_spread_lag(&r->spread, &r->table[i].packet);
    work_spread_free(&r->spread, r->arena);
}
