#!/usr/bin/env bash
# Makes .venv, the Python environment of the client tests and of the servers that the bench compares
# with, from its lock file; anew when that has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=tests/clients/requirements.lock
cmp -s "$lock" .venv/made-from.lock && exit
rm -rf .venv
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
cp "$lock" .venv/made-from.lock
