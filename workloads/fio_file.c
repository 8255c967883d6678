/* fio_file.c - reads job files as fio 3.33 does.
 *
 * A section takes over what the [global] sections before it say (any name that begins with
 * "global" is one). Lines end at ";" or "#". kb_base is read before the other options of its
 * section. "include FILE" puts lines into a section; the file is looked for as it is written,
 * then beside the file that includes it. ${NAME} is taken from the environment: refused where
 * it is not set, which fio reads as nothing; $pagesize is 4096. Left out: $ncpus and
 * $mb_memory, which would make a run depend on the machine, and arithmetic.
 */
#include "workloads/fio_file.h"
#include "workloads/stream.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 16 << 20, NESTED_MOST = 8, LINE_MOST = 4096, LINES_MOST = 1 << 16 };

/* Text that lines come from. */
struct text {
    const char *file;
    const char *at, *end;
    unsigned line;
    int nested;
};

struct line {
    const char *file;
    char *name, *value; /* value: NULL without a "=" */
    unsigned number, name_column, value_column;
    bool expanded; /* columns within the value are not those of the file */
};

struct reader {
    struct sim_arena *arena;
    struct sim_err *err;
    struct work_fio_job global;
    struct work_fio_jobs *jobs;
    struct line *lines; /* of the section that is read */
    uint32_t n, room;
    struct line header;
    bool open; /* a section is being read */
};

static bool wrong(const struct reader *r, const char *file, unsigned line, unsigned column,
                  const char *text) {
    struct sim_arena scratch = {0};
    const char *path = sim_printf(&scratch, "line %u, column %u", line, column);
    sim_fail(r->err, file, path, "%s", text);
    sim_arena_free(&scratch);
    return false;
}

/* Give an error that has no place the place where it was found. */
static bool place(const struct reader *r, const struct line *l, unsigned column) {
    struct sim_err found = *r->err;
    r->err->set = false;
    return wrong(r, l->file, l->number, column, found.text);
}

/* ---- sections ---- */

static bool apply(struct reader *r, struct work_fio_job *job, const struct line *l) {
    if (work_fio_set(job, l->name, l->value, r->err))
        return true;
    if (job->fault < 0 || !l->value)
        return place(r, l, l->name_column);
    return place(r, l, l->value_column + (l->expanded ? 0 : (unsigned)job->fault));
}

static bool apply_all(struct reader *r, struct work_fio_job *job) {
    for (int first = 1; first >= 0; first--)
        for (uint32_t i = 0; i < r->n; i++)
            if ((strcmp(r->lines[i].name, "kb_base") == 0) == first &&
                !apply(r, job, &r->lines[i]))
                return false;
    return true;
}

static bool close_section(struct reader *r) {
    struct work_fio_jobs *jobs = r->jobs;
    if (!r->open)
        return true;
    r->open = false;
    if (strncmp(r->header.name, "global", 6) == 0)
        return apply_all(r, &r->global);
    if (jobs->n == WORK_FIO_JOBS)
        return wrong(r, r->header.file, r->header.number, 1, "more than 1024 jobs");
    if ((jobs->n & (jobs->n - 1)) == 0) {
        size_t size = sizeof *jobs->job;
        jobs->job =
            sim_grow(r->arena, jobs->job, jobs->n * size, (jobs->n ? jobs->n * 2 : 1) * size);
    }
    struct work_fio_job *job = &jobs->job[jobs->n++];
    *job = r->global;
    memcpy(job->name, r->header.name, strlen(r->header.name) + 1);
    job->line = r->header.number;
    if (!apply_all(r, job))
        return false;
    return work_fio_settle(job, r->err) || place(r, &r->header, 1);
}

static bool open_section(struct reader *r, const struct text *t, const char *from,
                         const char *to) {
    const char *close = to;
    while (close > from && close[-1] != ']')
        close--;
    unsigned column = 1 + (unsigned)(close - from);
    if (close != to || close - from < 3)
        return wrong(r, t->file, t->line, close == from ? (unsigned)(to - from) + 1 : column,
                     "found no section such as [job1]");
    if (close - from - 2 >= WORK_FIO_NAME)
        return wrong(r, t->file, t->line, 1, "the name of a section has at most 127 letters");
    if (!close_section(r))
        return false;
    char *name = sim_alloc(r->arena, (size_t)(to - from));
    memcpy(name, from + 1, (size_t)(to - from) - 2);
    r->header = (struct line){.file = t->file, .name = name, .number = t->line};
    r->open = true;
    r->n = 0;
    return true;
}

