#!/usr/bin/env python3
"""Counts the instructions of a few fixed requests, and fails if one of them takes more than bench/instructions.expected allows.

    bench/regress.py [PROGRAM]           compares; PROGRAM is target/release/because unless it is given
    bench/regress.py [PROGRAM] --write   writes what was counted as the new expectations

Each server runs twice under callgrind and answers FEW, then MANY requests on one connection, one after the other. The difference
of the two counts divided by the difference of the requests leaves start-up, the first requests and the stop out. User space is
counted, and nothing of it depends on how busy the machine is. Needs valgrind.
"""

import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import guarded

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "instructions.expected"
# What one build may take more or less than another of the same source; the counts themselves repeat far closer.
ROOM = 0.03
MEMBERS = 100


class Connection:
    """One connection of HTTP/1.1, on which requests go out one after the other."""

    def __init__(self, port, seconds=60):
        end = time.monotonic() + seconds
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port))
                break
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.socket.settimeout(seconds)
        self.octets = b""

    def ask(self, method, path, fields=(), content=b""):
        """Sends a request and reads the whole response; returns its status and its head."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *fields]
        if content:
            lines.append(f"Content-Length: {len(content)}")
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        while b"\r\n\r\n" not in self.octets:
            self.receive()
        head, self.octets = self.octets.split(b"\r\n\r\n", 1)
        status = int(head.split(b" ", 2)[1])
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if b"chunked" in head.lower():
            while not self.octets.endswith(b"0\r\n\r\n"):
                self.receive()
            self.octets = b""
        elif length and status != 304:
            while len(self.octets) < int(length[1]):
                self.receive()
            self.octets = self.octets[int(length[1]):]
        return status, head

    def receive(self):
        some = self.socket.recv(1 << 20)
        if not some:
            sys.exit("the server has closed the connection")
        self.octets += some


class Request:
    """A request that is counted: what is served, and what is asked."""

    def __init__(self, name, status, few, many, method="GET", path="/1k.html", fields=(), server="plain"):
        self.name, self.status, self.few, self.many = name, status, few, many
        self.method, self.path, self.fields, self.server = method, path, fields, server

    def command(self, program, home, port):
        """How the server is started, and the fields that a request brings."""
        if self.server == "guarded":
            config, field = guarded.configure(program, "guarded", home, home / "root", port)
            return [program, "serve", str(config)], [field]
        argv = [program, "serve", str(home / "root"), "--listen", f"127.0.0.1:{port}", "--threads", "1", "--log", "off"]
        return argv + (["--write"] if self.server == "write" else []), []

    def content(self, nth):
        if self.method != "PROPFIND":
            return b""
        # no two are the same, since an answer is kept for a moment and would be given again
        return b'<propfind xmlns="DAV:"><allprop/></propfind><!-- %06d -->' % nth

    def ask(self, connection, fields, times):
        fields = [*self.fields, *fields]
        if self.status == 304:
            _, head = connection.ask("GET", self.path, fields)
            fields.append("If-None-Match: " + re.search(rb'(?i)\r\netag: *([^\r]+)', head)[1].decode())
        for nth in range(times):
            status, head = connection.ask(self.method, self.path, fields, self.content(nth))
            if status != self.status:
                sys.exit(f"{self.name}: {status} instead of {self.status}: {head.decode(errors='replace')}")

    def total(self, program, home, times):
        """The instructions of one whole run."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        argv, fields = self.command(program, home, port)
        out = home / "callgrind.out"
        with open(home / "output", "w+") as output:
            valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *argv]
            server = subprocess.Popen(valgrind, stdout=output, stderr=subprocess.STDOUT)
            try:
                connection = Connection(port)
                self.ask(connection, fields, times)
                connection.socket.close()
            finally:
                server.send_signal(signal.SIGTERM)
                try:
                    server.wait(60)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()
        totals = re.search(r"^totals: (\d+)", out.read_text(), re.MULTILINE)
        out.unlink()
        return int(totals[1])

    def count(self, program, home):
        few, many = (self.total(program, home, times) for times in (self.few, self.many))
        return round((many - few) / (self.many - self.few))


REQUESTS = [
    Request("cached-get", 200, 200, 1200),
    Request("not-modified", 304, 200, 1200),
    Request("not-found", 404, 200, 1200, path="/not/here"),
    Request("guarded-get", 200, 200, 1200, server="guarded"),
    Request("propfind-100", 207, 5, 25, method="PROPFIND", path="/members/", fields=["Depth: 1"], server="write"),
]

HEAD = """\
# Instructions in user space for one request, by bench/regress.py, for the profile `release` on x86-64. `.ci/run` allows 3 % more.
# To raise a number is to make the server slower: say why in CHANGELOG.md. One that has become smaller is lowered here, so that
# what was gained is kept: bench/regress.py --write
"""


def expectations():
    lines = EXPECTED.read_text().splitlines() if EXPECTED.exists() else []
    return {name: int(number) for name, number in (line.split() for line in lines if line and not line.startswith("#"))}


def make_files(home):
    root = home / "root"
    (root / "members").mkdir(parents=True)
    os.chmod(home, 0o755)
    files = [root / "1k.html", *(root / "members" / f"{nth:03}.txt" for nth in range(MEMBERS))]
    yesterday = time.time() - 86_400
    for file in files:
        file.write_bytes(b"x" * 1024)
        os.utime(file, (yesterday, yesterday))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", default=str(HERE.parent / "target/release/because"))
    parser.add_argument("--write", action="store_true", help="write what was counted as the new expectations")
    parser.add_argument("--only", help="count this request alone")
    options = parser.parse_args()
    expected, counted, worse = expectations(), {}, []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_files(home)
        for request in REQUESTS:
            if options.only not in (None, request.name):
                continue
            number = counted[request.name] = request.count(options.program, home)
            allowed = expected.get(request.name)
            compared = f"{number / allowed - 1:+.1%} of the {allowed:,} expected" if allowed else "nothing is expected"
            print(f"{request.name:14} {number:>10,} instructions, {compared}", flush=True)
            if not allowed or number > allowed * (1 + ROOM):
                worse.append(f"{request.name} takes {number:,} instructions; bench/instructions.expected says {allowed or 0:,}, and {ROOM:.0%} more is allowed")
    if options.write:
        EXPECTED.write_text(HEAD + "".join(f"{name} {number}\n" for name, number in (expected | counted).items()))
    elif worse:
        sys.exit("\n".join(worse) + "\nA raised expectation needs a line in CHANGELOG.md that says why.")


if __name__ == "__main__":
    main()
