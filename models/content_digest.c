/* content_digest.c - a digest of a payload, by which equal ones are found: OpenSSL's SHA-256.
 */
#include "models/content.h"
#include "sim/engine/err.h"
#include <openssl/evp.h>

uint64_t content_digest(const uint8_t *bytes, uint32_t n) {
    unsigned char raw[EVP_MAX_MD_SIZE];
    uint64_t digest = 0;
    SIM_ASSERT(EVP_Digest(bytes, n, raw, NULL, EVP_sha256(), NULL) == 1);
    for (int i = 0; i < 7; i++) /* 56 bits: what a flow table takes as a key */
        digest = digest << 8 | raw[i];
    return digest > 0 ? digest : 1;
}
