"""The frame of every page: steps of text and code, run in order, shown with what they print.

A script defines `PAGE = Page(name, steps)` and calls `PAGE.main()`. The first line of a step's
docstring is its heading, the rest its text; then comes its code, and what it printed.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
from _figure import parse

from dirac1d.apps.plotting import style


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    name : str
    steps : tuple of callable
        `step(options)`, with the options of the command line; it prints, and may save pictures.
    """

    name: str
    steps: tuple[Callable[[argparse.Namespace], None], ...]

    @property
    def description(self) -> str:
        """What the page teaches: the text at the head of its script."""
        return (inspect.getmodule(self.steps[0]).__doc__ or self.name).strip()

    def run(self, options: argparse.Namespace) -> str:
        """All steps as Markdown, with their code and output."""
        options.out.mkdir(parents=True, exist_ok=True)
        title, _, text = self.description.partition("\n")
        parts = [f"## {title.rstrip('.')}", text.strip()]
        for number, step in enumerate(self.steps, start=1):
            parts += self._step(number, step, options)
        return "\n\n".join(part for part in parts if part) + "\n"

    def _step(
        self, number: int, step: Callable[[argparse.Namespace], None], options: argparse.Namespace
    ) -> list[str]:
        heading, _, text = inspect.getdoc(step).partition("\n")
        printed = io.StringIO()
        with style(), contextlib.redirect_stdout(printed):
            step(options)
        if options.show:
            plt.show()
        plt.close("all")
        return [f"### {number}. {heading.rstrip('.')}", text.strip(), f"```python\n{code(step)}```",
                f"```text\n{printed.getvalue()}```"]

    def main(self, arguments: Sequence[str] | None = None) -> str:
        """The command line of the script: print the page."""
        page = self.run(parse(arguments, self.description))
        print(page)
        return page


def code(step: Callable[[argparse.Namespace], None]) -> str:
    """The body of a step, without its docstring."""
    lines = inspect.getsource(step).splitlines(keepends=True)
    body = textwrap.dedent("".join(lines[1:]))
    return body.split('"""', 2)[2].lstrip("\n")
