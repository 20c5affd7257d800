#!/usr/bin/env python3
"""Measures `because serve --write` beside Apache's mod_dav and beside the disk itself. See README.md.

    bench/dav.py --binary target/dist/because
    bench/dav.py --servers because,apache --scenarios propfind-all,put-4k --rounds 5 --keep
    bench/dav.py report bench/runs/2026-01-01-dav.jsonl

Runs are made as in bench.py: a private network, one core for the server and one for the load, interleaved rounds, a fresh
server and a fresh folder for each run. The table is printed; raw runs are kept in bench/runs only with --keep.
Needs root, Python 3.9, apache2 and wrk (bench/setup.sh).
"""

import argparse
import contextlib
import json
import os
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import bench
from bench import MIB, Scenario, core_seconds, cpu_seconds, descendants, digits, median_of, names, noisy, ratio

sys.path.insert(0, str(bench.HERE.parent / "tests"))
from peer import Gone, Peer, Violation  # noqa: E402

MEMBERS = 1000  # files in the folder that is asked about, and in the tree that is copied
FILE = bytes(range(256)) * 16  # 4 KiB
PUT_NAMES = 64  # files that are replaced in turn, so that 8 connections hardly ever meet at one
PUT_CONNECTIONS = 8

# What the file managers of GNOME and KDE ask about each member.
NAMED = """<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:displayname/><D:getcontentlength/>\
<D:getcontenttype/><D:getetag/><D:getlastmodified/><D:creationdate/><D:resourcetype/></D:prop></D:propfind>"""

SCENARIOS = {s.name: s for s in [
    Scenario("propfind-all", f"PROPFIND, Depth 1, no content (allprop), of a folder with {MEMBERS:,} files, 8 keep-alive connections",
             kind="propfind", conns=8, expect=207),
    Scenario("propfind-named", "the same with the seven properties that a desktop asks for", kind="propfind", conns=8, expect=207),
    Scenario("propfind-changing", "propfind-named and a PUT to one of the files in turn, both counted: no answer can be given twice",
             kind="propfind", conns=8, expect=207),
    Scenario("put-4k", "PUT of 4 KiB over a file that is there, 8 keep-alive connections; `because` with --no-fsync, since Apache "
             "does not fsync either", kind="put", conns=PUT_CONNECTIONS),
    Scenario("put-4k-fsync", "the same, on the disk before it is answered; `disk-N` is a loop of create, write, fsync, rename, fsync of "
             "the folder in N threads", kind="put", conns=PUT_CONNECTIONS),
    Scenario("copy-tree", f"COPY of a tree of {MEMBERS:,} files of 4 KiB in ten folders to a new name", kind="tree", unit="ms"),
    Scenario("delete-tree", "DELETE of that copy", kind="tree", unit="ms"),
    Scenario("put-stream", "one PUT of {size} MiB; `disk-1` writes as much into a file, without fsync", kind="stream", unit="MB/s"),
    Scenario("put-memory", "growth of the resident memory (RSS) during that PUT, at its highest", kind="stream", unit="MiB"),
]}
FIELD = {"requests/s": "rps", "ms": "ms", "MB/s": "mb_per_s", "MiB": "rss_growth_mib"}
SMALLER_IS_BETTER = {"ms", "MiB"}


def value_of(record):
    """The figure a scenario is about, out of one run's record."""
    return record[FIELD[SCENARIOS[record["scenario"]].unit]]


# ---------------------------------------------------------------------------------------------- servers

class Because(bench.Because):
    """The program under its own command line; `fsync` is what it does unless told otherwise."""

    name = "because"
    flags = ["--no-fsync"]

    def find(self, options):
        path = Path(options.binary)
        return str(path.resolve()) if path.is_file() else None

    def command(self, options, home, root, port, scenario):
        return [self.find(options), "serve", str(root), "--write", "--listen", f"127.0.0.1:{port}", "--threads", "1", "--log", "off",
                *self.flags, *shlex.split(options.binary_args)], {}

    def measures(self, scenario):
        return scenario.name != "put-4k-fsync"


class BecauseSynced(Because):
    name = "because-fsync"
    flags = []

    def measures(self, scenario):
        return scenario.kind != "propfind" and scenario.name != "put-4k"


