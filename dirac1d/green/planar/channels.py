r"""Channels: the harmonics of a strip at constant U, where each is a pair of exponentials e^{±κx}.

With ψ = (f, ig) and p = k + 2πn/L the Hamiltonian at complex energy E reads, harmonic by harmonic,

.. math:: f' = pf - (E - U + Δ)g, \qquad g' = (E - U - Δ)f - pg,

so that (f, g) = a u₊ e^{κx} + b u₋ e^{-κx}, κ² = p² + Δ² - (E - U)², Re κ > 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Channels:
    """Both exponentials of every harmonic, normalised to |u₊ × u₋| = 1: nothing grows with p.

    Attributes
    ----------
    kappa : ndarray, shape (..., N)
    grow, fall : (ndarray, ndarray)
        (f, g) of u₊ and of u₋, each of shape (..., N).
    w : ndarray, shape (..., N)
        f₊g₋ - f₋g₊, which is ±1.
    """

    kappa: NDArray
    grow: tuple[NDArray, NDArray]
    fall: tuple[NDArray, NDArray]
    w: NDArray

    @classmethod
    def at(cls, energy: NDArray, p: NDArray, mass: NDArray | float) -> Channels:
        """Of the energies E - U, the momenta p and the masses, which broadcast."""
        energy, p = np.broadcast_arrays(np.asarray(energy, complex), p)
        kappa = np.sqrt(p**2 + mass**2 - energy**2)
        up = p >= 0
        size = np.abs(p) + kappa
        norm = 1 / np.sqrt(2 * kappa * size)
        electron, hole = (energy + mass) * norm, (energy - mass) * norm
        long = size * norm
        # Of two equal forms of each vector, the one in which p and κ do not cancel.
        grow = np.where(up, long, electron), np.where(up, hole, -long)
        fall = np.where(up, electron, -long), np.where(up, long, hole)
        return cls(kappa, grow, fall, np.where(up, 1.0, -1.0))

    def as_type(self, kind: np.dtype) -> Channels:
        """The same with complex numbers of another precision."""
        (f_a, g_a), (f_b, g_b) = self.grow, self.fall
        real = np.zeros(0, kind).real.dtype
        return Channels(self.kappa.astype(kind), (f_a.astype(kind), g_a.astype(kind)),
                        (f_b.astype(kind), g_b.astype(kind)), self.w.astype(real))

    def amplitudes(self, f: NDArray, g: NDArray) -> tuple[NDArray, NDArray]:
        """(a, b) of vectors (f, g)."""
        (f_a, g_a), (f_b, g_b) = self.grow, self.fall
        return (g_b * f - f_b * g) / self.w, (f_a * g - g_a * f) / self.w


def reflection(of: Channels, seen: Channels) -> tuple[NDArray, NDArray]:
    """(S_L, S_R) of the leads with channels `of` in the channels `seen`, diagonal, shape (..., N).

    S_L = b/a of the wave that grows to the right, from the left lead; S_R = a/b of the one that
    falls to the right, in the right lead.
    """
    a, b = seen.amplitudes(*of.grow)
    left = b / a
    a, b = seen.amplitudes(*of.fall)
    return left, a / b


def seen_in(S: NDArray, old: Channels, new: Channels, of_right: bool) -> NDArray:
    """A reflection matrix of `old` channels in `new` ones: a Möbius map with diagonal matrices.

    Parameters
    ----------
    S : ndarray, shape (..., N, N)
        b = S a (from the left), or a = S b (`of_right`).
    """
    aa, ba = new.amplitudes(*old.grow)
    ab, bb = new.amplitudes(*old.fall)
    if of_right:
        aa, ab, ba, bb = bb, ba, ab, aa
    eye = np.eye(S.shape[-1])
    above = ba[..., None] * eye + bb[..., None] * S
    below = aa[..., None] * eye + ab[..., None] * S
    turned = np.linalg.solve(np.swapaxes(below, -1, -2), np.swapaxes(above, -1, -2))
    return np.swapaxes(turned, -1, -2)
