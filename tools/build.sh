#!/usr/bin/env bash
# Configures one of the presets of CMakePresets.json if need be, and builds it. A terminal shows one
# line that moves; a log gets a line every ten seconds, and what compilers say.
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
build=(ninja -C "build/$preset" "$@")
# Without this, "no work to do" would be said at each step of a make.
if "${build[@]}" -n | tail -n 1 | grep -q 'no work to do'; then exit 0; fi

if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
  NINJA_STATUS='Building, %f of %t done, %es: ' exec "${build[@]}"
fi

# Passes on what is not progress, and progress now and then.
now_and_then() {
  local line last=$SECONDS
  while IFS= read -r line; do
    case $line in
      'progress '*)
        if [ $((SECONDS - last)) -ge 10 ]; then
          last=$SECONDS
          line=${line#progress }
          echo "Building $preset: ${line%% steps*} steps done"
        fi
        ;;
      'ninja: Entering directory'* | '-- '*) ;;  # nor CMake's
      *) printf '%s\n' "$line" ;;
    esac
  done
}
NINJA_STATUS='progress %f of %t steps ' "${build[@]}" | now_and_then
