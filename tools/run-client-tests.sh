#!/usr/bin/env bash
# The tests with clients nobody here wrote, the loaders of functions beside those of AWS, templates
# beside AWS's translator, functions in C++, the rules of the tree, and a short crash test, against
# build/release/src/matinee (or $MATINEE_BINARY). Each runner prints its own closing lines.
#   KILLS=10 WORKERS=2 tools/run-client-tests.sh
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export MATINEE_BINARY=${MATINEE_BINARY:-$root/build/release/src/matinee}
failed=0

# prepare_javascript DIRECTORY [OPTION of npm ci ...]
prepare_javascript() {
  local directory=$1
  cmp -s "$directory/package-lock.json" "$directory/node_modules/made-from.json" && return
  (cd "$directory" && npm ci --silent --no-audit --no-fund "${@:2}") &&
    cp "$directory/package-lock.json" "$directory/node_modules/made-from.json"
}

# Maven asks the registry nothing once the tests have run with this pom.
test_java() {
  local pom=$PWD/tests/clients/java/pom.xml made_from=$PWD/build/clients/java/made-from.xml
  local offline=()
  cmp -s "$pom" "$made_from" && offline=(--offline)
  mvn --batch-mode --no-transfer-progress "${offline[@]}" -Dstyle.color=never --quiet \
    --file "$pom" test || return 1
  cat build/clients/java/surefire-reports/*.txt
  cp "$pom" "$made_from"
}

java_is_new_enough() {
  command -v java >/dev/null && command -v mvn >/dev/null &&
    [ "$(java -XshowSettings:properties -version 2>&1 |
      sed -n 's/.*java.specification.version = \([0-9]*\).*/\1/p')" -ge 17 ]
}

go_is_new_enough() {
  command -v go >/dev/null &&
    [ "$(GOTOOLCHAIN=local go env GOVERSION | sed 's/go1\.\([0-9]*\).*/\1/')" -ge 24 ]
}

rust_is_new_enough() {
  command -v cargo >/dev/null &&
    [ "$(cargo --version | sed 's/cargo 1\.\([0-9]*\).*/\1/')" -ge 94 ]
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

tools/prepare-python.sh || { echo 'The Python environment could not be made.' >&2; exit 1; }
# Several tests deploy them.
tools/build.sh release functions || { echo 'The functions in C++ could not be built.' >&2; exit 1; }

echo '-- structure'
.venv/bin/pytest -q -p no:cacheprovider tests/structure || failed=1
echo '-- boto3, the aws command, the movie job'
# Two files at a time, each worker with a server of its own. What needs ports that are fixed, or
# looks at what a busy machine does, comes alone afterwards.
alone=(test_crowded.py test_hostile_functions.py test_hostile_subscribers.py test_sqs_waiting.py
  test_tutorial.py test_up_for_programs.py)
.venv/bin/pytest -q -n "${WORKERS:-2}" --dist loadfile --no-loadscope-reorder tests/clients \
  "${alone[@]/#/--ignore=tests/clients/}" || failed=1
.venv/bin/pytest -q "${alone[@]/#/tests/clients/}" || failed=1
echo '-- loaders of functions, and the clients of AWS that do the same'
if ! node_is_new_enough; then
  echo "skipped for Node.js, which must be 20: $(node --version 2>/dev/null || echo none)"
  .venv/bin/pytest -q tests/runtimes/test_python.py || failed=1
elif prepare_javascript tests/runtimes/javascript --ignore-scripts; then
  .venv/bin/pytest -q tests/runtimes || failed=1
else
  echo 'The JavaScript packages could not be installed.' >&2
  failed=1
fi
echo '-- templates of SAM, and the translator of AWS'
tools/build.sh release transform_sam && .venv/bin/pytest -q tests/templates || failed=1
echo '-- functions in C++, and the stand-in for OMDb'
.venv/bin/pytest -q tests/functions || failed=1
echo '-- deploy tools: sam, the aws command, cdk, serverless'
tools/prepare-tools.sh
# They wait more than they work.
.venv/bin/pytest -q -n 3 --dist loadfile tests/tools || failed=1
echo '-- AWS SDK for JavaScript'
if ! node_is_new_enough; then
  echo "skipped: the SDK needs node 20, here is $(node --version 2>/dev/null || echo none)"
elif prepare_javascript tests/clients/javascript; then
  (cd tests/clients/javascript && NODE_NO_WARNINGS=1 node --test --test-reporter=spec) ||
    failed=1
else
  echo 'The JavaScript packages could not be installed.' >&2
  failed=1
fi
echo '-- web console, in Chromium'
if ! node_is_new_enough || ! command -v chromium >/dev/null; then
  echo 'skipped: it needs node 20 and chromium'
elif prepare_javascript tests/console --ignore-scripts; then
  (cd tests/console && node --test --test-reporter=spec) || failed=1
else
  echo 'The JavaScript packages could not be installed.' >&2
  failed=1
fi
echo '-- AWS SDK for Java'
if ! java_is_new_enough; then
  echo 'skipped: the SDK needs Maven and a JDK 17'
else
  test_java || failed=1
fi
echo '-- AWS SDK for Go'
if ! go_is_new_enough; then
  echo "skipped: the SDK needs Go 1.24, here is $(go version 2>/dev/null || echo none)"
else
  (cd tests/clients/go && GOTOOLCHAIN=local GOFLAGS=-mod=readonly go test -count=1 -v .) || failed=1
fi
echo '-- AWS SDK for Rust'
if ! rust_is_new_enough; then
  echo "skipped: the SDK needs Rust 1.94, here is $(cargo --version 2>/dev/null || echo none)"
else
  (cd tests/clients/rust && cargo test --locked --quiet) || failed=1
fi
echo '-- crash test'
python3 tests/crash/crash.py --kills "${KILLS:-10}" --binary "$MATINEE_BINARY" || failed=1
echo '-- crash test of functions'
python3 tests/crash/functions_crash.py --kills "${KILLS:-10}" --binary "$MATINEE_BINARY" || failed=1
echo '-- crash test of stacks'
python3 tests/crash/stacks_crash.py --kills "${KILLS:-10}" --binary "$MATINEE_BINARY" || failed=1
echo '-- test of the crash test'
python3 tests/crash/test_of_the_test.py --binary "$MATINEE_BINARY" || failed=1
exit $failed
