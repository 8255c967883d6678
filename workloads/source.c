/* source.c - put scheduled messages into the world, late where there is no room.
 *
 * Left out: what a real sender does when it is held up (a socket buffer that fills, TCP).
 */
#include "workloads/source.h"
#include <stdio.h>
#include <string.h>

/* How long to wait before asking for room again: long against a packet time at 400 Gb/s (so
 * that asking costs little), short against any latency that one would look at. */
enum { RETRY_PS = 100000 };

/* Messages put in ahead of their time for one that is due: fewer timers, and their code and
 * data are at hand. More would only keep more messages in use. */
enum { AHEAD = 16 };

static inline bool fetch(struct work_source *s) {
    s->ready = !s->stopped && (s->limit == 0 || s->made < s->limit) && s->next(s);
    s->made += s->ready;
    return s->ready;
}

/* Facts that no table holds go into the room of the message that comes next from the pool:
 * they must be there before sim_inject, which already asks models about the message. */
static bool place_facts(struct work_source *s) {
    if (!sim_inject_room(s->stream))
        return false;
    const struct sim_pool *pool = &s->base.node->pool;
    void *room = sim_msg_room(pool, pool->head);
    if (s->own != NULL) {
        memcpy(room, s->own, sizeof *s->own);
        s->like.flags |= SIM_MSG_OWN;
        return true;
    }
    memcpy(room, s->fresh, sizeof *s->fresh);
    s->like.body = room;
    return true;
}

static void count_lag(struct work_source *s, sim_ps now) {
    sim_comp_count(&s->base, &s->lagged, s->due);
    if (sim_inside(s->base.world, s->due) && now - s->due > s->lag_max)
        s->lag_max = now - s->due;
}

static inline bool inject(struct work_source *s, sim_ps now) {
    if ((s->fresh != NULL || s->own != NULL) && !place_facts(s))
        return false;
    if (sim_inject(s->stream, s->due, &s->like) == NULL)
        return false;
    if (now > s->due)
        count_lag(s, now);
    return true;
}

static void fire(struct sim_event *e, struct sim_group *g) {
    struct work_source *s =
        (struct work_source *)((char *)e - offsetof(struct work_source, timer));
    sim_ps now = g->now;
    int ahead = AHEAD;
    do {
        if (!inject(s, now)) {
            s->asked++;
            sim_timer_at(&s->base, &s->timer, now + RETRY_PS);
            return;
        }
        if (!fetch(s))
            return;
    } while (s->due <= now || (ahead-- > 0 && sim_inject_ahead(s->stream, s->due)));
    sim_timer_at(&s->base, &s->timer, s->due);
}

bool work_source_asks(const struct work_source *s) {
    return s->ready && sim_event_armed(&s->timer) && s->timer.time > s->due;
}

void work_source_wake(struct work_source *s) {
    if (s->ready || !fetch(s))
        return;
    sim_ps now = sim_now(&s->base);
    sim_timer_at(&s->base, &s->timer, s->due > now ? s->due : now);
}

void work_source_again(struct work_source *s) {
    SIM_ASSERT(s->ready);
    s->ready = false;
    s->made--;
    s->again = true;
    sim_queue_cancel(&s->base.node->group->queue, &s->timer);
    work_source_wake(s);
    s->again = false;
}

void work_source_stop(struct work_source *s) {
    bool runs = !s->stopped;
    s->over = runs ? !s->ready : s->over;
    s->ready = false;
    s->stopped = true;
    if (runs && s->stop != NULL)
        s->stop(s);
}

/* The stream's window shuts at t. */
static void shut(struct sim_stream *stream, sim_ps t) {
    struct work_source *s = (struct work_source *)stream->source;
    const struct sim_world *w = s->base.world;
    sim_queue_cancel(&s->base.node->group->queue, &s->timer);
    for (; s->ready && s->due < t; fetch(s)) {
        if (s->due < w->from)
            continue;
        stream->offered.items++;
        stream->offered.bytes += s->like.bytes;
        stream->carried_out.items++;
        stream->carried_out.bytes += s->like.bytes;
        stream->born_measured++; /* its latency is cut off like that of those on their way */
        s->lagged++;
        s->lag_max = t - s->due > s->lag_max ? t - s->due : s->lag_max;
    }
    work_source_stop(s);
}

uint32_t work_payload(const struct sim_msg *m) {
    const struct packet *p = m->body;
    uint32_t level = m->level & 1; /* see payload.h */
    return p != NULL && level < p->heads ? p->head[p->heads - 1].payload : 0;
}

void work_source_init(struct work_source *s, bool (*next)(struct work_source *)) {
    SIM_ASSERT(s->stream != NULL);
    (void)sim_comp_emit(&s->base);
    sim_timer_init(&s->base, &s->timer, fire);
    s->next = next;
    s->like.cls = (unsigned)s->cls & 0x1f;
    s->stream->source = &s->base;
    s->stream->shut = shut;
    s->stream->payload = work_payload;
}

void work_source_start(struct work_source *s) { work_source_wake(s); }

bool work_source_fail(const struct work_source *s, const char *key, struct sim_err *err,
                      const char *fmt, ...) {
    char path[sizeof err->path];
    va_list args;
    snprintf(path, sizeof path, "%s", s->base.pointer);
    if (*key != 0)
        sim_pointer(path, sizeof path, path, key);
    va_start(args, fmt);
    sim_vfail(err, s->base.file, path, fmt, args);
    va_end(args);
    return false;
}

void work_pace_init(struct work_pace *pace, int64_t rate, int64_t packet_rate, sim_ps start) {
    bool by_packet = rate == 0;
    *pace = (struct work_pace){.next = start, .by_packet = by_packet};
    sim_ser_init(&pace->ser, sim_rate_make((uint64_t)(by_packet ? packet_rate : rate), 1, 1));
}
