"""What belongs to no language: the way in, the page for unknown addresses, what crawlers read, the downloads."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from thesis.descriptions import build_package
from thesis.language import LANGUAGES
from thesis.site.page import PageFacts
from thesis.store import Store, key_of, made_by

_FIRST_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can name: the same files are the same archive
_COMPRESSED = (".png", ".woff2", ".xlsx", ".zip")


def write_whole_site(site: Path, project: Path, pages: Mapping[Path, PageFacts], store: Store) -> None:
    """Complete `site`, whose languages are all there, from the project's ``assets/`` and ``data/``.

    pages: every page of the languages with its facts.
    """
    own = project / "assets" / "site"
    shutil.copyfile(own / "index.html", site / "index.html")
    (site / ".nojekyll").touch()
    downloads = site / "downloads"
    downloads.mkdir(exist_ok=True)
    address = write_sitemap(site, pages)
    write_data_package(site, project, address, store)
    # Shown at any address, so its links begin at the root of the host, where the site may be a folder.
    home = escape(urlsplit(address).path or "/", {'"': "&quot;"})
    unknown = (own / "404.html").read_text(encoding="utf-8").replace('href="/', f'href="{home}')
    (site / "404.html").write_text(unknown, encoding="utf-8")
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {address}sitemap.xml\n", encoding="utf-8")
    # Last, and without the archives themselves: this is the site as it is opened from a disk.
    files = [path for path in site.rglob("*") if path.is_file() and downloads not in path.parents]
    write_archive(downloads / "offline-site.zip", {path.relative_to(site).as_posix(): path for path in files}, store)


def write_data_package(site: Path, project: Path, address: str, store: Store) -> None:
    """Write ``datapackage.json`` beside the tables of each language, and the archive of both.

    address: where the site is published; the package names it as its homepage, except the
    one of a site that is served on the machine that made it.
    """
    local = urlsplit(address).hostname in {None, "localhost", "127.0.0.1", "::1"}
    package = build_package(project, "" if local else address)
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    files = {table["path"]: project / "data" / table["path"] for table in package["resources"]}
    for language in LANGUAGES:
        described = site / language / "data" / "datapackage.json"
        described.parent.mkdir(exist_ok=True)
        described.write_text(text, encoding="utf-8")
        files[described.name] = described
    write_archive(site / "downloads" / "data-package.zip", files, store)


def write_archive(archive: Path, files: Mapping[str, Path], store: Store) -> None:
    """Pack files under the names given, in order and without their times.

    What is compressed already is packed as it is.
    """
    contents = {name: path.read_bytes() for name, path in sorted(files.items())}
    digests = (f"{name} {hashlib.sha256(content).hexdigest()}" for name, content in contents.items())
    key = key_of("archive", made_by("site/whole_site.py", others=[zlib.ZLIB_RUNTIME_VERSION]), *digests)
    archive.write_bytes(store.kept(key, lambda: _packed(contents)))


def _packed(contents: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _FIRST_TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(_COMPRESSED) else zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    return data.getvalue()


def write_sitemap(site: Path, pages: Mapping[Path, PageFacts]) -> str:
    """Write ``sitemap.xml``: every page with its twin; returns the site's address, with its last slash.

    Addresses are the pages' own canonical ones, so that nothing is said twice.
    """
    lines, addresses = [], set()
    for path, page in sorted(pages.items()):
        addresses.add(page.canonical.removesuffix(path.relative_to(site).as_posix()))
        twins = "".join(
            f"<xhtml:link rel='alternate' hreflang='{language}' href={quoteattr(address)}/>"
            for language, address in page.twins
        )
        lines.append(f"<url><loc>{escape(page.canonical)}</loc>{twins}</url>")
    namespaces = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:xhtml='http://www.w3.org/1999/xhtml'"
    text = "\n".join(["<?xml version='1.0' encoding='UTF-8'?>", f"<urlset {namespaces}>", *lines, "</urlset>", ""])
    (site / "sitemap.xml").write_text(text, encoding="utf-8")
    return addresses.pop() if len(addresses) == 1 else ""
