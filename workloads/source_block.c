/* source_block.c - replays requests to drives: a block trace, or the commands of a capture of
 * NVMe/TCP.
 *
 * Open loop: each request is born at its time in the trace, since the first one's, divided by
 * `speed`, to the picosecond. Closed loop: `iodepth` are under way at any time, and the
 * trace's times mean nothing. A barrier (a flush of a trace that stores such) is born when all
 * before it that are of its device have come back. The trace's devices are the namespaces
 * asked. Nothing is clamped: what does not lie on its drive the drive refuses; what cannot be a
 * request is not replayed, counted, and told of in a warning.
 *
 * Left out: which queue or processor a request came from, which formats do not tell alike
 * (`queues` in turn); the file's buffers in memory: a request
 * has 1 MiB for itself, and a longer one goes on in the next one's.
 */
#include "workloads/request_file.h"
#include "workloads/requests.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PPM = 1000000, BLOCK = 512, BUFFER_LINES = (1 << 20) / 64, BUFFERS = 1024 };
enum { BUFFERS_MOST = 1 << 16 }; /* times lines: what a message's `flow` can count */

struct work_block_source {
    struct work_requests requests;
    /* parameters */
    const char *file, *format;
    int64_t skip_bad, lba_bytes, speed, iodepth, queues, loop, fold;
    struct work_block_own own; /* but for: */
    int64_t ordered;
    /* state */
    struct work_block_row row;
    struct work_request_file trace;
    struct work_asker asker;
    uint64_t mul, div; /* 1 / speed, reduced */
    bool timed;        /* `first` and `latest` are of this pass */
    int64_t first, latest;
    uint64_t told, replayed; /* requests of this pass: read, replayed */
    sim_u128 base;           /* picoseconds of the trace before this pass */
    char remark[768];
    /* statistics */
    int64_t passes, backwards, folded, unaligned, other, large, far, unchained, beyond;
};

static struct work_block_source *block_of(struct work_asker *a) {
    return (struct work_block_source *)((char *)a - offsetof(struct work_block_source, asker));
}

/* ---------------------------------------------------------------- times */

/* The trace's time of a request, in ticks since the first one of its pass, never backwards. */
static uint64_t since_first(struct work_block_source *b, int64_t ticks) {
    if (!b->timed)
        b->first = b->latest = ticks;
    b->timed = true;
    if (ticks < b->latest)
        b->backwards += !b->trace.again;
    else
        b->latest = ticks;
    return (uint64_t)b->latest - (uint64_t)b->first;
}

/* Its birth since the source's start, rounded up. @return false: after the end of any run. */
static bool born_at(struct work_block_source *b, uint64_t ticks, int64_t *time) {
    sim_u128 own = b->base + (sim_u128)ticks * (uint64_t)b->trace.tick_ps;
    sim_u128 t = own >> 106 == 0 ? (own * b->mul + b->div - 1) / b->div : SIM_NEVER;
    bool in_time = t < (sim_u128)(SIM_NEVER - b->requests.source.start);
    *time = in_time ? (int64_t)t : SIM_NEVER;
    return in_time;
}

/* ---------------------------------------------------------------- what comes next */

/* The run ends with an error. */
static bool fail_run(struct work_block_source *b) {
    b->requests.source.base.world->failed = true;
    work_request_file_close(&b->trace);
    return false;
}

/* From the last request of a pass to the first of the next one the gap is the mean gap. */
static void end_pass(struct work_block_source *b) {
    uint64_t gaps = b->told > 1 ? b->told - 1 : 0;
    sim_u128 span =
        (sim_u128)((uint64_t)b->latest - (uint64_t)b->first) * (uint64_t)b->trace.tick_ps;
    b->base += gaps > 0 ? span + (span + gaps / 2) / gaps : 0;
}

