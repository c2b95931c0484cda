# A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, on a Unix socket only.
# Sourced by tests/run; sets postgres_url, and postgres_stop to end it.

postgres_bin() {
  local found
  for found in "$(command -v initdb 2>/dev/null || true)" /usr/lib/postgresql/*/bin/initdb; do
    if [ -x "$found" ]; then dirname "$(readlink -f "$found")"; return; fi
  done
}

postgres_start() {
  local folder=$1/postgres bin
  bin=$(postgres_bin)
  if [ -z "$bin" ]; then
    need initdb-is-missing postgresql
    bin=$(postgres_bin)
  fi
  mkdir -p "$folder"
  chmod 755 "$1"
  local run=()
  # initdb refuses root: drop to an unprivileged user.
  if [ "$(id -u)" = 0 ]; then
    id recoup-tests >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin recoup-tests
    chown recoup-tests "$folder"
    run=(setpriv --reuid=recoup-tests --regid="$(id -g recoup-tests)" --clear-groups)
  fi
  "${run[@]}" "$bin/initdb" --pgdata="$folder/data" --username=recoup --auth=trust --encoding=UTF8 --no-locale >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log"; return 1; }
  postgres_run=("${run[@]}")
  postgres_up "$1"
  postgres_ctl=("$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate stop)
  postgres_stop=postgres_end
  postgres_url="postgres://recoup@localhost/postgres?host=$folder"
}

# postgres_up FOLDER: starts a cluster that was stopped, or killed.
postgres_up() {
  local folder=$1/postgres bin
  bin=$(postgres_bin)
  if [ "$(id -u)" = 0 ]; then
    postgres_run=(setpriv --reuid=recoup-tests --regid="$(id -g recoup-tests)" --clear-groups)
  fi
  "${postgres_run[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait start \
    -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=300" >/dev/null ||
    { cat "$folder/log"; return 1; }
}

postgres_end() { "${postgres_run[@]}" "${postgres_ctl[@]}" >/dev/null 2>&1 || true; }
