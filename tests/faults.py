#!/usr/bin/env python3
"""Kills the server at random moments while several clients write, and checks what is left.

    tests/faults.py target/release/because --rounds 300 [--seed S]     the fault test
    tests/faults.py target/release/because --race                      no update is lost among clients that write one file

In each round the server gets SIGKILL some milliseconds after the writers have begun. Then the folder, and the server that is
started on it, must hold each write that was answered, whole, with its properties. A write that was not answered is there or
not, never in part. Nothing temporary stays. A writer has a folder of its own and one request on its way at a time, so what may
be there is known exactly. Needs Python 3.9 and nothing else.

Prints one line and ends with 0, or a report and ends with 1; then the folder is kept.
"""

import argparse
import json
import os
import random
import re
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from peer import Answer, Gone, Peer, Server, Violation, debris
from race import Race
from state import PROPERTIES, SPACE, Counter, Found, Octets, Thing, differences, listed, missed, on_disk, over_http

LARGEST = 200_000


# ---------------------------------------------------------------------------------------------- a writer

@dataclass
class Step:
    """One request, what it changes, and the statuses that say that all is as it should be."""

    method: str
    target: str
    expect: tuple
    change: dict = field(default_factory=dict)
    fields: dict = field(default_factory=dict)
    body: bytes = None
    piecemeal: bool = False  # it may have happened in part: each path by itself
    pause: float = 0.0


