"""The program as a process, and a connection to it: what the tests in this folder share. What is tested stands beside it.

A peer speaks HTTP/1.1 over a raw socket, so that it can break off where it likes and sees what was sent.
"""

import contextlib
import re
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

RESERVED = ".because"  # the server's own folder
STATE = {"state.redb"}  # the only file that may be in it
PATIENCE = 15  # seconds for any answer, and for a start


class Gone(Exception):
    """The connection ended before the answer was there."""


class Violation(Exception):
    """What must not be."""


class Server:
    """The program, started and killed by its own number."""

    def __init__(self, binary, folder, log, flags):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.log, self.argv = log, [binary, "serve", str(folder), "--write", "--listen", f"127.0.0.1:{self.port}", "--log", "off", *flags]
        with open(log, "ab") as out:
            self.before = out.tell()
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            peer = Peer(self.port)
            # A socket that listens is not yet one that answers.
            try:
                peer.ask("OPTIONS", "/")
                return self
            except Gone:
                pass
            finally:
                peer.close()
            if self.process.poll() is not None:
                raise Violation(f"the server did not start again: it ended with {self.process.returncode} and said\n{self.said()}")
            time.sleep(0.002)
        raise Violation(f"the server did not listen within {PATIENCE} s; it said\n{self.said()}")

    def said(self):
        return Path(self.log).read_bytes()[self.before:][-3000:].decode(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to end, and says how it did."""
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Violation(f"SIGTERM did not end it within {PATIENCE} s") from None


@dataclass
class Answer:
    status: int
    fields: dict
    content: bytes
    whole: bool = True  # did all the content come?


class Peer:
    """One connection, opened again when it has ended."""

    def __init__(self, port):
        self.port, self.socket, self.buffer = port, None, b""

    def close(self, abruptly=False):
        if self.socket:
            if abruptly:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.socket.close()
        self.socket, self.buffer = None, b""

    def send(self, method, target, fields, body, stop_after=None, pause=0.0):
        """Sends a request, or as much of its content as `stop_after` says, with a pause in the middle."""
        if not self.socket:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        if body is not None:
            head += f"Content-Length: {len(body)}\r\n"
        message = head.encode() + b"\r\n" + (body or b"")[:stop_after]
        if pause:
            self.socket.sendall(message[:len(message) // 2])
            time.sleep(pause)
            message = message[len(message) // 2:]
        self.socket.sendall(message)

    def ask(self, method, target, fields=None, body=None, pause=0.0):
        try:
            self.send(method, target, fields or {}, body, pause=pause)
        except (BrokenPipeError, ConnectionResetError):
            pass  # an early refusal may be there to be read
        except OSError as problem:
            self.close()
            raise Gone(str(problem)) from None
        try:
            return self.read(method)
        except OSError as problem:
            self.close()
            raise Gone(str(problem)) from None
        except Gone:
            self.close()
            raise

    def more(self):
        if not self.socket:
            raise Gone("no connection")
        got = self.socket.recv(262144)
        if not got:
            raise Gone("it was closed")
        self.buffer += got

    def read(self, method):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        if not re.match(r"HTTP/1\.1 [1-5]\d\d ", lines[0]):
            raise Violation(f"{method} was answered with {head[:200]!r}")
        status = int(lines[0].split(" ")[1])
        fields = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        if 100 <= status < 200:
            return self.read(method)
        content, whole = b"", False
        # The head is the answer: it may have been cut off behind it by the kill.
        with contextlib.suppress(Gone, OSError):
            if fields.get("transfer-encoding") == "chunked":
                content = self.chunks()
            elif method != "HEAD" and status not in (204, 304):
                length = int(fields.get("content-length", 0))
                while len(self.buffer) < length:
                    self.more()
                content, self.buffer = self.buffer[:length], self.buffer[length:]
            if "close" not in fields.get("connection", ""):
                return Answer(status, fields, content)
            whole = True
        self.close()
        return Answer(status, fields, content, whole)

    def chunks(self):
        content = b""
        while True:
            while b"\r\n" not in self.buffer:
                self.more()
            size, _, self.buffer = self.buffer.partition(b"\r\n")
            size = int(size.split(b";")[0], 16)
            while len(self.buffer) < size + 2:
                self.more()
            content, self.buffer = content + self.buffer[:size], self.buffer[size + 2:]
            if not size:
                return content


def debris(folder, others=r"w\d+"):
    """Files that should not have stayed: in the server's own folder, and beside those that have names of this form."""
    reserved = Path(folder) / RESERVED
    found = [str(p.relative_to(folder)) for p in reserved.rglob("*") if not p.is_dir() and str(p.relative_to(reserved)) not in STATE]
    return found + [p.name for p in Path(folder).iterdir() if p.name != RESERVED and not re.fullmatch(others, p.name)]
