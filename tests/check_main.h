/* check_main.h - the main() of a test program: one Check suite, in this process or forked.
 *
 *   START_TEST(adds) { ck_assert_int_eq(1 + 1, 2); } END_TEST
 *   TEST_MAIN("numbers", adds, subtracts)
 *
 * A test that needs ../shared calls test_shared("traces/pcap"), which returns NULL after
 * printing "skipped: needs ../shared/..." when it is not there; the test then returns.
 */
#ifndef CHECK_MAIN_H
#define CHECK_MAIN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEST_MAIN(NAME, ...)                                                                   \
    int main(void) {                                                                           \
        const TTest *tests[] = {__VA_ARGS__};                                                  \
        Suite *suite = suite_create(NAME);                                                     \
        TCase *tcase = tcase_create(NAME);                                                     \
        tcase_set_timeout(tcase, 120);                                                         \
        for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)                              \
            tcase_add_test(tcase, tests[i]);                                                   \
        suite_add_tcase(suite, tcase);                                                         \
        SRunner *runner = srunner_create(suite);                                               \
        srunner_run_all(runner, CK_NORMAL);                                                    \
        int failed = srunner_ntests_failed(runner);                                            \
        srunner_free(runner);                                                                  \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                           \
    }

/* Folder of the data shared beside the checkout (DPUSIM_SHARED, else <source>/../shared) with
 * `sub` appended, in a static buffer; NULL with a message when it is absent. */
static inline const char *test_shared(const char *sub) {
    static char path[1024];
    const char *root = getenv("DPUSIM_SHARED");
    snprintf(path, sizeof path, "%s/%s", root ? root : DPUSIM_SOURCE_DIR "/../shared", sub);
    if (access(path, R_OK) == 0)
        return path;
    printf("skipped: needs ../shared/%s\n", sub);
    return NULL;
}

#endif
