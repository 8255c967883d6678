#!/usr/bin/env bash
# quickstart.sh [RUNS] - packets a second through the quickstart chain on one core, and memory.
#
# Prints one line of JSON a run length: the median of RUNS (default 5) runs, pinned to the last
# core. Wall time is of the whole program: reading the config, the capture and the rules too.
# The memory of the longer run shows that it does not grow with the length.
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
program=${DPUSIM:-$root/build/release/dpusim}
runs=${1:-5}
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
pin=()
command -v taskset >/dev/null && pin=(taskset -c "$(($(nproc) - 1))")

field() { sed -n "s/.*\"$1\": \([0-9.e+]*\).*/\1/p" "$out/run/timing.json"; }

for duration in 20ms 100ms; do
    for ((i = 0; i < runs; i++)); do
        "${pin[@]}" "$program" run "$root/configs/scenarios/quickstart.json" --quiet \
            --set "/run/duration=$duration" --out "$out/run"
        echo "$(field messages_per_s) $(field events_per_s) $(field peak_rss_bytes)"
    done | sort -g | awk -v n="$runs" -v d="$duration" 'NR == int((n + 1) / 2) {
        printf "{\"bench\": \"quickstart\", \"duration\": \"%s\", \"runs\": %d, ", d, n
        printf "\"packets_per_s\": %.0f, \"events_per_s\": %.0f, \"peak_rss_bytes\": %.0f}\n", $1, $2, $3 }'
done
