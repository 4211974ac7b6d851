"""The GitHub workflows: well formed, safe, pinned, and only what a laptop can run too."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from thesis.project import root

GITHUB = root() / ".github"
WORKFLOWS = sorted(path.name for path in (GITHUB / "workflows").glob("*.yml"))
PINNED = re.compile(r"^\s*(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
MAKE = re.compile(r"make ([a-z]+)(?: [A-Z]+=[a-z]+)*")
GH = re.compile(r"gh [a-z]+ [a-z]+(?: (?:--?[a-z-]+|[a-z.]+|\"\$[A-Z_]+\"))*")


def tool(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the Python environment the tests run in."""
    program = Path(sys.executable).parent / name
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def schema_problems(folder: Path) -> str:
    """What GitHub's own schemas say against the files; nothing when all is well."""
    answers = [
        tool("check-jsonschema", "--builtin-schema", schema, *files)
        for schema, files in (
            ("vendor.github-workflows", sorted((folder / "workflows").glob("*.yml"))),
            ("vendor.dependabot", [folder / "dependabot.yml"]),
        )
    ]
    return "".join(answer.stdout + answer.stderr for answer in answers if answer.returncode)


def security_problems(folder: Path) -> str:
    """What zizmor, at its strictest, finds; nothing when it finds nothing."""
    answer = tool("zizmor", "--offline", "--no-progress", "--persona=auditor", "--strict-collection", folder)
    return answer.stdout + answer.stderr if answer.returncode else ""


def unpinned(text: str) -> list[str]:
    """The `uses:` lines that do not name a whole commit with its version as a comment."""
    return [line.strip() for line in text.splitlines() if "uses:" in line and not PINNED.match(line)]


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def make_targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def unknown_commands(text: str, makefile: str) -> list[str]:
    """The commands of a workflow that are neither a target of the Makefile nor GitHub's own program."""
    known = make_targets(makefile)
    commands = [
        line for step in steps(yaml.safe_load(text)) if "run" in step for line in step["run"].strip().splitlines()
    ]
    return [
        line for line in commands if not (GH.fullmatch(line) or ((found := MAKE.fullmatch(line)) and found[1] in known))
    ]


