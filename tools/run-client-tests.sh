#!/usr/bin/env bash
# The tests with clients nobody here wrote, the rules of the tree, and a short crash test, against
# build/release/src/matinee (or $MATINEE_BINARY). Each runner prints its own closing lines.
#   KILLS=10 tools/run-client-tests.sh
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export MATINEE_BINARY=${MATINEE_BINARY:-$root/build/release/src/matinee}
failed=0

# The environment is made anew when its lock file changes.
prepare_python() {
  local lock=tests/clients/requirements.lock
  cmp -s "$lock" .venv/made-from.lock && return
  rm -rf .venv
  python3 -m venv .venv &&
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" &&
    cp "$lock" .venv/made-from.lock
}

prepare_javascript() {
  local directory=tests/clients/javascript
  cmp -s $directory/package-lock.json $directory/node_modules/made-from.json && return
  (cd $directory && npm ci --silent --no-audit --no-fund) &&
    cp $directory/package-lock.json $directory/node_modules/made-from.json
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

prepare_python || { echo 'The Python environment could not be made.' >&2; exit 1; }

echo '-- structure'
.venv/bin/pytest -q -p no:cacheprovider tests/structure || failed=1
echo '-- boto3, the aws command, the movie job'
.venv/bin/pytest -q tests/clients || failed=1
echo '-- AWS SDK for JavaScript'
if ! node_is_new_enough; then
  echo "skipped: the SDK needs node 20, here is $(node --version 2>/dev/null || echo none)"
elif prepare_javascript; then
  (cd tests/clients/javascript && NODE_NO_WARNINGS=1 node --test --test-reporter=spec) ||
    failed=1
else
  echo 'The JavaScript packages could not be installed.' >&2
  failed=1
fi
echo '-- crash test'
python3 tests/crash/crash.py --kills "${KILLS:-10}" --binary "$MATINEE_BINARY" || failed=1
exit $failed
