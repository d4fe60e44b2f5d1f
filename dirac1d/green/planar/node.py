"""Points of the double integral, a frequency and a Bloch momentum each, and their maps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.channels import Channels, reflection, seen_in
from dirac1d.green.planar.grid import Grid
from dirac1d.green.planar.march import ORDER, march
from dirac1d.green.planar.masses import Masses
from dirac1d.green.planar.rows import ends_of, of_constant, rows_of, size_of
from dirac1d.green.planar.traces import Traces
from dirac1d.green.planar.window import Window

#: |Re E| of the channels' own energy, in |Δ|, at most: κ then stays away from 0 at any ω.
WITHIN_GAP = 0.5
#: Where U reaches a band, Im E of the channels in units of the largest |ε_F - U|: |S| is then of
#: the order of 1, as in chiral channels, where channels in the gap have poles.
CHIRAL = 0.6
#: Periods after which a cell's S is taken as it is: e^-2ωLn is then 1e-12 at ωL = 0.2.
MOST_PERIODS = 64
#: What is left from one period to the next falls by no less than is thought.
SLOWEST = 0.99
#: Times that steps are halved where a march is unstable.
HALVINGS = 3


@dataclass(frozen=True, eq=False)
class Node:
    """What is computed in one go, by this process or by an executor's.

    Attributes
    ----------
    grid : Grid
        Positions, steps and the potential.
    mass : Masses
    fermi_energy : float
    chiral : float
        Im E of the channels at least; 0 where they lie within the gap.
    omegas, momenta : tuple of float
        Frequencies, and with each a Bloch momentum in units of 2π/L, within ±½.
    ends : Window
        How harmonics end.
    tolerance : float
        To which a cell's S has to repeat itself after a period.
    single : bool
        Whether single precision does.
    quantity : {"current", "charge", "spectral"}
        What is looked for.
    """

    grid: Grid
    mass: Masses
    fermi_energy: float
    chiral: float
    omegas: tuple[float, ...]
    momenta: tuple[float, ...]
    ends: Window
    tolerance: float
    single: bool = False
    quantity: str = "current"

    @property
    def kind(self) -> np.dtype:
        """Of the reflection matrices."""
        return np.dtype(np.complex64 if self.single else np.complex128)

    @property
    def reach(self) -> int:
        """n of the highest harmonic: p = k + 2πn/L."""
        return reach_of(self.ends.cutoff, self.grid.period)

    @property
    def p(self) -> NDArray:
        """Momenta of the harmonics, shape (B, N)."""
        n = np.arange(-self.reach, self.reach + 1)
        return 2 * np.pi / self.grid.period * (np.asarray(self.momenta)[:, None] + n)

    @property
    def window(self) -> NDArray:
        """What is left of U at p, smoothly from 1 to 0 at P; shape (B, N)."""
        return self.ends(self.p)

    @property
    def omega(self) -> NDArray:
        """Frequencies, shape (B, 1)."""
        return np.asarray(self.omegas)[:, None]

    @property
    def energy(self) -> NDArray:
        """E of the channels, shape (B, 1)."""
        if self.chiral == 0.0:
            low, high = self.grid.extremes
            e = self.fermi_energy - (low + high) / 2
            room = WITHIN_GAP * abs(self.mass.mean)
            return np.clip(e, -room, room) + 1j * self.omega
        return 1j * np.maximum(self.omega, self.chiral)

    @property
    def offset(self) -> NDArray:
        """What E of the channels is above the true one, iω: H then has U - ε_F."""
        return self.energy - 1j * self.omega

    @property
    def harmonics(self) -> NDArray:
        """Those of U - ε_F, and of δ if there is one, at all steps; shape (steps, 1 or 2, 2N-1)."""
        last = 2 * self.reach
        grids = [grid for grid in (self.grid, self.grid.change) if grid is not None]
        fields = np.stack([grid.steps_of(last) for grid in grids], axis=1).astype(self.kind)
        fields[:, 0, last] -= self.fermi_energy
        return fields

    def outside_energy(self, U: float) -> NDArray:
        """E - U of the harmonics where U is constant, shape (B, N)."""
        return 1j * self.omega - self.window**2 * (U - self.fermi_energy)

    def outside(self, U: float, change: float) -> Channels:
        """Channels where U is constant, and the mass `change` more than that of the channels."""
        mass = self.mass.mean + (self.window**2 * change if change else 0.0)
        return Channels.at(self.outside_energy(U), self.p, mass)


def reach_of(cutoff: float, period: float) -> int:
    """The highest harmonic within P at any Bloch momentum."""
    return int(np.floor(cutoff * period / (2 * np.pi) + 0.5))


@dataclass(frozen=True, eq=False)
class Found:
    """The maps of a node's points, beyond linear response.

    Attributes
    ----------
    rows : ndarray, shape (B, n, N)
        For m ≥ 1 the harmonics M_m, and j_y's mean over y in the place of m = 0; of a charge its
        harmonics; complex.
    ends : ndarray, shape (B, 2)
        ∫ of j_y's mean beyond the grid's first and last position, of a strip.
    size : ndarray, shape (B,)
        Root mean square of the traces over the grid.
    work : int
        Steps times N³.
    missed : float
        What S still changes by from period to period, over its size; twice of it the current.
    """

    rows: NDArray
    ends: NDArray
    size: NDArray
    work: int
    missed: float = 0.0

    @property
    def arrays(self) -> dict[str, NDArray]:
        """As a worker sends it and a store keeps it."""
        return {"rows": self.rows, "ends": self.ends, "size": self.size,
                "work": np.array(self.work), "missed": np.array(self.missed)}

    @classmethod
    def of(cls, arrays: dict[str, NDArray]) -> Found:
        """The inverse of `arrays`."""
        return cls(arrays["rows"], arrays["ends"], arrays["size"], int(arrays["work"]),
                   float(arrays["missed"]))


class Diverged(Exception):
    """Steps were too long for the march to be stable."""


def solve(node: Node) -> Found:
    """All points of a node; with shorter steps where the march is not stable.

    Raises
    ------
    Diverged
        If it is unstable at steps of 1/8 still.
    """
    for halvings in range(HALVINGS + 1):
        grid = node.grid.divided(2**halvings)
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                return _solved(replace(node, grid=grid) if halvings else node)
        except (Diverged, np.linalg.LinAlgError):
            if halvings == HALVINGS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _solved(node: Node) -> Found:
    """At the node's own steps."""
    grid, p = node.grid, node.p
    channels = Channels.at(node.energy, p, node.mass.mean)
    B, N = p.shape
    charge = node.quantity == "charge"
    traces = Traces.of(channels.as_type(node.kind), charge)
    along = np.zeros((len(grid.x), B, 2 * N - 1), dtype=complex)
    mean = np.zeros((len(grid.x), B), dtype=complex)
    ends = np.zeros((B, 2), dtype=complex)
    inner = grid.inner
    through = _around if grid.leads is None else _between_leads
    left, right, steps, missed = through(node, channels)
    for i, (S_L, S_R) in enumerate(zip(left, right, strict=True)):
        along[inner.start + i], mean[inner.start + i] = traces.currents(S_L, S_R)
    if charge:
        along[inner, :, N - 1] += of_constant(node.energy, channels)
    if grid.leads is not None:
        for of_right, S in ((False, right[0]), (True, left[-1])):
            where, d = grid.beyond(of_right)
            lead, change = grid.ends[int(of_right)]
            own = node.outside(lead, change)
            S = seen_in(S.astype(complex), channels, own, not of_right)
            *found, outwards = Traces.of(own, charge).beyond(S, own.kappa, d, of_right)
            along[where], mean[where] = found
            if charge:
                along[where, :, N - 1] += of_constant(node.outside_energy(lead), own)
            ends[:, int(of_right)] = outwards[0 if not of_right else -1]
    return Found(rows_of(node, along, mean), ends_of(node, ends), size_of(node, along),
                 steps * N**3, 2 * missed)


