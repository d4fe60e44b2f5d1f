"""Numbers and arrays that carry a bound on their error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.values import extent


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


class Estimates(np.ndarray):
    """An array with ``.error``, bounds on the errors of its elements, and ``.status``.

    ``status`` is ``"converged"`` or a sentence that says what is left. What is computed from the
    array is a plain array: an error does not survive a formula that it does not know.
    """

    error: NDArray
    status: str

    def __new__(cls, values: ArrayLike, error: ArrayLike, status: str = "converged") -> Estimates:
        """Values with errors of the same shape."""
        array = np.array(values, dtype=float).view(cls)
        array.error = np.broadcast_to(np.asarray(error, dtype=float), array.shape).copy()
        array.status = status
        return array

    def __array_finalize__(self, other: Any) -> None:
        """A view or a copy of the whole keeps its errors; a part knows none."""
        same = isinstance(other, Estimates) and other.shape == self.shape
        self.error = getattr(other, "error", None) if same else np.full(self.shape, np.nan)
        self.status = getattr(other, "status", "") if same else ""

    def __array_wrap__(self, array: NDArray, *_: Any) -> Any:
        """Results of formulas are plain."""
        plain = np.asarray(array)
        return plain[()] if plain.ndim == 0 else plain

    def __getitem__(self, index: Any) -> Any:
        """Elements with their errors."""
        values = np.asarray(self)[index]
        if np.ndim(values) == 0:
            return Estimate(float(values), float(self.error[index]))
        return Estimates(values, self.error[index], self.status)

    def __repr__(self) -> str:
        errors = np.asarray(self.error)
        words = f", errors up to {np.max(errors):.1e}" if errors.size else ""
        return f"Estimates(shape {self.shape}, {extent(self)}{words}, {self.status})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Estimates, (np.asarray(self), self.error, self.status)

    @property
    def converged(self) -> bool:
        """Whether the requested accuracy was reached."""
        return self.status == "converged"
