"""Kernels that start warm: each is a copy of one process that has loaded the libraries already.

Starting Python and importing pandas and Altair was most of executing a short chapter. The
standard library's fork server does both once; a kernel is a copy of it that has loaded
nothing of this project and has run nothing. It is used through Jupyter's own extension
point, a kernel provisioner, so that nbclient and nbval start it like any other kernel.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

ENVIRONMENT = {"PYTHONHASHSEED": "0", "TZ": "UTC", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""What a kernel must have so that it gives the same on every machine, beside any other."""

NAME = "thesis-warm"
"""What this package calls the provisioner in its entry points (``pyproject.toml``)."""

SELECT = {"JUPYTER_DEFAULT_PROVISIONER_NAME": NAME}
"""The environment in which Jupyter starts every kernel here."""

_LIBRARIES = [
    "altair",
    "babel.dates",
    "babel.numbers",
    "ipykernel.kernelapp",
    "IPython.core.completer",
    "pandas",
    "vl_convert",
    "yaml",
]
"""Loaded once, before the first kernel; nothing of this package, whose modules a record lists as read."""


def context() -> multiprocessing.context.ForkServerContext:
    """The fork server's context; starts it in the environment that kernels need, if it does not run yet."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_LIBRARIES)
    with patch.dict(os.environ, ENVIRONMENT), nothing_of_ours():
        forkserver.ensure_running()
    return server


@contextmanager
def nothing_of_ours() -> Iterator[None]:
    """Let a new process of the fork server load nothing of the program that asks for it."""
    with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
        yield


class _Process:
    """A copy of the fork server, with as much of `subprocess.Popen` as Jupyter's provisioner asks for."""

    stdin = stdout = stderr = None

    def __init__(self, connection: str, folder: str, environment: dict[str, str]) -> None:
        self._process = context().Process(target=_run_kernel, args=(connection, folder, environment))
        with nothing_of_ours():
            self._process.start()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Starts a kernel as a copy of the fork server, in a process group of its own."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; `cmd`, the command that would start a cold one, is not used."""
        folder = str(kwargs.get("cwd") or Path.cwd())
        process = _Process(self.parent.connection_file, folder, dict(kwargs.get("env") or os.environ))
        self.process: Any = process
        self.pid = self.pgid = process.pid
        self.cwd = folder
        return self.connection_info


def _run_kernel(connection: str, folder: str, environment: dict[str, str]) -> None:
    """Become the kernel that answers at `connection`, until it is asked to end."""
    os.setsid()
    os.environ.clear()
    # A kernel ends when its parent does: the fork server, which ends with the program that started it.
    os.environ.update(environment | {"JPY_PARENT_PID": str(os.getppid())})
    os.chdir(folder)
    # A kernel finds modules where it stands, as one that Jupyter starts does.
    sys.path.insert(0, "")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    import pandas
    from ipykernel.kernelapp import IPKernelApp

    # pandas asks when it is loaded where it will print, and the fork server is no kernel yet.
    pandas.set_option("display.max_columns", 20)
    pandas.set_option("display.encoding", "UTF-8")
    IPKernelApp.launch_instance(argv=["-f", connection])
