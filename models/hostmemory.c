/* hostmemory.c - the memory of the host as a PCI Express device sees it: root complex, IOMMU,
 * last-level cache with its places for I/O (DDIO, llc.h), DRAM, and the distance to the socket.
 *
 * One queue, in the order of arrival; data takes the bandwidth of the cache, or that of DRAM
 * when the cache does not have it. Reads take their own time and overtake one another.
 *
 * Order, as the PCI Express base specification has it. Writes become visible in the order in
 * which they came, a while after; with relaxed ordering each when it is ready. A read begins
 * when all writes before it are visible, relaxed or not; writes do not wait for reads. With
 * ID-based ordering both wait for writes of their own requester alone: its stream. Relaxed
 * ordering of a read is about its completions, which may pass writes towards the card: it has
 * no place here, as nothing holds those writes (pcie.c).
 *
 * Cache. A write takes DDIO's places, line by line, and a read finds there what devices wrote,
 * until other writes have driven it out to DRAM. A write that drives lines out is visible when
 * they have gone: an access of DRAM later, as a read that finds nothing. "warm": processors had
 * brought in the first bytes of the memory that is used, as many as the cache holds; the last
 * of them lie where DDIO's places are, and go as devices write elsewhere. Reads leave no trace.
 *
 * IOMMU: iommu.h. Reads are translated in order: one waits for the misses of those before it.
 *
 * Rings. What a network card writes and reads beside a packet's bytes (rings.h) is done with
 * the packet's access: lines, bandwidth, translations. A completion is written behind the
 * packet, never relaxed, so the packet is the host's when it is visible; one whose batch is not
 * full yet waits for no completion. Descriptors were fetched ahead, and delay nobody. The host
 * wrote them a while ago: they are in its cache, unless the rings of all queues that are used
 * are larger than that is outside of DDIO's part; then they come from DRAM.
 *
 * What is accessed: buffers.h. Every page that is touched is translated. DRAM gives and takes
 * whole lines. Of a received packet as much lies here as crossed the link (rings.h).
 * Left out: what the processors do to the cache; what a line of which a part is written needs
 * of DRAM before it can be driven out; the order of addresses within DRAM; page sizes mixed;
 * the IOMMU's own caches of page tables; of rings the cache's own energy (per_byte is of
 * messages' bytes). Whose numbers: docs/sources.md section 7.
 */
#include "models/buffers.h"
#include "models/iommu.h"
#include "models/llc.h"
#include "models/rings.h"
#include "sim/engine/row.h"
#include <string.h>

enum { PAGE = 4096 };
#define MEMORY (1LL << 37) /* bytes that are used, at most: as a DMA's window */
enum { WARM, COLD };

struct hostmemory {
    struct sim_comp base;
    int64_t read_latency, write_latency, dram_latency, numa_latency, bandwidth, dram_bandwidth;
    int64_t cache, llc_bytes, ddio_bytes, write_update, relaxed, by_id;
    int64_t translates;
    int64_t count, buffer_bytes, queues;
    struct sim_ser cached, dram;
    struct llc llc;
    struct iommu iommu;
    struct rings rings;
    struct buffers buffers;
    sim_ps translated;               /* when the addresses of all reads so far are */
    sim_ps *committed;               /* when all writes of a requester are visible */
    sim_ps visible;                  /* ... of all */
    bool overtook, apart;            /* by relaxed ordering, by ID-based ordering */
    bool hashed;                     /* rings of queues that the hash told apart */
    bool fetched, completed;         /* in rings */
    int64_t dram_read, dram_written; /* statistics */
    int64_t ring_read, ring_written;
};

#define AT(member) offsetof(struct hostmemory, member)

