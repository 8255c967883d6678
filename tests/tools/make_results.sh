#!/usr/bin/env bash
# results/README.md: the reference results, by running every scenario. Writes to standard output.
#   make_results.sh [PROGRAM] > results/README.md
set -euo pipefail
program=${1:-${DPUSIM:-$(dirname -- "$0")/../../build/release/dpusim}}
cd -- "$(dirname -- "$0")/../.."
DPUSIM_CONFIGS=$PWD/configs
export DPUSIM_CONFIGS
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

cat <<'END'
# Reference results

What every scenario in [configs/scenarios](../configs/scenarios) gives with its own seed. Yours must be the same to
the last digit of the digest, on any machine: `./dpusim run configs/scenarios/NAME.json` prints both. Your runs lie in
`runs/`, which git leaves alone. Made by `tests/tools/make_results.sh`; a test compares.

| scenario | digest | verdict |
|---|---|---|
END
row() { # NAME OPTION...
    local scenario=configs/scenarios/$1.json out=$work/run shown=${*:2} digest verdict cores
    "$program" run "$scenario" "${@:2}" --quiet --out "$out" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
    digest=$(sed -n 's/^  "digest": "\(.*\)",$/\1/p' "$out/summary.json")
    "$program" report "$out" >"$work/report"
    verdict=$(sed -n '1s/^[^:]*: //p' "$work/report")
    cores=$(sed -nE '/^Host cores/,/^$/s/^  ([0-9.e-]+ (busy|freed)):.*/\1/p' "$work/report" | paste -sd , | sed 's/,/, /')
    [[ -n $digest && -n $verdict ]] || { echo "$scenario: no digest or verdict" >&2 && exit 1; }
    [[ $cores != *freed* ]] || verdict+=" Host cores: $cores."
    echo "| \`$1\`${shown:+ \`$shown\`} | \`$digest\` | $verdict |"
}

for name in $("$program" list scenarios --format json | sed -nE 's/^  "([^"]+)": .*/\1/p'); do
    row "$name"
    [[ $name != host-tax ]] || for form in arm engines; do row "$name" --set "/datapath=$form"; done
    [[ $name != nvmeof-rdma ]] || for form in drives=local initiator=host target={interrupts,offload}; do
        row "$name" --set "/$form"
    done
    [[ $name != nvmeof-tcp ]] || row "$name" --set /digests=on
    [[ $name != checkpoint-write ]] || for form in mode=through incident=oom incident=late integrity=on; do row "$name" --set "/$form"; done
    [[ $name != storage-services ]] || for form in service={xts,compress,dedup,checksum,raid6,all}; do row "$name" --set "/$form"; done
done

cat <<'END'

[nvme-depth.txt](nvme-depth.txt) is a drive by its queue depth: `tests/tools/depth_sweep.sh > results/nvme-depth.txt`.
END
