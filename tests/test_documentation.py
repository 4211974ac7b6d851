"""The documentation does what it says: its commands run, its steps lead where they promise."""

import csv
import hashlib
import json
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lxml.html
import pytest

from thesis.descriptions import FIELD_KEYS, TABLE_KEYS
from thesis.project import root
from thesis.site.engine import QUARTO_MINIMUM, quarto_version

READMES = ("README.md", "README.kk.md")
DOCUMENTS = ("CONTRIBUTING.md", "docs/architecture.md", *READMES)

NOT_RUN = {
    "make test": "this test is a part of it",
    "quarto preview": "stays open and opens a browser; `quarto render` reads the same project",
}
"""Documented commands that no test runs, each with the reason."""

MADE_LATER = {"_site/", ".build/", ".venv/", "certificate/"}
"""Folders a command makes; they are in no checkout."""

NAMES = {"English", "Debian", "Python", "CSV", "PhD", "Quarto", "Chromium", "MIT", "CC", "BY"} | {
    "GitHub",
    "Codespaces",
    "VS",
    "Code",
    "Binder",
    "JupyterLab",
}
"""Names that a Kazakh text keeps in Latin letters."""

FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)(?P=fence) *$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it belongs to, its text."""

    language: str
    file: str
    text: str


def read(name: str) -> str:
    return (root() / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    found = []
    for match in FENCE.finditer(text):
        language, _, file = match["info"].strip().partition(" ")
        indent = match["indent"]
        lines = (line.removeprefix(indent) for line in match["body"].splitlines(keepends=True))
        found.append(Block(language, file, "".join(lines)))
    return found


def commands(text: str) -> list[str]:
    return [line for block in blocks(text) if block.language == "sh" for line in block.text.splitlines()]


def prose(text: str) -> str:
    """The document without its fenced blocks."""
    return FENCE.sub("", text)


def write_as_told(project: Path, block: Block) -> None:
    """Do with a block of CONTRIBUTING what its step says: a new file, or an addition to one."""
    path = project / block.file
    if path.suffix == ".yml" and path.parent == project:
        before, after = re.split(r"(?m)^(?=language:)", path.read_text(encoding="utf-8"))
        path.write_text(before + block.text + after, encoding="utf-8")
    elif path.suffix == ".yml":
        path.write_text(block.text, encoding="utf-8")  # the draft, filled in
    else:
        with path.open("a", encoding="utf-8") as file:
            file.write(block.text)


def lend_environment(project: Path) -> None:
    """Give a copy of the project a `.venv` of its own that borrows everything inside.

    Not a link to the folder: whatever a command does to `.venv` must not reach the real one.
    """
    (project / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name != "ready":
            (project / ".venv" / entry.name).symlink_to(entry)
    # As .ci/setup writes it: this is the environment that the lock describes.
    locked = hashlib.sha256(b"".join((project / name).read_bytes() for name in ("requirements.lock", "pyproject.toml")))
    wanted = f"Python {platform.python_version()}\n{project}\n{locked.hexdigest()}  -"
    (project / ".venv" / "ready").write_text(wanted, encoding="utf-8")


class Checkout:
    """A copy of the project in which documented commands are run as a reader would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "ENGINE": "pandoc"}
        # What is meant for the run of tests that this is a part of.
        for name in os.environ:
            if name.startswith(("MAKE", "MFLAGS", "PYTEST_", "THESIS_")):
                self.environment.pop(name, None)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def serves(self, command: str) -> str:
        """Start a server that stays, read the page it serves, stop it again."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=self.folder,
            env={**self.environment, "PORT": str(port)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            for _ in range(100):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/en/", timeout=5) as answer:
                        page: str = answer.read().decode()
                        return page
                except OSError:
                    time.sleep(0.1)
            raise AssertionError(f"{command} served nothing on port {port}")
        finally:
            os.killpg(server.pid, 15)
            server.wait()


def copy_project(folder: Path, published: Path | None = None) -> Path:
    """A checkout of its own; published: a copy of the project whose site was built, and what that left."""
    ignored = shutil.ignore_patterns(".git", ".venv", "_site", ".build", ".quarto", ".*_cache", "__pycache__")
    project = shutil.copytree(root(), folder / "project", ignore=ignored, symlinks=True)
    lend_environment(project)
    if published:
        shutil.copytree(published / ".build", project / ".build")
    return project


with_rows = pytest.mark.xdist_group("documentation: a row is added")
with_every_step = pytest.mark.xdist_group("documentation: every step is taken")

ADD_A_ROW = re.compile(r"^## Add a row\n.*?(?=^## )", re.M | re.S)


@pytest.fixture(scope="module")
def updated(real_project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, dict[str, str]]:
    """A checkout to which an event and an edition were added as CONTRIBUTING says; what each command said."""
    section = ADD_A_ROW.search(read("CONTRIBUTING.md"))
    assert section
    checkout = Checkout(copy_project(tmp_path_factory.mktemp("row"), real_project))
    answers = {}
    for block in blocks(section[0]):
        if block.file:
            write_as_told(checkout.folder, block)
        for command in block.text.splitlines() if block.language == "sh" else ():
            answer = checkout.run(command)
            answers[command] = answer.stdout + answer.stderr
            assert answer.returncode == 0, f"`{command}` failed\n{answers[command]}"
    return checkout, answers


def verdicts(project: Path) -> dict[str, str]:
    claims = json.loads((project / "figures" / "claims.json").read_text(encoding="utf-8"))
    return {claim["id"]: claim["verdict"] for claim in claims}


@with_rows
def test_adding_rows_publishes_them_and_judges_the_thesis_as_before(updated: tuple[Checkout, dict[str, str]]) -> None:
    counted = []
    for language in ("kk", "en"):
        site = updated[0].folder / "_site" / language
        assert "2026-05-05-example" in (site / "data" / "after" / "events.csv").read_text(encoding="utf-8")
        assert "example2026" in (site / "data" / "reference" / "gti_editions.csv").read_text(encoding="utf-8")
        page = lxml.html.parse(site / "chapters" / "event-analysis.html")
        counted.append(page.xpath("//*[contains(@class, 'key-figure')]//strong/text()"))
    with (root() / "data" / "appendix-a" / "events.csv").open(encoding="utf-8", newline="") as lines:
        events = sum(1 for _ in csv.DictReader(lines))
    assert all(str(events) in cards for cards in counted)
    words = lxml.html.parse(site / "chapters" / "data.html").xpath("string(//*[@id='events_after'])")
    assert "An exercise that serves as an example." in words
    assert verdicts(updated[0].folder) == verdicts(root())
    assert "no claim moves" in updated[1]["make accept"]


@with_rows
def test_adding_rows_executes_what_reads_them_and_shows_what_they_move(
    updated: tuple[Checkout, dict[str, str]],
) -> None:
    built, accepted = updated[1]["make site"], updated[1]["make accept"]
    assert re.search(r"to execute chapters/data\.qmd: data/after/events\.csv has changed", built)
    assert re.search(r"to execute chapters/global-terrorism-index\.qmd: data/\S+ has changed", built)
    assert "executed chapters/glossary.qmd" not in built
    assert "reused " in built
    with (root() / "data" / "reference" / "gti_editions.csv").open(encoding="utf-8", newline="") as lines:
        editions = sum(1 for _ in csv.DictReader(lines))
    assert f": recorded {editions}, computed {editions + 1}" in accepted
    assert "✓ chapters/global-terrorism-index.qmd" in updated[1]["make verify CHAPTER=global-terrorism-index"]


@with_rows
def test_after_adding_rows_the_record_is_current_and_the_tests_of_the_data_pass(
    updated: tuple[Checkout, dict[str, str]],
) -> None:
    checkout = updated[0]
    answer = checkout.run("make check && .venv/bin/thesis render --engine pandoc")
    assert answer.returncode == 0, answer.stderr
    answer = checkout.run(".venv/bin/pytest -q tests/test_data.py tests/test_package_standard.py tests/test_charts.py")
    assert answer.returncode == 0, answer.stdout


@pytest.fixture(scope="module")
def followed(real_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout in which every step of the documents was taken, in their order, each command once."""
    checkout = Checkout(copy_project(tmp_path_factory.mktemp("documentation"), real_project))
    done = set(NOT_RUN)
    for name in DOCUMENTS:
        for block in blocks(ADD_A_ROW.sub("", read(name))):
            if block.file:
                write_as_told(checkout.folder, block)
            if block.language != "sh":
                continue
            for command in block.text.splitlines():
                if command in done or command.startswith("quarto "):
                    continue
                done.add(command)
                if command == "make serve":
                    assert "<html" in checkout.serves(command)
                    continue
                answer = checkout.run(command)
                assert answer.returncode == 0, f"{name}: `{command}` failed\n{answer.stdout}\n{answer.stderr}"
    yield checkout


