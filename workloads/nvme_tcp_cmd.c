/* nvme_tcp_cmd.c - what PDUs mean: queues, commands, requests, completions, namespaces.
 *
 * Left out: authentication, keys and protection information; controllers of several command
 * sets: opcodes of I/O queues are the NVM command set's. Reservations, compare, verify and the
 * like are requests of kind other. Write zeroes is a trim: a range without data.
 *
 * Whose definitions: NVM Express Base Specification 2.0 (SQE: figure 87, CQE: figure 92,
 * fabrics commands: section 6), NVM Command Set Specification 1.0. A capsule has its SQE behind
 * 8 bytes of PDU header, and so a response its CQE.
 */
#include "workloads/nvme_tcp_impl.h"
#include <string.h>

enum { SQE = 8, CQE = 8 };
enum { FABRICS = 0x7f, CONNECT = 1 };
enum { IDENTIFY = 0x06, GET_FEATURES = 0x0a, KEEP_ALIVE = 0x18 }; /* of queue 0 alone */
enum { FLUSH = 0, WRITE = 1, READ = 2, WRITE_ZEROES = 8, DSM = 9 };
enum { FIELDS = SQE + 52 };             /* to the end of command dword 12 */
enum { NQN = 256, NQN_BYTES = 256 };    /* of a subsystem, in the data of Connect */
enum { RANGE = 16, RANGES = 256 };      /* of a DSM */
enum { IDENTIFY_BYTES = 128 + 64 * 4 }; /* Identify Namespace, to the end of its LBA formats */

/* ---------------------------------------------------------------- queues and namespaces */

static uint64_t fnv(uint64_t h, const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211U;
    return h;
}

/* A connect command: which queue the connection is. @return data to keep. */
static uint64_t connect_begins(struct work_nvme_tap *tap, struct nvme_way *way, uint32_t n) {
    if (n < SQE + 44 || way->conn->queue >= 0)
        return 0;
    way->conn->queue = (int32_t)nvme_u16(way->head + SQE + 42);
    *(way->conn->queue > 0 ? &tap->facts.io_queues : &tap->facts.admin_queues) += 1;
    return NQN + NQN_BYTES;
}

/* The name of the subsystem, up to its terminator. */
static void connect_ends(struct nvme_way *way) {
    const uint8_t *name = way->keep + NQN;
    const uint8_t *end = memchr(name, 0, NQN_BYTES);
    way->conn->subsystem =
        fnv(14695981039346656037U, name, end ? (size_t)(end - name) : NQN_BYTES);
}

/* A connection whose Connect was not captured: commands that only queue 0 has tell it. */
static bool on_admin_queue(struct nvme_conn *c, uint8_t opcode) {
    if (c->queue < 0 &&
        (opcode == IDENTIFY || opcode == GET_FEATURES || opcode == KEEP_ALIVE)) {
        c->queue = 0;
        c->guessed = true;
    }
    return c->queue == 0;
}

/* Identify Namespace, its data: LBA format of FLBAS. */
static void learn_namespace(struct work_nvme_tap *tap, const struct nvme_conn *c, uint32_t nsid,
                            const uint8_t *d) {
    enum { NLBAF = 25, FLBAS = 26, LBAF = 128 };
    const uint32_t every = UINT32_MAX;
    uint32_t format = (d[FLBAS] & 15U) | (d[NLBAF] > 15 ? (d[FLBAS] & 0x60U) >> 1 : 0);
    uint32_t shift = d[LBAF + 4 * format + 2];
    if (nsid == 0 || nsid == every || shift < 9 || shift > 30) /* none: all zero */
        return;
    uint32_t device = work_nvme_device(tap, c->subsystem, nsid);
    if (device == UINT32_MAX)
        return;
    tap->space[device].lba_bytes = 1U << shift;
    tap->space[device].from = WORK_NVME_IDENTIFY;
}

/* ---------------------------------------------------------------- commands */

/* Blocks of a size that the SGL's length and the number of blocks agree on. */
static void learn_from_sgl(struct work_nvme_namespace *space, const uint8_t *sqe) {
    uint32_t length = nvme_u32(sqe + 32), blocks = nvme_u16(sqe + 48) + 1;
    uint32_t size = length / blocks;
    if (space->from != WORK_NVME_UNKNOWN || length % blocks != 0 || size < 512 ||
        (size & (size - 1)) != 0)
        return;
    space->lba_bytes = size;
    space->from = WORK_NVME_SGL;
}

static enum work_io_op kind(uint8_t opcode) {
    switch (opcode) {
    case READ:
        return WORK_IO_READ;
    case WRITE:
        return WORK_IO_WRITE;
    case FLUSH:
        return WORK_IO_FLUSH;
    case WRITE_ZEROES:
    case DSM:
        return WORK_IO_TRIM;
    default:
        return WORK_IO_OTHER;
    }
}

