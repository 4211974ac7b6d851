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
from thesis.execution.execute import code_digest, read_chapter
from thesis.failures import ChapterError, StateError
from thesis.snapshot import Snapshot

FOLDER = Path("notebooks") / "records"


@dataclass(frozen=True)
class Record:
    """What one execution of a page read and what it made: file → SHA-256 of its contents.

    Names are paths from the project's folder; a folder that was listed ends with a slash
    and stands for the names in it; ``data/NAME.yml#`` is the description of one table with the
    shared fields it names, ``data/package.yml#`` that of all; ``chapters/NAME.qmd#code`` what the
    chapter computes. None: there was no such file.
    """

    inputs: dict[str, str | None]
    outputs: dict[str, str | None]


def record_of(source: Path) -> Path:
    """Where the record of a page stands, relative to the project."""
    return FOLDER / source.with_suffix(".json").name


def digests(snapshot: Snapshot, names: Iterable[str]) -> dict[str, str | None]:
    """The digest of each named input, as the snapshot has it."""
    return {name: _digest(snapshot, name) for name in sorted(names)}


def _digest(snapshot: Snapshot, name: str) -> str | None:
    file, mark, part = name.partition("#")
    if not mark:
        return snapshot.digest(name)
    if not part:
        return _described(snapshot.folder, file)
    return _code(snapshot.folder, Path(file)) if file in snapshot.files else None


def _described(project: Path, file: str) -> str | None:
    """The hash of a description, whatever else its files hold; None where there is none.

    Raises StateError where the description cannot be read.
    """
    try:
        return descriptions.digest(project, file)
    except (OSError, ValueError) as error:
        raise StateError(f"{file} cannot be read: `make check` says what is wrong with it") from error


def _code(folder: Path, source: Path) -> str | None:
    """The digest of a chapter's code, None where the chapter cannot be read: executing it says why."""
    try:
        return code_digest(read_chapter(folder, source))
    except ChapterError:
        return None


def code_of(source: Path) -> str:
    """How a record names what a chapter computes, apart from its words."""
    return f"{source.as_posix()}#code"


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


def reasons(snapshot: Snapshot, folder: Path, source: Path) -> list[str]:
    """Why the record of a page below `folder` is not what executing the page would give.

    snapshot: the page and what it reads; folder: where the record and what it names stand,
    the snapshot's own or the results not accepted yet. An empty list: the record is current.
    """
    record = read_record(folder, source)
    if record is None:
        return ["there is no record of its execution"]
    found = []
    for name, then in record.inputs.items():
        # The chapter's own file counts as a whole; its code is asked for where that has changed.
        now = then if name == code_of(source) else _digest(snapshot, name)
        if now != then:
            found.append(f"{name} {'is gone' if now is None else 'is new' if then is None else 'has changed'}")
    for name, then in record.outputs.items():
        now = snapshot.digest(name) if folder == snapshot.folder else digest_of_file(folder / name)
        if now != then:
            found.append(f"{name} {'is missing' if now is None else 'was changed by hand'}")
    return found


def digest_of_file(path: Path) -> str | None:
    """The SHA-256 of a file's contents; None where there is no file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def only_reworded(snapshot: Snapshot, folder: Path, source: Path) -> bool:
    """Whether a page that is due differs from its record below `folder` in its prose alone."""
    record = read_record(folder, source)
    return (
        record is not None
        and reasons(snapshot, folder, source) == [f"{source.as_posix()} has changed"]
        and record.inputs.get(code_of(source)) == _digest(snapshot, code_of(source))
    )


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
