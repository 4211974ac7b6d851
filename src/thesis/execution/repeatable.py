"""What would make a record differ from one execution to the next, found by its name.

Two executions show that something differs; these checks say what, before anything is
recorded: a clock or chance in a cell's code, a path or the time in what it shows.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from nbformat import NotebookNode

_CLOCK = {"now", "today", "utcnow"}
_TIME = {"time", "time_ns", "monotonic", "perf_counter", "process_time", "localtime", "gmtime", "strftime", "ctime"}
_CHANCE = {"random", "secrets", "uuid"}
_SEEDED = {"default_rng", "RandomState", "Generator", "seed"}
_NEVER_THE_SAME = {"id", "hash", "os.urandom", "os.getpid", "uuid.uuid1", "uuid.uuid4"}
"""What gives another result whatever it is given."""
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_SITE_LINK = re.compile(r"\]\(/[^)\s]*|\.\./[\w./-]*")
"""An address inside the site, from its root in Markdown or from the page in a chart."""

_HOMES = re.compile(r"(?<![\w/.:])/(?:home|root|tmp|Users)/[^\s\"'<>)]+")


def changing_calls(source: str) -> Iterator[tuple[int, str]]:
    """The calls in a cell's code whose result changes by itself: line and call.

    Chance with a seed is allowed: ``default_rng(1)``, ``sample(…, random_state=1)``.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # executing the cell says it better
        return
    for node in ast.walk(tree):
        # Imported without its module, the call would be a name like any other.
        if isinstance(node, ast.ImportFrom) and any(_changes(node.module, alias.name) for alias in node.names):
            yield node.lineno, f"from {node.module} import …"
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        *base, last = name.split(".")
        module = base[-1] if base else ""
        given = {keyword.arg for keyword in node.keywords}
        if (
            (base and last in _CLOCK)
            or (module == "time" and last in _TIME)
            or (module in _CHANCE and not (node.args or given))
            or module == "secrets"
            or (module == "random" and last not in _SEEDED)
            or (last in {"default_rng", "RandomState"} and not (node.args or given))
            or (last == "sample" and base and not {"random_state", "seed"} & given)
            or (name in _NEVER_THE_SAME)
        ):
            yield node.lineno, f"{name}(…)"


def _changes(module: str | None, name: str) -> bool:
    """Whether what a cell imports from a module is a clock or chance."""
    return (
        module in _CHANCE
        or (module == "time" and name in {*_TIME, "*"})
        or (module == "numpy.random" and name not in _SEEDED)
    )


def changing_words(text: str, folders: Iterable[Path], started: float, ended: float) -> str | None:
    """A path of this machine, an address in memory or the time of the run, if `text` shows one.

    folders: where the page is executed; started, ended: the run's begin and end in seconds
    since 1970.
    """
    # A checkout at /data has the name with which the site's own links begin.
    own = ((str(folder), _SITE_LINK.sub("](", text) if len(folder.parts) == 2 else text) for folder in folders)
    for folder, words in (*own, (tempfile.gettempdir() + "/", text), (sys.prefix, text)):
        if folder in words:
            return f"the path {folder}"
    for pattern, kind in ((_HOMES, "the path"), (_ADDRESS, "an address in memory,")):
        found = pattern.search(text)
        if found:
            return f"{kind} {found[0]}"
    moments = {int(started) + second for second in range(int(ended) - int(started) + 2)}
    clock = {datetime.fromtimestamp(moment, zone).strftime("%H:%M:%S") for moment in moments for zone in (UTC, None)}
    for word in re.findall(r"\b\d\d:\d\d:\d\d\b", text):
        if word in clock:
            return f"the time of day, {word}"
    for word in re.findall(r"\b\d{10}\b", text):
        if int(word) in moments:
            return f"the time, {word} seconds after 1970"
    return None


def shown(cell: NotebookNode) -> str:
    """All a cell shows: its prose, or its outputs in every form."""
    if cell.cell_type == "markdown":
        return str(cell.source)
    parts: list[str] = []
    for output in cell.get("outputs", []):
        parts.append(output.get("text", ""))
        values: Iterable[object] = output.get("data", {}).values()
        parts += [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
    return "\n".join(parts)
