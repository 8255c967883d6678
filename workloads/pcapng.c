/* pcapng.c - the pcapng format, block by block.
 *
 * An own reader, because libpcap refuses files whose interfaces differ in link type or snaplen.
 * Blocks read: section header, interface description, enhanced, simple and obsolete packet;
 * all others are skipped unread. Custom blocks count as records without time that are not
 * dissected, as in Wireshark. Times in any resolution and offset that an interface states.
 * Check sequences at the end of frames, of which an interface or a packet's flags say the
 * length, are taken off.
 * Left out: name resolution, statistics, secrets, comments.
 * Whose definition: draft-ietf-opsawg-pcapng; limits are Wireshark's.
 */
#include "workloads/capture_impl.h"
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2,
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,
    BLOCK_CUSTOM = 0xbad,
    BLOCK_CUSTOM_PRIVATE = 0x40000bad,
    MIN_BLOCK = 12,
    MAX_BLOCK = 16 << 20, /* of those that are read */
    MAX_CAPTURED = 262144,
    MAX_INTERFACES = 65536,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_FLAGS = 2, /* of packets */
    OPTION_RESOLUTION = 9,
    OPTION_FCS = 13,
    OPTION_OFFSET = 14
};

struct interface {
    uint32_t linktype, snaplen;
    uint8_t resolution; /* as stored: 10^-n, or 2^-n with the top bit set */
    uint8_t fcs_bytes;
    int64_t offset_s;
};

struct pcapng {
    bool big;
    struct interface *interface; /* [interfaces] of the section */
    uint32_t interfaces, room;
    uint8_t *body; /* [body_room] of the block at hand, without its frame of 12 bytes */
    uint32_t body_room, bytes, total, type; /* total: with its frame, as it states */
    uint64_t next_offset;                   /* where the next block starts */
    bool pending; /* the block at hand is a packet not yet handed out */
    bool ended;
};

static struct pcapng *ng_of(struct work_capture *c) { return c->format; }

static uint32_t u32(const struct pcapng *ng, const uint8_t *p) { return work_u32(p, ng->big); }

static bool damaged(struct work_capture *c, struct sim_err *err, const char *text) {
    work_damaged(c, err, "%s", text);
    return false;
}

static bool cut_short(struct work_capture *c, struct sim_err *err) {
    work_damaged(c, err, "the file ends within a block%s", work_usable(c));
    return false;
}

static bool is_custom(uint32_t type) {
    return type == BLOCK_CUSTOM || type == BLOCK_CUSTOM_PRIVATE;
}

static bool is_packet(uint32_t type) {
    return type == BLOCK_PACKET || type == BLOCK_SIMPLE || type == BLOCK_ENHANCED ||
           is_custom(type);
}

static bool is_read(uint32_t type) {
    return type == BLOCK_SECTION || type == BLOCK_INTERFACE || is_packet(type);
}

/* Bring the body of the block at hand (ng->bytes) in, or pass over it. */
static bool load_body(struct work_capture *c, struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    if (!is_read(ng->type))
        return work_capture_skip(c, ng->bytes) || cut_short(c, err);
    if (ng->bytes > MAX_BLOCK) {
        work_damaged(c, err, "a block states a length of %u bytes, beyond 16 MiB", ng->total);
        return false;
    }
    if (ng->bytes > ng->body_room) {
        ng->body_room = ng->bytes < 65536 ? 65536 : ng->bytes;
        ng->body = realloc(ng->body, ng->body_room);
        SIM_ASSERT(ng->body);
    }
    return work_capture_bytes(c, ng->body, ng->bytes) == ng->bytes || cut_short(c, err);
}

static bool trailer(struct work_capture *c, uint32_t total, struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    uint8_t t[4];
    if (work_capture_bytes(c, t, 4) != 4)
        return cut_short(c, err);
    if (u32(ng, t) == total)
        return true;
    work_damaged(c, err, "a block states a length of %u bytes at its start and %u at its end",
                 total, u32(ng, t));
    return false;
}

/* A section header tells its byte order after its length: 4 more bytes decide. */
static bool byte_order(struct work_capture *c, uint8_t order[4], struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    if (work_capture_bytes(c, order, 4) != 4)
        return cut_short(c, err);
    if (work_u32(order, false) == BYTE_ORDER_MAGIC)
        ng->big = false;
    else if (work_u32(order, true) == BYTE_ORDER_MAGIC)
        ng->big = true;
    else
        return damaged(c, err, "a section header has no valid byte-order magic");
    return true;
}

static bool check_total(struct work_capture *c, uint32_t total, uint32_t min,
                        struct sim_err *err) {
    if (total >= min && total % 4 == 0)
        return true;
    work_damaged(c, err,
                 "a block states a length of %u bytes, less than its frame or not a "
                 "multiple of 4",
                 total);
    return false;
}

