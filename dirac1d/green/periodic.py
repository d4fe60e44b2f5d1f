r"""Current density in a periodic potential, from the continuum Green's function.

The contour integral of `dirac1d.green.contour` over tr σ_yG of `dirac1d.green.floquet`. There is no
box: the Green's function is that of the infinite periodic system, every Bloch momentum included.
j_y(x) is a Fourier series over one period.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.green.cells import first_cells
from dirac1d.green.charts import Frame
from dirac1d.green.contour import Cell, Nodes, make_frame, place, split
from dirac1d.green.floquet import Cycle, sigma_y_trace
from dirac1d.green.sums import rule_error
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.problem import Problem
from dirac1d.results.harmonics import fourier_profile
from dirac1d.results.profile import Profile

#: Harmonics of the first grid; it is doubled until the last ones are below the tolerance.
FIRST_HARMONICS, MAX_HARMONICS = 8, 1024
#: Points at which the range of U is looked at: it chooses the path of p only.
RANGE_POINTS = 512
#: Contour nodes in one batch times grid points: 2^17 complex numbers to an array of 2 MB.
BATCH = 2**17
#: Nodes along a side of a cell before it is split.
MAX_ORDER = 24
#: Contour nodes times grid points (about a minute), and rounds, before the result is handed out
#: with a warning.
MAX_WORK, MAX_ROUNDS = 6_000_000, 40
#: Shares of the tolerance: of the estimates that steer the refinement (the grid's counts in the
#: end), and of the verified error of the quadrature.
STEERING_SHARE, VERIFIED_SHARE = 0.25, 0.7
#: Factor on the difference of two resolutions: as `dirac1d.green.verification` has it.
SAFETY = 2.0
#: Rounding of a contour sum relative to j₀: 2e-15 measured between charts of different scale.
ROUNDING = 1e-14


@dataclass(frozen=True, eq=False)
class _Sums:
    """One cell's contour sums on the grid; rows as in `Nodes.analysis`."""

    cell: Cell
    nodes: Nodes
    rows: NDArray
    last: NDArray

    def errors(self) -> tuple[NDArray, NDArray]:
        """Estimated error along both sides of the cell, and the rates of convergence."""
        by_axis = (
            self.rows[: self.nodes.split],
            np.concatenate((self.rows[:1], self.rows[self.nodes.split :])),
        )
        errors, rates = np.zeros(2), np.full(2, 0.5)
        for axis, (rows, exact) in enumerate(zip(by_axis, self.nodes.exact, strict=True)):
            if not exact:
                largest = np.max(np.abs(rows), axis=1, keepdims=True)
                (errors[axis],), (rates[axis],) = rule_error(largest)
        return errors, rates


def periodic_current(problem: Problem, x: ArrayLike, *, rtol: float = 1e-8) -> Profile:
    r"""Current density j_y(x)/e in a periodic potential; continuum, exact Bloch continuation.

    Parameters
    ----------
    problem : Problem
        With a `PeriodicPotential`, for instance `CosinePotential`.
    x : array_like, shape (n,)
        Strictly increasing positions, anywhere.
    rtol : float
        Accuracy relative to ``problem.current_scale``.

    Returns
    -------
    Profile
        With ``engine="green"``; ``details["sine"]`` and ``details["cosine"]`` are the Fourier
        coefficients of j_y in the phase 2πx/period, from harmonic 0 on. Integrals between finite
        positions only: there are no tails.

    Raises
    ------
    ValueError
        If the potential is not periodic, x is not strictly increasing and finite, or rtol is not
        in (0, 1).

    Warns
    -----
    AccuracyWarning
        If rtol was not reached; ``status`` says by how much.
    """
    x, rtol = check_positions(x), check_rtol(rtol)
    if not problem.periodic:
        raise ValueError(f"potential must be periodic, got {problem.potential!r}")
    if problem.current_scale == 0.0:
        return fourier_profile(problem, x, rtol, np.zeros(1, complex), 0.0, "green", {})
    harmonics, error, details = fourier_current(problem, rtol)
    return fourier_profile(problem, x, rtol, harmonics, error, "green", details)


