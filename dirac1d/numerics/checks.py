"""Checks of what a user hands in: each returns the value, or raises ValueError and names it."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Magnitudes that the formulas take without overflow or underflow: products of five still fit. No
#: unit of energy that anyone uses leads out of them.
LARGEST, SMALLEST = 1e60, 1e-60
#: Rounding of a sum of some thousand numbers, relative to the sum.
SMALLEST_RTOL = 1e-13

_Kind = TypeVar("_Kind")


def of_kind(name: str, value: Any, kind: type[_Kind], said: str | None = None) -> _Kind:
    """`value` if it is an instance of `kind`, or a ValueError that names the argument.

    Parameters
    ----------
    name : str
    value : object
    kind : type
    said : str, optional
        What is allowed, in words; by default the public name of `kind`.
    """
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be a {said or f'dirac1d.{kind.__name__}'}, "
                         f"got {value!r:.200}")
    return value


def finite_number(name: str, value: object) -> float:
    """`value` as a finite float, or a ValueError that names the argument."""
    if isinstance(value, str | bytes | bool | np.bool_) or value is None:
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a finite number, got {value!r}") from error
    if not np.isfinite(number):
        raise ValueError(f"{name} must be a finite number, got {number}")
    if abs(number) > LARGEST:
        raise ValueError(f"{name} must not exceed {LARGEST:g} in magnitude, got {number}")
    return number


def scale_number(name: str, value: object) -> float:
    """`value` as a finite float that is 0 or not tiny, or a ValueError that names the argument."""
    number = finite_number(name, value)
    if 0 < abs(number) < SMALLEST:
        raise ValueError(f"{name} must be 0 or at least {SMALLEST:g} in magnitude, got {number}")
    return number


def positive_number(name: str, value: object) -> float:
    """`value` as a finite positive float, or a ValueError that names the argument."""
    number = finite_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number}")
    return number


def whole_number(name: str, value: object, least: int) -> int:
    """`value` as an int that is at least `least`, or a ValueError that names the argument."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number from {least} on, got {value!r:.200}")
    return int(value)


def real_array(name: str, value: object) -> NDArray:
    """A new one-dimensional float array of finite numbers, or a ValueError."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a one-dimensional array of numbers") from error
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if not np.all(np.isfinite(array)):
        bad = int(np.argmin(np.isfinite(array)))
        raise ValueError(f"{name} must be finite, got {name}[{bad}] = {array[bad]}")
    if np.any(np.abs(array) > LARGEST):
        bad = int(np.argmax(np.abs(array)))
        raise ValueError(
            f"{name} must not exceed {LARGEST:g} in magnitude, got {name}[{bad}] = {array[bad]}"
        )
    return array


def one_or_more_numbers(name: str, value: ArrayLike) -> NDArray:
    """A finite number, or a one-dimensional array of such, as an array.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if np.ndim(value) == 0:
        return np.array([finite_number(name, value)])
    try:
        numbers = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number or an array of numbers") from error
    if numbers.ndim != 1 or not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} must be finite and at most one-dimensional, got {value!r}")
    return numbers


def check_positions(x: Any, name: str = "x") -> NDArray:
    """`x`, called `name`, as an increasing, finite array of one dimension, or a ValueError."""
    try:
        array = np.array(x, dtype=float, ndmin=1)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be a one-dimensional array of real numbers") from error
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty")
    if not np.all(np.isfinite(array)):
        bad = int(np.argmin(np.isfinite(array)))
        raise ValueError(f"{name} must be finite, got {name}[{bad}] = {array[bad]}")
    if max(abs(array[0]), abs(array[-1])) > LARGEST:
        raise ValueError(
            f"{name} must not exceed {LARGEST:g} in magnitude, got {array[0]}, {array[-1]}"
        )
    if np.any(np.diff(array) <= 0):
        bad = int(np.argmax(np.diff(array) <= 0))
        raise ValueError(
            f"{name} must increase strictly, got {name}[{bad}] = {array[bad]}, "
            f"{name}[{bad + 1}] = {array[bad + 1]}"
        )
    return array


def half_integer(j: object) -> float:
    """j as ±½, ±3/2, …

    Raises
    ------
    ValueError
        If it is none of these.
    """
    number = finite_number("j", j)
    if (2 * number) % 2 != 1:
        raise ValueError(f"j must be a half-integer (..., -0.5, 0.5, 1.5, ...), got {number}")
    return number


def check_rtol(rtol: Any) -> float:
    """`rtol` as a float below 1 that double precision can give, or a ValueError."""
    try:
        value = float(rtol)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"rtol must be a number between 0 and 1, got {rtol!r}") from error
    if not 0 < value < 1:
        raise ValueError(f"rtol must lie between 0 and 1, got {value}")
    if value < SMALLEST_RTOL:
        raise ValueError(
            f"rtol must be at least {SMALLEST_RTOL:g}, which is what double precision can give, "
            f"got {value}"
        )
    return value
