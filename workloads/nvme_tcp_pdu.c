/* nvme_tcp_pdu.c - PDUs of NVMe/TCP out of a byte stream with gaps.
 *
 * A header says how long its PDU is, so a gap inside data costs nothing but the check of its
 * digest. When a gap hides a header, the next one is searched for by content: types, lengths
 * and reserved fields that agree, at least eight fixed bytes of them. Left out: headers split
 * over two segments while searching; PDUs that begin inside a gap.
 *
 * Whose definitions: NVM Express TCP Transport Specification 1.0, section 3.6.
 */
#include "workloads/nvme_tcp_impl.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum data { NO_DATA, MAY_DATA, MUST_DATA, ERROR_DATA };
enum { TERM_MOST = 152 }; /* bytes of a termination PDU, 3.6.2.4 */

static const struct form {
    uint8_t header; /* bytes; 0: no such type */
    uint8_t data;   /* enum data */
} forms[WORK_NVME_PDUS] = {
    [NVME_ICREQ] = {128, NO_DATA},      [NVME_ICRESP] = {128, NO_DATA},
    [NVME_H2C_TERM] = {24, ERROR_DATA}, [NVME_C2H_TERM] = {24, ERROR_DATA},
    [NVME_COMMAND] = {72, MAY_DATA},    [NVME_RESPONSE] = {24, NO_DATA},
    [NVME_H2C_DATA] = {24, MUST_DATA},  [NVME_C2H_DATA] = {24, MUST_DATA},
    [NVME_R2T] = {24, NO_DATA},
};

static bool has_digests(uint8_t type) { return type >= NVME_COMMAND; }

/* @param front bytes of header and its digest. */
static const char *data_form(const uint8_t *h, uint32_t length, uint32_t front,
                             struct nvme_pdu *pdu) {
    if (length < front)
        return "PDU length below its header's";
    if (length == front) {
        pdu->data_digest = 0;
        return forms[pdu->type].data == MUST_DATA ? "data PDU without data" : NULL;
    }
    if (h[3] < front)
        return "data offset inside the header";
    uint64_t least = (uint64_t)h[3] + pdu->data_digest + 1;
    if (length < least)
        return "data offset beyond the PDU";
    pdu->padding = h[3] - front;
    pdu->data = length - h[3] - pdu->data_digest;
    return NULL;
}

const char *work_nvme_pdu_form(const uint8_t *h, struct nvme_pdu *pdu) {
    uint32_t length = nvme_u32(h + 4);
    memset(pdu, 0, sizeof *pdu);
    pdu->type = h[0];
    pdu->flags = h[1];
    if (h[0] >= WORK_NVME_PDUS || forms[h[0]].header == 0)
        return "no such PDU type";
    pdu->header = forms[h[0]].header;
    if (h[2] != pdu->header)
        return "header length not that of its type";
    if (has_digests(h[0])) {
        pdu->header_digest = h[1] & NVME_HDGST ? NVME_DIGEST : 0;
        pdu->data_digest = h[1] & NVME_DDGST ? NVME_DIGEST : 0;
    }
    uint32_t front = (uint32_t)pdu->header + pdu->header_digest;
    switch (forms[h[0]].data) {
    case NO_DATA:
        pdu->data_digest = 0;
        return length == front ? NULL : "PDU length not that of its type";
    case ERROR_DATA:
        pdu->data = length - front;
        return length >= front && length <= TERM_MOST ? NULL
                                                      : "termination PDU of a wrong length";
    default:
        return data_form(h, length, front, pdu);
    }
}

const char *work_nvme_pdu_wrong(const uint8_t *h, uint32_t n, const struct nvme_pdu *pdu) {
    enum { SGL_IN_CAPSULE = 0x01 };
    bool moves = pdu->type == NVME_H2C_DATA || pdu->type == NVME_C2H_DATA;
    if (moves && n >= 20 && nvme_u32(h + 16) != pdu->data)
        return "data length not that of the PDU";
    if (pdu->type == NVME_COMMAND && n >= 48 && (pdu->data > 0 || h[47] == SGL_IN_CAPSULE) &&
        (h[47] != SGL_IN_CAPSULE || nvme_u32(h + 40) != pdu->data))
        return "SGL not that of the data in the capsule";
    return NULL;
}