/* ---- lines ---- */

static void trim(const char **from, const char **to) {
    while (*from < *to && isspace((unsigned char)**from))
        (*from)++;
    while (*to > *from && isspace((unsigned char)(*to)[-1]))
        (*to)--;
}

/* What stands for a "$" word at `from`; NULL with an error if nothing does. */
static const char *variable(const struct reader *r, const char *from, size_t *length,
                            const char **why) {
    static const char page[] = "$pagesize";
    size_t n = strcspn(from, "}");
    if (strncmp(from, page, sizeof page - 1) == 0) {
        *length = sizeof page - 1;
        return "4096";
    }
    *why = "this depends on the machine; write a number";
    if (strncmp(from, "$ncpus", 6) == 0 || strncmp(from, "$mb_memory", 10) == 0)
        return NULL;
    *length = 1;
    if (from[1] != '{' || from[n] != '}')
        return "$";
    *length = n + 1;
    char *name = sim_printf(r->arena, "%.*s", (int)(n - 2), from + 2);
    const char *value = getenv(name);
    if (!value)
        *why = sim_printf(r->arena,
                          "${%.80s} is not set in the environment; set it, or write "
                          "the value",
                          name);
    return value;
}

static bool expand(const struct reader *r, struct line *l) {
    char out[LINE_MOST];
    size_t n = 0, length = 0;
    if (!l->value || !strchr(l->value, '$'))
        return true;
    for (const char *at = l->value; *at; at += length) {
        const char *why = NULL, *piece;
        char one[2] = {*at, '\0'};
        length = 1;
        piece = *at == '$' ? variable(r, at, &length, &why) : one;
        if (!piece)
            return wrong(r, l->file, l->number, l->value_column + (unsigned)(at - l->value),
                         why);
        size_t more = strlen(piece);
        if (n + more >= sizeof out)
            return wrong(r, l->file, l->number, l->value_column, "the value is too long");
        memcpy(out + n, piece, more);
        n += more;
    }
    out[n] = '\0';
    l->value = sim_strdup(r->arena, out);
    l->expanded = true;
    return true;
}

static bool add_line(struct reader *r, struct line l) {
    if (r->n == LINES_MOST)
        return wrong(r, l.file, l.number, 1, "more than 65536 options in a section");
    if (r->n == r->room) {
        uint32_t room = r->room ? r->room * 2 : 16;
        r->lines = sim_grow(r->arena, r->lines, r->room * sizeof l, room * sizeof l);
        r->room = room;
    }
    r->lines[r->n++] = l;
    return true;
}

static char *copy(const struct reader *r, const char *from, const char *to) {
    char *text = sim_alloc(r->arena, (size_t)(to - from) + 1);
    memcpy(text, from, (size_t)(to - from));
    return text;
}

static bool option(struct reader *r, const struct text *t, const char *begin, const char *from,
                   const char *to) {
    const char *equals = memchr(from, '=', (size_t)(to - from));
    const char *name_end = equals ? equals : to, *name = from;
    struct line l = {.file = t->file, .number = t->line};
    trim(&name, &name_end);
    l.name = copy(r, name, name_end);
    l.name_column = (unsigned)(name - begin) + 1;
    if (equals) {
        const char *value = equals + 1, *end = to;
        trim(&value, &end);
        l.value = copy(r, value, end);
        l.value_column = (unsigned)(value - begin) + 1;
    }
    return expand(r, &l) && add_line(r, l);
}

/* ---- files ---- */

static bool read_text(struct reader *r, struct text *t);

