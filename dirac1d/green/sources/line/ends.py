"""What a line ends in: flat leads, or itself again after a period.

The reflection variable s of either direction needs a value where its march begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Mobius:
    """s ↦ (αs + β)/(γs + δ) on N columns; entries of any common scale, shapes (N,)."""

    alpha: NDArray
    beta: NDArray
    gamma: NDArray
    delta: NDArray

    @property
    def entries(self) -> tuple[NDArray, NDArray, NDArray, NDArray]:
        """α, β, γ, δ."""
        return self.alpha, self.beta, self.gamma, self.delta

    def after(self, other: Mobius) -> Mobius:
        """This map after another one, scaled to entries of the order 1."""
        alpha = self.alpha * other.alpha + self.beta * other.gamma
        beta = self.alpha * other.beta + self.beta * other.delta
        gamma = self.gamma * other.alpha + self.delta * other.gamma
        delta = self.gamma * other.beta + self.delta * other.delta
        size = np.maximum(np.abs(alpha), np.abs(delta))
        size = np.maximum(size, np.maximum(np.abs(beta), np.abs(gamma)))
        return Mobius(alpha / size, beta / size, gamma / size, delta / size)

    def attracting(self) -> NDArray:
        """The attracting fixed point: the eigenvector of the larger eigenvalue."""
        half = (self.alpha - self.delta) / 2
        root = np.sqrt(half**2 + self.beta * self.gamma)
        mean = (self.alpha + self.delta) / 2
        root = np.where(np.abs(mean + root) >= np.abs(mean - root), root, -root)
        above, below = root - half, root + half  # λ - α and λ - δ
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(np.abs(above) >= np.abs(below), self.beta / above, below / self.gamma)


def shift(by: NDArray | float) -> Mobius:
    """s ↦ s + by."""
    one = np.ones_like(by, dtype=complex)
    return Mobius(one, by * one, 0 * one, one)


def through_images(zero: NDArray, plus: NDArray, minus: NDArray) -> Mobius:
    """The map with m(0), m(1), m(-1) given; a constant one where they agree to rounding."""
    apart = plus - minus
    same = np.abs(apart) <= SAME
    gamma = np.where(same, 0.0, (2 * zero - plus - minus) / np.where(same, 1.0, apart))
    alpha = np.where(same, 0.0, plus * (1 + gamma) - zero)
    return Mobius(alpha, zero, gamma, np.ones_like(zero))


#: Images of the whole unit disc closer than this are one point.
SAME = 1e-14
