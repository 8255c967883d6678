/* err.h - two kinds of failure, never mixed.
 *
 * The user's fault (config, capture, file): functions return false and fill a caller-owned
 * struct sim_err; the first error wins. Only sim/app prints it and chooses the exit code.
 * Our fault: SIM_ASSERT, always on, says where and aborts (exit code 70 in the launcher).
 * The modelled world's faults (drops, timeouts) are counters, not errors.
 */
#ifndef SIM_ERR_H
#define SIM_ERR_H

#include <stdarg.h>
#include <stdbool.h>

/* Of functions that the event loop calls: seldom, or not worth a copy in the caller. */
#define SIM_COLD     __attribute__((noinline, cold))
#define SIM_NOINLINE __attribute__((noinline))

struct sim_err {
    bool set;
    char source[512]; /* file as the user wrote it, or empty */
    char path[512];   /* RFC 6901 pointer, or a place such as "packet 21, byte 13004" */
    char text[1024];  /* what was found and what would do, one line */
};

/* Record an error unless one is recorded already; words that nobody would read to their end,
 * and what does not fit, are cut with "...".
 * @param source file, or NULL. @param path place in it, or NULL.
 * @return always false, so that callers write `return sim_fail(...)`. e may be NULL. */
SIM_COLD bool sim_fail(struct sim_err *e, const char *source, const char *path, const char *fmt,
                       ...) __attribute__((format(printf, 4, 5)));
SIM_COLD bool sim_vfail(struct sim_err *e, const char *source, const char *path,
                        const char *fmt, va_list args) __attribute__((format(printf, 4, 0)));

/* Add to the text of an error that is recorded: where the caller met it. */
SIM_COLD void sim_err_add(struct sim_err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Print "source: path: text" into buf (parts that are empty are left out), as sim_plain does;
 * long names in the path are cut with "...". @return buf. */
const char *sim_err_line(const struct sim_err *e, char *buf, unsigned long size);
/* A user's text for a line on a terminal: what it would act on, hide, or cannot show is
 * written \u202e or \xff. @return buf. */
const char *sim_plain(const char *text, char *buf, unsigned long size);
/* The text with "..." in the place of what is too long for a word, or for buf. @return buf. */
const char *sim_shorten(const char *text, char *buf, unsigned long size);

/* Report a broken invariant of ours and abort. */
_Noreturn SIM_COLD void sim_panic(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define SIM_ASSERT(cond)                                                                       \
    ((cond) ? (void)0 : sim_panic(__FILE__, __LINE__, "broken invariant: %s", #cond))

/* The name in `names` (NULL-terminated) nearest to `found` by edit distance (two letters
 * swapped count once, upper and lower case are the same), or NULL when none is near enough to
 * be a likely typing slip. Of equals, the first. */
const char *sim_nearest(const char *found, const char *const *names);

/* Print a user's text in double quotes for a message, long text cut with "...". @return buf. */
const char *sim_quote(const char *text, char *buf, unsigned long size);

#endif
