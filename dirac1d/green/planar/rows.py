"""What the traces of a node become: rows that sum to a current, a charge, or a spectral current."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar import linear, linear_charge
from dirac1d.green.planar.channels import Channels

if TYPE_CHECKING:
    from dirac1d.green.planar.node import Node


def of_constant(energy: NDArray, channels: Channels) -> NDArray:
    """tr G of the channels' own constant potential, -Σ E/κ over the harmonics, shape (B,)."""
    return np.sum(-energy / channels.kappa, axis=-1)


def rows_of(node: Node, along: NDArray, mean: NDArray) -> NDArray:
    """Rows of `Found`, shape (B, n, N).

    Parameters
    ----------
    along : ndarray, shape (n, B, 2N-1)
        Harmonics of tr σ_xG, or of tr G for a charge.
    mean : ndarray, shape (n, B)
        tr σ_yG's mean over y.
    """
    if node.quantity == "charge":
        return _charge(node, _real(along, 1.0) / node.grid.period)
    grid, mass = node.grid, node.mass
    if node.quantity == "spectral":
        rows = -_magnetisation(node, _real(along, -1j), mean.imag)
        if grid.change is not None:
            for row, omega, p, w in zip(rows, node.omegas, node.p, node.window, strict=True):
                row -= linear.of_mass(omega, mass.size) * grid.change.respond(
                    linear.truncated(grid.waves, omega, p, w, mass.size, grid.period))
        return rows
    rows = _magnetisation(node, _real(along, 1.0), mean.real)
    for row, omega, p, w in zip(rows, node.omegas, node.p, node.window, strict=True):
        row -= mass.part * grid.respond(
            linear.truncated(grid.waves, omega, p, w, mass.size, grid.period))
    return rows


def ends_of(node: Node, ends: NDArray) -> NDArray:
    """∫ of j_y's mean beyond both ends of the grid, shape (B, 2)."""
    part = -ends.imag if node.quantity == "spectral" else ends.real
    return part / node.grid.period


def size_of(node: Node, along: NDArray) -> NDArray:
    """Root mean square of the trace over the grid, of both components if it is a current's."""
    square = np.mean(np.sum(np.abs(along) ** 2, axis=-1), axis=0)
    return np.sqrt(2 * square) / node.grid.period


def _real(along: NDArray, factor: complex) -> NDArray:
    """Harmonics m ≥ 0 of Re(factor · trace) as a function of y, shape (B, n, N)."""
    N = along.shape[-1] // 2 + 1
    along = factor * along
    return np.moveaxis((along[..., N - 1 :] + np.conj(along[..., N - 1 :: -1])) / 2, 1, 0)


def _magnetisation(node: Node, rows: NDArray, mean: NDArray) -> NDArray:
    """M_m from j_x's harmonics, j_y's mean in the place of m = 0."""
    q = 2 * np.pi / node.grid.period * np.arange(rows.shape[-1])
    rows = rows / node.grid.period
    rows[..., 1:] /= 1j * q[1:]
    rows[..., 0] = mean.T / node.grid.period
    return rows


def _charge(node: Node, rows: NDArray) -> NDArray:
    """Harmonics of the density less its linear response."""
    grid = node.grid
    for row, omega, p, w in zip(rows, node.omegas, node.p, node.window, strict=True):
        kernel, uniform = linear_charge.truncated(grid.waves, omega, p, w, node.mass.size,
                                                  grid.period)
        row -= grid.respond_in_charge(kernel, uniform, node.fermi_energy)
    return rows
