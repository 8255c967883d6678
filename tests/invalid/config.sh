#!/usr/bin/env bash
# Bad configs and command lines, a folder each in tests/invalid/config: the exact line on stderr,
# exit code 2, and no file written.
#   input.json   the scenario; other files beside it are what it names
#   args         more arguments of `dpusim run input.json`, one a line
#   command      instead: the whole command, one word a line
#   error        what stderr must hold; lists of all keys and ops, which grow, are cut to "..."
#   config.sh [--update [NAME...]]   --update writes the error files: when wording or known keys
#                                    changed on purpose; read the difference before committing it
set -euo pipefail
dpusim=${DPUSIM:-$PWD/build/dev/dpusim}
root=${SOURCE_DIR:-$PWD}
update=0
[[ ${1-} != --update ]] || { update=1 && shift; }
cases=$root/tests/invalid/config
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$root/configs" "$work/configs"
mkdir "$work/case"
bad=0 count=0

complain() { # NAME TEXT
    printf '%s: %s\n' "$1" "$2"
    bad=1
}

for folder in "$cases"/*/; do
    name=$(basename "$folder")
    (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
    count=$((count + 1))
    cp -r "$folder" "$work/case/$name"
    cd "$work/case/$name"
    rm -f error
    words=(run input.json) more=()
    [[ ! -e command ]] || mapfile -t words <./command
    [[ ! -e args ]] || mapfile -t more <./args
    before=$(find . | LC_ALL=C sort)
    status=0
    DPUSIM_CONFIGS=../../configs timeout 60 "$dpusim" "${words[@]}" "${more[@]}" \
        >"$work/out" 2>"$work/err" || status=$?
    [[ $(find . | LC_ALL=C sort) == "$before" ]] || complain "$name" "left files behind"
    ((status == 2)) || complain "$name" "exit code $status instead of 2"
    [[ ! -s $work/out ]] || complain "$name" "wrote to stdout"
    (($(wc -l <"$work/err") == 1)) || complain "$name" "stderr is not one line"
    sed -E -i 's/\(known: [^)]*\)/(known: ...)/; s/; it has .*/; it has .../' "$work/err"
    if ((update)); then
        cp "$work/err" "$folder/error"
    elif ! diff -u --label expected "$folder/error" --label found "$work/err"; then
        complain "$name" "another message than tests/invalid/config/$name/error"
    fi
    cd "$work"
    rm -rf "$work/case/$name"
done
((count > 0)) || complain "$cases" "no case was run"
printf '%d bad configs refused\n' "$count"
exit $bad
