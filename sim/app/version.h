/* version.h - what this program is: version, revision, libraries. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#include <jansson.h>

const char *app_version(void);  /* "0.1.0" */
const char *app_revision(void); /* of the sources: a commit, "-dirty" when changed */
json_t *app_libraries(void);    /* {"jansson": "2.14", ...}, new reference */

#endif
