/* nvme_tcp_table.c - commands that wait for their responses, requests that wait for both, and
 * namespaces: tables of fixed size.
 *
 * A response may come before its command: captures of several queues of a card are not always
 * in order, and a command may wait for a gap in its stream to close. It is kept until the
 * command comes, and belongs to it if it is not older.
 */
#include "workloads/nvme_tcp_impl.h"
#include <stdlib.h>

static uint32_t bucket(uint32_t conn, uint16_t cid) {
    return (conn * 0x9e3779b1U ^ cid * 0x85ebca6bU) >> 7 & (NVME_TABLE - 1);
}

struct nvme_open *work_nvme_find(struct work_nvme_tap *tap, uint32_t conn, uint16_t cid) {
    uint32_t i = tap->open_bucket[bucket(conn, cid)];
    while (i != 0 && (tap->open[i - 1].conn != conn || tap->open[i - 1].cid != cid))
        i = tap->open[i - 1].chain;
    return i != 0 ? &tap->open[i - 1] : NULL;
}

/* In order of arrival: from open_oldest to open_newest. */
static void leave_order(struct work_nvme_tap *tap, const struct nvme_open *o) {
    *(o->newer ? &tap->open[o->newer - 1].older : &tap->open_newest) = o->older;
    *(o->older ? &tap->open[o->older - 1].newer : &tap->open_oldest) = o->newer;
}

static void drop(struct work_nvme_tap *tap, struct nvme_open *o) {
    uint32_t me = (uint32_t)(o - tap->open) + 1,
             *link = &tap->open_bucket[bucket(o->conn, o->cid)];
    while (*link != me)
        link = &tap->open[*link - 1].chain;
    *link = o->chain;
    leave_order(tap, o);
    tap->facts.outstanding -= o->io && !o->early;
    o->chain = tap->open_free;
    tap->open_free = me;
}

static struct nvme_request *request_of(struct work_nvme_tap *tap, uint64_t number) {
    return &tap->ring[number & (tap->ring_size - 1)];
}

/* All requests of the command have what they get. */
static void close_requests(struct work_nvme_tap *tap, const struct nvme_open *o,
                           int64_t response) {
    if (!tap->wanted || o->span == 0)
        return;
    tap->facts.late += o->request < tap->given;
    for (uint64_t i = o->request; i < o->request + o->span; i++)
        if (i >= tap->given) {
            request_of(tap, i)->io.response = response;
            request_of(tap, i)->done = true;
        }
}

/* It will not be matched any more. */
static void forget(struct work_nvme_tap *tap, struct nvme_open *o) {
    struct work_nvme_facts *f = &tap->facts;
    *(o->early ? &f->unmatched : o->io ? &f->unanswered : &f->admin_unanswered) += 1;
    if (!o->early)
        close_requests(tap, o, -1);
    drop(tap, o);
}

void work_nvme_forget_all(struct work_nvme_tap *tap) {
    while (tap->open_oldest != 0)
        forget(tap, &tap->open[tap->open_oldest - 1]);
}

void work_nvme_forget(struct work_nvme_tap *tap, uint32_t conn) {
    for (uint32_t i = tap->open_oldest, next; i != 0; i = next) {
        next = tap->open[i - 1].newer;
        if (tap->open[i - 1].conn == conn)
            forget(tap, &tap->open[i - 1]);
    }
}

static struct nvme_open *add(struct work_nvme_tap *tap, const struct nvme_open *what) {
    if (tap->open_free == 0 && tap->opens == NVME_TABLE)
        forget(tap, &tap->open[tap->open_oldest - 1]);
    uint32_t me = tap->open_free ? tap->open_free : ++tap->opens;
    struct nvme_open *o = &tap->open[me - 1];
    tap->open_free = me == tap->open_free ? o->chain : tap->open_free;
    *o = *what;
    uint32_t *link = &tap->open_bucket[bucket(o->conn, o->cid)];
    o->chain = *link;
    *link = me;
    o->newer = 0;
    o->older = tap->open_newest;
    *(o->older ? &tap->open[o->older - 1].newer : &tap->open_oldest) = me;
    tap->open_newest = me;
    return o;
}

static void note_latency(struct work_nvme_facts *f, int64_t latency) {
    if (f->latencies == 0 || latency < f->latency_min)
        f->latency_min = latency;
    if (f->latencies == 0 || latency > f->latency_max)
        f->latency_max = latency;
    f->latency_sum += (double)latency;
    f->latencies++;
}