def trusting(text: str) -> list[str]:
    """The jobs of a workflow that hold a token which may write, and run what a pull request brings."""
    return [
        name
        for name, job in yaml.safe_load(text)["jobs"].items()
        if ("write" in job["permissions"].values() or "github.token" in str(job))
        and any(
            step.get("uses", "").startswith("actions/checkout@") or "make" in step.get("run", "")
            for step in job["steps"]
        )
    ]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The workflows in a folder where they may be broken."""
    return shutil.copytree(GITHUB, tmp_path / ".github")


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} no longer holds {old!r}: give this test something else to spoil"
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_workflows_follow_the_schemas_of_github() -> None:
    assert schema_problems(GITHUB) == ""


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("workflows/test.yml", "    timeout-minutes: 30", "    timeout-minutes: soon"),
        ("workflows/publish.yml", "  workflow_dispatch:", "  workflow_dispach:"),
        ("dependabot.yml", "interval: weekly", "interval: sometimes"),
    ],
)
def test_a_malformed_workflow_is_found(copy: Path, name: str, old: str, new: str) -> None:
    spoil(copy, name, old, new)
    assert Path(name).name in schema_problems(copy)


def test_workflows_are_safe() -> None:
    assert security_problems(GITHUB) == ""


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        ("workflows/test.yml", "persist-credentials: false", "persist-credentials: true", "artipacked"),
        ("workflows/test.yml", "- run: make test", "- run: make ${{ github.event.head_commit.message }}", "template"),
        ("workflows/publish.yml", "permissions: {}", "permissions: write-all", "excessive-permissions"),
        ("workflows/publish.yml", "@cd2ce8fcbc39b97be8ca5fce6e763baed58fa128", "@v5", "unpinned-uses"),
        ("workflows/test.yml", "  pull_request:", "  pull_request_target:", "dangerous-triggers"),
        ("dependabot.yml", "default-days: 7", "default-days: 1", "dependabot-cooldown"),
    ],
)
def test_an_unsafe_workflow_is_found(copy: Path, name: str, old: str, new: str, finding: str) -> None:
    spoil(copy, name, old, new)
    assert finding in security_problems(copy)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_action_is_pinned_to_a_commit(name: str) -> None:
    assert unpinned((GITHUB / "workflows" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "      - uses: actions/checkout@v7",
        "        uses: actions/checkout@3d3c42e # v7.0.1",
        "      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "      - uses: docker://alpine:3",
    ],
)
def test_an_action_that_is_not_pinned_is_found(line: str) -> None:
    assert unpinned(line) == [line.strip()]


def test_an_action_has_the_same_commit_in_every_workflow() -> None:
    pins: dict[str, set[str]] = {}
    for name in WORKFLOWS:
        for step in steps(yaml.safe_load((GITHUB / "workflows" / name).read_text(encoding="utf-8"))):
            if "uses" in step:
                action, commit = step["uses"].split("@")
                pins.setdefault(action, set()).add(commit)
    assert {action: commits for action, commits in pins.items() if len(commits) > 1} == {}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_workflows_run_targets_of_the_makefile_and_nothing_else(name: str) -> None:
    makefile = (root() / "Makefile").read_text(encoding="utf-8")
    assert unknown_commands((GITHUB / "workflows" / name).read_text(encoding="utf-8"), makefile) == []


@pytest.mark.parametrize(
    "command", ["make deploy", "pip install quarto", "make test && curl example.org", "make", "gh x; rm x"]
)
def test_a_command_the_makefile_does_not_have_is_found(command: str) -> None:
    workflow = yaml.safe_dump({"jobs": {"job": {"steps": [{"run": command}, {"run": "make test"}]}}})
    assert unknown_commands(workflow, "test: setup\n\t@true\n") == [command]


def test_the_pages_of_the_matrix_are_those_of_the_project(tmp_path: Path) -> None:
    output = tmp_path / "output"
    environment = {
        **os.environ,
        "GITHUB_OUTPUT": str(output),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    # The recipe alone: the environment that `make setup` makes is the one the tests run in.
    recipe = re.search(r"^pages: .*\n\t@(.*)$", (root() / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe
    command = recipe[1].replace("$$", "$")
    subprocess.run(["bash", "-c", command], cwd=root(), env=environment, check=True, capture_output=True)
    name, _, pages = output.read_text(encoding="utf-8").strip().partition("=")
    assert name == "pages"
    assert json.loads(pages) == ["index", *sorted(path.stem for path in (root() / "chapters").glob("*.qmd"))]
    workflow = yaml.safe_load((GITHUB / "workflows" / "rebuild.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["verify"]["strategy"]["matrix"]["page"] == "${{ fromJSON(needs.check.outputs.pages) }}"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_is_allowed_that_a_job_does_not_ask_for(name: str) -> None:
    workflow = yaml.safe_load((GITHUB / "workflows" / name).read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_job_that_may_write_runs_what_a_pull_request_brings(name: str) -> None:
    assert trusting((GITHUB / "workflows" / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("contents: read # to check out", "contents: write"),
        ("          SINCE: ", "          GH_TOKEN: ${{ github.token }}\n          SINCE: "),
    ],
)
def test_a_job_that_may_write_and_runs_what_a_pull_request_brings_is_found(copy: Path, old: str, new: str) -> None:
    spoil(copy, "workflows/rebuild.yml", old, new)
    assert "impact" in trusting((copy / "workflows" / "rebuild.yml").read_text(encoding="utf-8"))


def test_what_is_published_names_the_address_of_github_pages() -> None:
    workflow = yaml.safe_load((GITHUB / "workflows" / "publish.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["build"]
    (pages,) = (step for step in job["steps"] if step.get("uses", "").startswith("actions/configure-pages@"))
    (site,) = (step for step in job["steps"] if step.get("run", "").startswith("make site"))
    assert job["permissions"]["pages"] == "read"
    assert job["steps"].index(pages) < job["steps"].index(site)
    assert site["env"] == {"SITE_URL": f"${{{{ steps.{pages['id']}.outputs.base_url }}}}"}


@pytest.mark.parametrize(("name", "event"), [("publish.yml", "push"), ("rebuild.yml", "pull_request")])
def test_the_site_is_built_when_anything_a_page_is_made_of_changes(name: str, event: str) -> None:
    # YAML reads the key `on` as true.
    text = (GITHUB / "workflows" / name).read_text(encoding="utf-8")
    patterns = yaml.safe_load(text)[True][event]["paths"]
    for path in (
        "data/countries.csv",
        "data/reference/gti_2024.csv",
        "chapters/global-terrorism-index.qmd",
        "notebooks/index.ipynb",
        "figures/gti-ranking.kk.svg",
        "src/thesis/display.py",
        "filters/page.lua",
        "assets/site/404.html",
        "assets/citations.csl",
        "index.qmd",
        "references.bib",
        "_quarto.yml",
        "_quarto-kk.yml",
        "requirements.lock",
    ):
        assert (root() / path).is_file()
        # `**` and `*` of these patterns both reach below a folder here; none needs the difference.
        assert any(Path(path).match(pattern) or path.startswith(pattern.removesuffix("**")) for pattern in patterns), (
            path
        )
