/* checks_reply.c - a closed loop waits for replies: all that it sends has to bring one, or be
 * dropped, which it notices.
 */
#include "checks.h"

/* Where the message itself, no child or copy, may end. */
struct ends {
    bool reply;
    const struct sim_step *lost; /* delivered without a reply: the first such step, or NULL */
    const struct sim_step *away; /* a reply on another node than the source's, or NULL */
    const struct sim_node *home; /* the source's */
};

static void note_end(struct ends *e, const struct sim_step *step, const struct sim_hop *hop) {
    if (hop->kind == SIM_HOP_NEXT || hop->cable != NULL)
        return;
    if (hop->kind == SIM_HOP_REPLY && step->comp->node != e->home && e->away == NULL)
        e->away = step;
    e->reply |= hop->kind == SIM_HOP_REPLY;
    if (hop->kind == SIM_HOP_DELIVERED && e->lost == NULL)
        e->lost = step;
}

static struct ends ends_of(const struct sim_world *w, uint32_t first, bool *seen,
                           uint32_t *todo) {
    struct ends e = {.home = w->step[first].comp->node};
    uint32_t n = visit(first, seen, todo);
    while (n > 0) {
        const struct sim_step *step = &w->step[todo[--n]];
        const struct sim_hop *hop;
        for (uint32_t v = 0, hops = verdicts(step); v < hops; v++)
            for (uint32_t k = 0; (hop = sim_hop_of(step, v, k)) != NULL; k++)
                note_end(&e, step, hop);
        n += app_checks_hops(step, seen, &todo[n]);
        if (step->action == SIM_ACT_SPLIT)
            n += visit(step->resume, seen, &todo[n]);
    }
    return e;
}

/* What a closed loop sends has to come back, or be dropped: that is noticed. */
bool app_checks_replies(struct app_scenario *s, struct sim_err *err) {
    uint32_t *todo = sim_alloc_n(&s->arena, s->world->steps + 1, sizeof *todo);
    char at[APP_POINTER];
    for (uint32_t i = 0; i < s->streams; i++) {
        const struct app_stream *st = &s->stream[i];
        bool *seen = sim_alloc_n(&s->arena, s->world->steps + 1, sizeof *seen);
        if (st->stream->reply == NULL)
            continue;
        struct ends e = ends_of(s->world, st->stream->first, seen, todo);
        sim_pointer(at, sizeof at, st->pointer, "chain");
        if (!e.reply)
            return sim_fail(
                err, "", at,
                "with \"outstanding\" the stream waits for replies, and its chain leads "
                "to none; end it with {\"end\": \"reply\"}");
        if (e.lost != NULL)
            return sim_fail(err, "", at,
                            "with \"outstanding\" the stream waits for replies, and what is "
                            "delivered behind %s brings none; end that way with \"reply\" or "
                            "\"drop\"",
                            e.lost->label);
        if (e.away != NULL)
            return sim_fail(
                err, "", at,
                "the reply behind %s ends on node \"%s\", and the source that waits "
                "for it is on \"%s\": send it back over a link, to an ingress chain "
                "there that ends with \"reply\"",
                e.away->label, e.away->comp->node->name, e.home->name);
    }
    return true;
}
