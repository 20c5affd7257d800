"""What stands in a share: what should, what was found on the disk and through the server, and how the two differ."""

import contextlib
import json
import random
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, replace
from pathlib import Path

from peer import Gone, Violation

SPACE = "urn:because:faults"
PROPERTIES = ["p0", "p1", "p2", "p3"]


@dataclass(frozen=True)
class Octets:
    """Content that anybody can make again from two numbers."""

    seed: int
    size: int

    def make(self):
        return random.Random(self.seed).randbytes(self.size)

    def is_in(self, octets):
        return octets == self.make()

    def __str__(self):
        return f"{self.size} octets of seed {self.seed}"


@dataclass(frozen=True)
class Counter:
    """A JSON document whose text is the server's choice once it was patched."""

    number: int

    def make(self):
        return json.dumps({"n": self.number, "pad": "x" * 500}).encode()

    def is_in(self, octets):
        with contextlib.suppress(ValueError):
            return json.loads(octets) == {"n": self.number, "pad": "x" * 500}
        return False

    def __str__(self):
        return f"a counter at {self.number}"


@dataclass(frozen=True)
class Found:
    """Content that should not be there, but is: believed with --keep-going."""

    octets: bytes

    def make(self):
        return self.octets

    def is_in(self, octets):
        return octets == self.octets

    def __str__(self):
        return f"{len(self.octets)} octets that were found there"


@dataclass(frozen=True)
class Thing:
    """What stands at a path: a file, or a collection if `content` is None."""

    content: object = None
    properties: tuple = ()

    def put(self, content):
        return replace(self, content=content)  # PUT leaves dead properties alone


def missed(octets, thing):
    """How octets fall short of what should be there, in words."""
    want = thing.content.make()
    same = next((i for i, (a, b) in enumerate(zip(octets, want)) if a != b), min(len(octets), len(want)))
    return f"{len(octets)} octets instead of {thing.content}, the same as far as {same}"


@dataclass
class Seen:
    """What was found at a path."""

    octets: object = None
    properties: tuple = None  # None where nobody asked
    answer: object = None


def differences(seen, state):
    """What was found against what should be there."""
    found = []
    for path in sorted(seen.keys() | state.keys()):
        here, thing = seen.get(path), state.get(path)
        if thing is None:
            found.append(f"{path} is there and should not be")
        elif here is None:
            found.append(f"{path} is missing ({thing.content or 'a collection'})")
        elif (here.octets is None) != (thing.content is None):
            found.append(f"{path} is {'a collection' if here.octets is None else 'a file'} and should not be")
        elif thing.content and not thing.content.is_in(here.octets):
            found.append(f"{path} has {missed(here.octets, thing)}")
        elif here.properties is not None and here.properties != thing.properties:
            found.append(f"{path} has the properties {here.properties} instead of {thing.properties}")
    return found


def on_disk(folder, home):
    """What the file system holds of a writer's folder."""
    seen, root = {}, Path(folder) / home
    if root.is_dir():
        seen[home] = Seen()
        for path in root.rglob("*"):
            seen[str(path.relative_to(folder))] = Seen() if path.is_dir() else Seen(path.read_bytes())
    return seen


PROPFIND = ('<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getetag/>'
            + "".join(f'<{p} xmlns="{SPACE}"/>' for p in PROPERTIES) + "</prop></propfind>").encode()


def listed(peer, folder):
    """What PROPFIND of Depth 1 tells: for each path whether it is a collection, the length, the tag, and our properties."""
    answer = peer.ask("PROPFIND", f"/{folder}/", {"Depth": "1", "Content-Type": "application/xml"}, PROPFIND)
    if answer.status == 404:
        return {}
    if not answer.whole:
        raise Gone("in the middle of a listing")
    if answer.status != 207:
        raise Violation(f"PROPFIND /{folder}/ was answered {answer.status}: {answer.content[:500]!r}")
    told = {}
    for response in ElementTree.fromstring(answer.content).findall("{DAV:}response"):
        path = re.sub(r"^http://[^/]*", "", response.findtext("{DAV:}href")).strip("/")
        good = {p.tag: p for s in response.findall("{DAV:}propstat") if " 200 " in s.findtext("{DAV:}status") for p in s.find("{DAV:}prop")}
        properties = {tag.partition("}")[2]: p.text for tag, p in good.items() if tag.startswith(f"{{{SPACE}}}")}
        collection = good["{DAV:}resourcetype"].find("{DAV:}collection") is not None
        length, tag = ((None, None) if collection else (int(good["{DAV:}getcontentlength"].text), good["{DAV:}getetag"].text))
        told[path] = (collection, length, tag, tuple(sorted(properties.items())))
    return told


def over_http(peer, home):
    """What the server tells of a writer's folder: by PROPFIND, folder by folder, and GET."""
    seen, folders = {}, [home]
    while folders:
        folder = folders.pop()
        for path, (collection, length, tag, properties) in listed(peer, folder).items():
            if collection:
                if path not in seen and path != folder:
                    folders.append(path)
                seen[path] = Seen(None, properties)
                continue
            got = peer.ask("GET", f"/{path}")
            if not got.whole:
                raise Gone("in the middle of a file")
            if got.status != 200:
                raise Violation(f"GET /{path}, which PROPFIND tells of, was answered {got.status}")
            if length != len(got.content) or tag.removeprefix("W/") != got.fields.get("etag", "").removeprefix("W/"):
                raise Violation(f"/{path}: PROPFIND tells of {length} octets and {tag}, GET of {len(got.content)} and {got.fields.get('etag')}")
            seen[path] = Seen(got.content, properties, got)
    return seen
