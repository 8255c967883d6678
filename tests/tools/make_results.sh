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
for name in $("$program" list scenarios --format json | sed -nE 's/^  "([^"]+)": .*/\1/p'); do
    scenario=configs/scenarios/$name.json
    "$program" run "$scenario" --quiet --out "$work/$name" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
    digest=$(sed -n 's/^  "digest": "\(.*\)",$/\1/p' "$work/$name/summary.json")
    verdict=$("$program" report "$work/$name" | sed -n "1s/^$name: //p")
    [[ -n $digest && -n $verdict ]] || { echo "$scenario: no digest or verdict" >&2 && exit 1; }
    echo "| \`$name\` | \`$digest\` | $verdict |"
done
