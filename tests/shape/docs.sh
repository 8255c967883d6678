#!/usr/bin/env bash
# The documentation is true of the program: parameters.md, validation.md and results/ are not stale,
# relative links lead somewhere, commands in code blocks parse, whole scenarios in them are valid,
# and README.md quotes what its commands print.
#   docs.sh          with DPUSIM (the program) and SOURCE_DIR
set -euo pipefail
: "${SOURCE_DIR:=$(cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${DPUSIM:=$SOURCE_DIR/build/release/dpusim}"
export DPUSIM_CONFIGS=$SOURCE_DIR/configs
cd -- "$SOURCE_DIR"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
bad=0
complain() { # FILE:LINE TEXT
    echo "$1: $2"
    bad=1
}
mapfile -t pages <<<"$(find . -name '*.md' -not -path './build/*' -not -path './.*' \
    -not -path './results/runs/*' | LC_ALL=C sort)"

# ---------------------------------------------------------------- pages that are made

made() { # PAGE SCRIPT
    if ! bash "tests/tools/$2" "$DPUSIM" >"$work/made"; then
        complain "$1" "cannot be made"
    elif ! cmp -s "$work/made" "$1"; then
        complain "$1" "is stale; tests/tools/$2 > $1"
        diff "$1" "$work/made" | head -n 6 || :
    fi
}
made docs/parameters.md make_parameters.sh
made docs/validation.md make_validation.sh
made docs/pcie.md make_pcie.sh
made docs/storage.md make_storage.sh
made results/README.md make_results.sh
made results/nvme-depth.txt depth_sweep.sh
! grep -n 'not explained yet' docs/validation.md ||
    complain docs/validation.md 'has a miss that no case explains with "miss"'

# ---------------------------------------------------------------- sources.md

# Every key that it cites is in its list of references, which begins with this row.
begin=$(grep -n '^| key | reference |$' docs/sources.md | cut -d: -f1)
sed "1,${begin}d" docs/sources.md | sed -nE 's/^\| \[([a-z0-9.-]+)\] \| .*/\1/p' | sort >"$work/listed"
sed "${begin},\$d" docs/sources.md | grep -noE '\[[a-z][a-z0-9.-]+\]([^(]|$)' |
    sed -E 's/^([0-9]+):\[([^]]*)\].*/\1 \2/' | sort -u >"$work/cited"
while read -r line key; do
    grep -qx -- "$key" "$work/listed" || complain "docs/sources.md:$line" "[$key] is not among its references"
done <"$work/cited"
sed "${begin},\$d" docs/sources.md | grep -nE '^\| \[[a-z0-9.-]+\] \|' &&
    complain docs/sources.md "has a reference in a table of parameters"

# ---------------------------------------------------------------- links

