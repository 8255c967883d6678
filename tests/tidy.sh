#!/usr/bin/env bash
# clang-tidy 14 over the sources (not the tests), by .clang-tidy.
#   tidy.sh [FILE...]
#
# Switched off there: easily-swappable-parameters, sizeof-expression, reserved-identifier,
# cert-err33-c (would check every printf), cert-dcl37-c and dcl51-cpp (copies of
# reserved-identifier), DeprecatedOrUnsafeBufferHandling (wants Annex K, which glibc lacks),
# Padding (members are ordered by meaning and cache line), macro-parentheses (rows of field
# tables come from macros), no-int-to-ptr (says nothing of ours).
set -euo pipefail
cd -- "${SOURCE_DIR:-$(dirname -- "$0")/..}"
command -v clang-tidy-14 >/dev/null || {
    echo "skipped: needs clang-tidy-14"
    exit 77
}
# The largest first: both processors end at about the same time.
(($#)) || {
    mapfile -t files <<<"$(find sim models workloads -name '*.c' -printf '%s %p\n' | sort -rn | cut -d' ' -f2-)"
    set -- "${files[@]}"
}
# One file a call: of several, version 14 reports every va_list but the first's as uninitialised.
printf '%s\0' "$@" | xargs -0 -r -n 1 -P 2 clang-tidy-14 -p "${BUILD_DIR:-build/dev}" --quiet 2>&1 |
    { grep -vE '^[0-9]+ (warnings? generated|warnings? treated as error)|^Suppressed ' || :; }