static const struct sim_field fields[] = {
    {"read_latency", SIM_TIME, AT(read_latency), 0, SIM_PS_PER_S, "180ns", NULL,
     "root complex and a hit in the cache",
     "assumed: what two ways across the link leave of docs/sources.md pub:pcie-lat-BDW-cmd"},
    {"write_latency", SIM_TIME, AT(write_latency), 0, SIM_PS_PER_S, "66ns", NULL,
     "until a write is visible",
     "docs/sources.md pub:pcie-lat-BDW-cmd: write and read less read"},
    {"dram_latency", SIM_TIME, AT(dram_latency), 0, SIM_PS_PER_S, "54ns", NULL,
     "added where a read goes to DRAM, or a write drives lines out to it",
     "docs/sources.md pub:pcie-lat-cold"},
    {"numa_latency", SIM_TIME, AT(numa_latency), 0, SIM_PS_PER_S, "0ns", NULL,
     "added when the memory is another socket's", "assumed: the device's own socket"},
    {"bandwidth", SIM_RATE, AT(bandwidth), 1000000, 1000000000000000, "128GB/s", NULL,
     "of the cache, for I/O", "assumed: more than the link both ways"},
    {"dram_bandwidth", SIM_RATE, AT(dram_bandwidth), 1000000, 1000000000000000, "60GB/s", NULL,
     "of DRAM, for I/O",
     "assumed: four channels of DDR4-2400 are 76.8 GB/s, of which accesses can use 0.8"},
    {"cache", SIM_ENUM, AT(cache), 0, 0, "cold", "warm|cold",
     "whether the memory that is used was brought into the cache before",
     "assumed: buffers that only the device touches"},
    {"llc_bytes", SIM_BYTES, AT(llc_bytes), PAGE, 1LL << 36, "20MiB", NULL,
     "last-level cache, DDIO's part included: what a warm one holds",
     "assumed: 2.5 MiB a core"},
    {"ddio_bytes", SIM_BYTES, AT(ddio_bytes), PAGE, 1LL << 36, "2MiB", NULL,
     "what writes of devices may take of it (DDIO): lines of 64 bytes in sets of 16",
     "assumed: two ways of twenty, DDIO's default"},
    {"write_update", SIM_BOOL, AT(write_update), 0, 0, "true", NULL,
     "whether a write to what a warm cache holds outside of that part changes it there; false: "
     "it "
     "takes a place of that part as any other, and what lay there is lost",
     "docs/sources.md section 7: pcie-bench-data, Sandy and Ivy Bridge; Haswell and Broadwell "
     "do "
     "not"},
    {"relaxed_ordering", SIM_BOOL, AT(relaxed), 0, 0, "false", NULL,
     "whether a write may be visible before those that came before it; a read waits for them "
     "all "
     "the same",
     "docs/sources.md pcie-order: rule A2b; off, as without the attribute"},
    {"id_based_ordering", SIM_BOOL, AT(by_id), 0, 0, "false", NULL,
     "whether reads and writes pass writes of other requesters, which streams are",
     "docs/sources.md pcie-order: rules A2b and B2b; off, as without the attribute"},
    {"iommu", SIM_BOOL, AT(translates), 0, 0, "false", NULL, "whether addresses are translated",
     "assumed: off, or in pass-through mode"},
    {"page_bytes", SIM_BYTES, AT(iommu.page_bytes), PAGE, 1 << 30, "4KiB", NULL,
     "that one translation covers", "docs/sources.md pub:pcie-iommu-bw: super-pages off"},
    {"iotlb_entries", SIM_COUNT, AT(iommu.iotlb_entries), 1, 1 << 20, "64", NULL,
     "translations kept", "docs/sources.md section 7: the pcie-bench paper, from memory"},
    {"iotlb_ways", SIM_COUNT, AT(iommu.iotlb_ways), 1, 1 << 20, "64", NULL,
     "places that a translation may take", "assumed: fully associative"},
    {"walk_latency", SIM_TIME, AT(iommu.walk_latency), 0, SIM_PS_PER_S, "330ns", NULL,
     "of a translation that is not kept",
     "docs/sources.md section 7: the pcie-bench paper, from memory"},
    {"walkers", SIM_COUNT, AT(iommu.walkers), 1, IOMMU_WALKERS, "7", NULL,
     "translations looked up at once",
     "docs/sources.md pcie-bench-data: writes at 64 MiB, 46.6 ns each"},
    {"buffers", SIM_COUNT, AT(count), 1, 1 << 16, "1024", NULL,
     "a queue's buffers for packets, used in turn; its rings have an entry for each",
     "docs/sources.md mlx5-en: the driver's default ring"},
    {"queues", SIM_COUNT, AT(queues), 1, RINGS_QUEUES, "16", NULL,
     "queues that packets are spread over by their hash, where no queue of the host's is "
     "behind "
     "the link or in front of it",
     "assumed: a core each, of 16"},
    {"buffer_bytes", SIM_BYTES, AT(buffer_bytes), LLC_LINE, 1 << 20, "2KiB", NULL,
     "of each; what is longer takes as many as hold it",
     "assumed: a frame of 1,518 bytes and headroom"},
    {.name = NULL}};

