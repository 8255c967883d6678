/* conntrack.c - connection tracking: which connection a packet belongs to, by its real headers,
 * and what it does to its state.
 *
 * Models: one entry for both directions of a connection; TCP's states by the flags of the
 * packets, UDP seen one way or both, ICMP and other protocols by their addresses; a time-out
 * for each state; a table of so many entries (sets; what may go for a new one when a set is
 * full); its entries in memory with a cache of them on the chip and a bound on the reads under
 * way; and insertion, which has a rate and a delay. A connection is known from its first packet
 * on; its packets get the verdict "new" until the entry has been inserted (op insert, usually
 * behind a slow path on Arm), as software keeps the state of what the hardware does not know
 * yet. Packets of flows that a loop of a capture has shown before (or that are older than the
 * run) are of a connection that stands: the handshake in them is a repetition, and so is the
 * end, but for the last time. Leaves out:
 * sequence numbers and windows; expectations (FTP) and ICMP errors as part of the connection
 * they are about; zones; fragments put together (later ones pass untracked); the write of
 * changed entries back to memory, and the way of a connection's end back to software;
 * connections over two streams: each stream has its own. Whose numbers: docs/sources.md,
 * section 3a; states and time-outs are Linux's.
 */
#include "models/conntrack.h"
#include "sim/engine/row.h"

#define AT(name) offsetof(struct conntrack, name)
#define COUNT_OF(key, member, low, high, value, text, from)                                    \
    { key, SIM_COUNT, AT(member), low, high, value, NULL, text, from }
#define TIME_OF(key, member, value, text, from)                                                \
    { key, SIM_TIME, AT(member), 0, SIM_PS_PER_S, value, NULL, text, from }
