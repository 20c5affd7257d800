#!/usr/bin/env bash
# What the program does where the disk says no: no room, no inodes, a quota, a read-only mount, a name that is too long.
#
#   tests/full_disk.sh target/release/because [ARGUMENT...]      more arguments go to the program
#
# Needs root, for a small tmpfs in a mount namespace of its own; says SKIPPED and ends with 0 where that is not permitted.
# Prints a line for each check. No answer may be 500, and no content may be lost.
set -euo pipefail

[ $# -gt 0 ] || { sed -n '4s/^# *//p' "$0" >&2; exit 2; }
command -v curl >/dev/null || { echo "curl is not installed" >&2; exit 2; }
if [ -z "${FULL_DISK_INSIDE:-}" ]; then
    # Mounts made in a namespace go with it, whatever happens to this script.
    if ! unshare --mount true 2>/dev/null; then
        echo "full disk: SKIPPED: a mount namespace needs root"
        exit 0
    fi
    FULL_DISK_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi

binary=$1
shift
arguments=("$@")
home=$(mktemp -d)
chmod 755 "$home"
share=$home/share
server= checks=0 failed=0

stop() {
    [ -n "$server" ] || return 0
    kill "$server" 2>/dev/null || true
    for _ in $(seq 100); do kill -0 "$server" 2>/dev/null || break; sleep 0.05; done
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
finish() {
    stop
    for mounted in "$share/readonly" "$share"; do
        umount "$mounted" 2>/dev/null || umount -l "$mounted" 2>/dev/null || true
    done
    rm -rf "$home"
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir "$share"
if ! mount -t tmpfs -o size=24m,nr_inodes=300,mode=755 full-disk "$share" 2>"$home/mount"; then
    echo "full disk: SKIPPED: no tmpfs can be mounted here: $(cat "$home/mount")"
    exit 0
fi

# start [ARGUMENT...]: the program on the share; 1 if it ends instead of listening.
start() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$binary" serve "$share" --write --listen "127.0.0.1:$port" --log off ${arguments[@]+"${arguments[@]}"} "$@" >"$home/server" 2>&1 &
    server=$!
    for _ in $(seq 200); do
        kill -0 "$server" 2>/dev/null || break
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return 0; fi
        sleep 0.05
    done
    stop
    return 1
}
must_start() {
    start "$@" || { echo "the server did not start; it said:"; cat "$home/server"; exit 1; }
}

# ask METHOD PATH [CURL ARGUMENT...]: the status in $code, the content in $home/answer.
ask() {
    local method=$1 path=$2
    shift 2
    : >"$home/answer"
    code=$(curl -s -o "$home/answer" -w '%{http_code}' --max-time 20 -X "$method" -H 'Expect:' "$@" "http://127.0.0.1:$port$path") || true
}

# verdict OK WHAT: one line of the table.
verdict() {
    checks=$((checks + 1))
    if [ "$1" = yes ]; then
        printf 'ok      %s\n' "$2"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$2"
    fi
}

# The beginning of the last answer's content, on one line.
said() {
    head -c 400 "$home/answer" | tr -d '\0' | tr -s '\n ' '  '
}

# answered WHAT CODES: was the last answer one of these, and if it is a refusal, does it say anything?
answered() {
    case " $2 " in *" $code "*) ok=yes ;; *) ok=no ;; esac
    if [ "$ok" = yes ] && [ "$code" -ge 400 ] && ! [ -s "$home/answer" ]; then
        verdict no "$1: $code without an explanation"
        return
    fi
    verdict $ok "$1: $code$([ "$ok" = yes ] || echo ", expected $2; it said: $(said)")"
}

# holds NAME FILE WHAT: is the content at a name what is in a file, on the disk and through the server?
holds() {
    ask GET "/$1"
    local same=yes
    cmp -s "$share/$1" "$2" || same="no, $(stat -c %s "$share/$1" 2>/dev/null || echo no) octets on the disk"
    cmp -s "$home/answer" "$2" || same="$same; no, GET was answered $code"
    verdict "$([ "$same" = yes ] && echo yes || echo no)" "$3$([ "$same" = yes ] || echo ": $same")"
}

