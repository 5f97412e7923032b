#!/usr/bin/env bash
# The same loads on matinee and on others, one after the other on this machine, as ratios: SQS on
# moto's server and ElasticMQ, DynamoDB on moto's server and dynalite, S3 on nginx, moto's server
# and s3rver. Starts all of them on free ports of 127.0.0.1 and ends them. One whose parts are
# missing is left out with a line that says so.
#   bench/compare.sh [MATINEE [MATINEE-BENCH [options of matinee-bench]]]
set -uo pipefail
cd "$(dirname "$0")/.."
matinee=${1:-build/release/src/matinee}
bench=${2:-build/release/bench/matinee-bench}
shift $(($# < 2 ? $# : 2))
class_path_file=$PWD/build/elasticmq/class-path
scratch=$(mktemp -d)
pids=()
servers=()

end_servers() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
  wait
  rm -rf "$scratch"
}
trap end_servers EXIT
trap 'exit 1' INT TERM

free_port() {
  python3 -c 'import socket
probe = socket.socket()
probe.bind(("127.0.0.1", 0))
print(probe.getsockname()[1])'
}

answers() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# start NAME PORT COMMAND...: in the background; waits until the port answers.
start() {
  local name=$1 port=$2
  shift 2
  "$@" >"$scratch/$name.log" 2>&1 &
  local pid=$!
  pids+=("$pid")
  for _ in $(seq 600); do
    if answers "$port"; then
      servers+=("$name=http://127.0.0.1:$port")
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "$name did not start:" >&2
  tail -n 5 "$scratch/$name.log" >&2
  return 1
}

# Maven is asked once for each version in the pom.
resolve_elasticmq() {
  [ "$class_path_file" -nt bench/elasticmq/pom.xml ] && return
  mkdir -p "$(dirname "$class_path_file")"
  mvn --batch-mode --no-transfer-progress --quiet --file bench/elasticmq/pom.xml \
    dependency:build-classpath "-Dmdep.outputFile=$class_path_file"
}

start_elasticmq() {
  if ! command -v java >/dev/null || ! command -v mvn >/dev/null; then
    echo 'skipped: ElasticMQ needs Java and Maven'
  elif resolve_elasticmq; then
    local port
    port=$(free_port)
    start elasticmq "$port" java -Drest-sqs.bind-hostname=127.0.0.1 "-Drest-sqs.bind-port=$port" \
      -Dnode-address.host=127.0.0.1 "-Dnode-address.port=$port" -Drest-stats.enabled=false \
      -cp "$(cat "$class_path_file")" org.elasticmq.server.Main
  else
    echo 'skipped: ElasticMQ could not be fetched'
  fi
}

start_moto() {
  if [ -x .venv/bin/moto_server ]; then
    local port
    port=$(free_port)
    start moto "$port" .venv/bin/moto_server --host 127.0.0.1 --port "$port"
  else
    echo 'skipped: moto is not installed; tools/prepare-python.sh installs it'
  fi
}

# resolve_npm NAME: npm is asked once for each version of the lock file of bench/NAME.
resolve_npm() {
  local from=bench/$1 place=build/$1
  cmp -s "$from/package-lock.json" "$place/node_modules/made-from.json" && return
  rm -rf "$place"
  mkdir -p "$place"
  cp "$from/package.json" "$from/package-lock.json" "$from/start.js" "$place"
  (cd "$place" && npm ci --silent --no-audit --no-fund) &&
    cp "$place/package-lock.json" "$place/node_modules/made-from.json"
}

# start_npm NAME [ARGUMENT...]: the program of bench/NAME, which gets its port first.
start_npm() {
  local name=$1 port
  shift
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: $name needs node and npm"
  elif resolve_npm "$name"; then
    port=$(free_port)
    start "$name" "$port" node "build/$name/start.js" "$port" "$@"
  else
    echo "skipped: $name could not be fetched"
  fi
}

start_nginx() {
  local program port place=$scratch/nginx
  program=$(PATH=$PATH:/usr/sbin command -v nginx)
  if [ -z "$program" ]; then
    echo 'skipped: nginx is not installed (apt-get install nginx)'
    return
  fi
  port=$(free_port)
  mkdir -p "$place/files"
  # Its workers are not root, and the directories would be closed to them.
  chmod 711 "$scratch"
  chmod 777 "$place" "$place/files"
  sed "s|@DIRECTORY@|$place|; s|@PORT@|$port|" bench/nginx.conf >"$place/nginx.conf"
  start nginx "$port" "$program" -c "$place/nginx.conf" -e "$place/start.log"
}

# The first server is what the others are compared with.
start_matinee() {
  local port
  port=$(free_port)
  start matinee "$port" "$matinee" up --port "$port" --data "$scratch/data" || exit 1
}

# The next comparison has servers of its own: what the last one left would slow them.
end_comparison() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
  wait
  pids=()
  servers=()
  rm -rf "${scratch:?}"/*
}

start_matinee
start_moto
start_elasticmq
# A virtual machine needs a while to be as fast as it gets.
"$bench" compare "${servers[@]}" --warm-up 3 --seconds 4 "$@"
failed=$?
end_comparison

start_matinee
start_moto
mkdir "$scratch/dynalite"
start_npm dynalite "$scratch/dynalite"
"$bench" compare --service dynamodb "${servers[@]}" --warm-up 1 --seconds 3 "$@" || failed=1
end_comparison

start_matinee
start_nginx
start_moto
mkdir "$scratch/s3rver"
start_npm s3rver "$scratch/s3rver"
"$bench" compare --service s3 "${servers[@]}" --warm-up 1 --seconds 3 "$@" && exit $failed