def fourier_current(problem: Problem, rtol: float) -> tuple[NDArray, float, dict[str, int | str]]:
    """Fourier coefficients c_n of j_y(x) = Re Σ_{n≥0} c_n e^{2πinx/period}, and their error."""
    tolerance = rtol * problem.current_scale
    digits = -np.log10(rtol)
    order = int(np.clip(round(1 + digits), 4, 14))
    U = problem.potential(problem.potential.period * np.arange(RANGE_POINTS) / RANGE_POINTS)
    frame = make_frame(
        problem.mass, problem.fermi_energy, problem.temperature, (float(U.min()), float(U.max()))
    )
    cells = first_cells(frame, order, 1 / problem.potential.length_scale)
    count, done, converged = FIRST_HARMONICS, [], True
    for _ in range(MAX_ROUNDS):
        done = done + _evaluate(problem, frame, cells, count)
        poor = np.sum([s.last for s in done]) > STEERING_SHARE * tolerance
        if poor and count < MAX_HARMONICS and 4 * count * _size(done) < MAX_WORK:
            count, cells, done = 2 * count, [s.cell for s in done], []
            continue
        worst = np.sum([s.errors()[0].sum() for s in done])
        if worst > STEERING_SHARE * tolerance:
            done, cells = _refine(frame, done, STEERING_SHARE * tolerance)
        else:
            shares = _verify(problem, frame, done, count)
            error = SAFETY * float(np.sum(shares))
            if error <= VERIFIED_SHARE * tolerance:
                break
            done, cells = _refine(frame, done, VERIFIED_SHARE * tolerance, shares)
        if not cells or _size(done) * (2 * count + 1) > MAX_WORK:
            converged = False
            break
    else:
        converged = False
    if not converged:
        done = done + _evaluate(problem, frame, cells, count)
        error = SAFETY * float(np.sum(_verify(problem, frame, done, count)))
    total = np.sum([s.rows[0] for s in done], axis=0)
    coefficients = np.fft.rfft(total) / len(total)
    coefficients[1:] *= 2
    lost = float(np.sum([s.last for s in done]))
    details = {
        "harmonics": count, "contour_nodes": _size(done), "path": frame.kind,
    }
    return coefficients, error + lost + ROUNDING * problem.current_scale, details


def _size(done: list[_Sums]) -> int:
    return sum(len(s.nodes.E) for s in done)


def _evaluate(problem: Problem, frame: Frame, cells: list[Cell], count: int) -> list[_Sums]:
    """Contour sums of cells, on a grid of 2·count + 1 points."""
    N = 2 * count + 1
    x = problem.potential.period * np.arange(N) / N
    cycle = Cycle(problem.potential(x), problem.potential.derivative(x), problem.potential.period)
    last = np.exp(-2j * np.pi * np.outer(np.arange(N), [count - 1, count]) / N) / N
    placed = [place(frame, cell) for cell in cells]
    if not placed:
        return []
    E, M = (np.concatenate([getattr(q, name) for q in placed]) for name in ("E", "M"))
    pieces = np.arange(0, len(E), max(16, BATCH // N))
    parts = [
        sigma_y_trace(cycle, E[a:b], M[a:b]) * (frame.mass / M[a:b, None])
        for a, b in itertools.pairwise([*pieces, len(E)])
    ]
    values = np.concatenate(parts)
    out, first = [], 0
    for cell, q in zip(cells, placed, strict=True):
        f = values[first : first + len(q.E)]
        first += len(q.E)
        rows = (q.analysis * q.weight.real) @ f.real - (q.analysis * q.weight.imag) @ f.imag
        # What the grid cannot carry shows in its last two harmonics.
        lost = float(np.sum(np.max(np.abs(f @ last), axis=1) * np.abs(q.weight)))
        out.append(_Sums(cell, q, rows, lost))
    return out


def _verify(problem: Problem, frame: Frame, done: list[_Sums], count: int) -> NDArray:
    """Largest change of each cell's sum with one node less on every side."""
    cells = [
        replace(s.cell, n=tuple(
            n if exact else max(n - 1, 1)
            for n, exact in zip(s.cell.n, s.nodes.exact, strict=True)
        ))
        for s in done
    ]
    coarse = _evaluate(problem, frame, cells, count)
    return np.array([
        np.max(np.abs(a.rows[0] - b.rows[0])) for a, b in zip(done, coarse, strict=True)
    ])


def _refine(
    frame: Frame, done: list[_Sums], tolerance: float, shares: NDArray | None = None
) -> tuple[list[_Sums], list[Cell]]:
    """Cells to keep, and finer ones in place of those that hold most of the error."""
    errors = [s.errors() for s in done]
    own = np.array([e.sum() for e, _ in errors]) if shares is None else shares
    order = np.argsort(own)
    keep = set(order[np.cumsum(own[order]) <= 0.3 * tolerance].tolist())
    kept, new = [], []
    for i, s in enumerate(done):
        if i in keep:
            kept.append(s)
            continue
        score, rate = errors[i]
        total = score.sum()
        score = score / total * own[i] if total > 0 else np.full(2, own[i])
        new += _finer(frame, s, score / (tolerance / len(done)), rate)
    return kept, new


def _finer(frame: Frame, sums: _Sums, score: NDArray, rate: NDArray) -> list[Cell]:
    """More nodes where that converges fast, smaller cells where it does not."""
    pieces = [sums.cell]
    for axis in (0, 1):
        if score[axis] < 0.1 * np.max(score) or sums.nodes.exact[axis]:
            continue
        n, speed = sums.cell.n[axis], min(max(rate[axis], 1e-3), 0.999)
        needed = n + max(1, int(np.ceil(np.log(max(3 * score[axis], 2.0)) / (-2 * np.log(speed)))))
        if needed <= min(MAX_ORDER, 2 * n + 2):
            pieces = [
                replace(p, n=(needed, p.n[1]) if axis == 0 else (p.n[0], needed)) for p in pieces
            ]
        else:
            pieces = [q for p in pieces for q in split(frame, p, axis)]
    return pieces
