r"""Frequencies: (1/π)∫₀^∞dω, or 2T Σ over ω_n > 0, as cells each with a Gauss rule of its own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.settings import MapSettings
from dirac1d.numerics.quadrature import (
    Rule,
    algebraic_tail,
    gauss_even,
    gauss_gram,
    gauss_legendre,
)

#: Frequencies that are each a term of their own: near ω = 0 their sum is no integral.
ALONE = 2
#: Of a cell [a, 4a) with the nearest singularities at ω = 0: each coefficient is so much of the one
#: before (the Bernstein ellipse through 0).
RATE = 1 / 3

#: Rest of a cell, in powers of its ratio, by which the first one at T = 0 may be longer: in the gap
#: its singularities at ±i gap then still let coefficients fall faster than `RATE`.
SMALL_REST = 0.15


@dataclass(frozen=True)
class Range:
    """A cell of frequencies.

    Attributes
    ----------
    low, high : float
        Ends, as numbers of frequencies at T > 0; inf in the tail.
    n : int
        Nodes.
    temperature : float
    even : bool
        Whether the integrand is even in ω, from low = 0.
    """

    low: float
    high: float
    n: int
    temperature: float = 0.0
    even: bool = False

    @property
    def rule(self) -> Rule:
        """On [0, 1]."""
        if np.isinf(self.high):
            return algebraic_tail(self.n, 1 / self.low if self.temperature else 0.0)
        if self.temperature:
            return gauss_gram(self.n, int(self.high - self.low))
        return gauss_even(self.n) if self.even else gauss_legendre(self.n)

    @property
    def nodes(self) -> tuple[NDArray, NDArray]:
        """ω, and weights that hold 1/π."""
        rule = self.rule
        step = 2 * np.pi * self.temperature or 1.0
        if np.isinf(self.high):
            return step * self.low / rule.nodes, step * self.low * rule.weights / np.pi
        length = self.high - self.low
        return (step * (self.low + length * rule.nodes), step * length * rule.weights / np.pi)

    @property
    def _plain(self) -> NDArray:
        """The weights without what a sum adds to an integral: derivatives, which do not fall."""
        if not (np.isinf(self.high) and self.temperature):
            return self.nodes[1]
        plain = algebraic_tail(self.n)
        return 2 * self.temperature * self.low * plain.weights

    def error(self, values: NDArray, safety: float) -> NDArray:
        """What the rule leaves out, of values at its nodes; shape (n, ...) → (...).

        Coefficients that fall as ρ^k leave ρ^(2n) to an n-point rule: the last one goes on falling
        as all did, by no more than `RATE` a step.
        """
        rule = self.rule
        if rule.exact:
            return np.zeros(values.shape[1:])
        flat = values.reshape(len(values), -1)
        rows = np.abs(rule.basis @ (self._plain[:, None] * flat))
        if self.n == 1:
            return rows[0].reshape(values.shape[1:])
        last = np.maximum(rows[-1], RATE * rows[-2])
        head = np.maximum(np.max(rows, axis=0), 1e-300)
        rate = np.clip((last / head) ** (1 / (self.n - 1)), RATE, 1.0)
        return (safety * last * rate**self.n).reshape(values.shape[1:])


@dataclass(frozen=True)
class Single:
    """One frequency, and nothing to integrate: the width of a line in energy.

    Attributes
    ----------
    omega : float
    """

    omega: float

    @property
    def nodes(self) -> tuple[NDArray, NDArray]:
        """ω, and a weight that holds 1/π."""
        return np.array([self.omega]), np.array([1 / np.pi])

    def error(self, values: NDArray, safety: float) -> NDArray:
        """None: shape (1, ...) → (...)."""
        return np.zeros(values.shape[1:])


def ranges(
    temperature: float, top: float, gap: float, n: int, settings: MapSettings
) -> list[Range]:
    """Cells from the lowest frequency to the tail.

    Parameters
    ----------
    top : float
        Scale beyond which the integrand is a series in 1/ω.
    gap : float
        Distance of all states from the Fermi energy, or less; 0 if there may be some: at T = 0
        frequencies are then graded down to `MapSettings.lowest`.
    n : int
        Nodes of a cell; the tail, where j is nearly linear response, has two less.
    """
    ratio, tail = settings.octave, max(n - 2, 3)
    if temperature > 0:
        step, found, low = 2 * np.pi * temperature, [Range(0, ALONE, ALONE, temperature)], ALONE
        while low * step < top:
            found.append(Range(low, ratio * low, n, temperature))
            low *= ratio
        low = max(low, 8)
        if found[-1].high < low:
            found.append(Range(found[-1].high, low, n, temperature))
        return [*found, Range(low, np.inf, tail, temperature)]
    lowest, even = (gap, True) if gap > 0 else (settings.lowest, False)
    # Another cell for a small rest is not worth its nodes.
    count = max(int(np.ceil(np.log(top / lowest) / np.log(ratio) - SMALL_REST)), 0)
    ends = top / ratio ** np.arange(count, -1, -1.0)
    found = [Range(0.0, float(ends[0]), n if even else 1, even=even)]
    found += [Range(float(a), float(b), n) for a, b in itertools.pairwise(ends)]
    return [*found, Range(float(top), np.inf, tail)]