/* Read the block at c->offset: type, length, body, length again. false: end or damage. */
static bool load_block(struct work_capture *c, struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    uint8_t h[8], order[4];
    c->offset = ng->next_offset;
    size_t got = work_capture_bytes(c, h, sizeof h);
    ng->ended = got == 0 && !work_stream_failure(c->stream);
    if (got < sizeof h)
        return ng->ended ? false : cut_short(c, err);
    bool section = work_u32(h, false) == BLOCK_SECTION; /* a palindrome */
    if (section && !byte_order(c, order, err))
        return false;
    uint32_t total = u32(ng, h + 4), frame = section ? MIN_BLOCK + 4 : MIN_BLOCK;
    ng->type = u32(ng, h);
    if (!check_total(c, total, frame, err))
        return false;
    ng->bytes = total - frame;
    ng->total = total;
    ng->next_offset = c->offset + total;
    return load_body(c, err) && trailer(c, total, err);
}

/* Next option of a block. @return its value, NULL at the end; *at past the end: damaged. */
static const uint8_t *option(const struct pcapng *ng, uint32_t *at, uint32_t *code,
                             uint32_t *n) {
    if (*at + 4 > ng->bytes)
        return NULL;
    const uint8_t *p = ng->body + *at;
    *code = work_u16(p, ng->big);
    *n = work_u16(p + 2, ng->big);
    *at += 4 + (*n + 3) / 4 * 4;
    return *at > ng->bytes || *code == 0 ? NULL : p + 4;
}

static bool section(struct work_capture *c, struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    uint32_t code, n, at = 12; /* after version and section length */
    if (ng->bytes < at)
        return damaged(c, err, "a section header is too short");
    uint32_t major = work_u16(ng->body, ng->big), minor = work_u16(ng->body + 2, ng->big);
    if (major != 1 || (minor != 0 && minor != 2)) {
        work_damaged(c, err, "a section has unknown pcapng version %u.%u", major, minor);
        return false;
    }
    while (option(ng, &at, &code, &n))
        continue;
    if (at > ng->bytes)
        return damaged(c, err, "an option of a section header is longer than the block");
    ng->interfaces = 0;
    return true;
}

static int64_t i64(const struct pcapng *ng, const uint8_t *p) {
    uint64_t first = u32(ng, p), second = u32(ng, p + 4);
    return (int64_t)(ng->big ? first << 32 | second : second << 32 | first);
}

/* In bits, says the specification, and gives an example in bytes; files hold both. No check
 * sequence is of less than 16 bits, none of 16 bytes or more. */
static uint8_t fcs_length(uint8_t stated) { return stated < 16 ? stated : stated / 8; }

static void interface_options(const struct pcapng *ng, struct interface *i) {
    uint32_t code, n, at = 8;
    for (const uint8_t *value; (value = option(ng, &at, &code, &n));) {
        if (code == OPTION_RESOLUTION && n >= 1)
            i->resolution = value[0];
        if (code == OPTION_FCS && n >= 1)
            i->fcs_bytes = fcs_length(value[0]);
        if (code == OPTION_OFFSET && n >= 8)
            i->offset_s = i64(ng, value);
    }
}

static bool interface(struct work_capture *c, struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    if (ng->bytes < 8 || ng->interfaces == MAX_INTERFACES)
        return damaged(c, err, "an interface description is too short, or the 65537th");
    if (ng->interfaces == ng->room) {
        ng->room = ng->room ? 2 * ng->room : 8;
        ng->interface = realloc(ng->interface, ng->room * sizeof *ng->interface);
        SIM_ASSERT(ng->interface);
    }
    struct interface *i = &ng->interface[ng->interfaces++];
    *i = (struct interface){.linktype = work_u16(ng->body, ng->big),
                            .snaplen = u32(ng, ng->body + 4),
                            .resolution = 6};
    interface_options(ng, i);
    work_capture_saw_link(c, i->linktype);
    return true;
}

/* Read on to the next packet block. */
static enum work_status find_packet(struct work_capture *c, struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    while (!ng->pending) {
        if (!load_block(c, err))
            return ng->ended ? WORK_END : WORK_DAMAGED;
        if (ng->type == BLOCK_SECTION && !section(c, err))
            return WORK_DAMAGED;
        if (ng->type == BLOCK_INTERFACE && !interface(c, err))
            return WORK_DAMAGED;
        ng->pending = is_packet(ng->type);
    }
    return WORK_RECORD;
}

