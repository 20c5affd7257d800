#!/usr/bin/env python3
"""Measures what rules cost: one small file served without any rule, guarded, limited, and among 10,000 rules. See README.md.

    bench/guarded.py --rounds 7                     # CPU time a request, beside nginx with the same user and a limit
    bench/guarded.py memory                         # a million clients behind another server, each with a bucket
    bench/guarded.py report bench/runs/DATE.jsonl   # the table, as Markdown
    bench/guarded.py config both HOME ROOT PORT     # writes HOME/because.toml, prints the field to send (for instructions.sh)

Needs what bench.py needs, whose processes, network and load it uses; `openssl` makes the hash that nginx is given.
"""

import argparse
import base64
import hashlib
import http.client
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench

USER, PASSWORD = "alice", "open sesame"
BASIC = "Authorization: Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
RULES = 10_000
CLIENTS = 1_000_000
RATE = "1000000/s"  # never met by the load: what is measured is the counting
FILE = bench.Scenario("rules", "1 KiB file, 64 keep-alive connections")


# ---------------------------------------------------------------------------------------------- configurations

def rules():
    """10,000 rules, most of them for other paths; three meet /1k.html, and change nothing in its answer."""
    lines = ['[rule."/**"]\nmax-content = "1M"', '[rule."/*.html"]\nmax-content = "2M"', '[rule."GET HEAD /1k.html"]\nmax-content = "3M"']
    kinds = [lambda n: f'[rule."/old/page-{n}"]\nmoved = "/new/page-{n}"', lambda n: f'[rule."/section-{n}/**"]\nmax-content = "1M"',
             lambda n: f'[rule."/section-{n}/*.txt"]\ngone = true', lambda n: f'[rule."GET HEAD /*/leaf-{n}"]\nmethods = ["GET", "HEAD"]']
    return "\n".join(lines + [kinds[n % 4](n) for n in range(RULES - len(lines))])


def hashed(binary, *arguments):
    """What `because hash` makes: the lines of its standard output."""
    out = subprocess.run([binary, "hash", *arguments], input=PASSWORD + "\n", capture_output=True, text=True, check=True)
    return out.stdout.split("\n")[:-1]


def configure(binary, name, home, root, port, rate=RATE):
    """Writes the configuration `name`; returns its path and the field that a request brings."""
    top = [f'listen = "127.0.0.1:{port}"', f'folder = "{root}"', "threads = 1", 'log = "off"']
    below, field = [], None
    if name == "admin":
        top.append(f'admin = "unix:{home}/admin.sock"')
    if name == "clients":
        top.append('forwarded = ["127.0.0.1"]')
    if name in ("guarded", "both"):
        below += ["[users]", f"{USER} = '{hashed(binary)[0]}'"]
        field = BASIC
    if name == "bearer":
        token, line = hashed(binary, "--token")
        below += ["[users]", f"{USER} = {{ token = '{line}' }}"]
        field = f"Authorization: Bearer {token}"
    rule = []
    if name in ("guarded", "bearer", "both"):
        rule.append(f'guard = "{USER}"')
    if name in ("limited", "both", "clients"):
        rule.append(f'limit = "{rate}"')
    if rule:
        below += ['[rule."/**"]', *rule]
    if name == "rules-10000":
        below.append(rules())
    path = Path(home) / "because.toml"
    path.write_text("\n".join(top + below) + "\n")
    return path, field


class Configured(bench.Because):
    """`because` with one of the configurations."""

    def __init__(self, name, about):
        self.name, self.about = name, about

    def command(self, options, home, root, port, scenario, rate=RATE):
        path, self.field = configure(self.find(options), self.name, home, root, port, rate)
        return [self.find(options), "serve", str(path)], {}

    def proofs(self):
        """What must be answered before anything is measured: path, field, status, and the rate it holds for."""
        if self.field:
            yield "/1k.html", None, 401, RATE
            yield "/1k.html", self.field[:-6] + "AAAA==", 401, RATE
        if self.name in ("limited", "both"):
            yield "/1k.html", self.field, 429, "2/h"
        if self.name == "rules-10000":
            yield "/old/page-4", None, 301, RATE
        yield "/1k.html", self.field, 200, RATE


