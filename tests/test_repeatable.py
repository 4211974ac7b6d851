"""A chapter that nobody could repeat is refused by name before anything is recorded."""

import time
from pathlib import Path

import pytest

from thesis.execution.repeatable import changing_calls, changing_words
from thesis.failures import ChapterError

from .conftest import execute_page

CHAPTER = Path("chapters/one.qmd")
HEAD = '---\ntitle-kk: "Бір"\ntitle-en: "One"\n---\n\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "_quarto.yml").touch()
    for folder in ("chapters", "data"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data" / "numbers.csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "notes.csv").write_text("a\n2\n", encoding="utf-8")
    return tmp_path


def refusal(project: Path, code: str) -> str:
    (project / CHAPTER).write_text(f"{HEAD}```{{python}}\n#| label: cell\n{code}\n```\n", encoding="utf-8")
    with pytest.raises(ChapterError) as error:
        execute_page(project, CHAPTER)
    return str(error.value)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("import pandas as pd\npd.read_csv('notes.csv')", "it reads notes.csv; a chapter reads what is in data/"),
        ("x = open('chapters/one.qmd').read()", "it reads chapters/one.qmd; a chapter reads what is in data/"),
        ("import os\nx = os.listdir()", "it reads the list of the project’s files; a chapter reads what is in data/"),
        ("from pathlib import Path\nx = list(Path('chapters').glob('*'))", "it reads chapters/; a chapter reads what"),
        ("x = open('data/new.csv', 'w')", "it writes data/new.csv; a chapter writes its figures alone"),
        ("import subprocess\nx = subprocess.run(['true'])", "it starts the program true; what a program reads"),
        (
            "import socket, contextlib\nwith contextlib.suppress(OSError):\n    socket.getaddrinfo('localhost', 80)",
            "it asks the network for localhost; a chapter reads what is in data/",
        ),
        ("import helper", "it imports helper from helper.py; what chapters share stands in src/thesis/"),
        ("import os\nos.getcwd()", "the cell “cell” shows the path "),
        ("print('/home/somebody/thesis')", "the cell “cell” shows the path /home/somebody/thesis, which is another"),
        ("object()", "the cell “cell” shows an address in memory, at 0x"),
        ("import random\nrandom.random()", "the cell “cell”, line 3: random.random(…) gives another result each time"),
        ("from datetime import date\ndate.today().year", "line 3: date.today(…) gives another result each time"),
    ],
)
def test_what_nobody_could_repeat_is_named(project: Path, code: str, fault: str) -> None:
    (project / "helper.py").touch()
    assert f"chapters/one.qmd: {fault}" in refusal(project, code) or fault in refusal(project, code)


def test_a_file_elsewhere_on_the_machine_is_named(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "other.csv"
    other.write_text("a\n", encoding="utf-8")
    fault = f"chapters/one.qmd: it reads {other}; a chapter reads what is in data/"
    assert refusal(project, f"x = open('{other}').read()") == fault


def test_every_fault_of_a_chapter_is_told_at_once(project: Path) -> None:
    said = refusal(project, "x = open('notes.csv').read()\nprint('/tmp/somewhere')")
    assert len(said.splitlines()) == 2


def test_data_may_be_read_and_is_noted_with_the_folders_listed(project: Path) -> None:
    code = "import os\nx = os.listdir('data'), open('data/numbers.csv').read()\nlen(x)"
    (project / CHAPTER).write_text(f"{HEAD}```{{python}}\n{code}\n```\n", encoding="utf-8")
    read = execute_page(project, CHAPTER).read
    assert [name for name in read if name.startswith("data/")] == ["data/", "data/numbers.csv"]


@pytest.mark.parametrize(
    "code",
    [
        "pd.Timestamp.now()",
        "datetime.datetime.now(tz)",
        "time.time()",
        "np.random.normal(size=3)",
        "np.random.default_rng()",
        "rows.sample(3)",
        "uuid.uuid4()",
        "uuid.uuid1(node=1)",
        "secrets.token_hex(8)",
        "secrets.choice(rows)",
        "from random import choice",
        "from time import time\ntime()",
        "from time import sleep, perf_counter as clock\nclock()",
        "from numpy.random import normal\nnormal(size=3)",
        "from numpy.random import *",
        "from numpy.random import RandomState\nRandomState()",
        "id(rows)",
        "hash(name)",
    ],
)
def test_a_call_that_changes_by_itself_is_found(code: str) -> None:
    assert len(list(changing_calls(code))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "np.random.default_rng(1).normal(size=3)",
        "rows.sample(3, random_state=1)",
        "from numpy.random import default_rng\ndefault_rng(1)",
        "from time import sleep\nsleep(1)",
        "uuid.uuid5(uuid.NAMESPACE_URL, address)",
        "rows['time'].max()",
        "calendar.month_name[1]",
        "x = = 1",
        "today = 'text'",
    ],
)
def test_what_gives_the_same_each_time_is_left_alone(code: str) -> None:
    assert list(changing_calls(code)) == []


def test_the_time_of_the_run_is_found_and_any_other_time_is_not(tmp_path: Path) -> None:
    now = time.time()
    clock = time.strftime("%H:%M:%S", time.gmtime(now))
    assert changing_words(f"made at {clock}", [tmp_path], now, now) == f"the time of day, {clock}"
    assert changing_words(f"{int(now)}.25", [tmp_path], now, now) == f"the time, {int(now)} seconds after 1970"
    earlier = time.strftime("%H:%M:%S", time.gmtime(now - 3600))
    assert changing_words(f"{earlier}, {int(now) - 3600}, 10:30", [tmp_path], now, now) is None
    assert changing_words("see /data/countries.csv and https://example.org/home/x", [tmp_path], now, now) is None


def test_a_checkout_in_a_folder_named_as_the_site_s_own_may_show_links_and_no_path() -> None:
    now, project = time.time(), Path("/data")
    links = '[loci](/data/loci.csv) {"contentUrl": "../data/3.1/events.csv"}'
    assert changing_words(links, [project], now, now) is None
    assert changing_words(f"{links} /data/loci.csv", [project], now, now) == "the path /data"
    assert changing_words("[loci](/work/thesis/loci.csv)", [Path("/work/thesis")], now, now) == "the path /work/thesis"
