"""A periodic current density from its Fourier series: what both engines hand out."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.quadrature import legendre_analysis, lobatto
from dirac1d.numerics.strip import Strip
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.results.record import AccuracyWarning

#: Phase of the highest harmonic along a panel of the strip, and Legendre coefficients of a panel:
#: 24 of them carry e^{iπt}, t from -1 to 1, to 1e-16.
PANEL_PHASE, PANEL_NODES = 2 * np.pi, 24
#: A strip of more panels than this is not made.
MAX_PANELS = 100_000
#: Points times harmonics of one batch.
BATCH = 2**20


def fourier_series(coefficients: NDArray, period: float, x: NDArray) -> NDArray:
    """Re Σ_{n≥0} c_n e^{2πinx/period} at positions of any shape."""
    wave = 2 * np.pi / period * np.arange(len(coefficients))
    flat = np.ravel(x)
    size = max(1, BATCH // len(wave))
    parts = [
        (np.exp(1j * np.outer(flat[i : i + size], wave)) @ coefficients).real
        for i in range(0, len(flat), size)
    ]
    return np.concatenate(parts).reshape(np.shape(x))


def fourier_profile(
    problem: Problem, x: NDArray, rtol: float, coefficients: NDArray, error: float, engine: str,
    details: dict[str, Any], stopped: str = "",
) -> Profile:
    """The profile of j_y(x) = Re Σ c_n e^{2πinx/period} with one error for all x.

    ``details["cosine"]`` and ``details["sine"]`` hold j_y = Σ a_n cos(2πnx/period) + b_n sin(…);
    `stopped` says why the engine ended early, if it did.

    Warns
    -----
    AccuracyWarning
        If the error exceeds rtol.
    """
    period, scale = problem.potential.period, problem.current_scale
    status = "converged"
    if not error <= rtol * scale:  # also nan
        status = f"reached {error / scale:.1e} of the current scale, not {rtol:.1e}"
        status = f"{stopped}: {status}" if stopped else status
        warnings.warn(status, AccuracyWarning, stacklevel=4)
    details = details | {
        "cosine": coefficients.real.tolist(), "sine": (-coefficients.imag).tolist(),
    }
    return Profile(
        x, fourier_series(coefficients, period, x), np.full(len(x), error), status, engine,
        problem, rtol, fourier_strip(coefficients, period, x, error), details,
    )


def fourier_strip(coefficients: NDArray, period: float, x: NDArray, error: float) -> Strip | None:
    """Legendre series between the ends of x, if that is not too many panels."""
    size = np.abs(coefficients)
    highest = max(1, int(np.flatnonzero(size > 1e-17 * np.max(size, initial=1e-300))[-1:].sum()))
    span = max(x[-1] - x[0], 1e-9 * period)
    count = max(1, int(np.ceil(span / period * 2 * np.pi * highest / PANEL_PHASE)))
    if count > MAX_PANELS:
        return None
    edges = np.linspace(x[0], x[0] + span, count + 1)
    if span == x[-1] - x[0]:
        edges[-1] = x[-1]
    half = np.diff(edges)[:, None] / 2
    nodes = edges[:-1, None] + half * (1 + lobatto(PANEL_NODES))
    values = fourier_series(coefficients, period, nodes)
    legendre = values @ legendre_analysis(PANEL_NODES).T
    return Strip(edges, legendre, error * np.diff(edges))