/* ts units of 10^-n or 2^-n seconds as nanoseconds, rounded down. */
static __int128 to_ns(uint64_t ts, uint8_t resolution) {
    unsigned n = resolution & 0x7f;
    if (resolution & 0x80)
        return (__int128)((unsigned __int128)ts * 1000000000U >> n);
    __int128 ns = (__int128)ts;
    for (; n < 9; n++)
        ns *= 10;
    for (; n > 9 && ns > 0; n--)
        ns /= 10;
    return ns;
}

static void set_time(const struct pcapng *ng, const struct interface *i, const uint8_t *p,
                     struct work_record *r) {
    uint64_t ts = (uint64_t)u32(ng, p) << 32 | u32(ng, p + 4);
    r->ts_ns = work_time_ns(to_ns(ts, i->resolution) + (__int128)i->offset_s * 1000000000);
}

/* The fixed part of a packet block: fills *r except bytes. @return its bytes. */
static uint32_t fixed_part(const struct pcapng *ng, const struct interface *i,
                           struct work_record *r) {
    const uint8_t *p = ng->body;
    if (ng->type == BLOCK_SIMPLE) {
        uint32_t room = ng->bytes - 4;
        r->length = u32(ng, p);
        r->captured = r->length < room ? r->length : room;
        if (i->snaplen && r->captured > i->snaplen)
            r->captured = i->snaplen;
        r->timeless = true;
        return 4;
    }
    set_time(ng, i, p + 4, r);
    r->captured = u32(ng, p + 12);
    r->length = u32(ng, p + 16);
    return 20;
}

static uint32_t interface_number(const struct pcapng *ng) {
    switch (ng->type) {
    case BLOCK_SIMPLE:
        return 0;
    case BLOCK_PACKET:
        return work_u16(ng->body, ng->big);
    default:
        return u32(ng, ng->body);
    }
}

/* By the packet's flags, in its options from `at` on, else by its interface. */
static uint32_t fcs_bytes(const struct pcapng *ng, const struct interface *i, uint32_t at) {
    uint32_t code, n;
    for (const uint8_t *value;
         ng->type != BLOCK_SIMPLE && (value = option(ng, &at, &code, &n));) {
        uint32_t bytes = code == OPTION_FLAGS && n >= 4 ? u32(ng, value) >> 5 & 15 : 0;
        if (bytes > 0)
            return bytes;
    }
    return i->fcs_bytes;
}

static enum work_status packet(struct work_capture *c, struct work_record *r,
                               struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    if (ng->bytes < (ng->type == BLOCK_SIMPLE ? 4 : 20))
        return work_damaged(c, err, "a packet block is too short");
    uint32_t number = interface_number(ng);
    if (number >= ng->interfaces)
        return work_damaged(c, err, "a packet is of interface %u, but %u are described", number,
                            ng->interfaces);
    const struct interface *i = &ng->interface[number];
    if (!work_link_name(i->linktype))
        return work_damaged(c, err, "a packet is of unknown link type %u", i->linktype);
    uint32_t fixed = fixed_part(ng, i, r);
    if (r->captured > MAX_CAPTURED || r->captured > ng->bytes - fixed)
        return work_damaged(c, err, "a packet of %u captured bytes in a block of %u",
                            r->captured, ng->total);
    work_without_fcs(r, fcs_bytes(ng, i, fixed + (r->captured + 3) / 4 * 4));
    r->bytes = ng->body + fixed;
    r->link = work_link(i->linktype);
    r->offset = c->offset;
    return WORK_RECORD;
}

/* The vendor's number, then data. */
static enum work_status custom(struct work_capture *c, struct work_record *r,
                               struct sim_err *err) {
    struct pcapng *ng = ng_of(c);
    if (ng->bytes < 4)
        return work_damaged(c, err, "a custom block is too short");
    r->length = r->captured = ng->bytes - 4;
    r->bytes = ng->body + 4;
    r->timeless = r->custom = true;
    r->link = PACKET_LINK_OTHER;
    r->offset = c->offset;
    return WORK_RECORD;
}

static enum work_status next(struct work_capture *c, struct work_record *r,
                             struct sim_err *err) {
    enum work_status status = find_packet(c, err);
    if (status != WORK_RECORD)
        return status;
    ng_of(c)->pending = false;
    return is_custom(ng_of(c)->type) ? custom(c, r, err) : packet(c, r, err);
}

static void done(struct work_capture *c) {
    struct pcapng *ng = ng_of(c);
    fclose(c->bytes);
    free(ng->interface);
    free(ng->body);
    free(ng);
}

/* Reads on to the first packet, so that damage before it is a failure to open and the link
 * types are known. */
bool work_pcapng_open(struct work_capture *c, struct sim_err *err) {
    c->format = calloc(1, sizeof(struct pcapng));
    SIM_ASSERT(c->format);
    c->bytes = work_stream_file(c->stream);
    c->next = next;
    c->close = done;
    return find_packet(c, err) != WORK_DAMAGED;
}
