#!/usr/bin/env bash
# Golden runs: each tests/golden/NAME.json gives expected/NAME.json to the byte, but for version,
# revision and library versions - and gives it again in every way that must change nothing. The
# same files are compared by gcc's and clang's builds and on a processor without FMA and AVX2.
#   run.sh [--update [NAME...]]   --update writes expected/: only when a model, a default or the
#                                 summary changed on purpose; the commit says why numbers moved
set -euo pipefail
dpusim=${DPUSIM:-$PWD/build/dev/dpusim}
root=${SOURCE_DIR:-$PWD}
update=0
[[ ${1-} != --update ]] || { update=1 && shift; }
cd -- "$root/tests/golden"
export DPUSIM_CONFIGS=$root/configs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0 count=0

plain() { # SUMMARY: what must not change
    sed -e '/^ "version": /d' -e '/^ "revision": /d' -e '/^  "libraries": {/,/^  }/d' "$1"
}
# shellcheck disable=SC2317 # called by name
results() { # SUMMARY: the same without how the config was written down
    plain "$1" | sed -e '/^  "config_sha256": /d' -e '/^  "inputs": {$/,/^  }/d' \
        -e '/^  "inputs": {},$/d'
}
# Without the engine's effort, without which of equally loaded queues is called the hottest, and
# without how many of a source's messages, set out in one picosecond, are seen to wait there.
# shellcheck disable=SC2317 # called by name
outcome() {
    plain "$1" | sed -e '/^ "events": /d' -e 's/[0-9]* (hottest of/ (hottest of/' \
        -e '/^  "streams\./,/^  }/{/^ *"max": [0-9]*,*$/d}'
}

run() { # OUT SCENARIO OPTION...
    local out=$1
    shift
    "$dpusim" run "$@" --quiet --out "$out" >"$work/log" 2>&1 || {
        echo "failed: dpusim run $*" && cat "$work/log"
        bad=1
        return 1
    }
}

same() { # WHAT HOW FILE FILE
    if ! diff -u <("$2" "$3") <("$2" "$4") >"$work/diff"; then
        echo "$1: another summary"
        head -n 40 "$work/diff"
        bad=1
    fi
}

for scenario in *.json; do
    name=${scenario%.json}
    [[ $name != rules ]] || continue
    (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
    count=$((count + 1))
    run "$work/a" "$scenario" || continue
    ((!update)) || plain "$work/a/summary.json" >"expected/$scenario"
    same "$name" plain "$work/a/summary.json" "expected/$scenario"
    run "$work/b" "$scenario" && same "$name, again" plain "$work/a/summary.json" "$work/b/summary.json"
    for ties in 1 2 3 4 5; do
        run "$work/b" "$scenario" --shuffle-ties "$ties" &&
            same "$name --shuffle-ties $ties" plain "$work/a/summary.json" "$work/b/summary.json"
    done
    run "$work/b" "$scenario" --heap &&
        same "$name --heap" plain "$work/a/summary.json" "$work/b/summary.json"
    run "$work/b" "$scenario" --windows &&
        same "$name --windows" plain "$work/a/summary.json" "$work/b/summary.json"
    run "$work/b" "$scenario" --event-form &&
        same "$name --event-form" outcome "$work/a/summary.json" "$work/b/summary.json"
    run "$work/b" "$work/a/effective.json" &&
        same "$name from its effective.json" results "$work/a/summary.json" "$work/b/summary.json"
    (cd "$work" && run b "$root/tests/golden/$scenario") || bad=1
    same "$name from another folder" plain "$work/a/summary.json" "$work/b/summary.json"
done

digest() { sed -n 's/^  "digest": "\(.*\)",$/\1/p' "$1/summary.json"; }
run "$work/a" queue.json --seed 7
run "$work/b" queue.json --seed 8
[[ $(digest "$work/a") != $(digest "$work/b") ]] || { echo "--seed changes nothing" && bad=1; }
((count > 0)) || { echo "no golden run was found" && bad=1; }
echo "$count golden runs"
exit $bad
