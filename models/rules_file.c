/* rules_file.c - the text of a rule file, plain or gzip (RFC 1952): members one after the
 * other, zeros between and behind them. Anything else behind them is damage, as in a capture:
 * to take it for padding would lose rules unnoticed.
 */
#include "models/rules_reader.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { MAX_TEXT = 1 << 28 };

struct bytes {
    const char *name; /* of the file, for messages */
    unsigned char *at;
    size_t n, room;
    struct sim_arena *scratch;
    struct sim_err *err;
};

/* Room for one byte more. */
static bool has_room(struct bytes *b) {
    size_t larger = b->room ? 2 * b->room : 1 << 16;
    if (b->n > MAX_TEXT)
        return sim_fail(b->err, b->name, NULL, "more than %d MiB of text; split it",
                        MAX_TEXT >> 20);
    if (b->n < b->room)
        return true;
    b->at = sim_grow(b->scratch, b->at, b->room, larger);
    b->room = larger;
    return true;
}

static bool broken(const struct bytes *b, const char *why) {
    return sim_fail(b->err, b->name, NULL, "cannot be read after %zu bytes of text: %s", b->n,
                    why);
}

static bool read_raw(struct bytes *b) {
    errno = 0;
    FILE *f = fopen(strcmp(b->name, "-") == 0 ? "/dev/stdin" : b->name, "rb");
    if (f == NULL)
        return sim_fail(b->err, b->name, NULL, "cannot be opened: %s", strerror(errno));
    bool ok;
    size_t got = 1;
    while ((ok = has_room(b)) && got > 0) {
        got = fread(b->at + b->n, 1, b->room - b->n, f);
        b->n += got;
    }
    if (ok && ferror(f))
        ok = broken(b, strerror(errno));
    fclose(f);
    return ok;
}

/* Behind a member. @return whether another one begins; *ok: false when neither it nor the end
 * does. */
static bool next_member(z_stream *z, const struct bytes *out, bool *ok) {
    while (z->avail_in > 0 && *z->next_in == 0) {
        z->next_in++;
        z->avail_in--;
    }
    *ok = z->avail_in == 0 || *z->next_in == 0x1f ||
          broken(out, "the gzip data are followed by something else; compress them again");
    return *ok && z->avail_in > 0 && inflateReset(z) == Z_OK;
}

static bool unpack(const struct bytes *raw, struct bytes *out) {
    z_stream z = {.next_in = raw->at, .avail_in = (uInt)raw->n};
    bool ok = true, more = true;
    SIM_ASSERT(inflateInit2(&z, 15 + 16) == Z_OK); /* 16: expect gzip's header */
    while (more && ok && (ok = has_room(out))) {
        z.next_out = out->at + out->n;
        z.avail_out = (uInt)(out->room - out->n);
        int status = inflate(&z, Z_NO_FLUSH);
        out->n = out->room - z.avail_out;
        if (status == Z_STREAM_END)
            more = next_member(&z, out, &ok);
        else if (status != Z_OK && status != Z_BUF_ERROR)
            ok = broken(out, "the gzip data are damaged; compress them again");
        else if (z.avail_in == 0 && z.avail_out > 0)
            ok = broken(out, "the gzip data are cut short; compress them again");
    }
    inflateEnd(&z);
    return ok;
}

const char *rules_text(const char *file, size_t *size, struct sim_arena *scratch,
                       struct sim_err *err) {
    struct bytes raw = {.name = file, .scratch = scratch, .err = err}, out = raw;
    if (!read_raw(&raw))
        return NULL;
    bool packed = raw.n > 1 && raw.at[0] == 0x1f && raw.at[1] == 0x8b;
    if (packed && !unpack(&raw, &out))
        return NULL;
    *size = packed ? out.n : raw.n;
    return (const char *)(packed ? out.at : raw.at);
}