class Apache(bench.Apache):
    """The configuration of bench.py and mod_dav: its own lock database, no limit on content."""

    def command(self, options, home, root, port, scenario):
        argv, extra = super().command(options, home, root, port, scenario)
        modules = "/usr/lib/apache2/modules"
        with open(home / "apache.conf", "a") as f:
            f.write(f"""
            LoadModule dav_module {modules}/mod_dav.so
            LoadModule dav_fs_module {modules}/mod_dav_fs.so
            DavLockDB {home}/locks
            LimitRequestBody 0
            <Directory {root}>
                Dav On
            </Directory>
            """)
        shutil.chown(home, bench.unprivileged())
        return argv, extra

    def measures(self, scenario):
        return scenario.name != "put-4k-fsync"


class Disk:
    """No server: what the disk allows a program that does nothing else."""

    def __init__(self, threads):
        self.name, self.threads = f"disk-{threads}", threads

    def find(self, options):
        return True

    def version(self, options):
        return f"a loop in {self.threads} thread(s) of bench/dav.py"

    def measures(self, scenario):
        return scenario.name == "put-4k-fsync" or scenario.name == "put-stream" and self.threads == 1


SERVERS = {s.name: s for s in [Because(), BecauseSynced(), Apache(), Disk(1), Disk(PUT_CONNECTIONS)]}


# ---------------------------------------------------------------------------------------------- measuring

