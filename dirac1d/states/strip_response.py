r"""Linear response of a gapped strip: of the lattice that was summed, and of the continuum.

On the chain in x, d = (Δ cos(ka/2), (2/a) sin(ka/2), p) and E = |d|; to a wave U of (q, q_m), first
order in it and with ε_F in the gap, M = (1/2)(its values on both kinds of sites) is

.. math:: \frac{M}{U} = \frac{Δ}{L}\cos^2\frac{qa}{4}
          \sum_n \int_{-π/a}^{π/a}\frac{dk}{2π} \frac{ww′}{EE′(E+E′)}, \qquad
          E = E(k, p_n), \quad E′ = E(k+q, p_n + q_m),

as (d × d′)_z = Δ (2/a) sin(qa/2) exactly. Its limit a → 0, P → ∞ is `plane_waves.gapped_response`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.potentials.strips import Strip
from dirac1d.states.plane_waves import falling, gapped_response

#: Distance from U, over 1/2|Δ|, at which a response is nothing; points of x to a length of U.
_SIGHT, _POINTS = 26.0, 16
#: Points to a unit of length over |Δ| of the zone's integral: it converges as e^{-|Δ|a n}.
_ZONE = 32.0
#: Part of the largest wave of U below which waves are left out.
_LEFT_OUT = 1e-10


@dataclass(frozen=True, eq=False)
class Waves:
    """U(x, y) of a strip between two x in waves: of harmonic 0 that of ∂U/∂x.

    Attributes
    ----------
    ends : (float, float)
        Of a box that holds all in sight of U.
    q : list of ndarray
        Wave numbers in x, harmonic by harmonic, m = 0 … count.
    U : list of ndarray
    """

    ends: tuple[float, float]
    q: list[NDArray]
    U: list[NDArray]

    @classmethod
    def of(cls, strip: Strip, core: tuple[float, float], count: int, gap: float) -> Waves:
        """Those of a strip that varies on its core only."""
        sight = _SIGHT / (2 * gap)
        a, b = core[0] - sight, core[1] + sight
        steps = (b - a) / min(strip.length_scale, 1 / gap) * _POINTS
        points = int(2 ** np.ceil(np.log2(steps)))
        x = a + (b - a) * np.arange(points) / points
        values = strip.harmonics(x, count)[:, count:]
        values[:, 0] = np.mean(strip.gradient(x[:, None], strip.sampled_y[None, :])[0], axis=1)
        waves = np.fft.fft(values, axis=0) / points
        q, least = 2 * np.pi * np.fft.fftfreq(points, (b - a) / points), _LEFT_OUT * np.max(
            np.abs(waves), initial=1e-300)
        kept = [np.abs(column) > least for column in waves.T]
        return cls((a, b), [q[k] for k in kept],
                   [column[k] for column, k in zip(waves.T, kept, strict=True)])


@dataclass(frozen=True)
class Cut:
    """How a strip is cut down: spacing a, largest momentum P, Bloch momenta.

    Attributes
    ----------
    period, mass : float
    spacing : float
        a.
    cutoff, start : float
    waves : ndarray
        n of p_n = k + 2πn/L.
    count : int
        Bloch momenta.
    """

    period: float
    mass: float
    spacing: float
    cutoff: float
    start: float
    waves: NDArray
    count: int

    def response(self, q: NDArray, m: int) -> NDArray:
        """M/U of waves (q, 2πm/L), shape of q."""
        a, mass = self.spacing, self.mass
        points = max(int(np.ceil(_ZONE / (abs(mass) * a))), 8)
        k = 2 * np.pi / a * np.arange(points) / points

        def square(k: NDArray) -> NDArray:
            return (mass * np.cos(k * a / 2)) ** 2 + (2 / a * np.sin(k * a / 2)) ** 2

        here, there, total = square(k)[:, None], square(k[:, None] + q), np.zeros(len(q))
        for bloch in (np.arange(self.count) + 0.5) / self.count - 0.5:
            p, other = (2 * np.pi / self.period * (self.waves + bloch + shift) for shift in (0, m))
            w = np.prod([falling(np.abs(v) / self.cutoff, self.start) for v in (p, other)], axis=0)
            for one, two, weight in zip(p[w > 0], other[w > 0], w[w > 0], strict=True):
                E, F = np.sqrt(here + one**2), np.sqrt(there + two**2)
                total += weight * np.mean(1 / (E * F * (E + F)), axis=0)
        return mass / (self.period * self.count * a) * np.cos(q * a / 4) ** 2 * total

    def lost(self, waves: Waves, x: NDArray) -> tuple[NDArray, NDArray]:
        """M_m(x) that the cut loses to first order in U, and its derivative; shape (n, count + 1).

        M_0 is 0 at the left end of the box, and constant beyond its right end.
        """
        a, b = waves.ends
        shape = len(x), len(waves.q)
        M, slope = np.zeros(shape, dtype=complex), np.zeros(shape, dtype=complex)
        inside = (x > a) & (x < b)
        for m, (q, U) in enumerate(zip(waves.q, waves.U, strict=True)):
            if not len(q):
                continue
            size = np.hypot(q, 2 * np.pi * m / self.period)
            part = U * (gapped_response(size, self.mass) - self.response(q, m))
            phase = np.exp(1j * np.multiply.outer(x[inside] - a, q))
            if m:
                M[inside, m], slope[inside, m] = phase @ part, phase @ (1j * q * part)
                continue
            slope[inside, 0] = phase @ part
            M[:, 0] = _integral(q, part, np.clip(x, a, b) - a)
        return M, slope

    def lost_between_leads(self, waves: Waves) -> float:
        """M_0 on the right less M_0 on the left, of the same."""
        mean = Waves(waves.ends, waves.q[:1], waves.U[:1])
        return float(self.lost(mean, np.array([waves.ends[1]]))[0][0, 0].real)


def _integral(q: NDArray, part: NDArray, x: NDArray) -> NDArray:
    """∫_0^x Σ part e^{iqx}."""
    still = q == 0
    turning = part[~still] / (1j * q[~still])
    return (np.exp(1j * np.multiply.outer(x, q[~still])) - 1) @ turning + np.sum(part[still]) * x
