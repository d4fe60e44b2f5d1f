"""A budget of time that a computation is given, and how much of it is left."""

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
