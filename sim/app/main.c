/* main.c - the command line: argv to arguments, errors to one line, exit codes. */
#include "run.h"
#include "sim/engine/row.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct args {
    struct app_run_args run;
    const char *word[4]; /* what is not an option, the command first */
    size_t words;
    const char *from, *as;
    const char *given[APP_MAX_SETS + 32]; /* options, by name */
    size_t options;
};

static const char *const commands[] = {"run",   "check",   "trace",  "help",   "list",
                                       "new",   "version", "schema", "report", "validate",
                                       "setup", "test",    NULL};

static bool is_command(const char *name) {
    const char *const *c = commands;
    while (*c != NULL && strcmp(*c, name) != 0)
        c++;
    return *c != NULL;
}

static const char *const format_names[] = {"text", "json", "csv", "md", "html", NULL};

/* What a command takes: options, words behind its name, and how many of the formats. */
static const struct takes {
    const char *command, *options;
    size_t words;
    enum app_format most;
} takes[] = {
    {"run",
     "--set --out --seed --shuffle-ties --format --quiet --skip-bad --why --event-form --heap "
     "--windows",
     1, APP_HTML},
    {"check", "--set --seed --skip-bad --quiet", 1, APP_TEXT},
    {"trace", "--as --skip-bad --format --quiet", 1, APP_JSON},
    {"report", "--format", 1, APP_HTML},
    {"validate", "--format --quiet", 1, APP_MD},
    {"new", "--from", 1, APP_TEXT},
    {"help", "", 1, APP_TEXT},
    {"list", "--format", 1, APP_JSON},
    {"schema", "", 1, APP_TEXT},
    {"version", "", 0, APP_TEXT},
    {NULL, NULL, 0, APP_TEXT}};

static bool usage(struct sim_err *err, const char *option, const char *text) {
    return sim_fail(err, "dpusim", option, "%s", text);
}

static bool read_u64(const char *option, const char *text, uint64_t *out, struct sim_err *err) {
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno != 0 || *end != 0 || text[0] < '0' || text[0] > '9' || *out > INT64_MAX)
        return sim_fail(err, "dpusim", option, "needs a whole number below 2^63, not \"%s\"",
                        text);
    return true;
}

static bool read_format(const char *text, enum app_format *out, struct sim_err *err) {
    for (int i = 0; format_names[i] != NULL; i++) {
        if (strcmp(format_names[i], text) == 0) {
            *out = (enum app_format)i;
            return true;
        }
    }
    return sim_fail(err, "dpusim", "--format",
                    "is \"text\", \"json\", \"csv\", \"md\" or \"html\", not \"%s\"", text);
}

static bool read_set(struct app_run_args *a, char *text, struct sim_err *err) {
    char *eq = strchr(text, '=');
    if (eq == NULL)
        return usage(err, "--set", "needs POINTER=VALUE, e.g. /dpu/blocks/pcie/lanes=8");
    if (a->sets == APP_MAX_SETS)
        return usage(err, "--set", "is given too often; put the changes into a scenario");
    *eq = 0;
    size_t n = strlen(text);
    bool appends = n >= 2 && strcmp(text + n - 2, "/-") == 0;
    for (size_t i = 0; !appends && i < a->sets; i++) {
        const char *before = a->set[i].pointer;
        if (strcmp(before, text) == 0)
            return sim_fail(err, "dpusim", "--set", "sets %s twice", text);
        if (strncmp(before, text, n) == 0 && before[n] == '/')
            return sim_fail(err, "dpusim", "--set", "of %s undoes that of %s; give it first",
                            text, before);
    }
    a->set[a->sets++] = (struct app_set){text, eq + 1};
    return true;
}

