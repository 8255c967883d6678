#!/usr/bin/env bash
# results/nvme-depth.txt: random reads of 4 and of 128 KiB from one drive, at depths 1 to 256, as
# plots in text. Writes to standard output.
#   depth_sweep.sh [PROGRAM [PROFILE]] > results/nvme-depth.txt
set -euo pipefail
program=${1:-${DPUSIM:-$(dirname -- "$0")/../../build/release/dpusim}}
profile=${2:-samsung-980-pro}
cd -- "$(dirname -- "$0")/../.."
DPUSIM_CONFIGS=$PWD/configs
export DPUSIM_CONFIGS
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# Of a field of report --format csv, the text.
field() { awk -F, -v at="$1" '$1 == at { print $2 }' "$work/csv"; }

# A line for each depth: its rates, latencies, and what is tightest.
points() { # BS
    local depth at=/streams/io/by_op/read
    for ((depth = 1; depth <= 256; depth *= 2)); do
        "$program" run configs/scenarios/nvme-local.json --quiet --out "$work/run" \
            --set "/dpu/blocks/ssd/profile=$profile" --set "/streams/io/bs=$1" \
            --set "/streams/io/iodepth=$depth" >"$work/log" 2>&1 || {
            cat "$work/log" >&2
            exit 1
        }
        "$program" report "$work/run" --format csv >"$work/csv"
        echo "$depth $(field $at/items_per_s) $(field $at/bits_per_s) $(field $at/latency_s/mean)" \
            "$(field $at/latency_s/p99) $(field /bottleneck/component).$(field /bottleneck/resource)"
    done
}

plot() { # a plot of the points
    awk '
    function us(s) { return sprintf("%.1f us", s * 1e6) }
    { depth[NR] = $1; iops[NR] = $2; bits[NR] = $3; mean[NR] = $4; p99[NR] = $5; wall[NR] = $6
      most = $2 > most ? $2 : most }
    END {
        width = 32
        printf "%5s  %-*s %10s  %9s  %9s  %10s  %s\n", "depth", width, "requests a second",
            "k IOPS", "GB/s", "mean", "p99", "tightest"
        for (i = 1; i <= NR; i++) {
            bar = ""
            for (n = int(width * iops[i] / most + 0.5); n > 0; n--) bar = bar "#"
            printf "%5d  %-*s %10.1f  %9.3f  %9s  %10s  %s\n", depth[i], width, bar, iops[i] / 1e3,
                bits[i] / 8e9, us(mean[i]), us(p99[i]), wall[i]
        }
    }'
}

cat <<END
Random reads from one drive ($profile), by how many are under way at a time: what
configs/scenarios/nvme-local.json gives with each iodepth. Made by tests/tools/depth_sweep.sh.
END
for bs in 4k 128k; do
    printf '\n%s\n\n' "bs=$bs"
    points "$bs" >"$work/points"
    plot <"$work/points"
done
