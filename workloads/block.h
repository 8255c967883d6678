/* block.h - one request to a block device, as a trace, a capture or a job file gives it.
 *
 * Whoever reads or makes requests knows neither the simulated clock nor a drive: times stay
 * in the ticks of the trace, offsets in bytes of the device that the trace names.
 */
#ifndef WORK_BLOCK_H
#define WORK_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* What is asked of the device. Other: admin commands and the like, which move no data. */
enum work_io_op {
    WORK_IO_READ,
    WORK_IO_WRITE,
    WORK_IO_FLUSH,
    WORK_IO_TRIM,
    WORK_IO_OTHER,
    WORK_IO_OPS
};

struct work_io {
    int64_t time;     /* ticks of the trace, as stored: may be large, may go backwards */
    int64_t response; /* ticks from issue to completion, as recorded; -1: not recorded */
    uint64_t offset;  /* bytes from the beginning of the device; 0 for a flush */
    uint64_t bytes;   /* 0 for a flush */
    uint64_t content; /* a digest of what is written, where the trace carries one; 0: none */
    uint32_t device;  /* device, volume or file: counted from 0 in order of appearance */
    uint8_t op;       /* enum work_io_op */
    bool barrier;     /* starts when all earlier ones of its device are complete */
};

#endif