static const struct sim_field stats[] = {
    {.name = "dram_read",
     .unit = SIM_BYTES,
     .offset = AT(dram_read),
     .doc = "bytes of lines that were read and not in the cache"},
    {.name = "dram_written",
     .unit = SIM_BYTES,
     .offset = AT(dram_written),
     .doc = "bytes of lines that writes drove out of DDIO's full places"},
    {.name = "ring_read",
     .unit = SIM_BYTES,
     .offset = AT(ring_read),
     .doc = "bytes of descriptors that a card fetched, beside messages' bytes"},
    {.name = "ring_written",
     .unit = SIM_BYTES,
     .offset = AT(ring_written),
     .doc = "bytes of completion entries that a card wrote, beside messages' bytes"},
    {.name = "walks",
     .unit = SIM_COUNT,
     .offset = AT(iommu.walks),
     .doc = "translations that the IOTLB did not have"},
    {.name = NULL}};

enum { READ, WRITE };
/* With a packet that is read a completion may be written. */
#define WRITES "write_latency ddio_bytes write_update relaxed_ordering id_based_ordering"

static const struct sim_op ops[] = {
    [READ] = {.name = "read",
              .doc = "read; goes on when the data is at the root complex",
              .params = "read_latency dram_latency " WRITES},
    [WRITE] = {.name = "write",
               .doc = "write; goes on when it is visible",
               .params = "dram_latency " WRITES},
    {.name = NULL}};

static bool fail(const struct hostmemory *h, const char *key, const char *why,
                 struct sim_err *err) {
    char path[512];
    return sim_fail(err, h->base.file, sim_pointer(path, sizeof path, h->base.pointer, key),
                    "%s", why);
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct hostmemory *h = (struct hostmemory *)comp;
    const char *key, *why;
    if (h->ddio_bytes > h->llc_bytes)
        return fail(h, "ddio_bytes", "is more than the whole cache, llc_bytes; make it smaller",
                    err);
    if (h->count * h->buffer_bytes > MEMORY / h->queues)
        return fail(
            h, "buffers",
            "of buffer_bytes are more than 128 GiB in all queues; make one of the three "
            "smaller",
            err);
    if (!iommu_check(&h->iommu, &key, &why))
        return fail(h, key, why, err);
    sim_ser_init(&h->cached, sim_rate_make((uint64_t)h->bandwidth, 1, 1));
    sim_ser_init(&h->dram, sim_rate_make((uint64_t)h->dram_bandwidth, 1, 1));
    llc_init(&h->llc,
             &(struct llc_opts){.bytes = (uint64_t)h->llc_bytes,
                                .ddio_bytes = (uint64_t)h->ddio_bytes,
                                .warm = h->cache == WARM,
                                .updates = h->write_update},
             sim_comp_arena(comp));
    rings_init(&h->rings, (uint64_t)h->count, (uint64_t)(h->count * h->buffer_bytes),
               (uint64_t)(h->llc_bytes - h->ddio_bytes), sim_comp_arena(comp));
    buffers_init(&h->buffers, (uint64_t)h->count, (uint64_t)h->buffer_bytes, &h->rings,
                 sim_comp_arena(comp));
    h->committed =
        sim_alloc_n(sim_comp_arena(comp), h->by_id ? UINT16_MAX + 1 : 1, sizeof *h->committed);
    sim_port_add(comp, &(struct sim_port_opts){.name = "access"});
    if (h->translates)
        iommu_init(&h->iommu, comp);
    return true;
}

/* When a write is visible that by itself would be at t: not before those in front of it, or
 * relaxed. */
static sim_ps order_write(struct hostmemory *h, const struct sim_msg *m, sim_ps t,
                          bool relaxed) {
    sim_ps *before = &h->committed[h->by_id ? m->stream : 0];
    sim_ps ready = relaxed ? t : sim_later(t, *before);
    h->overtook |= relaxed && t < *before;
    h->apart |= !relaxed && ready < h->visible;
    *before = sim_later(*before, ready);
    h->visible = sim_later(h->visible, ready);
    return ready;
}

