r"""Scattering states of one transverse momentum: full spinors of H(Δ, p_y) with exact leads.

In the chiral amplitudes u = f + i g, v = f - i g of the rotated problem (see
:mod:`~dirac1d.green.leads`) the current along x is ψ†σ_xψ = (|u|² - |v|²)/2, and a wave that
moves to the right has v/u = s₀. The solution behind the step is followed through the mesh by
its s_R = v/u (bounded by 1, no poles) and by the phase of u, u' = i(E' - M s_R) u. Eq. (6) of
P. G. Silvestrov and P. Recher (2019) turns it into the spinor of H(Δ, p_y).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.dirac import effective_mass, spin_rotation
from dirac1d.green.integrate.sums import Unresolved
from dirac1d.green.radial_states import RadialState, radial_state
from dirac1d.green.settings import Limits
from dirac1d.green.sources.step.mesh import Mesh, build_mesh
from dirac1d.green.sources.step.riccati import solve
from dirac1d.numerics.checks import check_positions, finite_number
from dirac1d.numerics.quadrature import differentiation_matrix, legendre_analysis
from dirac1d.numerics.values import ByContent, extent
from dirac1d.potentials import Potential
from dirac1d.problem import Problem, check_problem

#: Part of |U| to which the scattering problem is solved: the current must be conserved to 1e-12.
ACCURACY = 1e-14
#: Legendre coefficients of s_R and ln u beyond which a panel is halved.
RESOLUTION = 1e-13
#: Rounding of the phase that has been run through.
ROUNDING = 1e-15
#: Lobatto nodes per panel: the most for which differentiation still keeps 13 digits.
NODES = 17
#: Phase over a panel below which NODES nodes leave nothing but rounding: no need to halve it.
SMALLEST_PHASE = 0.5
#: A wave feels U′ on panels of any width in full.
EVERY_LENGTH = 1e-300
#: Halvings of the mesh.
MAX_ROUNDS = 40


@dataclass(frozen=True, eq=False, repr=False)
class ScatteringState(ByContent):
    r"""A state with unit incoming current from one side.

    Attributes
    ----------
    energy, p_y : float
    side : str
        Where the wave comes from, "left" or "right".
    reflection, transmission : complex
        Amplitudes in units of the incoming one, normalised to the current; the phases refer to
        x = 0 in plane waves of either lead. The transmission is 0 if the other lead is closed.
    x : ndarray, shape (n,), or None
        Positions given.
    psi : ndarray of complex, shape (2, n), or None
        The spinor there.
    """

    energy: float
    p_y: float
    side: str
    reflection: complex
    transmission: complex
    x: NDArray | None
    psi: NDArray | None
    _wave: _Wave = field(compare=False)

    def __repr__(self) -> str:
        where = "" if self.x is None else f", {len(self.x)} positions from {extent(self.x)}"
        return (f"ScatteringState(energy {self.energy:g}, p_y {self.p_y:g}, from the {self.side}, "
                f"|r|² = {self.reflection_probability:.6g}, "
                f"|t|² = {self.transmission_probability:.6g}{where})")

    @property
    def reflection_probability(self) -> float:
        """|r|²."""
        return abs(self.reflection) ** 2

    @property
    def transmission_probability(self) -> float:
        """|t|² = 1 - |r|²."""
        return abs(self.transmission) ** 2

    def spinor(self, x: ArrayLike) -> NDArray:
        """The spinor of H(Δ, p_y), normalised to unit incoming current; shape (2, len(x))."""
        return self._wave.spinor(np.atleast_1d(np.asarray(x, dtype=float)))


@dataclass(frozen=True, eq=False)
class _Wave:
    """s_R and ln u as Legendre series on panels, in the frame where the wave moves right."""

    mesh: Mesh
    s: NDArray
    log_u: NDArray
    E: float
    M: float
    kappa: tuple[complex, complex]
    s_left: complex
    mirrored: bool
    rotation: NDArray

    def chiral(self, x: NDArray) -> tuple[NDArray, NDArray]:
        """u and v at positions of the mirrored axis."""
        mesh, P = self.mesh, len(self.mesh.flat)
        panel = np.clip(np.searchsorted(mesh.edges, x, side="right") - 1, 0, P - 1)
        t = 2 * (x - mesh.edges[panel]) / mesh.widths[panel] - 1
        t = np.clip(t, -1, 1)
        s = np.polynomial.legendre.legval(t, self.s[panel].T, tensor=False)
        log_u = np.polynomial.legendre.legval(t, self.log_u[panel].T, tensor=False)
        u = np.exp(log_u)
        v = s * u
        return self._continue(x, u, v)

    def _continue(self, x: NDArray, u: NDArray, v: NDArray) -> tuple[NDArray, NDArray]:
        """Plane waves in both leads, outside of the mesh."""
        first, last = self.mesh.edges[0], self.mesh.edges[-1]
        out = np.exp(-self.kappa[1] * np.maximum(x - last, 0))
        right, left = amplitudes(u, v, self.s_left)
        d = np.minimum(x - first, 0)
        right, left = right * np.exp(-self.kappa[0] * d), left * np.exp(self.kappa[0] * d)
        outside = x < first
        u = np.where(outside, right + self.s_left * left, u * out)
        v = np.where(outside, self.s_left * right + left, v * out)
        return u, v

    def spinor(self, x: NDArray) -> NDArray:
        """Undo the mirror x → -x (ψ → σ_zψ: u ↔ v) and the rotation of SR Eq. (6)."""
        if self.mirrored:
            v, u = self.chiral(-x)
        else:
            u, v = self.chiral(x)
        # f = (u + v)/2, g = (u - v)/2i, ψ = (f, i g)
        return self.rotation @ np.stack(((u + v) / 2, (u - v) / 2))


def amplitudes(u: NDArray, v: NDArray, s: complex) -> tuple[NDArray, NDArray]:
    """(u, v) = A (1, s) + B (s, 1): right- and left-moving parts in a flat lead."""
    determinant = (1 - s) * (1 + s)
    return (u - s * v) / determinant, (v - s * u) / determinant


@dataclass(frozen=True, eq=False)
class _Mirrored:
    """The potential U(-x)."""

    original: Potential

    left = property(lambda self: self.original.right)
    right = property(lambda self: self.original.left)
    breakpoints = property(lambda self: tuple(-b for b in reversed(self.original.breakpoints)))
    length_scale = property(lambda self: self.original.length_scale)

    def __call__(self, x: ArrayLike) -> NDArray:
        return self.original(-np.asarray(x, dtype=float))

    def limits(self, x: float) -> tuple[float, float]:
        below, above = self.original.limits(-x)
        return above, below

    def derivative(self, x: ArrayLike) -> NDArray:
        return -self.original.derivative(-np.asarray(x, dtype=float))

    def support(self, tolerance: float) -> tuple[float, float]:
        a, b = self.original.support(tolerance)
        return -b, -a


def scattering_state(
    problem: Problem,
    energy: float,
    p_y: float | None = None,
    side: Literal["left", "right"] | None = None,
    x: ArrayLike | None = None,
    *,
    j: float | None = None,
) -> ScatteringState | RadialState:
    r"""The state of energy E and momentum p_y that comes in from one side.

    Around a circle, the one of angular momentum j: ``scattering_state(problem, energy, j)``.

    Parameters
    ----------
    problem : Problem
        Its Fermi energy and temperature play no role.
    energy : float
    p_y : float
        Transverse momentum. Around a circle its place is taken by j.
    side : {"left", "right"}
        Where the incoming wave comes from; none around a circle.
    x : array_like, optional
        Positions (radii) at which `psi` is given; `spinor` evaluates anywhere.
    j : float
        Half-integer, of either sign; for a circle only.

    Returns
    -------
    ScatteringState
        Normalised to unit incoming current ψ†σ_xψ. Of a circle a `RadialState`, with its phase
        shift, normalised to δ(E - E').

    Raises
    ------
    ValueError
        If the incoming channel is closed, |E - U| ≤ √(Δ² + p_y²), around a circle |E - U| ≤ |Δ| far
        outside, or an argument is not allowed.
    """
    if check_problem(problem).circular:
        if side is not None:
            raise ValueError(f"side must not be given for a circle, got {side!r}")
        if (p_y is None) == (j is None):
            raise ValueError("j, the angular momentum, must be given once for a circle")
        return radial_state(problem, energy, p_y if j is None else j, x)
    if j is not None:
        raise ValueError(f"j is for circles: a state at a step has p_y and side, got j = {j!r}")
    energy, p_y = finite_number("energy", energy), finite_number("p_y", p_y)
    if side not in ("left", "right"):
        raise ValueError(f"side must be 'left' or 'right', got {side!r}")
    M = float(effective_mass(p_y, problem.mass))
    U_in = problem.U_L if side == "left" else problem.U_R
    if abs(energy - U_in) <= M:
        raise ValueError(
            f"no wave comes in from the {side}: |energy - U| = {abs(energy - U_in):g} must exceed "
            f"sqrt(mass² + p_y²) = {M:g}"
        )
    mirrored = side == "right"
    potential = _Mirrored(problem.potential) if mirrored else problem.potential
    # The mirror x → -x with ψ → σ_zψ keeps H(M, 0): one direction is enough.
    rotation = spin_rotation(p_y, problem.mass)
    wave, reflection, transmission = _solve(potential, energy, M, mirrored, rotation)
    positions = None if x is None else check_positions(x)
    state = ScatteringState(
        energy, p_y, side, reflection, transmission, positions, None, wave
    )
    if positions is not None:
        object.__setattr__(state, "psi", state.spinor(positions))
    return state


def _solve(
    potential: Potential, E: float, M: float, mirrored: bool, rotation: NDArray
) -> tuple[_Wave, complex, complex]:
    """s_R and ln u on a mesh that resolves both, and the amplitudes."""
    size = max(abs(potential.left), abs(potential.right), abs(E), M)
    lo, hi = potential.support(ACCURACY * size)
    mesh = build_mesh(
        potential, (), (lo - 1 / M, hi + 1 / M), nodes=NODES,
        support_tolerance=ACCURACY * size, slope_tolerance=RESOLUTION * size * M,
        near_jump=1.0, kinks=[], length=EVERY_LENGTH, limits=Limits(),
    )
    analysis = legendre_analysis(NODES).T
    energies, masses = np.array([E + 0j]), np.array([M + 0j])
    for _ in range(MAX_ROUNDS):
        try:
            found = _march(mesh, energies, masses)
        except Unresolved as failure:
            mesh = mesh.split(failure.places)
            continue
        s, log_u, kappa, s_left = found
        s, log_u = s @ analysis, log_u @ analysis
        tail = np.maximum(*(np.max(np.abs(c[:, -2:]), axis=1) for c in (s, log_u)))
        bad = tail > RESOLUTION + ROUNDING * np.max(np.abs(log_u), axis=1)
        bad &= mesh.widths * (np.max(np.abs(E - mesh.U), axis=1) + M) > SMALLEST_PHASE
        if not np.any(bad):
            break
        mesh = mesh.split(bad)
    else:
        raise RuntimeError("no mesh resolves the scattering state")
    wave = _Wave(mesh, s, log_u, E, M, kappa, s_left, mirrored, rotation)
    return _normalise(wave, potential)


def _march(
    mesh: Mesh, E: NDArray, M: NDArray
) -> tuple[NDArray, NDArray, tuple[complex, complex], complex]:
    """s_R and ln u at the nodes; ln u = 0 at the left end."""
    solution = solve(mesh, E, M, ACCURACY)
    if np.any(solution.unconverged):
        raise Unresolved(solution.unconverged)
    s = solution.s_right(slice(0, len(mesh.flat)))[:, :, 0].T
    # (ln u)' = i(E' - M s), integrated panel by panel.
    slope = 1j * (E[0] - mesh.U - M[0] * s) * mesh.widths[:, None] / 2
    D = differentiation_matrix(NODES)
    log_u = np.zeros_like(s)
    log_u[:, 1:] = slope[:, 1:] @ np.linalg.inv(D[1:, 1:]).T
    log_u[1:] += np.cumsum(log_u[:-1, -1])[:, None]
    kappa = tuple(complex(k[0]) for _, k in solution.leads)
    E_left = E[0] - mesh.potential.left
    return s, log_u, kappa, complex(M[0] / (E_left + 1j * kappa[0]))


def _normalise(wave: _Wave, potential: Potential) -> tuple[_Wave, complex, complex]:
    """Scale to unit incoming current; reflection and transmission amplitudes."""
    first, last = wave.mesh.edges[0], wave.mesh.edges[-1]
    u, v = (complex(q[0]) for q in wave.chiral(np.array([first])))
    incoming, outgoing = amplitudes(np.array(u), np.array(v), wave.s_left)
    # Current of (1, s): (1 - |s|²)/2.
    flux = np.sqrt((1 - abs(wave.s_left) ** 2) / 2)
    log_scale = -np.log(complex(incoming) * flux)
    reflection = complex(outgoing) / complex(incoming)
    # Phases at x = 0 of the plane waves e^{∓κx}.
    reflection *= np.exp(-2 * wave.kappa[0] * first)
    scaled = _Wave(
        wave.mesh, wave.s, wave.log_u + log_scale * (np.arange(NODES) == 0), wave.E, wave.M,
        wave.kappa, wave.s_left, wave.mirrored, wave.rotation,
    )
    u_end, _ = (complex(q[0]) for q in scaled.chiral(np.array([last])))
    kappa = wave.kappa[1]
    transmission = 0.0 + 0.0j
    if abs(wave.E - potential.right) > wave.M:
        s_right = wave.M / (wave.E - potential.right + 1j * kappa)
        transmission = u_end * np.sqrt((1 - abs(s_right) ** 2) / 2) * np.exp(kappa * last)
        transmission *= np.exp(-wave.kappa[0] * first)
    return scaled, reflection, complex(transmission)
