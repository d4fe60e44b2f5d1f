"""Random cells: the puddles of charged impurities, reproducible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dirac1d.numerics.checks import finite_number, positive_number, whole_number
from dirac1d.potentials.planar import Cell, check_lengths

#: What is left of a wave's amplitude at the highest wave number that is sampled, e^{-q²l²/4}.
_LEFT = 1e-12
#: Samples of a side, at most: beyond, the correlation length is not that of a cell anyone solves.
_MOST_SAMPLES = 4096


def disorder(
    rms: float, correlation_length: float, lengths: Sequence[float], seed: int = 0
) -> Cell:
    r"""A random cell with Gaussian correlations, ⟨U(r)U(0)⟩ = rms² exp(-r²/2l²).

    Every wave has a random phase and a Rayleigh amplitude of mean square :math:`∝ e^{-q²l²/2}`
    (a Gaussian random field, periodic). The mean of U over the cell is 0, and its own
    root-mean-square is `rms` exactly: it is that of the cell, not only of the ensemble.

    Parameters
    ----------
    rms : float
        Root-mean-square of U over the cell, not negative.
    correlation_length : float
        l > 0.
    lengths : (float, float)
        (Lx, Ly).
    seed : int
        The same seed gives the same cell.

    Raises
    ------
    ValueError
        If an argument is not allowed, or the correlation length so small that more than 4096
        samples a side would be needed, or so large that the cell is flat.

    Examples
    --------
    >>> import dirac1d as dd
    >>> cell = dd.disorder(1.3, correlation_length=2.2, lengths=(22.0, 22.0), seed=1)
    >>> print(f"{cell.samples.std():.6f}, {abs(cell.mean) < 1e-15}")
    1.300000, True
    """
    size = finite_number("rms", rms)
    if size < 0:
        raise ValueError(f"rms must not be negative, got {size}")
    scale = positive_number("correlation_length", correlation_length)
    Lx, Ly = check_lengths(lengths)
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    highest = 2 * np.sqrt(-np.log(_LEFT)) / scale
    shape = [2 * int(np.ceil(highest * L / (2 * np.pi))) + 1 for L in (Lx, Ly)]
    if max(shape) > _MOST_SAMPLES:
        raise ValueError(f"correlation_length = {scale:g} needs {shape[0]} x {shape[1]} samples of "
                         f"a cell of {Lx:g} x {Ly:g}: at most {_MOST_SAMPLES} a side")
    noise = np.fft.fft2(rng.standard_normal(shape))
    qx, qy = (2 * np.pi * np.fft.fftfreq(n, L / n) for n, L in zip(shape, (Lx, Ly), strict=True))
    spectrum = noise * np.exp(-(qx[:, None] ** 2 + qy**2) * scale**2 / 4)
    spectrum[0, 0] = 0.0
    U = np.real(np.fft.ifft2(spectrum))
    own = float(np.sqrt(np.mean(U**2)))
    if own < 1e-100:
        raise ValueError(f"correlation_length = {scale:g} is too long for a cell of {Lx:g} x "
                         f"{Ly:g}: nothing is left of U but its mean")
    return Cell(size / own * U, (Lx, Ly))
