"""Many clients at one file: no update may be lost. Started by faults.py --race."""

import json
import threading
import time

from peer import Peer, Server, Violation, debris


class Race:
    """Many clients at one file: each success must be an increment of its own."""

    def __init__(self, options, home):
        self.options, self.folder, self.log = options, home / "share", home / "server"
        self.folder.mkdir()
        self.server = None

    def history(self):
        return ""

    def together(self, act):
        """Runs one act in all the clients at once; what they give back."""
        results, begin = [None] * self.options.writers, threading.Barrier(self.options.writers)

        def client(k):
            peer = Peer(self.server.port)
            try:
                begin.wait()
                results[k] = act(k, peer)
            except Exception as problem:  # a thread of its own: the main one reports it
                results[k] = problem
            finally:
                peer.close()

        threads = [threading.Thread(target=client, args=(k,)) for k in range(self.options.writers)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for result in results:
            if isinstance(result, Exception):
                raise result if isinstance(result, Violation) else Violation(f"a client failed: {result!r}")
        return results

    def count(self, name, increment, read):
        """Each client increments until it has had its successes; the numbers written are 1 to their count."""
        deadline = time.monotonic() + 120
        tries = [0]

        def client(_, peer):
            mine = []
            while len(mine) < self.options.increments:
                if time.monotonic() > deadline:
                    raise Violation(f"{name}: hardly anything succeeds ({len(mine)} here)")
                tries[0] += 1
                number = increment(peer)
                if number is not None:
                    mine.append(number)
            return mine

        written = sorted(n for numbers in self.together(client) for n in numbers)
        last, goal = read(Peer(self.server.port)), self.options.writers * self.options.increments
        if last != goal or written != list(range(1, goal + 1)):
            twice = sorted({n for n in written if written.count(n) > 1})
            raise Violation(f"{name}: {goal} increments were answered with success and the counter is {last}; more than one client wrote {twice}")
        return f"{name}: {goal} of {tries[0]} tries"

    def once(self, name, method, target, fields, body, refused):
        """Of many that make the same thing one must succeed."""
        for turn in range(20):
            answers = self.together(lambda k, peer: peer.ask(method, target % turn, fields, body and body % k))
            statuses = sorted(a.status for a in answers)
            if statuses != [201] + [refused] * (len(answers) - 1):
                other = next((a.content for a in answers if a.status not in (201, refused)), b"")
                raise Violation(f"{name}: of {len(answers)} at once the answers were {statuses}, expected one 201 and {refused}; one said\n"
                                + other.decode(errors="replace"))
        return f"{name}: 20 times one of {self.options.writers}"

    def run(self):
        self.server = Server(self.options.binary, self.folder, self.log, ["--threads", "2", "--no-fsync", *self.options.arguments]).wait()
        try:
            peer = Peer(self.server.port)
            for path, content in (("/count.txt", b"0"), ("/count.json", b'{"n": 0}')):
                if (status := peer.ask("PUT", path, {}, content).status) != 201:
                    raise Violation(f"PUT {path} was answered {status}")
            parts = [lambda: self.count("PUT with If-Match", self.by_put, lambda p: int(p.ask("GET", "/count.txt").content)),
                     lambda: self.once("PUT with If-None-Match: *", "PUT", "/new-%d.txt", {"If-None-Match": "*"}, b"%d", 412),
                     lambda: self.once("MKCOL", "MKCOL", "/new-%d/", {}, None, 405)]
            if "patch" not in self.options.without:
                parts.append(lambda: self.count("PATCH with test", self.by_patch, lambda p: json.loads(p.ask("GET", "/count.json").content)["n"]))
            done, wrong = [], []
            for part in parts:
                try:
                    done.append(part())
                except Violation as problem:
                    wrong.append(str(problem))
            if wrong:
                raise Violation("\n".join([*wrong, *(f"{d}: as it should be" for d in done)]))
            status = self.server.stop()
            left = debris(self.folder, r"(count|new)\b.*")
            if status != 0 or left:
                raise Violation(f"SIGTERM ended it with {status}; left over: {left}")
        finally:
            if self.server.process.poll() is None:
                self.server.kill()
        return "race: " + "; ".join(done)

    def by_put(self, peer):
        got = peer.ask("GET", "/count.txt")
        number = int(got.content) + 1
        status = peer.ask("PUT", "/count.txt", {"If-Match": got.fields["etag"]}, str(number).encode()).status
        if status not in (200, 204, 412):
            raise Violation(f"PUT with If-Match: {got.fields['etag']} was answered {status}")
        return number if status != 412 else None

    def by_patch(self, peer):
        number = json.loads(peer.ask("GET", "/count.json").content)["n"] + 1
        body = [{"op": "test", "path": "/n", "value": number - 1}, {"op": "replace", "path": "/n", "value": number}]
        answer = peer.ask("PATCH", "/count.json", {"Content-Type": "application/json-patch+json"}, json.dumps(body).encode())
        if answer.status not in (200, 204, 409, 412, 422):
            raise Violation(f"PATCH was answered {answer.status}: {answer.content[:500]!r}")
        return number if answer.status in (200, 204) else None
