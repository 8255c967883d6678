#!/usr/bin/env bash
# The JSON Schemas are valid, committed as the program prints them, and take every shipped
# config and every effective.json, and so does the program; they refuse what they can of the bad ones; every number of a
# device has its source.
#   schema.sh [--update]   --update writes configs/schema: after fields were added or changed
set -euo pipefail
: "${SOURCE_DIR:=$(cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${DPUSIM:=$SOURCE_DIR/build/release/dpusim}"
cd -- "$SOURCE_DIR"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
bad=0
for which in scenario device; do
    "$DPUSIM" schema "$which" >"$work/$which.json"
    if [[ ${1-} == --update ]]; then
        mkdir -p configs/schema
        cp -- "$work/$which.json" "configs/schema/$which.json"
    elif ! cmp -s "$work/$which.json" "configs/schema/$which.json"; then
        echo "configs/schema/$which.json: is stale; tests/shape/schema.sh --update"
        bad=1
    fi
done
export DPUSIM_CONFIGS=$SOURCE_DIR/configs
mapfile -t files <<<"$(grep -l '"streams"' configs/scenarios/*.json)"
for file in "${files[@]}"; do
    name=$(basename -- "$file" .json)
    "$DPUSIM" check "$file" >"$work/log" 2>&1 || { cat "$work/log" && bad=1; }
    "$DPUSIM" run "$file" --out "$work/runs/$name" --set /run/duration=1us --set /run/warmup=0s \
        >"$work/log" 2>&1 || { cat "$work/log" && bad=1; }
done
python3 -c 'import jsonschema' 2>/dev/null || {
    echo "skipped: needs python3-jsonschema"
    exit $((bad ? 1 : 77))
}
python3 tests/shape/schema.py "$work" "$work"/runs/*/effective.json || bad=1
exit $bad