/* One more pass? */
static bool another(struct work_block_source *b, struct sim_err *err) {
    sim_u128 before = b->base;
    if (b->loop > 0 && b->passes >= b->loop)
        return false;
    end_pass(b);
    if (b->replayed == 0)
        return sim_fail(err, b->file, NULL, "holds no requests that can be replayed");
    if (b->iodepth == SIM_ABSENT && b->base == before)
        return work_source_fail(&b->requests.source, "loop", err,
                                "the trace's requests all have one time; to loop it, state "
                                "\"iodepth\"");
    if (!work_request_file_rewind(&b->trace, err))
        return false;
    b->passes++;
    b->timed = false;
    b->told = b->replayed = 0;
    return true;
}

/* The next request of the trace, or of its next pass. @return false: there is none, or the run
 * has failed. */
static bool read_next(struct work_block_source *b, struct work_io *io) {
    struct sim_err *err = &b->requests.source.base.world->err;
    enum work_status status;
    while ((status = work_request_file_next(&b->trace, io, err)) == WORK_END)
        if (!another(b, err)) {
            work_request_file_close(&b->trace);
            return err->set ? fail_run(b) : false;
        }
    b->told++;
    return status == WORK_RECORD || fail_run(b);
}

/* Can it be a request of the models'? */
static bool can_be(struct work_block_source *b, const struct work_io *io) {
    bool other = io->op == WORK_IO_OTHER, large = !other && io->bytes > UINT32_MAX;
    bool far = !other && !large && io->device > UINT16_MAX;
    bool unchained = !other && (b->requests.source.unchained >> io->op & 1) != 0;
    if (!b->trace.again) {
        b->unchained += unchained && !large && !far;
        b->other += other;
        b->large += large;
        b->far += far;
    }
    return !other && !large && !far && !unchained;
}

static void note_place(struct work_block_source *b, struct work_io *io) {
    uint64_t fold = b->fold == SIM_ABSENT ? UINT64_MAX : (uint64_t)b->fold;
    bool first = !b->trace.again;
    b->unaligned += first && ((io->offset | io->bytes) & (BLOCK - 1)) != 0;
    if (io->bytes > fold || io->offset <= fold - io->bytes)
        return;
    b->folded += first;
    io->offset %= fold;
    if (io->offset > fold - io->bytes)
        io->offset = 0; /* it would end beyond */
}

/* Devices are jobs of the books, under their names. */
static void note_device(struct work_block_source *b, uint32_t device) {
    struct work_requests *r = &b->requests;
    char name[WORK_REQUEST_NAME];
    for (; r->jobs <= device && r->jobs < WORK_REQUESTS_DEVICES; r->jobs++)
        r->job_name[r->jobs] = sim_strdup(sim_comp_arena(&r->source.base),
                                          work_request_file_device(&b->trace, r->jobs, name));
    if (device >= WORK_REQUESTS_DEVICES)
        r->job_name[WORK_REQUESTS_DEVICES - 1] = "others";
}

static bool next(struct work_asker *a, int64_t now, struct work_io *io) {
    struct work_block_source *b = block_of(a);
    (void)now;
    do {
        if (!read_next(b, io))
            return false;
        uint64_t ticks = since_first(b, io->time);
        io->time = 0;
        if (b->iodepth == SIM_ABSENT && !born_at(b, ticks, &io->time)) {
            b->beyond = 1;
            work_request_file_close(&b->trace);
            return false;
        }
    } while (!can_be(b, io));
    b->replayed++;
    note_place(b, io);
    note_device(b, io->device);
    return true;
}

/* ---------------------------------------------------------------- what is odd */

static void tell(struct work_block_source *b, int64_t count, const char *text) {
    size_t n = strlen(b->remark);
    if (count > 0)
        snprintf(b->remark + n, sizeof b->remark - n, "%s%" PRId64 " %s",
                 n > 0 ? "; " : "of its requests ", count, text);
}

static void tell_that(struct work_block_source *b, bool is, const char *text) {
    size_t n = strlen(b->remark);
    if (is)
        snprintf(b->remark + n, sizeof b->remark - n, "%s%s", n > 0 ? "; " : "", text);
}

