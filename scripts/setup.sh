# What scripts/demo and scripts/check have in common: the packages and the build. Sourced by both.
# Each step is skipped when its result is there already.

# Debian 12's names, all of them here. Needed to build:
packages_build=(gcc libc6-dev binutils meson ninja-build pkg-config libzstd-dev libdw-dev libelf-dev libjansson-dev libiberty-dev libunwind-dev
        libprotobuf-c-dev protobuf-c-compiler zlib1g-dev)
# ... to trace something real:
packages_demo=(python3)
# ... to run the tests:
packages_test=(g++ gcc-multilib clang libclang-rt-dev llvm libcriterion-dev man-db clang-format sqlite3 jq python3 heaptrack zstd valgrind make
        libjemalloc-dev libjemalloc2 libtcmalloc-minimal4 libmimalloc2.0 fakeroot faketime eatmydata
        stress-ng redis-tools luajit perl git python3.11 libpython3.11-testsuite python3-memory-profiler
        chromium fonts-dejavu-core librsvg2-bin libxml2-utils python3-jsonschema cmake python3-yaml
        golang-go postgresql graphviz)
# ... to measure, alone and beside heaptrack:
packages_bench=(sqlite3 jq python3)
packages_compare=(heaptrack zstd)

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() {
        printf '\n==> %s\n' "$*"
}

# install_missing PACKAGE...: apt-get, for what dpkg does not know as installed.
install_missing() {
        local package missing=() as_root=()
        if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
                echo "This is not Debian: the packages needed are taken to be there ($*)." >&2
                return
        fi
        for package; do
                [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
        done
        ((${#missing[@]})) || return 0
        step "Installing ${missing[*]}"
        if ((EUID)); then
                command -v sudo >/dev/null || { echo "Run as root, please: apt-get install ${missing[*]}" >&2; exit 1; }
                as_root=(sudo)
        fi
        "${as_root[@]}" apt-get update
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" </dev/null
}

# build DIRECTORY MESON_OPTION...: configures once, then builds what changed. The demo sets up build/ without
# the tests; the first check after it adds them.
build() {
        local directory=$1
        shift
        step "Building in $directory/"
        if [[ ! -f $directory/build.ninja ]]; then
                meson setup "$directory" "$@"
        elif [[ $* == *-Dtests=true* ]] && grep -q '"name": "tests", "value": false' "$directory/meson-info/intro-buildoptions.json"; then
                meson configure "$directory" -Dtests=true
        fi
        ninja -C "$directory"
}
