/* json.c - JSON files, RFC 6901 pointers, and whole-file writes. */
#include "config.h"
#include "sim/engine/field.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_CONFIG = 64 << 20 };

static const char *why_not(const char *file, int code) {
    static char text[256];
    switch (code) {
    case ENOENT:
        return "there is no such file";
    case EISDIR:
        return "is a folder, not a file";
    case EACCES:
        return "may not be read (no permission)";
    default:
        snprintf(text, sizeof text, "cannot be read: %s", strerror(code));
        (void)file;
        return text;
    }
}

/* The whole file in malloc'ed memory, or NULL with err. */
static char *slurp(const char *file, size_t *size, struct sim_err *err) {
    FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
    struct stat st;
    if (f != NULL && fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        f = NULL;
        errno = EISDIR;
    }
    if (f == NULL) {
        sim_fail(err, file, "", "%s", why_not(file, errno));
        return NULL;
    }
    size_t room = 1 << 16, n = 0, got;
    char *text = malloc(room);
    while (text != NULL && (got = fread(text + n, 1, room - n, f)) > 0) {
        n += got;
        if (n > LARGEST_CONFIG)
            break;
        if (n == room) {
            char *larger = realloc(text, room *= 2);
            if (larger == NULL)
                free(text);
            text = larger;
        }
    }
    if (f != stdin)
        fclose(f);
    if (text == NULL || n > LARGEST_CONFIG) {
        free(text);
        sim_fail(err, file, "", "is larger than %d MB; a configuration is text of a few kB",
                 LARGEST_CONFIG >> 20);
        return NULL;
    }
    *size = n;
    return text;
}

bool app_name_ok(const char *name) {
    if (!isalpha((unsigned char)name[0]) || strlen(name) >= APP_NAME)
        return false;
    for (const char *p = name; *p != 0; p++)
        if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
            return false;
    return true;
}

bool app_name_need(const char *name, const char *pointer, struct sim_err *err) {
    char shown[APP_SHOWN];
    return app_name_ok(name) ||
           sim_fail(err, "", pointer,
                    "%s is no name: a name is a letter and then letters, digits, _ and -, at "
                    "most 63 in all",
                    sim_quote(name, shown, sizeof shown));
}

const char *app_json_show(const json_t *v, char buf[APP_SHOWN]) {
    if (json_is_string(v))
        return sim_quote(json_string_value(v), buf, APP_SHOWN);
    if (json_is_object(v) || json_is_array(v)) {
        bool empty = json_object_size(v) + json_array_size(v) == 0;
        return json_is_object(v) ? (empty ? "{}" : "an object") : (empty ? "[]" : "an array");
    }
    size_t n = json_dumpb(v, buf, APP_SHOWN - 1, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    buf[n < APP_SHOWN ? n : 0] = 0;
    return buf;
}

bool app_json_wrong(const json_t *v, const char *pointer, const char *must,
                    struct sim_err *err) {
    char shown[APP_SHOWN];
    if (v == NULL)
        return sim_fail(err, "", pointer, "%s", must);
    return sim_fail(err, "", pointer, "is %s; %s", app_json_show(v, shown), must);
}

json_t *app_json_load(const char *file, struct sim_err *err) {
    size_t size = 0;
    char *text = slurp(file, &size, err);
    if (text == NULL)
        return NULL;
    json_error_t e;
    json_t *root = NULL;
    size_t blank = 0;
    while (blank < size && isspace((unsigned char)text[blank]))
        blank++;
    if (blank == size) {
        sim_fail(err, file, "", "is empty; `dpusim new FILE` writes a scenario to start from");
    } else if ((root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e)) ==
               NULL) {
        char place[64];
        enum json_error_code code = json_error_code(&e);
        bool twice = code == json_error_duplicate_key, nul = code == json_error_null_character;
        snprintf(place, sizeof place, "line %d, column %d", e.line, e.column);
        sim_fail(err, file, place, "%s%s",
                 twice ? "" : "not JSON: ", nul ? "a string may not hold \\u0000" : e.text);
    } else if (!json_is_object(root)) {
        json_decref(root);
        root = NULL;
        sim_fail(err, file, "", "holds no JSON object; a configuration begins with {");
    }
    free(text);
    return root;
}

/* ---------------------------------------------------------------- pointers */

/* Next token of a pointer into token[256], unescaped. @return the rest, or NULL at the end or
 * when it is not a pointer. */
static const char *next_token(const char *p, char token[256]) {
    size_t n = 0;
    if (*p != '/')
        return NULL;
    for (p++; *p != 0 && *p != '/' && n < 255; p++) {
        if (p[0] == '~' && (p[1] == '0' || p[1] == '1'))
            token[n++] = *++p == '0' ? '~' : '/';
        else
            token[n++] = *p;
    }
    token[n] = 0;
    return p;
}