#: S_L and S_R at the inner positions, steps taken, and what of S does not repeat itself.
Reflections = tuple[list[NDArray], list[NDArray], int, float]


def _between_leads(node: Node, channels: Channels) -> Reflections:
    """S_L and S_R at a strip's inner positions, and the steps taken."""
    grid = node.grid
    n, per = len(grid.x[grid.inner]), grid.per_position
    last = (n - 1) * per
    left, right = [None] * n, [None] * n
    start = _start(node, channels)
    fields = node.harmonics
    for step, S in march(channels, node.window, node.offset, lambda s: fields[[s, last - s]],
                         start, grid.h, last):
        if step % per == 0:
            _check(S)
            left[step // per], right[n - 1 - step // per] = S
    return left, right, last, 0.0


def _around(node: Node, channels: Channels) -> Reflections:
    """S_L and S_R of a cell: a run-up, then whole periods until S repeats itself."""
    grid = node.grid
    n, per = len(grid.x), grid.per_position
    total, rate = n * per, 2 * max(min(node.omegas), 1e-9)
    # The start is forgotten, and no step before it is in the march's memory.
    forgotten = max(-np.log(node.tolerance) / rate / grid.h, 2 * ORDER)
    run_up = int(np.ceil(min(forgotten / per, n))) * per
    low, high = grid.extremes
    # A weak U has a small S, of which its current is a part; a charge is that of ε_F, too.
    weak = (max(abs(high - grid.mean), abs(grid.mean - low))
            + node.mass.largest_change) / node.mass.largest
    enough = node.tolerance * (1.0 if node.quantity == "charge" else min(1.0, weak))
    left, right, before = [None] * n, [None] * n, np.inf
    start = _start(node, channels)
    fields = node.harmonics
    for step, S in march(
        channels, node.window, node.offset,
        lambda s: fields[[(s - run_up) % total, (run_up - s) % total]], start, grid.h,
        run_up + MOST_PERIODS * total,
    ):
        if step % per:
            continue
        _check(S)
        done = step - run_up
        i = (done // per) % n
        again = done > 0 and i == 0
        if again:
            missed = max(np.max(np.abs(S[0] - left[0])), np.max(np.abs(S[1] - right[0])))
            fall, before = min(missed / before, SLOWEST), missed
        left[i], right[-i % n] = S
        if again and (missed <= enough or done >= MOST_PERIODS * total):
            break
    # What would follow, at the rate at which it fell.
    size = max(float(np.max(np.abs(S))), 1e-300)
    return left, right, step, float(max(fall / (1 - fall), 0.5) * missed / size)


def _check(S: NDArray) -> None:
    if not np.all(np.isfinite(S)):
        raise Diverged("a reflection matrix is not finite: U needs shorter steps than were tried")


def _start(node: Node, channels: Channels) -> NDArray:
    """S of two leads, shape (2, B, N, N)."""
    found = [reflection(node.outside(*end), channels)[i] for i, end in enumerate(node.grid.ends)]
    return (np.array(found)[..., None] * np.eye(node.p.shape[1])).astype(node.kind)
