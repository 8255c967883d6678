#!/usr/bin/env bash
# Formatted as .clang-format says, by version 14: other versions format differently.
set -euo pipefail
cd -- "${SOURCE_DIR:-$(dirname -- "$0")/..}"
command -v clang-format-14 >/dev/null || {
    echo "skipped: needs clang-format-14"
    exit 77
}
find sim models workloads tests -name '*.[ch]' -print0 | LC_ALL=C sort -z |
    xargs -0 -r clang-format-14 --dry-run -Werror --ferror-limit=3
