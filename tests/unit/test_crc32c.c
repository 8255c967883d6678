/* test_crc32c.c - the vectors of RFC 3720, appendix B.4; and pieces as the whole. */
#include "tests/check_main.h"
#include "workloads/crc32c.h"
#include <string.h>

static struct work_crc32c table;

static uint32_t of(const void *p, size_t n) {
    work_crc32c_init(&table);
    return work_crc32c(&table, 0, p, n);
}

START_TEST(vectors) {
    uint8_t bytes[32] = {0};
    ck_assert_uint_eq(of(bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    ck_assert_uint_eq(of(bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    ck_assert_uint_eq(of(bytes, 32), 0x46dd794e);
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    ck_assert_uint_eq(of(bytes, 32), 0x113fdb5c);
    ck_assert_uint_eq(of("123456789", 9), 0xe3069283);
    ck_assert_uint_eq(of("", 0), 0);
}
END_TEST

START_TEST(pieces) {
    uint8_t bytes[67];
    for (int i = 0; i < 67; i++)
        bytes[i] = (uint8_t)(i * 37);
    uint32_t whole = of(bytes, 67);
    for (size_t cut = 0; cut <= 67; cut++) {
        uint32_t crc = work_crc32c(&table, 0, bytes, cut);
        ck_assert_uint_eq(work_crc32c(&table, crc, bytes + cut, 67 - cut), whole);
    }
}
END_TEST

TEST_MAIN("crc32c", vectors, pieces)
