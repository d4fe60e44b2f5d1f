"""j_φ of a circle as a source of the integrator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import k1

from dirac1d.dirac import E_OVER_2H
from dirac1d.green.contour.angular import Angular
from dirac1d.green.integrate.contracts import Layout, Sample
from dirac1d.green.settings import Settings
from dirac1d.green.sources.circle.flats import Flats
from dirac1d.green.sources.circle.solution import CURRENT, Asked, Pair, solve
from dirac1d.green.sources.circle.start import grading_ratio
from dirac1d.green.sources.on_mesh import OnMesh
from dirac1d.green.sources.step.mesh import Mesh

#: Complex arrays of the shape (panels, nodes, points) alive at once in a batch: both signs of j.
ARRAYS_ALIVE = 60
#: More points at once where U is constant on many panels.
MORE_AT_ONCE = 16


class OnRadii(OnMesh):
    """What sources around a centre have in common, whatever they solve for each j."""

    @cached_property
    def layout(self) -> Layout:
        """Visible panels and nodes."""
        seen = self.visible
        return Layout(seen.stop - seen.start, self.mesh.U.shape[1], 0)

    @property
    def hidden(self) -> NDArray:
        """Panels that are only marched through."""
        hidden = np.ones(self.places, dtype=bool)
        hidden[self.visible] = False
        return hidden

    @property
    def batch(self) -> int:
        """Points at once."""
        return self.settings.limits.at_once(self.layout.nodes * ARRAYS_ALIVE * self.places)

    def traps(self, energy: float, mass: float) -> bool:
        """Whether a state may be narrower than any distance of points: each j has levels."""
        return True


@dataclass(frozen=True, eq=False)
class CircleSource(OnRadii):
    """(1/r) Σ_± [tr σ_φG - local] on the panels of a mesh, or what else is asked for, as it is.

    The local term -U'Δ/2κ³, κ² = Δ² + ω² + (j/r)², is what is left for large ω and j; its sum is
    known (`local_current`).
    """

    mesh: Mesh
    mass: float
    settings: Settings
    asked: Asked = CURRENT
    felt: float = 0.0

    @cached_property
    def flats(self) -> Flats | None:
        """Where U is constant, if anything is gained there; a density is not zero without waves."""
        flats = Flats(self.mesh, self.mass, self.settings.limits)
        return flats if flats.gain and self.asked.references is None else None

    @property
    def batch(self) -> int:
        """Points at once: more where few of the panels are solved for each."""
        return super().batch * (1 if self.flats is None else MORE_AT_ONCE)

    def sample(self, points: tuple[NDArray, ...], tolerance: float) -> Sample:
        """The integrand at (E, j)."""
        pair = self._solved(*points, tolerance)
        seen = self.visible
        E, j = points
        r, dU = (q.T[:, seen, None] for q in (self.mesh.x, self.mesh.dU))
        trace = pair.trace[:, seen] / r
        if self.asked == CURRENT:
            trace += dU * self.mass / (self.mass**2 + E.imag**2 + (j / r) ** 2) ** 1.5 / r
        values = trace.swapaxes(0, 1).reshape(self.layout.cut, -1).T
        # At a jump the answer is a logarithm, written out: nothing is asked of those panels.
        lost = np.where(self.mesh.at_jump[:, None] == 0, pair.lost / self.mesh.edges[1:, None], 0.0)
        return Sample(values, lost, pair.failed, np.zeros(len(values)))

    def _solved(self, E: NDArray, j: NDArray, tolerance: float) -> Pair:
        """Traces on all panels; where U is constant only what waves reach is solved."""
        settings = self.settings
        if self.flats is None:
            return solve(
                self.mesh, self.mass, E, j, tolerance, settings.start, self.asked, self.felt
            )
        trace = np.zeros((self.layout.nodes, self.places, len(E)), complex)
        lost, failed = np.zeros(trace.shape[1:]), np.zeros(self.places, dtype=bool)
        for some, reached, pieces in self.flats.pieces(
            E, j, tolerance, grading_ratio(settings), ARRAYS_ALIVE
        ):
            for piece in pieces:
                pair = solve(
                    piece.mesh, self.mass, E[some], j[some], tolerance, settings.start, self.asked,
                    self.felt, piece.cut,
                )
                span, of = piece.span, piece.of
                here = reached[span]
                trace[:, span, some] = np.where(here, piece.spread(pair.trace, self.mesh), 0.0)
                lost[span, some] = np.where(here, pair.lost[of], 0.0)
                failed[span] |= pair.failed[of]
        return Pair(trace, lost, failed)


def local_current(r: NDArray, slope: NDArray, mass: float) -> NDArray:
    """-(U'/4π) sgn(Δ) tanh(π|Δ|r): (1/2π²r) Σ_j ∫dω of the local term."""
    return -E_OVER_2H * slope * np.tanh(np.pi * mass * r)


def thermal_local(path: Angular, r: NDArray, dU: NDArray, mass: float) -> NDArray:
    """What the local term's sum over frequencies has more than its integral.

    By Poisson's formula 2πT Σ κ⁻³ - ∫dω κ⁻³ = 2 Σ_k (-1)^k (k/aT) K₁(ka/T), a² = Δ² + (j/r)²;
    only for those j whose frequencies are summed.
    """
    T = path.temperature
    j = np.arange(path.own_terms) + 0.5
    a = np.sqrt(mass**2 + (j / r[..., None]) ** 2)
    k = np.arange(1, int(np.ceil(40 * T / abs(mass))) + 2)
    total = np.zeros_like(r)
    for m in k:
        total += 2 * (-1.0) ** m * np.sum(m / (a * T) * k1(m * a / T), axis=-1)
    return -dU * mass * total / (2 * np.pi**2 * r)
