/* aborts.h - whether a function ends in SIM_ASSERT or sim_panic, tried in a child process. */
#ifndef ABORTS_H
#define ABORTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs f in a child whose stderr comes into said[size], the first line only.
 * @return true when it aborted. */
static inline bool aborts(void (*f)(void), char *said, int size) {
    int ends[2], status = 0;
    said[0] = '\0';
    fflush(NULL);
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        f();
        _exit(0);
    }
    close(ends[1]);
    FILE *from = fdopen(ends[0], "r");
    if (from && !fgets(said, size, from))
        said[0] = '\0';
    waitpid(child, &status, 0); /* before fclose, or a long report would raise SIGPIPE */
    if (from)
        fclose(from);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