/* When a read begins whose addresses are translated at t, of those asked for at `asked`: behind
 * the translations of reads and the writes before it. */
static sim_ps order_read(struct hostmemory *h, const struct sim_msg *m, sim_ps asked,
                         sim_ps t) {
    if (t > asked)
        h->translated = sim_later(h->translated, t);
    sim_ps ready = sim_later(sim_later(t, h->translated) + h->numa_latency,
                             h->committed[h->by_id ? m->stream : 0]);
    h->apart |= ready < h->visible;
    return ready;
}

/* For how long a read waits for a write that takes no longer than it must: with writes before
 * it that is part of what it takes, at any rate. */
static sim_ps behind_write(const struct hostmemory *h, const struct sim_msg *m, sim_ps t) {
    sim_ps wait = h->committed[h->by_id ? m->stream : 0] - t - h->numa_latency;
    sim_ps most = h->write_latency + h->dram_latency;
    return wait < 0 ? 0 : wait < most ? wait : most;
}

/* When the data is through: in the cache, and what DRAM gives or takes. */
static sim_ps moved(struct hostmemory *h, sim_ps start, uint64_t bytes, uint64_t lines,
                    int64_t *count) {
    sim_ps end = sim_ser_send(&h->cached, start, 8 * bytes);
    if (lines == 0)
        return end;
    if (sim_inside(h->base.world, start))
        *count += (int64_t)(lines * LLC_LINE);
    return sim_later(end, sim_ser_send(&h->dram, start, lines * LLC_LINE * 8));
}

/* What became of an access: when its data is through, when its addresses are translated, and
 * when it is done if it waits for nobody. */
struct access {
    sim_ps end, translated, own;
    sim_ps takes; /* from there on */
};

static uint64_t lines_of_dram(struct hostmemory *h, const struct rings_span *at) {
    struct llc_lines touched = llc_lines(at->address, at->bytes);
    if (at->posted)
        return at->far ? touched.count : 0;
    return at->writes ? llc_write(&h->llc, touched) : llc_read(&h->llc, touched);
}

static struct access access_at(struct hostmemory *h, const struct sim_msg *m,
                               const struct rings_span *at, sim_ps start) {
    uint64_t lines = lines_of_dram(h, at);
    bool walks = false;
    struct access a = {.takes = (at->writes ? h->write_latency : h->read_latency) +
                                (lines ? h->dram_latency : 0)};
    a.end = moved(h, start, at->bytes, lines, at->writes ? &h->dram_written : &h->dram_read);
    a.translated = h->translates
                       ? iommu_translate(&h->iommu, m, at->address, at->bytes, a.end, &walks)
                       : a.end;
    a.own = a.end + (walks ? h->iommu.walk_latency : 0) + h->numa_latency + a.takes;
    return a;
}

/* With m's access, which began at `start`, the card writes and reads its rings; `a` is of all
 * then. @return when what it wrote is visible; 0 when that is nothing. */
static sim_ps serve_rings(struct hostmemory *h, const struct sim_msg *m, uint32_t queue,
                          const struct rings_work *w, sim_ps start, struct access *a) {
    struct rings_span span[RINGS_SPANS];
    sim_ps visible = 0;
    if (w->fetched + w->used == 0)
        return 0;
    uint32_t place = rings_place(&h->rings, queue);
    h->fetched |= w->fetched > 0;
    h->completed |= w->used > 0;
    h->hashed |= w->ring == 0;
    for (uint32_t i = 0, n = rings_spans(&h->rings, place, w, span); i < n; i++) {
        struct access ring = access_at(h, m, &span[i], start);
        a->end = sim_later(a->end, ring.end);
        if (sim_inside(h->base.world, start))
            *(span[i].writes ? &h->ring_written : &h->ring_read) += (int64_t)span[i].bytes;
        if (!span[i].writes)
            continue;
        visible = order_write(h, m, ring.translated + h->numa_latency + ring.takes, false);
        a->own = w->sends ? a->own : sim_later(a->own, ring.own);
    }
    return visible;
}