# No temporary file has stayed, in the server's folder or beside the others.
clean() {
    local left
    left=$(find "$share" -xdev -type f \( -path "$share/.because/*" ! -path "$share/.because/state.redb" -o -name '.*' \) -printf '%P ')
    verdict "$([ -z "$left" ] && echo yes || echo no)" "$1: nothing temporary stays${left:+, but $left}"
}

head -c 2097152 /dev/urandom >"$home/old"
head -c 3145728 /dev/urandom >"$home/new"
head -c 1048576 /dev/urandom >"$home/fill"
head -c 1048576 /dev/urandom >"$home/fill2"
printf 'x' >"$home/one"
printf 'y' >"$home/other"
here=http://127.0.0.1

echo "== no room"
must_start
ask PUT /old.bin -T "$home/old"
answered "PUT of 2 MiB, room enough" "201"
ask MKCOL /folder/
answered "MKCOL, room enough" "201"
ask PUT /folder/a.txt -T "$home/one"
answered "PUT of an octet, room enough" "201"
last=0
for i in $(seq 40); do
    ask PUT "/fill-$i.bin" -T "$home/fill"
    [ "$code" = 201 ] || break
    last=$i
done
answered "PUT number $((last + 1)) of 1 MiB" "507"
verdict "$(grep -Eqi 'space|room|full|storage' "$home/answer" && echo yes || echo no)" "the 507 says what there is not enough of"
ask GET "/fill-$((last + 1)).bin"
answered "GET of what found no room" "404"
holds old.bin "$home/old" "the file that was there is whole"
ask PUT /old.bin -T "$home/new"
answered "PUT of 3 MiB over it, length announced" "507"
holds old.bin "$home/old" "its old content is whole"
ask PUT /old.bin -T - -H 'Transfer-Encoding: chunked' <"$home/new"
answered "PUT of 3 MiB over it, chunked" "507"
holds old.bin "$home/old" "its old content is whole"
ask COPY /old.bin -H "Destination: $here:$port/copy.bin"
answered "COPY of it" "507"
ask GET /copy.bin
answered "GET of the copy that found no room" "404"
ask COPY /old.bin -H "Destination: $here:$port/fill-1.bin"
answered "COPY of it over a smaller file" "507"
holds fill-1.bin "$home/fill" "the content of that file is whole"
clean "no room"

echo "== not an octet more"
# Filled from outside, to the last page.
dd if=/dev/zero of="$share/rest.bin" bs=4096 2>/dev/null || true
ask PUT /folder/b.txt -T "$home/one"
answered "PUT of an octet" "507"
ask PUT /folder/a.txt -T "$home/one"
answered "PUT of an octet over another" "507"
holds folder/a.txt "$home/one" "its old content is whole"
ask PROPPATCH /old.bin -H 'Content-Type: application/xml' --data-binary "<?xml version=\"1.0\"?><D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>\
<x:p xmlns:x=\"urn:x\">$(head -c 60000 /dev/zero | tr '\0' p)</x:p></D:prop></D:set></D:propertyupdate>"
# The state file may have room of its own; if it has not, the refusal stands in the multistatus or is the answer.
if [ "$code" = 207 ]; then
    verdict "$(grep -Eq 'HTTP/1.1 (200|507)' "$home/answer" && ! grep -q 'HTTP/1.1 500' "$home/answer" && echo yes || echo no)" "PROPPATCH of 60 kB, 207 with 200 or 507: $(said)"
else
    answered "PROPPATCH of 60 kB" "507"
fi
ask LOCK /old.bin -H 'Content-Type: application/xml' -H 'Timeout: Second-60' -D "$home/fields" --data-binary \
    '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>'
answered "LOCK" "200 507"
if [ "$code" = 200 ]; then
    ask UNLOCK /old.bin -H "Lock-Token: $(tr -d '\r' <"$home/fields" | sed -n 's/^[Ll]ock-[Tt]oken: *//p')"
    answered "UNLOCK" "204"