def make_root(options, scenario):
    """A folder of its own for a run, on the file system that was asked for."""
    root = Path(tempfile.mkdtemp(prefix="bench-dav-", dir=options.folder))
    os.chmod(root, 0o755)
    (root / "1k.html").write_bytes(FILE[:1024])
    if scenario.kind == "propfind":
        (root / "many").mkdir()
        for i in range(MEMBERS):
            (root / "many" / f"file-{i:04}.html").write_bytes(FILE[:100])
    elif scenario.kind == "tree":
        for i in range(10):
            (root / "tree" / f"folder-{i}").mkdir(parents=True)
            for j in range(MEMBERS // 10):
                (root / "tree" / f"folder-{i}" / f"file-{j:03}.html").write_bytes(FILE)
    elif scenario.kind == "put":
        (root / "put").mkdir()
        for i in range(PUT_NAMES):
            (root / "put" / f"{i}.bin").write_bytes(b"old")
    long_ago = time.time() - 86400
    for path in [root, *root.rglob("*")]:
        if bench.unprivileged():
            shutil.chown(path, bench.unprivileged())
        os.utime(path, (long_ago, long_ago))
    return root


def ask(port, method, path, body=None, expect=(), **fields):
    peer = Peer(port)
    try:
        answer = peer.ask(method, path, {k.replace("_", "-"): v for k, v in fields.items()}, body)
    except (Gone, Violation) as problem:
        raise RuntimeError(f"{method} {path}: {problem}") from None
    finally:
        peer.close()
    if answer.status not in expect:
        raise RuntimeError(f"{method} {path} was answered {answer.status}: {answer.content[:300].decode(errors='replace')}")
    return answer.content


LUA = """
local requests, turn, count = {}, 0, 0
init = function()
    local headers = {["Host"] = wrk.headers["Host"], %(headers)s}
    for i = 0, %(count)d - 1 do
        requests[i] = wrk.format("%(method)s", string.format("%(path)s", i), headers, %(body)s)
    end
    %(more)s
    count = #requests + 1
end
request = function()
    turn = (turn + 1) %% count
    return requests[turn]
end
done = function(summary, latency)
    local e = summary.errors
    io.write(string.format('RESULT {"requests": %%d, "seconds": %%.6f, "bytes": %%d, "unexpected": %%d, "errors": %%d, ' ..
        '"p50_us": %%.1f, "p99_us": %%.1f, "max_us": %%.1f}\\n', summary.requests, summary.duration / 1e6, summary.bytes, e.status,
        e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99), latency.max))
end
"""


# Every second request is a PUT to another file of the folder, with another length each time.
CHANGES = """for i = 1, 999, 2 do
        requests[i] = wrk.format("PUT", string.format("/many/file-%04d.html", i), {["Host"] = wrk.headers["Host"]}, string.rep("x", i))
        requests[i + 1] = requests[0]
    end"""


def wrk(options, process, scenario, script):
    """wrk on the load core against a running server, and what both cores did meanwhile."""
    argv = ["wrk", "-t1", f"-c{scenario.conns}", "--timeout", "30s", "-s", str(script)]
    url = f"http://127.0.0.1:{process.port}/"
    subprocess.run([*argv, f"-d{max(1, round(options.warmup))}s", url], capture_output=True, check=True)
    cores = (options.server_core, options.load_core)
    cpu, mine, busy = cpu_seconds(process.pid), os.times(), [core_seconds(c) for c in cores]
    out = subprocess.run([*argv, f"-d{max(1, round(options.seconds))}s", url], capture_output=True, text=True, check=True).stdout
    now = os.times()
    cpu, busy = cpu_seconds(process.pid) - cpu, [core_seconds(c) - b for c, b in zip(cores, busy)]
    result = json.loads(next(line for line in out.splitlines() if line.startswith("RESULT "))[7:])
    if not result["requests"] or result["unexpected"] > result["requests"] / 100:
        raise RuntimeError(f"{result['unexpected']} of {result['requests']} requests were refused")
    seconds = result["seconds"]
    load = sum(now[:4]) - sum(mine[:4])
    return {**result, "rps": round(result["requests"] / seconds, 2), "answer_bytes": round(result["bytes"] / result["requests"], 1),
            "cpu_us_per_request": round(cpu * 1e6 / result["requests"], 2), "server_cpu": round(cpu / seconds, 4),
            "load_cpu": round(load / seconds, 4), "foreign_server_core": round(max(0.0, busy[0] - cpu) / seconds, 4),
            "foreign_load_core": round(max(0.0, busy[1] - load) / seconds, 4)}


def run_propfind(options, process, scenario, root):
    body = NAMED if scenario.name != "propfind-all" else ""
    fields = {"Depth": "1", "Content-Type": "application/xml"} if body else {"Depth": "1"}
    content = ask(process.port, "PROPFIND", "/many/", body.encode() or None, (207,), **fields)
    found = ElementTree.fromstring(content).findall("{DAV:}response")
    if len(found) != MEMBERS + 1:
        raise RuntimeError(f"{len(found)} responses instead of {MEMBERS + 1}")
    for response in found:
        for wanted in ("resourcetype", "getlastmodified", "getetag"):
            collection = response.find(".//{DAV:}collection") is not None
            if response.find(f".//{{DAV:}}{wanted}") is None and not collection:
                raise RuntimeError(f"a response without {wanted}: {ElementTree.tostring(response)[:300]}")
    script = process.home / "wrk.lua"
    headers = ", ".join(f'["{k}"] = "{v}"' for k, v in fields.items())
    script.write_text(LUA % {"count": 1, "method": "PROPFIND", "path": "/many/", "headers": headers, "body": f"[[{body}]]" if body else "nil",
                             "more": CHANGES if scenario.name == "propfind-changing" else ""})
    return wrk(options, process, scenario, script)


def run_put(options, process, scenario, root):
    script = process.home / "wrk.lua"
    body = "string.rep((function() local t = {} for b = 0, 255 do t[#t + 1] = string.char(b) end return table.concat(t) end)(), 16)"
    script.write_text(LUA % {"count": PUT_NAMES, "method": "PUT", "path": "/put/%d.bin", "headers": "", "body": body, "more": ""})
    result = wrk(options, process, scenario, script)
    for i in range(PUT_NAMES):
        if (root / "put" / f"{i}.bin").read_bytes() != FILE:
            raise RuntimeError(f"put/{i}.bin does not hold what was put")
    return result


def disk_put(options, disk, root):
    """create, write, fsync, rename, fsync of the folder: the least that a server must do for a PUT that lasts."""
    counts, end = [0] * disk.threads, time.perf_counter() + options.seconds

    def loop(k):
        folder = os.open(root / "put", os.O_RDONLY | os.O_DIRECTORY)
        turn = 0
        while time.perf_counter() < end:
            new = os.open(f"new-{k}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=folder)
            os.write(new, FILE)
            os.fsync(new)
            os.close(new)
            turn = (turn + disk.threads) % PUT_NAMES
            os.rename(f"new-{k}", f"{turn + k}.bin", src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
            counts[k] += 1
        os.close(folder)

    return in_threads(options, disk.threads, loop, lambda seconds: {"rps": round(sum(counts) / seconds, 2)})


def disk_stream(options, root):
    def loop(_):
        with open(root / "stream.bin", "wb", buffering=0) as f:
            for _ in range(options.size):
                f.write(BLOCK)

    return in_threads(options, 1, loop, lambda seconds: {"mb_per_s": round(options.size * MIB / 1e6 / seconds, 2)})


def in_threads(options, count, loop, result):
    """Threads on the server core, as the server's would be."""
    os.sched_setaffinity(0, {options.server_core})
    try:
        threads = [threading.Thread(target=loop, args=(k,)) for k in range(count)]
        cpu, busy, start = os.times(), core_seconds(options.server_core), time.perf_counter()
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        seconds, now = time.perf_counter() - start, os.times()
        used = sum(now[:2]) - sum(cpu[:2])
        foreign = max(0.0, core_seconds(options.server_core) - busy - used) / seconds
        return {**result(seconds), "server_cpu": round(used / seconds, 4), "foreign_server_core": round(foreign, 4)}
    finally:
        os.sched_setaffinity(0, {options.load_core})


def run_tree(options, process, scenario, root):
    """Several copies, each deleted again; the time of the one that is asked about."""
    copy, delete, cpu, busy = [], [], 0.0, 0.0
    for i in range(options.repeats + 1):
        target = f"http://127.0.0.1:{process.port}/copy-{i}/"
        before, core, start = cpu_seconds(process.pid), core_seconds(options.server_core), time.perf_counter()
        ask(process.port, "COPY", "/tree/", None, (201,), Destination=target, Depth="infinity")
        copied, between = time.perf_counter(), (cpu_seconds(process.pid), core_seconds(options.server_core))
        if sum(len(files) for _, _, files in os.walk(root / f"copy-{i}")) < MEMBERS:
            raise RuntimeError("the copy is not whole")
        middle = (cpu_seconds(process.pid), core_seconds(options.server_core), time.perf_counter())
        ask(process.port, "DELETE", f"/copy-{i}/", None, (204,))
        deleted = time.perf_counter()
        if (root / f"copy-{i}").exists():
            raise RuntimeError("it was not deleted")
        if i == 0:
            continue  # the first finds nothing in the caches
        copy.append((copied - start) * 1e3)
        delete.append((deleted - middle[2]) * 1e3)
        if scenario.name == "copy-tree":
            cpu, busy = cpu + between[0] - before, busy + between[1] - core
        else:
            cpu, busy = cpu + cpu_seconds(process.pid) - middle[0], busy + core_seconds(options.server_core) - middle[1]
    times = copy if scenario.name == "copy-tree" else delete
    seconds = sum(times) / 1e3
    return {"ms": round(statistics.median(times), 3), "each_ms": [round(t, 2) for t in times], "server_cpu": round(cpu / seconds, 4),
            "cpu_us_per_request": round(cpu * 1e6 / len(times), 1), "foreign_server_core": round(max(0.0, busy - cpu) / seconds, 4)}


BLOCK = FILE * (MIB // len(FILE))


def resident(pid):
    """RSS of a server's processes, in bytes."""
    total = 0
    for p in descendants(pid):
        with contextlib.suppress(OSError):
            total += int(Path(f"/proc/{p}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total


def run_stream(options, process, scenario, root):
    ask(process.port, "PUT", "/small.bin", FILE, (201, 204))  # what a first request sets aside is not this one's
    before, samples, over = resident(process.pid), [], threading.Event()

    def sample():
        while not over.wait(0.02):
            samples.append(resident(process.pid))

    sampler = threading.Thread(target=sample)
    cpu, busy = cpu_seconds(process.pid), core_seconds(options.server_core)
    with socket.create_connection(("127.0.0.1", process.port), timeout=120) as s:
        sampler.start()
        start = time.perf_counter()
        try:
            s.sendall(f"PUT /stream.bin HTTP/1.1\r\nHost: 127.0.0.1:{process.port}\r\nContent-Length: {options.size * MIB}\r\n\r\n".encode())
            try:
                for _ in range(options.size):
                    s.sendall(BLOCK)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it refused; the answer says why
            answer = s.recv(65536)
            seconds = time.perf_counter() - start
        finally:
            over.set()
            sampler.join()
    cpu, busy = cpu_seconds(process.pid) - cpu, core_seconds(options.server_core) - busy
    if not answer.startswith((b"HTTP/1.1 201", b"HTTP/1.1 204")):
        raise RuntimeError(f"PUT of {options.size} MiB was answered {answer[:400].decode(errors='replace')}")
    with open(root / "stream.bin", "rb") as f:
        size = f.seek(0, os.SEEK_END)
        f.seek(size - MIB)
        if size != options.size * MIB or f.read(MIB) != BLOCK:
            raise RuntimeError(f"{size} octets are there")
    return {"mb_per_s": round(options.size * MIB / 1e6 / seconds, 2), "seconds": round(seconds, 3), "server_cpu": round(cpu / seconds, 4),
            "rss_before_mib": round(before / MIB, 2), "rss_growth_mib": round((max(samples, default=before) - before) / MIB, 2),
            "samples": len(samples), "cpu_us_per_request": round(cpu * 1e6, 1),
            "foreign_server_core": round(max(0.0, busy - cpu) / seconds, 4)}


def measure(options, server, scenario):
    root = make_root(options, scenario)
    os.sync()  # what an earlier run left to be written is not this one's
    try:
        if isinstance(server, Disk):
            return disk_put(options, server, root) if scenario.kind == "put" else disk_stream(options, root)
        act = {"propfind": run_propfind, "put": run_put, "tree": run_tree, "stream": run_stream}[scenario.kind]
        with bench.running(server, options, root, scenario) as process:
            return act(options, process, scenario, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


# ---------------------------------------------------------------------------------------------- rounds

def run(options):
    if os.geteuid() != 0 or (os.cpu_count() or 1) < 2 or not shutil.which("wrk"):
        sys.exit("root, two cores and wrk are needed")
    for scenario in SCENARIOS.values():
        scenario.about = scenario.about.replace("{size}", f"{options.size:,}")
    servers = [SERVERS[n] for n in options.servers if SERVERS[n].find(options)]
    for name in set(options.servers) - {s.name for s in servers}:
        print(f"{name}: not there, left out", file=sys.stderr)
    network = bench.private_network(options)
    os.sched_setaffinity(0, {options.load_core})
    commit = subprocess.run(["git", "-C", str(bench.HERE), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    batch = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    lines = [{"batch": batch, "machine": bench.machine(), "network": network, "commit": commit.stdout.strip() or None,
              "seconds": options.seconds, "warmup": options.warmup, "size_mib": options.size, "versions": {s.name: s.version(options) for s in servers}}]
    with contextlib.suppress(KeyboardInterrupt):
        for name in options.scenarios:
            scenario = SCENARIOS[name]
            there = [s for s in servers if s.measures(scenario)]
            for number in range(1, options.rounds + 1):
                turn = number % max(1, len(there))
                for server in there[turn:] + there[:turn]:
                    head = {"batch": batch, "scenario": name, "server": server.name, "round": number}
                    try:
                        record = {**head, **measure(options, server, scenario)}
                        shown = f"{value_of(record):12,.1f} {scenario.unit}{'  (noisy)' if noisy(record) else ''}"
                    except (RuntimeError, OSError, subprocess.CalledProcessError, ElementTree.ParseError) as problem:
                        record = {**head, "failed": str(problem)}
                        shown = f"failed: {problem}"
                    lines.append(record)
                    print(f"{name:15} {number:3} {server.name:14} {shown}", file=sys.stderr)
    if options.keep:
        out = bench.HERE / "runs" / time.strftime("%Y-%m-%d-dav.jsonl", time.gmtime())
        with open(out, "a") as f:
            f.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    print(render(lines, options.markdown))
    return any("failed" in line for line in lines)


# ---------------------------------------------------------------------------------------------- reporting

def rows_of(records, scenario):
    by_server = {}
    for r in records:
        by_server.setdefault(r["server"], []).append(r)
    median = {n: statistics.median(value_of(r) for r in runs) for n, runs in by_server.items()}
    columns = {"p50 µs": "p50_us", "p99 µs": "p99_us", "CPU µs/request": "cpu_us_per_request", "RSS before MiB": "rss_before_mib",
               "answer bytes": "answer_bytes"}
    columns = {k: f for k, f in columns.items() if any(f in r for r in records)}
    header = ["server", scenario.unit, "min–max", "× apache", "× disk-1", *columns, "server core", "runs"]
    rows = []
    for name in sorted(by_server, key=lambda n: (n.startswith("disk"), median[n] if scenario.unit in SMALLER_IS_BETTER else -median[n])):
        runs = by_server[name]
        values = [value_of(r) for r in runs]
        row = [name, digits(median[name]), f"{digits(min(values))}–{digits(max(values))}"]
        row += [ratio(runs, by_server.get(other, []), value_of) for other in ("apache", "disk-1")]
        row += [digits(v) if (v := median_of(runs, f)) is not None else "–" for f in columns.values()]
        row.append(f"{median_of(runs, 'server_cpu') * 100:.0f} %")
        disturbed, bad = sum(noisy(r) for r in runs), sum(r.get("errors", 0) + r.get("unexpected", 0) > 0 for r in runs)
        row.append(f"{len(runs)}" + (f", {disturbed} noisy" if disturbed else "") + (f", {bad} with errors" if bad else ""))
        rows.append(row)
    return header, rows


def render(lines, markdown):
    heads = [line for line in lines if "machine" in line]
    records = [line for line in lines if "machine" not in line and "failed" not in line]
    failed = [line for line in lines if "failed" in line]
    m, size = heads[0]["machine"], heads[0]["size_mib"]
    out = [f"{m['cpu']}, {m['cores']} cores, {m['os']}, Linux {m['kernel']}. "
           + "; ".join(f"{n}: {v}" for h in heads for n, v in h["versions"].items()) + "."]
    for name, scenario in SCENARIOS.items():
        mine = [r for r in records if r["scenario"] == name]
        if not mine:
            continue
        header, rows = rows_of(mine, scenario)
        about = scenario.about.replace("{size}", f"{size:,}")
        better = "smaller is better" if scenario.unit in SMALLER_IS_BETTER else "larger is better"
        if markdown:
            table = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|", *("| " + " | ".join(r) + " |" for r in rows)]
            out.append(f"### {name}\n\n{about[0].upper() + about[1:]}. {scenario.unit}, {better}.\n\n" + "\n".join(table))
        else:
            widths = [max(len(r[i]) for r in [header, *rows]) for i in range(len(header))]
            table = ["  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(r, widths))) for r in [header, *rows]]
            out.append(f"{name}: {about} ({better})\n" + "\n".join(table))
    out += [f"{f['scenario']} {f['server']} round {f['round']} failed: {f['failed']}" for f in failed]
    return "\n\n".join(out)


def main():
    if sys.argv[1:2] == ["report"]:
        lines = [json.loads(line) for path in sys.argv[2:] for line in Path(path).read_text().splitlines()]
        return print(render(lines, markdown=True))
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                epilog="scenarios:\n" + "\n".join(f"  {s.name:15} {s.about}" for s in SCENARIOS.values()))
    p.add_argument("--binary", default=str(bench.HERE.parent / "target/dist/because"), help="the program to measure")
    p.add_argument("--binary-args", default="", help="more arguments for it, in one string")
    p.add_argument("--servers", type=names(SERVERS), default=list(SERVERS), help=",".join(SERVERS))
    p.add_argument("--scenarios", type=names(SCENARIOS), default=list(SCENARIOS), help="see below; default: all")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=3, help="measured part of a run of wrk")
    p.add_argument("--warmup", type=float, default=1, help="unmeasured part of a run of wrk")
    p.add_argument("--repeats", type=int, default=5, help="copies of the tree in a run, whose median counts")
    p.add_argument("--size", type=int, default=1024, help="MiB of the one large PUT")
    p.add_argument("--folder", default=None, help="where the files lie, all servers' on one file system (default: the temporary folder). On ext4 COPY depends on what was "
                   "deleted in the minutes before, whose inodes it does not use again at once; /dev/shm shows the programs alone")
    p.add_argument("--keep", action="store_true", help="append the raw runs to bench/runs/DATE-dav.jsonl")
    p.add_argument("--markdown", action="store_true", help="print tables as Markdown")
    p.add_argument("--network", choices=["private", "host"], default="private", help="private: a network namespace of our own")
    p.add_argument("--mtu", type=int, default=1500, help="of the private network")
    p.add_argument("--server-core", type=int, default=0)
    p.add_argument("--load-core", type=int, default=1)
    sys.exit(run(p.parse_args()))


if __name__ == "__main__":
    main()
