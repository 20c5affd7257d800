#!/usr/bin/env python3
"""Measures `because` beside nginx, lighttpd, Apache httpd, Caddy and a bare epoll loop. See README.md.

    bench/bench.py --servers because,nginx,limit --scenarios file-1k,not-found --rounds 5 --out bench/runs/X.jsonl
    bench/bench.py report bench/runs/X.jsonl [--into bench/README.md]

Needs Python 3.9 and nothing else; bench/setup.sh installs the peers and compiles the two C tools.
"""

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import http.client
import json
import os
import platform
import pwd
import re
import resource
import shlex
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE / ".build"
MIB = 1 << 20
BIG = 64 * MIB
RANGE = 65536
OPEN_FILES = 20000  # enough for 10,000 connections in one server process


# ---------------------------------------------------------------------------------------------- scenarios

class Scenario:
    """One thing asked of every server. `kind` says how it is measured; see `measure`."""

    def __init__(self, name, about, kind="load", path="/1k.html", conns=64, expect=200, flags=(), limit=(), unit="requests/s"):
        self.name, self.about, self.kind, self.path, self.conns = name, about, kind, path, conns
        self.expect, self.flags, self.limit, self.unit = expect, list(flags), list(limit), unit


SCENARIOS = {s.name: s for s in [
    Scenario("file-1k", "1 KiB file, 64 keep-alive connections", limit=["--body", "1024"]),
    Scenario("file-16k", "16 KiB file, 64 keep-alive connections", path="/16k.html", limit=["--body", "16384"]),
    Scenario("not-modified", "`If-None-Match` with the server's own ETag, answered 304, 64 keep-alive connections",
             expect=304, limit=["--status", "304"]),
    Scenario("not-found", "a path that does not exist, answered 404 with the server's own page, 64 keep-alive connections",
             path="/no/such/file.html", expect=404, limit=["--status", "404", "--body", "153"]),
    Scenario("range-64k", "64 KiB at random offsets of a 64 MiB file, 64 keep-alive connections", path="/64m.bin",
             expect=206, flags=["--range", f"{RANGE}:{BIG}"], limit=["--status", "206", "--body", str(RANGE), "--file", "64m.bin"]),
    Scenario("file-64m", "64 MiB file, 4 keep-alive connections", path="/64m.bin", conns=4, unit="MB/s",
             limit=["--body", str(BIG), "--file", "64m.bin"]),
    # By CPU: opening a connection costs the client more than the server, so requests/s measures the client.
    Scenario("new-connection", "1 KiB file, a new connection for each request (`Connection: close`), 64 at a time; CPU time of the server",
             flags=["--close"], limit=["--body", "1024", "--close"], unit="CPU µs/request"),
    Scenario("latency-10k", "1 KiB file at a fixed 10,000 requests/s over 64 keep-alive connections; latency from the time each request was due",
             flags=["--rate", "10000"], limit=["--body", "1024"], unit="p99 µs"),
    Scenario("idle-memory", "memory of 10,000 idle keep-alive connections, each having been answered once",
             kind="idle", conns=10000, limit=["--body", "1024"], unit="bytes/connection"),
    Scenario("start", "from starting the process to its first complete 200", kind="start", limit=["--body", "1024"], unit="ms"),
]}
SMALLER_IS_BETTER = {"p99 µs", "CPU µs/request", "bytes/connection", "ms"}


def value_of(record):
    """The figure a scenario is about, out of one run's record."""
    return record[{"requests/s": "rps", "MB/s": "mb_per_s", "p99 µs": "p99_us", "CPU µs/request": "cpu_us_per_request",
                   "bytes/connection": "bytes_per_connection", "ms": "ms"}[SCENARIOS[record["scenario"]].unit]]


# ---------------------------------------------------------------------------------------------- servers

