r"""Whether a path of p that turns away from the real axis passes over states.

States are zeros of W = u_Lv_R - v_Lu_R of the two decaying solutions, which is analytic in p and ω
where no lead's κ has its cut. For any Δ(x) and U(x) H - pσ_y is Hermitian, so that a state has
Im p⟨σ_y⟩ = ω and \|Im p\| ≥ ω: the part of the plane between the axis and a path is empty at large
ω, and states come into it through the path only, as vortices of arg W over (ω, q),
p = c + q·direction. So it is empty at every ω > 0 if there is no vortex, and that is seen on a grid
fine enough that arg W changes by little from point to point: cells are divided where it does not.

W is taken from U and Δ that are constant between the nodes of the mesh: it has to be right to a
part of its phase only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.sources.step.leads import decay_rate
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.green.sources.wall.mesh import WallMesh

#: g/f at the hard walls on the left and on the right.
Walls = tuple[float | None, float | None]

#: κ times the width of a panel below which it is one slice.
THIN = 0.05
#: Cells along each side of the first grid, and of the finest one.
FIRST_GRID, FINEST = 16, 256
#: The corners of a cell, one after the other around it.
_AROUND = np.array([[0, 1, 1, 0], [0, 0, 1, 1]])
#: Largest change of arg W between neighbours of a grid that is fine enough: a vortex has an edge of
#: π/2 at least, and an edge seen as so small might be 2π more only if W turned eight times as fast.
LARGEST_STEP = 0.8
#: Points beside a state at rest, at the grid's corner, where steps of arg W do not get smaller.
NEAR = 4
#: Cosine of an angle that is taken for π, and halvings that find where.
OPPOSITE, HALVINGS = 0.9, 40
#: κ times the width of a slice below which sinh κh is κh.
SMALL = 1e-6


@dataclass(frozen=True, eq=False)
class Slices:
    """Constant U and Δ on slices, shapes (n,).

    `leads` are U and Δ on the left and on the right, and `walls` g/f at hard walls there, None in a
    lead.
    """

    U: NDArray
    mass: NDArray
    widths: NDArray
    leads: tuple[tuple[float, float], tuple[float, float]]
    walls: Walls = (None, None)

    @classmethod
    def of(
        cls, mesh: Mesh | WallMesh, mass: NDArray, scale: float, walls: Walls = (None, None)
    ) -> Slices:
        """From node to node of every panel; thin and flat ones whole. `scale`: the largest κ."""
        U, x = mesh.U, mesh.x
        whole = mesh.flat | (mesh.widths * scale < THIN)
        of_panels = [
            (np.mean(U[i], keepdims=True), np.mean(mass[i], keepdims=True), mesh.widths[i : i + 1])
            if whole[i] else
            ((U[i, 1:] + U[i, :-1]) / 2, (mass[i, 1:] + mass[i, :-1]) / 2, np.diff(x[i]))
            for i in range(len(whole))
        ]
        leads = (U[0, 0], mass[0, 0]), (U[-1, -1], mass[-1, -1])
        return cls(*(np.concatenate(q) for q in zip(*of_panels, strict=True)), leads, walls)

    @property
    def even(self) -> bool:
        """Whether p and -p are alike: where Δ varies nowhere."""
        return self.walls == (None, None) and bool(np.all(self.mass == self.mass[0]))

    def determinant(self, E: NDArray, p: NDArray) -> NDArray:
        """W up to a positive factor at E and p, shapes (B,)."""
        u, v = self._decaying(0, E, p)
        for U, mass, h in zip(self.U, self.mass, self.widths, strict=True):
            e, N, other = E - U, mass - 1j * p, mass + 1j * p
            kappa = np.sqrt(N * other - e * e)
            decay, turn = np.exp(-2 * kappa * h), np.exp(1j * kappa.imag * h)
            near = np.abs(kappa) * h < SMALL
            sinh = np.where(near, h, (1 - decay) / (2 * np.where(near, 1, kappa))) * 1j * turn
            cosh = (1 + decay) / 2 * turn
            u, v = cosh * u + sinh * (e * u - other * v), cosh * v + sinh * (N * u - e * v)
            size = np.maximum(np.abs(u), np.abs(v))
            u, v = u / size, v / size
        right, below = self._decaying(-1, E, p)
        return u * below - v * right

    def _decaying(self, end: int, E: NDArray, p: NDArray) -> tuple[NDArray, NDArray]:
        """(u, v) of the solution that decays beyond an end, or is what a hard wall asks for."""
        wall = self.walls[end]
        if wall is not None:  # g = Rf, whatever E and p
            one = np.ones(len(p), complex)
            return (1 + 1j * wall) * one, (1 - 1j * wall) * one
        U, mass = self.leads[end]
        e = E - U
        Z = e + 1j * decay_rate(e, np.sqrt(mass * mass + p * p))
        return (mass + 1j * p, Z) if end == 0 else (Z, mass - 1j * p)


def level_at_rest(slices: Slices, energy: float, distance: float) -> float | None:
    """The level of p = 0 that is closer to an energy than a distance: there W changes its sign."""

    def turned(E: float) -> bool:
        """Whether W has another sign than below."""
        there = slices.determinant(np.array([E + 0j]), np.zeros(1, complex))[0]
        return bool((there * np.conj(first)).real <= -OPPOSITE * abs(there * first))

    low, high = energy - distance, energy + distance
    first = slices.determinant(np.array([low + 0j]), np.zeros(1, complex))[0]
    if not turned(high):
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if turned(middle) else (middle, high)
    return (low + high) / 2


def passes_none(
    slices: Slices, energy: float, start: float, stop: float, direction: complex,
    at_rest: bool = False,
) -> bool:
    """Whether no state lies between the real axis and start + q·direction, Re p < stop, at ω > 0.

    States of p and of -p; False also where the finest grid cannot tell. `at_rest`: a state lies at
    the start itself, where both meet, and between them for no ω > 0.
    """
    length = (stop - start) / direction.real
    size = FINEST // FIRST_GRID  # of a cell, in distances of the finest grid's points
    cells = np.indices((FIRST_GRID, FIRST_GRID)).reshape(2, -1) * size
    while True:
        corners = cells[:, None, :] + size * _AROUND[:, :, None]
        places, which = np.unique(corners.reshape(2, -1), axis=1, return_inverse=True)
        omega, q = places * (length / FINEST)
        E, p = energy + 1j * omega * abs(direction.imag), start + direction * q
        if slices.even:
            found = slices.determinant(E, p)
        else:
            found = slices.determinant(np.concatenate((E, E)), np.concatenate((p, -p)))
        W = found.reshape(-1, len(p))[:, which.reshape(4, -1)]
        near = np.zeros(cells.shape[1], bool)
        if at_rest:  # it has no phase there: that between its neighbours
            here = np.all(cells == 0, axis=0)
            W[:, 0, here] = W[:, 1, here] + W[:, 3, here]
            # around it the phase turns alike on every scale
            near = np.all(cells < NEAR * size, axis=0)
        steps = np.angle(np.roll(W, -1, axis=1) * np.conj(W))
        if np.any(np.abs(np.sum(steps, axis=1)) > np.pi):
            return False
        coarse = (np.max(np.abs(steps), axis=(0, 1)) >= LARGEST_STEP) & ~near
        if not np.any(coarse):
            return True
        if size == 1:
            return False
        size //= 2
        children = cells[:, coarse | near][:, :, None] + size * _AROUND[:, None, :]
        cells = children.reshape(2, -1)
