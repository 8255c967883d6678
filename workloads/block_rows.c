/* block_rows.c - text formats of block traces as rows of one table, and the one reader of them.
 *
 * Whose definitions: MSR-Cambridge (Narayanan, FAST 2008; times are Windows' 100 ns since 1601,
 * of the issue; sorted by it but for some), SPC Trace File Format 1.0.1 (blocks of 512 bytes
 * here, the size in bytes), Alibaba block traces 2020 (us), Tencent CBS (IISWC 2020; seconds
 * and sectors), MQSim's ASCII traces (ns; it refuses times that go backwards), CloudPhysics as
 * libCacheSim prints it (seconds, SCSI opcodes), DiskSim 2 and later (`ascii`, ms, flags in
 * hexadecimal; `validate`, which stores the time to the next request), FIU's traces with MD5 of
 * each 4 KiB (Koller and Rangaswami, FAST 2010; ns, sectors).
 * Left out: other fields of these formats, such as DiskSim's flags beside read and write.
 */
#include "workloads/block_impl.h"
#include <string.h>

#define READ_WRITE(READ, WRITE)                                                                \
    {                                                                                          \
        {READ, WORK_IO_READ}, { WRITE, WORK_IO_WRITE }                                         \
    }

const struct work_block_row work_block_rows[] = {
    {.name = "msr",
     .title = "MSR-Cambridge CSV",
     .delimiter = ',',
     .time_unit = "100ns",
     .unit_ps = 100000,
     .offset_unit = 1,
     .size_unit = 1,
     .columns = 7,
     .header = "Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime",
     .column = {WORK_COL_TIME, WORK_COL_DEVICE, WORK_COL_DEVICE, WORK_COL_OP, WORK_COL_OFFSET,
                WORK_COL_SIZE, WORK_COL_RESPONSE},
     .op = READ_WRITE("Read", "Write")},
    {.name = "alibaba",
     .title = "Alibaba CSV",
     .delimiter = ',',
     .time_unit = "us",
     .unit_ps = 1000000,
     .offset_unit = 1,
     .size_unit = 1,
     .columns = 5,
     .header = "device_id,opcode,offset,length,timestamp",
     .column = {WORK_COL_UNIT, WORK_COL_OP, WORK_COL_OFFSET, WORK_COL_SIZE, WORK_COL_TIME},
     .op = READ_WRITE("R", "W")},
    {.name = "tencent",
     .title = "Tencent CBS CSV",
     .delimiter = ',',
     .time_unit = "s",
     .unit_ps = 1000000000000,
     .offset_unit = 512,
     .size_unit = 512,
     .columns = 5,
     .header = "Timestamp,Offset,Size,IOType,VolumeID",
     .column = {WORK_COL_TIME, WORK_COL_OFFSET, WORK_COL_SIZE, WORK_COL_OP, WORK_COL_UNIT},
     .op = READ_WRITE("0", "1")},
    {.name = "spc",
     .title = "SPC",
     .delimiter = ',',
     .time_unit = "s",
     .unit_ps = 1000000000000,
     .decimals = 9,
     .offset_unit = 512,
     .size_unit = 1,
     .columns = 5,
     .more = true,
     .ordered = true,
     .column = {WORK_COL_UNIT, WORK_COL_OFFSET, WORK_COL_SIZE, WORK_COL_OP, WORK_COL_TIME},
     .op = READ_WRITE("R", "W")},
    {.name = "cloudphysics",
     .title = "CloudPhysics CSV",
     .delimiter = ',',
     .time_unit = "s",
     .unit_ps = 1000000000000,
     .offset_unit = 512,
     .size_unit = 1,
     .columns = 5,
     .header = "version,time,op,size,lbn",
     .version = "1",
     .tally = "scsi_opcodes",
     .column = {WORK_COL_VERSION, WORK_COL_TIME, WORK_COL_OP, WORK_COL_SIZE, WORK_COL_OFFSET},
     .op = {{"28", WORK_IO_READ},
            {"2a", WORK_IO_WRITE},
            {"88", WORK_IO_READ},
            {"8a", WORK_IO_WRITE},
            {"08", WORK_IO_READ},
            {"0a", WORK_IO_WRITE},
            {"8", WORK_IO_READ},
            {"a", WORK_IO_WRITE},
            {"a8", WORK_IO_READ},
            {"aa", WORK_IO_WRITE},
            {"2e", WORK_IO_WRITE},
            {"8e", WORK_IO_WRITE},
            {"35", WORK_IO_FLUSH},
            {"91", WORK_IO_FLUSH},
            {"42", WORK_IO_TRIM}}},
    {.name = "mqsim",
     .title = "MQSim ASCII",
     .delimiter = ' ',
     .time_unit = "ns",
     .unit_ps = 1000,
     .offset_unit = 512,
     .size_unit = 512,
     .columns = 5,
     .ordered = true,
     .column = {WORK_COL_TIME, WORK_COL_UNIT, WORK_COL_OFFSET, WORK_COL_SIZE, WORK_COL_OP},
     .op = READ_WRITE("1", "0")},
    {.name = "disksim",
     .title = "DiskSim ASCII",
     .delimiter = ' ',
     .time_unit = "ms",
     .unit_ps = 1000000000,
     .decimals = 6,
     .offset_unit = 512,
     .size_unit = 512,
     .columns = 5,
     .ordered = true,
     .column = {WORK_COL_TIME, WORK_COL_UNIT, WORK_COL_OFFSET, WORK_COL_SIZE, WORK_COL_FLAGS}},
    {.name = "disksim-validate",
     .title = "DiskSim validate",
     .delimiter = ' ',
     .time_unit = "us",
     .unit_ps = 1000000,
     .decimals = 6,
     .offset_unit = 512,
     .size_unit = 512,
     .columns = 6,
     .column = {WORK_COL_OP, WORK_COL_SKIP, WORK_COL_OFFSET, WORK_COL_SIZE, WORK_COL_RESPONSE,
                WORK_COL_GAP},
     .op = READ_WRITE("R", "W")},
    {.name = "fiu",
     .title = "FIU with digests",
     .delimiter = ' ',
     .time_unit = "ns",
     .unit_ps = 1000,
     .offset_unit = 512,
     .size_unit = 512,
     .columns = 9,
     .column = {WORK_COL_TIME, WORK_COL_SKIP, WORK_COL_SKIP, WORK_COL_OFFSET, WORK_COL_SIZE,
                WORK_COL_OP, WORK_COL_DEVICE, WORK_COL_DEVICE, WORK_COL_DIGEST},
     .op = READ_WRITE("R", "W")},
    {.columns = 0}};

