"""What a running chapter reads: noted inside its kernel, judged outside.

The kernel calls :func:`watch` before a chapter's first cell and :func:`seen` after its
last. Nothing but the standard library is loaded here, so that a chapter depends on no
more than it asks for.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = Path(__file__).parent.parent
"""The folder of this package; its files are named ``src/thesis/…`` wherever it stands."""

ALLOWED = (
    "data/",
    "src/thesis/",
    "assets/palette.json",
    "assets/words.yml",
    "assets/abbreviations.yml",
    "references.bib",
    "requirements.lock",
    "_quarto-",
)
"""What a chapter may read: the data first of all, and what says how it is to look and what pages are called."""

_DESCRIPTIONS = str(PACKAGE / "descriptions.py")
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/", "/usr/lib/", "/usr/share/zoneinfo/")
_PROGRAMS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"}

_read: dict[str, None] = {}
_faults: dict[str, None] = {}
_project = ""
_figures = ""


def watch(project: str, figures: str) -> None:
    """Note from now on every file and folder that this process opens below `project`."""
    global _project, _figures
    _project, _figures = os.path.join(project, ""), os.path.join(figures, "")
    sys.addaudithook(_note)


def seen() -> dict[str, list[str]]:
    """What was read, as names from the project's folder, and what no chapter may do.

    A listed folder ends with a slash: the chapter depends on which files it holds. The
    description of a table, with the shared fields it names, is called ``data/NAME.yml#``, that
    of all tables ``data/package.yml#``.
    """
    read, faults = dict(_read), dict(_faults)
    described = getattr(sys.modules.get("thesis.data"), "DESCRIBED", ())
    read |= dict.fromkeys(f"{name}#" for name in described)
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None) or ""
        if path.startswith(os.path.join(PACKAGE, "")):
            read[f"src/thesis/{os.path.relpath(path, PACKAGE)}"] = None
        elif path.startswith(_project) and not path.startswith(_library()):
            faults[f"imports {name} from {path.removeprefix(_project)}; what chapters share stands in src/thesis/"] = (
                None
            )
    for name in read:
        if not f"{name}".startswith(ALLOWED):
            faults[f"reads {name or 'the list of the project’s files'}; a chapter reads what is in data/"] = None
    return {"read": sorted(read), "faults": sorted(faults)}


def _library() -> tuple[str, ...]:
    return (os.path.join(sys.prefix, ""), os.path.join(sys.base_prefix, ""), os.path.join(PACKAGE, ""))


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, int):
            return
        writes = bool(set(mode or "") & set("wax+")) or bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
        _note_path(os.path.abspath(os.fsdecode(path)), writes)
    elif event in {"os.listdir", "os.scandir"}:
        path = arguments[0]
        if not isinstance(path, int):
            _note_path(os.path.join(os.path.abspath(os.fsdecode(path or ".")), ""), False)
    elif event in _PROGRAMS and _called_by_cell():
        _faults[f"starts the program {arguments[0]}; what a program reads cannot be followed"] = None
    elif event == "socket.getaddrinfo" and _called_by_cell():
        _faults[f"asks the network for {arguments[0]}; a chapter reads what is in data/"] = None


def _note_path(path: str, writes: bool) -> None:
    if path.startswith((*_library(), _figures)) or "__pycache__" in path:
        return
    if path.startswith(_project):
        if _called_by_import() or _DESCRIPTIONS in _frames():
            return
        name = path.removeprefix(_project)
        if writes:
            _faults[f"writes {name}; a chapter writes its figures alone"] = None
        else:
            _read[name] = None
    elif not writes and not path.startswith(_SYSTEM) and "ipykernel_" not in path and _called_by_cell():
        _faults[f"reads {path}; a chapter reads what is in data/"] = None


def _frames() -> list[str]:
    """The files whose code is running, the innermost first."""
    frame: FrameType | None = sys._getframe(2)
    names = []
    while frame:
        names.append(frame.f_code.co_filename)
        frame = frame.f_back
    return names


def _called_by_import() -> bool:
    return any(name.startswith("<frozen importlib") for name in _frames())


def _called_by_cell() -> bool:
    names = _frames()
    # ipykernel compiles each cell under a name of its own.
    return any("ipykernel_" in name for name in names) and not any(name.startswith("<frozen imp") for name in names)
