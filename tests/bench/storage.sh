#!/usr/bin/env bash
# storage.sh [RUNS] - simulated reads of 4 KiB a second of wall time, on one core: against a local
# drive, and over NVMe over Fabrics.
#
# Prints one line of JSON a case: the median and the best of RUNS (default 5) runs, pinned to the
# last core, the cases in turn. Wall time is the simulation's, without the tenth of a second in
# which the scenario is read and results are made of it. The other one's figure to compare with,
# MQSim's against one local drive on this class of machine: 48,000 a second.
set -euo pipefail
root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
program=${DPUSIM:-$root/build/release/dpusim}
runs=${1:-5}
out=$(mktemp -d)
trap 'rm -rf -- "$out"' EXIT
pin=()
command -v taskset >/dev/null && pin=(taskset -c "$(($(nproc) - 1))")

field() { sed -n "s/.*\"$1\": \([0-9.e+]*\).*/\1/p" "$out/run/timing.json"; }

# scenario, depth, simulated time, what else is set
cases=(
    "nvme-local 1 10s"
    "nvme-local 32 1s"
    "nvme-local 256 500ms"
    "nvmeof-rdma 64 300ms"
    "nvmeof-rdma 1 3s"
    "nvmeof-rdma 64 300ms /initiator=host"
    "nvmeof-rdma 64 300ms /initiator=host /target=offload"
)
for ((i = 0; i < runs; i++)); do
    for ((k = 0; k < ${#cases[@]}; k++)); do
        read -r scenario depth duration more <<<"${cases[k]}"
        set=()
        for pair in $more; do set+=(--set "$pair"); done
        "${pin[@]}" "$program" run "$root/configs/scenarios/$scenario.json" --quiet "${set[@]}" \
            --set "/streams/io/iodepth=$depth" --set "/run/duration=$duration" --out "$out/run"
        echo "$(field messages_per_s) $(field events) $(field messages) $(field peak_rss_bytes)" >>"$out/$k"
    done
done
for ((k = 0; k < ${#cases[@]}; k++)); do
    read -r scenario depth _ more <<<"${cases[k]}"
    sort -g "$out/$k" | awk -v n="$runs" -v s="$scenario" -v d="$depth" -v m="$more" '
        NR == int((n + 1) / 2) { median = $1 }
        END { printf "{\"bench\": \"storage\", \"scenario\": \"%s\", \"set\": \"%s\", \"iodepth\": %d, ", s, m, d
              printf "\"runs\": %d, \"requests_per_s\": %.0f, \"best\": %.0f, ", n, median, $1
              printf "\"events_a_request\": %.1f, \"peak_rss_bytes\": %.0f}\n", $2 / $3, $4 }'
done
