#!/usr/bin/env bash
# Runs litmus, the WebDAV test suite of Debian, against the program on an empty folder.
#
#   tests/litmus.sh target/release/because [ARGUMENT...]      more arguments go to the program, such as --no-fsync
#   URL=http://127.0.0.1:8080/dav/ tests/litmus.sh            a server that runs already; nothing is started
#
# All five suites must pass whole: a test that fails, one that is skipped and a suite that ends early are failures alike.
# Prints a line for each suite; the exchanges of a test that failed follow it. SHOWN=N shows at most N lines of each.
set -euo pipefail

# The tests each suite of litmus 0.13 has: fewer means that the suite gave up on the way.
suites="basic:16 copymove:13 props:30 locks:41 http:4"
shown=${SHOWN:-60}

command -v litmus >/dev/null || { echo "litmus is not installed (Debian: apt install litmus)" >&2; exit 2; }
[ $# -gt 0 ] || [ -n "${URL:-}" ] || { sed -n '4,5s/^# *//p' "$0" >&2; exit 2; }

. "$(dirname "$0")/server.sh"
[ -n "${URL:-}" ] || serve "$@"

# What litmus sent and got during one test, from its log.
exchanges() {
    awk -v wanted="Running test $1: " 'index($0, "******* Running test ") { on = index($0, wanted) } on' "$home/$2/debug.log" |
        grep -aEv '^(sess|req|auth|ah_|Header|Running|HTTP session|Doing DNS|Sending request|Request sent|Request ends|End of headers|Reading|Got|Read block)' | head -n "$shown" | sed 's/^/    | /'
}

failed=0
for suite in $suites; do
    name=${suite%:*} least=${suite#*:}
    mkdir "$home/$name"
    # litmus writes its log where it stands, and `\r` so that a terminal shows progress.
    status=0
    (cd "$home/$name" && TESTS=$name timeout 120 litmus -k "$URL" >output 2>&1 </dev/null) || status=$?
    # The last of the drafts of a line is the one that counts.
    sed -e 's/.*\r *//' "$home/$name/output" >"$home/$name/lines"
    lines=$home/$name/lines
    read -r run passed < <(sed -n "s/^<- summary for .*: of \([0-9]*\) tests run: \([0-9]*\) passed.*/\1 \2/p" "$lines") || run=0 passed=0
    warnings=$(grep -c 'WARNING' "$lines" || true)
    verdict=
    [ "$status" != 124 ] || verdict="took more than two minutes"
    [ "$run" -ge "$least" ] || verdict="${verdict:+$verdict; }ran $run of $least tests"
    [ "$passed" = "$run" ] || verdict="${verdict:+$verdict; }$((run - passed)) did not pass"
    if grep -aqi 'skipp' "$lines"; then verdict="${verdict:+$verdict; }skipped some"; fi
    if [ -z "$verdict" ] && { [ "$status" != 0 ] || grep -aq -e 'FAIL' "$lines"; }; then verdict="litmus ended with $status"; fi
    printf '%-8s %s/%s%s%s\n' "$name" "$passed" "$([ "$run" -ge "$least" ] && echo "$run" || echo "$least")" \
        "$([ "$warnings" = 0 ] || echo ", $warnings warning(s)")" "${verdict:+  FAILED: $verdict}"
    grep -a 'WARNING' "$lines" | sed 's/^[ .]*/    /' || true
    [ -n "$verdict" ] || continue
    failed=1
    grep -a -n -v -e ' pass$' -e '^->' -e '^<-' -e WARNING -e '^ *\.*$' "$lines" | sed 's/^[0-9]*:/    /' || true
    for number in $(sed -n 's/^ *\([0-9]*\)\. .*\(FAIL\|SKIPPED\).*/\1/p' "$lines"); do
        echo "    the exchanges of test $number:"
        exchanges "$number" "$name"
    done
done

if [ "$failed" = 1 ] && [ -n "$server" ]; then
    kill -0 "$server" 2>/dev/null || echo "the server has ended by itself"
    if [ -s "$home/server" ]; then
        echo "the server said:"
        tail -n 20 "$home/server" | sed 's/^/    | /'
    fi
fi
exit $failed
