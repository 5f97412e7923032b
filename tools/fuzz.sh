#!/usr/bin/env bash
# Runs every libFuzzer target of build/fuzz for the given seconds, from its seed corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
found=0
for target in build/fuzz/tests/fuzz/fuzz_*; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=$(basename "$target")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=tests/fuzz/seeds/${name#fuzz_}
  printf '%s: ' "$name"
  if "$target" "$corpus" $([ -d "$seeds" ] && echo "$seeds") -max_total_time="$seconds" \
    -timeout=10 -rss_limit_mb=2048 -artifact_prefix="build/fuzz/$name-" \
    >"build/fuzz/$name.log" 2>&1; then
    grep -E '^Done' "build/fuzz/$name.log" || tail -n 1 "build/fuzz/$name.log"
  else
    echo "FAILED, see build/fuzz/$name.log"
    tail -n 30 "build/fuzz/$name.log"
    exit 1
  fi
  found=$((found + 1))
done
[ "$found" -gt 0 ] || { echo 'no fuzz targets were built' >&2; exit 1; }
echo "$found fuzz targets ran $seconds s each without a finding."
