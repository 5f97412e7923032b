#!/usr/bin/env bash
# Exit code 1, naming the files, if clang-format would change any C++ source.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files 'src/*.h' 'src/*.cpp' 'functions/*.h' 'functions/*.cpp' 'tests/*.h' 'tests/*.cpp' \
  'bench/*.h' 'bench/*.cpp' 'tools/*.h' 'tools/*.cpp' | xargs clang-format-19 --dry-run --Werror
echo 'All C++ sources are formatted.'
