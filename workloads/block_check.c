/* block_check.c - what readers of every format of block traces hold a request to.
 *
 * Reads and writes have 1 byte to 4 GiB - 1, which is what a request of Linux, of fio and of
 * NVMe's 32-bit byte counts can hold; trims any number from 1 on. No request ends beyond 2^63
 * bytes. A flush has no length.
 */
#include "workloads/block_impl.h"
#include <string.h>

bool work_block_fits(struct work_scan *s, char delimiter, const char *offset, const char *size,
                     const struct work_io *io) {
    if (io->op == WORK_IO_FLUSH || io->op == WORK_IO_OTHER)
        return true;
    if (io->bytes == 0)
        return work_scan_fail(s, size, delimiter, "is no size: requests have 1 byte or more");
    if (io->bytes > UINT32_MAX && io->op != WORK_IO_TRIM)
        return work_scan_fail(s, size, delimiter, "is no size: requests have less than 4 GiB");
    if (io->bytes > INT64_MAX - io->offset)
        return work_scan_fail(s, offset, delimiter, "and the size end beyond 2^63 bytes");
    return true;
}

/* A name is text without control bytes. */
static bool is_name(const char *name, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
            return false;
    return true;
}

bool work_block_name(struct work_block *b, struct work_scan *s, const char *name, size_t n,
                     bool add, uint32_t *device) {
    if (b->last_name && b->last_n == n && memcmp(b->last_name, name, n) == 0) {
        *device = b->last_device;
        return true;
    }
    if (!is_name(name, n))
        return work_scan_fail(s, name, 0, "is no name of a device");
    if (!add && !work_names_find(b->devices, name, n, device))
        return work_scan_fail(s, name, ' ', "was not added: an \"add\" of it comes first");
    if (add && !work_names_add(b->devices, name, n, device))
        return work_scan_fail(
            s, name, 0, "is one device too many: the most are %d, with names of up to %d bytes",
            WORK_NAMES_MOST, WORK_NAME_BYTES);
    b->last_name = work_names_text(b->devices, *device);
    b->last_n = n;
    b->last_device = *device;
    return true;
}

bool work_block_order(struct work_block *b, struct work_scan *s, char delimiter, const char *at,
                      int64_t time) {
    if (time < b->last)
        return work_scan_fail(s, at, delimiter,
                              "is before the time of the request before, and %s is in the "
                              "order of time",
                              b->about.title);
    b->last = time;
    return true;
}

void work_block_count(struct work_block *b, size_t i, const char *name) {
    SIM_ASSERT(i < WORK_BLOCK_TALLIES);
    if (b->about.tallies[i].count++ == 0)
        snprintf(b->about.tallies[i].name, sizeof b->about.tallies[i].name, "%s", name);
}
