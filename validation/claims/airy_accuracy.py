"""Accuracy of the closed Airy forms against mpmath, -10⁴ < x/x₀ < 100.

x, F and Δ are exact doubles; mpmath forms 2x/x₀ from them itself. Errors are in units of the local
envelope (|z|^{-1/4}/√π and |z|^{-3/4}/√π, z = 2x/x₀) for x < 0 and relative for x > 0, there times
e^{ζ} (unscaled values underflow at z = 103).

    python validation/claims/airy_accuracy.py [--quick]
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import mpmath as mp
import numpy as np

from dirac1d.exact.airy import (
    airy_edge_current,
    airy_edge_spectral_current,
    airy_edge_total_current,
    airy_length,
)
from dirac1d.exact.airy_functions import ai, ai1

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

TARGET = 1e-12
F, DELTA = 0.137, 1.3


def left_errors(t: np.ndarray) -> dict[str, float]:
    """x < 0: worst error of the three edge functions over the envelope."""
    x = t * airy_length(F, DELTA)
    values = {
        "j_y (33)": airy_edge_current(x, F, DELTA) * 4 * np.pi / F,
        "j_y, both bands": airy_edge_total_current(x, F, DELTA) * 4 * np.pi / F,
        "j^eps (34)": airy_edge_spectral_current(x, F, DELTA) * 2 * np.pi,
    }
    worst = dict.fromkeys(values, 0.0)
    with mp.workdps(40):
        k = mp.cbrt(mp.mpf(F) * mp.mpf(DELTA))
        for i, xi in enumerate(x):
            z = 2 * mp.mpf(float(xi)) * k
            size, tail = max(1.0, -float(z)), mp.mpf(1) / 3 - mp.airyai(z, derivative=-1)
            slow, fast = size**-0.75 / np.sqrt(np.pi), size**-0.25 / np.sqrt(np.pi)
            for name, exact, envelope in (
                ("j_y (33)", tail, slow),
                ("j_y, both bands", tail - 1, slow),
                ("j^eps (34)", k * mp.airyai(z), float(k) * fast),
            ):
                error = float(abs(values[name][i] - exact)) / envelope
                worst[name] = max(worst[name], error)
    return worst


def right_errors(z: np.ndarray) -> dict[str, float]:
    """z > 0: worst relative error of the scaled functions."""
    values = {"Ai1, z < 200": ai1(z, scaled=True), "Ai, z < 200": ai(z, scaled=True)}
    worst = dict.fromkeys(values, 0.0)
    for i, zi in enumerate(z):
        with mp.workdps(40 + int(0.3 * zi**1.5)):  # digits that 1/3 - ∫₀^z loses
            zi = mp.mpf(float(zi))
            growth = mp.exp(mp.mpf(2) / 3 * zi**1.5)
            exact = (mp.mpf(1) / 3 - mp.airyai(zi, derivative=-1), mp.airyai(zi))
            for (name, value), e in zip(values.items(), exact, strict=True):
                worst[name] = max(worst[name], float(abs(value[i] / (e * growth) - 1)))
    return worst


@cache
def left(count: int) -> dict[str, float]:
    rng = np.random.default_rng(2019)
    near, far = rng.uniform(-20, 0, count), -(10 ** rng.uniform(1.3, 4, count))
    return left_errors(np.concatenate((near, far, [-1e4])))


@cache
def right(count: int) -> dict[str, float]:
    rng = np.random.default_rng(2020)
    return right_errors(np.concatenate((rng.uniform(0, 20, count),
                                        rng.uniform(20, 200, count // 10))))


def gathered(errors: dict[str, float], points: int) -> tuple[float, str]:
    note = ", ".join(f"{name} {error:.1e}" for name, error in errors.items())
    return max(errors.values()), f"{note}; {points} points"


@claim("33, 34", "closed forms against mpmath, -1e4 < x/x₀ < 0, over the local envelope", "exact",
       TARGET, speed="fast")
def envelope():
    return gathered(left(20), 41)


@claim("33, 34", "closed forms against mpmath in the exponential tail, z = 2x/x₀ < 200, relative",
       "exact", TARGET)
def tail():
    return gathered(right(20), 22)


@claim("33, 34", "-1e4 < x/x₀ < 0, fifty times the points", "exact", TARGET, speed="full")
def envelope_dense():
    return gathered(left(1000), 2001)


@claim("33, 34", "exponential tail, fifty times the points", "exact", TARGET, speed="full")
def tail_dense():
    return gathered(right(1000), 1100)


if __name__ == "__main__":
    sys.exit(main(__doc__))