/* Options that need a value. @return 1 when `name` is one, 0 when not, -1 with err. */
static int valued(struct args *a, const char *name, char *value, struct sim_err *err) {
    static const char *const known[] = {"--set",          "--out", "--seed",  "--from",
                                        "--shuffle-ties", "--as",  "--format"};
    int which = -1;
    bool ok = true;
    for (int i = 0; i < 7; i++)
        if (strcmp(name, known[i]) == 0)
            which = i;
    if (which < 0)
        return 0;
    if (value != NULL && strncmp(value, "--", 2) == 0) {
        sim_fail(err, "dpusim", name, "needs a value; \"%s\" is an option", value);
        return -1;
    }
    if (value == NULL || (which == 1 && value[0] == 0)) {
        usage(err, name, which == 1 ? "needs the name of a folder" : "needs a value");
        return -1;
    }
    for (size_t i = 0; which > 0 && i + 1 < a->options; i++) /* the last is this one */
        if (strcmp(a->given[i], name) == 0) {
            usage(err, name, "is given twice");
            return -1;
        }
    switch (which) {
    case 0:
        ok = read_set(&a->run, value, err);
        break;
    case 1:
        a->run.out = value;
        break;
    case 2:
        a->run.opts.has_seed = true;
        ok = read_u64(name, value, &a->run.opts.seed, err);
        break;
    case 3:
        a->from = value;
        break;
    case 4:
        ok = read_u64(name, value, &a->run.opts.shuffle_ties, err) &&
             (a->run.opts.shuffle_ties > 0 || usage(err, name, "needs a seed from 1 on"));
        break;
    case 5:
        a->as = value;
        break;
    default:
        ok = read_format(value, &a->run.format, err);
        break;
    }
    return ok ? 1 : -1;
}

static bool flag(struct args *a, const char *name, struct sim_err *err) {
    static const char *const options[] = {
        "--set",    "--out",        "--seed",     "--shuffle-ties",
        "--format", "--quiet",      "--skip-bad", "--why",
        "--from",   "--event-form", "--heap",     "--windows",
        "--as",     "--help",       "--version",  NULL};
    if (strcmp(name, "--quiet") == 0)
        return a->run.quiet = true;
    if (strcmp(name, "--skip-bad") == 0)
        return a->run.opts.skip_bad = true;
    if (strcmp(name, "--event-form") == 0)
        return a->run.opts.all_by_event = true;
    if (strcmp(name, "--why") == 0)
        return a->run.why = true;
    if (strcmp(name, "--heap") == 0)
        return a->run.opts.heap = true;
    if (strcmp(name, "--windows") == 0)
        return a->run.opts.windows = true;
    const char *near = sim_nearest(name, options);
    if (near != NULL)
        return sim_fail(err, "dpusim", name, "unknown option; did you mean %s?", near);
    return usage(err, name, "unknown option; `dpusim help` names them all");
}

static bool read_args(struct args *a, int argc, char **argv, struct sim_err *err) {
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || argv[i][1] == 0) { /* "-" is standard input */
            if (a->words == 4)
                return usage(err, argv[i], "is one word too many");
            a->word[a->words++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--version") == 0 ||
            strcmp(argv[i], "-h") == 0) {
            a->word[0] = argv[i][1] == 'h' ? "help" : argv[i] + 2;
            a->words = 1;
            a->options = 0;
            return true;
        }
        char *eq = strncmp(argv[i], "--set=", 6) == 0 || strncmp(argv[i], "--out=", 6) == 0 ||
                           strncmp(argv[i], "--seed=", 7) == 0 ||
                           strncmp(argv[i], "--as=", 5) == 0 ||
                           strncmp(argv[i], "--format=", 9) == 0
                       ? strchr(argv[i], '=')
                       : NULL;
        if (eq != NULL)
            *eq = 0;
        if (a->options < sizeof a->given / sizeof *a->given)
            a->given[a->options++] = argv[i];
        char *value = eq != NULL ? eq + 1 : i + 1 < argc ? argv[i + 1] : NULL;
        int took = valued(a, argv[i], value, err);
        if (took < 0 || (took == 0 && !flag(a, argv[i], err)))
            return false;
        i += took == 1 && eq == NULL;
    }
    return true;
}

/* Nothing is ignored: an option or a word that the command has no use for is refused. */
static bool fits(const struct args *a, const char *name, struct sim_err *err) {
    const struct takes *t = takes;
    while (t->command != NULL && strcmp(t->command, name) != 0)
        t++;
    for (size_t i = 0; t->command != NULL && i < a->options; i++)
        if (!sim_listed(t->options, a->given[i]))
            return sim_fail(err, "dpusim", a->given[i], "has no effect on \"%s\"%s%s", name,
                            t->options[0] ? ", which takes " : "", t->options);
    if (t->command != NULL && a->run.format > t->most)
        return sim_fail(err, "dpusim", "--format",
                        "\"%s\" is not for \"%s\"; \"run\" and \"report\" have all formats",
                        format_names[a->run.format], name);
    if (t->command != NULL && a->words > t->words + 1)
        return sim_fail(err, "dpusim", a->word[t->words + 1],
                        "is one word too many: \"%s\" takes %s", name,
                        t->words ? "one" : "none");
    return true;
}

