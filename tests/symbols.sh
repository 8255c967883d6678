#!/usr/bin/env bash
# What the layers export and what the models import, as the linker sees it (preset dev).
# A model that could call malloc, rand, time, exit or printf would sooner or later do so.
#   symbols.sh [BUILD_DIR]
set -euo pipefail
build=${1:-$BUILD_DIR}
bad=0

exports() { # LIBRARY PREFIXES
    local library=$build/libdpusim_$1.so names
    [[ -e $library ]] || return 0
    names=$(nm -D --defined-only --format=posix "$library" | awk '{print $1}' |
        grep -vE "^($2)_" || :)
    [[ -z $names ]] || {
        printf '%s exports %s; its prefix is %s_\n' "${library##*/}" "${names//$'\n'/, }" "$2"
        bad=1
    }
}
# A block exports model_<its name>. A block of several files, and a part that blocks share, has a
# header; its functions begin with the first word of that header's name.
parts=model
for header in "${SOURCE_DIR:-$(dirname -- "$0")/..}"/models/*.h; do
    name=${header##*/}
    name=${name%.h}
    parts+="|${name%%_*}"
done
exports engine sim
exports models "$parts"
exports workloads work
exports app app

# Beside the engine and one another: moving bytes, arithmetic of the compiler, its guards.
allowed="(sim|$parts)_.*"
allowed+='|mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|spn|cspn|str)'
allowed+='|__[a-z]+ti[0-9]?|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
# Files that need more, each for a reason: the doors to zlib and jansson (tests/layers.sh);
# sorting with a comparison that leaves no ties; a table made once per process.
declare -A door
door[rules_read]='|json.*|free|snprintf|strto[a-z]+|inet_pton'
door[rules_file]='|inflate.*|f(open|read|error|close)(64)?|__errno_location|strerror'
door[rules_match]='|qsort'
door[patterns_rules]='|json.*|free|v?snprintf'
door[patterns_pcre2]='|pcre2_.*'
door[patterns_hyperscan]='|hs_.*|free'
door[content_deflate]='|deflate.*'
door[content_lz4]='|LZ4_.*'
door[content_digest]='|EVP_.*'
door[toeplitz]='|pthread_once'

for object in "$build"/CMakeFiles/dpusim_models.dir/models/*.o; do
    [[ -e $object ]] || continue
    name=${object##*/}
    name=${name%.c.o}
    names=$(nm --undefined-only --format=posix "$object" | awk '{print $1}' |
        grep -vxE "$allowed${door[$name]-}" || :)
    [[ -z $names ]] || {
        echo "models/$name.c calls ${names//$'\n'/, }: not for a model"
        bad=1
    }
done
exit $bad
