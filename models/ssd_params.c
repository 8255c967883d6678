/* ssd_params.c - the parameters and statistics of a drive: the tables, which values go
 * together, and which have no effect. ssd.c says what is modelled.
 */
#include "models/ssd.h"
#include "sim/engine/row.h"
#include <string.h>

#define AT(member)    offsetof(struct ssd, member)
#define LINK(member)  offsetof(struct ssd, link_params.member)
#define MEDIA(member) offsetof(struct ssd, media.member)
#define SIZES         "128|256|512|1024|2048|4096"

const struct sim_field ssd_fields[] = {
    {"gen", SIM_COUNT, LINK(gen), 0, 0, "4", "1|2|3|4|5|6", "generation of its PCIe link",
     "docs/sources.md section 10: most drives of 2020 to 2023"},
    {"lanes", SIM_COUNT, LINK(lanes), 0, 0, "4", "1|2|4|8|16", "width of its link",
     "docs/sources.md section 10"},
    {"mps_bytes", SIM_BYTES, LINK(mps_bytes), 0, 0, "256", SIZES, "maximum payload size (MPS)",
     "docs/sources.md mlx-mps: what hosts set"},
    {"mrrs_bytes", SIM_BYTES, LINK(mrrs_bytes), 0, 0, "512", SIZES,
     "maximum read request size (MRRS)", "assumed: what Linux sets"},
    {"link_latency", SIM_TIME, AT(link_latency), 0, SIM_PS_PER_S, "100ns", NULL,
     "one way over its link, beyond the transfer",
     "assumed: two physical layers and a data link layer, less than a card's link with its "
     "switch"},
    {"queues", SIM_COUNT, AT(queues), 1, 1024, "1", NULL,
     "submission queues; processes of jobs take them in turn, a command's is its hash modulo "
     "this",
     "assumed: one; drives have 32 to 128, docs/sources.md section 10"},
    {"queue_depth", SIM_COUNT, AT(queue_depth), 1, 65536, "1024", NULL,
     "commands that wait in the queues, per sender; the next one waits at its sender",
     "docs/sources.md section 10: 512 to 16,384 entries; Linux uses 1,024"},
    {"arbitration", SIM_ENUM, AT(arbitration), 0, 0, "round-robin", "round-robin|weighted",
     "among queues: in turn, or weighted in turn, with class 0 before all",
     "docs/sources.md section 10: what drives have"},
    {"burst", SIM_COUNT, AT(burst), 1, 128, "1", NULL,
     "round robin: commands of a queue before the next one's turn",
     "assumed: one; a drive's default is seldom said"},
    {"weight_high", SIM_COUNT, AT(weight[1]), 1, 256, "4", NULL,
     "weighted: commands of class 1 in a round", "assumed: twice medium's"},
    {"weight_medium", SIM_COUNT, AT(weight[2]), 1, 256, "2", NULL,
     "weighted: commands of class 2 in a round", "assumed: twice low's"},
    {"weight_low", SIM_COUNT, AT(weight[3]), 1, 256, "1", NULL,
     "weighted: commands of class 3 in a round", "assumed: the least"},
    {"command_time", SIM_TIME, AT(command_time), 0, SIM_PS_PER_S, "500ns", NULL,
     "from one command to the next that the controller takes",
     "assumed: 2 M commands/s; no maker says it"},
    {"command_latency", SIM_TIME, AT(command_latency), 0, SIM_PS_PER_S, "4us", NULL,
     "what the controller adds to each command beside its media and link",
     "assumed: no maker says it; docs/sources.md section 10"},
    {"command_jitter", SIM_TIME, AT(command_jitter), 0, SIM_PS_PER_S, "0s", NULL,
     "more of that, at random: the mean of an exponential distribution",
     "assumed: none; percentiles are then those of queues alone"},
    {"max_transfer", SIM_BYTES, AT(max_transfer), 0, 1 << 30, "0", NULL,
     "data of a command at most (MDTS): larger ones are refused; 0: no bound",
     "assumed: none, as requests are seldom so large; most drives have 128 KiB to 2 MiB"},
    {"capacity", SIM_BYTES, AT(capacity), 1 << 20, 1LL << 50, "1000GB", NULL,
     "bytes of all namespaces", "assumed: a common size"},
    {"stripe", SIM_BYTES, AT(stripe), 0, 1LL << 40, "0", NULL,
     "of several drives with \"spread\": \"address\": one volume lies over all of them, "
     "so many "
     "bytes on each in turn; 0: every drive has namespaces of its own, which are dealt to the "
     "drives in turn",
     "assumed: no striping"},
    {"namespaces", SIM_COUNT, AT(namespaces), 1, 1024, "1", NULL, "namespaces, of one size",
     "assumed: one"},
    {"channels", SIM_COUNT, MEDIA(channels), 1, 256, "8", NULL, "channels to the dies",
     "docs/sources.md section 10: 8 in most, 16 to 18 in large drives"},
    {"dies", SIM_COUNT, MEDIA(dies), 1, 1024, "8", NULL, "dies a channel",
     "assumed: 64 dies of 128 Gbit for 1,000 GB"},
    {"channel_rate", SIM_RATE, MEDIA(channel_rate), 1000000, 1000000000000000, "1200MB/s", NULL,
     "of a channel", "docs/sources.md section 10: parts of 2019; 2,000 MB/s in 2021"},
    {"read_time", SIM_TIME, MEDIA(read_time), 1, SIM_PS_PER_S, "45us", NULL,
     "a read of a die, beyond the channel", "docs/sources.md section 10: TLC of 2019"},
    {"program_time", SIM_TIME, MEDIA(program_time), 1, SIM_PS_PER_S, "1200us", NULL,
     "a program of a die, beyond the channel",
     "docs/sources.md section 10: 400 us a page of TLC of 2019, three pages at once"},
    {"erase_time", SIM_TIME, MEDIA(erase_time), 0, SIM_PS_PER_S, "3.5ms", NULL,
     "an erase of a block of a die, all planes", "docs/sources.md section 10: TLC, 3 to 5 ms"},
    {"read_bytes", SIM_BYTES, MEDIA(read_bytes), 512, 1 << 20, "32KiB", NULL,
     "that a die reads at once, all its planes",
     "docs/sources.md section 10: pages of 16 KiB, two planes"},
    {"program_bytes", SIM_BYTES, MEDIA(program_bytes), 512, 1 << 22, "96KiB", NULL,
     "that a die programs at once, all its planes",
     "docs/sources.md section 10: three pages of 16 KiB, two planes"},
    {"programs", SIM_COUNT, MEDIA(programs), 0, 1 << 20, "256", NULL,
     "programs of a die from one erase to the next: a block's; 0: nothing is erased",
     "assumed: 768 pages a block"},
    {"suspend_time", SIM_TIME, MEDIA(suspend_time), 0, SIM_PS_PER_S, "20us", NULL,
     "until a program or an erase stands still for a read",
     "assumed: less than MQSim's 100 us (docs/sources.md section 10), which is of older parts"},
    {"suspends", SIM_COUNT, MEDIA(suspends), 0, 1024, "8", NULL,
     "reads that may interrupt what a die has to program before it must go on; 0: none",
     "assumed: so that writes go on"},
    {"buffer_bytes", SIM_BYTES, AT(buffer_bytes), 4096, 1LL << 36, "16MiB", NULL,
     "writes that are not in the flash yet",
     "assumed: two programs a die, as docs/sources.md nvmevirt"},
    {"write_latency", SIM_TIME, AT(write_latency), 0, SIM_PS_PER_S, "3us", NULL,
     "of a write into the buffer", "assumed: docs/sources.md section 10, nvmevirt has 4.5 us"},
    {"protected", SIM_BOOL, AT(protected), 0, 0, "true", NULL,
     "whether the buffer outlives a loss of power: then a flush waits for nothing",
     "assumed: as drives for servers"},
    {"cache_bytes", SIM_BYTES, AT(cache_bytes), 0, 1LL << 44, "0", NULL,
     "written to cells as one bit each before a drive whose state is empty is as slow as its "
     "flash; others have used it up. 0: none",
     "assumed: as drives for servers, or one in use for long"},
    {"cache_program_time", SIM_TIME, AT(cache_program_time), 1, SIM_PS_PER_S, "200us", NULL,
     "a program of a die while that lasts",
     "assumed: docs/sources.md section 10, 75 to 200 us"},
    {"state", SIM_ENUM, AT(state), 0, 0, "random", "empty|sequential|random",
     "what was done to the drive before: nothing; filled in order; then written at random "
     "until collection was at rest",
     "assumed: drives in use"},
    {"spare", SIM_RATIO, AT(spare), 0, 10000000, "0.07", NULL,
     "flash beyond the capacity, as a share of it; 0: the media is written in place and needs "
     "no collection",
     "docs/sources.md section 10: GiB sold as GB; drives for servers have 0.14 or 0.37"},
    {"map_bytes", SIM_BYTES, AT(map_bytes), 0, 0, "4096", "512|4096|8192|16384",
     "that one entry of the map is of", "assumed: as most drives"},
    {.name = NULL}};