/* Of a packet that came through rings as much as crossed the link: it lost its check sequence,
 * got a header or was filled up. */
static uint64_t bytes_of(const struct sim_step *step, const struct sim_msg *m,
                         const struct rings_work *w) {
    int64_t bytes = sim_step_bytes(step, m);
    return (uint64_t)(w != NULL && bytes + w->more > 0 ? bytes + w->more : bytes);
}

static void serve(struct sim_comp *comp, struct sim_port *port, const struct sim_step *step,
                  struct sim_msg *m, sim_ps start, struct sim_service *out) {
    struct hostmemory *h = (struct hostmemory *)comp;
    bool writes = step->op == &ops[WRITE];
    const struct rings_work *w = rings_told(&comp->node->pool, m, !writes);
    bool told = w != NULL && w->ring > 0;
    struct buffers_want want = {.bytes = bytes_of(step, m, w),
                                .queue = told ? (uint32_t)h->queues + w->ring - 1U
                                              : m->hash % (uint32_t)h->queues,
                                .hashed = !told,
                                .writes = writes};
    struct rings_span packet = {.address = buffers_address(&h->buffers, m, &want),
                                .bytes = want.bytes,
                                .writes = writes};
    struct access a = access_at(h, m, &packet, start);
    sim_ps far = a.translated + h->numa_latency + a.takes;
    sim_ps ready = writes ? order_write(h, m, far, h->relaxed)
                          : order_read(h, m, a.end, a.translated) + a.takes;
    (void)port;
    a.own += writes ? 0 : behind_write(h, m, a.translated);
    if (w != NULL) {
        sim_ps visible = serve_rings(h, m, want.queue, w, start, &a);
        ready = writes ? sim_later(ready, visible) : ready;
    }
    out->occupancy_ps = a.end - start;
    out->latency_ps = ready - start;
    if (ready > a.own) /* for walkers, for a translation or a write before it that waits */
        sim_wait_within(comp, m, start, ready - a.own);
}

static bool writes(const struct hostmemory *h) {
    const struct sim_world *w = h->base.world;
    for (uint32_t i = 0; i < w->steps; i++)
        if (w->step[i].comp == &h->base && w->step[i].op == &ops[WRITE] && sim_step_used(w, i))
            return true;
    return h->completed;
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct hostmemory *h = (const struct hostmemory *)comp;
    if (strcmp(param, "buffers") != 0)
        return NULL;
    if (h->rings.clipped)
        return "a batch has more entries than a ring has: the rest of them is not written or "
               "read here; have more buffers, or smaller batches";
    if (h->buffers.clipped)
        return "a packet is longer than all buffers of its queue: have more of them, or larger "
               "ones";
    if (h->rings.shared)
        return "more queues are used than can be told apart, 4,096 of up to 256 GiB in all: "
               "some "
               "share buffers and rings";
    return NULL;
}

/* What of the ordering and of the rings took place is known of the run. */
static bool effect(const struct sim_comp *comp, const char *param) {
    const struct hostmemory *h = (const struct hostmemory *)comp;
    if (strcmp(param, "buffers") == 0)
        return h->buffers.took || h->fetched || h->completed;
    if (strcmp(param, "buffer_bytes") == 0)
        return h->buffers.took;
    if (strcmp(param, "queues") == 0)
        return h->buffers.hashed || h->hashed;
    if (sim_listed("write_latency ddio_bytes", param))
        return writes(h);
    if (strcmp(param, "llc_bytes") == 0)
        return h->cache == WARM || h->fetched;
    if (strcmp(param, "write_update") == 0)
        return h->cache == WARM && writes(h);
    if (sim_listed("relaxed_ordering", param))
        return h->overtook;
    if (sim_listed("id_based_ordering", param))
        return h->apart;
    return h->translates ||
           !sim_listed("page_bytes iotlb_entries iotlb_ways walk_latency walkers", param);
}

const struct sim_model model_hostmemory = {.name = "hostmemory",
                                           .doc =
                                               "memory of the host behind a PCI Express link",
                                           .size = sizeof(struct hostmemory),
                                           .params = fields,
                                           .stats = stats,
                                           .ops = ops,
                                           .memory = "dram_read dram_written",
                                           .init = init,
                                           .serve = serve,
                                           .effect = effect,
                                           .remark = remark};
