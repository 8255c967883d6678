/* trace_nvme.h - what `dpusim trace` says of the NVMe/TCP in a capture. */
#ifndef APP_TRACE_NVME_H
#define APP_TRACE_NVME_H

#include "workloads/nvme_tcp.h"
#include <jansson.h>

json_t *app_trace_nvme(const struct work_nvme_facts *f);
void app_trace_nvme_text(const struct work_nvme_facts *f);

#endif
