"""A budget of time that a computation is given, and what it tells of itself meanwhile."""

from __future__ import annotations

from time import perf_counter


class Budget:
    """Seconds that a computation may take, counted from the moment this is made.

    Parameters
    ----------
    seconds : float, optional
        Positive; None for as long as it takes.

    Examples
    --------
    >>> Budget(None).over
    False
    >>> Budget(60.0).left <= 60.0
    True
    """

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = seconds
        self._started = perf_counter()

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self._started

    @property
    def left(self) -> float:
        """Seconds until the budget ends, not below 0; infinite without a budget."""
        return float("inf") if self.seconds is None else max(self.seconds - self.spent, 0.0)

    @property
    def over(self) -> bool:
        """Whether the budget has ended."""
        return self.left == 0.0


class Progress(int):
    """What a running computation tells: the work done since it last did, as an int, and more.

    An int, so that ``progress=bar.update`` of a bar does what one expects.

    Attributes
    ----------
    error : float
        Error of the best answer so far; inf before there is one.
    goal : float
        The error that is asked for, in the same unit: that of the result.
    work : int
        All work done so far.
    seconds : float
        Time spent so far.
    """

    error: float
    goal: float
    work: int
    seconds: float

    def __new__(
        cls, step: int, *, error: float, goal: float, work: int, seconds: float
    ) -> Progress:
        """An int of this value with the rest attached."""
        told = super().__new__(cls, step)
        told.error, told.goal, told.work, told.seconds = error, goal, work, seconds
        return told

    def __repr__(self) -> str:
        return (
            f"Progress({int(self)}, error={self.error:.2g}, goal={self.goal:.2g}, "
            f"work={self.work}, seconds={self.seconds:.3g})"
        )


def check_within(value: object) -> float | None:
    """`value` as a budget in seconds, or None for none.

    Raises
    ------
    ValueError
        If it is neither None nor a positive number; ``inf`` counts as none.
    """
    if value is None:
        return None
    problem = ValueError(f"within must be a positive number of seconds or None, got {value!r}")
    if isinstance(value, str | bytes | bool):
        raise problem
    try:
        seconds = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise problem from error
    if not seconds > 0:
        raise problem
    return None if seconds == float("inf") else seconds