class Writer:
    """A client with a folder of its own. `state` is what was answered; `pending` is the one request that may be on its way."""

    def __init__(self, number, options):
        self.number, self.options, self.home = number, options, f"w{number}"
        self.state, self.pending, self.tags, self.log, self.trouble = {}, None, {}, [], None
        self.random, self.contents = random.Random(), {}
        self.answered = self.unanswered = self.serial = 0

    def files(self):
        folders = [self.home] + [p for p, t in self.state.items() if t.content is None and p != self.home]
        return [f"{folder}/f{i}.bin" for folder in folders for i in range(4 if folder == self.home else 2)]

    def fresh(self):
        self.serial += 1
        size = self.random.choice([0, 1, 100, 4096, 65536, self.random.randrange(LARGEST)])
        return Octets(self.random.randrange(1 << 40), size)

    def put(self, path, content=None, fields=None, expect=None):
        thing, content = self.state.get(path), content or self.fresh()
        new = (thing or Thing()).put(content)
        expect = expect or ((200, 204) if thing else (201,))
        pause = self.random.random() * 0.01 if self.random.random() < 0.2 else 0.0
        change = {path: new} if expect[0] < 300 else {}
        return Step("PUT", f"/{path}", expect, change, fields or {}, content.make(), pause=pause)

    def next(self):
        """Something to do, by chance."""
        if self.home not in self.state:
            return Step("MKCOL", f"/{self.home}/", (201,), {self.home: Thing()})
        acts = {self.plain_put: 6, self.conditional_put: 4, self.delete: 3, self.make_collection: 2, self.move: 4, self.copy: 2,
                self.set_properties: 5, self.patch: 4, self.get: 2, self.list: 1}
        act = self.random.choices(list(acts), list(acts.values()))[0]
        return act() or self.plain_put()

    def plain_put(self):
        return self.put(self.random.choice(self.files()))

    def conditional_put(self):
        path = self.random.choice(self.files())
        there, tag = path in self.state, self.tags.get(path)
        if self.random.random() < 0.4:
            return self.put(path, None, {"If-None-Match": "*"}, (412,) if there else (201,))
        if there and tag and self.random.random() < 0.7:
            return self.put(path, None, {"If-Match": tag}, (200, 204))
        return self.put(path, None, {"If-Match": '"never"'}, (412,))

    def existing(self, collections=True):
        return [p for p, t in self.state.items() if p != self.home and (collections or t.content is not None) and not p.endswith(".json")]

    def tree(self, path):
        return [p for p in self.state if p == path or p.startswith(path + "/")]

    def url(self, path, thing):
        return f"/{path}" if thing.content is not None else f"/{path}/"

    def delete(self):
        there = self.existing()
        if not there:
            return Step("DELETE", f"/{self.home}/f0.bin", (404,))
        path = self.random.choice(there)
        members = self.tree(path)
        return Step("DELETE", self.url(path, self.state[path]), (204, 200), {p: None for p in members}, piecemeal=len(members) > 1)

    def make_collection(self):
        path = f"{self.home}/d{self.random.randrange(3)}"
        there = path in self.state
        return Step("MKCOL", f"/{path}/", (405,) if there else (201,), {} if there else {path: Thing()})

    def transfer(self, method, removes):
        there = self.existing(collections=removes)
        if not there:
            return None
        source = self.random.choice(there)
        if self.state[source].content is None:
            target = f"{self.home}/d{self.random.randrange(3)}"
            if target in self.state:
                return None
        else:
            target = self.random.choice([p for p in self.files() if p != source])
        change = {target + p[len(source):]: self.state[p] for p in self.tree(source)}
        if removes:
            change.update({p: None for p in self.tree(source)})
        over, allowed = target in self.state, self.random.random() < 0.8
        fields = {"Destination": f"http://127.0.0.1:{{port}}{self.url(target, self.state[source])}", "Overwrite": "T" if allowed else "F"}
        expect = (201,) if not over else (204, 200) if allowed else (412,)
        return Step(method, self.url(source, self.state[source]), expect, change if expect != (412,) else {}, fields)

    def move(self):
        return self.transfer("MOVE", True)

    def copy(self):
        return self.transfer("COPY", False)

    def set_properties(self):
        there = self.existing() + [self.home]
        path = self.random.choice(there)
        thing = self.state[path]
        values, text = dict(thing.properties), ""
        for name in self.random.sample(PROPERTIES, self.random.randrange(1, 4)):
            if self.random.random() < 0.25:
                values.pop(name, None)
                text += f"<D:remove><D:prop><x:{name}/></D:prop></D:remove>"
            else:
                values[name] = f"{self.random.randrange(1 << 40):x}" * self.random.choice([1, 1, 50])
                text += f"<D:set><D:prop><x:{name}>{values[name]}</x:{name}></D:prop></D:set>"
        body = f'<?xml version="1.0"?><D:propertyupdate xmlns:D="DAV:" xmlns:x="{SPACE}">{text}</D:propertyupdate>'.encode()
        new = replace(thing, properties=tuple(sorted(values.items())))
        return Step("PROPPATCH", self.url(path, thing), (207,), {path: new}, {"Content-Type": "application/xml"}, body)

    def patch(self):
        path = f"{self.home}/n.json"
        thing = self.state.get(path)
        if "patch" in self.options.without:
            return None
        if thing is None:
            return self.put(path, Counter(0))
        number, chance = thing.content.number, self.random.random()
        change = {path: thing.put(Counter(number + 1))}
        if chance < 0.4:
            body, kind = {"n": number + 1}, "application/merge-patch+json"
        else:
            was = number if chance < 0.85 else number + 7
            body, kind = [{"op": "test", "path": "/n", "value": was}, {"op": "replace", "path": "/n", "value": number + 1}], "application/json-patch+json"
        refused = chance >= 0.85  # RFC 6902 §5: a test that fails leaves the document alone
        return Step("PATCH", f"/{path}", (409, 412, 422) if refused else (200, 204), {} if refused else change,
                    {"Content-Type": kind}, json.dumps(body).encode())

    def get(self):
        path = self.random.choice(self.files())
        return Step("GET", f"/{path}", (200,) if path in self.state else (404,))

    def list(self):
        folder = self.random.choice([p for p, t in self.state.items() if t.content is None])
        return Step("PROPFIND", f"/{folder}/", (207,))

    def look(self, peer, folder):
        """A listing must tell what was answered before, in another connection's thread or a cache or not."""
        told = listed(peer, folder)
        want = {p: t for p, t in self.state.items() if p == folder or p.rpartition("/")[0] == folder}
        wrong = sorted(told.keys() ^ want.keys())
        for path in told.keys() & want.keys():
            thing, (collection, length, _, properties) = want[path], told[path]
            size = len(thing.content.make()) if isinstance(thing.content, Octets) else length
            if collection != (thing.content is None) or length != size or properties != thing.properties:
                wrong.append(f"{path}: it tells of {told[path]}, there should be {thing}")
        if wrong:
            raise Violation(f"PROPFIND /{folder}/, right after it was answered: {'; '.join(wrong)}")

    def note(self, text):
        self.log = [*self.log[-24:], text]

    def abort(self, peer):
        """Content that breaks off: nothing may change by it."""
        path, content = self.random.choice(self.files()), self.fresh().make() + b"end"
        self.note(f"PUT /{path} broken off")
        peer.close()
        peer.send("PUT", f"/{path}", {}, content, stop_after=self.random.randrange(len(content)))
        if self.random.random() < 0.5:
            time.sleep(0.002)
        peer.close(abruptly=self.random.random() < 0.5)

    def run(self, port, begin, over):
        """Until the server is gone."""
        peer = Peer(port)
        try:
            begin.wait()
            while not over.is_set():
                if self.home in self.state and self.random.random() < 0.05:
                    self.abort(peer)
                else:
                    self.take(peer, self.next())
        except (Gone, OSError, threading.BrokenBarrierError):
            pass
        except Exception as problem:  # a thread of its own: the main one reports it
            self.trouble = problem if isinstance(problem, Violation) else Violation(f"the test itself failed: {problem!r}")
        finally:
            peer.close()

    def take(self, peer, step):
        """Does one step and believes the answer."""
        self.pending = step
        fields = {k: v.replace("{port}", str(peer.port)) for k, v in step.fields.items()}
        shown = " ".join([step.method, step.target, *(f"{k}: {v}" for k, v in fields.items())])
        self.note(f"{shown} ({len(step.body or b'')} octets): not answered")
        try:
            if step.method == "PROPFIND":
                self.look(Peer(peer.port) if self.random.random() < 0.5 else peer, step.target.strip("/"))
                answer = Answer(207, {}, b"")
            else:
                answer = peer.ask(step.method, step.target, fields, step.body, step.pause)
        except Gone:
            self.unanswered += 1
            raise
        self.log[-1] = f"{shown} ({len(step.body or b'')} octets): {answer.status}"
        self.answered += 1
        if answer.status not in step.expect:
            raise Violation(f"{shown} was answered {answer.status}, expected {' or '.join(map(str, step.expect))}; it said\n"
                            + answer.content[:1500].decode(errors="replace"))
        if step.method == "PROPPATCH" and answer.content and re.search(rb"HTTP/1\.1 (?!200)", answer.content):
            raise Violation(f"{shown} was answered\n{answer.content[:1500].decode(errors='replace')}")
        path = step.target.strip("/")
        if step.method == "GET":
            # The content may have been cut off by the kill: only what is whole can be judged.
            if answer.status == 200 and answer.whole:
                if not self.state[path].content.is_in(answer.content):
                    raise Violation(f"GET /{path}, right after it was answered, has {missed(answer.content, self.state[path])}")
                self.tagged(path, answer, self.state[path].content)
        self.pending = None
        self.apply(step.change)
        if step.method == "PUT" and step.change:
            self.tagged(path, answer, self.state[path].content)

    def tagged(self, path, answer, content):
        """A strong tag stands for one content at a URL, for ever (RFC 4918 §8.8)."""
        tag = answer.fields.get("etag", "")
        if tag.startswith('"'):
            if isinstance(content, Octets) and self.contents.setdefault((path, tag), content) != content:
                raise Violation(f"/{path}: the tag {tag} stood for {self.contents[path, tag]} and stands for {content}")
            self.tags[path] = tag

    def apply(self, change):
        for path, thing in change.items():
            self.tags.pop(path, None)
            if thing is None:
                self.state.pop(path, None)
            else:
                self.state[path] = thing

    def settle(self, seen, where):
        """Finds which of the states that may be is there, and believes it from then on."""
        step = self.pending
        candidates = {"what was answered": dict(self.state)}
        if step and step.change:
            after = {p: t for p, t in {**self.state, **step.change}.items() if t is not None}
            candidates[f"the same and the {step.method} of {step.target}"] = after
            if step.piecemeal:
                some = {p: t for p, t in self.state.items() if p not in step.change or p in seen}
                candidates[f"the same and a part of the {step.method} of {step.target}"] = some
        report = []
        for name, state in candidates.items():
            found = differences(seen, state)
            if not found:
                return state
            report.append(f"  against {name}:\n" + "\n".join(f"    {line}" for line in found))
        raise Violation(f"{where}: /{self.home}/ is none of what it may be\n" + "\n".join(report))

    def believe(self, seen):
        """Takes what was found for what should be there, to go on after a violation."""
        may_be = [self.state, (self.pending and self.pending.change) or {}]
        for path, here in seen.items():
            things = [s[path] for s in may_be if s.get(path)]
            known = next((t.content for t in things if t.content and here.octets is not None and t.content.is_in(here.octets)), None)
            seen[path] = Thing(known or (Found(here.octets) if here.octets is not None else None), here.properties or ())
        self.state = {p: t for p, t in seen.items() if not (p.endswith(".json") and isinstance(t.content, Found))}