static bool one_word(const struct args *a, const char *what, struct sim_err *err) {
    return (a->words == 2 && a->word[1][0] != 0) ||
           sim_fail(err, "dpusim", a->word[0], "needs %s", what);
}

static int unknown(const char *name, struct sim_err *err) {
    const char *near = sim_nearest(name, commands);
    if (is_command(name))
        sim_fail(
            err, "dpusim", name,
            "is done by the launcher, ./dpusim in the checkout, not by the program itself");
    else if (near != NULL)
        sim_fail(err, "dpusim", name, "unknown command; did you mean \"%s\"?", near);
    else
        sim_fail(err, "dpusim", name, "unknown command; `dpusim help` names them all");
    return APP_EXIT_USER;
}

static int command(struct args *a, struct sim_err *err) {
    const char *name = a->words ? a->word[0] : "";
    const char *arg = a->words > 1 ? a->word[1] : NULL;
    char plain[4096];
    if (name[0] == 0) {
        app_about();
        return APP_EXIT_DONE;
    }
    if (!fits(a, name, err))
        return APP_EXIT_USER;
    if (strcmp(name, "run") == 0 || strcmp(name, "check") == 0) {
        if (!one_word(a, "a scenario, e.g. configs/scenarios/quickstart.json", err))
            return APP_EXIT_USER;
        a->run.scenario = arg;
        a->run.check_only = name[0] == 'c';
        int code = app_run(&a->run, err);
        if (code == APP_EXIT_DONE && a->run.check_only && !a->run.quiet)
            printf("%s: is a valid scenario\n", sim_plain(arg, plain, sizeof plain));
        return code;
    }
    if (strcmp(name, "trace") == 0) {
        struct app_trace_opts opts = {a->as, a->run.format, a->run.quiet, a->run.opts.skip_bad};
        return one_word(a, "a capture, e.g. configs/scenarios/quickstart.pcap.gz", err)
                   ? app_trace(arg, &opts, err)
                   : APP_EXIT_USER;
    }
    if (strcmp(name, "report") == 0)
        return one_word(a, "a folder of results", err) ? app_report(arg, a->run.format, err)
                                                       : APP_EXIT_USER;
    if (strcmp(name, "new") == 0)
        return one_word(a, "the name of the file to write", err) ? app_new(arg, a->from, err)
                                                                 : APP_EXIT_USER;
    if (strcmp(name, "help") == 0)
        return app_help(arg != NULL && is_command(arg) ? NULL : arg, err);
    if (strcmp(name, "list") == 0)
        return app_list(arg, a->run.format, err);
    if (strcmp(name, "validate") == 0)
        return app_validate(arg, a->run.format, a->run.quiet, err);
    if (strcmp(name, "schema") == 0)
        return app_schema(arg, err);
    if (strcmp(name, "version") == 0) {
        app_version_text();
        return APP_EXIT_DONE;
    }
    return unknown(name, err);
}

static void on_abort(int sig) {
    (void)sig;
    _exit(APP_EXIT_BUG);
}

static bool progress_shown;

/* Until a run takes over, which has something to keep. */
static void on_interrupt(int sig) {
    static const char text[] = "\r\033[Kdpusim: interrupted; nothing is kept\n";
    size_t skip = progress_shown ? 0 : 4;
    (void)sig;
    (void)!write(2, text + skip, sizeof text - 1 - skip);
    _exit(APP_EXIT_INTERRUPTED);
}

static void handle_signals(void) {
    struct sigaction act = {.sa_handler = on_interrupt};
    progress_shown = isatty(2);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    signal(SIGABRT, on_abort);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files is an error of write */
}

int main(int argc, char **argv) {
    handle_signals();
    struct args a = {0};
    struct sim_err err = {0};
    char line[4096];
    int code = read_args(&a, argc, argv, &err) ? command(&a, &err) : APP_EXIT_USER;
    if (err.set)
        fprintf(stderr, "%s\n", sim_err_line(&err, line, sizeof line));
    errno = 0;
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == APP_EXIT_DONE) {
        fprintf(stderr, "dpusim: standard output: %s\n",
                errno != 0 ? strerror(errno) : "could not be written");
        code = APP_EXIT_USER;
    }
    return code;
}