/* A command and the time of its response; @param sure it is not that of a later command with
 * the same identifier. */
static void complete(struct work_nvme_tap *tap, const struct nvme_open *o, int64_t time,
                     bool sure) {
    bool timed =
        sure && o->time != WORK_TCP_NO_TIME && time != WORK_TCP_NO_TIME && time >= o->time;
    int64_t response = -1;
    if (timed && !__builtin_sub_overflow(time, o->time, &response) && o->io)
        note_latency(&tap->facts, response);
    tap->facts.completed += o->io;
    tap->facts.untimed += o->io && !timed;
    tap->facts.doubtful += o->io && !sure;
    close_requests(tap, o, response);
}

struct nvme_open *work_nvme_issue(struct work_nvme_tap *tap, const struct nvme_open *command) {
    struct work_nvme_facts *f = &tap->facts;
    struct nvme_open *before = work_nvme_find(tap, command->conn, command->cid);
    if (before != NULL && before->early && before->time != WORK_TCP_NO_TIME &&
        command->time != WORK_TCP_NO_TIME && before->time >= command->time) {
        int64_t time = before->time;
        drop(tap, before);
        complete(tap, command, time, true);
        return NULL;
    }
    if (before != NULL) /* its response was not captured */
        forget(tap, before);
    struct nvme_open *o = add(tap, command);
    o->issued = tap->steps;
    f->outstanding += o->io;
    if (f->outstanding > f->most_outstanding)
        f->most_outstanding = f->outstanding;
    return o;
}

/* Since the command was issued, bytes of both directions were not read: these may have held
 * its response, and the next command of its identifier. */
static bool in_doubt(const struct nvme_conn *c, const struct nvme_open *o) {
    return c->unread[0] > o->issued && c->unread[1] > o->issued;
}

void work_nvme_answer(struct work_nvme_tap *tap, const struct nvme_conn *conn, uint16_t cid,
                      int64_t time) {
    struct nvme_open *o = work_nvme_find(tap, conn->number, cid);
    if (o != NULL && !o->early) {
        complete(tap, o, time, !in_doubt(conn, o));
        drop(tap, o);
        return;
    }
    if (o != NULL)
        forget(tap, o);
    (void)add(tap, &(struct nvme_open){
                       .conn = conn->number, .cid = cid, .early = true, .time = time});
}

/* One packet can close a gap and bring more requests than wait otherwise. */
static void grow(struct work_nvme_tap *tap) {
    uint64_t size = tap->ring_size ? 2 * tap->ring_size : NVME_TABLE;
    struct nvme_request *ring = calloc(size, sizeof *ring);
    SIM_ASSERT(ring != NULL);
    for (uint64_t i = tap->given; i < tap->taken; i++)
        ring[i & (size - 1)] = *request_of(tap, i);
    free(tap->ring);
    tap->ring = ring;
    tap->ring_size = size;
}

uint64_t work_nvme_request(struct work_nvme_tap *tap, const struct work_io *io) {
    if (!tap->wanted)
        return tap->taken++;
    if (tap->taken - tap->given == tap->ring_size)
        grow(tap);
    *request_of(tap, tap->taken) = (struct nvme_request){.io = *io};
    return tap->taken++;
}

bool work_nvme_tap_next(struct work_nvme_tap *tap, struct work_io *io) {
    if (!tap->wanted || tap->given == tap->taken)
        return false;
    const struct nvme_request *r = request_of(tap, tap->given);
    if (!r->done && tap->taken - tap->given < NVME_TABLE)
        return false;
    *io = r->io;
    tap->given++;
    return true;
}

uint32_t work_nvme_device(struct work_nvme_tap *tap, uint64_t subsystem, uint32_t nsid) {
    uint32_t n = tap->facts.namespaces;
    for (uint32_t i = 0; i < n; i++)
        if (tap->space[i].nsid == nsid && tap->space[i].subsystem == subsystem)
            return i;
    if (n == NVME_NAMESPACES)
        return UINT32_MAX;
    tap->space[n] = (struct work_nvme_namespace){
        .nsid = nsid,
        .lba_bytes = tap->opts.lba_bytes,
        .subsystem = subsystem,
        .from = tap->opts.lba_bytes ? WORK_NVME_STATED : WORK_NVME_UNKNOWN};
    return tap->facts.namespaces++;
}
