"""The folder ``.build/``: one command at a time, a place for its work, nothing left behind."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from thesis.failures import WorkspaceError

FOLDER = ".build"
_WORK = "THESIS_WORK"
"""The environment variable by which a command's processes are known: the folder of its work."""
_LOCK = "THESIS_LOCK"
"""The environment variable that hands an open lock on to the same process's next program."""

Report = Callable[[str], None]


def is_handed_on() -> bool:
    """Whether this program goes on with what another one began in the same process."""
    return _LOCK in os.environ


@dataclass(frozen=True)
class Workspace:
    """A command's hold on ``.build/``: the folder of its work, and the open lock."""

    folder: Path
    lock: int

    def handed_on(self) -> dict[str, str]:
        """The environment in which the same process starts its next program and keeps the hold."""
        os.set_inheritable(self.lock, True)
        return {**os.environ, _LOCK: str(self.lock)}


@contextmanager
def workspace(project: Path, command: str, report: Report) -> Iterator[Workspace]:
    """Hold ``.build/`` alone, and give a folder for this command's work that goes with it.

    A command that finds another at work says which one and waits for it. The lock is the
    operating system's: it goes with its process, however that ends; what a killed command left
    behind, folders and running programs, the next one removes. Raises WorkspaceError where
    nothing can be written.
    """
    building = project / FOLDER
    before = os.environ.get(_WORK)
    handed = os.environ.pop(_LOCK, None)
    if handed and before:  # this program goes on with what the one before it began
        held = Workspace(Path(before), int(handed))
        os.set_inheritable(held.lock, False)
    else:
        held = _hold(building, command, report)
    os.environ[_WORK] = str(held.folder)
    try:
        yield held
    finally:
        os.environ.pop(_WORK)
        if before and not handed:
            os.environ[_WORK] = before
        shutil.rmtree(held.folder, ignore_errors=True)
        os.close(held.lock)


def _hold(building: Path, command: str, report: Report) -> Workspace:
    lock = -1
    try:
        building.mkdir(exist_ok=True)
        lock = os.open(building / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        _wait_for(lock, report)
        _remove_left_behind(building)
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps({"command": f"thesis {command}", "process": os.getpid()}).encode(), 0)
        return Workspace(Path(tempfile.mkdtemp(prefix="work-", dir=building)), lock)
    except OSError as error:
        if lock >= 0:
            os.close(lock)
        raise WorkspaceError(f"{building} cannot be written to ({error.strerror}): every command works there") from None


def _wait_for(lock: int, report: Report) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = "another command"
        with suppress(ValueError, KeyError):
            noted = json.loads(os.pread(lock, 1000, 0))
            holder = f"`{noted['command']}` (process {noted['process']})"
        report(f"waiting for {holder}, which is at work in this checkout")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _remove_left_behind(building: Path) -> None:
    """End the programs and remove the folders of commands that were killed: whoever holds the lock is alone.

    A command that ends by itself removes its folder first, so a program whose folder is gone
    is only about to end.
    """
    left = {f"{_WORK}={folder}".encode(): folder for folder in building.glob("work-*")}
    for environment in Path("/proc").glob("[0-9]*/environ") if left else ():
        with suppress(OSError):  # another user's, or gone meanwhile
            if left.keys() & set(environment.read_bytes().split(b"\0")):
                os.kill(int(environment.parent.name), signal.SIGKILL)
    for folder in left.values():
        shutil.rmtree(folder, ignore_errors=True)
