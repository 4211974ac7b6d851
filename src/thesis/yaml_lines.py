"""YAML files that people write by hand, read so that every mistake has its line.

Text stays as it is written (no is “no”, 1.10 is “1.10”): what a key wants says how it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from thesis.problem import Problem, not_utf_8

_DEPTH = 8
"""How deep a file may nest; a description needs five levels."""
_LONGEST = 1_000_000
"""How many bytes of a file are read; the longest description has some ten thousand."""


@dataclass(frozen=True)
class Node:
    """A piece of a YAML file with the line it stands in; text is kept as it is written: no is “no”."""

    value: str | list[Node] | dict[str, Node] | None
    line: int


class _SlipError(Exception):
    def __init__(self, line: int | None, found: str, expected: str, remedy: str) -> None:
        super().__init__(found)
        self.problem = (line, None, found, expected, remedy)


_FORM = "lines of the form “key: text”, indented with spaces"


class YamlReading:
    """Reads one YAML file key by key and keeps what is wrong with it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def problem(self, line: int | None, found: str, expected: str, remedy: str = "Correct the line.") -> None:
        """Keep something that is wrong with the file."""
        self.problems.append(Problem(self.file, line, None, found, expected, remedy))

    def parse(self, data: bytes) -> dict[str, Node] | None:
        """The file as a mapping; None, with the problem kept, where it is none."""
        try:
            if len(data) > _LONGEST:
                raise _SlipError(None, f"{len(data):,} bytes", f"no more than {_LONGEST:,}", "Shorten it.")
            data.decode("utf-8-sig")
            root = self._document(data)
        except UnicodeDecodeError as error:
            self.problems.append(not_utf_8(self.file, error))
            return None
        except _SlipError as slip:
            self.problems.append(Problem(self.file, *slip.problem))
            return None
        except yaml.YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None)
            if mark is None:
                line = data[: getattr(error, "position", 0)].count(b"\n") + 1
                self.problem(line, "a character that no text has", _FORM, "Delete it.")
                return None
            what = str(getattr(error, "problem", ""))
            remedy = "Correct the line or one above it; a text with “: ” or “ #” in it needs quotes."
            self.problem(mark.line + 1, _YAML_WORDS.get(what, f"text that is not YAML ({what})"), _FORM, remedy)
            return None
        if not isinstance(root.value, dict):
            self.problem(root.line, kind_of(root), _FORM)
            return None
        return root.value

    def _document(self, data: bytes) -> Node:
        # Events and not nodes: the C library's own composer crashes the program on deep brackets.
        events: Iterator[Any] = iter(yaml.parse(data, Loader=yaml.CSafeLoader))
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    line = _line(event)
                    raise _SlipError(line, "a second document", "one description a file", "Delete the line “---”.")
                root = self._node(next(events), events, 0)
        if root is None:
            raise _SlipError(None, "an empty file", "a description", "Restore it from git.")
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        line = _line(event)
        if depth > _DEPTH:
            raise _SlipError(line, f"more than {_DEPTH} levels", "a description’s few levels", "Correct the line.")
        if isinstance(event, yaml.AliasEvent) or event.anchor or event.tag:
            found = "a mark that YAML reads as an order (&, * or !)"
            raise _SlipError(line, found, "plain text", "Put the text in quotes.")
        if isinstance(event, yaml.ScalarEvent):
            missing = event.style in {None, ""} and event.value in {"", "~", "null"}
            return Node(None if missing else event.value, line)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self._node(inner, events, depth + 1))
            return Node(items, line)
        pairs: dict[str, Node] = {}
        while not isinstance(inner := next(events), yaml.MappingEndEvent):
            key = self._node(inner, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key.value, str):
                self.problem(key.line, kind_of(key), "a key")
            elif key.value in pairs:
                found = f"the key “{key.value}” a second time (it stands in line {pairs[key.value].line} already)"
                self.problem(key.line, found, "each key once", "Delete one of the two.")
            else:
                pairs[key.value] = Node(value.value, key.line)
        return Node(pairs, line)

    def mapping(self, node: Node, known: Iterable[str], what: str) -> dict[str, Node]:
        """The node's keys, those that there are not told and left out; empty where it is no mapping."""
        if node.value is None:
            return {}
        if not isinstance(node.value, dict):
            self.problem(node.line, f"{kind_of(node)} for {what}", f"keys, of {listed(known)}")
            return {}
        for key, value in node.value.items():
            if key not in known:
                self.problem(value.line, f"the key “{key}” of {what}", f"one of {listed(known)}")
        return {key: value for key, value in node.value.items() if key in known}

    def texts(self, keys: dict[str, Node], wanted: Iterable[str], what: str, line: int | None) -> dict[str, str]:
        """The texts under these keys; one that is not there is told."""
        found = {}
        for key in wanted:
            if key not in keys or keys[key].value in (None, "") or not self.is_text(keys[key], key, what):
                if key not in keys or keys[key].value in (None, ""):
                    place = keys[key].line if key in keys else line
                    self.problem(place, f"no {key} for {what}", "a text", "Add it: the site prints it.")
                continue
            found[key] = str(keys[key].value)
        return found

    def is_text(self, node: Node, key: str, what: str) -> bool:
        """Whether there is a text; a list or keys instead of it are told."""
        if isinstance(node.value, str):
            return True
        self.problem(node.line, f"{kind_of(node)} as {key} of {what}", "a text")
        return False

    def items(self, keys: dict[str, Node], key: str, what: str, line: int | None) -> list[Node]:
        """The list under a key, which has at least one item."""
        node = keys.get(key)
        if node is not None and isinstance(node.value, list) and node.value:
            return node.value
        place = line if node is None else node.line
        self.problem(place, f"{'no' if node is None else kind_of(node) + ' as'} {key} of {what}", "a list")
        return []


_YAML_WORDS = {
    "found character that cannot start any token": "a tab or another character that no text begins with",
    "could not find expected ':'": "a key without its colon",
    "mapping values are not allowed in this context": "a colon where the text of a key goes on",
}


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def kind_of(node: Node) -> str:
    """What stands there, in words: “nothing”, “a list”, or the text itself."""
    match node.value:
        case None:
            return "nothing"
        case str():
            return f"“{short(node.value)}”"
        case list():
            return "a list"
        case _:
            return "keys"


def short(text: str) -> str:
    """A text that fits a message."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def listed(names: Iterable[str]) -> str:
    """Names one after the other."""
    return ", ".join(names)
