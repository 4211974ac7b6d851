"""What the published site was made from, so that a build with nothing to do ends at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from thesis.site.engine import quarto_version
from thesis.store import key_of, made_by
from thesis.workspace import FOLDER

UNCHANGED = "Nothing has changed since _site/ was published"
_NOTE = "published.json"


def published_state(files: Mapping[str, str], engine: str) -> str:
    """One digest for all that a site is made from; files: the inputs with their digests."""
    renderer = str(quarto_version()) if engine == "quarto" else version("pypandoc-binary")
    inputs = json.dumps(files, sort_keys=True)
    return key_of("site", made_by(others=[engine, renderer]), os.environ.get("SITE_URL", ""), inputs)


def is_published(project: Path, state: str) -> bool:
    """Whether ``_site/`` is what was published from this state, and nobody has touched it since."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads((project / FOLDER / _NOTE).read_text(encoding="utf-8"))
        return bool(note["state"] == state and note["site"] == _digest_of_site(project))
    return False


def note_published(project: Path, state: str) -> None:
    """Remember from what the site that now stands in ``_site/`` was made."""
    note = {"state": state, "site": _digest_of_site(project)}
    (project / FOLDER / _NOTE).write_text(json.dumps(note), encoding="utf-8")


def _digest_of_site(project: Path) -> str:
    site = project / "_site"
    digest = hashlib.sha256()
    for path in sorted(site.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(site).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
