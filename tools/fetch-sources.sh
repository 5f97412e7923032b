#!/usr/bin/env bash
# Fetches the sources of those libraries of which Debian has no static archive, by apt, in the
# version of the installed headers, into build/sources/. They are compiled with the program, so that
# it needs nothing but glibc where it runs. Changes nothing outside of build/, and needs no root.
set -euo pipefail
cd "$(dirname "$0")/.."
sources=$PWD/build/sources
# Debian's source package, and the binary package whose headers are installed.
wanted=(simdjson:libsimdjson-dev fmtlib:libfmt-dev spdlog:libspdlog-dev)

version_of() { dpkg-query --show --showformat '${source:Version}' "$1"; }

missing=()
for pair in "${wanted[@]}"; do
  name=${pair%%:*} version=$(version_of "${pair#*:}")
  [ "$(cat "$sources/$name/version" 2>/dev/null)" = "$version" ] || missing+=("$name=$version")
done
[ ${#missing[@]} -gt 0 ] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/lists/partial" "$work/archives/partial"
# The machine's own sources of packages, asked for sources instead of binaries.
for file in /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] && sed 's/^Types: .*/Types: deb-src/' "$file" >"$work/parts/$(basename "$file")"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -f "$file" ] && sed -n 's/^deb /deb-src /p' "$file" >"$work/parts/$(basename "$file").list"
done
ask_apt() {
  apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/parts" \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User= "$@" \
    >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
ask_apt update
(cd "$work" && ask_apt source --download-only "${missing[@]}")
for package in "${missing[@]}"; do
  name=${package%%=*}
  rm -rf "${sources:?}/$name"
  mkdir -p "$sources/$name"
  tar --extract --file "$work/$name"_*.orig.tar.* --directory "$sources/$name" --strip-components 1
  echo "${package#*=}" >"$sources/$name/version"
done
