/* out.c - a folder of results: written aside, then renamed, so that it is whole or absent.
 *
 * An earlier run of ours may be replaced (it holds summary.json of our schema, or nothing
 * but our files); any other folder is left alone.
 */
#define _GNU_SOURCE /* nftw */
#include "run.h"
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const ours[] = {
    "summary.json", "effective.json", "timing.json", "report.txt",
    "report.html",  "fio.json",       NULL};

static bool make_parents(struct app_out *o, struct sim_err *err) {
    char at[4096];
    snprintf(at, sizeof at, "%s", o->final);
    for (char *p = at + 1; *p != 0; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        if (mkdir(at, 0777) == 0)
            o->kept = o->kept != 0 ? o->kept : strlen(at);
        else if (errno != EEXIST)
            return sim_fail(err, at, "", "cannot be made: %s", strerror(errno));
        *p = '/';
    }
    return true;
}

/* Parents that were made for this run and hold nothing. */
static void drop_parents(const struct app_out *o) {
    char at[4096];
    snprintf(at, sizeof at, "%s", o->final);
    for (size_t n = strlen(at); o->kept != 0 && n >= o->kept; n--) {
        if (at[n] != '/' && n != o->kept)
            continue;
        at[n] = 0;
        (void)rmdir(at);
    }
}

/* Whether it holds the summary of a run: a report.txt alone may be anybody's. */
static bool has_summary(const char *folder) {
    char path[4096 + 32];
    struct sim_err ignored = {0};
    snprintf(path, sizeof path, "%s/summary.json", folder);
    json_t *summary = app_json_load(path, &ignored);
    const char *schema = json_string_value(json_object_get(summary, "schema"));
    bool ok = schema != NULL && strncmp(schema, "dpusim.summary.", 15) == 0;
    json_decref(summary);
    return ok;
}

/* @param other the first file that is not ours, "" for an empty folder. */
static bool is_ours(const char *folder, char *other, size_t size) {
    DIR *dir = opendir(folder);
    bool ok = true;
    other[0] = 0;
    for (struct dirent *e; dir != NULL && ok && (e = readdir(dir)) != NULL;) {
        const char *const *o = ours;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        while (*o != NULL && strcmp(*o, e->d_name) != 0)
            o++;
        snprintf(other, size, "%s", e->d_name);
        ok = *o != NULL;
    }
    if (dir != NULL)
        closedir(dir);
    return ok && (other[0] == 0 || has_summary(folder));
}

static bool may_replace(const char *folder, struct sim_err *err) {
    struct stat st;
    char other[300];
    if (lstat(folder, &st) != 0)
        return errno == ENOENT ||
               sim_fail(err, folder, "", "%s; name another --out", strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return sim_fail(err, folder, "",
                        S_ISLNK(st.st_mode)
                            ? "is a link, and results replace a folder whole; name the folder"
                            : "is there already and is no folder; name another --out");
    if (access(folder, R_OK | W_OK | X_OK) != 0)
        return sim_fail(err, folder, "", "%s; name another --out", strerror(errno));
    if (!is_ours(folder, other, sizeof other))
        return sim_fail(err, folder, "",
                        "holds \"%s\", which is not a result of ours; name another --out",
                        other);
    return true;
}

bool app_out_begin(struct app_out *o, const char *out, const char *name, struct sim_err *err) {
    if (out != NULL)
        snprintf(o->final, sizeof o->final, "%.4000s", out);
    else
        snprintf(o->final, sizeof o->final, "results/runs/%.200s", name);
    size_t n = strlen(o->final);
    while (n > 1 && o->final[n - 1] == '/')
        o->final[--n] = 0;
    snprintf(o->part, sizeof o->part, "%.4000s.part-%ld", o->final, (long)getpid());
    o->kept = 0;
    bool ok = make_parents(o, err) && may_replace(o->final, err);
    if (ok && mkdir(o->part, 0777) != 0)
        ok = sim_fail(err, o->part, "", "cannot be made: %s", strerror(errno));
    if (!ok)
        drop_parents(o);
    return ok;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *f) {
    (void)st;
    (void)type;
    (void)f;
    return remove(path);
}

static void remove_all(const char *folder) {
    (void)nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS);
}

bool app_out_commit(struct app_out *o, struct sim_err *err) {
    char old[4096 + 16];
    struct stat st;
    bool had = lstat(o->final, &st) == 0;
    snprintf(old, sizeof old, "%s.old", o->part);
    if (had && rename(o->final, old) != 0)
        return sim_fail(err, o->final, "", "cannot be replaced: %s", strerror(errno));
    if (rename(o->part, o->final) != 0) {
        int code = errno;
        if (had)
            (void)rename(old, o->final);
        return sim_fail(err, o->final, "", "cannot be written: %s", strerror(code));
    }
    if (had)
        remove_all(old);
    return true;
}

void app_out_abort(const struct app_out *o) {
    remove_all(o->part);
    drop_parents(o);
}
