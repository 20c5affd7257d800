#!/usr/bin/env bash
# Drives WebDAV clients that people use against the program: curl, cadaver, rclone and davfs2.
#
#   tests/clients.sh target/release/because [ARGUMENT...]      more arguments go to the program, such as --no-fsync
#   URL=http://127.0.0.1:8080/dav/ tests/clients.sh            a server that runs already; nothing is started
#
# After each operation the result is looked at with plain GET, HEAD and PROPFIND, not with the client that made it.
# Prints a table of client, operation and result; a client that is not installed, or may not mount here, is SKIPPED.
set -euo pipefail

[ $# -gt 0 ] || [ -n "${URL:-}" ] || { sed -n '4,5s/^# *//p' "$0" >&2; exit 2; }
command -v curl >/dev/null || { echo "curl is not installed" >&2; exit 2; }

. "$(dirname "$0")/server.sh"
mounted= failed=0
unmount() {
    if [ -n "$mounted" ]; then umount "$mounted" 2>/dev/null || umount -l "$mounted" 2>/dev/null || true; fi
}
away=unmount
[ -n "${URL:-}" ] || serve "$@"
URL=${URL%/}

# verdict CLIENT OPERATION RESULT [WHY]: one line of the table.
verdict() {
    printf '%-8s %-34s %s\n' "$1" "$2" "$3"
    if [ "$3" = failed ]; then
        failed=$((failed + 1))
        [ -z "${4:-}" ] || printf '%s\n' "$4" | head -n 25 | tr -d '\r' | sed 's/^/         | /'
    fi
}

# try CLIENT OPERATION COMMAND...: ok if the command succeeds; what it said, if not.
try() {
    local client=$1 operation=$2 said
    shift 2
    if said=$("$@" 2>&1); then verdict "$client" "$operation" ok; else verdict "$client" "$operation" failed "$said"; fi
}

status() { curl -s -o /dev/null -w '%{http_code}' --max-time 30 "$@"; }
# same PATH FILE: the server has at this path what is in the file.
same() {
    curl -s --fail --max-time 60 -o "$home/got" "$URL/$1" || { echo "GET /$1 failed with $(status "$URL/$1")"; return 1; }
    cmp "$home/got" "$2"
}
gone() {
    local code
    code=$(status "$URL/$1")
    [ "$code" = 404 ] || { echo "GET /$1 gives $code instead of 404"; return 1; }
}
collection() {
    curl -s --max-time 30 -X PROPFIND -H 'Depth: 0' "$URL/$1/" >"$home/got"
    grep -Eq '<([A-Za-z0-9]+:)?collection' "$home/got" || { echo "PROPFIND /$1/ tells of no collection: $(head -c 300 "$home/got")"; return 1; }
}
# locked PATH yes|no: does a PUT without a token say 423?
locked() {
    local code
    code=$(status -T "$home/small" "$URL/$1")
    case "$2:$code" in
        yes:423 | no:20[014]) ;;
        *) echo "PUT /$1 without a token gives $code (locked: $2)"; return 1 ;;
    esac
}
# soon COMMAND...: asks again until it succeeds, for up to ten seconds.
soon() {
    local said
    for _ in $(seq 100); do
        if said=$("$@" 2>&1); then return 0; fi
        sleep 0.1
    done
    echo "$said"
    return 1
}
# field NAME FILE: a field of the last answer's head
field() { tr -d '\r' <"$2" | sed -n "s/^$1: *//Ip" | tail -n 1; }
# expect CODES CURL-ARGUMENTS...
expect() {
    local codes=$1 code
    shift
    code=$(curl -s -o "$home/answer" -D "$home/fields" -w '%{http_code}' --max-time 60 "$@")
    case " $codes " in
        *" $code "*) ;;
        *) echo "answered $code instead of $codes: $(head -c 400 "$home/answer")"; return 1 ;;
    esac
}

printf 'some words\n' >"$home/small"
printf 'other words, and more of them\n' >"$home/other"
head -c 3000000 /dev/urandom >"$home/large"
mkdir -p "$home/tree/inner/deep"
for i in 1 2 3 4 5; do
    head -c $((i * 1000)) /dev/urandom >"$home/tree/file $i.bin"
    cp "$home/small" "$home/tree/inner/ä-$i.txt"