/* While searching: enough of the fields that have one value only. */
static bool reads_as_header(const uint8_t *h, uint64_t n, struct nvme_pdu *pdu) {
    if (n < 24 || h[0] >= WORK_NVME_PDUS || work_nvme_pdu_form(h, pdu) != NULL)
        return false;
    uint32_t have = n < pdu->header ? (uint32_t)n : pdu->header;
    if (work_nvme_pdu_wrong(h, have, pdu) != NULL)
        return false;
    switch (pdu->type) {
    case NVME_COMMAND: /* SGLs only, and of the kinds that the transport has */
        return n >= 48 && (h[1] & ~3) == 0 && (h[9] & 0xc0) == 0x40 &&
               (h[47] == 0x5a || h[47] <= 1) && (pdu->data > 0 || h[3] == 0);
    case NVME_RESPONSE:
        return (h[1] & ~3) == 0 && h[3] == 0;
    case NVME_R2T:
        return (h[1] & ~3) == 0 && h[3] == 0 && nvme_u32(h + 16) > 0 && nvme_u32(h + 20) == 0;
    case NVME_H2C_DATA:
    case NVME_C2H_DATA:
        return (h[1] & ~15) == 0 && nvme_u32(h + 20) == 0;
    default: /* how a connection begins: the one format that there is, then zeros */
        return h[1] == 0 && h[3] == 0 && nvme_u16(h + 8) == 0 && nvme_u32(h + 16) == 0;
    }
}

/* Does such a PDU come this way? The first one tells which end is the host. */
static bool goes_this_way(struct nvme_way *way, uint8_t type) {
    struct nvme_conn *c = way->conn;
    int me = way == &c->way[1], host = type % 2 == 0 ? me : !me;
    if (c->host < 0)
        c->host = host;
    return c->host == host;
}

static void skip(struct work_nvme_tap *tap, const struct nvme_way *way, uint64_t n) {
    struct nvme_conn *c = way->conn;
    if (n == 0 || !c->proven)
        return;
    tap->facts.unread_bytes += n;
    c->unread[way == &c->way[1]] = ++tap->steps;
}

/* PDU boundaries are lost, and what was read of a header is none. */
static void stray(struct work_nvme_tap *tap, struct nvme_way *way) {
    skip(tap, way, way->got);
    way->step = NVME_SEARCH;
    way->got = 0;
    if (!way->conn->proven)
        return;
    way->lost = true;
    tap->facts.lost_step++;
}

static void bad(struct work_nvme_tap *tap, struct nvme_way *way, const char *why) {
    struct work_nvme_facts *f = &tap->facts;
    if (way->conn->proven && f->bad_pdus++ == 0)
        snprintf(
            f->first_bad, sizeof f->first_bad,
            "connection %" PRIu32 ", %s, stream byte %" PRIu64 ": %s (%02x %02x %02x %02x)",
            way->conn->number + 1,
            way->conn->host == (way == &way->conn->way[1]) ? "from the host" : "to the host",
            way->at - way->got, why, way->head[0], way->head[1], way->head[2], way->head[3]);
    stray(tap, way);
}

/* @return bytes in front of the next header, n when there is none. */
static uint64_t search(struct work_nvme_tap *tap, struct nvme_way *way, const uint8_t *p,
                       uint64_t n) {
    for (uint64_t i = 0; n - i >= 24; i++) {
        struct nvme_pdu pdu;
        if (!reads_as_header(p + i, n - i, &pdu) || !goes_this_way(way, pdu.type))
            continue;
        way->step = NVME_IN_HEADER;
        tap->facts.found_step += way->lost;
        way->lost = false;
        return i;
    }
    return n;
}

static void check_header_digest(struct work_nvme_tap *tap, struct nvme_way *way, bool all) {
    const struct nvme_pdu *pdu = &way->pdu;
    way->trusted = true;
    if (pdu->header_digest == 0)
        return;
    if (!all) {
        tap->facts.digests_unseen++;
        return;
    }
    uint32_t crc = work_crc32c(&tap->crc, 0, way->head, pdu->header);
    way->trusted = crc == nvme_u32(way->head + pdu->header);
    tap->facts.header_digests_ok += way->trusted;
    tap->facts.header_digests_bad += !way->trusted;
}

static void end_pdu(struct work_nvme_tap *tap, struct nvme_way *way, int64_t time) {
    if (way->pdu.data_digest > 0 && !way->whole)
        tap->facts.digests_unseen++;
    if (way->trusted)
        work_nvme_finish(tap, way, time);
    way->step = NVME_IN_HEADER;
    way->got = 0;
}

static void want(struct nvme_way *way, uint64_t bytes) {
    way->kept = 0;
    way->want = bytes < NVME_KEEP ? bytes : NVME_KEEP;
    if (way->want > 0 && way->keep == NULL) {
        way->keep = malloc(NVME_KEEP);
        SIM_ASSERT(way->keep != NULL);
    }
}

/* The header is as complete as it gets. @param time of the last byte that was read. */
static void end_header(struct work_nvme_tap *tap, struct nvme_way *way, int64_t time) {
    const struct nvme_pdu *pdu = &way->pdu;
    bool all = way->got == way->need;
    uint32_t seen = way->got < pdu->header ? way->got : pdu->header;
    check_header_digest(tap, way, all);
    const char *why = way->trusted ? work_nvme_pdu_wrong(way->head, seen, pdu) : NULL;
    if (why != NULL) {
        bad(tap, way, why);
        return;
    }
    way->conn->proven = true;
    tap->facts.pdus[pdu->type]++;
    want(way, way->trusted ? work_nvme_begin(tap, way, seen) : 0);
    way->step = NVME_IN_BODY;
    way->whole = true;
    way->crc = 0;
    way->left = (uint64_t)(way->need - way->got) + pdu->padding + pdu->data + pdu->data_digest;
    if (way->left == 0)
        end_pdu(tap, way, time);
}

