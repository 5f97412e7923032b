#!/usr/bin/env bash
# Everything that `make test` runs, in the order in which a failure is cheapest. Each runner prints
# its own closing lines. All parts run; the exit code is 1 if any of them failed.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()
part() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  local started=$SECONDS
  "$@" || failed+=("$name")
  printf '== %s: %d s\n' "$name" $((SECONDS - started))
}
jobs=$(nproc)
part 'format' tools/check-format.sh
part 'build the C++ tests' tools/build.sh dev
part 'C++ tests' ctest --test-dir build/dev --output-on-failure -j "$jobs"
part 'clients, crash test and structure' tools/run-client-tests.sh
part 'build with sanitizers' tools/build.sh asan
part 'C++ tests with AddressSanitizer and UndefinedBehaviorSanitizer' \
  ctest --test-dir build/asan --output-on-failure -j "$jobs"
if [ ${#failed[@]} -gt 0 ]; then
  printf '\nFAILED: %s\n' "${failed[@]}"
  exit 1
fi
printf '\nAll parts passed.\n'
