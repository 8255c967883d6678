/* fio_table.h - the table of options as docs/fio.md shows it. */
#ifndef TESTS_FIO_TABLE_H
#define TESTS_FIO_TABLE_H

#include "workloads/fio_job.h"
#include <stdio.h>

static inline void fio_table_modelled(FILE *to) {
    struct work_fio_option o;
    fputs("| option | what it says |\n|---|---|\n", to);
    for (uint32_t i = 0; work_fio_option(i, &o); i++) {
        if (o.kind != WORK_FIO_MODELLED)
            continue;
        fprintf(to, "| `%s`", o.name);
        if (o.alias)
            fprintf(to, ", `%s`", o.alias);
        fprintf(to, " | %s |\n", o.doc);
    }
}

/* Options of one reason stand together. */
static inline void fio_table_others(FILE *to, enum work_fio_kind kind) {
    struct work_fio_option o;
    const char *doc = NULL;
    fputs("| why | options |\n|---|---|\n", to);
    for (uint32_t i = 0; work_fio_option(i, &o); i++) {
        if (o.kind != kind)
            continue;
        if (o.doc != doc)
            fprintf(to, "%s| %s | ", doc ? " |\n" : "", o.doc);
        fprintf(to, "%s`%s`", o.doc == doc ? ", " : "", o.name);
        doc = o.doc;
    }
    fputs(" |\n", to);
}

#endif
