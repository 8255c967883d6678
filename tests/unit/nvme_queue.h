/* nvme_queue.h - for tests of NVMe/TCP: one I/O queue, its two streams, and what is read of it.
 */
#ifndef NVME_QUEUE_TEST_H
#define NVME_QUEUE_TEST_H

#include "tests/check_main.h"
#include "tests/nvme_bytes.h"

static struct stream host, card; /* what either end sends */
static uint32_t host_at, card_at;
static struct work_nvme_tap *tap;
static const struct work_nvme_facts *facts;

enum { BLOCK = 512 };

/* An I/O queue whose handshake is over. */
static inline void begin_with(struct work_nvme_opts opts, uint8_t digests) {
    host = card = (struct stream){.isn = 1000};
    host_at = card_at = 0;
    tap = work_nvme_tap_new(opts, true);
    facts = work_nvme_tap_facts(tap);
    feed_syn(tap, &host, HOST, 0);
    feed_syn(tap, &card, CONTROLLER, 0);
    put_icreq(&host, digests);
    put_icresp(&card, digests, 131072);
    put_connect(&host, 1, digests);
    put_response(&card, 0xfff0, 0, digests);
}

static inline void begin(uint8_t digests) { begin_with((struct work_nvme_opts){0}, digests); }

static inline void send_host(int64_t time) { feed_rest(tap, &host, HOST, &host_at, time); }
static inline void send_card(int64_t time) {
    feed_rest(tap, &card, CONTROLLER, &card_at, time);
}

static inline struct work_io next(void) {
    struct work_io io = {0};
    ck_assert(work_nvme_tap_next(tap, &io));
    return io;
}

static inline void none(void) {
    struct work_io io;
    ck_assert(!work_nvme_tap_next(tap, &io));
}

static inline void over(void) {
    none();
    work_nvme_tap_free(tap);
}

static inline void read_command(uint16_t cid, uint64_t slba, uint8_t digests) {
    put_command(&host, (struct command){.opcode = 2,
                                        .cid = cid,
                                        .nsid = 1,
                                        .slba = slba,
                                        .blocks = 8,
                                        .length = 8 * BLOCK,
                                        .digests = digests});
}

#endif