class GuardedNginx(bench.Nginx):
    """nginx as in bench.py, with auth_basic, limit_req or both in its server."""

    def __init__(self, name, about, guard=None, limit=False):
        self.name, self.about, self.guard, self.limit = name, about, guard, limit
        self.field = BASIC if guard else None

    def command(self, options, home, root, port, scenario, rate=RATE):
        argv, extra = super().command(options, home, root, port, scenario)
        text = (home / "nginx.conf").read_text()
        inside, before = "", ""
        if self.guard:
            apr1 = subprocess.run(["openssl", "passwd", "-apr1", "-salt", "saltsalt", PASSWORD], capture_output=True, text=True, check=True)
            (home / "htpasswd").write_text(f"{USER}:{'{PLAIN}' + PASSWORD if self.guard == 'plain' else apr1.stdout.strip()}\n")
            os.chmod(home / "htpasswd", 0o644)
            inside += f'auth_basic "bench"; auth_basic_user_file {home}/htpasswd;'
        if self.limit:
            # It counts in milliseconds, so it must allow a burst, or it would refuse the second request of one.
            count, burst = ("1000000r/s", 1000000) if rate == RATE else ("2r/m", 1)
            before = f"limit_req_zone $binary_remote_addr zone=clients:10m rate={count};"
            inside += f"limit_req zone=clients burst={burst} nodelay; limit_req_status 429;"
        place = "server { listen"
        assert place in text
        (home / "nginx.conf").write_text(text.replace(place, f"{before} server {{ {inside} listen"))
        return argv, extra

    def proofs(self):
        if self.guard:
            yield "/1k.html", None, 401, RATE
            yield "/1k.html", self.field[:-6] + "AAAA==", 401, RATE
        if self.limit:
            yield "/1k.html", self.field, 429, "2/h"
        yield "/1k.html", self.field, 200, RATE


PLAIN, NGINX = "plain", "nginx"
SERVERS = {s.name: s for s in [
    Configured(PLAIN, "no rule at all"),
    Configured("limited", "`limit` of 1,000,000 requests a second per address on `/**`"),
    Configured("guarded", "`guard` on `/**`; Basic, argon2id"),
    Configured("bearer", "`guard` on `/**`; an opaque token, SHA-256"),
    Configured("both", "guarded and limited"),
    Configured("rules-10000", "10,000 rules, of which the path meets three"),
    Configured("admin", "no rule, with `admin`: counted and sampled"),
    GuardedNginx(NGINX, "no rule at all"),
    GuardedNginx("nginx-limited", "`limit_req`, 1,000,000 a second per address", limit=True),
    GuardedNginx("nginx-guarded", "`auth_basic`, apr1 (1,000 rounds of MD5) at each request", guard="apr1"),
    GuardedNginx("nginx-guarded-plain", "`auth_basic`, the password kept as it is", guard="plain"),
    GuardedNginx("nginx-both", "`auth_basic` with apr1, and `limit_req`", guard="apr1", limit=True),
    GuardedNginx("nginx-both-plain", "`auth_basic` with the password kept as it is, and `limit_req`", guard="plain", limit=True),
]}


# ---------------------------------------------------------------------------------------------- measuring

class Started(bench.Running):
    """A server process that answers, with whatever status."""

    def __init__(self, server, options, root, rate=RATE):
        proving = server if rate == RATE else Rated(server, rate)
        super().__init__(proving, options, root, FILE)

    def __enter__(self):
        try:
            self.wait(expect="", seconds=120)  # ten thousand rules take a while to read
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()


class Rated:
    """A server with another rate, to prove that its limit is one."""

    def __init__(self, server, rate):
        self.server, self.rate, self.name = server, rate, server.name

    def command(self, *arguments):
        return self.server.command(*arguments, rate=self.rate)


