#!/usr/bin/env bash
# Installs the Debian packages that are needed and missing, by apt; with sudo unless run as root.
#   tools/install-packages.sh demo    to build and run the program
#   tools/install-packages.sh test    also to run every test
set -euo pipefail

to_build=(clang-19 lld-19 llvm-19 libclang-rt-19-dev cmake ninja-build ccache python3
  libboost1.81-dev librocksdb-dev libsnappy-dev liblz4-dev libzstd-dev libbz2-dev zlib1g-dev
  libgflags-dev libsimdjson-dev libpugixml-dev libfmt-dev libcli11-dev libspdlog-dev
  libssl-dev libcurl4-openssl-dev libxxhash-dev libminizip-dev libyaml-dev)
to_test=(clang-format-19 libgtest-dev libgmock-dev python3-venv git s3cmd rclone chromium
  chromium-driver libamazon-sqs-simple-perl awscli)

case "${1:-demo}" in
  demo) packages=("${to_build[@]}") ;;
  test) packages=("${to_build[@]}" "${to_test[@]}") ;;
  *) echo "usage: $0 [demo|test]" >&2; exit 2 ;;
esac

# The tests with the JavaScript SDK need node 20; an older one is not replaced, they are skipped.
if [ "${1:-demo}" = test ] && ! command -v node >/dev/null; then
  packages+=(nodejs npm)
fi

is_installed() {
  [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=()
for package in "${packages[@]}"; do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "These packages are missing, and neither root nor sudo is here to install them:" >&2
    echo "  ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run_quietly() {
  "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
echo "Installing ${#missing[@]} packages: ${missing[*]}"
run_quietly "${as_root[@]}" apt-get update -qq
run_quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