static bool times_fit(uint64_t a, uint64_t b, uint64_t *product) {
    return !__builtin_mul_overflow(a, b, product);
}

static void note_request(struct work_nvme_facts *f, const struct work_io *io, bool timed) {
    f->requests[io->op]++;
    f->bytes[io->op] += io->bytes;
    if (!timed)
        return;
    if (f->requests_timed == 0 || io->time < f->first_time)
        f->first_time = io->time;
    if (f->requests_timed++ == 0 || io->time > f->last_time)
        f->last_time = io->time;
}

/* One request of `blocks` from `start`. @return false when it is none, which is counted. */
static bool make_request(struct work_nvme_tap *tap, struct nvme_open *o, struct work_io *io,
                         uint64_t start, uint64_t blocks) {
    struct work_nvme_facts *f = &tap->facts;
    uint32_t lba = tap->space[io->device].lba_bytes;
    bool ranged = io->op != WORK_IO_FLUSH && io->op != WORK_IO_OTHER;
    io->offset = io->bytes = 0;
    if (ranged && lba == 0) {
        f->not_requests_lba++;
        return false;
    }
    if (ranged && (!times_fit(start, lba, &io->offset) || !times_fit(blocks, lba, &io->bytes) ||
                   io->offset + io->bytes < io->offset)) {
        f->not_requests_bad++;
        return false;
    }
    uint64_t number = work_nvme_request(tap, io);
    o->request = o->span++ == 0 ? number : o->request;
    note_request(f, io, o->time != WORK_TCP_NO_TIME);
    return true;
}

/* Where and what it is. @return false when it cannot be known, which is counted. */
static bool begin_request(struct work_nvme_tap *tap, const struct nvme_way *way, uint32_t n,
                          struct work_io *io) {
    const uint8_t *sqe = way->head + SQE;
    if (n < FIELDS) {
        tap->facts.not_requests_cut++;
        return false;
    }
    io->device = work_nvme_device(tap, way->conn->subsystem, nvme_u32(sqe + 4));
    if (io->device == UINT32_MAX) {
        tap->facts.not_requests_device++;
        return false;
    }
    io->time = way->begun == WORK_TCP_NO_TIME ? tap->now : way->begun;
    io->response = -1;
    io->op = (uint8_t)kind(sqe[0]);
    if (sqe[0] == READ || sqe[0] == WRITE)
        learn_from_sgl(&tap->space[io->device], sqe);
    return true;
}

static struct nvme_open opened(const struct nvme_way *way, bool io) {
    return (struct nvme_open){.conn = way->conn->number,
                              .cid = (uint16_t)nvme_u16(way->head + SQE + 2),
                              .io = io,
                              .time = way->begun};
}

static void io_command(struct work_nvme_tap *tap, struct nvme_way *way, uint32_t n) {
    const uint8_t *sqe = way->head + SQE;
    struct nvme_open o = opened(way, true);
    struct work_io io = {0};
    if (begin_request(tap, way, n, &io))
        make_request(tap, &o, &io, nvme_u64(sqe + 40), (uint64_t)nvme_u16(sqe + 48) + 1);
    if (n >= SQE + 4)
        (void)work_nvme_issue(tap, &o);
}

static bool is_dsm(const struct nvme_way *way, uint32_t n) {
    return n > SQE && way->head[SQE] == DSM && way->conn->queue != 0;
}

/* Dataset management: its ranges, which are data of the capsule; each is a request. Without
 * the attribute "deallocate" it is a hint. */
static void dsm_ends(struct work_nvme_tap *tap, struct nvme_way *way) {
    enum { DEALLOCATE = 4 };
    const uint8_t *sqe = way->head + SQE;
    uint32_t n = way->got < way->pdu.header ? way->got : way->pdu.header;
    struct nvme_open o = opened(way, true);
    struct work_io io = {0};
    if (begin_request(tap, way, n, &io)) {
        uint64_t ranges = (uint64_t)sqe[40] + 1;
        bool hint = (nvme_u32(sqe + 44) & DEALLOCATE) == 0;
        io.op = hint ? WORK_IO_OTHER : WORK_IO_TRIM;
        if (hint)
            make_request(tap, &o, &io, 0, 0);
        else if (way->kept < ranges * RANGE)
            tap->facts.not_requests_cut++;
        for (uint64_t i = 0; !hint && way->kept >= ranges * RANGE && i < ranges; i++) {
            const uint8_t *r = way->keep + i * RANGE;
            make_request(tap, &o, &io, nvme_u64(r + 8), nvme_u32(r + 4));
        }
    }
    if (n >= SQE + 4)
        (void)work_nvme_issue(tap, &o);
}

