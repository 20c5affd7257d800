# Sourced by the scripts beside it: a folder of their own in `home`, and the program on it, unless URL tells a server that runs.
# Whoever has more to take away at the end sets `away` to a command.

home=$(mktemp -d)
chmod 755 "$home"
server= away=

# Ends what was started here, by its own number, and takes the folder away.
finish() {
    [ -z "$away" ] || $away
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        for _ in $(seq 50); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM

# serve BINARY [ARGUMENT...]: starts the program on $home/share and a free port; sets URL.
serve() {
    binary=$1
    shift
    mkdir "$home/share"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$binary" serve "$home/share" --write --listen "127.0.0.1:$port" --log off "$@" >"$home/server" 2>&1 &
    server=$!
    tries=0
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
            echo "the server did not start; it said:" >&2
            cat "$home/server" >&2
            exit 1
        fi
        sleep 0.05
    done
    URL=http://127.0.0.1:$port/
}
