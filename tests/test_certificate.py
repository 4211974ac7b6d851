"""The certificate: the same state gives the same bytes, another state does not."""

import shutil
import subprocess
from pathlib import Path

import pytest

from thesis import publish
from thesis.cli import main
from thesis.data import load
from thesis.ledger.certificate import certificate, write_certificate
from thesis.ledger.claims import ledger

from .conftest import REPOSITORY


def test_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_certificate(REPOSITORY, tmp_path / "first", "A. Reviewer")
    second = write_certificate(REPOSITORY, tmp_path / "second", "A. Reviewer")
    assert [path.name for path in first] == ["certificate.json", "certificate.kk.html", "certificate.en.html"]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_it_holds_every_claim_that_differs() -> None:
    record = certificate(REPOSITORY)
    differing = {judgement.claim.id for judgement in ledger() if judgement.verdict == "differs"}
    assert {claim["id"] for claim in record["differing"]} == differing
    assert record["claims"] == len(load("claims")) == sum(record["verdicts"].values())
    assert sum(record["weights"].values()) == len(differing)


def test_it_names_every_input_by_its_hash(tmp_path: Path) -> None:
    record = certificate(REPOSITORY)
    path = REPOSITORY / "data" / "claims.csv"
    digest = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True).stdout.split()[0]
    assert record["inputs"]["data/claims.csv"] == digest
    data = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "data").rglob("*") if path.is_file()}
    assert set(record["inputs"]) == {*data, "references.bib"}


def test_it_depends_on_no_place_and_no_time(tmp_path: Path) -> None:
    for path in write_certificate(REPOSITORY, tmp_path):
        text = path.read_text(encoding="utf-8")
        assert str(REPOSITORY) not in text
        assert str(tmp_path) not in text


def test_it_vouches_for_no_output_that_the_chapters_do_not_make(
    executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = shutil.copytree(executed, tmp_path / "project")
    (project / "figures" / "scores.kk.svg").write_text("<svg/>", encoding="utf-8")
    monkeypatch.chdir(project)
    assert main(["certify"]) == 2
    said = capsys.readouterr().err
    assert "chapters/measured.qmd: figures/scores.kk.svg was changed by hand\n" in said
    assert "`make accept` records it" in said
    assert not (project / "certificate").exists()


@pytest.mark.parametrize(
    ("language", "words"), [("kk", "Қайта есептеу куәлігі"), ("en", "Certificate of recomputation")]
)
def test_the_page_is_for_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: str) -> None:
    # Whether the repository's own record is current, tests/test_notebooks_current.py says.
    monkeypatch.setattr(publish.Session, "refuse_stale", lambda *_: None)
    assert main(["certify", "--reviewer", "A. Reviewer", "--folder", str(tmp_path)]) == 0
    page = (tmp_path / f"certificate.{language}.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    assert words in page
    assert "A. Reviewer" in page