anchors() { # PAGE -> the anchors of its headings
    awk '/^```/ { code = !code } !code && sub(/^#+ +/, "")' "$1" | tr '[:upper:]' '[:lower:]' |
        sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

link() { # PAGE LINE TARGET
    local file=${3%%#*} anchor=''
    [[ $3 != *'#'* ]] || anchor=${3#*#}
    [[ $3 != *://* && $3 != mailto:* ]] || return 0
    if [[ -n $file ]]; then
        file=$(dirname -- "$1")/$file
    else
        file=$1
    fi
    if [[ ! -e $file ]]; then
        complain "$1:$2" "the link to $3 leads nowhere"
    elif [[ -n $anchor && $file == *.md ]] && ! anchors "$file" | grep -qxF -- "$anchor"; then
        complain "$1:$2" "$file has no heading for #$anchor"
    fi
}

for page in "${pages[@]}"; do
    while IFS=: read -r line target; do
        [[ -z $line ]] || link "$page" "$line" "$target"
    done <<<"$(awk '
        /^```/ { code = !code }
        !code {
            text = $0
            gsub(/`[^`]*`/, "", text)
            while (match(text, /\]\([^) ]+\)/)) {
                print NR ":" substr(text, RSTART + 2, RLENGTH - 3)
                text = substr(text, RSTART + RLENGTH)
            }
        }' "$page")"
done

# ---------------------------------------------------------------- commands

# What a command in the docs does, without its effects: `run` is checked, the rest is done where
# it only prints. Scenarios and captures of the reader's own are not there.
attempt() { # PLACE WORD...
    local place=$1 args=("${@:2}") keep=() i out
    case ${args[0]-} in
    run | check)
        [[ -e ${args[1]-} ]] || return 0
        for ((i = 1; i < ${#args[@]}; i++)); do
            case ${args[i]} in
            --out | --seed | --shuffle-ties) i=$((i + 1)) ;;
            --event-form | --heap | --windows | --skip-bad | --why) ;;
            *) keep+=("${args[i]}") ;;
            esac
        done
        args=(check "${keep[@]}")
        ;;
    trace) [[ -e ${args[1]-} ]] || return 0 ;;
    new) args=(new "$work/new-$RANDOM.json" "${args[@]:2}") ;;
    help | list | schema | version | --version | '') ;;
    validate) return 0 ;; # done above
    setup | test | report) return 0 ;; # the launcher's own, and results that are not there
    *) complain "$place" "\"${args[0]}\" is no command" ;;
    esac
    out=$("$DPUSIM" "${args[@]}" 2>&1 >/dev/null) || complain "$place" "./dpusim ${args[*]}: $out"
}

for page in "${pages[@]}"; do
    while IFS=: read -r line text; do
        [[ -n $line ]] || continue
        words=()
        while IFS= read -r word; do # as xargs splits them: quotes, and nothing else of a shell
            [[ ! $word =~ ^([|\;]|[0-9]?[\<\>]|\&\&|\#) ]] || break
            words+=("$word")
        done <<<"$(xargs -n 1 printf '%s\n' <<<"$text")"
        attempt "$page:$line" "${words[@]:1}"
    done <<<"$(awk '
        /^```/ { code = !code; next }
        code && /^\.\/dpusim( |$)/ { print NR ":" $0 }' "$page")"
done

# ---------------------------------------------------------------- scenarios

# Whole scenarios in ```json blocks. Files that they name are those of the shipped ones.
for page in "${pages[@]}"; do
    folder=$work/$(basename -- "$page" .md)
    mkdir -p "$folder"
    find configs/scenarios -type f -exec ln -sf "$SOURCE_DIR/{}" "$folder" \;
    awk -v folder="$folder" '
        /^```json/ { file = folder "/line-" NR ".json"; next }
        /^```/ { if (file != "") close(file); file = "" }
        file != "" { print > file }' "$page"
    for file in "$folder"/line-*.json; do
        [[ -e $file ]] || continue
        out=$("$DPUSIM" check "$file" 2>&1 >/dev/null) ||
            complain "$page:$(basename -- "$file" .json | tr -dc 0-9)" "${out#"$file": }"
    done
done

# ---------------------------------------------------------------- reports

# A report in README.md begins with `NAME: of ...` and is what the `./dpusim run` above it prints:
# the first line is the first one, the others are among its lines; `...` stands for what is cut.
command='' quoted=''
mapfile -t readme <README.md
for text in "${readme[@]}"; do
    if [[ $text == './dpusim run configs/'* ]]; then
        command=${text#./dpusim }
    elif [[ $text == *': of '*' offered on the wire, '* ]]; then
        mapfile -t words <<<"$(xargs -n 1 printf '%s\n' <<<"$command")"
        "$DPUSIM" "${words[@]}" --out "$work/run" >"$work/report" 2>&1 || :
        said=$(head -n 1 "$work/report")
        [[ $text == "$said" ]] || complain README.md "./dpusim $command says: $said"
        quoted=yes
    elif [[ $text == '```' ]]; then
        quoted=''
    elif [[ -n $quoted && ! $text =~ ^\ *(\.\.\.)?$ ]] && ! grep -qxF -e "$text" "$work/report"; then
        complain README.md "./dpusim $command does not say: $text"
    fi
done
exit $bad
