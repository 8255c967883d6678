#!/usr/bin/env bash
# What the world around a run does to it: huge and unreadable files, full disks, closed outputs,
# signals. One clear line, the designed exit code, nothing half-written left behind.
# shellcheck disable=SC2016 # "$0" is for the inner shell
set -euo pipefail
dpusim=${DPUSIM:-$PWD/build/dev/dpusim}
root=${SOURCE_DIR:-$PWD}
export DPUSIM_CONFIGS=$root/configs
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work"
bad=0

complain() {
    printf '%s: %s\n' "$case" "$1"
    [[ ! -s err ]] || sed 's/^/    /' err
    bad=1
}
# One line on stderr that matches, the exit code, and no file but those that were there.
refused() { # EXIT-CODE PATTERN COMMAND...
    local code=$1 pattern=$2 status=0 before after
    shift 2
    : >err
    before=$(find . -not -name out | LC_ALL=C sort)
    "$@" >out 2>err || status=$?
    after=$(find . -not -name out | LC_ALL=C sort)
    ((status == code)) || complain "exit code $status instead of $code"
    [[ $(<err) =~ $pattern ]] || complain "stderr does not match: $pattern"
    (($(wc -l <err) == 1)) || complain "stderr is not one line"
    [[ $before == "$after" ]] || complain "left behind: $(diff <(echo "$before") <(echo "$after") || :)"
}
: >out

cat >small.json <<'END'
{ "dpusim": 1, "name": "small", "dpu": { "device": "bluefield-3" },
  "streams": { "s": { "source": "synthetic", "rate": "100Gb/s", "chain": "receive" } },
  "run": { "warmup": "1us", "duration": "20us" } }
END

# ---------------------------------------------------------------- files

case="100 MB of ["
refused 2 '^deep.json: is larger than 64 MB' \
    bash -c 'head -c 100000000 /dev/zero | tr "\0" "[" >deep.json; "$0" run deep.json; s=$?; rm deep.json; exit $s' "$dpusim"

case="1 MB of ["
refused 2 '^-: line 1, column [0-9]+: not JSON: maximum parsing depth reached' \
    bash -c 'head -c 1000000 /dev/zero | tr "\0" "[" | "$0" run -' "$dpusim"

case="too many steps"
refused 2 '^-: /chains: make more than [0-9]+ steps' bash -c '
    { printf %s "{\"dpusim\":1,\"name\":\"x\",\"dpu\":{\"device\":\"bluefield-3\"},\"chains\":{\"c\":["
      for i in $(seq 20000); do printf %s "{\"at\":\"arm\",\"op\":\"forward\"},"; done
      printf %s "{\"end\":\"drop\"}]},\"streams\":{\"s\":{\"source\":\"synthetic\",\"rate\":\"1Gb/s\",\"limit\":9,\"chain\":\"c\"}}}"
    } | "$0" run -' "$dpusim"

case="a run that would last too long"
refused 2 '^-: /run/duration: is not given, and after 100 days' "$dpusim" run - <<'END'
{ "dpusim": 1, "name": "x", "dpu": { "device": "bluefield-3" },
  "chains": { "m": [ { "at": "nic", "op": "meter", "rate": "1kb/s", "burst": 0, "mode": "shape" } ] },
  "streams": { "s": { "source": "synthetic", "packet_rate": "1M/s", "sizes": "9000", "chain": "m",
                      "limit": 300000 } },
  "run": { "messages": 1048576 } }
END

# Sources that ask for room again and again are no sign that nothing goes on.
case="a slow server"
"$dpusim" run - --quiet --out slow >out 2>err <<'END' || complain "is not run"
{ "dpusim": 1, "name": "slow",
  "dpu": { "blocks": { "s": { "model": "server", "time": "1s", "distribution": "constant" } } },
  "chains": { "m": [ { "at": "s" } ] },
  "streams": { "a": { "source": "synthetic", "packet_rate": "1M/s", "sizes": "64", "chain": "m" },
               "b": { "source": "synthetic", "packet_rate": "1M/s", "sizes": "64", "chain": "m" } },
  "run": { "warmup": "0s", "duration": "1100ms" } }
