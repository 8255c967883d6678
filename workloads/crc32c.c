/* crc32c.c - CRC32C by tables, eight bytes a step: digests of gigabytes of data are checked.
 *
 * Left out: the processor's own instruction, which not every one has.
 */
#include "workloads/crc32c.h"

#define POLYNOMIAL 0x82f63b78U /* 0x1edc6f41, lowest bit first */

void work_crc32c_init(struct work_crc32c *table) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        table->of[0][b] = crc;
    }
    for (uint32_t b = 0; b < 256; b++)
        for (int k = 1; k < 8; k++) {
            uint32_t before = table->of[k - 1][b];
            table->of[k][b] = before >> 8 ^ table->of[0][before & 255];
        }
}

static uint32_t eight(const struct work_crc32c *t, uint32_t crc, const uint8_t *p) {
    uint32_t first = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                            (uint32_t)p[3] << 24);
    return t->of[7][first & 255] ^ t->of[6][first >> 8 & 255] ^ t->of[5][first >> 16 & 255] ^
           t->of[4][first >> 24] ^ t->of[3][p[4]] ^ t->of[2][p[5]] ^ t->of[1][p[6]] ^
           t->of[0][p[7]];
}

uint32_t work_crc32c(const struct work_crc32c *table, uint32_t crc, const uint8_t *p,
                     size_t n) {
    crc = ~crc;
    for (; n >= 8; n -= 8, p += 8)
        crc = eight(table, crc, p);
    for (; n > 0; n--, p++)
        crc = crc >> 8 ^ table->of[0][(crc ^ *p) & 255];
    return ~crc;
}