/* What the replay does otherwise than the trace has it; known when it is over. */
static void stop(struct work_source *s) {
    struct work_block_source *b = (struct work_block_source *)s;
    bool open = b->iodepth == SIM_ABSENT;
    bool at_once = b->base == 0 && b->latest == b->first && b->replayed > 1;
    work_request_file_close(&b->trace);
    tell(b, open ? b->backwards : 0, "are older than one before, and were born at its time");
    tell(b, b->other, "are no reads, writes, flushes or trims, and were not replayed");
    tell(b, b->large, "are trims of 4 GiB or more, and were not replayed");
    tell(b, b->far, "are to devices beyond the first 65536, and were not replayed");
    tell(b, b->unchained,
         "are of a kind for which the stream names no chain, and were not replayed");
    tell(b, b->trace.hidden, "are not all in the capture, and were not replayed");
    tell(b, b->folded, "lie or end beyond \"fold\", and were folded");
    tell(b, b->unaligned, "do not begin and end at multiples of 512 bytes");
    tell_that(b, b->trace.skipped_lines > 0, "lines that can be no request were passed over");
    tell_that(b, b->trace.damaged > 0, "what lies behind damage was not replayed");
    tell_that(b, b->beyond > 0,
              "what is due 106 days or more after the first one was not replayed");
    tell_that(b, open && at_once,
              "all of it has one time and was born at once; state \"iodepth\"");
}

static const char *remark(const struct sim_comp *comp, const char *param) {
    const struct work_block_source *b = (const struct work_block_source *)comp;
    return strcmp(param, "file") == 0 && b->remark[0] != '\0' ? b->remark : NULL;
}

/* ---------------------------------------------------------------- checks, before the run */

struct key {
    const char *name;
    bool given;
};

/* The first of n keys that is given is refused. */
static bool none(const struct work_block_source *b, const struct key *keys, size_t n,
                 const char *why, struct sim_err *err) {
    for (size_t i = 0; i < n; i++)
        if (keys[i].given)
            return work_source_fail(&b->requests.source, keys[i].name, err, "has no effect %s",
                                    why);
    return true;
}

/* A format of the user's. */
static bool own_row(struct work_block_source *b, struct sim_err *err) {
    const struct work_block_own *o = &b->own;
    const struct sim_comp *c = &b->requests.source.base;
    const struct key keys[] = {
        {"delimiter", o->delimiter != NULL}, {"time_unit", o->time_unit != NULL},
        {"decimals", o->decimals != 0},      {"offset_unit", o->offset_unit != 1},
        {"size_unit", o->size_unit != 1},    {"read", o->read != NULL},
        {"write", o->write != NULL},         {"flush", o->flush != NULL},
        {"trim", o->trim != NULL},           {"header_lines", o->header_lines != 0},
        {"ordered", b->ordered != 0}};
    const struct key format[] = {{"format", b->format != NULL}};
    if (o->columns == NULL)
        return none(b, keys, sizeof keys / sizeof *keys,
                    "without \"columns\", which describe a format of your own", err);
    b->own.ordered = b->ordered != 0;
    b->trace.opts.own = &b->row;
    return none(b, format, 1, "beside \"columns\", which describe a format of your own", err) &&
           work_block_row_make(&b->row, o, c->file, c->pointer, err);
}

/* Without times there is no open loop. */
static bool check_times(const struct work_block_source *b, struct sim_err *err) {
    bool timed = b->own.columns == NULL;
    for (size_t i = 0; i < b->row.columns; i++)
        timed |= b->row.column[i] == WORK_COL_TIME || b->row.column[i] == WORK_COL_GAP;
    return timed || b->iodepth != SIM_ABSENT ||
           work_source_fail(&b->requests.source, "iodepth", err,
                            "required, as \"columns\" has neither time nor gap; write e.g. 32");
}

static bool check(struct work_block_source *b, struct sim_err *err) {
    const struct key speed[] = {{"speed", b->iodepth != SIM_ABSENT && b->speed != PPM}};
    struct sim_err why = {0};
    if (!none(b, speed, 1, "in a closed loop (\"iodepth\"): replies set the pace", err))
        return false;
    if (b->fold != SIM_ABSENT && b->fold % BLOCK != 0)
        return work_source_fail(&b->requests.source, "fold", err,
                                "is no multiple of 512 bytes, as the size of a drive is");
    if (!own_row(b, err) || !check_times(b, err))
        return false;
    return b->format == NULL || work_block_named(&b->trace.opts, b->format, &why) ||
           work_source_fail(&b->requests.source, "format", err, "%s", why.text);
}