const struct sim_field ssd_stats[] = {
    SIM_STAT("read_bytes", AT(read_bytes), SIM_BYTES, "read by commands"),
    SIM_STAT("written_bytes", AT(written_bytes), SIM_BYTES, "written by commands"),
    SIM_STAT("moved_bytes", AT(moved_bytes), SIM_BYTES,
             "moved by collection: with written_bytes it gives the write amplification"),
    SIM_STAT("trimmed_bytes", AT(trimmed_bytes), SIM_BYTES, "given back by commands"),
    SIM_STAT("media_reads", AT(flash.reads), SIM_COUNT, "reads of dies"),
    SIM_STAT("media_programs", AT(flash.programs), SIM_COUNT, "programs of dies"),
    SIM_STAT("media_erases", AT(flash.erases), SIM_COUNT, "erases of dies' blocks"),
    SIM_STAT("suspended", AT(flash.suspended), SIM_COUNT,
             "reads that interrupted a program or an erase, or went before one that waited"),
    SIM_STAT("partial_reads", AT(rests), SIM_COUNT,
             "reads of the rest of pages of which writes had a part, among media_reads"),
    SIM_STAT("beyond", AT(beyond), SIM_COUNT,
             "commands to places beyond a namespace, or to one that is not there: refused"),
    SIM_STAT("crossing", AT(crossing), SIM_COUNT,
             "requests that go on in another drive's stripe, and were this one's all the same"),
    SIM_STAT("full_buffer", AT(full_buffer), SIM_COUNT, "times that a write waited for room"),
    {.name = NULL}};

