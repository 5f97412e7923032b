#!/usr/bin/env bash
# Runs a measurement of functions beside MiniStack, which is installed below build/ from its lock
# file, started on a free port of 127.0.0.1, and ended. Where it cannot be, a line says so, and only
# Matinee is measured.
#   bench/with-ministack.sh MATINEE-BENCH [options of matinee-bench]
set -uo pipefail
cd "$(dirname "$0")/.."
place=$PWD/build/ministack
scratch=$(mktemp -d)
pid=

end_server() {
  [ -z "$pid" ] || { kill "$pid" && wait "$pid"; } 2>/dev/null
  rm -rf "$scratch"
}
trap end_server EXIT
trap 'exit 1' INT TERM

# pip is asked once for each version of the lock file.
install_ministack() {
  local lock=bench/ministack/requirements.lock
  cmp -s $lock "$place/made-from.lock" && return
  rm -rf "$place"
  python3 -m venv "$place" &&
    "$place/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r $lock &&
    cp $lock "$place/made-from.lock"
}

free_port() {
  python3 -c 'import socket
probe = socket.socket()
probe.bind(("127.0.0.1", 0))
print(probe.getsockname()[1])'
}

start_ministack() {
  local port=$1
  BIND_HOST=127.0.0.1 GATEWAY_PORT=$port LOG_LEVEL=ERROR LAMBDA_EXECUTOR=local IOT_MTLS_ENABLED=0 \
    TMPDIR=$scratch STATE_DIR=$scratch/state S3_DATA_DIR=$scratch/s3 AWS_DEFAULT_REGION=us-east-1 \
    "$place/bin/ministack" >"$scratch/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 "$scratch/log" >&2
  return 1
}

beside=()
if ! install_ministack; then
  echo 'skipped: MiniStack could not be installed'
else
  port=$(free_port)
  if start_ministack "$port"; then
    beside=(--ministack "$port" --ministack-process "$pid")
  else
    echo 'skipped: MiniStack did not start'
  fi
fi
"$@" "${beside[@]}"
