/* reader.h - pull packets from a capture. Readers know neither clock nor ports.
 *
 * Captures stream: constant memory whatever their size.
 */
#ifndef WORK_READER_H
#define WORK_READER_H

#include "models/payload.h"
#include "sim/engine/err.h"
#include <stdbool.h>
#include <stdint.h>

struct work_capture; /* an open capture */

struct work_record {
    int64_t ts_ns;     /* nanoseconds since 1970, as stored (may go backwards); beyond the year
                          2262 INT64_MAX; that of the record before where there is none */
    bool timeless;     /* stored without a time: pcapng simple packets and custom blocks */
    bool custom;       /* no packet: a vendor's block of pcapng */
    uint32_t length;   /* original length on the wire, without FCS */
    uint32_t captured; /* without FCS, too: readers take off what a capture says is one */
    const uint8_t *bytes; /* [captured], valid until the next call */
    enum packet_link link;
    uint64_t offset; /* byte offset of the record in the (uncompressed) file */
};

enum work_status { WORK_RECORD, WORK_END, WORK_DAMAGED };

/* Open a pcap, pcapng or snoop file, plain, gzip or (where built with libzstd) Zstandard; "-"
 * is standard input.
 * Fails: err with the reason (missing, directory, no permission, empty, wrong magic, unknown
 * link type ...) and what would do. */
struct work_capture *work_capture_open(const char *file, struct sim_err *err);
/* The same of a stream that is open. Owns: takes it, also when it fails. */
struct work_stream;
struct work_capture *work_capture_open_stream(const char *file, struct work_stream *stream,
                                              struct sim_err *err);
/* Do its first bytes say that it is a capture, or something else that only captures are taken
 * for (an archive, a program)? */
bool work_capture_is(struct work_stream *stream);

/* Next record. WORK_DAMAGED: the file cannot be read further; err says after which packet
 * and why; what was returned before stands. */
enum work_status work_capture_next(struct work_capture *c, struct work_record *r,
                                   struct sim_err *err);

/* "Ethernet", "Linux cooked v1", ...; "per packet" when interfaces differ
 * (of those met so far: pcapng may add interfaces anywhere). */
const char *work_capture_link_name(const struct work_capture *c);
/* false for standard input, pipes and the like, whose bytes are gone once read. */
bool work_capture_rereadable(const struct work_capture *c);
/* Start again from the first record. false with err when the file cannot be re-read. */
bool work_capture_rewind(struct work_capture *c, struct sim_err *err);
void work_capture_close(struct work_capture *c);

#endif
