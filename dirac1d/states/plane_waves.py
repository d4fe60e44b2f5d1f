r"""The sea of a cell at one Bloch momentum: plane waves, diagonalised.

With p = k + G, G = 2π(m/Lx, n/Ly) and |p| < P the Hamiltonian is σ·p + Δσ_z on the diagonal and
w U_{G-G′} w′ beside it, w(p) falling smoothly from 1 to 0 towards P: waves enter and leave the
basis unnoticed as k runs through the zone, and sums over k converge exponentially. Its states,
weighted by the Fermi function f, give the density matrix ρ and

.. math:: j_q = \frac{1}{L_xL_y} \sum_{G} \mathrm{tr}\, σ ρ_{G+q,G}, \qquad
          M_q = i\,\frac{q_xj_y - q_yj_x}{q^2},

the latter from j = (∂_yM, -∂_xM). What is left of j, along q, is due to the cut-off alone.

**The cut-off and its cure.** Linear response of the gapped sea, summed over the same plane waves,

.. math:: M_q^{lin,P} = \frac{ΔU_q}{L_xL_y} \sum_{p,\,p+q} \frac{ww'}{EE'(E+E')}, \qquad
          E = \sqrt{p^2 + Δ^2},

is subtracted, and added for all plane waves, where the sum is an integral: U_q (1/4π)(2Δ/q)
arctan(q/2|Δ|). Momenta beyond P respond as those of the gapped sea whatever the Fermi energy and
the temperature, so this holds in a metal too. Nothing of second order is left (conjugation of
charges forbids it, about ε_F in the middle of the gap), and the rest falls as P⁻⁵.

**A mass that varies**, Δ(x, y) = Δ̄ + δΔ, stands beside U as w δΔ_{G-G′} w′ σ_z. To first order in
δΔ nothing is lost: with U flat, states of energies U ± E carry the same current, so all but those
between U and ε_F cancel, in any number of plane waves. (In linear response to δΔ the current is 0
for ε_F in the gap and

.. math:: M_q = -\frac{1}{4π} \mathrm{sgn}(s)\,
          \Bigl[1 - \mathrm{Re}\sqrt{1 - 4k_F^2/q^2}\Bigr] δΔ_q, \qquad s = ε_F - U,

in a band: the trace has E = s + iω where the response to U has Δ, and of ∫dω E/(A² - E²) only a
pole at A < \|s\| counts, A² = Δ̄² + x(1-x)q², 0 < x < 1.) What is lost is first order in U, with
the mass that is there: a momentum p beyond P would respond by j = (v_y, -v_x), v = Δ ∇U/2p³. Its
part across q, for that of Δ̄ with all of its dependence on q, is added. What is left falls as P⁻³.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.special import expit

from dirac1d.dirac import E_OVER_2H
from dirac1d.potentials.planar import Cell

#: Where w begins to fall, over P: a narrower edge is felt as k moves, a wider one wastes waves.
_EDGE = 0.85
#: The same where both U and Δ vary: what is lost is told by gradients over the fall of w, and on a
#: dot of both of width 2 the error at P = 6 was half as large as with the other.
_WIDE_EDGE = 0.6
#: Bytes of a complex number; matrices that are held at once: H, half of its eigenvectors, ρ and the
#: indices of pairs are a quarter each.
_BYTES, _MATRICES = 16, 2.5
#: States this many T above ε_F are empty: e^-40 is below rounding.
_TAIL = 40.0
#: Seconds of one thread of a machine of 2020 to diagonalise, over the cube of the order: 2.7 s were
#: measured at 1600.
EFFORT = 7e-10


def falling(p: NDArray, start: float) -> NDArray:
    """w of p over P, from 1 at `start` to 0 at 1, twice differentiable."""
    t = _beyond(p, start)
    return 1 - t**3 * (10 - 15 * t + 6 * t * t)


def _beyond(p: NDArray, start: float) -> NDArray:
    """From 0 where w begins to fall to 1 at P."""
    return np.clip((p - start) / (1 - start), 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class PlaneWaves:
    """All plane waves of a cell with |k + G| < P.

    Attributes
    ----------
    lengths : (float, float)
    k : (float, float)
        Bloch momentum in units of 2π/Lx and 2π/Ly.
    cutoff : float
        P.
    start : float
        Where w begins to fall, over P.
    """

    lengths: tuple[float, float]
    k: tuple[float, float]
    cutoff: float
    start: float = _EDGE

    @cached_property
    def indices(self) -> NDArray:
        """(m, n) of every G, shape (n, 2)."""
        units = 2 * np.pi / np.array(self.lengths)
        most = [int(np.ceil(self.cutoff / u)) + 1 for u in units]
        m, n = (np.arange(-b, b + 1) for b in most)
        within = np.hypot(units[0] * (m[:, None] + self.k[0]), units[1] * (n + self.k[1]))
        return np.argwhere(within < self.cutoff) - most

    @cached_property
    def momenta(self) -> NDArray:
        """p = k + G, shape (n, 2)."""
        return 2 * np.pi / np.array(self.lengths) * (self.indices + np.array(self.k))

    @cached_property
    def window(self) -> NDArray:
        """w(p), shape (n,)."""
        return falling(np.hypot(*self.momenta.T) / self.cutoff, self.start)

    @property
    def edge(self) -> NDArray:
        """p dw/dp, shape (n,)."""
        p = np.hypot(*self.momenta.T) / self.cutoff
        t = _beyond(p, self.start)
        return -30 * (t * (1 - t)) ** 2 * p / (1 - self.start)

    @property
    def spans(self) -> tuple[int, int]:
        """The largest differences of indices."""
        found = np.ptp(self.indices, axis=0)
        return int(found[0]), int(found[1])

    @property
    def differences(self) -> tuple[NDArray, NDArray]:
        """q_x and q_y on the grid of all differences, shapes (2a + 1, 1) and (2b + 1,)."""
        q_x, q_y = (2 * np.pi / L * np.arange(-h, h + 1)
                    for L, h in zip(self.lengths, self.spans, strict=True))
        return q_x[:, None], q_y

    @cached_property
    def pairs(self) -> NDArray:
        """Where the difference G′ - G of every pair is on the grid of all differences; (n, n)."""
        a, b = self.spans
        m, n = self.indices.T
        return (m[:, None] - m + a) * (2 * b + 1) + (n[:, None] - n + b)

    def by_difference(self, values: NDArray) -> NDArray:
        """The sum of values[G′, G] over pairs of equal G′ - G, shape (2a + 1, 2b + 1)."""
        a, b = self.spans
        size = (2 * a + 1) * (2 * b + 1)
        flat = self.pairs.ravel()

        def total(part: NDArray) -> NDArray:
            return np.bincount(flat, part.ravel(), size).reshape(2 * a + 1, 2 * b + 1)

        if np.iscomplexobj(values):
            return total(values.real) + 1j * total(values.imag)
        return total(values)


def is_varying(cell: Cell) -> bool:
    """Whether a cell has any wave but its mean."""
    return bool(np.any(np.delete(cell.coefficients.ravel(), cell.coefficients.size // 2)))


def order_of(lengths: tuple[float, float], cutoff: float) -> int:
    """About the order of H, two to a plane wave: the area of the disc over that of the zone."""
    return 2 * int(np.pi * cutoff**2 * lengths[0] * lengths[1] / (4 * np.pi**2)) + 2


def memory(order: int) -> float:
    """Bytes that it takes to diagonalise a matrix of that order."""
    return _MATRICES * _BYTES * float(order) ** 2


def hamiltonian(cell: Cell, mass: float | Cell, basis: PlaneWaves) -> NDArray:
    """H less the mean of U in the plane waves, shape (2n, 2n): spin up comes first."""
    n = len(basis.indices)
    U = _varying(cell, basis)
    px, py = basis.momenta.T
    H = np.zeros((2 * n, 2 * n), dtype=complex)
    H[:n, :n], H[n:, n:] = U, U
    mean = mass
    if isinstance(mass, Cell):
        mean, change = mass.mean, _varying(mass, basis)
        H[:n, :n] += change
        H[n:, n:] -= change
    i = np.arange(n)
    H[i, i] += mean
    H[n + i, n + i] -= mean
    H[i, n + i], H[n + i, i] = px - 1j * py, px + 1j * py
    return H


def _varying(cell: Cell, basis: PlaneWaves) -> NDArray:
    """w times a cell less its mean times w, shape (n, n): the mean is no wave, w would bend it."""
    a, b = basis.spans
    waves = on_grid(cell.coefficients, (a, b))
    waves[a, b] = 0.0
    return waves.ravel()[basis.pairs] * np.multiply.outer(basis.window, basis.window)


def sea(
    cell: Cell, mass: float | Cell, fermi_energy: float, temperature: float, basis: PlaneWaves
) -> tuple[NDArray, NDArray]:
    """j_q of the filled states, (j_x, j_y) on the grid of differences, each (2a + 1, 2b + 1)."""
    n, level = len(basis.indices), fermi_energy - cell.mean
    top = level + _TAIL * temperature
    # MRRR for the filled half: in one thread three times as fast as divide and conquer.
    energies, states = eigh(
        hamiltonian(cell, mass, basis), subset_by_value=(-np.inf, top), driver="evr",
        overwrite_a=True, check_finite=False,
    )
    if temperature == 0.0:
        filling = np.ones(len(energies))
    else:
        filling = expit((level - energies) / temperature)
    mixed = basis.by_difference((states[:n] * filling) @ states[n:].conj().T)
    # ρ is Hermitian: its other block has the conjugate sum of the opposite difference.
    other = np.conj(mixed[::-1, ::-1])
    area = cell.lengths[0] * cell.lengths[1]
    return (mixed + other) / area, 1j * (mixed - other) / area


def truncated_response(mass: float, basis: PlaneWaves) -> NDArray:
    """M_q^lin/U_q of the gapped sea in the plane waves, shape (2a + 1, 2b + 1)."""
    E = np.sqrt(np.sum(basis.momenta**2, axis=1) + mass**2)
    w = basis.window
    kernel = w[:, None] * w / (E[:, None] * E * (E[:, None] + E))
    area = basis.lengths[0] * basis.lengths[1]
    return mass / area * basis.by_difference(kernel)


def beyond_cutoff(cell: Cell, mass: Cell, gap: float, basis: PlaneWaves) -> NDArray:
    """M_q that the momenta beyond P would add, to first order in U, shape (2a + 1, 2b + 1).

    j = (v_y, -v_x), v = Δ̄ (D∇U) + δΔ (D′∇U) + D″ δU ∇δΔ, by wave: D is what the plane waves lose
    of the response to U over Δ, D′ the same where δΔ too ends at P. Both are local, but for the
    factor arctan(q/2m)/q of U's own wave; m regularises small momenta, where nothing is lost. Where
    w falls a potential w² δU no longer only shifts energies, and the plane waves have a response to
    ∇δΔ that all waves together have not: from the gradient expansion of G a momentum p has

        j_y = -[w²(w² - p ww′) δΔ ∂ₓδU + p w³w′ δU ∂ₓδΔ]/2p³.
    """
    a, b = basis.spans
    E = np.sqrt(np.sum(basis.momenta**2, axis=1) + gap**2)
    w = basis.window
    plain = w[:, None] * w / (E[:, None] * E * (E[:, None] + E))
    area = basis.lengths[0] * basis.lengths[1]
    q_x, q_y = basis.differences
    square = q_x**2 + q_y**2
    whole = gapped_response(np.sqrt(square), gap) / gap
    U = on_grid(cell.coefficients, (a, b))
    lost = U * (whole - basis.by_difference(plain) / area)
    # d × d′ of two plane waves along ẑ × q, over q, d = (p, w²): 1 where w is.
    p = basis.momenta
    inner, squares = p @ p.T, np.sum(p**2, axis=1)
    turned = w**2 * (squares[:, None] - inner) - w[:, None] ** 2 * (inner - squares)
    bent = basis.by_difference(plain * turned) / np.where(square > 0, square, 1.0)
    lost_bent = U * (whole - bent / area)
    change = np.array(mass.coefficients)
    change[tuple(n // 2 for n in change.shape)] = 0.0
    square[a, b] = np.inf
    M = mass.mean * lost
    slopes = -float(np.sum(basis.edge * w**3 / (2 * E**3))) / area * on_grid(change, (a, b))
    height = np.array(cell.coefficients)
    height[tuple(n // 2 for n in height.shape)] = 0.0
    for q in (q_x, q_y):
        product = on_grid(convolved(q * lost_bent, change), (a, b))
        product = product + on_grid(convolved(q * slopes, height), (a, b))
        M = M + q * product / square
    M[a, b] = 0.0
    return M


def gapped_response(q: NDArray, mass: float) -> NDArray:
    """M_q/U_q of the gapped sea: (1/4π)(2Δ/q) arctan(q/2|Δ|); its limit at q = 0."""
    t = q / (2 * abs(mass))
    safe = np.where(t > 0, t, 1.0)
    return E_OVER_2H * np.sign(mass) * np.where(t > 0, np.arctan(safe) / safe, 1.0)


def convolved(one: NDArray, other: NDArray) -> NDArray:
    """Σ_k one_k other_{q-k}, by FFT: shape that of both together, less 1."""
    shape = [m + n - 1 for m, n in zip(one.shape, other.shape, strict=True)]
    return np.fft.ifft2(np.fft.fft2(one, shape) * np.fft.fft2(other, shape))


def on_grid(coefficients: NDArray, halves: tuple[int, int]) -> NDArray:
    """Coefficients -m … m, -n … n cut down to, or filled up with zeros to, these halves."""
    found = np.zeros((2 * halves[0] + 1, 2 * halves[1] + 1), dtype=coefficients.dtype)
    have = [n // 2 for n in coefficients.shape]
    keep = [min(h, w) for h, w in zip(have, halves, strict=True)]
    to = tuple(slice(w - k, w + k + 1) for w, k in zip(halves, keep, strict=True))
    of = tuple(slice(h - k, h + k + 1) for h, k in zip(have, keep, strict=True))
    found[to] = coefficients[of]
    return found


@dataclass(frozen=True)
class Momentum:
    """One Bloch momentum's share of a map: what an executor is given to do.

    Attributes
    ----------
    cell : Cell
    mass : float or Cell
    fermi_energy, temperature : float
    cutoff : float
        P.
    k : (float, float)
    """

    cell: Cell
    mass: float | Cell
    fermi_energy: float
    temperature: float
    cutoff: float
    k: tuple[float, float]


def excess(task: Momentum) -> tuple[NDArray, float, int]:
    """M_q beyond linear response, shape (2a + 1, 2b + 1); div j that is left; the order of H.

    All of M_q where the mass varies: there is no linear response in closed form. The divergence is
    that of the cut-off, |q·j_q|/q summed over all q.
    """
    both = isinstance(task.mass, Cell) and is_varying(task.cell)
    edge = _WIDE_EDGE if both else _EDGE
    basis = PlaneWaves(task.cell.lengths, task.k, task.cutoff, edge)
    j_x, j_y = sea(task.cell, task.mass, task.fermi_energy, task.temperature, basis)
    a, b = basis.spans
    q_x, q_y = basis.differences
    square = q_x**2 + q_y**2
    square[a, b] = np.inf
    M = 1j * (q_x * j_y - q_y * j_x) / square
    along = np.abs(q_x * j_x + q_y * j_y) / np.sqrt(square)
    if isinstance(task.mass, Cell):
        M += beyond_cutoff(task.cell, task.mass, max(map(abs, task.mass.extremes())), basis)
    else:
        M -= on_grid(task.cell.coefficients, (a, b)) * truncated_response(task.mass, basis)
    M[a, b] = 0.0
    return M, float(np.sum(along)), 2 * len(basis.indices)
