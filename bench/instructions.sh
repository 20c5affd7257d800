#!/bin/sh
# Counts the instructions a server executes in user space for one GET of a small cached file over keep-alive.
#
#   bench/instructions.sh [because|nginx|lighttpd]... (default: all that are there)
#   bench/instructions.sh plain limited guarded bearer both admin rules-10000   `because` with the rules of guarded.py; or: rules
#   BECAUSE=path/to/because bench/instructions.sh because
#   KEEP=folder bench/instructions.sh both   keeps what callgrind wrote, for callgrind_annotate
#
# Each server runs twice under callgrind and answers FEW, then MANY requests on one connection; the difference of the
# two totals divided by the difference of the requests leaves start-up, the first request and the stop out.
# Unlike times, the count hardly depends on the machine's load: two runs differ by less than one per cent.
# Another path or header: PATH_ASKED=/nope EXPECT=404 bench/instructions.sh; HEADER='Range: bytes=0-9' EXPECT=206 ...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
because=${BECAUSE:-$here/../target/dist/because}
load=$here/.build/load
few=${FEW:-1000} many=${MANY:-6000}
command -v valgrind >/dev/null || { echo "valgrind is not installed"; exit 1; }
[ -x "$load" ] || { echo "run bench/setup.sh first"; exit 1; }
PATH=$PATH:/usr/sbin

home=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$home"' EXIT INT TERM
chmod 755 "$home"
mkdir "$home/root"
head -c 1024 /dev/zero | tr '\0' x >"$home/root/1k.html"
touch -d yesterday "$home/root/1k.html"
port=$((20000 + $$ % 10000))

cat >"$home/nginx.conf" <<END
daemon off; master_process off; pid $home/nginx.pid; error_log $home/error.log crit;
events { worker_connections 1000; }
http {
    types { text/html html; } access_log off; log_not_found off; sendfile ${SENDFILE:-on}; tcp_nopush on; tcp_nodelay on;
    keepalive_timeout 300s; keepalive_requests 1000000000; open_file_cache max=1000 inactive=1h; open_file_cache_valid 1h;
    client_body_temp_path $home/a; proxy_temp_path $home/b; fastcgi_temp_path $home/c; uwsgi_temp_path $home/d; scgi_temp_path $home/e;
    server { listen 127.0.0.1:$port; root $home/root; }
}
END
cat >"$home/lighttpd.conf" <<END
server.document-root = "$home/root"
server.bind = "127.0.0.1"
server.port = $port
server.max-keep-alive-requests = 65535
server.max-keep-alive-idle = 300
mimetype.assign = ( ".html" => "text/html" )
END

# Asks again every two seconds: a signal that comes just before a server's epoll_wait may wait for the next event.
stop() {
    tries=0
    while kill -0 "$server" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$server/status" 2>/dev/null; do
        if [ $((tries % 20)) = 0 ]; then kill "$server" 2>/dev/null || true; fi
        tries=$((tries + 1))
        if [ $tries -gt 200 ]; then kill -KILL "$server"; echo "did not stop" >&2; exit 1; fi
        sleep 0.1
    done
    wait "$server" 2>/dev/null || true
    server=
}

# total NAME REQUESTS: prints the instructions of one whole run
total() {
    name=$1 requests=$2 field=${HEADER:-}
    case $name in
        plain | limited | guarded | bearer | both | admin | rules-10000)
            field=$(python3 "$here/guarded.py" --because "$because" config "$name" "$home" "$home/root" "$port")
            set -- "$because" serve "$home/because.toml"
            ;;
        because) set -- "$because" serve "$home/root" --listen "127.0.0.1:$port" --threads 1 --log off ;;
        nginx) set -- nginx -e "$home/error.log" -p "$home" -c "$home/nginx.conf" ;;
        lighttpd) set -- lighttpd -D -f "$home/lighttpd.conf" ;;
        *) echo "unknown server: $name" >&2; exit 2 ;;
    esac
    rm -f "$home"/callgrind.*
    valgrind --tool=callgrind --callgrind-out-file="$home/callgrind.%p" "$@" >"$home/output" 2>&1 &
    server=$!
    tries=0
    until "$load" --port "$port" --conns 1 --requests "$requests" --path "${PATH_ASKED:-/1k.html}" --expect "${EXPECT:-200}" \
        ${field:+--header "$field"} >"$home/load" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 3000 ] || ! kill -0 "$server" 2>/dev/null; then cat "$home/output" >&2; exit 1; fi
        sleep 0.1
    done
    stop
    grep -q '"errors": 0, "unexpected": 0' "$home/load" || { echo "$name: unexpected answers: $(cat "$home/load")" >&2; exit 1; }
    if [ -n "${KEEP:-}" ]; then mkdir -p "$KEEP" && cp "$home"/callgrind.* "$KEEP/$name-$requests.callgrind"; fi
    awk '/^(summary|totals):/ { if ($2 > n) n = $2 } END { print n }' "$home"/callgrind.*
}

[ $# -gt 0 ] || set -- because nginx lighttpd
if [ "$*" = rules ]; then set -- plain limited guarded bearer both admin rules-10000; fi
plain=
for name in "$@"; do
    case $name in
        nginx | lighttpd) program=$name ;;
        *) program=$because ;;
    esac
    command -v "$program" >/dev/null || { echo "$name: not installed, left out"; continue; }
    a=$(total "$name" "$few")
    b=$(total "$name" "$many")
    each=$(((b - a) / (many - few)))
    if [ "$name" = plain ]; then plain=$each; fi
    echo "$name: $each instructions per request${plain:+, $((each * 100 / plain)) % of plain}"
done