/* All bytes of a file, in the arena. */
static bool slurp(const char *file, struct sim_arena *arena, char **text, size_t *length,
                  struct sim_err *err) {
    struct work_stream *s = work_stream_open(file, err);
    size_t room = 0, n = 1;
    *text = NULL;
    if (!s)
        return false;
    FILE *in = work_stream_file(s);
    for (*length = 0; n > 0 && *length <= FILE_MOST; *length += n) {
        if (*length == room) {
            *text = sim_grow(arena, *text, room, room ? room * 2 : 4096);
            room = room ? room * 2 : 4096;
        }
        n = fread(*text + *length, 1, room - *length, in);
    }
    fclose(in);
    const char *failure = work_stream_failure(s);
    if (failure)
        sim_fail(err, file, NULL, "%s", failure);
    else if (*length > FILE_MOST)
        sim_fail(err, file, NULL, "more than 16 MiB: no job file");
    work_stream_close(s);
    return !failure && *length <= FILE_MOST;
}

static bool include(struct reader *r, const struct text *t, const char *name, unsigned column) {
    const char *slash = strrchr(t->file, '/'), *file = name;
    struct text inner = {.nested = t->nested + 1};
    size_t length = 0;
    char *text = NULL;
    if (strcmp(name, "-") == 0)
        return wrong(r, t->file, t->line, column, "standard input cannot be included");
    if (inner.nested > NESTED_MOST)
        return wrong(r, t->file, t->line, column, "files include one another more than 8 deep");
    if (access(name, F_OK) != 0 && slash)
        file = sim_printf(r->arena, "%.*s/%s", (int)(slash - t->file), t->file, name);
    struct sim_err found = {0};
    if (!slurp(file, r->arena, &text, &length, &found))
        return wrong(r, t->file, t->line, column,
                     sim_printf(r->arena, "%.500s %s", file, found.text));
    inner.file = file;
    inner.at = text;
    inner.end = text + length;
    return read_text(r, &inner);
}

/* A line without its end and its comment. */
static bool read_line(struct reader *r, struct text *t, const char *begin, const char *to) {
    const char *from = begin;
    trim(&from, &to);
    unsigned column = (unsigned)(from - begin) + 1;
    if (from == to)
        return true;
    if (to - from > LINE_MOST)
        return wrong(r, t->file, t->line, column, "a line of more than 4096 bytes");
    if (memchr(from, '\0', (size_t)(to - from)))
        return wrong(r, t->file, t->line, column, "found a zero byte: no job file");
    if (*from == '[')
        return t->nested == 0 ? open_section(r, t, from, to)
                              : wrong(r, t->file, t->line, column,
                                      "a file that is included has no sections");
    if (!r->open)
        return wrong(r, t->file, t->line, column,
                     "found an option before the first section; begin with [global] or [job1]");
    if (to - from > 7 && strncmp(from, "include", 7) == 0 && isspace((unsigned char)from[7])) {
        const char *name = from + 7;
        trim(&name, &to);
        return include(r, t, copy(r, name, to), column);
    }
    return option(r, t, begin, from, to);
}

static bool read_text(struct reader *r, struct text *t) {
    while (t->at < t->end) {
        const char *begin = t->at;
        const char *end = memchr(begin, '\n', (size_t)(t->end - begin));
        const char *to = begin;
        end = end ? end : t->end;
        while (to < end && *to != ';' && *to != '#')
            to++;
        t->line++;
        t->at = end + (end < t->end);
        if (!read_line(r, t, begin, to))
            return false;
    }
    return true;
}

bool work_fio_parse(const char *file, const char *text, size_t length,
                    struct work_fio_jobs *out, struct sim_arena *arena, struct sim_err *err) {
    struct text t = {.file = file, .at = text, .end = text + length};
    struct reader *r = sim_alloc(arena, sizeof *r);
    *r = (struct reader){.arena = arena, .err = err, .jobs = out};
    *out = (struct work_fio_jobs){0};
    work_fio_init(&r->global, "global");
    if (!read_text(r, &t) || !close_section(r))
        return false;
    if (out->n == 0)
        return sim_fail(err, file, NULL, "there is no job in it; add a section such as [job1]");
    out->devices = work_fio_number(out->job, out->n);
    return true;
}

bool work_fio_read(const char *file, struct work_fio_jobs *out, struct sim_arena *arena,
                   struct sim_err *err) {
    size_t length = 0;
    char *text = NULL;
    return slurp(file, arena, &text, &length, err) &&
           work_fio_parse(file, text, length, out, arena, err);
}
