"""Running a program and measuring it from outside: time, processor time, and the memory of all it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread, Timer

_BETWEEN_SAMPLES = 0.1


@dataclass(frozen=True)
class Run:
    """What running one or more programs took.

    seconds: from start to end; processor: seconds of processor time, of all processes that
    were waited for; peak: the most memory at once in bytes, 0 where it was not asked for;
    fault: empty, or why it ended otherwise than well, with its last words.
    """

    seconds: float = 0.0
    processor: float = 0.0
    peak: int = 0
    fault: str = ""

    def then(self, other: Run) -> Run:
        """Both, one after the other."""
        return Run(
            self.seconds + other.seconds,
            self.processor + other.processor,
            max(self.peak, other.peak),
            self.fault or other.fault,
        )


def run(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    limit: float,
    with_memory: bool = False,
) -> Run:
    """Run a program in `folder` to its end and measure it.

    limit: seconds after which it is ended, with all it started. with_memory: sample its
    memory too, which slows it a little.
    """
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        late = Event()
        watch = _Watch(child.pid) if with_memory else None

        def stop() -> None:
            late.set()
            _end(child.pid)

        timer = Timer(limit, stop)
        timer.start()
        try:
            _, status, used = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - started
        except BaseException:
            _end(child.pid)
            raise
        finally:
            timer.cancel()
            peak = watch.stop() if watch else 0
        child.returncode = os.waitstatus_to_exitcode(status)
        fault = ""
        if late.is_set():
            fault = f"stopped after {limit / 60:.0f} minutes"
        elif child.returncode:
            said.seek(0)
            words = said.read().decode("utf-8", "replace").strip().splitlines()
            fault = f"ended with status {child.returncode}" + (f": {words[-1].strip()}" if words else "")
    return Run(seconds, used.ru_utime + used.ru_stime, peak, fault)


def tree(process: int) -> list[int]:
    """A process and all that it and its children started, as far as they still run."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                # The name, in brackets, may hold spaces and brackets itself.
                parent = Path(entry.path, "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            except OSError:  # it has ended
                continue
            children.setdefault(int(parent), []).append(int(entry.name))
    found = [process]
    for one in found:
        found += children.get(one, [])
    return found


def proportional_size(process: int) -> int:
    """A process's memory in bytes, what it shares divided by how many share it; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _end(process: int) -> None:
    for one in tree(process):
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue


class _Watch:
    """Samples the memory of a process with all it starts, until it is stopped."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._over = Event()
        self._peak = 0
        self._thread = Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._over.wait(_BETWEEN_SAMPLES):
            self._peak = max(self._peak, sum(map(proportional_size, tree(self._process))))

    def stop(self) -> int:
        """The most bytes at once."""
        self._over.set()
        self._thread.join()
        return self._peak


def median_run(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    """The middle of what `of` takes from each run; of an even number, the mean of the two in the middle."""
    values = sorted(map(of, runs))
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
