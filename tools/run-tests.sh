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
# Registries take minutes to answer in which no processor is needed: they are asked while the C++
# tests are built. What fails here is told where it is needed.
mkdir -p build
{ tools/prepare-python.sh; tools/prepare-tools.sh; } >build/prepare.log 2>&1 &
preparing=$!
part 'format' tools/check-format.sh
# The C++ tests run once, with the sanitizers: what holds there holds without them too.
part 'build the C++ tests, with sanitizers' tools/build.sh asan
# What an earlier build has left there says nothing of these sources.
run_cpp_tests() {
  if printf '%s\n' "${failed[@]}" | grep -q '^build'; then
    echo 'not run: they could not be built'
    return 1
  fi
  ctest "$@"
}
part 'C++ tests with AddressSanitizer and UndefinedBehaviorSanitizer' \
  run_cpp_tests --test-dir build/asan --output-on-failure -j "$jobs"
wait "$preparing"
part 'clients, crash test and structure' tools/run-client-tests.sh
if [ ${#failed[@]} -gt 0 ]; then
  printf '\nFAILED: %s\n' "${failed[@]}"
  exit 1
fi
printf '\nAll parts passed.\n'
