#!/usr/bin/env bash
# Installs the tools that tests/tools deploys with, from their lock files, below build/tools: sam
# (PyPI), cdk and serverless (npm). One that cannot be installed is told of; its tests are skipped.
set -uo pipefail
cd "$(dirname "$0")/.."

# is_made DIRECTORY LOCK
is_made() { cmp -s "$2" "$1/made-from.lock"; }

# The lock names all there is to install, so pip need not look for more: of what is asked for with
# extras it would take the newest, see that no hash of that is locked, and give up.
install_sam() {
  local lock=tests/tools/sam/requirements.lock place=build/tools/sam
  is_made "$place" "$lock" && return
  rm -rf "$place"
  python3 -m venv "$place" &&
    "$place/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
      -r "$lock" &&
    cp "$lock" "$place/made-from.lock"
}

# install_npm NAME: their scripts only ask for money, or a newer version.
install_npm() {
  local from=tests/tools/$1 place=build/tools/$1
  is_made "$place" "$from/package-lock.json" && return
  rm -rf "$place"
  mkdir -p "$place"
  cp "$from/package.json" "$from/package-lock.json" "$place"
  (cd "$place" && npm ci --silent --no-audit --no-fund --ignore-scripts) &&
    cp "$from/package-lock.json" "$place/made-from.lock"
}

node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]
}

mkdir -p build/tools
if ! install_sam; then
  rm -rf build/tools/sam
  echo 'The tool sam could not be installed from PyPI.'
fi
if ! node_is_new_enough; then
  echo "cdk and serverless are not installed: they need Node.js 20, here is" \
    "$(node --version 2>/dev/null || echo none)"
else
  for tool in cdk serverless; do
    install_npm "$tool" && continue
    rm -rf "build/tools/$tool"
    echo "The tool $tool could not be installed from npm."
  done
fi
exit 0
