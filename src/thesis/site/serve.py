"""A local server for the built site that rebuilds what changed and reloads the open page."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue

import watchfiles

Report = Callable[[str], None]

FOLDERS = ("assets", "chapters", "data", "filters", "src/thesis")
"""Where a change means that the site is to be built again; beside the files next to ``_quarto.yml``."""
SUFFIXES = {".qmd", ".yml", ".bib", ".lock", ".toml"}
_ADDRESS = "/-/changes"
_SCRIPT = f"<script>new EventSource({_ADDRESS!r}).onmessage = () => location.reload()</script>".encode()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each file a page loads."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Show the site's own page for an address it does not have, as its host will."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        return self.send_page(HTTPStatus.NOT_FOUND, page.read_bytes())

    def send_page(self, status: HTTPStatus, body: bytes) -> None:
        """Answer with an HTML page."""
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Version:
    """How often the site was built since the server started; pages wait for the next time."""

    def __init__(self) -> None:
        self.number = 0
        self.changed = threading.Condition()

    def next(self) -> None:
        """Tell every open page that there is a new site."""
        with self.changed:
            self.number += 1
            self.changed.notify_all()

    def after(self, number: int, seconds: float) -> bool:
        """Wait for a version later than `number`; False when none came in time."""
        with self.changed:
            return self.changed.wait_for(lambda: self.number > number, seconds)


class _Reloading(_Quiet):
    """The same pages, each with a line of script that is in no file of the site."""

    version: Version

    def do_GET(self) -> None:
        if self.path == _ADDRESS:
            return self._tell_changes()
        path = Path(self.translate_path(self.path))
        if path.is_dir() and self.path.split("?")[0].endswith("/"):
            path /= "index.html"
        if path.suffix == ".html" and path.is_file():
            return self.send_page(HTTPStatus.OK, path.read_bytes())
        return super().do_GET()

    def send_page(self, status: HTTPStatus, body: bytes) -> None:
        super().send_page(status, body.replace(b"</body>", _SCRIPT + b"</body>"))

    def _tell_changes(self) -> None:
        """Server-sent events: one message when the site was built again."""
        number = self.version.number
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while not self.version.after(number, 15):
                self.wfile.write(b": nothing yet\n\n")
                self.wfile.flush()
            self.wfile.write(b"data: changed\n\n")
        except OSError:
            pass  # the page was closed


def server_for(site: Path, port: int, version: Version | None = None) -> ThreadingHTTPServer:
    """A server of `site` on this machine only; port 0 takes any free one.

    With a `version`, its pages reload when that goes on.
    """
    handler: type[_Quiet] = _Quiet
    if version:
        handler = type("_Watching", (_Reloading,), {"version": version})
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(handler, directory=str(site)))


def serve(project: Path, port: int, options: list[str], report: Report) -> int:
    """Serve the site on this machine, rebuild it when a file changes, and reload the open page; Ctrl+C ends it.

    options: what ``thesis build`` is given each time. A build that fails is told and the
    last good site stays. Nobody else can reach the server.
    """
    site, version = project / "_site", Version()
    try:
        server = server_for(site, port, version)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "there is none above 65535"
        report(f"port {port} cannot be used ({reason}); try another with --port")
        return 2
    stop = threading.Event()
    with server:
        if not (site / "index.html").is_file():
            report("there is no site yet: building it")
            status = _build(project, options)
            if status:
                return status
        threading.Thread(target=server.serve_forever, daemon=True).start()
        changes = _watched(project, stop)
        report(f"http://127.0.0.1:{server.server_address[1]}/ · Ctrl+C ends it")
        try:
            # Watched already: what is saved from now on is built next; what changed before, now.
            _rebuild(project, options, version, report)
            while True:
                names = _next(changes)
                report(f"changed: {', '.join(sorted(names))}")
                _rebuild(project, options, version, report)
        finally:
            stop.set()
            server.shutdown()


def _build(project: Path, options: list[str]) -> int:
    # A program of its own: the package itself may be what changed.
    command = [sys.executable, "-m", "thesis.cli", "build", *options]
    return subprocess.run(command, cwd=project, check=False).returncode


def _rebuild(project: Path, options: list[str], version: Version, report: Report) -> None:
    if _build(project, options) == 0:
        version.next()
    else:
        report("the last good site is still served; save the file again once it is mended")


def _matters(path: Path) -> bool:
    # Compiled Python, and what editors write beside the file they are about to save.
    return "__pycache__" not in path.parts and not path.name.startswith(".") and not path.name.endswith(("~", ".swp"))


def _watched(project: Path, stop: threading.Event) -> Queue[str]:
    """The names of changed files, as they change, from the project's folder."""
    found: Queue[str] = Queue()

    def watch(folders: list[Path], recursive: bool) -> None:
        for changes in watchfiles.watch(*folders, stop_event=stop, recursive=recursive, raise_interrupt=False):
            for _, name in changes:
                path = Path(name)
                if _matters(path) and (recursive or path.suffix in SUFFIXES):
                    found.put(path.relative_to(project).as_posix())

    folders = [project / folder for folder in FOLDERS if (project / folder).is_dir()]
    for paths, recursive in (([project], False), (folders, True)):
        if paths:
            threading.Thread(target=watch, args=(paths, recursive), daemon=True).start()
    return found


def _next(changes: Queue[str]) -> set[str]:
    """The next changes, together with those that come with them."""
    names: set[str] = set()
    while not names:
        # In short turns: a wait without an end would not hear Ctrl+C everywhere.
        try:
            names.add(changes.get(timeout=0.5))
            while True:
                names.add(changes.get(timeout=0.2))
        except Empty:
            continue
    return names
