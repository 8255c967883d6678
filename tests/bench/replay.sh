#!/usr/bin/env bash
# replay.sh [REQUESTS] - requests a second of a replayed block trace on one core, and memory.
#
# A generated trace of REQUESTS (default 10 million) in MSR-Cambridge's format is replayed against
# one drive, and its first tenth before it: memory must not grow with the length. 70 % reads of 4
# to 64 KiB in a closed loop of 64, or with PACE=open at 25,000 a second, half of what fills the drive.
# One line of JSON; wall time is of the whole program.
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
program=${DPUSIM:-$root/build/release/dpusim}
bench=${BUILD_DIR:-$root/build/release}/bench_block
requests=${1:-10000000}
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
pin=()
command -v taskset >/dev/null && pin=(taskset -c "${CORE:-$(($(nproc) - 1))}")
how=(--set "/streams/trace/iodepth=64")
[[ ${PACE:-closed} != open ]] || how=(--set "/streams/trace/speed=0.5")

"$bench" -g "$requests" >"$out/trace.csv"
field() { sed -n "s/.*\"$1\": \([0-9.e+]*\).*/\1/p" "$out/run/timing.json"; }

measure() { # REQUESTS -> requests a second, bytes resident
    "${pin[@]}" "$program" run "$root/configs/scenarios/nvme-replay.json" --quiet \
        --set "/streams/trace/file=$out/trace.csv" --set "/streams/trace/limit=$1" \
        --set "/dpu/blocks/ssd/namespaces=4" --set "/streams/trace/fold=250GB" \
        "${how[@]}" --out "$out/run"
    echo "$(field messages_per_s) $(field peak_rss_bytes)"
}

read -r _ short <<<"$(measure $((requests / 10)))"
read -r rate long <<<"$(measure "$requests")"
printf '{"bench": "replay", "pace": "%s", "requests": %d, "requests_per_s": %.0f, ' \
    "${PACE:-closed}" "$requests" "$rate"
printf '"peak_rss_bytes": %.0f, "peak_rss_bytes_of_a_tenth": %.0f}\n' "$long" "$short"
((long < short + short / 10)) || { echo "memory grows with the length of the trace" >&2; exit 1; }
