#!/usr/bin/env bash
# Configures one of the presets of CMakePresets.json if need be, and builds it.
#   tools/build.sh PRESET [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
log=build/$preset.log
mkdir -p build
tools/fetch-sources.sh
if [ ! -f "build/$preset/build.ninja" ]; then
  cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
fi
exec ninja -C "build/$preset" --quiet "$@"
