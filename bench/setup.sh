#!/bin/sh
# Installs what the benchmarks are compared with (Debian, as root) and compiles the two C tools into bench/.build.
#   bench/setup.sh          both
#   bench/setup.sh tools    only the C tools
set -eu
cd "$(dirname "$0")"

if [ "${1:-}" != tools ]; then
    packages="nginx-light lighttpd apache2 caddy wrk valgrind"
    # A package must not start its server: it would take a port and a core. Ask Debian's own switch, and put it back.
    policy=/usr/sbin/policy-rc.d
    ours=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        ours=yes
    fi
    apt-get update -qq
    for p in $packages; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$p" >/dev/null || echo "not installed: $p"
    done
    if [ -n "$ours" ]; then rm "$policy"; fi
fi

mkdir -p .build
cc=${CC:-cc}
"$cc" -O2 -Wall -Wextra -o .build/limit limit/limit.c
"$cc" -O2 -Wall -Wextra -o .build/load load/load.c
echo "tools: bench/.build/limit bench/.build/load"
