/* version.c - version, revision and the libraries that results depend on. */
#include "version.h"
#include <gsl/gsl_version.h>

const char *app_version(void) { return DPUSIM_VERSION; }
const char *app_revision(void) { return DPUSIM_REVISION; }

json_t *app_libraries(void) {
    return json_pack("{ss ss ss}", "gsl", gsl_version, "jansson", jansson_version_str(),
                     "simgrid", DPUSIM_SIMGRID_VERSION);
}