fi
ask MKCOL /folder/inner/
answered "MKCOL" "201 507"
ask MOVE /folder/a.txt -H "Destination: $here:$port/folder/c.txt"
answered "MOVE, which needs no room" "201"
ask PROPFIND / -H 'Depth: 1'
answered "PROPFIND" "207"
holds old.bin "$home/old" "the file that was there is whole"
clean "not an octet more"
ask DELETE "/fill-$last.bin"
answered "DELETE, which makes room" "204"
stop
must_start
holds old.bin "$home/old" "a server started on what is left serves it"
rm "$share/rest.bin"

echo "== room again"
for i in 1 2 3; do
    ask DELETE "/fill-$i.bin"
    answered "DELETE" "204"
done
ask PUT /old.bin -T "$home/new"
answered "PUT of 3 MiB over the old file" "200 204"
holds old.bin "$home/new" "its new content is whole"
ask PROPPATCH /old.bin -H 'Content-Type: application/xml' --data-binary \
    '<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x:p xmlns:x="urn:x">again</x:p></D:prop></D:set></D:propertyupdate>'
answered "PROPPATCH" "207"
verdict "$(grep -q 'HTTP/1.1 200' "$home/answer" && echo yes || echo no)" "PROPPATCH is done: $(said)"

echo "== no inodes"
last=0
for i in $(seq 400); do
    ask PUT "/folder/n-$i" -T "$home/one"
    [ "$code" = 201 ] || break
    last=$i
done
answered "PUT of an octet, file number $((last + 1))" "507"
ask MKCOL /folder/none/
answered "MKCOL" "507"
holds old.bin "$home/new" "the file that was there is whole"
clean "no inodes"
ask DELETE /folder/
answered "DELETE of the folder" "204"
ask PUT /after.txt -T "$home/one"
answered "PUT afterwards" "201"

echo "== a read-only mount inside the share"
mkdir "$share/readonly"
cp "$home/one" "$share/readonly/a.txt"
mount --bind "$share/readonly" "$share/readonly"
mount -o remount,bind,ro "$share/readonly"
ask GET /readonly/a.txt
answered "GET" "200"
ask PUT /readonly/b.txt -T "$home/one"
answered "PUT of a new file" "403"
ask PUT /readonly/a.txt -T "$home/other"
answered "PUT over a file" "403"
ask DELETE /readonly/a.txt
answered "DELETE" "403"
ask MKCOL /readonly/folder/
answered "MKCOL" "403"
ask MOVE /readonly/a.txt -H "Destination: $here:$port/moved.txt"
answered "MOVE out of it" "403"
ask COPY /after.txt -H "Destination: $here:$port/readonly/copy.txt"
answered "COPY into it" "403"
ask COPY /readonly/a.txt -H "Destination: $here:$port/copied.txt"
answered "COPY out of it" "201"
holds readonly/a.txt "$home/one" "the file in it is whole"
clean "read-only"
umount "$share/readonly"

echo "== names the file system does not take"
long=$(head -c 256 /dev/zero | tr '\0' n)
deep=$(for _ in $(seq 40); do printf '/%s' "$(head -c 150 /dev/zero | tr '\0' d)"; done)
ask PUT "/$long" -T "$home/one"
answered "PUT, a name of 256 octets" "400 403 414"
ask MKCOL "/$long/"
answered "MKCOL, a name of 256 octets" "400 403 414"
ask GET "/$long"
answered "GET, a name of 256 octets" "404 414"
ask MOVE /after.txt -H "Destination: $here:$port/$long"
answered "MOVE to a name of 256 octets" "400 403 414"
ask COPY /after.txt -H "Destination: $here:$port/$long"
answered "COPY to a name of 256 octets" "400 403 414"
ask LOCK "/$long" -H 'Content-Type: application/xml' --data-binary \
    '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>'
answered "LOCK, a name of 256 octets" "400 403 414"
ask PUT "$deep" -T "$home/one"
answered "PUT, a path of 6,040 octets" "400 403 409 414"
ask PUT "/${long:0:255}" -T "$home/one"
answered "PUT, a name of 255 octets" "201"
holds after.txt "$home/one" "the file that was to be moved is where it was"
clean "long names"
stop

