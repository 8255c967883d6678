/* new.c - `dpusim new`: a copy of a scenario to start from. */
#include "config.h"
#include "run.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* File parameters of a copied scenario point to where they were. */
static void repoint(json_t *v, const char *folder) {
    const char *key;
    json_t *child;
    char path[4400];
    void *tmp;
    json_object_foreach_safe(v, tmp, key, child) {
        const char *text = json_string_value(child);
        if ((strcmp(key, "file") == 0 || strcmp(key, "rules") == 0) && text != NULL &&
            text[0] != '/') {
            snprintf(path, sizeof path, "%s/%s", folder, text);
            json_object_set_new(v, key, json_string(path));
        } else if (json_is_object(child) && strcmp(key, "sources") != 0) {
            repoint(child, folder);
        }
    }
}

static bool no_scenario(const char *name, struct sim_err *err) {
    char *names[257];
    size_t n = app_config_files("scenarios", names);
    names[n] = NULL;
    const char *near = sim_nearest(name, (const char *const *)names);
    sim_fail(err, "dpusim", "--from", "there is no scenario \"%s\"%s%s%s", name,
             near ? "; did you mean \"" : "; `dpusim list scenarios` names them",
             near ? near : "", near ? "\"?" : "");
    while (n > 0)
        free(names[--n]);
    return false;
}

/* A file that is there is never written over; what was begun and failed does not stay. */
static bool put_new(const char *file, const char *text, struct sim_err *err) {
    FILE *f = fopen(file, "wx");
    bool ok = f != NULL && fprintf(f, "%s\n", text) > 0 && fflush(f) == 0;
    int code = errno;
    if (f != NULL && fclose(f) != 0 && ok) {
        ok = false;
        code = errno;
    }
    if (f != NULL && !ok)
        unlink(file);
    return ok || sim_fail(err, file, "", "cannot be written: %s", strerror(code));
}

/* The file's own name as one of a scenario: "my file.json" is my-file, "2nd.json" is new-2nd.
 */
static void name_after(const char *file, char name[APP_NAME]) {
    const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
    const char *dot = strrchr(base, '.');
    size_t n = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    snprintf(name, APP_NAME, "%s%.*s", isalpha((unsigned char)base[0]) ? "" : "new-", (int)n,
             base);
    for (char *c = name; *c != 0; c++)
        if (!isalnum((unsigned char)*c) && *c != '_')
            *c = '-';
}

int app_new(const char *file, const char *from, struct sim_err *err) {
    char path[4400], folder[4200], name[APP_NAME];
    if (access(file, F_OK) == 0) {
        sim_fail(err, file, "", "is there already; name another file");
        return APP_EXIT_USER;
    }
    snprintf(folder, sizeof folder, "%s/scenarios", app_configs_folder());
    snprintf(path, sizeof path, "%s/%s.json", folder, from ? from : "quickstart");
    if (from != NULL && access(path, F_OK) != 0 && !no_scenario(from, err))
        return APP_EXIT_USER;
    json_t *root = app_json_load(path, err);
    if (root == NULL)
        return APP_EXIT_USER;
    repoint(root, folder);
    name_after(file, name);
    json_object_set_new(root, "name", json_string(name));
    char *text = json_dumps(root, JSON_INDENT(2));
    bool ok = put_new(file, text, err);
    if (ok)
        printf("%s: a copy of %s to start from; `dpusim help config` and `dpusim help MODEL` "
               "explain it, `dpusim check` validates it\n",
               sim_plain(file, path, sizeof path), from ? from : "quickstart");
    free(text);
    json_decref(root);
    return ok ? APP_EXIT_DONE : APP_EXIT_USER;
}
