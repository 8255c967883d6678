/* version.c - version, revision and the libraries that results depend on. */
#include "version.h"
#include <gsl/gsl_version.h>

const char *app_version(void) { return DPUSIM_VERSION; }
const char *app_revision(void) { return DPUSIM_REVISION; }

/* Those that this program was built without are not named. */
json_t *app_libraries(void) {
    static const char *const optional[][2] = {{"hyperscan", DPUSIM_HYPERSCAN_VERSION},
                                              {"lz4", DPUSIM_LZ4_VERSION}};
    json_t *all = json_pack("{ss ss ss ss ss}", "gsl", gsl_version, "jansson",
                            jansson_version_str(), "pcre2", DPUSIM_PCRE2_VERSION, "simgrid",
                            DPUSIM_SIMGRID_VERSION, "zlib", DPUSIM_ZLIB_VERSION);
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
        if (optional[i][1][0] != 0)
            json_object_set_new(all, optional[i][0], json_string(optional[i][1]));
    return all;
}