@with_every_step
@pytest.mark.parametrize(("language", "words"), [("kk", "Мысал тарау"), ("en", "An example chapter")])
def test_following_every_step_gives_a_chapter_on_the_site(followed: Checkout, language: str, words: str) -> None:
    page = lxml.html.parse(followed.folder / "_site" / language / "chapters" / "example.html")
    (heading,) = page.xpath("//h1")
    assert words in heading.text_content()
    assert page.xpath("//*[@id='tbl-example']//td")
    assert page.xpath("//*[@id='fig-example']//*[local-name()='svg']")
    first = lxml.html.parse(followed.folder / "_site" / language / "index.html")
    assert first.xpath("//nav[@id='navigation']//a[contains(@href, 'chapters/example.html')]")
    text = page.xpath("string(//main)")
    assert ("3\u00a0046" if language == "kk" else "3,046") in text  # 6000 − 2954, computed


@with_every_step
def test_following_every_step_leaves_files_to_commit(followed: Checkout) -> None:
    made = [f"figures/example{ending}" for ending in (".kk.svg", ".en.svg", "-narrow.kk.svg", ".kk.json")]
    for name in ("notebooks/example.ipynb", *made):
        assert (followed.folder / name).is_file()


@with_every_step
def test_the_places_the_example_finds_are_those_it_names(followed: Checkout) -> None:
    (search,) = (command for command in commands(read("CONTRIBUTING.md")) if command.startswith("grep "))
    assert followed.run(search).stdout.split(",")[0] in read("CONTRIBUTING.md").split("locus\n")[1]