static bool fail(const struct ssd *d, const char *key, struct sim_err *err, const char *why) {
    char at[512];
    return sim_fail(err, d->base.file, sim_pointer(at, sizeof at, d->base.pointer, key), "%s",
                    why);
}

/* The rest of the link, as a pcie block has it by itself. */
static void link_defaults(struct pcie_params *p) {
    p->address_bits = 64;
    p->dllp = PCIE_RESERVED;
    p->dllp_bytes = 8;
    p->skp_bytes = 4;
    p->skp_interval_bytes = 1538;
}

bool ssd_check(struct ssd *d, struct sim_err *err) {
    link_defaults(&d->link_params);
    if (d->media.read_bytes % d->map_bytes != 0)
        return fail(d, "read_bytes", err, "must be a multiple of map_bytes");
    if (d->media.program_bytes % d->map_bytes != 0)
        return fail(d, "program_bytes", err, "must be a multiple of map_bytes");
    if (d->buffer_bytes < 2 * d->media.program_bytes)
        return fail(d, "buffer_bytes", err,
                    "holds fewer than two programs; make it 2 * program_bytes or more");
    if (d->capacity / d->namespaces < d->map_bytes)
        return fail(d, "namespaces", err, "are smaller than map_bytes each; have fewer");
    if (d->stripe % d->map_bytes != 0)
        return fail(d, "stripe", err, "must be a multiple of map_bytes, or 0");
    if (d->arbitration == SSD_WEIGHTED && d->queues == 1)
        return fail(d, "arbitration", err, "has no effect with one of \"queues\"");
    return true;
}

static bool any_written(const struct sim_comp *comp) {
    for (uint32_t i = 0; i < comp->world->steps; i++)
        if (comp->world->step[i].comp == comp &&
            comp->world->step[i].op == &ssd_ops[SSD_OP_WRITE])
            return true;
    return false;
}

bool ssd_effect(const struct sim_comp *comp, const char *param) {
    const struct ssd *d = (const struct ssd *)comp;
    if (sim_listed("weight_high weight_medium weight_low", param))
        return d->arbitration == SSD_WEIGHTED;
    if (strcmp(param, "burst") == 0)
        return d->arbitration == SSD_ROUND_ROBIN && d->queues > 1;
    if (strcmp(param, "cache_program_time") == 0)
        return d->cache_bytes > 0 && d->state == FTL_EMPTY && any_written(comp);
    if (strcmp(param, "cache_bytes") == 0)
        return d->state == FTL_EMPTY && any_written(comp);
    if (sim_listed("erase_time", param))
        return d->media.programs > 0 && any_written(comp);
    if (sim_listed("suspend_time", param))
        return d->media.suspends > 0 && any_written(comp);
    if (sim_listed("programs suspends program_bytes", param))
        return any_written(comp);
    return true;
}

const char *ssd_remark(const struct sim_comp *comp, const char *param) {
    const struct ssd *d = (const struct ssd *)comp;
    if (strcmp(param, "capacity") == 0 && d->beyond > 0)
        return "commands lay beyond its namespaces and were refused (counter \"beyond\"): make "
               "it "
               "larger, or the stream ask for less: of source fio by \"size\" or "
               "\"device_bytes\", "
               "of block by \"fold\"";
    if (strcmp(param, "stripe") != 0 || d->crossing == 0)
        return NULL;
    return "requests went on in another drive's stripe and were this one's all the same "
           "(counter \"crossing\"): with their stream's \"boundary\" as large as the stripe "
           "each drive gets its part";
}
