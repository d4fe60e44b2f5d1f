"""A number that carries a bound on its error."""

from __future__ import annotations

from collections.abc import Iterator


class Estimate(float):
    """A number that carries a bound on its error: a float with ``.value`` and ``.error``.

    It also unpacks: ``value, error = profile.integral()``.
    """

    error: float

    def __new__(cls, value: float, error: float) -> Estimate:
        """A float of this value with an error attached."""
        number = super().__new__(cls, value)
        number.error = float(error)
        return number

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self)

    def __iter__(self) -> Iterator[float]:
        return iter((self.value, self.error))

    def __getnewargs__(self) -> tuple[float, float]:
        return self.value, self.error

    def __repr__(self) -> str:
        return f"Estimate({self.value!r}, error={self.error:.2g})"
