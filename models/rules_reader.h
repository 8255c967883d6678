/* rules_reader.h - what the files that read rules share. Private to them. */
#ifndef RULES_READER_H
#define RULES_READER_H

#include "models/rules.h"

/* Text being read, and the rules read so far. */
struct rules_reader {
    const char *name;            /* of the file, for messages */
    const char *line, *at, *end; /* ClassBench: the line's first byte, the next, its end */
    uint32_t line_number, deny_every;
    struct rule *rule;
    uint32_t count, room;
    struct sim_arena scratch; /* of `rule` */
    struct sim_err *err;
};

/* Everything that is in the file, unpacked; "-" is standard input. @return scratch memory, or
 * NULL with err set. */
const char *rules_text(const char *file, size_t *size, struct sim_arena *scratch,
                       struct sim_err *err);
/* Room for one more rule, or NULL with err set when there are RULES_MAX. */
struct rule *rules_add(struct rules_reader *r);
/* Clear the bits of an address below its prefix. */
void rules_mask_hosts(uint8_t address[16], unsigned len);

/* The value of a digit, or -1; with base 36, whether c is a digit or letter. */
static inline int rules_digit(char c, int base) {
    int value = base;
    if (c >= '0' && c <= '9')
        value = c - '0';
    else if (c >= 'a' && c <= 'z')
        value = c - 'a' + 10;
    else if (c >= 'A' && c <= 'Z')
        value = c - 'A' + 10;
    return value < base ? value : -1;
}

/* Read a number at r->at and step over it; false, and r->at as it was, when there is none up
 * to max. */
bool rules_number(struct rules_reader *r, int base, uint32_t max, uint32_t *out);
/* Add the rules of a ClassBench text. Fails: err at "line N, column M". */
bool rules_read_classbench(struct rules_reader *r, const char *text, size_t size);

#endif