/* ---------------------------------------------------------------- the model */

static void init_asker(struct work_block_source *b) {
    bool closed = b->iodepth != SIM_ABSENT;
    int64_t buffers = closed ? b->iodepth : BUFFERS;
    b->asker = (struct work_asker){
        .next = next,
        .depth = closed ? b->iodepth : 0,
        .queues = (uint32_t)b->queues,
        .end = SIM_NEVER,
        .lines = BUFFER_LINES,
        .buffers = (uint32_t)(buffers < BUFFERS_MOST ? buffers : BUFFERS_MOST)};
    b->asker.of_space =
        sim_alloc_n(sim_comp_arena(&b->requests.source.base), UINT16_MAX + 1, sizeof(uint32_t));
    b->requests.asker[0] = &b->asker;
    b->mul = PPM;
    b->div = (uint64_t)b->speed;
    for (uint64_t f = 2; f <= 5; f += 3) /* a million is 2^6 * 5^6 */
        for (; b->mul % f == 0 && b->div % f == 0; b->div /= f)
            b->mul /= f;
}

static bool init(struct sim_comp *comp, struct sim_err *err) {
    struct work_block_source *b = (struct work_block_source *)comp;
    const struct key lba[] = {{"lba_bytes", b->lba_bytes != 0}};
    work_requests_init(&b->requests, 1, WORK_REQUESTS_DEVICES);
    b->requests.by_device = true;
    b->requests.jobs = 0;
    b->requests.source.stop = stop;
    b->requests.source.stream->open = b->iodepth == SIM_ABSENT;
    b->trace = (struct work_request_file){.file = b->file,
                                          .opts = {.skip_bad = b->skip_bad != 0},
                                          .lba_bytes = (uint32_t)b->lba_bytes};
    b->passes = 1;
    init_asker(b);
    return check(b, err) && work_requests_check(&b->requests, err) &&
           work_requests_sample(&b->requests, err) &&
           work_request_file_peek(&b->trace, b->loop != 1, err) &&
           (b->trace.is_capture ||
            none(b, lba, 1, "on a block trace: it is of captures of NVMe/TCP", err));
}

static void start(struct sim_comp *comp) {
    struct work_block_source *b = (struct work_block_source *)comp;
    struct work_source *s = &b->requests.source;
    if (!work_request_file_open(&b->trace, &comp->world->err)) {
        comp->world->failed = true;
        return;
    }
    work_requests_begin(&b->requests, &b->asker, s->start);
    work_source_start(s);
}

#define AT(member) offsetof(struct work_block_source, member)
#define TEXT(NAME, MEMBER, CHOICES, DOC)                                                       \
    { NAME, SIM_STRING, AT(MEMBER), 0, 0, "", CHOICES, DOC, NULL }
#define COUNT(NAME, MEMBER, MIN, MAX, DEF, DOC)                                                \
    { NAME, SIM_COUNT, AT(MEMBER), MIN, MAX, DEF, NULL, DOC, NULL }