def unprivileged():
    """The user that servers started by root are told to change to."""
    for name in ("www-data", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return None


class Server:
    """`command` writes the configuration into `home` and returns (argv, extra environment)."""

    name = ""
    binary = ""
    version_args = ["-v"]

    def find(self, options):
        return shutil.which(self.binary, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")

    def version(self, options):
        out = subprocess.run([self.find(options), *self.version_args], capture_output=True, text=True)
        return ((out.stdout + out.stderr).strip().splitlines() or ["?"])[0].strip()

    def command(self, options, home, root, port, scenario):
        raise NotImplementedError


class Because(Server):
    name = "because"
    version_args = ["--version"]

    def find(self, options):
        path = Path(options.because)
        return str(path.resolve()) if path.is_file() else None

    def command(self, options, home, root, port, scenario):
        return [self.find(options), *(a.format(root=root, port=port) for a in shlex.split(options.because_args))], {}


class Nginx(Server):
    """The settings of nginx's own tuning guide: sendfile, tcp_nopush, tcp_nodelay, open_file_cache, no logs."""

    name = "nginx"
    binary = "nginx"
    cache, sendfile = True, "on"

    def command(self, options, home, root, port, scenario):
        user = f"user {unprivileged()};" if os.geteuid() == 0 else ""
        cache = "open_file_cache max=1000 inactive=1h; open_file_cache_valid 60s; open_file_cache_min_uses 1; open_file_cache_errors on;"
        (home / "nginx.conf").write_text(f"""
            {user}
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile {OPEN_FILES};
            pid {home}/nginx.pid;
            error_log {home}/error.log crit;
            events {{ worker_connections 12000; use epoll; multi_accept on; }}
            http {{
                types {{ text/html html; application/octet-stream bin; }}
                access_log off;
                log_not_found off;
                sendfile {self.sendfile};
                tcp_nopush on;
                tcp_nodelay on;
                keepalive_timeout 300s;
                keepalive_requests 1000000000;
                {cache if self.cache else ""}
                client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
                uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
                server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}
            }}""")
        return [self.find(options), "-e", str(home / "error.log"), "-p", str(home), "-c", str(home / "nginx.conf")], {}


class NginxWithoutCache(Nginx):
    name = "nginx-nocache"
    cache = False


class NginxWithoutSendfile(Nginx):
    """For small files nginx is faster when it copies: one writev instead of cork, writev, sendfile, uncork."""

    name = "nginx-nosendfile"
    sendfile = "off"


class Lighttpd(Server):
    """sendfile is lighttpd's default on Linux; 65535 is the most max-keep-alive-requests can hold (16 bits)."""

    name = "lighttpd"
    binary = "lighttpd"

    def command(self, options, home, root, port, scenario):
        user = f'server.username = "{unprivileged()}"' if os.geteuid() == 0 else ""
        (home / "lighttpd.conf").write_text(f"""
            server.document-root = "{root}"
            server.bind = "127.0.0.1"
            server.port = {port}
            server.listen-backlog = 4096
            server.errorlog = "{home}/error.log"
            {user}
            server.max-worker = 0
            server.max-fds = {OPEN_FILES}
            server.max-connections = 12000
            server.max-keep-alive-requests = 65535
            server.max-keep-alive-idle = 300
            server.max-read-idle = 300
            server.event-handler = "linux-sysepoll"
            server.network-backend = "sendfile"
            mimetype.assign = ( ".html" => "text/html", ".bin" => "application/octet-stream" )
            """)
        (home / "error.log").touch()
        os.chmod(home / "error.log", 0o666)
        return [self.find(options), "-D", "-f", str(home / "lighttpd.conf")], {}


class Apache(Server):
    """The event MPM, one process of 64 threads, only the modules a static site needs."""

    name = "apache"
    binary = "apache2"

    def command(self, options, home, root, port, scenario):
        user = f"User {unprivileged()}\nGroup #{pwd.getpwnam(unprivileged()).pw_gid}" if os.geteuid() == 0 else ""
        modules = "/usr/lib/apache2/modules"
        (home / "apache.conf").write_text(f"""
            ServerRoot {home}
            ServerName 127.0.0.1
            PidFile {home}/apache.pid
            DefaultRuntimeDir {home}
            LoadModule mpm_event_module {modules}/mod_mpm_event.so
            LoadModule authz_core_module {modules}/mod_authz_core.so
            LoadModule mime_module {modules}/mod_mime.so
            Listen 127.0.0.1:{port}
            ListenBacklog 4096
            {user}
            StartServers 1
            ServerLimit 1
            ThreadLimit 64
            ThreadsPerChild 64
            MinSpareThreads 1
            MaxSpareThreads 64
            MaxRequestWorkers 64
            AsyncRequestWorkerFactor 200
            MaxConnectionsPerChild 0
            KeepAlive On
            KeepAliveTimeout 300
            MaxKeepAliveRequests 0
            EnableSendfile On
            EnableMMAP On
            HostnameLookups Off
            ErrorLog {home}/error.log
            LogLevel crit
            TypesConfig /dev/null
            AddType text/html .html
            AddType application/octet-stream .bin
            DocumentRoot {root}
            <Directory {root}>
                Options FollowSymLinks
                AllowOverride None
                Require all granted
            </Directory>
            """)
        return [self.find(options), "-D", "FOREGROUND", "-f", str(home / "apache.conf")], {}


class Caddy(Server):
    name = "caddy"
    binary = "caddy"
    version_args = ["version"]

    def command(self, options, home, root, port, scenario):
        (home / "Caddyfile").write_text(f"""{{
    admin off
    auto_https off
    log {{
        output discard
    }}
}}
http://:{port} {{
    bind 127.0.0.1
    root * {root}
    file_server
}}
""")
        return ([self.find(options), "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"],
                {"GOMAXPROCS": "1", "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)})


class Limit(Server):
    """bench/limit/limit.c: the machine's limit, not a server."""

    name = "limit"

    def find(self, options):
        path = TOOLS / "limit"
        return str(path) if path.is_file() else None

    def version(self, options):
        return "bench/limit/limit.c"

    def command(self, options, home, root, port, scenario):
        arguments = [str(root / a) if a.endswith(".bin") else a for a in scenario.limit]
        return [self.find(options), "--port", str(port), *arguments], {}


SERVERS = {s.name: s for s in [Because(), Nginx(), NginxWithoutCache(), NginxWithoutSendfile(), Lighttpd(), Apache(), Caddy(), Limit()]}


# ---------------------------------------------------------------------------------------------- processes

def descendants(pid):
    """`pid` and every process under it."""
    found = [pid]
    for p in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{p}/task"):
                found += [int(c) for c in Path(f"/proc/{p}/task/{task}/children").read_text().split()]
    return found


def cpu_seconds(pid):
    """CPU time used so far by a server's processes, from the scheduler's nanosecond counts."""
    total = 0
    for p in descendants(pid):
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{p}/task"):
                total += int(Path(f"/proc/{p}/task/{task}/schedstat").read_text().split()[0])
    return total / 1e9


def core_seconds(core):
    """CPU time one core has spent not idle."""
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith(f"cpu{core} "):
            f = [int(x) for x in line.split()[1:9]]
            return (sum(f) - f[3] - f[4]) / os.sysconf("SC_CLK_TCK")
    return 0.0


def pss(pid):
    """Memory of a server's processes, shared pages divided among their users, in bytes."""
    total = 0
    for p in descendants(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{p}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Running:
    """A server process pinned to the server core, started by us and stopped by its own pid."""

    def __init__(self, server, options, root, scenario):
        self.home = Path(tempfile.mkdtemp(prefix="bench-"))
        os.chmod(self.home, 0o755)
        self.port = free_port()
        self.log = self.home / "output"
        argv, extra = server.command(options, self.home, root, self.port, scenario)
        out = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        null = os.open(os.devnull, os.O_RDONLY)
        # The child inherits our affinity: no `taskset` to start, so start-up times are the server's own.
        os.sched_setaffinity(0, {options.server_core})
        self.started = time.perf_counter()
        try:
            self.pid = os.posix_spawn(argv[0], argv, {**os.environ, **extra}, setsigmask=[], setpgroup=0, file_actions=[
                (os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)])
        finally:
            os.sched_setaffinity(0, {options.load_core})
            os.close(out)
            os.close(null)
        self.first_answer_ms = None

    def wait(self, path="/1k.html", expect=200, seconds=15):
        """Asks until the first complete answer; its time since the start is kept."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode()
        deadline = self.started + seconds
        while time.perf_counter() < deadline:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) != 0:
                    if os.waitpid(self.pid, os.WNOHANG)[0]:
                        self.pid = None
                        break
                    continue
                s.settimeout(5)
                with contextlib.suppress(OSError):
                    s.sendall(request)
                    answer = b""
                    while b"\r\n\r\n" not in answer or not complete(answer):
                        got = s.recv(65536)
                        if not got:
                            break
                        answer += got
                    if answer.startswith(f"HTTP/1.1 {expect}".encode()):
                        self.first_answer_ms = (time.perf_counter() - self.started) * 1e3
                        return
        raise RuntimeError("no answer; it said:\n" + self.log.read_text(errors="replace")[-2000:])

    def stop(self):
        if self.pid:
            family = descendants(self.pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            deadline = time.time() + 5
            while time.time() < deadline:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    break
                time.sleep(0.01)
            else:
                for p in family:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(p, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            self.pid = None
        shutil.rmtree(self.home, ignore_errors=True)


def complete(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head.startswith(b"HTTP/1.1 304") or length is not None and len(body) >= int(length[1])


@contextlib.contextmanager
def running(server, options, root, scenario):
    process = Running(server, options, root, scenario)
    try:
        # The limit loop gives the scenario's own answer to whatever is asked; a server must give the small file.
        process.wait(expect=scenario.expect if server.name == "limit" else 200)
        yield process
    finally:
        process.stop()


# ---------------------------------------------------------------------------------------------- measuring

def check(server, process, scenario, root):
    """Before its first run a server must prove that it gives the right bytes. Returns headers to send."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=20)

    def get(path, **headers):
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response, response.read()

    extra = []
    if server.name != "limit":
        if scenario.expect == 304:
            response, _ = get(scenario.path)
            etag = response.getheader("ETag")
            if not etag:
                raise RuntimeError("no ETag")
            extra = ["--header", f"If-None-Match: {etag}"]
            response, body = get(scenario.path, **{"If-None-Match": etag})
        elif scenario.expect == 206:
            response, body = get(scenario.path, Range=f"bytes=10000000-{10000000 + RANGE - 1}")
            with open(root / scenario.path[1:], "rb") as f:
                f.seek(10000000)
                if f.read(RANGE) != body:
                    raise RuntimeError("wrong bytes in the range")
        else:
            response, body = get(scenario.path)
            if scenario.expect == 200:
                want = hashlib.sha256((root / scenario.path[1:]).read_bytes()).digest()
                if hashlib.sha256(body).digest() != want:
                    raise RuntimeError("wrong bytes")
        if response.status != scenario.expect:
            raise RuntimeError(f"answered {response.status} instead of {scenario.expect}")
    connection.close()
    return extra


def run_load(options, process, scenario, extra):
    """The load generator against a running server, with both cores' use during the measured part."""
    argv = [str(TOOLS / "load"), "--port", str(process.port), "--conns", str(scenario.conns), "--path", scenario.path,
            "--expect", str(scenario.expect), "--duration", str(options.seconds), "--warmup", str(options.warmup), *scenario.flags, *extra]
    if not options.no_spin:
        argv.append("--spin")
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        if child.stdout.readline() != "measuring\n":
            raise RuntimeError("the load generator failed")
        cores = (options.server_core, options.load_core)
        cpu, busy = cpu_seconds(process.pid), [core_seconds(c) for c in cores]
        line = child.stdout.readline()
        cpu, busy = cpu_seconds(process.pid) - cpu, [core_seconds(c) - b for c, b in zip(cores, busy)]
        if child.wait() != 0 or not line:
            raise RuntimeError("the load generator failed")
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    result = json.loads(line)
    seconds = result["seconds"]
    result["server_cpu"] = round(cpu / seconds, 4)
    result["cpu_us_per_request"] = round(cpu * 1e6 / max(1, result["requests"]), 3)
    result["foreign_server_core"] = round(max(0.0, busy[0] - cpu) / seconds, 4)
    result["foreign_load_core"] = round(max(0.0, busy[1] / seconds - result["load_cpu"]), 4)
    return result


def run_wrk(options, process, scenario, extra):
    """The same keep-alive case by wrk, to check our own load generator against."""
    headers = [x for i, x in enumerate(extra) if i % 2]
    argv = ["wrk", "-t1", f"-c{scenario.conns}", "--latency", *(x for h in headers for x in ("-H", h))]
    url = f"http://127.0.0.1:{process.port}{scenario.path}"
    subprocess.run([*argv, f"-d{max(1, round(options.warmup))}s", url], capture_output=True, check=True)
    cpu, mine, start = cpu_seconds(process.pid), os.times(), time.perf_counter()
    out = subprocess.run([*argv, f"-d{max(1, round(options.seconds))}s", url], capture_output=True, text=True, check=True).stdout
    seconds, now = time.perf_counter() - start, os.times()
    cpu = cpu_seconds(process.pid) - cpu
    requests, took, scale = re.search(r"(\d+) requests in ([\d.]+)(s|m)", out).groups()
    unit = {"us": 1, "ms": 1e3, "s": 1e6}
    latency = {p: float(v) * unit[u] for p, v, u in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)", out)}
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    return {"requests": int(requests), "seconds": float(took), "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            "errors": sum(map(int, errors.groups())) if errors else 0,
            "unexpected": 0 if scenario.expect == 404 or not bad else int(bad[1]),
            "p50_us": latency.get("50", 0), "p99_us": latency.get("99", 0), "server_cpu": round(cpu / seconds, 4),
            "load_cpu": round((now.children_user + now.children_system - mine.children_user - mine.children_system) / seconds, 4),
            "cpu_us_per_request": round(cpu * 1e6 / max(1, int(requests)), 3), "mb_per_s": 0}


def run_idle(options, process, scenario):
    """PSS with nothing open (but warm), then with every connection open and idle."""
    load = [str(TOOLS / "load"), "--port", str(process.port), "--path", scenario.path]
    subprocess.run([*load, "--requests", "20000"], stdout=subprocess.DEVNULL, check=True)
    time.sleep(0.5)
    before = pss(process.pid)
    child = subprocess.Popen([*load, "--hold", "--conns", str(scenario.conns)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        line = child.stdout.readline()
        if not line:
            raise RuntimeError("could not hold the connections open")
        time.sleep(1)
        after = pss(process.pid)
        held = json.loads(line)
    finally:
        child.stdin.close()
        child.wait()
    return {"requests": held["requests"], "errors": held["errors"] + held["reconnects"], "unexpected": held["unexpected"],
            "pss_before": before, "pss_after": after, "bytes_per_connection": round((after - before) / scenario.conns, 1)}


def measure(options, server, scenario, root, checked):
    """One run: a fresh process, warmed up, measured, stopped."""
    with running(server, options, root, scenario) as process:
        if scenario.kind == "start":
            return {"ms": round(process.first_answer_ms, 3), "errors": 0, "unexpected": 0}
        key = (server.name, scenario.name)
        if key not in checked or scenario.expect == 304:
            checked[key] = check(server, process, scenario, root)
        if scenario.kind == "idle":
            return run_idle(options, process, scenario)
        if options.generator == "wrk":
            return run_wrk(options, process, scenario, checked[key])
        return run_load(options, process, scenario, checked[key])


def make_root(root):
    os.chmod(root, 0o755)
    page = b"<!doctype html><title>bench</title><p>" + b"because " * 2048
    (root / "1k.html").write_bytes(page[:1024])
    (root / "16k.html").write_bytes(page[:16384])
    block = b"".join(i.to_bytes(8, "big") for i in range(MIB // 8))
    with open(root / "64m.bin", "wb") as f:
        for i in range(BIG // MIB):
            f.write(hashlib.sha256(bytes([i])).digest() + block[32:])
    long_ago = time.time() - 86400
    for f in root.iterdir():
        os.chmod(f, 0o644)
        os.utime(f, (long_ago, long_ago))  # or a server may call the ETag weak for the file's first second


def machine():
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    release = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    return {"cpu": model[1] if model else platform.machine(), "cores": os.cpu_count(), "os": release[1] if release else "?",
            "kernel": re.match(r"[\d.]+", platform.release())[0], "memory_mib": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // MIB}


def private_network(options):
    """A loopback of our own, so that sizes and timers are those of Ethernet and nobody's settings reach the runs.

    The host's loopback has an MTU of 65,536: an answer's last, partial segment then waits up to 40 ms for a delayed
    acknowledgement that no real network would delay, and the congestion control may be one that paces (bbr).
    """
    if options.network == "private":
        if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(0x40000000) != 0:  # CLONE_NEWNET
            sys.exit("a private network needs root; --network host uses the machine's loopback")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, 0x8922, struct.pack("16si", b"lo", options.mtu))  # SIOCSIFMTU
            fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x41))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING
        Path("/proc/sys/net/ipv4/tcp_congestion_control").write_text("reno")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        mtu = struct.unpack("16si", fcntl.ioctl(s, 0x8921, struct.pack("16si", b"lo", 0)))[1]
    control = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    return {"network": options.network, "mtu": mtu, "congestion_control": control}


def run(options):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < 12000:
        print(f"only {hard} open files allowed: idle-memory will fail", file=sys.stderr)
    if os.cpu_count() < 2:
        sys.exit("two cores are needed: one for the server, one for the load")
    if not (TOOLS / "load").is_file():
        sys.exit("bench/.build/load is missing: run bench/setup.sh")
    if options.generator == "wrk" and any(SCENARIOS[n].kind != "load" or SCENARIOS[n].flags for n in options.scenarios):
        sys.exit("wrk can only run file-1k, file-16k, not-modified, not-found and file-64m")
    network = private_network(options)
    os.sched_setaffinity(0, {options.load_core})

    servers = []
    for name in options.servers:
        if SERVERS[name].find(options):
            servers.append(SERVERS[name])
        else:
            print(f"{name}: not installed, left out", file=sys.stderr)
    out = Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    batch = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    root = Path(tempfile.mkdtemp(prefix="bench-root-"))
    records, checked = [], {}
    try:
        make_root(root)
        with open(out, "a") as f:
            def write(record):
                f.write(json.dumps(record, ensure_ascii=False) + "\n")
                f.flush()
            write({"batch": batch, "machine": machine(), "network": network, "commit": commit.stdout.strip() or None, "seconds": options.seconds,
                   "warmup": options.warmup, "generator": options.generator, "spin": not options.no_spin,
                   "versions": {s.name: s.version(options) for s in servers}})
            for name in options.scenarios:
                scenario = SCENARIOS[name]
                rounds = options.rounds if scenario.kind != "start" else max(20, options.rounds)
                rounds = min(rounds, 3) if scenario.kind == "idle" else rounds
                for number in range(1, rounds + 1):
                    # Each round begins with another server, so that no place in the order is anyone's own.
                    turn = number % len(servers)
                    for server in servers[turn:] + servers[:turn]:
                        head = {"batch": batch, "scenario": name, "server": server.name, "round": number}
                        try:
                            record = {**head, **measure(options, server, scenario, root, checked)}
                            records.append(record)
                            shown = f"{value_of(record):12,.1f} {scenario.unit}"
                        except (RuntimeError, OSError, subprocess.CalledProcessError) as problem:
                            record = {**head, "failed": re.sub(re.escape(tempfile.gettempdir()) + r"/[\w-]+", "TMP", str(problem))}
                            shown = f"failed: {problem}"
                        write(record)
                        print(f"{name:15} {number:3} {server.name:16} {shown}{'  (noisy)' if noisy(record) else ''}", file=sys.stderr)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print(render(records, {}, markdown=False))


# ---------------------------------------------------------------------------------------------- reporting

def digits(v):
    return f"{v:,.0f}" if v >= 1000 else f"{v:,.1f}" if v >= 10 else f"{v:,.2f}"


def median_of(runs, field):
    values = [r[field] for r in runs if field in r]
    return statistics.median(values) if values else None


def bottleneck(runs):
    """Which core had no time left. The load generator spins, so it is idle when its polls find nothing."""
    server, idle = median_of(runs, "server_cpu"), median_of(runs, "load_idle")
    if SCENARIOS[runs[0]["scenario"]].unit == "p99 µs":
        return "–"  # a fixed rate: neither is meant to be
    if server >= 0.95:
        return "server"
    load = 1 - idle if idle is not None else median_of(runs, "load_cpu")
    return "load" if load >= 0.95 else "neither"


def noisy(record):
    """Something else had more than a twentieth of either core."""
    return max(record.get("foreign_server_core", 0), record.get("foreign_load_core", 0)) > 0.05


def ratio(runs, others, value=value_of):
    """The median of the ratios within each round, so that what slows a whole round divides out."""
    by_round = {(r["batch"], r["round"]): value(r) for r in others}
    pairs = [value(r) / by_round[r["batch"], r["round"]] for r in runs if by_round.get((r["batch"], r["round"]))]
    return f"{statistics.median(pairs):.2f}" if pairs else "–"


def scenario_rows(records, scenario):
    by_server = {}
    for r in records:
        if r["scenario"] == scenario.name:
            by_server.setdefault(r["server"], []).append(r)
    median = {name: statistics.median(value_of(r) for r in runs) for name, runs in by_server.items()}
    smaller = scenario.unit in SMALLER_IS_BETTER
    header = ["server", scenario.unit, "min–max", "× nginx", "× limit"]
    if scenario.kind == "load":
        columns = {"requests/s": "rps", "p50 µs": "p50_us", "p99 µs": "p99_us", "p99.9 µs": "p999_us", "CPU µs/request": "cpu_us_per_request"}
        columns.pop(scenario.unit, None)
        header += [*columns, "CPU × nginx", "server core", "bottleneck", "answer bytes"]
    if scenario.kind == "idle":
        header += ["total MiB at 0", f"total MiB at {scenario.conns:,}"]
    header += ["runs"]
    rows = []
    for name in sorted(by_server, key=lambda n: (n == "limit", median[n] if smaller else -median[n])):
        runs = by_server[name]
        values = [value_of(r) for r in runs]
        row = [name, digits(median[name]), f"{digits(min(values))}–{digits(max(values))}"]
        for other in ("nginx", "limit"):
            row.append(ratio(runs, by_server.get(other, [])))
        if scenario.kind == "load":
            row += [digits(v) if (v := median_of(runs, f)) is not None else "–" for f in columns.values()]
            row.append(ratio(runs, by_server.get("nginx", []), lambda r: r["cpu_us_per_request"]))
            row += [f"{median_of(runs, 'server_cpu') * 100:.0f} %", bottleneck(runs)]
            row += [digits(v) if (v := median_of(runs, "answer_bytes")) else "–"]
        if scenario.kind == "idle":
            row += [f"{median_of(runs, f) / MIB:,.1f}" for f in ("pss_before", "pss_after")]
        disturbed = sum(noisy(r) for r in runs)
        bad = sum(r["errors"] + r["unexpected"] > 0 for r in runs)
        row.append(f"{len(runs)}" + (f", {disturbed} noisy" if disturbed else "") + (f", {bad} with errors" if bad else ""))
        rows.append(row)
    return header, rows


def render(records, batches, markdown=True):
    out = []
    if batches:
        first = next(iter(batches.values()))
        m = first["machine"]
        out.append(f"{m['cpu']}, {m['cores']} cores, {m['memory_mib']:,} MiB, {m['os']}, Linux {m['kernel']}. "
                   f"Loopback with an MTU of {first['network']['mtu']:,}, {first['network']['congestion_control']}. "
                   f"Runs of {first['seconds']:g} s after {first['warmup']:g} s of warm-up, {first['generator']} as the load generator.")
        versions = {n: v for b in batches.values() for n, v in b["versions"].items()}
        out.append("Versions: " + "; ".join(f"{n}: {v}" for n, v in versions.items()) + ".")
    for name, scenario in SCENARIOS.items():
        if not any(r["scenario"] == name for r in records):
            continue
        header, rows = scenario_rows(records, scenario)
        better = "smaller is better" if scenario.unit in SMALLER_IS_BETTER else "larger is better"
        if markdown:
            table = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
            table += ["| " + " | ".join(row) + " |" for row in rows]
            out.append(f"### {name}\n\n{scenario.about[0].upper() + scenario.about[1:]}. {scenario.unit}, {better}.\n\n" + "\n".join(table))
        else:
            widths = [max(len(r[i]) for r in [header, *rows]) for i in range(len(header))]
            lines = ["  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(r, widths))) for r in [header, *rows]]
            out.append(f"{name}: {scenario.about} ({better})\n" + "\n".join(lines))
    return "\n\n".join(out)


def report(options):
    batches, records, failed, left_out = {}, [], 0, 0
    for path in options.files:
        for line in Path(path).read_text().splitlines():
            r = json.loads(line)
            if "machine" in r:
                batches[r["batch"]] = r
            elif "failed" in r:
                failed += 1
            elif options.without_noisy and noisy(r):
                left_out += 1
            else:
                records.append(r)
    text = render(records, batches)
    if failed:
        text += f"\n\n{failed} runs failed; see the raw lines."
    if left_out:
        text += f"\n\n{left_out} runs left out: something else used more than 5 % of a core."
    if not options.into:
        print(text)
        return
    page = Path(options.into)
    begin, end = "<!-- results: begin -->", "<!-- results: end -->"
    before, _, rest = page.read_text().partition(begin)
    if not rest or end not in rest:
        sys.exit(f"{page} has no place for results")
    names = ", ".join(f"`{Path(p).name}`" for p in options.files)
    page.write_text(f"{before}{begin}\nWritten by `bench.py report` from {names} in `runs/`.\n\n{text}\n{end}{rest.partition(end)[2]}")


def names(known):
    def parse(text):
        chosen = [n for n in text.split(",") if n]
        unknown = [n for n in chosen if n not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        return chosen
    return parse


def main():
    if sys.argv[1:2] == ["report"]:
        p = argparse.ArgumentParser(prog="bench.py report", description="Turns raw runs into Markdown tables.")
        p.add_argument("files", nargs="+")
        p.add_argument("--into", help="write between the results markers of this file instead of printing")
        p.add_argument("--without-noisy", action="store_true", help="leave out runs that something else disturbed")
        return report(p.parse_args(sys.argv[2:]))
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                epilog="scenarios:\n" + "\n".join(f"  {s.name:15} {s.about}" for s in SCENARIOS.values()))
    p.add_argument("--servers", type=names(SERVERS), default=list(SERVERS), help=",".join(SERVERS))
    p.add_argument("--scenarios", type=names(SCENARIOS), default=list(SCENARIOS), help="see below; default: all")
    p.add_argument("--rounds", type=int, default=5, help="rounds of all servers (start: at least 20; idle-memory: at most 3)")
    p.add_argument("--seconds", type=float, default=3, help="measured part of a run")
    p.add_argument("--warmup", type=float, default=1, help="unmeasured part of a run")
    p.add_argument("--out", default=str(HERE / "runs" / time.strftime("%Y-%m-%d.jsonl", time.gmtime())), help="raw runs are appended here")
    p.add_argument("--because", default=str(HERE.parent / "target/dist/because"), help="the binary to measure")
    p.add_argument("--because-args", default="serve {root} --listen 127.0.0.1:{port} --threads 1 --log off")
    p.add_argument("--generator", choices=["load", "wrk"], default="load", help="wrk: keep-alive cases only, for cross-checking")
    p.add_argument("--no-spin", action="store_true", help="let the load generator sleep when it has nothing to do")
    p.add_argument("--network", choices=["private", "host"], default="private", help="private: a network namespace of our own (root)")
    p.add_argument("--mtu", type=int, default=1500, help="of the private network")
    p.add_argument("--server-core", type=int, default=0)
    p.add_argument("--load-core", type=int, default=1)
    run(p.parse_args())


if __name__ == "__main__":
    main()
