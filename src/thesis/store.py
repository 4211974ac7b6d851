"""What was made once and need not be made again: results under the digest of all that made them.

They stand in ``.build/kept/``. A fresh build and one that reuses give the same bytes, so the
folder may be deleted at any time; what cannot be read there, or was damaged, is made anew.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from thesis.snapshot import PACKAGE
from thesis.workspace import FOLDER

LIMIT = 400_000_000
"""How many bytes are kept; beyond it, what was used longest ago goes first."""

_DIGEST = hashlib.sha256().digest_size


class Store:
    """Contents by what made them; `made` and `reused` count what was asked for."""

    def __init__(self, project: Path) -> None:
        self.folder = project / FOLDER / "kept"
        self.made = 0
        self.reused = 0

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]

    def get(self, key: str) -> bytes | None:
        """What is kept under a key of :func:`key_of`; None when nothing is, or nothing whole."""
        path = self._path(key)
        try:
            entry = path.read_bytes()
        except OSError:
            return None
        content = entry[_DIGEST:]
        if hashlib.sha256(content).digest() != entry[:_DIGEST]:
            return None
        with suppress(OSError):  # when it was last used decides what goes first
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep a content; where that cannot be done, it is made again another time."""
        path = self._path(key)
        name = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                name = file.name
                file.write(hashlib.sha256(content).digest() + content)
            Path(name).replace(path)
        except OSError:
            if name:
                Path(name).unlink(missing_ok=True)

    def kept(self, key: str, make: Callable[[], bytes]) -> bytes:
        """What stands under a key, made and kept if it is not there."""
        content = self.get(key)
        if content is not None:
            self.reused += 1
            return content
        content = make()
        self.made += 1
        self.put(key, content)
        return content

    def prune(self, limit: int = LIMIT) -> None:
        """Remove what was used longest ago until no more than `limit` bytes are kept."""
        entries = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                status = path.stat()
                entries.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= limit:
                break
            with suppress(OSError):
                path.unlink()
                total -= size


def key_of(*parts: str | bytes) -> str:
    """The key of something made from `parts`: their order and their borders count."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def made_by(*modules: str, packages: Iterable[str] = (), others: Iterable[str] = ()) -> str:
    """What a result owes to the program: this machine's kind, its Python, and what is named.

    modules: files of this package, from its folder (``site/downloads.py``); packages: installed
    ones, which count with their version; others: whatever else it depends on.
    """
    parts = [platform.machine(), sys.platform, sys.version, *map(version, packages), *others]
    return key_of(*parts, *((PACKAGE / name).read_bytes() for name in modules))
