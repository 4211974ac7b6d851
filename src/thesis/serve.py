"""A plain local server for the built site."""

from __future__ import annotations

import functools
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing for each file a page loads."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Show the site's own page for an address it does not have, as its host will."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None


def server_for(site: Path, port: int) -> ThreadingHTTPServer:
    """A server of `site` on this machine only; port 0 takes any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Quiet, directory=str(site)))


def serve(site: Path, port: int, say: Callable[[str], None]) -> int:
    """Serve the built site on this machine until interrupted; nobody else can reach it."""
    if not (site / "index.html").is_file():
        say("there is no site yet: `make site` publishes one")
        return 2
    try:
        server = server_for(site, port)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "there is none above 65535"
        say(f"port {port} cannot be used ({reason}); try another with --port")
        return 2
    say(f"http://127.0.0.1:{server.server_address[1]}/ · Ctrl+C ends it")
    with server:
        server.serve_forever()
    return 0
