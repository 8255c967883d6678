#!/usr/bin/env bash
# Event queue against ns-3's schedulers in the hold model: runs interleaved on one core, medians.
#   hold.sh [RUNS [EVENTS]]       5 runs of 5 million events; CORE=0 picks another core
#   BUILD_DIR: where bench_hold is (default build/release)
# Needs libns3-dev and ../shared/peers/ns3_hold.cc; without them only our own side is run. Goals:
# 6 times as fast as ns-3's default (Map), 4 times as fast as its best (PriorityQueue).
set -euo pipefail
cd -- "${SOURCE_DIR:-$(dirname -- "$0")/../..}"
runs=${1:-5} events=${2:-5000000}
ours=${BUILD_DIR:-build/release}/bench_hold
peer=${DPUSIM_SHARED:-../shared}/peers/ns3_hold.cc
[[ -x $ours ]] || { echo "build it first: cmake --preset release && cmake --build --preset release" >&2; exit 1; }
pin=(env)
command -v taskset >/dev/null && pin=(taskset -c "${CORE:-$(($(nproc) - 1))}")
tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT

sides=(ours)
if [[ -r $peer ]] && echo '#include <ns3/core-module.h>' | g++ -x c++ -fsyntax-only - 2>/dev/null; then
    # Debian's package names its libraries with the version
    lib=$(find /usr/lib -name 'libns3*-core*.so' -printf '%f\n' | LC_ALL=C sort | head -n 1)
    lib=${lib#lib}
    g++ -O3 -DNDEBUG "$peer" -o "$tmp/ns3_hold" "-l${lib%.so}"
    sides+=(Map PriorityQueue)
else
    echo "skipped the peer: needs libns3-dev and $peer"
fi

median() { sort -g | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

for n in 100 10000; do
    for ((run = 0; run < runs; run++)); do
        for side in "${sides[@]}"; do
            if [[ $side == ours ]]; then
                "${pin[@]}" "$ours" "$n" "$events" | sed 's/.*"ns_per_event": \([0-9.]*\).*/\1/'
            else
                "${pin[@]}" "$tmp/ns3_hold" "$side" "$n" "$events" | sed 's/.* \([0-9.]*\) ns\/ev$/\1/'
            fi >>"$tmp/$n.$side"
        done
    done
    own=$(median <"$tmp/$n.ours")
    for side in "${sides[@]}"; do
        m=$(median <"$tmp/$n.$side")
        awk -v n="$n" -v side="$side" -v m="$m" -v own="$own" 'BEGIN {
            printf "{\"bench\": \"hold\", \"n\": %d, \"queue\": \"%s\", \"ns_per_event\": %.1f, \"times_ours\": %.2f}\n",
                n, side == "ours" ? "dpusim" : "ns-3 " side, m, m / own }'
    done
done