/* Eight bytes are there: they say how long the header is. */
static void end_common(struct work_nvme_tap *tap, struct nvme_way *way) {
    const char *why = work_nvme_pdu_form(way->head, &way->pdu);
    const struct nvme_conn *c = way->conn;
    way->need = (uint32_t)way->pdu.header + way->pdu.header_digest;
    if (why == NULL && !goes_this_way(way, way->pdu.type))
        why = "PDU of the other direction";
    if (why == NULL && c->negotiated && has_digests(way->pdu.type) &&
        (way->head[1] ^ c->digests) & NVME_HDGST)
        why = "header digest not as negotiated";
    if (why != NULL)
        bad(tap, way, why);
}

static uint64_t in_header(struct work_nvme_tap *tap, struct nvme_way *way, const uint8_t *p,
                          uint64_t n, int64_t time) {
    uint32_t upto = way->got < NVME_COMMON ? NVME_COMMON : way->need;
    uint32_t take = upto - way->got < n ? upto - way->got : (uint32_t)n;
    if (way->got == 0)
        way->begun = time;
    memcpy(way->head + way->got, p, take);
    way->got += take;
    way->at += take;
    if (way->got < upto)
        return take;
    if (upto == NVME_COMMON)
        end_common(tap, way);
    else
        end_header(tap, way, time);
    return take;
}

/* The digest's bytes follow the data: they are kept behind the header's, where there is room.
 */
static void take_digest(struct work_nvme_tap *tap, struct nvme_way *way, const uint8_t *p,
                        uint64_t n) {
    uint8_t *digest = way->head + NVME_HEADER_MOST;
    memcpy(digest + (NVME_DIGEST - way->left), p, n);
    if (n < way->left || !way->whole)
        return;
    bool ok = nvme_u32(digest) == way->crc;
    tap->facts.data_digests_ok += ok;
    tap->facts.data_digests_bad += !ok;
}

static void take_data(struct work_nvme_tap *tap, struct nvme_way *way, const uint8_t *p,
                      uint64_t n) {
    uint64_t done = way->pdu.data + (uint64_t)way->pdu.data_digest - way->left;
    if (way->pdu.data_digest > 0 && way->whole)
        way->crc = work_crc32c(&tap->crc, way->crc, p, n);
    if (way->kept != done || way->kept >= way->want)
        return;
    uint64_t take = n < way->want - way->kept ? n : way->want - way->kept;
    memcpy(way->keep + way->kept, p, take);
    way->kept += take;
}

/* @param p NULL: not seen. @return bytes taken. */
static uint64_t in_body(struct work_nvme_tap *tap, struct nvme_way *way, const uint8_t *p,
                        uint64_t n, int64_t time) {
    uint64_t digest = way->pdu.data_digest, data = way->pdu.data + digest;
    uint64_t floor = way->left > data ? data : way->left > digest ? digest : 0;
    uint64_t take = way->left - floor < n ? way->left - floor : n;
    if (p == NULL)
        way->whole = way->whole && floor == data && way->left > data;
    else if (floor == 0 && digest > 0)
        take_digest(tap, way, p, take);
    else if (way->left <= data)
        take_data(tap, way, p, take);
    way->left -= take;
    way->at += take;
    if (way->left == 0)
        end_pdu(tap, way, time);
    return take;
}

static void seen(struct work_nvme_tap *tap, struct nvme_way *way,
                 const struct work_tcp_run *run) {
    const uint8_t *p = run->bytes;
    for (uint64_t n = run->n, take; n > 0; n -= take, p += take) {
        if (way->step == NVME_SEARCH) {
            take = search(tap, way, p, n);
            skip(tap, way, take);
            way->at += take;
        } else if (way->step == NVME_IN_HEADER) {
            take = in_header(tap, way, p, n, run->time);
        } else {
            take = in_body(tap, way, p, n, run->time);
        }
    }
}

static void unseen(struct work_nvme_tap *tap, struct nvme_way *way,
                   const struct work_tcp_run *run) {
    uint64_t n = run->n;
    if (way->step == NVME_IN_HEADER && way->got >= NVME_COMMON)
        end_header(tap, way, run->time);
    while (n > 0 && way->step == NVME_IN_BODY)
        n -= in_body(tap, way, NULL, n, run->time);
    if (n == 0)
        return;
    if (way->step == NVME_IN_HEADER)
        stray(tap, way);
    skip(tap, way, n);
    way->at += n;
}

void work_nvme_way_run(struct work_nvme_tap *tap, struct nvme_way *way,
                       const struct work_tcp_run *run) {
    if (run->bytes != NULL)
        seen(tap, way, run);
    else
        unseen(tap, way, run);
}