static const struct sim_field params[] = {
    {"file", SIM_STRING, AT(file), 0, 0, NULL, "file",
     "block trace, or capture of NVMe/TCP, plain or compressed; \"-\" is standard input", NULL},
    TEXT("format", format, NULL,
         "of a block trace, where it cannot be recognised: \"msr\", \"blkparse:queued\", as "
         "`trace --as` has it"),
    {"skip_bad", SIM_BOOL, AT(skip_bad), 0, 0, "false", NULL,
     "go on behind lines that can be no request, and end before damage, instead of failing",
     NULL},
    COUNT("lba_bytes", lba_bytes, 0, 1 << 30, "0",
          "bytes of a block of namespaces of which the capture shows no Identify; 0: as data "
          "lengths say"),
    {"speed", SIM_RATIO, AT(speed), 1, 1000000LL * PPM, "1", NULL,
     "factor on the trace's own pace", NULL},
    COUNT("iodepth", iodepth, 1, 1 << 20, "",
          "closed loop of so many requests under way, whatever the trace's times; absent: open "
          "loop at these"),
    COUNT("queues", queues, 1, 1 << 16, "1",
          "submission queues, and cores with them, that its requests take in turn"),
    COUNT("loop", loop, 0, INT64_MAX, "1",
          "passes through the trace in all, to the same places; 0: for ever"),
    {"fold", SIM_BYTES, AT(fold), BLOCK, INT64_MAX, "", NULL,
     "offsets modulo so many bytes, for traces of larger devices; absent: what is beyond its "
     "drive is refused there",
     NULL},
    TEXT("columns", own.columns, NULL,
         "a text format of your own: what stands in a line, \"time device offset size op\"; "
         "also "
         "gap, response, flags, digest, skip; \"...\" at the end: more may follow"),
    TEXT("delimiter", own.delimiter, NULL,
         "between columns: \"blanks\" (if absent), \"tab\", \"comma\", or one of , ; : |"),
    TEXT("time_unit", own.time_unit, NULL, "of columns: s, ms, us, 100ns, ns or ps"),
    COUNT("decimals", own.decimals, 0, WORK_ROW_DECIMALS, "0",
          "of columns: digits behind the point of a time"),
    COUNT("offset_unit", own.offset_unit, 1, 1 << 20, "1", "of columns: bytes, 512 of sectors"),
    COUNT("size_unit", own.size_unit, 1, 1 << 20, "1", "of columns: bytes, 512 of sectors"),
    TEXT("read", own.read, "number", "of columns: words that stand for a read, between blanks"),
    TEXT("write", own.write, "number", "of columns: words that stand for a write"),
    TEXT("flush", own.flush, "number", "of columns: words that stand for a flush"),
    TEXT("trim", own.trim, "number", "of columns: words that stand for a trim"),
    COUNT("header_lines", own.header_lines, 0, 1000000, "0", "of columns: lines to pass over"),
    {"ordered", SIM_BOOL, AT(ordered), 0, 0, "false", NULL,
     "of columns: times that go backwards are an error", NULL},
    WORK_REQUESTS_PARAMS(struct work_block_source),
    WORK_SOURCE_PARAMS(struct work_requests),
    {.name = NULL}};

#define SEEN(KEY, MEMBER, DOC)                                                                 \
    { .name = KEY, .unit = SIM_COUNT, .offset = AT(MEMBER), .doc = DOC }

static const struct sim_field stats[] = {
    WORK_SOURCE_STATS(struct work_requests),
    WORK_REQUESTS_STATS(struct work_block_source),
    SEEN("requests", trace.requests, "requests read of the trace, in its first pass"),
    SEEN("passes", passes, "passes begun"),
    SEEN("backwards", backwards, "requests older than one before them"),
    SEEN("folded", folded, "requests to places beyond \"fold\""),
    SEEN("unaligned", unaligned,
         "requests that do not begin and end at multiples of 512 bytes"),
    SEEN("skipped_other", other, "no reads, writes, flushes or trims: not replayed"),
    SEEN("skipped_large", large, "trims of 4 GiB and more: not replayed"),
    SEEN("skipped_devices", far, "to devices beyond the first 65536: not replayed"),
    SEEN("skipped_kinds", unchained, "of a kind without a chain: not replayed"),
    SEEN("skipped_lines", trace.skipped_lines, "lines that can be no request, with skip_bad"),
    SEEN("hidden", trace.hidden,
         "commands of which the capture does not show all: not replayed"),
    SEEN("damaged", trace.damaged, "1: the trace is damaged and was used up to there"),
    {.name = NULL}};

const struct sim_model work_source_block = {
    .name = "block",
    .doc = "replays a block trace, or NVMe/TCP, as requests to drives",
    .size = sizeof(struct work_block_source),
    .params = params,
    .stats = stats,
    .ops = work_requests_kinds,
    .init = init,
    .start = start,
    .remark = remark};
