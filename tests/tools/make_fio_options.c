/* make_fio_options.c - print the tables of docs/fio.md. */
#include "tests/fio_table.h"

int main(void) {
    puts("## Modelled\n");
    fio_table_modelled(stdout);
    puts("\n## Without effect\n");
    fio_table_others(stdout, WORK_FIO_NOTED);
    puts("\n## Refused\n");
    fio_table_others(stdout, WORK_FIO_REFUSED);
    return 0;
}
