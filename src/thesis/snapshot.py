"""One copy of all that a build reads, made and hashed once, before anything is checked.

What is checked is what is executed is what is rendered, and the record of an execution names
the digests of this copy: a file that is saved while a build runs belongs to the next build.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = Path(__file__).parent
"""The folder of this package; its files are named ``src/thesis/…`` wherever it stands."""

_FILES = (
    "_environment",
    "_quarto.yml",
    "_quarto-en.yml",
    "_quarto-kk.yml",
    "index.qmd",
    "pyproject.toml",
    "references.bib",
    "requirements.lock",
)
_FOLDERS = ("assets", "chapters", "data", "figures", "filters", "notebooks")
_COPY = "inputs"
_MANIFEST = "inputs.json"
_NOT_READ = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Snapshot:
    """The copy of a checkout's inputs.

    project: the checkout, where results go; folder: where the copy stands, laid out like the
    checkout; files: each copied file, by its name from the project's folder, with the SHA-256
    of its contents.
    """

    project: Path
    folder: Path
    files: Mapping[str, str]

    def digest(self, name: str) -> str | None:
        """The digest of a file, or of the names in a folder (`name` ends with a slash); None: there is no such file."""
        if not name.endswith("/"):
            return self.files.get(name)
        names = {other.removeprefix(name).split("/")[0] for other in self.files if other.startswith(name)}
        return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()

    @cached_property
    def whole(self) -> str:
        """One digest for all that was copied."""
        return self.of(self.files)

    def of(self, names: Iterable[str]) -> str:
        """One digest for some of the files; a name that is no file counts too."""
        text = "\n".join(f"{self.files.get(name)} {name}" for name in sorted(names))
        return hashlib.sha256(text.encode()).hexdigest()

    def below(self, *folders: str) -> list[str]:
        """The names of the files below some folders, in order."""
        return sorted(name for name in self.files if name.startswith(tuple(f"{folder}/" for folder in folders)))


class Inputs:
    """All that a build reads, in memory, before it is decided whether a copy is needed."""

    def __init__(self, project: Path) -> None:
        """Read the inputs of a checkout; a file that disappears meanwhile was never there."""
        self.project = project
        self.contents: dict[str, bytes] = {}
        for path, name in _inputs(project):
            try:
                self.contents[name] = path.read_bytes()
            except FileNotFoundError:
                continue
        self.digests = {name: hashlib.sha256(content).hexdigest() for name, content in self.contents.items()}

    def copied_to(self, folder: Path) -> Snapshot:
        """Write the copy into `folder`; raises OSError where it cannot be written."""
        for parent in {(folder / _COPY / name).parent for name in self.contents}:
            parent.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents.items():
            (folder / _COPY / name).write_bytes(content)
        (folder / _MANIFEST).write_text(json.dumps(self.digests), encoding="utf-8")
        return Snapshot(self.project, folder / _COPY, self.digests)


def snapshot_in(project: Path, folder: Path) -> Snapshot:
    """The snapshot of `project` below `folder`: taken by an earlier step of the same command, else now."""
    if (folder / _MANIFEST).is_file():
        return Snapshot(project, folder / _COPY, json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    return Inputs(project).copied_to(folder)


def _inputs(project: Path) -> Iterator[tuple[Path, str]]:
    """Each file to copy and its name in the snapshot."""
    for name in _FILES:
        if (project / name).is_file():
            yield project / name, name
    for name in _FOLDERS:
        yield from _below(project / name, name)
    yield from _below(PACKAGE, "src/thesis")


def _below(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name in _NOT_READ:
            continue
        if entry.is_dir():
            yield from _below(Path(entry.path), f"{name}/{entry.name}")
        elif entry.is_file():
            yield Path(entry.path), f"{name}/{entry.name}"
