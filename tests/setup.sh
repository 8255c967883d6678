#!/usr/bin/env bash
# The launcher, with stand-ins for cmake and apt-get: what it calls, when, and what it says where.
set -euo pipefail
: "${SOURCE_DIR:=$(cd -- "$(dirname -- "$0")/.." && pwd)}"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
bad=0
check() { # WHAT EXPECTED FOUND
    [[ $2 == "$3" ]] && return
    printf '%s: expected "%s", found "%s"\n' "$1" "$2" "$3"
    bad=1
}

# A checkout in a path with a blank, reached through a symlink from elsewhere.
root="$work/my files/dpusim"
mkdir -p "$root"/{sim,models,workloads} "$work/bin" "$work/bare" "$work/elsewhere"
cp "$SOURCE_DIR/dpusim" "$root/dpusim"
echo '{}' >"$root/CMakePresets.json"
touch "$root/CMakeLists.txt" "$root/models/a.c"
ln -s "$root/dpusim" "$work/link"
cd "$work/elsewhere"

cat >"$work/bin/cmake" <<'STUB'
#!/bin/sh
echo "$*" >>"$CALLS"
echo "cmake prints this"
[ ! -e "$CALLS.fail" ] || { echo "a.c:1:1: error: this is wrong"; exit 1; }
if [ "$1" = --build ]; then
    printf '#!/bin/sh\necho "ran $*"\nexit 3\n' >"$2/dpusim"
    chmod +x "$2/dpusim"
else
    mkdir -p "$2/build/release"
    touch "$2/build/release/build.ninja"
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$2" >"$2/build/release/CMakeCache.txt"
fi
STUB
for tool in pkg-config ninja cc; do
    printf '#!/bin/sh\nexit 0\n' >"$work/bin/$tool"
done
chmod +x "$work"/bin/*
export CALLS=$work/calls
touch "$CALLS"
launch() { # ARG...: status, out, err and number of cmake calls
    local before
    before=$(wc -l <"$CALLS")
    status=0
    PATH=$work/bin:$PATH "$work/link" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    out=$(<"$work/out") err=$(<"$work/err")
    calls=$(($(wc -l <"$CALLS") - before))
}

launch --help
check "help of what is not built yet, cmake calls" 0 "$calls"
launch run "a b.json" --format json
check "first run, exit code of the program" 3 "$status"
check "first run, stdout is the program's" "ran run a b.json --format json" "$out"
check "first run, configures and builds" 2 "$calls"
launch list
check "second run" "ran list" "$out"
check "second run, nothing on stderr" "" "$err"
check "second run, cmake is not called" 0 "$calls"
touch -d '+2 seconds' "$root/models/a.c"
launch list
check "after a change, builds" 1 "$calls"
touch -d '-1 hour' "$root/models/a.c"
mv "$work/my files" "$work/moved"
ln -sf "$work/moved/dpusim/dpusim" "$work/link"
launch list
check "after a move, configures and builds" 2 "$calls"
check "after a move" "ran list" "$out"
root=$work/moved/dpusim

touch "$CALLS.fail" "$root/models/a.c"
touch -d '+2 seconds' "$root/models/a.c"
launch list
check "failed build, exit code" 70 "$status"
check "failed build, stdout" "" "$out"
[[ $err == *"error: this is wrong"* ]] || check "failed build, stderr" "the compiler's error" "$err"
rm "$CALLS.fail"

# A machine with nothing: bash and coreutils only.
for tool in bash sh env dirname readlink find mkdir rm mv id tail grep tee; do
    ln -s "$(command -v "$tool")" "$work/bare/$tool"
done
cat >"$work/bare/apt-get" <<'STUB'
#!/bin/sh
echo called >>"$CALLS.apt"
STUB
chmod +x "$work/bare/apt-get"
for args in setup "setup --test" run test; do
    status=0
    # shellcheck disable=SC2086 # two words on purpose
    PATH=$work/bare DPUSIM_NO_INSTALL=1 "$work/link" $args >"$work/out" 2>"$work/err" </dev/null ||
        status=$?
    check "$args without packages, exit code" 2 "$status"
    check "$args without packages, stdout" "" "$(<"$work/out")"
    check "$args without packages, the line that installs" 1 \
        "$(grep -c 'apt-get install -y .*cmake' "$work/err")"
done
check "DPUSIM_NO_INSTALL=1 never installs" no "$([[ -e $CALLS.apt ]] && echo yes || echo no)"
launch setup --tset
check "unknown option of setup" 2 "$status"
launch test debug
check "unknown preset" 2 "$status"

if grep -nE '^[a-z0-9-]*(chromium|firefox|npm|nodejs|qemu|slurm|dpdk)' "$root/dpusim"; then
    echo "the launcher must not install these"
    bad=1
fi
if command -v shellcheck >/dev/null; then
    shellcheck "$SOURCE_DIR"/dpusim "$SOURCE_DIR"/.ci/run "$SOURCE_DIR"/tests/*.sh || bad=1
fi
exit $bad
