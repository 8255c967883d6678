/* onefile.c - main() of a fuzz target where there is no libFuzzer: runs it once over every file
 * given, and over every file of every folder given, in the order of their names.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files;

/* The bytes are copied into a block of exactly their size, so that a sanitizer sees the first
 * read past them. */
static int run_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);
    if (!file || !data || fread(data, 1, size, file) != size) {
        perror(path);
        return 1;
    }
    fclose(file);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    files++;
    return 0;
}

static int run_path(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(st.st_mode))
        return run_file(path, (size_t)st.st_size);
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort), bad = n < 0;
    for (int i = 0; i < n; i++) {
        char sub[4096];
        if (names[i]->d_name[0] != '.' &&
            (size_t)snprintf(sub, sizeof sub, "%s/%s", path, names[i]->d_name) < sizeof sub)
            bad |= run_path(sub);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return bad;
}

int main(int argc, char **argv) {
    int bad = 0;
    for (int i = 1; i < argc; i++)
        bad |= run_path(argv[i]);
    if (files == 0) {
        fprintf(stderr, "usage: %s FILE|FOLDER...: nothing was replayed\n", argv[0]);
        bad = 1;
    }
    return bad;
}
