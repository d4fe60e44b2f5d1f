r"""The current density on the two panels that touch a jump of U, where it is a logarithm.

At a jump of U by ΔU it has the term S ln z, S = Δ ΔU/4π, z the distance from the jump over the
panel's width, on a line and around a circle alike. Nothing is asked of these panels; up to z² ln z
the density there is S ln z + A + Bz ln z + Cz, of which S is known, and A, B, C are those of the
neighbouring panels.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from dirac1d.green.settings import Claim
from dirac1d.green.sources.step.mesh import Mesh
from dirac1d.numerics.quadrature import lobatto
from dirac1d.problem import Problem

#: Width of the panels that touch a jump, in units of √rtol/2|Δ|: there the terms that are left out
#: are rtol/100.
NEAR_JUMP = 0.03
#: How far panels beside that of a jump are needed, in units of its width.
BESIDE_JUMP = 12.0
#: Panels beside that of a jump from which the terms there are taken, and how much larger an error
#: on them may be at the jump.
NEIGHBOURS, LARGER = 3, 60.0


def rooms(widths: Mapping[float, float]) -> dict[float, float]:
    """How far panels beside jumps are needed, from the widths of those that touch them."""
    return {q: BESIDE_JUMP * width for q, width in widths.items()}


def sees_a_jump(problem: Problem, mesh: Mesh, x: NDArray) -> bool:
    """Whether a position x lies on a panel that touches a jump, but not at a jump of U."""
    distance = np.abs(np.subtract.outer([q for q, _ in problem.jumps], x))
    near = np.max(mesh.widths[mesh.at_jump != 0], initial=0)
    masses = np.abs(np.subtract.outer([q for q, _ in problem.mass_jumps], x))
    return bool(np.any((distance > 0) & (distance < near)) or np.any(masses < near))


def beside_a_jump(
    edges: NDArray, values: NDArray, error: NDArray, i: int, side: int, slope: float, claim: Claim
) -> tuple[NDArray, NDArray, float]:
    """The density on panel i, which touches a jump: a linear series, its logarithms, its error.

    Parameters
    ----------
    edges : ndarray, shape (P + 1,)
    values : ndarray, shape (P, n)
        The density at the nodes of all panels.
    error : ndarray, shape (P,)
    i, side : int
        +1: the jump is at the panel's left end; -1: at its right end.
    slope : float
        S.
    claim : Claim
    """
    n, width = values.shape[1], edges[i + 1] - edges[i]
    jump = edges[i] if side > 0 else edges[i + 1]
    others = i + side * np.arange(1, NEIGHBOURS + 1)
    others = others[(others >= 0) & (others < len(edges) - 1)]
    if not len(others):  # nothing was asked on this side
        edge = values[i, -1 if side > 0 else 0]
        return np.array([edge, 0.0]), np.array([slope, 0.0]), abs(slope)
    x = edges[others, None] + np.diff(edges)[others, None] * (1 + lobatto(n)) / 2
    z = np.abs(x - jump).ravel() / width
    known, here = values[others].ravel() - slope * np.log(z), np.linspace(0.0, 1.0, 33)
    fit, closer = (np.linalg.pinv(_terms(z, count)) for count in (3, 5))
    A, B, C = fit @ known
    # What the next two terms would change here, and by how much an error there is larger here.
    beyond = _terms(here, 5) @ (closer @ known) - _terms(here, 3) @ (A, B, C)
    larger = np.max(np.sum(np.abs(_terms(here, 3) @ fit), axis=1))
    missed = larger * np.max(error[others]) + claim.safety * np.max(np.abs(beyond))
    return np.array([A + C / 2, side * C / 2]), np.array([slope, B]), float(missed)


def _terms(z: NDArray, count: int) -> NDArray:
    """1, z ln z, z, z² ln z and z², so many of them, shape (len(z), count)."""
    terms = np.ones_like(z), xlogy(z, z), z, z * xlogy(z, z), z * z
    return np.stack(terms[:count], axis=1)