echo "== a quota"
if "$binary" serve --help 2>/dev/null | grep -q -e --quota; then
    find "$share" -mindepth 1 -maxdepth 1 ! -name .because ! -name after.txt -exec rm -r {} +
    must_start --quota 6M
    last=0
    for i in $(seq 8); do
        ask PUT "/quota-$i.bin" -T "$home/fill"
        [ "$code" = 201 ] || break
        last=$i
    done
    answered "PUT of 1 MiB, number $((last + 1)), with --quota 6M" "507"
    verdict "$([ $last = 5 ] && echo yes || echo no)" "$last MiB were taken before, 5 and an octet is what fits"
    ask PUT /quota-1.bin -T - -H 'Transfer-Encoding: chunked' <"$home/old"
    answered "PUT of 2 MiB over 1 MiB, chunked" "507"
    holds quota-1.bin "$home/fill" "its old content is whole"
    ask PUT /quota-1.bin -T "$home/fill2"
    answered "PUT of as much as there was" "200 204"
    holds quota-1.bin "$home/fill2" "its new content is whole"
    ask COPY /quota-1.bin -H "Destination: $here:$port/quota-copy.bin"
    answered "COPY to a new name" "507"
    ask PROPFIND / -H 'Depth: 0' -H 'Content-Type: application/xml' --data-binary \
        '<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>'
    left=$(sed -n 's/.*quota-available-bytes>\([0-9][0-9]*\)<.*/\1/p' "$home/answer")
    verdict "$([ "${left:-none}" != none ] && [ "$left" -lt 1048576 ] && echo yes || echo no)" "PROPFIND tells that less than 1 MiB is left (RFC 4331 §3): ${left:-nothing}"
    ask PUT /quota-1.bin -T "$home/one"
    answered "PUT of an octet over 1 MiB" "200 204"
    ask PUT "/quota-6.bin" -T "$home/other"
    answered "PUT of an octet in the room this made" "201"
    ask DELETE /quota-2.bin
    answered "DELETE" "204"
    ask PUT "/quota-7.bin" -T "$home/fill"
    answered "PUT of 1 MiB in the room this made" "201"
    clean "a quota"
    stop
    # Less than is there already: what does not add to it goes on.
    must_start --quota 1M
    ask PUT /quota-3.bin -T "$home/one"
    answered "PUT of an octet over 1 MiB, far beyond the quota" "200 204"
    ask PUT /quota-8.bin -T "$home/one"
    answered "PUT of a new file, far beyond the quota" "507"
    ask DELETE /quota-4.bin
    answered "DELETE, far beyond the quota" "204"
    stop
else
    echo "        the program has no --quota"
fi

echo "== the whole share read-only"
mount -o remount,ro "$share"
if start; then
    ask GET /after.txt
    answered "GET" "200"
    for asked in "PUT /after.txt -T $home/one" "PUT /more.txt -T $home/one" "DELETE /after.txt" "MKCOL /more/" "PROPPATCH /after.txt" "LOCK /after.txt"; do
        body=()
        case $asked in
            PROPPATCH*) body=(--data-binary '<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x:p xmlns:x="urn:x">v</x:p></D:prop></D:set></D:propertyupdate>') ;;
            LOCK*) body=(--data-binary '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>') ;;
        esac
        # shellcheck disable=SC2086
        ask $asked ${body[@]+"${body[@]}"}
        case "$code" in
            207) verdict "$(grep -q 'HTTP/1.1 403' "$home/answer" && echo yes || echo no)" "${asked%% -T*}, 207 with 403: $(said)" ;;
            *) answered "${asked%% -T*}" "403" ;;
        esac
    done
    stop
else
    # To refuse to start is an answer too, if it says why.
    verdict "$(grep -Eqi 'read-only|cannot write' "$home/server" && echo yes || echo no)" "it does not start, and says: $(tr -s '\n' ' ' <"$home/server" | head -c 300)"
fi
mount -o remount,rw "$share"

if [ "$failed" = 0 ]; then
    echo "full disk: $checks checks, all as they should be"
else
    echo "full disk: $failed of $checks checks FAILED"
    exit 1
fi
