/* nvme_tcp_impl.h - inside the NVMe/TCP reader: connections (nvme_tcp.c), PDUs out of byte
 * streams (nvme_tcp_pdu.c), commands and their completions (nvme_tcp_cmd.c, nvme_tcp_table.c).
 *
 * Fields are little-endian, as in the specifications; offsets in comments are theirs.
 */
#ifndef WORK_NVME_TCP_IMPL_H
#define WORK_NVME_TCP_IMPL_H

#include "workloads/crc32c.h"
#include "workloads/nvme_tcp.h"

enum nvme_type { /* of PDUs: even ones go to the controller, odd ones to the host */
                 NVME_ICREQ = 0,
                 NVME_ICRESP = 1,
                 NVME_H2C_TERM = 2,
                 NVME_C2H_TERM = 3,
                 NVME_COMMAND = 4,
                 NVME_RESPONSE = 5,
                 NVME_H2C_DATA = 6,
                 NVME_C2H_DATA = 7,
                 NVME_R2T = 9
};
enum { NVME_HDGST = 1, NVME_DDGST = 2, NVME_LAST = 4, NVME_SUCCESS = 8 }; /* flags of PDUs */
enum { NVME_COMMON = 8, NVME_HEADER_MOST = 128, NVME_DIGEST = 4 };
enum { NVME_KEEP = 4096 };     /* of one PDU's data: 256 ranges of a DSM */
enum { NVME_TABLE = 1 << 16 }; /* commands under way, and requests not handed out */
enum { NVME_CONNECTIONS = 4096, NVME_NAMESPACES = 1024 };

/* What a PDU's header says of its form. */
struct nvme_pdu {
    uint8_t type, flags, header;        /* header: bytes, without digest */
    uint8_t header_digest, data_digest; /* bytes: 0 or 4 */
    uint32_t padding;                   /* between header and data */
    uint32_t data;                      /* bytes */
};

enum nvme_step { NVME_SEARCH, NVME_IN_HEADER, NVME_IN_BODY };

/* One direction of a connection. */
struct nvme_way {
    struct work_tcp tcp;
    struct nvme_conn *conn;
    enum nvme_step step;
    uint8_t head[NVME_HEADER_MOST + NVME_DIGEST];
    uint32_t got, need; /* of head[] */
    struct nvme_pdu pdu;
    bool trusted;  /* its header digest is not wrong */
    bool whole;    /* its data were all seen so far */
    int64_t begun; /* time of its first byte */
    uint64_t at;   /* bytes of the stream read so far: where errors are */
    uint64_t left; /* of header that is not seen, padding, data and digest */
    uint64_t kept; /* of its data, in keep[] */
    uint64_t want; /* to keep of its data */
    uint8_t *keep; /* [NVME_KEEP], made when needed */
    uint32_t crc;
    bool lost; /* out of step since the last PDU */
};

struct nvme_conn {
    uint8_t key[40];
    uint32_t number;              /* of all connections, in order of appearance */
    uint32_t chain, newer, older; /* next of its bucket, and in order of use: index + 1 */
    bool proven;                  /* it has carried a PDU */
    bool negotiated;              /* ICResp seen */
    uint8_t digests;              /* NVME_HDGST | NVME_DDGST */
    uint32_t maxh2cdata;
    int32_t queue; /* -1: not known */
    bool guessed;  /* by its commands, for its Connect was not captured */
    uint64_t packets;
    uint64_t subsystem;
    struct work_tcp_counts counts;
    struct nvme_way way[2]; /* [0] from the lower end of packet_tuple, [1] from the higher */
    uint64_t unread[2]; /* by way: tap->steps when bytes that may hold headers were not read */
    int host;           /* which way comes from the host; -1: not known */
};

/* A command under way, or a response that came before its command did. */
struct nvme_open {
    uint32_t conn;
    uint16_t cid;
    bool early;    /* a response */
    bool io;       /* on an I/O queue */
    bool identify; /* Identify Namespace */
    uint32_t nsid;
    uint32_t span;                /* requests that it became */
    int64_t time;                 /* of the command; of the response when early */
    uint64_t issued;              /* tap->steps then */
    uint64_t request;             /* number of the first one */
    uint32_t chain, newer, older; /* index + 1 */
};

struct nvme_request {
    struct work_io io;
    bool done; /* nothing more is to come */
};

struct work_nvme_tap {
    struct work_nvme_opts opts;
    bool wanted; /* requests are handed out */
    struct work_nvme_facts facts;
    struct work_crc32c crc;
    struct work_tcp_budget budget;
    uint32_t numbers; /* of connections so far */
    uint64_t steps;   /* counts what was not read, so that it is known what came before */
    int64_t now;      /* time of the record, or of the last one that had one */

    struct nvme_conn *conn; /* [NVME_CONNECTIONS], made with the first; so all below */
    uint32_t *conn_bucket;  /* [NVME_CONNECTIONS], index + 1 */
    uint32_t conns;         /* that were ever used */
    uint32_t conn_newest, conn_oldest;

    struct nvme_open *open; /* [NVME_TABLE] */
    uint32_t *open_bucket;  /* [NVME_TABLE] */
    uint32_t opens, open_free, open_newest, open_oldest;

    struct nvme_request *ring; /* [ring_size], a power of two */
    uint64_t ring_size;
    uint64_t taken, given; /* numbers of requests made and handed out */
    struct work_nvme_namespace space[NVME_NAMESPACES];
};

static inline uint32_t nvme_u16(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}
static inline uint32_t nvme_u32(const uint8_t *p) {
    return nvme_u16(p) | nvme_u16(p + 2) << 16;
}
static inline uint64_t nvme_u64(const uint8_t *p) {
    return nvme_u32(p) | (uint64_t)nvme_u32(p + 4) << 32;
}

/* The form that the first 8 bytes of a header state. @return NULL, or what is wrong. */
const char *work_nvme_pdu_form(const uint8_t *h, struct nvme_pdu *pdu);
/* Does the header, of which n bytes are at hand, agree with its form? NULL, or what is wrong.
 */
const char *work_nvme_pdu_wrong(const uint8_t *h, uint32_t n, const struct nvme_pdu *pdu);

/* Take the next bytes of a direction. */
void work_nvme_way_run(struct work_nvme_tap *tap, struct nvme_way *way,
                       const struct work_tcp_run *run);

/* A PDU's header is there, its first n bytes seen; @return bytes of its data to keep. */
uint64_t work_nvme_begin(struct work_nvme_tap *tap, struct nvme_way *way, uint32_t n);
/* The PDU is over. @param time of its last byte. */
void work_nvme_finish(struct work_nvme_tap *tap, struct nvme_way *way, int64_t time);

/* Commands under way, by connection and command identifier. */
struct nvme_open *work_nvme_find(struct work_nvme_tap *tap, uint32_t conn, uint16_t cid);
struct nvme_open *work_nvme_issue(struct work_nvme_tap *tap, const struct nvme_open *command);
void work_nvme_answer(struct work_nvme_tap *tap, const struct nvme_conn *conn, uint16_t cid,
                      int64_t time);
/* The connection is over, or the capture: nothing more is answered. */
void work_nvme_forget(struct work_nvme_tap *tap, uint32_t conn);
void work_nvme_forget_all(struct work_nvme_tap *tap);
/* Make a request; @return its number. */
uint64_t work_nvme_request(struct work_nvme_tap *tap, const struct work_io *io);

/* The namespace's number, UINT32_MAX when there are too many. */
uint32_t work_nvme_device(struct work_nvme_tap *tap, uint64_t subsystem, uint32_t nsid);

#endif