static const char *const what_is[] = {
    [WORK_COL_SKIP] = "a field",
    [WORK_COL_TIME] = "a time",
    [WORK_COL_GAP] = "the time to the next request",
    [WORK_COL_RESPONSE] = "a response time",
    [WORK_COL_DEVICE] = "the name of a device",
    [WORK_COL_UNIT] = "the number of a device",
    [WORK_COL_OFFSET] = "an offset",
    [WORK_COL_SIZE] = "a size",
    [WORK_COL_OP] = "an operation",
    [WORK_COL_FLAGS] = "flags in hexadecimal",
    [WORK_COL_VERSION] = "the version",
    [WORK_COL_DIGEST] = "a digest in hexadecimal, or -",
};

/* An operation is one of few words: name them. */
static bool no_op(const struct work_block_row *row, struct work_scan *s, const char *at) {
    char list[160] = "";
    size_t n = 0;
    for (size_t i = 0; i < WORK_ROW_OPS && row->op[i].word[0] && n < sizeof list - 40; i++)
        n +=
            (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", row->op[i].word);
    s->at = at;
    char what[200];
    snprintf(what, sizeof what, "an operation (%s)", list);
    return work_scan_expected(s, row->delimiter, what);
}

static bool parse_op(const struct work_block_row *row, struct work_scan *s,
                     struct work_row_line *line) {
    size_t n;
    const char *word = work_scan_word(s, row->delimiter, what_is[WORK_COL_OP], &n);
    if (!word)
        return false;
    for (size_t i = 0; i < WORK_ROW_OPS && row->op[i].word[0]; i++) {
        if (!work_scan_is(word, n, row->op[i].word))
            continue;
        line->op = i;
        line->io.op = (uint8_t)row->op[i].op;
        return true;
    }
    return no_op(row, s, word);
}

static bool parse_flags(const struct work_block_row *row, struct work_scan *s,
                        struct work_row_line *line) {
    size_t n;
    const char *word = work_scan_word(s, row->delimiter, what_is[WORK_COL_FLAGS], &n);
    if (!word)
        return false;
    const char *hex = n > 2 && word[0] == '0' && (word[1] | 32) == 'x' ? word + 2 : word;
    size_t some = strspn(hex, "0123456789abcdefABCDEF");
    if (some == 0 || some > 8 || hex + some != word + n) {
        s->at = word;
        return work_scan_expected(s, row->delimiter, what_is[WORK_COL_FLAGS]);
    }
    char last = word[n - 1];
    unsigned digit = last <= '9' ? (unsigned)(last - '0') : (unsigned)((last | 32) - 'a') + 10;
    line->io.op = digit & 1 ? WORK_IO_READ : WORK_IO_WRITE;
    return true;
}

/* The first 56 bits of a digest, as of a payload (models/content.h), never 0. */
static bool parse_digest(const struct work_block_row *row, struct work_scan *s,
                         struct work_row_line *line) {
    enum { DIGITS = 14 };
    size_t n;
    const char *word = work_scan_word(s, row->delimiter, what_is[WORK_COL_DIGEST], &n);
    if (!word)
        return false;
    if (work_scan_is(word, n, "-"))
        return true;
    if (strspn(word, "0123456789abcdefABCDEF") < n) {
        s->at = word;
        return work_scan_expected(s, row->delimiter, what_is[WORK_COL_DIGEST]);
    }
    uint64_t digest = 0;
    for (size_t i = 0; i < n && i < DIGITS; i++)
        digest = digest << 4 |
                 (unsigned)(word[i] <= '9' ? word[i] - '0' : (word[i] | 32) - 'a' + 10);
    line->io.content = digest > 0 ? digest : 1;
    return true;
}

static bool parse_version(const struct work_block_row *row, struct work_scan *s) {
    size_t n;
    const char *word = work_scan_word(s, row->delimiter, what_is[WORK_COL_VERSION], &n);
    if (!word)
        return false;
    if (work_scan_is(word, n, row->version))
        return true;
    char what[80];
    snprintf(what, sizeof what, "version %s", row->version);
    s->at = word;
    return work_scan_expected(s, row->delimiter, what);
}

static bool parse_device(const struct work_block_row *row, struct work_scan *s,
                         enum work_block_column column, struct work_row_line *line) {
    size_t n = 0;
    uint64_t number;
    const char *at = s->at;
    if (column == WORK_COL_UNIT) {
        if (!work_scan_whole(s, row->delimiter, what_is[column], INT64_MAX, &number))
            return false;
        n = (size_t)(s->at - at);
    } else if (!work_scan_word(s, row->delimiter, what_is[column], &n)) {
        return false;
    }
    if (!line->device)
        line->device = at;
    line->device_n = (size_t)(at + n - line->device);
    return true;
}

static bool parse_bytes(const struct work_block_row *row, struct work_scan *s,
                        enum work_block_column column, uint64_t *bytes) {
    uint32_t unit = column == WORK_COL_OFFSET ? row->offset_unit : row->size_unit;
    if (!work_scan_whole(s, row->delimiter, what_is[column], (uint64_t)INT64_MAX / unit, bytes))
        return false;
    *bytes *= unit;
    return true;
}

static bool parse_time(const struct work_block_row *row, struct work_scan *s,
                       enum work_block_column column, struct work_row_line *line) {
    int64_t *to = &line->gap;
    const char *at = s->at;
    if (column == WORK_COL_TIME) {
        to = &line->io.time;
        line->time = at;
    } else if (column == WORK_COL_RESPONSE) {
        to = &line->io.response;
    }
    if (!work_scan_decimal(s, row->delimiter, what_is[column], row->decimals, to))
        return false;
    if (row->decimals > 0 && column == WORK_COL_TIME)
        line->point = memchr(at, '.', (size_t)(s->at - at)) != NULL;
    return true;
}

static bool parse_column(const struct work_block_row *row, struct work_scan *s, size_t i,
                         struct work_row_line *line) {
    enum work_block_column column = row->column[i];
    size_t n;
    switch (column) {
    case WORK_COL_TIME:
    case WORK_COL_GAP:
    case WORK_COL_RESPONSE:
        return parse_time(row, s, column, line);
    case WORK_COL_DEVICE:
    case WORK_COL_UNIT:
        return parse_device(row, s, column, line);
    case WORK_COL_OFFSET:
        return parse_bytes(row, s, column, &line->io.offset);
    case WORK_COL_SIZE:
        return parse_bytes(row, s, column, &line->io.bytes);
    case WORK_COL_OP:
        return parse_op(row, s, line);
    case WORK_COL_FLAGS:
        return parse_flags(row, s, line);
    case WORK_COL_VERSION:
        return parse_version(row, s);
    case WORK_COL_DIGEST:
        return parse_digest(row, s, line);
    default:
        return work_scan_word(s, row->delimiter, what_is[column], &n) != NULL;
    }
}

bool work_row_parse(const struct work_block_row *row, struct work_scan *s,
                    struct work_row_line *line) {
    const char *offset = s->start, *size = s->start;
    *line = (struct work_row_line){.io = {.response = -1}};
    work_scan_blanks(s);
    for (size_t i = 0; i < row->columns; i++) {
        if (i > 0 && !work_scan_next(s, row->delimiter, what_is[row->column[i]]))
            return false;
        if (row->column[i] == WORK_COL_OFFSET)
            offset = s->at;
        else if (row->column[i] == WORK_COL_SIZE)
            size = s->at;
        if (!parse_column(row, s, i, line))
            return false;
        line->fields++;
    }
    work_scan_blanks(s);
    bool more = row->more && (*s->at == row->delimiter || row->delimiter == ' ');
    if (!more && !work_scan_done(s, row->delimiter))
        return false;
    if (line->io.op == WORK_IO_FLUSH)
        line->io.offset = line->io.bytes = 0;
    return work_block_fits(s, row->delimiter, offset, size, &line->io);
}

enum work_line work_row_line(struct work_block *b, struct work_scan *s, struct work_io *io) {
    struct work_row_line line;
    const struct work_block_row *row = b->row;
    if (!work_row_parse(row, s, &line))
        return WORK_LINE_BAD;
    if (row->ordered && !work_block_order(b, s, row->delimiter, line.time, line.io.time))
        return WORK_LINE_BAD;
    if (!b->about.stores_time) {
        line.io.time = b->clock;
        if (__builtin_add_overflow(b->clock, line.gap, &b->clock)) {
            work_scan_fail(s, s->start, row->delimiter, "makes the times exceed 63 bits");
            return WORK_LINE_BAD;
        }
    }
    if (line.device &&
        !work_block_name(b, s, line.device, line.device_n, true, &line.io.device))
        return WORK_LINE_BAD;
    if (row->tally)
        work_block_count(b, line.op, row->op[line.op].word);
    *io = line.io;
    return WORK_LINE_REQUEST;
}

const struct work_block_format work_block_row_format = {.line = work_row_line};