/* A token as an array's index: digits, without leading zeros. */
static bool is_index(const char *token, size_t *i) {
    char *end;
    bool ok = isdigit((unsigned char)token[0]) && (token[0] != '0' || token[1] == 0);
    *i = strtoul(token, &end, 10);
    return ok && *end == 0;
}

static json_t *child(json_t *at, const char *token) {
    size_t i;
    if (json_is_object(at))
        return json_object_get(at, token);
    return json_is_array(at) && is_index(token, &i) ? json_array_get(at, i) : NULL;
}

json_t *app_json_at(json_t *root, const char *pointer) {
    char token[256];
    json_t *at = root;
    while (at != NULL && *pointer != 0) {
        pointer = next_token(pointer, token);
        if (pointer == NULL)
            return NULL;
        at = child(at, token);
    }
    return at;
}

static bool put(json_t *at, const char *token, json_t *value) {
    if (json_is_object(at))
        return json_object_set_new(at, token, value) == 0;
    if (json_is_array(at) && strcmp(token, "-") == 0)
        return json_array_append_new(at, value) == 0;
    size_t i;
    if (json_is_array(at) && is_index(token, &i))
        return json_array_set_new(at, i, value) == 0;
    json_decref(value);
    return false;
}

bool app_json_set(json_t *root, const char *pointer, json_t *value) {
    char token[256];
    json_t *at = root;
    const char *rest = next_token(pointer, token);
    while (rest != NULL && *rest != 0 && at != NULL) {
        at = child(at, token);
        rest = next_token(rest, token);
    }
    if (rest == NULL || at == NULL) {
        json_decref(value);
        return false;
    }
    return put(at, token, value);
}

json_t *app_json_word(const char *text, const char *pointer, struct sim_err *err) {
    json_error_t e;
    json_t *v = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &e);
    const char *first = text + strspn(text, " \t\r\n");
    bool twice = v == NULL && json_error_code(&e) == json_error_duplicate_key;
    if (v == NULL && (*first == '{' || *first == '[')) {
        sim_fail(err, "--set", pointer, "column %d of the value: %s%s", e.column,
                 twice ? "" : "not JSON: ", e.text);
        return NULL;
    }
    if (v == NULL && (v = json_string(text)) == NULL)
        sim_fail(err, "--set", pointer, "the value is not UTF-8 text");
    return v;
}

/* ---------------------------------------------------------------- objects */

bool app_json_keys(const json_t *obj, const char *const *known, const char *pointer,
                   struct sim_err *err) {
    const char *key;
    json_t *value;
    char at[512];
    json_object_foreach((json_t *)obj, key, value) {
        const char *const *k = known;
        if (strcmp(key, "doc") == 0 && !json_is_string(value))
            return app_json_wrong(value, sim_pointer(at, sizeof at, pointer, key),
                                  "must be a string, in double quotes", err);
        while (*k != NULL && strcmp(*k, key) != 0)
            k++;
        if (*k != NULL || strcmp(key, "doc") == 0)
            continue;
        const char *near = sim_nearest(key, known);
        sim_pointer(at, sizeof at, pointer, key);
        if (near != NULL)
            return sim_fail(err, "", at, "unknown key; did you mean \"%s\"?", near);
        return sim_fail(err, "", at,
                        "unknown key; `dpusim help config` lists what may stand here");
    }
    return true;
}

bool app_json_string(const json_t *obj, const char *key, bool required, const char *pointer,
                     const char **out, struct sim_err *err) {
    const json_t *v = json_object_get(obj, key);
    char at[512];
    *out = NULL;
    sim_pointer(at, sizeof at, pointer, key);
    if (v == NULL)
        return !required ||
               sim_fail(err, "", pointer, "\"%s\" is missing; write \"%s\": \"...\"", key, key);
    if (!json_is_string(v))
        return app_json_wrong(v, at, "must be a string, in double quotes", err);
    *out = json_string_value(v);
    return true;
}

/* ---------------------------------------------------------------- writing */

bool app_write_file(const char *folder, const char *name, const char *text, size_t size,
                    struct sim_err *err) {
    char path[4096], part[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(part, sizeof part, "%s/.%s.part", folder, name);
    FILE *f = fopen(part, "wb");
    bool ok = f != NULL && fwrite(text, 1, size, f) == size && fflush(f) == 0;
    int code = errno;
    if (f != NULL && (fclose(f) != 0) && ok) {
        ok = false;
        code = errno;
    }
    if (ok && rename(part, path) != 0) {
        ok = false;
        code = errno;
    }
    if (ok)
        return true;
    unlink(part);
    return sim_fail(err, path, "", "cannot be written: %s", strerror(code));
}