#define TIMEOUT(key, state, value, text)                                                       \
    {                                                                                          \
        "timeout_" key, SIM_TIME, AT(timeout[CONNTRACK_##state]), 1, 1000000 * SIM_PS_PER_S,   \
            value, NULL, "a connection not seen for so long is gone: " text, "linux-conntrack" \
    }

static const struct sim_field params[] = {
    COUNT_OF("entries", capacity, 1, 1 << 24, "1048576",
             "connections that the table holds, a multiple of ways",
             "assumed: low end of what cards are said to hold, 1 M to 16 M"),
    COUNT_OF("ways", ways, 1, 1024, "8", "entries of a set, of the table and of its cache",
             "assumed: as the NIC's flow table"),
    {"evict", SIM_ENUM, AT(evict), 0, 0, "unanswered", "unanswered|any|never",
     "what a full set gives up for a new connection: the one unused longest of those that are "
     "not established both ways, of all, or none",
     "linux-conntrack-drop: early drop"},
    {"loose", SIM_BOOL, AT(loose), 0, 0, "true", NULL,
     "a TCP connection may be taken up in its middle, as all of made-up traffic is, which "
     "shows "
     "no handshake; else its packets are invalid",
     "linux-conntrack: nf_conntrack_tcp_loose"},
    {"resident", SIM_BOOL, AT(resident), 0, 0, "true", NULL,
     "connections older than the run, numbered below entries, are in the table at its start: "
     "those that a looped capture begins with; made-up traffic has none, each begins with its "
     "first packet",
     NULL},
    {"rate", SIM_PER_S, AT(rate), 1, 100000000000, "330M/s", NULL, "packets per second",
     "pub:cx7-msgrate; assumed: as every stage of the pipeline"},
    TIME_OF("latency", latency, "50ns", "time of a look-up, entry on the chip",
            "assumed: one stage of the NIC pipeline"),
    COUNT_OF("queue", queue, 1, 1 << 20, "64",
             "descriptors held; when it is full the block before it waits",
             "assumed: as in a stage of the NIC pipeline"),
    COUNT_OF("cache_entries", cache_entries, 0, 1 << 24, "65536",
             "entries kept on the chip, a multiple of ways; 0: all, no reads of memory",
             "assumed: as the NIC's flow table; sweep it"),
    {"entry_bytes", SIM_BYTES, AT(entry_bytes), 1, 4096, "64B", NULL,
     "bytes that are read for an entry", "ste-dump: a steering entry"},
    TIME_OF("fetch_latency", fetch_latency, "500ns", "time added when an entry must be read",
            "assumed: a host read takes as long (pub:pcie-lat-BDW-cmd)"),
    COUNT_OF("fetches", fetches_max, 1, 65536, "64", "reads of entries under way at most",
             "assumed: one per packet processor, low end of pub:bf3-pp"),
    {"insert_rate", SIM_PER_S, AT(insert_rate), 1, 100000000000, "600k/s", NULL,
     "connections inserted per second", "mlx5-hws-ct (ConnectX-7, UDP)"},
    TIME_OF("insert_latency", insert_latency, "10us",
            "from insertion to the first packet that finds the connection in hardware",
            "assumed: a work request, a doorbell, some writes and a completion"),
    {"insert_when", SIM_ENUM, AT(insert_when), 0, 0, "established", "established|new",
     "TCP is inserted when its handshake is over, by a packet that is no FIN or RST; or from "
     "its "
     "first packet on",
     "linux-act-ct: TCP when established, UDP from the first packet on"},
    TIMEOUT("syn_sent", SYN_SENT, "120s", "SYN seen"),
    TIMEOUT("syn_recv", SYN_RECV, "60s", "SYN answered"),
    TIMEOUT("established", ESTABLISHED, "432000s", "handshake over"),
    TIMEOUT("fin_wait", FIN_WAIT, "120s", "one FIN seen"),
    TIMEOUT("close_wait", CLOSE_WAIT, "60s", "one FIN seen and acknowledged"),
    TIMEOUT("last_ack", LAST_ACK, "30s", "both FINs seen"),
    TIMEOUT("time_wait", TIME_WAIT, "120s", "both FINs seen and acknowledged"),
    TIMEOUT("close", CLOSE, "10s", "RST seen"),
    TIMEOUT("udp", UDP, "30s", "UDP one way"),
    TIMEOUT("udp_stream", UDP_STREAM, "120s", "UDP both ways"),
    TIMEOUT("icmp", ICMP, "30s", "ICMP"),
    TIMEOUT("other", OTHER, "600s", "any other protocol"),
    {.name = NULL}};
#undef TIMEOUT
#undef COUNT_OF
#undef TIME_OF

#define REACHED(key, state)                                                                    \
    SIM_STAT("to_" key, AT(reached[CONNTRACK_##state]), SIM_COUNT,                             \
             "connections that came into state " #state)
static const struct sim_field stats[] = {
    SIM_STAT("made", AT(made), SIM_COUNT, "connections begun, or begun anew after their end"),
    SIM_STAT("passed", AT(passed), SIM_COUNT, "packets of connections in hardware"),
    SIM_STAT("new", AT(pending), SIM_COUNT, "packets of connections that are not, verdict new"),
    SIM_STAT("invalid", AT(invalid), SIM_COUNT,
             "packets that fit no connection, verdict invalid"),
    SIM_STAT("full", AT(full), SIM_COUNT,
             "packets whose connection found no place, verdict full"),
    SIM_STAT("evicted", AT(evicted), SIM_COUNT, "connections that went for another one"),
    SIM_STAT("untracked", AT(untracked), SIM_COUNT,
             "packets without IP, ports or flags: passed on"),
    SIM_STAT("fetches", AT(fetched), SIM_COUNT, "look-ups that had to read memory"),
    {"bytes_read", SIM_BYTES, AT(bytes_read), 0, INT64_MAX, NULL, NULL,
     "bytes of entries read from memory", NULL},
    SIM_STAT("inserted", AT(inserted), SIM_COUNT, "connections inserted"),
    SIM_STAT("known", AT(known), SIM_COUNT,
             "insertions of connections that were, or that none is meant for"),
    SIM_STAT("early", AT(early), SIM_COUNT,
             "insertions before the handshake was over: packet passed on"),
    SIM_STAT("late", AT(late), SIM_COUNT,
             "insertions by a packet that ends its connection (FIN, RST): packet passed on"),
    SIM_STAT("gone", AT(gone), SIM_COUNT,
             "insertions of connections that the table gave up meanwhile"),
    SIM_STAT("closed", AT(closed), SIM_COUNT,
             "connections that came to their end: time_wait or close"),
    REACHED("syn_sent", SYN_SENT),
    REACHED("syn_recv", SYN_RECV),
    REACHED("established", ESTABLISHED),
    REACHED("fin_wait", FIN_WAIT),
    REACHED("close_wait", CLOSE_WAIT),
    REACHED("last_ack", LAST_ACK),
    REACHED("time_wait", TIME_WAIT),
    REACHED("close", CLOSE),
    REACHED("udp", UDP),
    REACHED("udp_stream", UDP_STREAM),
    REACHED("icmp", ICMP),
    REACHED("other", OTHER),
    {.name = NULL}};
#undef REACHED
#undef COUNT

#define TABLE_PARAMS                                                                           \
    "entries ways evict loose resident latency cache_entries entry_bytes fetch_latency "       \
    "fetches timeout_syn_sent timeout_syn_recv timeout_established timeout_fin_wait "          \
    "timeout_close_wait timeout_last_ack timeout_time_wait timeout_close timeout_udp "         \
    "timeout_udp_stream timeout_icmp timeout_other"

static const struct sim_op ops[] = {
    [CT_TRACK] = {.name = "track",
                  .doc = "find the packet's connection and follow its state",
                  .port = CT_TRACK,
                  .params = TABLE_PARAMS},
    [CT_INSERT] = {.name = "insert",
                   .doc = "put the packet's connection into hardware",
                   .port = CT_INSERT,
                   .params = "latency insert_rate insert_latency insert_when",
                   .verdicts = ""},
    [CT_OPS] = {.name = NULL}};

static const struct sim_verdict verdicts[] = {
    [CT_NEW - 1] = {"new", "next", "track: the connection is not in hardware, or not yet"},
    [CT_INVALID - 1] = {"invalid", "drop", "track: the packet fits no connection"},
    [CT_FULL - 1] = {"full", "drop", "track: no place for the connection"},
    {NULL, NULL, NULL}};

static void make_table(struct conntrack *c) {
    struct sim_arena *arena = sim_comp_arena(&c->base);
    struct conntrack_table *t = c->table = sim_alloc(arena, sizeof *t);
    flowtable_init(&t->flows, (uint64_t)c->capacity, (uint32_t)c->ways, SIM_NEVER, arena);
    for (uint32_t s = 0; s < CONNTRACK_STATES; s++)
        t->ageing[s] = s == CONNTRACK_NONE ? SIM_NEVER : c->timeout[s];
    t->flows.ageing_of = t->ageing;
    t->flows.world = c->base.world;
    t->flows.evict = c->evict != CT_EVICT_NEVER;
    if (c->evict == CT_EVICT_UNANSWERED)
        t->flows.keep =
            1U << CONNTRACK_NONE | 1U << CONNTRACK_ESTABLISHED | 1U << CONNTRACK_UDP_STREAM;
    if (c->cache_entries > 0)
        lru_init(&t->cache, (uint32_t)c->cache_entries, (uint32_t)c->ways, arena);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    static const char *const name[CT_OPS] = {[CT_TRACK] = "track", [CT_INSERT] = "insert"};
    struct conntrack *c = (struct conntrack *)comp;
    if (!lru_whole_sets(&c->base, "entries", c->capacity, "ways", c->ways, err) ||
        !lru_whole_sets(&c->base, "cache_entries", c->cache_entries, "ways", c->ways, err))
        return false;
    make_table(c);
    for (int i = 0; i < CT_OPS; i++) {
        sim_ser_init(&c->pace[i], sim_rate_make((uint64_t)c->rate, 1, 1));
        sim_port_add(comp, &(struct sim_port_opts){.name = name[i],
                                                   .capacity = c->queue,
                                                   .full = SIM_FULL_WAIT,
                                                   .late = true});
    }
    sim_ser_init(&c->insert_pace, sim_rate_make((uint64_t)c->insert_rate, 1, 1));
    if (c->cache_entries > 0)
        fetch_init(&c->table->fetch, comp, (uint32_t)c->fetches_max, c->fetch_latency);
    return true;
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct conntrack *c = (struct conntrack *)comp;
    (void)port;
    if (step->op == &ops[CT_INSERT])
        conntrack_insert(c, m, start, out);
    else
        conntrack_track(c, m, start, out);
}

static bool connections(const struct sim_comp *comp, struct sim_connections *out) {
    const struct conntrack *c = (const struct conntrack *)comp;
    struct flow_census n = flowtable_census(&c->table->flows, comp->world->end);
    *out = (struct sim_connections){.port = "insert",
                                    .bound = c->insert_rate,
                                    .begun = c->made,
                                    .set_up = c->inserted,
                                    .closed = c->closed,
                                    .evicted = c->evicted,
                                    .failed = c->full + c->gone,
                                    .aged = n.aged,
                                    .capacity = (uint64_t)c->capacity,
                                    .entries = n.entries,
                                    .highest = c->table->flows.taken};
    return true;
}

static bool effect(const struct sim_comp *comp, const char *param) {
    const struct conntrack *c = (const struct conntrack *)comp;
    return !sim_listed("resident", param) || c->met_old;
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct conntrack *c = (const struct conntrack *)comp;
    if (!sim_listed("loose", param) || c->loose || (c->refused & ~c->taken) == 0)
        return NULL;
    return "all TCP of a stream was invalid: none of its packets began a connection with a "
           "SYN, "
           "and with \"loose\": false none is taken up in its middle; made-up TCP shows no "
           "handshakes: say true for it, or replay a capture that has them";
}

const struct sim_model model_conntrack = {
    .name = "conntrack",
    .doc =
        "connection tracking: TCP states by real flags, time-outs, insertion, cached entries",
    .size = sizeof(struct conntrack),
    .params = params,
    .stats = stats,
    .ops = ops,
    .memory = "bytes_read",
    .packets = true,
    .verdicts = verdicts,
    .places = "entries",
    .init = init,
    .serve = serve,
    .effect = effect,
    .remark = remark,
    .connections = connections};