# ---------------------------------------------------------------------------------------------- the fault test

class Faults:
    def __init__(self, options, home):
        self.options, self.folder, self.log = options, home / "share", home / "server"
        self.folder.mkdir()
        self.random = random.Random(options.seed)
        self.writers = [Writer(i, options) for i in range(options.writers)]
        self.server, self.rounds, self.starts, self.blame, self.violations = None, 0, 0, None, 0

    def start(self):
        """Starts the server with flags by chance, sometimes after a start that was killed on its way."""
        flags = ["--threads", str(self.random.choice([1, 2])), *self.options.arguments]
        if self.random.random() < 0.5:
            flags.append("--no-fsync")
        if self.random.random() < 0.15:
            self.server = Server(self.options.binary, self.folder, self.log, flags)
            time.sleep(self.random.random() * 0.01)
            self.server.kill()
        self.server = Server(self.options.binary, self.folder, self.log, flags)
        self.starts += 1
        self.server.wait()

    def check(self, where):
        """The whole, through the server, and no debris."""
        peer = Peer(self.server.port)
        for writer in self.writers:
            self.blame = writer
            try:
                seen = over_http(peer, writer.home)
            except Gone as problem:
                raise Violation(f"{where}: it broke off while it was asked: {problem} (ended: {self.server.process.poll()}); it said\n{self.server.said()}") from None
            try:
                writer.state = writer.settle(seen, where)
            except Violation as problem:
                self.violated(problem)
                writer.believe(dict(seen))
            # Tags are learned anew: a server may call the tag of a young file weak after a start, since it did not see it written.
            writer.tags, writer.pending = {}, None
            for path, here in seen.items():
                if here.answer:
                    writer.tagged(path, here.answer, writer.state[path].content)
        self.blame = None
        peer.close()
        found = debris(self.folder)
        if found:
            self.violated(Violation(f"{where}: left over: {', '.join(found)}"))
            for path in found:
                (self.folder / path).unlink(missing_ok=True)

    def violated(self, problem):
        """Ends the test, or with --keep-going tells and goes on."""
        if not self.options.keep_going:
            raise problem
        self.violations += 1
        print(f"VIOLATION {self.violations} (seed {self.options.seed}, round {self.rounds}): {problem}\n{self.history()}", flush=True)

    def round(self, number):
        begin, over = threading.Barrier(len(self.writers) + 1), threading.Event()
        threads = []
        for writer in self.writers:
            writer.random.seed(f"{self.options.seed}/{number}/{writer.number}")
            threads.append(threading.Thread(target=writer.run, args=(self.server.port, begin, over)))
            threads[-1].start()
        begin.wait()
        time.sleep(self.random.uniform(0.001, self.options.longest / 1000))
        ended = self.server.process.poll()
        self.server.kill()
        over.set()
        for thread in threads:
            thread.join()
        if ended is not None:
            raise Violation(f"the server ended by itself with {ended}; it said\n{self.server.said()}")
        for writer in self.writers:
            self.blame = writer
            trouble, writer.trouble = writer.trouble, None
            if trouble:
                self.violated(trouble)
            try:
                writer.settle(on_disk(self.folder, writer.home), "on the disk, after the kill")
            except Violation as problem:
                self.violated(problem)
        self.start()
        self.check("through the server, after the kill")
        self.rounds += 1

    def first_starts(self):
        """A server that is killed while it starts on a folder for the first time must start there the next time."""
        for number in range(self.options.rounds // 4):
            folder = self.folder.parent / "first"
            folder.mkdir()
            flags = self.options.arguments + self.random.choice([[], ["--no-fsync"]])
            server = Server(self.options.binary, folder, self.log, flags)
            moment = self.random.random() * 0.02
            time.sleep(moment)
            server.kill()
            server = Server(self.options.binary, folder, self.log, flags)
            try:
                server.wait()
            except Violation as problem:
                self.violated(Violation(f"killed {moment * 1000:.1f} ms after the first start on a folder ({number + 1} tries): {problem}"))
            finally:
                server.kill()
            if debris(folder):
                self.violated(Violation(f"killed {moment * 1000:.1f} ms after the first start on a folder: left over: {debris(folder)}"))
            shutil.rmtree(folder)

    def run(self):
        try:
            self.first_starts()
            self.start()
            for number in range(self.options.rounds):
                self.round(number)
            status = self.server.stop()
            if status != 0:
                raise Violation(f"SIGTERM ended it with {status}; it said\n{self.server.said()}")
            self.start()
            self.check("after an orderly stop")
            if "panicked" in Path(self.log).read_text(errors="replace"):
                raise Violation(f"it panicked:\n{self.server.said()}")
        finally:
            if self.server and self.server.process.poll() is None:
                self.server.kill()
        answered, cut = (sum(getattr(w, f) for w in self.writers) for f in ("answered", "unanswered"))
        if self.violations:
            raise Violation(f"{self.violations} in {self.rounds} rounds with {answered} requests answered")
        return (f"faults: {self.rounds} rounds, {self.starts} starts, {answered} requests answered and {cut} cut off by {len(self.writers)} writers, "
                f"{sum(len(w.state) for w in self.writers)} resources in the end: nothing lost, nothing in part, nothing left over")

    def history(self):
        writer = self.blame
        return "" if not writer else f"the last requests of writer {writer.number}:\n" + "\n".join(f"  {line}" for line in writer.log)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("binary")
    p.add_argument("--rounds", type=int, default=200)
    p.add_argument("--seed", type=int, default=None, help="makes the writers send the same; moments differ all the same")
    p.add_argument("--writers", type=int, default=6)
    p.add_argument("--longest", type=float, default=80, help="milliseconds until the kill, at most")
    p.add_argument("--race", action="store_true", help="the race instead of the fault test")
    p.add_argument("--increments", type=int, default=40, help="successes of each client in the race")
    p.add_argument("--keep-going", action="store_true", help="tell of each violation, believe what was found, and go on")
    p.add_argument("--without", type=lambda t: t.split(","), default=[], help="patch: for a server that has none")
    p.add_argument("--arguments", type=shlex.split, default=[], help="more arguments for the server, in one string")
    p.add_argument("--folder", default=None, help="where the files lie (default: the temporary folder)")
    options = p.parse_args()
    options.seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = Path(tempfile.mkdtemp(prefix="faults-", dir=options.folder))
    os.chmod(home, 0o755)
    test = (Race if options.race else Faults)(options, home)
    try:
        print(test.run())
    except Violation as problem:
        print(f"VIOLATION (seed {options.seed}, round {getattr(test, 'rounds', 0)}): {problem}\n{test.history()}\nkept: {home}")
        return 1
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
