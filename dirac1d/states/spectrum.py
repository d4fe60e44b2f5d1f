"""Eigenpairs of the chain, by LAPACK or by shift-invert Lanczos with an inertia certificate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import ArpackError, eigsh

from dirac1d.numerics.checks import finite_number
from dirac1d.numerics.values import ByContent, extent
from dirac1d.problem import Problem
from dirac1d.states.chain import Chain, uniform_chain
from dirac1d.states.settings import DEFAULT, Settings


class SpectrumError(RuntimeError):
    """The iterative solver could not be certified to have found every state."""


def full_spectrum(diagonal: NDArray, hoppings: NDArray) -> tuple[NDArray, NDArray]:
    """All eigenpairs of the real tridiagonal chain (LAPACK ``stevd``, divide and conquer)."""
    return eigh_tridiagonal(diagonal, hoppings, lapack_driver="stevd", check_finite=False)


def count_below(diagonal: NDArray, hoppings: NDArray, energies: NDArray) -> NDArray:
    """Number of eigenvalues below each energy: Sylvester's inertia by the Sturm sequence.

    Or of several chains, as many as there are energies, whose diagonals are columns.

    The pivots of the LDLᵀ factorisation of H - E are d_i = H_ii - E - H²_{i,i-1}/d_{i-1}; as many
    are negative as there are eigenvalues below E.
    """
    energies = np.atleast_1d(np.asarray(energies, dtype=float))
    squared = np.concatenate(([0.0], hoppings**2))
    # A pivot that vanishes is replaced by a tiny positive one: a level at E is not below E.
    tiny = np.finfo(float).tiny * max(1.0, float(np.max(squared)))
    shape = np.broadcast_shapes(energies.shape, diagonal.shape[1:])
    pivot, count = np.ones(shape), np.zeros(shape, dtype=int)
    for onsite, hop in zip(diagonal, squared, strict=True):
        pivot = onsite - energies - hop / pivot
        pivot = np.where(np.abs(pivot) < tiny, tiny, pivot)
        count += pivot < 0
    return count


def sparse_spectrum(
    diagonal: NDArray, hoppings: NDArray, window: tuple[float, float],
    settings: Settings = DEFAULT,
) -> tuple[NDArray, NDArray]:
    """Every eigenpair in e_min ≤ E < e_max by shift-invert `eigsh`, slice by slice.

    The window is cut by Sturm counts into slices of about `Start.slice_states` states. Each
    slice is solved about its middle and must hold as many states as the inertia says; if not, it
    is halved.

    Raises
    ------
    SpectrumError
        If a slice cannot be made to agree with its inertia count, or the states are not
        orthonormal.
    """
    # A level that is an end of the window to within rounding belongs to the slice above it.
    norm = float(np.max(np.abs(diagonal)) + 2 * np.max(np.abs(hoppings), initial=0.0))
    rounding = 8 * np.finfo(float).eps * norm
    edges, counts = _slices(
        diagonal, hoppings, (window[0] - rounding, window[1] - rounding), settings
    )
    matrix = csc_array(diags_array([hoppings, diagonal, hoppings], offsets=[-1, 0, 1]))
    found = [
        _solve_slice(matrix, (diagonal, hoppings), (a, b), (m, n), settings)
        for a, b, m, n in zip(edges[:-1], edges[1:], counts[:-1], counts[1:], strict=True)
        if n > m
    ]
    if not found:
        return np.empty(0), np.empty((len(diagonal), 0))
    energies = np.concatenate([f[0] for f in found])
    vectors = np.concatenate([f[1] for f in found], axis=1)
    # Lanczos leaves neighbouring slices orthogonal to about 1e-12, which the large weights of large
    # momenta would show: one symmetric (Löwdin) step makes it rounding, within the same span.
    overlap = vectors.T @ vectors
    overlap[np.diag_indices_from(overlap)] -= 1.0
    if np.max(np.abs(overlap)) > settings.claim.repairable:
        raise SpectrumError("the eigenvectors found by eigsh are not orthonormal")
    vectors = vectors - vectors @ (overlap / 2)
    return energies, vectors


def _slices(
    diagonal: NDArray, hoppings: NDArray, window: tuple[float, float], settings: Settings
) -> tuple[NDArray, NDArray]:
    """Energies between which about `Start.slice_states` states lie, with the counts below each."""
    radius = np.concatenate((np.abs(hoppings), [0.0])) + np.concatenate(([0.0], np.abs(hoppings)))
    # Gershgorin: no state lies outside.
    states = settings.start.slice_states
    low = max(window[0], float(np.min(diagonal - radius)) - 1.0)
    high = min(window[1], float(np.max(diagonal + radius)) + 1.0)
    if low >= high:
        return np.array([low, low]), np.array([0, 0])
    edges = np.array([low, high])
    counts = count_below(diagonal, hoppings, edges)
    for _ in range(settings.limits.slice_splits):
        crowded = np.flatnonzero(np.diff(counts) > 2 * states)
        if len(crowded) == 0:
            break
        # One sweep of the Sturm sequence counts below many energies at once.
        grids = [
            np.linspace(
                edges[i], edges[i + 1], int(settings.start.slice_borders * (n // states) + 4)
            )[1:-1]
            for i, n in zip(crowded, np.diff(counts)[crowded], strict=True)
        ]
        grid = np.concatenate((edges, *grids))
        below = np.concatenate((counts, count_below(diagonal, hoppings, np.concatenate(grids))))
        order = np.argsort(grid)
        edges, counts = _thin(grid[order], below[order], states)
    return edges, counts


def _thin(edges: NDArray, counts: NDArray, states: int) -> tuple[NDArray, NDArray]:
    """Drop borders so that neighbouring slices merge up to about so many states."""
    keep = [0]
    for i in range(1, len(edges) - 1):
        if counts[i + 1] - counts[keep[-1]] > states and counts[i] > counts[keep[-1]]:
            keep.append(i)
    keep.append(len(edges) - 1)
    return edges[keep], counts[keep]


def _solve_slice(
    matrix: csc_array,
    chain: tuple[NDArray, NDArray],
    ends: tuple[float, float],
    below: tuple[int, int],
    settings: Settings,
    depth: int = 0,
) -> tuple[NDArray, NDArray]:
    """Eigenpairs in [a, b), certified by the inertia counts at its ends."""
    a, b = ends
    expected, size = below[1] - below[0], matrix.shape[0]
    if expected == 0:
        return np.empty(0), np.empty((size, 0))
    energies, vectors = _shift_invert(matrix, (a + b) / 2, expected, size)
    inside = (energies >= a) & (energies < b)
    if np.count_nonzero(inside) != expected:
        # A level within rounding of an end may fall on either side of it.
        slack = settings.claim.border_rounding * max(abs(a), abs(b))
        inside = (energies >= a - slack) & (energies < b + slack)
    if np.count_nonzero(inside) == expected:
        order = np.argsort(energies[inside])
        return energies[inside][order], vectors[:, inside][:, order]
    if depth == settings.limits.slice_splits:
        raise SpectrumError(
            f"between {a:.17g} and {b:.17g} the inertia counts {expected} states, "
            f"eigsh finds {np.count_nonzero(inside)}"
        )
    middle = (a + b) / 2
    half = int(count_below(*chain, np.array([middle]))[0])
    halves = [
        _solve_slice(matrix, chain, part, counts, settings, depth + 1)
        for part, counts in (((a, middle), (below[0], half)), ((middle, b), (half, below[1])))
    ]
    return (
        np.concatenate([h[0] for h in halves]),
        np.concatenate([h[1] for h in halves], axis=1),
    )


def _shift_invert(
    matrix: csc_array, sigma: float, expected: int, size: int
) -> tuple[NDArray, NDArray]:
    """The states nearest to sigma: all of a slice and one beyond each end."""
    wanted = expected + 2
    if wanted >= size - 1:
        return full_spectrum(matrix.diagonal(), matrix.diagonal(k=1))
    start = np.random.default_rng(0).standard_normal(size)
    try:
        return eigsh(matrix, k=wanted, sigma=sigma, which="LM", v0=start, tol=0)
    except (ArpackError, RuntimeError):
        # The shift is an eigenvalue to the last bit: step off it.
        return eigsh(
            matrix, k=wanted, sigma=sigma + 1e-9 * max(1.0, abs(sigma)), which="LM", v0=start, tol=0
        )


@dataclass(frozen=True, eq=False, repr=False)
class Eigenstates(ByContent):
    """Eigenpairs of the lattice Hamiltonian in an energy window.

    Attributes
    ----------
    energies : ndarray, shape (n,)
        Increasing.
    vectors : ndarray, shape (N, n)
        Orthonormal columns: u on sites A, v on sites B, ψ = W†(u, v). The wave function is
        the vector over √w, w the cell length, normalised to ∫ψ†ψ dx = 1.
    chain : Chain
        Sites, potential and cells.
    p_y : float
    """

    energies: NDArray
    vectors: NDArray
    chain: Chain
    p_y: float

    def __repr__(self) -> str:
        return (f"Eigenstates({len(self.energies)} states, energies from {extent(self.energies)}, "
                f"p_y {self.p_y:g}, {len(self.chain)} sites)")

    @property
    def x(self) -> NDArray:
        """Positions of the sites, shape (N,)."""
        return self.chain.x


def eigenstates(
    problem: Problem,
    p_y: float,
    window: tuple[float, float],
    spacing: float | None = None,
    box: tuple[float, float] | None = None,
) -> Eigenstates:
    """Every eigenstate of the lattice Hamiltonian with e_min ≤ E < e_max.

    Shift-invert `scipy.sparse.linalg.eigsh` on slices of the window; a Sturm (inertia) count
    certifies that none is missed, and orthonormality is checked.

    Parameters
    ----------
    problem : Problem
    p_y : float
        Conserved momentum.
    window : (float, float)
        (e_min, e_max); either may be infinite.
    spacing, box : optional
        See `dirac1d.hamiltonian`.

    Raises
    ------
    ValueError
        If the window is empty or not a pair of numbers, or p_y, spacing or box is not allowed.
    SpectrumError
        If the solver cannot be certified.
    """
    e_min, e_max = check_window(window)
    chain = uniform_chain(problem, spacing, box)
    p_y = finite_number("p_y", p_y)
    energies, vectors = sparse_spectrum(chain.diagonal(p_y), chain.hoppings, (e_min, e_max))
    return Eigenstates(energies, vectors, chain, p_y)


def check_window(window: tuple[float, float]) -> tuple[float, float]:
    """(e_min, e_max) as floats with e_min < e_max, or a ValueError."""
    try:
        e_min, e_max = (float(e) for e in window)
    except (TypeError, ValueError) as error:
        raise ValueError(f"window must be a pair (e_min, e_max), got {window!r}") from error
    if not e_min < e_max:
        raise ValueError(f"window must have e_min < e_max, got ({e_min}, {e_max})")
    return e_min, e_max
