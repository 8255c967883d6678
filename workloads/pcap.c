/* pcap.c - the classic capture format, by libpcap: its magics, byte orders and variants.
 *
 * Two fields of the file header are changed before libpcap sees them, because it would refuse
 * or shorten what Wireshark reads: a version above 2.4 becomes 2.4, and the snaplen becomes
 * "unknown", or else records longer than the stated snaplen would be cut to it.
 * Timestamps are unsigned 32-bit seconds (until 2106), as the format's specification says;
 * libpcap gives them signed.
 * The link type's upper bits may say that frames end with their check sequence, in units of two
 * bytes; it is taken off.
 */
#include "workloads/capture_impl.h"
#include <pcap/pcap.h>
#include <string.h>

enum { FILE_HEADER = 24, RECORD_HEADER = 16, KUZNETZOV_HEADER = 24 };
enum { SECOND_NS = 1000000000 };

struct header {
    uint32_t magic, network;
    bool big;
};

static struct header read_header(const uint8_t *head) {
    bool big = head[0] == 0xa1;
    return (struct header){work_u32(head, big), work_u32(head + 20, big), big};
}

static void normalise(uint8_t *head, bool big) {
    uint32_t major = work_u16(head + 4, big), minor = work_u16(head + 6, big);
    if (major > 2 || (major == 2 && minor > 4)) {
        memset(head + 4, 0, 4);
        head[big ? 5 : 4] = 2;
        head[big ? 7 : 6] = 4;
    }
    memset(head + 16, 0, 4); /* snaplen */
}

static uint32_t record_header(const struct header *h) {
    return h->magic == 0xa1b2cd34 ? KUZNETZOV_HEADER : RECORD_HEADER;
}

/* A fraction that does not fit a second means nothing; it is taken as Wireshark takes it, as
 * nanoseconds in 32 signed bits. */
static int64_t time_of(const struct timeval *tv) {
    int64_t sec = tv->tv_sec < 0 ? tv->tv_sec + (1LL << 32) : tv->tv_sec;
    return work_time_ns((__int128)sec * SECOND_NS + (int32_t)(uint32_t)tv->tv_usec);
}

static enum work_status next(struct work_capture *c, struct work_record *r,
                             struct sim_err *err) {
    pcap_t *pcap = c->format;
    struct pcap_pkthdr *h;
    int status = pcap_next_ex(pcap, &h, &r->bytes);
    if (status == PCAP_ERROR_BREAK && !work_stream_failure(c->stream))
        return WORK_END;
    if (status != 1)
        return work_damaged(c, err, "%s%s", pcap_geterr(pcap), work_usable(c));
    r->length = h->len;
    r->captured = h->caplen;
    r->ts_ns = time_of(&h->ts);
    r->link = c->link;
    r->offset = c->offset;
    work_without_fcs(r, c->fcs_bytes);
    c->offset += c->record_header + h->caplen;
    return WORK_RECORD;
}

static void done(struct work_capture *c) {
    if (c->format)
        pcap_close(c->format); /* closes c->bytes */
}

static bool check_network(const struct work_capture *c, uint32_t network, struct sim_err *err) {
    if (network & 0x03ff0000)
        return sim_fail(err, c->file, NULL,
                        "has %#x as link type, whose reserved bits are set; the file header is "
                        "damaged",
                        network);
    if (!work_link_name(network & 0xffff))
        return sim_fail(err, c->file, NULL,
                        "has unknown link type %u; capture on Ethernet, Linux cooked or raw IP",
                        network & 0xffff);
    return true;
}

static uint32_t fcs_bytes(uint32_t network) {
    return network & 1U << 26 ? 2 * (network >> 28) : 0;
}

bool work_pcap_open(struct work_capture *c, struct sim_err *err) {
    size_t n;
    uint8_t *head = work_stream_head(c->stream, &n);
    if (n < FILE_HEADER)
        return sim_fail(err, c->file, NULL, "ends after %zu of the 24 bytes of its file header",
                        n);
    struct header h = read_header(head);
    if (!check_network(c, h.network, err))
        return false;
    normalise(head, h.big);
    char why[PCAP_ERRBUF_SIZE] = "";
    c->bytes = work_stream_file(c->stream);
    c->format =
        pcap_fopen_offline_with_tstamp_precision(c->bytes, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!c->format) {
        fclose(c->bytes);
        return sim_fail(err, c->file, NULL, "cannot be read: %s", why);
    }
    work_capture_saw_link(c, h.network & 0xffff);
    c->link = work_link(h.network & 0xffff);
    c->record_header = record_header(&h);
    c->fcs_bytes = fcs_bytes(h.network);
    c->offset = FILE_HEADER;
    c->next = next;
    c->close = done;
    return true;
}
