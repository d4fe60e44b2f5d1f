"""The map of a strip with exact leads, as a system of the convergence scheme.

A chain in x whose sites carry the waves along y (`block_resolvent`), at imaginary energies
(`matsubara`) and Bloch momenta. M comes first: charge is conserved on every site, so that what
flows along y on the sites to the left of a link is M there,

    M_{i+1/2} = M_left - Σ_{j≤i} ±n_j,      + on A, - on B,

of every harmonic. A site has the mean of its two links, and where both kinds of sites are
interpolated their mean is M: the charge, which alternates in the sum, is gone. Then
j = (∂_yM, -∂_xM) of what was interpolated.

The level is that of the chain. The order says what momenta and energies leave, e^-order; the
size is the largest momentum P along y, and linear response makes up for what P cuts off.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline

from dirac1d.dirac import E_OVER_2H
from dirac1d.numerics.tasks import Kept, pieces
from dirac1d.potentials.strips import Strip
from dirac1d.problem import Problem
from dirac1d.states.block_resolvent import AT_ONCE, BLOCK, OVERHEAD, Share, summed
from dirac1d.states.chain import Chain
from dirac1d.states.matsubara import frequencies
from dirac1d.states.resolution import fineness
from dirac1d.states.resolvent import Lead
from dirac1d.states.settings import Settings
from dirac1d.states.strip_response import Cut, Waves
from dirac1d.states.work import Work

#: Where the window begins to fall, over P.
_EDGE = 0.7
#: The window is smooth on this part of |Δ|: so dense at least are momenta along y.
_SMOOTH = 0.7
#: Degree of the splines that carry M to x: their error falls as a¹⁰ and is part of the difference
#: between levels. Sites beyond the positions, for them.
_DEGREE, _PAD = 9, 12
#: Smallest P over |Δ|, what it has beyond the deepest Fermi momentum and the waves of U along y,
#: and its growth from size to size.
_FIRST, _MARGIN, _GROWTH = 4.0, 1.5, 1.25
#: Part of the largest wave that a wave has which P is to exceed from the beginning. One that is
#: beyond P has the response of a gapped sea, in a metal too, and no change says that it has not.
_CARRIED = 1e-2
#: Part of the accuracy, in the drop of U that j₀ is made of, within which U is its lead's.
_FLAT = 1e-2
#: Positions at which errors are looked at beside those asked for, in x and in y.
_LOOKED_AT = 25, 8


@dataclass(frozen=True, eq=False)
class Query:
    """Where M and j are asked for.

    Attributes
    ----------
    x, y : ndarray
    core : (float, float)
        Where U varies.
    period : float
    """

    x: NDArray
    y: NDArray
    core: tuple[float, float]
    period: float

    @cached_property
    def places(self) -> NDArray:
        """All x: those asked for, and those at which errors are looked at too."""
        return np.concatenate((self.x, np.linspace(*self.core, _LOOKED_AT[0])))

    @property
    def count(self) -> int:
        """Pixels asked for."""
        return len(self.x) * len(self.y)

    def values(self, M: NDArray, slope: NDArray, missed: float) -> NDArray:
        """j_x, j_y and M at the pixels, at the others, and what J_y misses; one flat array."""
        q = 2 * np.pi / self.period * np.arange(M.shape[1])
        twice = np.where(q == 0, 1.0, 2.0)
        parts = []
        other = self.period * np.arange(_LOOKED_AT[1]) / _LOOKED_AT[1]
        for own, y in ((slice(0, len(self.x)), self.y), (slice(len(self.x), None), other)):
            phase = twice[:, None] * np.exp(1j * np.multiply.outer(q, y))
            parts += [(row @ phase).real.ravel()
                      for row in (1j * q * M[own], -slope[own], M[own])]
        return np.concatenate([*parts, [missed]])

    def parts(self, values: NDArray) -> tuple[tuple[NDArray, ...], tuple[NDArray, ...]]:
        """(j_x, j_y, M) at the pixels, and at the others."""
        own = tuple(values[: 3 * self.count].reshape(3, len(self.x), len(self.y)))
        other = tuple(values[3 * self.count : -1].reshape(3, -1))
        return own, other

    def largest(self, values: NDArray) -> tuple[float, float]:
        """The largest |j| and |M|."""
        found = [(np.max(np.hypot(j_x, j_y)), np.max(np.abs(M)))
                 for j_x, j_y, M in self.parts(values)]
        return max(f[0] for f in found), max(f[1] for f in found)


@dataclass(eq=False)
class OpenStrip:
    """The map of a strip: a `dirac1d.states.scheme.System`.

    Attributes
    ----------
    problem : Problem
        Of a `Strip`; Δ is a number.
    x, y : ndarray
    rtol : float
    work : Work
    executor : Executor, optional
    kept : Kept, optional
    """

    problem: Problem
    x: NDArray
    y: NDArray
    rtol: float
    work: Work
    executor: Executor | None = None
    kept: Kept | None = None
    _waves: dict[int, Waves] = field(default_factory=dict, init=False, repr=False)

    parts = 1
    last_size = 9
    extrapolates_size = True

    @property
    def settings(self) -> Settings:
        """The numbers of the engine."""
        return self.work.settings

    @property
    def first_orders(self) -> tuple[int, ...]:
        """To begin with."""
        return (self.settings.start.order,)

    @property
    def doubt(self) -> float:
        """As `Line.doubt`: at the knots of cubic splines U″ has a kink."""
        cubic = self.strip.coefficients.shape[1] <= 4
        return self.settings.claim.knot_doubt if cubic else 1.0

    @property
    def strip(self) -> Strip:
        """The potential."""
        return self.problem.potential

    @cached_property
    def deepest(self) -> float:
        """The largest |ε_F - U|."""
        return deepest_of(self.problem)

    @cached_property
    def core(self) -> tuple[float, float]:
        """Where U is not that of its leads."""
        drop = self.problem.current_scale / (E_OVER_2H * self.problem.gap)
        return flat_beyond(self.strip, _FLAT * self.rtol * drop)

    @property
    def floor(self) -> float:
        """The least error of j, over j₀: what is beyond the core, and the settings' own."""
        return self.settings.claim.floor + _FLAT * self.rtol

    @cached_property
    def query(self) -> Query:
        """Where values are asked for."""
        return Query(self.x, self.y, self.core, self.strip.period)

    @cached_property
    def spacing(self) -> float:
        """That of level 1."""
        wave = 1 / max(self.problem.gap, self.deepest, np.pi * self.problem.temperature)
        return fineness(self.rtol, self.settings) * min(wave, shortest_length(self.strip))

    def cutoff(self, size: int) -> float:
        """P."""
        gap, sizes = self.problem.gap, self.strip.wave_sizes
        wave = self.strip.largest_wave_above(_CARRIED * np.max(sizes, initial=0.0))
        first = max(_FIRST * gap, max(self.deepest, wave) + _MARGIN * gap)
        return float(first * _GROWTH**size)

    def most(self, size: int) -> int:
        """Waves -c … c: all that are below P at some Bloch momentum."""
        return int(np.floor(self.cutoff(size) * self.strip.period / (2 * np.pi) + 0.5))

    def box(self, level: int) -> tuple[float, float]:
        """Ends of the chain."""
        pad = _PAD * self.spacing / level
        return (float(min(self.core[0], self.x[0]) - pad),
                float(max(self.core[1], self.x[-1]) + pad))

    def chain(self, level: int) -> Chain:
        """Equidistant sites, with a lead at each end."""
        a, b = self.box(level)
        link = self.spacing / (2 * level)
        half = int(np.ceil((b - a) / (4 * link))) * 2
        x = (a + b) / 2 + link * np.arange(-half, half + 1)
        bare = Chain(x, np.zeros(len(x)), self.problem.mass, background=2 * link)
        return replace(bare.without_wall_states(), ends=(link, link))

    def rule(self, level: int, order: int, size: int) -> tuple[NDArray, NDArray, NDArray]:
        """ω, Bloch momenta in units of 2π/L, and weights."""
        p = self.problem
        largest = float(np.sqrt(p.mass**2 + (2 * level / self.spacing) ** 2
                                + self.cutoff(size) ** 2)) + self.deepest
        omega, weight = frequencies(p.temperature, p.gap - self.deepest, largest, order)
        decay = np.sqrt(p.mass**2 - (self.deepest + 1j * omega) ** 2).real
        counts = self._momenta(np.minimum(decay, _SMOOTH * p.gap), order)
        k = np.concatenate([(np.arange(n) + 0.5) / n - 0.5 for n in counts])
        return np.repeat(omega, counts), k, np.repeat(weight / counts, counts)

    def _momenta(self, decay: NDArray | float, order: int) -> NDArray:
        """So many Bloch momenta that waves around the strip of so many periods decay by e^-order.
        """
        return np.ceil(order / (decay * self.strip.period)).astype(int)

    def work_of(self, level: int, order: int, size: int) -> tuple[float, float]:
        """Effort, and bytes at one momentum."""
        sites, waves = self.sites(level), 2 * self.most(size) + 1
        nodes = len(self.rule(level, order, size)[0])
        return nodes * sites * BLOCK * (waves + OVERHEAD) ** 3, 16.0 * sites * waves**2

    def sites(self, level: int) -> int:
        """About as many has the chain."""
        a, b = self.box(level)
        return int(2 * (b - a) * level / self.spacing) + 1

    def fits(self, level: int) -> bool:
        """Whether the chain of that level is no longer than the limit."""
        return self.sites(level) <= self.settings.limits.open_sites

    def tail(self, level: int) -> NDArray:
        """Nothing is left."""
        return np.zeros(3 * (self.query.count + int(np.prod(_LOOKED_AT))) + 1)

    def magnitude(self, change: NDArray) -> float:
        """The largest change of |j|."""
        return self.query.largest(change)[0]

    def current(self, part: int, level: int, order: int, size: int) -> NDArray:
        """j and M at the pixels."""
        chain = self.chain(level)
        sites, leads = self._summed(chain, level, order, size)
        M, slope, far = self._magnetisation(chain, sites, leads)
        most, waves = self.most(size), self._waves_of(size)
        cut = Cut(self.strip.period, self.problem.mass, self.spacing / level, self.cutoff(size),
                  _EDGE, np.arange(-most, most + 1),
                  int(self._momenta(_SMOOTH * self.problem.gap, order)))
        for found, lost in zip((M, slope), cut.lost(waves, self.query.places), strict=True):
            found += lost
        left, right = (magnetisation_of_lead(self.problem, U) for U in self.strip.leads)
        M[:, 0] += left
        # What is missed of J_y, and of its waves, is shared by both leads; extrapolated, it is 0.
        missed = far
        missed[0] += left + cut.lost_between_leads(waves) - right
        return self.query.values(M - missed / 2, slope, float(missed[0].real))

    def _waves_of(self, size: int) -> Waves:
        """U in waves, as many along y as are in differences."""
        most = self.most(size)
        if most not in self._waves:
            self._waves[most] = Waves.of(self.strip, self.core, 2 * most, self.problem.gap)
        return self._waves[most]

    def _summed(
        self, chain: Chain, level: int, order: int, size: int
    ) -> tuple[NDArray, NDArray]:
        """n_i by harmonics m = 0 … on the sites, and ±n_i summed over those of both leads."""
        strip, most, link = self.strip, self.most(size), self.spacing / (2 * level)
        omega, k, weight = self.rule(level, order, size)
        leads = tuple(Lead(U, self.problem.mass, link, chain.cells[i], chain.sublattice[i])
                      for U, i in zip(strip.leads, (0, -1), strict=True))
        harmonics = strip.harmonics(chain.x, 2 * most)
        step = max(1, AT_ONCE // (len(chain) * (2 * most + 1) ** 2))
        tasks = []
        for first in range(0, len(omega), step):
            own = slice(first, first + step)
            piece = [self.cutoff(size), link, float(chain.x[0]), len(chain), order, first, step]
            tasks.append((piece, Share(
                chain, harmonics, leads, strip.period, self.cutoff(size), _EDGE,
                self.problem.fermi_energy + 1j * omega[own], k[own], weight[own])))
        parts: list[Any] = [None] * len(tasks)
        start = perf_counter()
        for i, found, new in pieces(summed, tasks, self.executor, self.kept, self.work.check):
            parts[i] = found
            self.work.done(int(new) * int(found["count"]), 2 * most + 1 + OVERHEAD,
                           BLOCK * len(chain), perf_counter() - start)
            start = perf_counter()
        # G and its adjoint, of the other sign of ω; waves e^{iqy} over the period.
        both = []
        for name in ("sites", "leads"):
            total = sum(part[name] for part in parts)
            both.append((total + np.conj(total[..., ::-1]))[..., 2 * most :] / strip.period)
        return both[0], both[1]

    def _magnetisation(
        self, chain: Chain, sites: NDArray, leads: NDArray
    ) -> tuple[NDArray, NDArray, NDArray]:
        """M_m(x) from the left lead's on and its derivative, shapes (n, m); M_m on the right."""
        flow = chain.sublattice[:, None] * sites
        M = flow / 2 - np.cumsum(flow, axis=0) - leads[0]
        far = -np.sum(flow, axis=0) - leads[0] - leads[1]
        found = np.zeros((2, len(self.query.places), M.shape[1]), dtype=complex)
        for parity in (0, 1):
            for unit, part in ((1, M.real), (1j, M.imag)):
                spline = make_interp_spline(chain.x[parity::2], part[parity::2], k=_DEGREE)
                for order in (0, 1):
                    found[order] += unit / 2 * spline(self.query.places, order)
        return found[0], found[1], far


def deepest_of(problem: Problem) -> float:
    """The largest |ε_F - U|."""
    return max(abs(problem.fermi_energy - U) for U in problem.potential.extremes())


def magnetisation_of_lead(problem: Problem, U: float) -> float:
    """-c(ε_F - U)/4π of a uniform system, c as in SR Eq. (12), at temperature T."""
    s, mass, T = problem.fermi_energy - U, problem.mass, problem.temperature
    if T == 0:
        c = float(np.clip(s, -abs(mass), abs(mass)) * np.sign(mass))
    else:
        c = float(T * (np.logaddexp(0, (s + mass) / T) - np.logaddexp(0, (s - mass) / T)) - mass)
    return -E_OVER_2H * c


def flat_beyond(strip: Strip, height: float) -> tuple[float, float]:
    """The interval of x outside of which U is within this of its leads."""
    y = strip.sampled_y
    x = np.unique(strip.edges[:-1, None] + np.diff(strip.edges)[:, None] * np.linspace(0, 1, 33))
    U = strip(x[:, None], y[None, :])
    found = []
    for turn, lead in ((1, strip.left), (-1, strip.right)):
        away = np.max(np.abs(U[::turn] - lead), axis=1) > height
        found.append(x[::turn][max(int(np.argmax(away)) - 1, 0)])
    return float(found[0]), float(found[1])


def shortest_length(strip: Strip) -> float:
    """One over the root-mean-square wave number of ∂U/∂x along x: 1.1 of a tanh(x)."""
    y = strip.sampled_y
    t, weights = np.polynomial.legendre.leggauss(12)
    width = np.diff(strip.edges)[:, None]
    x, hair = strip.edges[:-1, None] + width * (1 + t) / 2, 1e-3 * width * np.ones_like(t)
    slope, before, after = (
        strip.gradient(places.reshape(-1, 1), y[None, :])[0].reshape(*x.shape, len(y))
        for places in (x, x - hair, x + hair))
    bend = (after - before) / (2 * hair[:, :, None])
    sums = [float(np.sum((width * weights)[:, :, None] * values**2)) for values in (slope, bend)]
    return float(np.sqrt(sums[0] / sums[1])) if sums[1] > 0 else np.inf
