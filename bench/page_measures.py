"""Measuring a page of the built site in a real browser, as a reader's device would load it."""

from __future__ import annotations

import functools
import gzip
import mimetypes
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
    "--disable-gpu",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
CRITERIA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""axe-core's tags for WCAG 2.2, levels A and AA."""

mimetypes.add_type("font/woff2", ".woff2")

_SHIFT = """
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.layoutShift = (window.layoutShift || 0) + entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def chromium() -> str | None:
    """The browser on the PATH, None when there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class _Compressing(SimpleHTTPRequestHandler):
    """Serves a folder as a host does: text compressed, everything kept for a while."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each file a page loads."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            return self.send_error(404)
        body, kind, text = _encoded(path)
        self.send_response(200)
        self.send_header("Content-Type", kind + ("; charset=utf-8" if text else ""))
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


@functools.cache
def _encoded(path: Path) -> tuple[bytes, str, bool]:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in {"application/javascript", "application/json", "image/svg+xml"}
    body = path.read_bytes()
    return (gzip.compress(body, 6) if text else body), kind, text


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve `site` compressed on this machine; gives its address, with the last slash."""
    handler = functools.partial(_Compressing, directory=str(site))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


def launched(playwright: Playwright) -> Browser:
    """The system's Chromium, asking nobody for anything."""
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@dataclass
class Measures:
    """What one loading of a page showed.

    weight: bytes sent before anything is touched or scrolled. shift: cumulative layout
    shift over loading and reading to the end. violations: axe-core's, one line each.
    complaints: console messages, script errors, failed and foreign requests.
    charts: each chart’s id and what became of it, as “gti-ranking live”.
    library: whether the charts' library was among the first load.
    """

    weight: int = 0
    shift: float = 0.0
    library: bool = False
    violations: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)


def measure(
    browser: Browser,
    address: str,
    width: dict[str, int],
    theme: str,
    also: Callable[[Page], None] = lambda page: None,
) -> Measures:
    """Load a page anew, read it to its end, and say what was seen.

    address: of a site served by :func:`served`; width: PHONE or DESK; theme: light or dark;
    also: what else is asked of the page, as it was loaded and again when it has been read.
    """
    measures = Measures()
    context = browser.new_context(viewport=width, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.add_init_script(_SHIFT)
    page.on("console", lambda message: measures.complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: measures.complaints.append(f"script: {error}"))
    page.on("response", lambda reply: _weigh(reply, measures))
    page.goto(address, wait_until="networkidle")
    measured = Measures(measures.weight, library=measures.library)
    also(page)
    _read_to_the_end(page)
    also(page)
    page.evaluate("scrollTo(0, 0)")  # elsewhere the bar lies over what axe measures
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": CRITERIA}}).response["violations"]
    measured.violations = [
        f"{one['id']}: {node['target'][0]} {node['html'][:90]}" for one in found for node in one["nodes"][:3]
    ]
    measured.shift = page.evaluate("window.layoutShift || 0")
    measured.complaints = measures.complaints
    measured.charts = page.locator(".chart").evaluate_all(
        "all => all.map(chart => chart.id + ' ' + chart.dataset.state)"
    )
    context.close()
    return measured


def _weigh(reply: Any, measures: Measures) -> None:
    if not reply.url.startswith("http://127.0.0.1:"):
        measures.complaints.append(f"foreign: {reply.url}")
    elif reply.status >= 400:
        measures.complaints.append(f"{reply.status}: {reply.url}")
    measures.weight += int(reply.headers.get("content-length", 0))
    measures.library |= reply.url.endswith("/vega.js")


def _read_to_the_end(page: Page) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    for place in range(0, height, 600):
        page.evaluate(f"scrollTo(0, {place})")
        page.wait_for_timeout(30)
    # Every chart has come to life, or has said that it cannot. On a busy machine one may have been passed over
    # between two frames: a reader would scroll back to it.
    for chart in page.query_selector_all(".chart"):
        if not chart.get_attribute("data-state"):
            chart.scroll_into_view_if_needed()
            page.wait_for_function("chart => chart.dataset.state", arg=chart)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