/* @param n bytes of the capsule's header that are seen. @return data to keep. */
static uint64_t command_begins(struct work_nvme_tap *tap, struct nvme_way *way, uint32_t n) {
    struct work_nvme_facts *f = &tap->facts;
    const uint8_t *sqe = way->head + SQE;
    f->commands++;
    f->in_capsule_bytes += way->pdu.data;
    if (n <= SQE) {
        f->opcodes_cut++;
        return 0;
    }
    f->opcodes[sqe[0]]++;
    bool fabrics = sqe[0] == FABRICS;
    uint64_t keep =
        fabrics && n > SQE + 4 && sqe[4] == CONNECT ? connect_begins(tap, way, n) : 0;
    f->fabrics_commands += fabrics;
    if (!fabrics && !on_admin_queue(way->conn, sqe[0])) {
        if (is_dsm(way, n))
            return (uint64_t)RANGES * RANGE;
        io_command(tap, way, n);
        return 0;
    }
    f->admin_commands++;
    if (n < SQE + 4)
        return keep;
    struct nvme_open o = opened(way, false);
    o.identify = sqe[0] == IDENTIFY && n >= SQE + 44 && sqe[40] == 0;
    o.nsid = o.identify ? nvme_u32(sqe + 4) : 0;
    (void)work_nvme_issue(tap, &o);
    return keep;
}

/* ---------------------------------------------------------------- data and responses */

/* Data to the host. @return of them to keep: the first ones of an Identify Namespace. */
static uint64_t data_begins(struct work_nvme_tap *tap, const struct nvme_way *way, uint32_t n) {
    tap->facts.c2h_bytes += way->pdu.data;
    if (n < 20 || nvme_u32(way->head + 12) != 0)
        return 0;
    const struct nvme_open *o =
        work_nvme_find(tap, way->conn->number, (uint16_t)nvme_u16(way->head + 8));
    return o != NULL && o->identify ? IDENTIFY_BYTES : 0;
}

static void data_ends(struct work_nvme_tap *tap, struct nvme_way *way, int64_t time) {
    if (way->got < 10)
        return;
    uint16_t cid = (uint16_t)nvme_u16(way->head + 8);
    const struct nvme_open *o = work_nvme_find(tap, way->conn->number, cid);
    if (o != NULL && o->identify && way->want > 0 && way->kept == IDENTIFY_BYTES)
        learn_namespace(tap, way->conn, o->nsid, way->keep);
    if (way->pdu.flags & NVME_SUCCESS)
        work_nvme_answer(tap, way->conn, cid, time);
}

static void note_status(struct work_nvme_facts *f, uint16_t status) {
    if (status == 0)
        return;
    f->failed++;
    for (int i = 0; i < WORK_NVME_STATUSES; i++)
        if (f->statuses[i].count == 0 || f->statuses[i].status == status) {
            f->statuses[i].status = status;
            f->statuses[i].count++;
            return;
        }
}

static void response_ends(struct work_nvme_tap *tap, const struct nvme_way *way, int64_t time) {
    const uint8_t *cqe = way->head + CQE;
    if (way->got >= CQE + 16) /* type and code; behind them: retry delay, more, do not retry */
        note_status(&tap->facts, (uint16_t)(nvme_u16(cqe + 14) >> 1 & 0x7ff));
    if (way->got >= CQE + 14)
        work_nvme_answer(tap, way->conn, (uint16_t)nvme_u16(cqe + 12), time);
}

uint64_t work_nvme_begin(struct work_nvme_tap *tap, struct nvme_way *way, uint32_t n) {
    struct work_nvme_facts *f = &tap->facts;
    struct nvme_conn *c = way->conn;
    switch (way->pdu.type) {
    case NVME_ICRESP:
        c->negotiated = n >= 16;
        c->digests = n >= 16 ? way->head[11] : 0;
        c->maxh2cdata = n >= 16 ? nvme_u32(way->head + 12) : 0;
        return 0;
    case NVME_COMMAND:
        return command_begins(tap, way, n);
    case NVME_H2C_DATA:
        f->h2c_bytes += way->pdu.data;
        f->above_maxh2cdata += c->negotiated && way->pdu.data > c->maxh2cdata;
        return 0;
    case NVME_C2H_DATA:
        return data_begins(tap, way, n);
    case NVME_R2T:
        f->r2t_bytes += n >= 20 ? nvme_u32(way->head + 16) : 0;
        return 0;
    default:
        return 0;
    }
}

void work_nvme_finish(struct work_nvme_tap *tap, struct nvme_way *way, int64_t time) {
    switch (way->pdu.type) {
    case NVME_COMMAND:
        if (is_dsm(way, way->got))
            dsm_ends(tap, way);
        else if (way->want > 0 && way->kept == way->want)
            connect_ends(way);
        break;
    case NVME_C2H_DATA:
        data_ends(tap, way, time);
        break;
    case NVME_RESPONSE:
        response_ends(tap, way, time);
        break;
    default:
        break;
    }
}
