"""What made a notebook and the site: the lock's versions, not the machine's; the commit's time, not the clock's."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

KEY_PACKAGES = ("altair", "nbclient", "pandas", "vl-convert-python")
"""The packages whose version a reader of a result may want to know."""


def locked_versions(project: Path) -> dict[str, str]:
    """Every package of ``requirements.lock`` with its version; empty without a lock."""
    lock = project / "requirements.lock"
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", text, re.MULTILINE))


def python_version(project: Path) -> str:
    """The Python that ``pyproject.toml`` asks for, as ``>=3.11``; empty where none is named."""
    description = project / "pyproject.toml"
    if not description.is_file():
        return ""
    return str(tomllib.loads(description.read_text(encoding="utf-8"))["project"].get("requires-python", ""))


def made_with(project: Path) -> dict[str, Any]:
    """A notebook's metadata ``made_with``: Python and the key packages; empty without a lock."""
    versions = locked_versions(project)
    packages = {name: versions[name] for name in KEY_PACKAGES if name in versions}
    return {"made_with": {"python": python_version(project), **packages}} if packages else {}


def commit_time(project: Path) -> int:
    """When the commit was made that is checked out, in seconds since 1970 (UTC).

    The one time that anything built may hold: a build of the same commit is the same on any
    day. SOURCE_DATE_EPOCH, where it is set, says it instead; outside a git checkout, 0.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given.isdecimal():
        return int(given)
    if not (project / ".git").exists():
        return 0
    command = ["git", "-C", str(project), "log", "-1", "--format=%ct"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(answer.stdout) if answer.stdout.strip().isdecimal() else 0