@pytest.mark.skipif((quarto_version() or (0,)) < QUARTO_MINIMUM, reason="no Quarto on the PATH")
def test_quarto_renders_the_project_directly(tmp_path: Path) -> None:
    checkout = Checkout(copy_project(tmp_path))
    for command in (command for command in commands(read("README.md")) if command.startswith("quarto render")):
        answer = checkout.run(command)
        assert answer.returncode == 0, answer.stderr
        assert (checkout.folder / "_site" / command.split()[-1] / "index.html").is_file()


def test_every_command_is_run_or_has_a_reason() -> None:
    documented = {command for name in DOCUMENTS for command in commands(read(name))}
    assert set(NOT_RUN) <= documented, "a reason stands for a command that no document has any more"
    assert all(re.match(r"(make|grep|quarto|\.venv/bin/(thesis|pytest)) ", command) for command in documented)


def test_the_message_about_bad_data_is_the_real_one(tmp_path: Path) -> None:
    checkout = Checkout(copy_project(tmp_path))
    table = checkout.folder / "data" / "2.1" / "gti_2024_table.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[3] = lines[3].replace(",3,3,", ",3,three,")
    lines[4] = lines[4].replace("PAK,", "PKA,")
    table.write_text("".join(lines), encoding="utf-8")
    (shown,) = (block.text for block in blocks(read("CONTRIBUTING.md")) if block.language == "text")
    answer = checkout.run("make check")
    assert answer.returncode == 2
    assert (answer.stdout + answer.stderr).startswith(shown)


def public_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE))


def named_targets(text: str) -> set[str]:
    return set(re.findall(r"\bmake ([a-z-]+)\b", " ".join(re.findall(r"`[^`]+`", prose(text)) + commands(text))))


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    for name in DOCUMENTS:
        assert named_targets(read(name)) <= targets, name


def test_every_public_make_target_is_documented() -> None:
    assert public_targets() - {target for name in DOCUMENTS for target in named_targets(read(name))} == set()


def test_every_command_of_thesis_is_documented() -> None:
    help_text = subprocess.run(
        [Path(sys.executable).parent / "thesis", "--help"], capture_output=True, text=True, check=True
    ).stdout
    known = set(re.findall(r"^    ([a-z]+) ", help_text, re.MULTILINE))
    assert known >= {"check", "execute", "verify", "accept", "render", "build", "serve"}
    assert set(re.findall(r"`(?:\.venv/bin/)?thesis ([a-z]+)", read("CONTRIBUTING.md"))) == known