done
cp "$home/large" "$home/tree/inner/deep/large.bin"

# ---------------------------------------------------------------------------------------------- curl

curl_put() { expect 201 -T "$home/large" "$URL/curl/large.bin" && same curl/large.bin "$home/large"; }
curl_chunked() { expect 201 -T - "$URL/curl/chunked.bin" <"$home/large" && same curl/chunked.bin "$home/large"; }
curl_continue() { expect "201 204" -H 'Expect: 100-continue' -T "$home/large" "$URL/curl/continue.bin" && same curl/continue.bin "$home/large"; }
curl_get_resume() {
    head -c 1000000 "$home/large" >"$home/part"
    curl -s --fail --max-time 60 -C - -o "$home/part" "$URL/curl/large.bin" && cmp "$home/part" "$home/large"
}
# curl -C N -T sends Content-Range with PUT. It is applied, or refused and the file left as it was (RFC 9110 §14.5).
curl_put_range() {
    head -c 1000000 "$home/large" >"$home/part"
    expect "201 204" -T "$home/part" "$URL/curl/range.bin" || return 1
    expect "200 201 204 400" -C 1000000 -T "$home/large" "$URL/curl/range.bin" || return 1
    same curl/range.bin "$home/large" >/dev/null || same curl/range.bin "$home/part"
}
curl_create_only() {
    expect 201 -H 'If-None-Match: *' -T "$home/small" "$URL/curl/once.txt" &&
        expect 412 -H 'If-None-Match: *' -T "$home/other" "$URL/curl/once.txt" && same curl/once.txt "$home/small"
}
curl_if_match() {
    local tag
    expect 200 "$URL/curl/once.txt" || return 1
    tag=$(field etag "$home/fields")
    # A tag is weak while the file is new (RFC 9110 §8.8.1) unless the server knows better.
    case $tag in W/*) sleep 2.5; expect 200 "$URL/curl/once.txt"; tag=$(field etag "$home/fields") ;; esac
    expect "200 204" -H "If-Match: $tag" -T "$home/other" "$URL/curl/once.txt" && same curl/once.txt "$home/other" &&
        expect 412 -H "If-Match: $tag" -T "$home/small" "$URL/curl/once.txt" && same curl/once.txt "$home/other"
}
curl_copy() {
    expect 201 -X COPY -H "Destination: $URL/curl/copy.txt" "$URL/curl/once.txt" && same curl/copy.txt "$home/other" && same curl/once.txt "$home/other"
}
curl_move() { expect 201 -X MOVE -H "Destination: $URL/curl/moved.txt" "$URL/curl/copy.txt" && same curl/moved.txt "$home/other" && gone curl/copy.txt; }
curl_overwrite() { expect 412 -X MOVE -H 'Overwrite: F' -H "Destination: $URL/curl/once.txt" "$URL/curl/moved.txt" && same curl/moved.txt "$home/other"; }
curl_delete() { expect 204 -X DELETE "$URL/curl/moved.txt" && gone curl/moved.txt; }
curl_lock() {
    local token
    expect 200 -X LOCK -H 'Timeout: Second-60' -H 'Content-Type: application/xml' "$URL/curl/once.txt" --data-binary \
        '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>' || return 1
    token=$(field lock-token "$home/fields")
    locked curl/once.txt yes && expect "200 204" -H "If: ($token)" -T "$home/large" "$URL/curl/once.txt" && same curl/once.txt "$home/large" &&
        expect 204 -X UNLOCK -H "Lock-Token: $token" "$URL/curl/once.txt" && locked curl/once.txt no
}
# Resumable uploads, as in draft-ietf-httpbis-resumable-upload with interop version 8: create, ask, append.
resumable() {
    expect "201 200 204 400 415 501" -X PUT -H 'Upload-Draft-Interop-Version: 8' -H 'Upload-Complete: ?0' -H "Upload-Length: 3000000" \
        --data-binary "@$home/part" -H 'Content-Type: application/octet-stream' "$URL/curl/upload.bin" && grep -qi '^upload-' "$home/fields"
}
curl_upload() {
    local at offset
    at=$(field location "$home/fields")
    case $at in /*) at=$URL$at ;; esac
    expect "200 204" -I -H 'Upload-Draft-Interop-Version: 8' "$at" || return 1
    offset=$(field upload-offset "$home/fields")
    [ "$offset" = 1000000 ] || { echo "HEAD $at gives Upload-Offset: $offset"; return 1; }
    gone curl/upload.bin || return 1
    tail -c +1000001 "$home/large" >"$home/rest"
    expect "200 201 204" -X PATCH -H 'Upload-Draft-Interop-Version: 8' -H 'Upload-Complete: ?1' -H "Upload-Offset: $offset" \
        -H 'Content-Type: application/partial-upload' --data-binary "@$home/rest" "$at" && same curl/upload.bin "$home/large"
}

try curl mkdir expect 201 -X MKCOL "$URL/curl/"
try curl put curl_put
try curl "put, chunked" curl_chunked
try curl "put, Expect: 100-continue" curl_continue
try curl "get, resumed" curl_get_resume
try curl "put, resumed by Content-Range" curl_put_range
head -c 1000000 "$home/large" >"$home/part"
if resumable >/dev/null; then try curl "upload in two parts" curl_upload; else verdict curl "upload in two parts" "SKIPPED (not offered)"; fi
status -X DELETE "$URL/curl/upload.bin" >/dev/null
try curl "put, If-None-Match: *" curl_create_only
try curl "put, If-Match" curl_if_match
try curl copy curl_copy
try curl move curl_move
try curl "move, Overwrite: F" curl_overwrite
try curl delete curl_delete
try curl "lock, put with token, unlock" curl_lock

# ---------------------------------------------------------------------------------------------- cadaver

# cadaver_does CHECK COMMAND...: runs commands in /cadaver/ and looks at what came of them. It reports failures only in words.
cadaver_does() {
    local check=$1 said
    shift
    said=$(printf '%s\n' "cd cadaver" "$@" quit | (cd "$home" && HOME=$home timeout 60 cadaver "$URL/") 2>&1) || { echo "$said"; return 1; }
    if printf '%s' "$said" | grep -Eqi 'failed|could not|not found|error'; then
        printf '%s\n' "$said" | grep -v '^dav:.*quit'
        return 1
    fi
    printf '%s\n' "$said" >"$home/said"
    eval "$check" || { printf '%s\n' "$said"; return 1; }
}

if command -v cadaver >/dev/null; then
    # A first one from the root, since its folder is not there yet.
    cadaver_first() { printf 'mkcol cadaver\nquit\n' | HOME=$home timeout 60 cadaver "$URL/" && collection cadaver; }
    try cadaver mkdir cadaver_first
    try cadaver put cadaver_does 'same cadaver/large.bin "$home/large" && same cadaver/a%20b.txt "$home/small"' "put large large.bin" 'put small "a b.txt"'
    try cadaver ls cadaver_does 'grep -q large.bin "$home/said"' ls
    try cadaver get cadaver_does 'cmp "$home/fetched" "$home/large"' "get large.bin $home/fetched"
    try cadaver copy cadaver_does 'same cadaver/copied.bin "$home/large"' "copy large.bin copied.bin"
    try cadaver move cadaver_does 'same cadaver/moved.bin "$home/large" && gone cadaver/copied.bin' "move copied.bin moved.bin"
    try cadaver "mkdir, copy of a folder" cadaver_does 'same cadaver/folder2/moved.bin "$home/large"' "mkcol folder" "move moved.bin folder/moved.bin" "copy folder folder2"
    try cadaver "propset, propget" cadaver_does 'grep -q "a value" "$home/said"' "set namespace urn:x" "propset large.bin colour 'a value'" "propget large.bin colour"
    try cadaver lock cadaver_does 'locked cadaver/large.bin no' "lock large.bin" "showlocks" "unlock large.bin"
    # Spoken to line by line, so that the lock can be seen from outside.
    cadaver_locked() {
        mkfifo "$home/words"
        (cd "$home" && HOME=$home timeout 60 cadaver "$URL/" <words >said 2>&1) &
        exec 5>"$home/words"
        printf '%s\n' "cd cadaver" "lock large.bin" >&5
        local ok=0
        soon locked cadaver/large.bin yes || ok=1
        printf '%s\n' "put $home/other large.bin" "unlock large.bin" quit >&5
        exec 5>&-
        wait
        [ $ok = 0 ] && same cadaver/large.bin "$home/other" && locked cadaver/large.bin no || { cat "$home/said"; return 1; }
    }
    try cadaver "put while locked, unlock" cadaver_locked
    try cadaver discover cadaver_does 'true' "discover large.bin"
    try cadaver "lock of a folder, put in it" cadaver_does 'same cadaver/folder/new.txt "$home/small"' "lock folder" "cd folder" "put small new.txt" "cd .." "unlock folder"
    try cadaver delete cadaver_does 'gone cadaver/large.bin' "delete large.bin"
    try cadaver rmcol cadaver_does 'gone cadaver/folder2/moved.bin && gone cadaver/folder2/' "rmcol folder2"
else
    verdict cadaver "all" "SKIPPED (not installed)"
fi

# ---------------------------------------------------------------------------------------------- rclone

if command -v rclone >/dev/null; then
    clone() { timeout 120 rclone --config "$home/none.conf" --webdav-url "$URL/" --webdav-vendor other --retries 1 --low-level-retries 1 "$@"; }
    rclone_mkdir() { clone mkdir :webdav:rclone/made && collection rclone/made; }
    rclone_put() { clone copyto "$home/large" :webdav:rclone/large.bin && same rclone/large.bin "$home/large"; }
    rclone_replace() { clone copyto --ignore-times "$home/other" :webdav:rclone/replaced.txt && clone copyto --ignore-times "$home/small" :webdav:rclone/replaced.txt && same rclone/replaced.txt "$home/small"; }
    rclone_get() { clone copyto :webdav:rclone/large.bin "$home/cloned" && cmp "$home/cloned" "$home/large"; }
    rclone_cat() { [ "$(clone cat --offset 5 --count 5 :webdav:rclone/replaced.txt)" = words ]; }
    rclone_ls() { clone lsf :webdav:rclone | grep -qx large.bin; }
    rclone_copy() { clone copyto -v :webdav:rclone/large.bin :webdav:rclone/copied.bin && same rclone/copied.bin "$home/large"; }
    rclone_move() { clone moveto :webdav:rclone/copied.bin :webdav:rclone/moved.bin && same rclone/moved.bin "$home/large" && gone rclone/copied.bin; }
    rclone_sync() { clone sync "$home/tree" :webdav:rclone/tree && clone check --download "$home/tree" :webdav:rclone/tree && same "rclone/tree/inner/%C3%A4-3.txt" "$home/small"; }
    rclone_back() { clone sync :webdav:rclone/tree "$home/back" && diff -r "$home/tree" "$home/back"; }
    rclone_rename() { clone moveto :webdav:rclone/tree :webdav:rclone/tree2 && same "rclone/tree2/inner/deep/large.bin" "$home/large" && gone rclone/tree/inner/deep/large.bin; }
    rclone_delete() { clone deletefile :webdav:rclone/moved.bin && gone rclone/moved.bin; }
    rclone_purge() { clone purge :webdav:rclone/tree2 && gone rclone/tree2/inner/deep/large.bin && gone rclone/tree2/; }
    rclone_pipe() { clone rcat :webdav:rclone/piped.bin <"$home/large" && same rclone/piped.bin "$home/large"; }
    for operation in mkdir put replace get cat ls copy move sync back rename pipe delete purge; do
        try rclone "$operation" "rclone_$operation"
    done
else
    verdict rclone "all" "SKIPPED (not installed)"
fi

# ---------------------------------------------------------------------------------------------- davfs2

# buf_size: with less, davfs2 before 1.7.2 cannot read folders on Linux 6.16 and later.
davfs_mount() {
    mkdir -p "$home/davfs" "$home/cache"
    chmod 777 "$home/cache"  # the daemon gives up being root
    : >"$home/secrets"
    chmod 600 "$home/secrets"
    printf '%s\n' "use_locks 1" "ask_auth 0" "cache_dir $home/cache" "secrets $home/secrets" "delay_upload 0" \
        "buf_size 64" "gui_optimize 0" "dir_refresh 1" "file_refresh 1" "n_cookies 0" >"$home/davfs.conf"
    timeout 30 mount -t davfs -o "conf=$home/davfs.conf" "$URL/davfs/" "$home/davfs" </dev/null >"$home/mount" 2>&1
}
davfs_put() { cp "$home/large" "$home/davfs/large.bin" && soon same davfs/large.bin "$home/large"; }
# The second save follows the first at once, with If-Match: a weak tag makes it a 412 and davfs2 puts it into lost+found.
davfs_replace() { cp "$home/other" "$home/davfs/text" && soon same davfs/text "$home/other" && cp "$home/small" "$home/davfs/text" && soon same davfs/text "$home/small"; }
davfs_append() { cat "$home/other" >>"$home/davfs/text" && cat "$home/small" "$home/other" >"$home/both" && soon same davfs/text "$home/both"; }
davfs_get() {
    status -T "$home/large" "$URL/davfs/outside.bin" >/dev/null
    soon test -e "$home/davfs/outside.bin" && cmp "$home/davfs/outside.bin" "$home/large"
}
davfs_mkdir() { mkdir "$home/davfs/folder" && soon collection davfs/folder; }
davfs_move() { mv "$home/davfs/large.bin" "$home/davfs/folder/moved.bin" && soon same davfs/folder/moved.bin "$home/large" && soon gone davfs/large.bin; }
davfs_rename() { mv "$home/davfs/folder" "$home/davfs/renamed" && soon same davfs/renamed/moved.bin "$home/large"; }
davfs_copy() { cp "$home/davfs/renamed/moved.bin" "$home/davfs/copied.bin" && soon same davfs/copied.bin "$home/large"; }
davfs_ls() { [ "$(ls "$home/davfs" | grep -v lost+found | tr '\n' ' ')" = "copied.bin outside.bin renamed text " ] || { ls -la "$home/davfs"; return 1; }; }
davfs_delete() { rm "$home/davfs/copied.bin" && soon gone davfs/copied.bin; }
davfs_rmdir() { rm -r "$home/davfs/renamed" && soon gone davfs/renamed/moved.bin && soon gone davfs/renamed/; }
davfs_locked() {
    exec 4>>"$home/davfs/text" && echo more >&4
    soon locked davfs/text yes || { exec 4>&-; return 1; }
    exec 4>&-
    echo more >>"$home/both"
    soon same davfs/text "$home/both" && soon locked davfs/text no
}
davfs_umount() { umount "$home/davfs" && mounted= && ! mountpoint -q "$home/davfs"; }

if ! command -v mount.davfs >/dev/null; then
    verdict davfs2 "all" "SKIPPED (not installed)"
elif [ "$(id -u)" != 0 ] || ! [ -r /dev/fuse ] || ! [ -w /dev/fuse ]; then
    verdict davfs2 "all" "SKIPPED (needs root and /dev/fuse)"
else
    status -X MKCOL "$URL/davfs/" >/dev/null
    if davfs_mount; then
        mounted=$home/davfs
        verdict davfs2 mount ok
        for operation in put replace append get mkdir move rename copy ls locked delete rmdir; do
            try davfs2 "$operation" "davfs_$operation"
        done
        if davfs_umount >"$home/said" 2>&1; then verdict davfs2 umount ok; else verdict davfs2 umount failed "$(cat "$home/said")"; fi
    elif grep -Eqi 'fuse|permitted|permission' "$home/mount"; then
        verdict davfs2 "all" "SKIPPED ($(head -n 1 "$home/mount"))"
    else
        verdict davfs2 mount failed "$(cat "$home/mount")"
    fi
fi

if [ -n "$server" ] && ! kill -0 "$server" 2>/dev/null; then
    verdict because "still runs" failed "$(tail -n 20 "$home/server")"
fi
[ "$failed" = 0 ] || { echo "$failed FAILED"; exit 1; }
