/* crc32c.h - the CRC of NVMe/TCP's digests: Castagnoli's polynomial, as RFC 3385 has it. */
#ifndef WORK_CRC32C_H
#define WORK_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct work_crc32c { /* of[k][b]: what byte b does when k more bytes follow it */
    uint32_t of[8][256];
};

void work_crc32c_init(struct work_crc32c *table);
/* Go on with n more bytes. @param crc 0 for the first ones, else what was returned. */
uint32_t work_crc32c(const struct work_crc32c *table, uint32_t crc, const uint8_t *p, size_t n);

#endif
