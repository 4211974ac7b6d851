"""The record of an execution: what a page read and made, as hashes of contents.

One file a page, ``notebooks/records/NAME.json``, committed beside the notebook. It is how a
fresh clone knows, without executing anything, that a notebook is still what its chapter
makes, and how a notebook or figure edited by hand is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from thesis import descriptions
from thesis.execution.inputs import PACKAGE
from thesis.failures import StateError

FOLDER = Path("notebooks") / "records"


@dataclass(frozen=True)
class Record:
    """What one execution of a page read and what it made: file → SHA-256 of its contents.

    Names are paths from the project's folder; a folder that was listed ends with a slash
    and stands for the names in it; ``data/NAME.yml#`` is the description of one table with the
    shared fields it names, ``data/package.yml#`` that of all. None: there was no such file.
    """

    inputs: dict[str, str | None]
    outputs: dict[str, str | None]


def record_of(source: Path) -> Path:
    """Where the record of a page stands, relative to the project."""
    return FOLDER / source.with_suffix(".json").name


def digests(project: Path, names: Iterable[str]) -> dict[str, str | None]:
    """The hash of each named file as it is now."""
    return {name: _digest(project, name) for name in sorted(names)}


def _digest(project: Path, name: str) -> str | None:
    # The package that runs is the one a chapter was given, wherever it stands.
    if name.endswith("#"):
        return _described(project, name.removesuffix("#"))
    path = PACKAGE / name.removeprefix("src/thesis/") if name.startswith("src/thesis/") else project / name
    if name.endswith("/"):
        names = sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
        return hashlib.sha256("\n".join(names).encode()).hexdigest()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _described(project: Path, file: str) -> str | None:
    """The hash of a description, whatever else its files hold; None where there is none.

    Raises StateError where the description cannot be read.
    """
    try:
        return descriptions.digest(project, file)
    except (OSError, ValueError) as error:
        raise StateError(f"{file} cannot be read: `make check` says what is wrong with it") from error


def read_record(folder: Path, source: Path) -> Record | None:
    """The record of a page below `folder`; None when there is none that can be read."""
    try:
        content = json.loads((folder / record_of(source)).read_text(encoding="utf-8"))
        return Record(dict(content["inputs"]), dict(content["outputs"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(folder: Path, source: Path, record: Record) -> None:
    """Write the record of a page below `folder`."""
    path = folder / record_of(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"inputs": record.inputs, "outputs": record.outputs}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def move_record(before: Path, after: Path, source: Path, pages: Iterable[Path]) -> None:
    """Put a page's record and all it names from one folder into another, in place of the one there.

    pages: all there are. What the replaced record named and no record of theirs names now is
    removed. Raises FileNotFoundError where there is no record to move.
    """
    record = read_record(before, source)
    if record is None:
        raise FileNotFoundError(before / record_of(source))
    replaced = read_record(after, source)
    for name in record.outputs:
        (after / name).parent.mkdir(parents=True, exist_ok=True)
        (before / name).replace(after / name)
    write_record(after, source, record)
    (before / record_of(source)).unlink()
    remove_dropped(after, replaced, pages)


def remove_dropped(folder: Path, replaced: Record | None, pages: Iterable[Path]) -> None:
    """Remove below `folder` what a replaced record named and no record of these pages names now.

    A figure that moved to another page is that page's: its record there names it.
    """
    for name in set(replaced.outputs if replaced else ()) - _named(folder, pages):
        (folder / name).unlink(missing_ok=True)


def _named(folder: Path, pages: Iterable[Path]) -> set[str]:
    """All that the records of these pages below `folder` name as made."""
    records = (read_record(folder, source) for source in pages)
    return {name for record in records if record for name in record.outputs}


def reasons(project: Path, folder: Path, source: Path) -> list[str]:
    """Why the record of a page below `folder` is not what executing the page would give.

    project: where the page and what it reads stand; folder: where the record and what it
    names stand, the project itself or the results not accepted yet. An empty list: the
    record is current.
    """
    record = read_record(folder, source)
    if record is None:
        return ["there is no record of its execution"]
    found = []
    for name, then in record.inputs.items():
        now = _digest(project, name)
        if now != then:
            found.append(f"{name} {'is gone' if now is None else 'is new' if then is None else 'has changed'}")
    for name, then in record.outputs.items():
        now = _digest(folder, name)
        if now != then:
            found.append(f"{name} {'is missing' if now is None else 'was changed by hand'}")
    return found


def figures_of(record: Record) -> list[str]:
    """The names in ``figures/`` that the page made."""
    return [name.removeprefix("figures/") for name in record.outputs if name.startswith("figures/")]


def nobodys(project: Path, sources: Iterable[Path]) -> list[str]:
    """Files in ``notebooks/`` and ``figures/`` that no record of these pages names."""
    pages = list(sources)
    named = {record_of(source).as_posix() for source in pages} | _named(project, pages)
    files = [
        *(project / "figures").glob("*.svg"),
        *(project / "figures").glob("*.json"),
        *(project / "notebooks").glob("*.ipynb"),
        *(project / FOLDER).glob("*.json"),
    ]
    return sorted(name for name in (path.relative_to(project).as_posix() for path in files) if name not in named)