def test_every_key_data_is_described_with_is_explained() -> None:
    (section,) = re.findall(r"^## How data is described\n(.*?)^## ", read("CONTRIBUTING.md"), re.M | re.S)
    explained = {key for row in re.findall(r"^\|(.*?)\|", section, re.M) for key in re.findall(r"`(\w+)`", row)}
    keys = {key.removesuffix("_kk").removesuffix("_en") for key in (*TABLE_KEYS, *FIELD_KEYS)}
    assert keys - explained == set()


PATH = re.compile(r"^(?:[\w.-]+/)+[\w.*-]*$|^[\w*-]*\.(?:qmd|yml|md|cff|csv|json|bib|lock|csl|toml)$|^_environment$")


def named_paths(text: str) -> set[str]:
    """Files and folders named in the prose, fenced file blocks included."""
    inline = {code for code in re.findall(r"`([^`\n]+)`", prose(text)) if PATH.match(code)}
    return inline | {block.file for block in blocks(text) if block.file}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_is_named_exists(name: str) -> None:
    text = read(name)
    made = {block.file for block in blocks(text) if block.file}
    named = named_paths(text)
    assert len(named) > 10
    absent = {path for path in named - MADE_LATER - made if not any(root().glob(path))}
    assert absent == set()


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", prose(text))


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def headings(text: str) -> list[str]:
    return re.findall(r"^(#+ .+)$", prose(text), re.MULTILINE)


@pytest.mark.parametrize("name", [*DOCUMENTS, "CHANGELOG.md"])
def test_no_relative_link_is_dead(name: str) -> None:
    text = read(name)
    anchors = {anchor(heading.lstrip("# ")) for heading in headings(text)}
    for link in links(text):
        if link.startswith("#"):
            assert link[1:] in anchors
        elif not link.startswith("https://"):
            assert (root() / link).is_file(), f"{name} links {link}"


def test_both_readmes_have_the_same_structure() -> None:
    english, kazakh = (read(name) for name in READMES)

    def shape(text: str) -> list[str]:
        """The kind of every line of prose: heading, list item, table row, paragraph."""
        kinds = {"#": "heading", "-": "item", "|": "row", "!": "picture"}
        lines = [line for line in prose(text).splitlines() if line]
        return [
            line.split(" ")[0]
            if line.startswith("#")
            else kinds.get(line[0], "numbered" if line[0].isdigit() else "text")
            for line in lines
        ]

    def rows(text: str) -> list[str]:
        return re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)

    assert shape(english) == shape(kazakh)
    assert rows(english) == rows(kazakh)
    assert blocks(english) == blocks(kazakh)
    assert named_targets(english) == named_targets(kazakh)
    assert named_paths(english) == named_paths(kazakh)
    swapped = {"README.kk.md": "README.md", "docs/site-en.png": "docs/site-kk.png"}
    assert [swapped.get(link, link) for link in links(english)] == links(kazakh)


def test_kazakh_is_written_in_cyrillic() -> None:
    words = re.findall(r"[^\W\d_]+", re.sub(r"`[^`]*`|\[[^]]*\]\([^)]*\)", "", prose(read("README.kk.md"))))
    mixed = [word for word in words if re.search(r"[A-Za-z]", word) and re.search(r"[Ѐ-ӿ]", word)]
    assert mixed == []
    assert {word for word in words if word.isascii()} <= NAMES


def test_the_ways_of_checking_find_what_is_wrong() -> None:
    text = textwrap.dedent(
        """
        See [there](#nowhere), `data/nothing.csv` and `make nothing`.

        1. Do:

           ```csv data/example.csv
           a,b
           ```
        """
    )
    assert links(text) == ["#nowhere"]
    assert named_paths(text) == {"data/nothing.csv", "data/example.csv"}
    assert named_targets(text) == {"nothing"}
    assert blocks(text) == [Block("csv", "data/example.csv", "a,b\n")]


def test_the_citation_file_is_valid() -> None:
    program = Path(sys.executable).parent / "check-jsonschema"
    answer = subprocess.run(
        [program, "--builtin-schema", "vendor.citation-file-format", root() / "CITATION.cff"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
