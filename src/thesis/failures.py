"""What can go wrong on the road from data to site; the message of each is for a person."""

from __future__ import annotations

from thesis.problem import Problem, counted


class DataError(Exception):
    """Data that must be mended before anything is executed; holds all problems found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{counted(len(problems), 'problem')} in data/")
        self.problems = problems


class ChapterError(Exception):
    """A chapter that cannot be executed; the message names chapter, cell and exception."""


class EngineError(Exception):
    """The renderer that was asked for is not here."""


class RenderError(Exception):
    """A page that a renderer refused; the message is the renderer's own."""


class SiteError(Exception):
    """A rendered site that must not be published; the message lists what is wrong with it."""


class StateError(Exception):
    """A state to compare with that is not there; the message says which."""


class WorkspaceError(Exception):
    """A folder ``.build/`` in which no command can work; the message says why."""
