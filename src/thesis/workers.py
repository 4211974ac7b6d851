"""Work that is done by several processes at once: drawing pictures, reading finished pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from thesis.execution.kernels import context, nothing_of_ours
from thesis.failures import RenderError
from thesis.store import Store

Result = TypeVar("Result")


class Workers:
    """Processes that wait for work until the `with` block ends; none starts before there is some.

    number: how many; folder: where they stand, the snapshot whose typefaces and settings they use.
    """

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.folder = folder
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def start(self, function: Callable[..., Result], arguments: Iterable[tuple[Any, ...]]) -> list[Future[Result]]:
        """Begin a function of a module for each of the arguments; the answers come in their order."""
        calls = list(arguments)
        if calls and self._pool is None:
            self._pool = ProcessPoolExecutor(self.number, context(), os.chdir, (self.folder,))
        with nothing_of_ours():
            return [self._pool.submit(function, *call) for call in calls] if self._pool else []

    def map(self, function: Callable[..., Result], arguments: Iterable[tuple[Any, ...]]) -> list[Result]:
        """What a function of a module gives for each of the arguments, in their order."""
        return [future.result() for future in self.start(function, arguments)]

    def keep(
        self, store: Store, function: Callable[..., bytes], tasks: Iterable[tuple[str, tuple[Any, ...]]]
    ) -> Callable[[], list[bytes]]:
        """Begin what the store does not keep yet; the answer, called, waits for all and gives it in order.

        tasks: the key of each result and the arguments that make it. Where making raises a
        RenderError, the rest is made all the same, and one RenderError tells them all.
        """
        asked = list(tasks)
        found = {key: store.get(key) for key, _ in asked}
        due = {key: arguments for key, arguments in asked if found[key] is None}
        running = dict(zip(due, self.start(function, due.values()), strict=True))
        store.made += len(due)
        store.reused += len(found) - len(due)

        def results() -> list[bytes]:
            faults = []
            for key, future in running.items():
                try:
                    found[key] = future.result()
                except RenderError as error:
                    faults.append(str(error))
                else:
                    store.put(key, future.result())
            if faults:
                raise RenderError("\n".join(faults))
            return [found[key] or b"" for key, _ in asked]

        return results
