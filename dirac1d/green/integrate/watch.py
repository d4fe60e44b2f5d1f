"""Work under a budget: a first answer soon, then better ones; the best when time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from dirac1d.numerics.budget import Budget, Progress

Answer = TypeVar("Answer")

#: Accuracy of the first answer, and by how much each is better than the one before.
FIRST_RTOL, BETTER = 1e-3, 1e-2
#: Seconds that a stage may take for the goal itself to be the next one.
QUICK = 0.25


class OutOfTime(Exception):
    """The budget ended within a piece of work."""


@dataclass(eq=False)
class Watch:
    """The budget of a computation, and whom it tells of itself.

    Attributes
    ----------
    budget : Budget
    tell : callable, optional
        Called with a `Progress` after every round.
    goal : float
        The error asked for, in the unit of the errors that are told.
    """

    budget: Budget = field(default_factory=Budget)
    tell: Callable[[Progress], object] | None = None
    goal: float = 0.0
    error: float = float("inf")
    work: int = 0

    def check(self) -> None:
        """Raise OutOfTime if the budget has ended."""
        if self.budget.over:
            raise OutOfTime

    def done(self, work: int, error: float | None = None) -> None:
        """So many points more; and the error of the best answer if there is a better one."""
        self.work += work
        if error is not None:
            self.error = min(error, self.error)
        if self.tell is not None:
            self.tell(Progress(
                work, error=self.error, goal=self.goal, work=self.work, seconds=self.budget.spent
            ))


def stages(rtol: float, watch: Watch) -> Iterator[float]:
    """Accuracies on the way to rtol: each stage that takes long is followed by a moderate one."""
    stage, begun = max(FIRST_RTOL, rtol), watch.budget.spent
    while True:
        yield stage
        if stage <= rtol:
            return
        now = watch.budget.spent
        quick, begun = now - begun < QUICK, now
        stage = rtol if quick else max(stage * BETTER, rtol)


def best_within(
    solve: Callable[[float, Watch], Answer], rtol: float, watch: Watch
) -> tuple[Answer | None, str | None]:
    """The best answer that a budget allows, and why it is not the one asked for.

    Parameters
    ----------
    solve : callable
        (rtol, watch) → answer, or OutOfTime.
    rtol : float
    watch : Watch

    Returns
    -------
    answer
        None if the first stage did not end.
    str or None
        "stopped after … s" or "interrupted"; None if the work was done.

    Raises
    ------
    KeyboardInterrupt
        If there is no answer yet.
    """
    answer = None
    try:
        for stage in stages(rtol, watch):
            answer = solve(stage, watch)
        # The last stage may have given the best that it had when time was over.
        over = watch.budget.over
    except OutOfTime:
        over = True
    except KeyboardInterrupt:
        if answer is None:
            raise
        return answer, "interrupted"
    return answer, f"stopped after {watch.budget.spent:.3g} s" if over else None