def asked(port, path, field):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=dict([field.split(": ", 1)]) if field else {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def prove(options, server, root):
    """Before its first run a server must show that its rules are in force, and that it gives the right bytes."""
    with Started(server, options, root):
        proofs = list(server.proofs())
    for _, field, expect, rate in [p for p in proofs if p[3] != RATE]:
        with Started(server, options, root, rate) as process:
            statuses = [asked(process.port, "/1k.html", server.field)[0] for _ in range(4)]
            if expect not in statuses:
                raise RuntimeError(f"{server.name}: a limit of {rate} answered {statuses}")
    with Started(server, options, root) as process:
        for path, field, expect, _ in [p for p in server.proofs() if p[3] == RATE]:
            status, body = asked(process.port, path, field)
            if status != expect:
                raise RuntimeError(f"{server.name}: {path} answered {status} instead of {expect}")
            if status == 200 and body != (root / path[1:]).read_bytes():
                raise RuntimeError(f"{server.name}: wrong bytes")


def prepared(options):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if os.cpu_count() < 2:
        sys.exit("two cores are needed: one for the server, one for the load")
    if not (bench.TOOLS / "load").is_file():
        sys.exit("bench/.build/load is missing: run bench/setup.sh")
    network = bench.private_network(options)
    os.sched_setaffinity(0, {options.load_core})
    commit = subprocess.run(["git", "-C", str(bench.HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    batch = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return {"batch": batch, "machine": bench.machine(), "network": network, "commit": commit.stdout.strip() or None}


def appended(options, record):
    Path(options.out).parent.mkdir(parents=True, exist_ok=True)
    with open(options.out, "a") as f:
        f.write(json.dumps(record, ensure_ascii=False) + "\n")


def run(options):
    head = prepared(options)
    servers = [SERVERS[n] for n in options.servers if SERVERS[n].find(options)]
    appended(options, {**head, "seconds": options.seconds, "warmup": options.warmup, "generator": "load", "spin": not options.no_spin,
                       "versions": {s.name: s.version(options) for s in servers}})
    root = Path(tempfile.mkdtemp(prefix="bench-root-"))
    records = []
    try:
        bench.make_root(root)
        for server in servers:
            prove(options, server, root)
        for number in range(1, options.rounds + 1):
            # Each round begins with another server, so that no place in the order is anyone's own.
            turn = (number - 1) * 5 % len(servers)
            for server in servers[turn:] + servers[:turn]:
                record = {"batch": head["batch"], "scenario": FILE.name, "server": server.name, "round": number}
                try:
                    with Started(server, options, root) as process:
                        asked(process.port, "/1k.html", server.field)  # the password is hashed once, before anything is counted
                        extra = ["--header", server.field] if server.field else []
                        record.update(bench.run_load(options, process, FILE, extra))
                except (RuntimeError, OSError) as problem:
                    appended(options, {**record, "failed": type(problem).__name__})
                    print(f"{number:3} {server.name:20} failed: {problem}", file=sys.stderr)
                    continue
                records.append(record)
                appended(options, record)
                print(f"{number:3} {server.name:20} {record['cpu_us_per_request']:9.2f} CPU µs/request {record['rps']:12,.0f} requests/s"
                      f"{'  (noisy)' if bench.noisy(record) else ''}", file=sys.stderr)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(table(records))


def resident(pid):
    """VmRSS and what it was at most, in octets."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(lines["VmRSS"].split()[0]) * 1024, int(lines["VmHWM"].split()[0]) * 1024


def memory(options):
    """A million clients behind another server, each with a bucket of its own; then a million others."""
    head = prepared(options)
    appended(options, {"batch": head["batch"], "scenario": "clients", "server": PLAIN, "about": head})
    root = Path(tempfile.mkdtemp(prefix="bench-root-"))
    try:
        bench.make_root(root)
        for name in ("plain", "clients"):
            server = Configured(name, "")
            # So slow a rate that no bucket is full again, and gives its place up, before the run ends.
            with Started(server, options, root, "10/d") as process:
                def send(first, count):
                    out = subprocess.run([str(bench.TOOLS / "load"), "--port", str(process.port), "--path", "/1k.html", "--requests", str(count),
                                          "--clients-from", str(first)], capture_output=True, text=True, check=True).stdout
                    result = json.loads(out.splitlines()[-1])
                    if result["errors"] or result["unexpected"]:
                        raise RuntimeError(f"unexpected answers: {result}")
                    return result["rps"]
                shown = []
                for what, first, count in [("before", 100_000_000, 1_000), ("a million clients", 0, CLIENTS),
                                           ("a million others", CLIENTS, CLIENTS), ("and others again", 2 * CLIENTS, CLIENTS)]:
                    rps = send(first, count)
                    now, most = resident(process.pid)
                    shown.append(f"{what} {now / bench.MIB:.1f} MiB")
                    appended(options, {"batch": head["batch"], "scenario": "clients", "server": name, "what": what, "resident": now, "most": most,
                                       "pss": bench.pss(process.pid), "rps": rps, "errors": 0, "unexpected": 0})
                print(f"{name}: " + ", ".join(shown))
    finally:
        shutil.rmtree(root, ignore_errors=True)


# ---------------------------------------------------------------------------------------------- reporting

def within(runs, others, field):
    """Ratios within each round: the median, the least and the most."""
    by_round = {(r["batch"], r["round"]): r[field] for r in others}
    ratios = [r[field] / by_round[r["batch"], r["round"]] for r in runs if (r["batch"], r["round"]) in by_round]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else "–"


def table(records):
    by_server = {}
    for r in records:
        by_server.setdefault(r["server"], []).append(r)
    lines = ["| server | rules | CPU µs/request | CPU × plain | requests/s | requests/s × plain | runs |", "|---|---|---:|---:|---:|---:|---:|"]
    for name, server in SERVERS.items():
        if runs := by_server.get(name):
            plain = by_server.get(NGINX if name.startswith(NGINX) else PLAIN, [])
            bad, loud = sum(r["errors"] + r["unexpected"] > 0 for r in runs), sum(bench.noisy(r) for r in runs)
            lines.append(f"| {name} | {server.about} | {bench.digits(bench.median_of(runs, 'cpu_us_per_request'))} | "
                         f"{within(runs, plain, 'cpu_us_per_request')} | {bench.digits(bench.median_of(runs, 'rps'))} | {within(runs, plain, 'rps')} | "
                         f"{len(runs)}{f', {loud} noisy' if loud else ''}{f', {bad} with errors' if bad else ''} |")
    return "\n".join(lines)


def report(files):
    records = [json.loads(line) for path in files for line in Path(path).read_text().splitlines()]
    print(table([r for r in records if r.get("scenario") == FILE.name and "failed" not in r]))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--servers", type=bench.names(SERVERS), default=list(SERVERS), help=",".join(SERVERS))
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--seconds", type=float, default=1.2, help="measured part of a run")
    p.add_argument("--warmup", type=float, default=0.4, help="unmeasured part of a run")
    today = time.strftime("%Y-%m-%d.jsonl", time.gmtime())
    p.add_argument("--out", default=str(bench.HERE / "runs" / today), help="raw runs are appended here")
    p.add_argument("--because", default=str(bench.HERE.parent / "target/dist/because"), help="the binary to measure")
    p.add_argument("--no-spin", action="store_true", help="let the load generator sleep when it has nothing to do")
    p.add_argument("--network", choices=["private", "host"], default="private", help="private: a network namespace of our own (root)")
    p.add_argument("--mtu", type=int, default=1500, help="of the private network")
    p.add_argument("--server-core", type=int, default=0)
    p.add_argument("--load-core", type=int, default=1)
    parts = p.add_subparsers(dest="part", metavar="memory | report FILE... | config NAME HOME ROOT PORT")
    parts.add_parser("memory")
    parts.add_parser("report").add_argument("files", nargs="+")
    config = parts.add_parser("config")
    for argument in ("name", "home", "root", "port"):
        config.add_argument(argument)
    options = p.parse_args()
    if options.part == "memory":
        memory(options)
    elif options.part == "report":
        report(options.files)
    elif options.part == "config":
        print(configure(options.because, options.name, options.home, options.root, options.port)[1] or "")
    else:
        run(options)


if __name__ == "__main__":
    main()
