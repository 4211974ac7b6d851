"""What is kept is only used whole, and never for something else."""

import os
from pathlib import Path

import pytest

from thesis.store import Store, key_of, made_by


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def entry(store: Store, key: str) -> Path:
    return store.folder / key[:2] / key[2:]


def test_what_is_kept_is_not_made_again(store: Store) -> None:
    key = key_of("kind", "input")
    assert store.kept(key, lambda: b"result") == b"result"
    assert store.kept(key, lambda: pytest.fail("made again")) == b"result"
    assert (store.made, store.reused) == (1, 1)


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 40, bytes(32) + b"result"])
def test_a_damaged_entry_is_made_again(store: Store, damage: bytes) -> None:
    key = key_of("kind", "input")
    store.put(key, b"result")
    entry(store, key).write_bytes(damage)
    assert store.get(key) is None
    assert store.kept(key, lambda: b"anew") == b"anew"
    assert store.get(key) == b"anew"


def test_a_half_written_entry_is_not_used(store: Store) -> None:
    key = key_of("kind", "input")
    store.put(key, b"result " * 1000)
    whole = entry(store, key).read_bytes()
    entry(store, key).write_bytes(whole[: len(whole) // 2])
    assert store.get(key) is None


def test_a_store_that_cannot_be_written_costs_only_time(store: Store) -> None:
    store.folder.parent.mkdir()
    store.folder.write_text("a file where a folder belongs", encoding="utf-8")
    key = key_of("kind", "input")
    assert store.kept(key, lambda: b"result") == b"result"
    assert store.get(key) is None


def test_keys_keep_the_order_and_borders_of_their_parts() -> None:
    keys = {key_of("ab", "c"), key_of("a", "bc"), key_of("c", "ab"), key_of("abc"), key_of("ab", "c", "")}
    assert len(keys) == 5
    assert key_of("ab", b"c") == key_of("ab", "c")


def test_another_version_or_machine_has_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    here = made_by("store.py", packages=["pandas"])
    assert here == made_by("store.py", packages=["pandas"])
    assert here != made_by("snapshot.py", packages=["pandas"])
    assert here != made_by("store.py", packages=["altair"])
    monkeypatch.setattr("platform.machine", lambda: "another")
    assert here != made_by("store.py", packages=["pandas"])


def test_what_was_used_longest_ago_goes_first(store: Store) -> None:
    keys = [key_of("kind", str(number)) for number in range(4)]
    for place, key in enumerate(keys):
        store.put(key, bytes(1000))
        os.utime(entry(store, key), (place, place))
    assert store.get(keys[0])  # used again: it is the youngest now
    store.prune(limit=2100)
    assert [store.get(key) is not None for key in keys] == [True, False, False, True]
