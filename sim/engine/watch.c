/* watch.c - who waits for whom: the text behind "no progress". */
#include "inside.h"
#include <stdio.h>
#include <string.h>

/* A link that a server of port p waits for, or NULL. */
static const struct sim_link *awaited(const struct sim_port *p) {
    for (uint32_t i = 0; !p->aside && i < p->servers; i++)
        if (p->server[i].state == SIM_SERVER_WAITS)
            return p->server[i].plan.link;
    return NULL;
}

static size_t name(char *buf, size_t size, const struct sim_port *p) {
    int n = snprintf(buf, size, "%s.%s", p->comp->path, p->name);
    return n < 0 || (size_t)n >= size ? 0 : (size_t)n;
}

/* Follow waits from port p; print the chain. @return true when it closes on itself. */
static bool follow(const struct sim_port *p, uint32_t limit, char *buf, size_t size) {
    const struct sim_port *at = p;
    const struct sim_link *l;
    size_t used = name(buf, size, p);
    for (uint32_t i = 0; i < limit && (l = awaited(at)) != NULL; i++) {
        const char text[] = " waits for a slot of ";
        if (used + sizeof text + 64 > size)
            return false;
        memcpy(buf + used, text, sizeof text);
        used += sizeof text - 1;
        used += name(buf + used, size - used, l->to);
        at = l->to;
        if (at == p)
            return true;
    }
    return false;
}

bool sim_world_waits(const struct sim_world *w, char *buf, unsigned long size) {
    char first[1024];
    buf[0] = first[0] = 0;
    for (uint32_t i = 0; i < w->ports; i++) {
        if (awaited(w->port[i]) == NULL)
            continue;
        if (follow(w->port[i], w->ports, buf, size))
            return true;
        if (first[0] == 0)
            snprintf(first, sizeof first, "%s", buf);
    }
    snprintf(buf, size, "%s", first);
    return false;
}