END
[[ -s slow/summary.json ]] || complain "leaves no results"

case="a scenario from standard input"
"$dpusim" run - --quiet --out from-stdin <small.json >out 2>err || complain "is not run"
[[ -s from-stdin/summary.json ]] || complain "leaves no results"

# As somebody else when this is root, whom nothing is forbidden.
somebody=()
if ((EUID == 0)); then
    if setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
        somebody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    fi
    chmod 755 "$work"
fi
if ((EUID != 0 || ${#somebody[@]})) && "${somebody[@]}" test -x "$dpusim" -a -r "$DPUSIM_CONFIGS/devices"; then
    case="no permission to read"
    cp small.json secret.json && chmod 000 secret.json
    refused 2 '^secret.json: may not be read \(no permission\)' "${somebody[@]}" "$dpusim" run secret.json
    sed 's/"source": "synthetic", "rate": "100Gb.s"/"source": "pcap", "file": "secret.json"/' small.json >pcap.json
    case="no permission to read a capture"
    refused 2 '^pcap.json: /streams/s/file: "secret.json" may not be read \(no permission\)' \
        "${somebody[@]}" "$dpusim" run pcap.json
    case="no permission to write"
    mkdir closed && chmod 555 closed
    refused 2 '^closed/x.part-[0-9]+: cannot be made: Permission denied' \
        "${somebody[@]}" "$dpusim" run small.json --out closed/x
    refused 2 '^closed/a: cannot be made: Permission denied' \
        "${somebody[@]}" "$dpusim" run small.json --out closed/a/b
else
    echo "permissions: skipped, nothing is forbidden to this user"
fi

case="a line feed and a bell in the name of a capture"
odd=$'a\nb\ac.pcap'
cp "$root/tests/invalid/config/capture_two_paces/ok.pcap" "$odd"
"$dpusim" trace "$odd" >out 2>err || complain "is not read"
[[ $(head -n 1 out) == 'a\u000ab\u0007c.pcap: 3 packets, '* ]] || complain "prints them"
rm "$odd"
cp small.json "$odd"
"$dpusim" check "$odd" >out 2>err || complain "is not valid"
[[ $(<out) == 'a\u000ab\u0007c.pcap: is a valid scenario' ]] || complain "prints them"
rm "$odd"

for new in "my file.json" 2nd.json $'odd\n\u20ac.name.json' .json; do
    case="new '$new'"
    "$dpusim" new "$new" >out 2>err || complain "is not written"
    (($(wc -l <out) == 1)) || complain "says more than a line"
    "$dpusim" check "$new" >out 2>err || complain "is not valid"
    rm -- "$new"
done

# ---------------------------------------------------------------- pipes

# Read once, whatever its name; only what may be read again is opened again.
packets=$root/tests/invalid/config/capture_two_paces/ok.pcap
pipe='"source": "pcap", "file": "pipe", "rate": "1Gb\/s", "start": "2us"'
mkfifo pipe
for loop in '' ', "loop": { "flows": "same", "times": 2 }'; do
    case="a capture from a pipe$loop"
    sed "s/\"source\": \"synthetic\", \"rate\": \"100Gb.s\"/$pipe$loop/" small.json >pipe.json
    cat "$packets" >pipe &
    timeout 60 "$dpusim" run pipe.json --quiet --out piped >out 2>err || complain "is not run"
    kill "$!" 2>/dev/null || :
    wait "$!" || :
    grep -q "\"scheduled\": $((${#loop} ? 6 : 3))," piped/summary.json || complain "lost packets"
    tr -d '\n' <piped/summary.json | grep -q '"inputs": { *"pipe": null *}' ||
        complain "says something of its digest"
    grep -q 'streams/s/file: "pipe" is a pipe: no SHA-256' piped/report.txt || complain "does not warn"
done

case="two streams of one pipe"
cat "$packets" >pipe &
refused 2 '^--set: /streams/t/file: "pipe" is a pipe that /streams/s/file reads already' \
    timeout 60 "$dpusim" check pipe.json \
    --set '/streams/t={"source": "pcap", "file": "pipe", "rate": "1Gb/s", "chain": "receive"}'
kill "$!" 2>/dev/null || :
wait "$!" || :
case="bad rules from standard input"
refused 2 '^--set: /dpu/blocks/acl/rules: standard input, line 1, column 1: found "foo"' \
    bash -c 'echo foo | "$0" check small.json --set "/dpu/blocks/acl={\"model\":\"acl\",\"rules\":\"-\"}"' "$dpusim"
case="no capture on standard input"
refused 2 '^dash.json: /streams/s/file: standard input: is text, not a capture' \
    bash -c 'sed "s/\"pipe\"/\"-\"/" pipe.json >dash.json; echo foo | "$0" check dash.json; s=$?; rm dash.json; exit $s' "$dpusim"
case="a --set that undoes another"
refused 2 '^dpusim: --set: of /run undoes that of /run/seed; give it first' \
    "$dpusim" check small.json --set /run/seed=2 --set '/run={"duration": "1us"}'

# ---------------------------------------------------------------- full disks

# A limit on the size of files stands for a full disk: the write comes short in the same way.
case="disk full"
refused 2 '^full/deeper.part-[0-9]+/summary.json: cannot be written: File too large' \
    bash -c 'ulimit -f 8; exec "$0" run small.json --out full/deeper' "$dpusim"
case="disk full over an earlier run"
"$dpusim" run small.json --quiet --out kept
sum=$(cat kept/* | cksum)
refused 2 'summary.json: cannot be written: File too large' \
    bash -c 'ulimit -f 8; exec "$0" run small.json --seed 2 --out kept' "$dpusim"
[[ $(cat kept/* | cksum) == "$sum" ]] || complain "the earlier results changed"
case="disk full, really"
mkdir disk
if mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null; then
    refused 2 'cannot be written: No space left on device' "$dpusim" run small.json --out disk/x
    umount disk
fi

case="disk full, a new scenario"
for _ in 1 2; do # the first leaves nothing that the second would find
    refused 2 '^new.json: cannot be written: File too large' \
        bash -c 'ulimit -f 1; exec "$0" new new.json --from quickstart' "$dpusim"
done

case="stdout is full"
if [[ -w /dev/full ]]; then
    # shellcheck disable=SC2016
    refused 2 'standard output: No space left on device' bash -c '"$0" help >/dev/full' "$dpusim"
    for how in text json; do
        "$dpusim" run small.json --out kept --format "$how" >/dev/full 2>err && complain "exit code 0"
        grep -q 'standard output: No space left on device; the results are whole, in kept' err || complain "says nothing of it"
        (($(wc -l <err) == 1)) || complain "stderr is not one line"
        [[ -s kept/summary.json ]] || complain "the results are lost"
    done
fi
case="stdout is closed"
status=0
"$dpusim" run small.json --out kept >&- 2>err || status=$?
((status == 2)) || complain "exit code $status instead of 2"
grep -q 'standard output' err || complain "says nothing of it"
grep -q '"status": "complete"' kept/summary.json || complain "the results are lost"

# ---------------------------------------------------------------- an earlier run

case="a run replaces an earlier one"
"$dpusim" run small.json --quiet --out kept --seed 5
grep -q '"seed": 5' kept/summary.json || complain "is not the later one"
[[ -z $(find . -name '*.part*' -o -name '*.old') ]] || complain "left $(find . -name '*.part*')"

# ---------------------------------------------------------------- signals

sed 's/"duration": "20us"/"duration": "1000s"/' small.json >long.json

started() { # PID: it handles signals by now
    for _ in $(seq 400); do
        # the shell in front of it may catch signals too; bit 1 of the mask: SIGINT
        if [[ $(readlink "/proc/$1/exe") -ef $dpusim ]] &&
            ((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status" 2>/dev/null || echo 0) & 2)); then
            return 0
        fi
        sleep 0.05
    done
    return 1
}

stop() { # COMMAND...: as soon as it handles signals
    local status=0 pid
    rm -rf cut
    bash -c 'trap - INT; exec "$@"' - "$dpusim" "$@" >out 2>err &
    pid=$!
    started "$pid" || complain "did not begin"
    [[ $1 == run ]] || sleep 0.1
    kill -INT "$pid"
    wait "$pid" || status=$?
    ((status == 3)) || complain "exit code $status instead of 3"
    [[ ! -s out ]] || complain "wrote to stdout"
    (($(wc -l <err) == 1)) && grep -q '^dpusim: interrupted; nothing is kept$' err || complain "says something else"
}

interrupt() { # TIMES [DELAY [SCENARIO]]
    local status=0 pid
    rm -rf cut
    # A shell without job control starts its children with SIGINT ignored.
    bash -c 'trap - INT; exec "$@"' - "$dpusim" run "${3-long.json}" --out cut >out 2>err &
    pid=$!
    started "$pid" || complain "did not begin"
    sleep 0.5 # it has been loaded
    kill -INT "$pid"
    for ((i = 1; i < $1; i++)); do
        sleep "${2-0}"
        kill -INT "$pid" 2>/dev/null || :
    done
    wait "$pid" || status=$?
    [[ -z $(find . -name '*.part*' -o -name '*.old') ]] || complain "left $(find . -name '*.part*')"
    echo "$status" >status
}

if [[ -r /proc/self/status ]]; then
    case="SIGINT"
    interrupt 1
    (($(<status) == 3)) || complain "exit code $(<status) instead of 3"
    grep -q '"status": "interrupted"' cut/summary.json || complain "is not marked"
    grep -q '"passed": true' cut/summary.json || complain "the audit did not pass"
    grep -qi 'interrupted' cut/report.txt || complain "the report does not say so"
    awk -F'[:,]' '/"measured_s"/ { exit !($2 > 0 && $2 < 900) }' cut/summary.json ||
        complain "the measured window is not cut"
    case="SIGINT twice"
    for delay in 0 0.01 0.05; do
        interrupt 2 "$delay"
        (($(<status) == 3)) || complain "exit code $(<status) instead of 3"
        [[ -s cut/report.txt ]] || complain "the echo of a signal lost the results"
    done
    # Nothing more comes from the pipe, but its writer lives.
    sed "s/\"source\": \"synthetic\", \"rate\": \"100Gb.s\"/$pipe/" long.json >pipe.json
    sed 's/, "duration": "1000s"//' pipe.json >open.json
    for scenario in pipe.json open.json; do
        case="SIGINT while $scenario waits for packets"
        { cat "$packets" && exec sleep 60; } >pipe &
        writer=$!
        interrupt 1 0 "$scenario"
        kill "$writer"
        wait "$writer" 2>/dev/null || :
        (($(<status) == 3)) || complain "exit code $(<status) instead of 3"
        grep -q '"status": "interrupted"' cut/summary.json || complain "is not marked"
        grep -q '"scheduled": 3,' cut/summary.json || complain "lost what had come"
        awk -F'[:,]' '/"measured_s"/ { exit !($2 > 0 && $2 < 0.001) }' cut/summary.json ||
            complain "the measured window is not cut"
    done
    for words in "trace pipe" "check pipe.json" "run pipe.json --out cut"; do
        case="SIGINT at once: $words"
        # shellcheck disable=SC2086
        stop $words
        [[ -z $(find . -name 'cut*') ]] || complain "left $(find . -name 'cut*')"
    done
    for writes in nobody 'exec sleep 60' "head -c 20 $packets && exec sleep 60"; do
        case="SIGINT before a first packet, from $writes"
        writer=
        [[ $writes == nobody ]] || { bash -c "$writes" >pipe & writer=$!; }
        interrupt 1 0 pipe.json
        [[ -z $writer ]] || kill "$writer"
        wait
        (($(<status) == 3)) || complain "exit code $(<status) instead of 3"
        [[ $(<err) == 'dpusim: interrupted; nothing is kept' ]] ||
            complain "says something else"
        [[ ! -e cut ]] || complain "left results"
    done
fi
exit $bad
