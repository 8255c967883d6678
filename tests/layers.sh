#!/usr/bin/env bash
# Who may include what: sim/engine <- models <- workloads <- sim/app, and one door for each
# third-party library. The linker of preset dev holds the calls; this holds the headers.
#   layers.sh [ROOT]
set -euo pipefail
cd -- "${1:-${SOURCE_DIR:-$(dirname -- "$0")/..}}"

# Header, as a pattern, and the files that may include it.
doors='
jansson\.h           ^(sim/engine/field\.c|models/(rules_read|patterns_rules)\.c|sim/app/|tests/)
gsl/gsl_version\.h   ^sim/app/version\.c
gsl/.*               ^(sim/engine/sampler\.c|tests/)
zlib\.h              ^(models/(rules_file|content_deflate)\.c|workloads/gz\.c|tests/)
pcre2\.h             ^(models/patterns_pcre2\.c|tests/)
hs/hs\.h             ^models/patterns_hyperscan\.c
lz4\.h               ^(models/content_lz4\.c|tests/)
zstd\.h              ^workloads/gz\.c
pcap(/.*)?\.h        ^(workloads/(pcap|links)\.c|tests/)
openssl/.*           ^(sim/app/digest\.c|models/content_digest\.c|tests/)
check\.h             ^tests/
pthread\.h           ^models/toeplitz\.c
sanitizer/.*         ^sim/engine/(mem|msg)\.c
'
# Of the C library and POSIX; what is neither here nor above needs a door first.
system='^((sys|net|netinet|arpa)/[a-z_]+|assert|ctype|dirent|endian|errno|fcntl|fenv|float|ftw'
system+='|getopt|glob|inttypes|libgen|limits|locale|math|poll|setjmp|signal|spawn|stdalign|stdarg'
system+='|stdatomic|stdbool|stddef|stdint|stdio|stdio_ext|stdlib|stdnoreturn|string|strings|termios|time'
system+='|unistd|wchar)\.h$'

# Parts that are named after the block that they are most of: a drive has a PCI Express link too.
parts='^models/pcie_link\.h$'

bad=0
complain() { # FILE:LINE TEXT
    echo "$1: $2"
    bad=1
}

rank() { # PATH -> number of its layer
    case $1 in
    sim/engine/*) echo 0 ;;
    models/*) echo 1 ;;
    workloads/*) echo 2 ;;
    sim/app/*) echo 3 ;;
    *) echo 4 ;;
    esac
}

family() { # models/packet_ip.c -> packet
    local name=${1##*/}
    name=${name%.*}
    echo "${name%%_*}"
}

is_block() { # FAMILY
    grep -qsE "^const struct sim_model model_$1\b" models/"$1".c models/"$1"_*.c
}

own_header() { # FILE LINE HEADER
    local to=$3
    [[ ! -e ${1%/*}/$3 ]] || to=${1%/*}/$3
    [[ $1 != tests/* || ! -e tests/$3 ]] || to=tests/$3
    if [[ ! -e $to ]]; then
        complain "$1:$2" "\"$3\" is not in this repository; <...> is for the system's"
    elif (($(rank "$to") > $(rank "$1"))); then
        complain "$1:$2" "$to belongs to a layer above"
    elif [[ $to == models/* && $1 == models/* ]]; then
        # Blocks meet at ports. What is no block - the packet, a rule set, a token bucket - is a
        # part, and serves whoever needs it.
        if is_block "$(family "$to")" && [[ $(family "$1") != "$(family "$to")" && ! $to =~ $parts ]]; then
            complain "$1:$2" "$to belongs to another block; blocks meet at ports"
        elif [[ $1 != models/registry.c && $to == models/list.h ]]; then
            complain "$1:$2" "only the registry knows the list of all blocks"
        fi
    elif [[ $to == models/* && $1 == workloads/* && ! $to =~ ^models/(payload|io|rules|sample)\.h$ ]]; then
        complain "$1:$2" "of the models, workloads know payload.h, io.h, rules.h and sample.h only"
    fi
}

system_header() { # FILE LINE HEADER
    local header files
    while read -r header files; do
        [[ -n $header && $3 =~ ^$header$ ]] || continue
        [[ $1 =~ $files ]] || complain "$1:$2" "<$3> has one door: $files"
        return 0
    done <<<"$doors"
    [[ $3 =~ $system ]] || complain "$1:$2" "<$3> is a library without a door; see tests/layers.sh"
}

mapfile -t files <<<"$(find sim models workloads tests -name '*.[ch]' | LC_ALL=C sort)"
while IFS=: read -r file line text; do
    [[ -n $file ]] || continue
    if [[ $text =~ \"(.*)\" ]]; then
        own_header "$file" "$line" "${BASH_REMATCH[1]}"
    elif [[ $text =~ \<(.*)\> ]]; then
        system_header "$file" "$line" "${BASH_REMATCH[1]}"
    fi
done <<<"$(grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null "${files[@]}")"
exit $bad
