/* digest.c - SHA-256 of inputs, through OpenSSL: the only file that includes it. */
#include "summary.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

static void to_hex(const unsigned char *raw, char hex[65]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        hex[2 * (size_t)i] = digits[raw[i] >> 4];
        hex[2 * (size_t)i + 1] = digits[raw[i] & 15];
    }
    hex[64] = 0;
}

void app_sha256_text(const char *text, size_t size, char hex[65]) {
    unsigned char raw[EVP_MAX_MD_SIZE];
    hex[0] = 0;
    if (EVP_Digest(text, size, raw, NULL, EVP_sha256(), NULL) == 1)
        to_hex(raw, hex);
}

/* A pipe has been read by now: to open it again would wait for ever. */
static FILE *open_regular(const char *file) {
    struct stat st;
    return stat(file, &st) == 0 && S_ISREG(st.st_mode) ? fopen(file, "rb") : NULL;
}

bool app_sha256_file(const char *file, char hex[65]) {
    unsigned char raw[EVP_MAX_MD_SIZE], buf[1 << 15];
    FILE *f = open_regular(file);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = f != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    for (size_t n; ok && (n = fread(buf, 1, sizeof buf, f)) > 0;)
        ok = EVP_DigestUpdate(ctx, buf, n) == 1;
    ok = ok && !ferror(f) && EVP_DigestFinal_ex(ctx, raw, NULL) == 1;
    if (ok)
        to_hex(raw, hex);
    EVP_MD_CTX_free(ctx);
    if (f != NULL)
        fclose(f);
    return ok;
}
