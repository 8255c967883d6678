/* requests_sample.c - a file that is like the data of a source's requests, read once before the
 * run: what its blocks compress to.
 */
#include "models/sample.h"
#include "workloads/requests.h"
#include "workloads/stream.h"
#include <stdlib.h>

enum { MOST = 64 << 20 }; /* bytes of it */

static bool measure(struct work_requests *r, struct work_stream *stream, uint8_t *bytes,
                    struct sim_err *err) {
    struct sim_arena *arena = sim_comp_arena(&r->source.base);
    size_t n = fread(bytes, 1, MOST, work_stream_file(stream));
    const char *failure = work_stream_failure(stream);
    if (failure != NULL || n == 0)
        return work_source_fail(&r->source, "data", err, "%s: %s", r->data,
                                failure != NULL ? failure : "has no data");
    struct sample *sample = sim_alloc(arena, sizeof *sample);
    sample_make(sample, bytes, n, (uint32_t)r->data_block, arena);
    r->source.stream->data = sample;
    return true;
}

bool work_requests_sample(struct work_requests *r, struct sim_err *err) {
    if (r->data == NULL)
        return true;
    struct work_stream *stream = work_stream_open(r->data, err);
    if (stream == NULL)
        return false;
    uint8_t *bytes = malloc(MOST);
    SIM_ASSERT(bytes != NULL);
    bool done = measure(r, stream, bytes, err);
    free(bytes);
    work_stream_close(stream);
    return done;
}
