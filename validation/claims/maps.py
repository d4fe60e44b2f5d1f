"""Maps of U(x, y): what Silvestrov & Recher say of currents, in two dimensions, and closed forms.

The conclusion of the paper draws electron and hole puddles with the anomalous current between them;
Eq. (12), (15) and (43)-(45) are local and hold for any U(x, y). Maps are computed by "green" unless
a row says otherwise.

    python validation/claims/maps.py [--quick]
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H
from dirac1d.potentials.planar import SamplingWarning

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main

#: Of the map whose regimes are ε_F's: metal, half-metal, insulator, half-metal, metal of Fig. 1.
REGIMES = (-1.9, -0.9, 0.1, 0.9, 1.9)


def rough(x: NDArray, y: NDArray) -> NDArray:
    """A rough step between leads at ∓Δ/2, of period 2 in y."""
    return 0.5 * np.tanh(x) + 0.3 * np.exp(-(x**2)) * np.cos(np.pi * y + x)


@claim("12", "two dimensions: J_y of a rough strip U(x, y), T = 0.1Δ, five regimes, the sum over "
       "states before the leads are put in (over (e/2h)Δ)", "green", 1e-4)
def rough_strip():
    strip, found = dd.Strip(rough, 2.0, -0.5, 0.5), []
    for energy in REGIMES:
        problem = dd.Problem(strip, 1.0, energy, 0.1)
        made = dd.current_map(problem, [-2.0, 0.0, 2.0], [0.0], rtol=5e-4)
        found.append(abs(made.details["missed_of_J_y"]) / E_OVER_2H)
    return max(found), ", ".join(f"{f:.1e}" for f in found)


@claim("12", "two dimensions: J_y of the same strip at every y, T = 0.1Δ, the five regimes and "
       "electrons beside holes (leads at ±3Δ/2), rtol = 5e-6: the sum over states, and what a scan "
       "from x = -24 to 24 finds at four y (over (e/2h)Δ)", "green", 1e-6, speed="full")
def rough_strip_to_many_digits():
    found = []
    for height, energy in [*((0.5, energy) for energy in REGIMES), (1.5, 0.2)]:
        strip = dd.Strip(lambda x, y, a=height - 0.5: rough(x, y) + a * np.tanh(x), 2.0,
                         -height, height)
        problem = dd.Problem(strip, 1.0, energy, 0.1)
        made = dd.current_map(problem, [-24.0, 0.0, 24.0], [0.0, 0.3, 0.7, 1.1], rtol=5e-6)
        # M falls to that of the leads as waves at the first Matsubara frequency do.
        scan = made.M[0] - made.M[-1] - dd.exact.total_current(problem)
        found.append(max(abs(made.details["missed_of_J_y"]), np.max(np.abs(scan))) / E_OVER_2H)
    return max(found), ", ".join(f"{f:.1e}" for f in found)


@claim("", "a strip U(x) = (Δ/4) tanh x, rtol = 1e-7: the engine of one dimension (over j₀)",
       "green", 1e-7, speed="full")
def strip_of_one_dimension():
    strip = dd.Strip(lambda x, y: 0.25 * np.tanh(x) + 0 * y, 2.0, -0.25, 0.25)
    x = np.linspace(-3, 4, 15)
    found = dd.current_map(dd.Problem(strip), x, [0.0], rtol=1e-7)
    line = dd.current_density(dd.Problem(dd.TanhStep(-0.25, 0.25, width=1.0)), x, rtol=1e-10)
    apart = np.abs(found.j_y[:, 0] - line.j_y) / found.problem.current_scale
    return float(np.max(apart)), told(found)


@claim("", "a cosine of Δ/2 at 45° in a cell, T = 0.1Δ, rtol = 1e-7: the engine of one dimension "
       "(over j₀)", "green", 1e-7, speed="full")
def oblique_cosine():
    problem = dd.Problem(dd.Cell.wave(0.5, (1, 1), (5.0, 5.0)), temperature=0.1)
    x, y = np.array([0.0, 0.6, 1.3]), np.array([0.0, 0.9])
    found = dd.current_map(problem, x, y, rtol=1e-7)
    line = dd.Problem(dd.CosinePotential(0.5, 2 * np.pi * np.sqrt(2) / 5), temperature=0.1)
    across = (x[:, None] + y) / np.sqrt(2)
    s, where = np.unique(across.round(12), return_inverse=True)
    j = dd.current_density(line, s, rtol=1e-10).j_y[where].reshape(across.shape)
    apart = np.hypot(found.j_x + j / np.sqrt(2), found.j_y - j / np.sqrt(2))
    return float(np.max(apart)) / problem.current_scale, told(found)


@claim("", "a dot U = -(Δ/2) e^{-r²/2} in a cell of 11 x 11, rtol = 1e-5: the engine of circles, "
       "r = 0.5 … 2 (over j₀); neighbours at L leave e^{-2(L-2)}: 2.5e-6 at L = 9", "green", 1e-6,
       speed="full")
def dot_in_a_cell():
    cell = dd.Cell.from_function(lambda x, y: dot(x - 5.5, y - 5.5), (11.0, 11.0), (48, 48))
    found = dd.current_map(dd.Problem(cell), RADII + 5.5, [5.5], rtol=1e-5)
    return off_circle(found), told(found)


@claim("", "the same dot in a strip of period 10, rtol = 2e-6: the engine of circles (over j₀)",
       "green", 1e-6, speed="full")
def dot_in_a_strip():
    strip = dd.Strip(lambda x, y: dot(x, y - 5), 10.0)
    found = dd.current_map(dd.Problem(strip), RADII, [5.0], rtol=2e-6)
    return off_circle(found), told(found)


#: Where a dot's current is compared.
RADII = np.array([0.5, 1.0, 1.5, 2.0])


def dot(x: NDArray, y: NDArray) -> NDArray:
    """A Gaussian dot at the origin."""
    return -0.5 * np.exp(-(x**2 + y**2) / 2)


def off_circle(found: dd.CurrentMap) -> float:
    """The largest difference from the current around a single dot, to the right of it, over j₀."""
    alone = dd.Problem(dd.GaussianDot(-0.5, np.sqrt(2)))
    j = dd.current_density(alone, RADII, rtol=1e-8).j_y
    return float(np.max(np.abs(found.j_y[:, 0] - j))) / found.problem.current_scale


def told(found: dd.CurrentMap) -> str:
    """What a map says of itself."""
    error = np.max(found.error) / found.problem.current_scale
    return f"claimed {error:.1e} of j₀, {found.status}"


@claim("15", "two dimensions: M^ε is -(e/2h) in the gap and 0 in the bands: j^ε runs on the "
       "lines of stopping points (largest change of the difference over that of M^ε, slope Δ²/4)",
       "green", 0.03)
def stopping_points():
    length, width = 36.0, 0.5
    cell = dd.Cell.wave(1.5, (1, 0), (length, 2.0))
    x = np.linspace(0, length, 49)
    found = dd.energy_resolved_map(dd.Problem(cell), x, [0.0], 0.0, width=width, rtol=3e-3)
    s = -cell(x, 0.0)
    law = -(np.arctan((1 - s) / width) + np.arctan((1 + s) / width)) / np.pi * E_OVER_2H
    return float(np.ptp(found.M[:, 0] - law) / np.ptp(law))


@claim("43, 44, 45", "two dimensions: carriers of a slightly filled band add M = n/2Δ, U(x, y) "
       "as it may be (charge and current maps, largest difference over the largest change)",
       "green", 0.1)
def slightly_filled():
    cell = dd.disorder(0.08, 3.0, (9.0, 8.0), seed=4)
    x, y = np.linspace(0, 9, 10), np.linspace(0, 8, 9)
    filled = dd.Problem(cell, 1.0, 1.05, 0.04)
    empty = replace(filled, fermi_energy=0.0)
    scale = np.ptp(dd.smooth_current(filled, x, y).M)
    rtol = 0.02 * scale / filled.current_scale
    M = [dd.current_map(p, x, y, rtol=min(max(rtol, 1e-4), 1e-2)).M for p in (filled, empty)]
    n = [np.asarray(dd.charge_map(p, x, y, rtol=1e-4)) for p in (filled, empty)]
    dM, dn = M[0] - M[1], (n[0] - n[1]) / 2
    apart = (dM - np.mean(dM)) - (dn - np.mean(dn))
    return float(np.max(np.abs(apart)) / np.ptp(dn))


@claim("45", "two dimensions: j = (e/2h) n_z × ∇c(ε_F - U), the sea with it, in the smooth limit: "
       "the difference at T = 0.4Δ, over the largest |j|, falls faster than 1/l (at l = 5 over "
       "l = 2.5)", "green", 0.5)
def smooth_sea():
    apart = []
    for length in (2.5, 5.0):
        side = 3 * length
        x = np.linspace(0, side, 13)
        problem = dd.Problem(dd.disorder(1.0, length, (side, side), seed=3), 1.0, 0.2, 0.4)
        found, law = dd.current_map(problem, x, x, rtol=3e-3), dd.smooth_current(problem, x, x)
        off = np.hypot(found.j_x - law.j_x, found.j_y - law.j_y)
        apart.append(float(np.max(off) / np.max(found.magnitude)))
    return apart[1] / apart[0], f"differences {apart[0]:.1e} and {apart[1]:.1e}"


@claim("45", "conclusion: puddles of electrons and holes; the current between them is denser than "
       "the current inside (mean |j| inside over outside, rms 1.1Δ, T = 0.15Δ)", "green", 0.5)
def puddles():
    cell = dd.disorder(1.1, 1.6, (8.0, 8.0), seed=5)
    x = np.arange(32) / 4.0
    problem = dd.Problem(cell, 1.0, 0.0, 0.15)
    found, law = dd.current_map(problem, x, x, rtol=3e-2), dd.smooth_current(problem, x, x)
    inside = np.abs(cell(x[:, None], x)) > 1.0
    size, smooth = found.magnitude, np.hypot(law.j_x, law.j_y)
    return float(np.mean(size[inside]) / np.mean(size[~inside])), (
        f"area of puddles {np.mean(inside):.0%}, {np.sum(size[inside]) / np.sum(size):.0%} of ∫|j| "
        f"in them (smooth law {np.sum(smooth[inside]) / np.sum(smooth):.0%}), error "
        f"{np.max(found.error) / np.max(size):.0e} of the largest |j|")


@claim("", "linear response of a random cell: M_q = (e/4π)(2Δ/q) arctan(q/2Δ) U_q (over j₀)",
       "green", 1e-9)
def linear_response():
    cell = dd.Cell(1e-5 * np.random.default_rng(5).standard_normal((3, 3)), (5.0, 4.0))
    problem, x, y = dd.Problem(cell), np.linspace(0, 5, 4), np.linspace(0, 4, 3)
    q_x, q_y = cell.waves
    M = cell.coefficients * dd.exact.plane_response(np.hypot(q_x[:, None], q_y), 1.0)
    phase = [np.exp(1j * np.multiply.outer(v, q)) for v, q in ((x, q_x), (y, q_y))]
    expected = np.real(phase[0] @ (1j * q_y * M) @ phase[1].T)
    found = dd.current_map(problem, x, y, rtol=1e-6)
    return float(np.max(np.abs(found.j_x - expected))) / problem.current_scale


@claim("", "a strip U = 0.8 e^{-x²/1.28} cos(2πy/4): j_x(0, 1) and j_y(1, 0) of two sketches by "
       "other means, good to 2e-6", "green", 4e-6, speed="full")
def two_sketches():
    strip = dd.Strip(lambda x, y: 0.8 * np.exp(-(x**2) / 1.28) * np.cos(np.pi * y / 2), 4.0)
    found = dd.current_map(dd.Problem(strip), [0.0, 1.0], [0.0, 1.0], rtol=3e-5)
    return float(max(abs(found.j_x[0, 1] + 0.078923), abs(found.j_y[1, 0] - 0.0346495)))


def of_both_engines(
    problem: dd.Problem, x: NDArray, y: NDArray, green: float, states: float
) -> tuple[float, float, float]:
    """Largest difference of j and of M over both errors, for these rtol; and of j over j₀."""
    a, b = (dd.current_map(problem, x, y, engine, rtol)
            for engine, rtol in (("states", states), ("green", green)))
    apart = np.maximum(np.abs(a.j_x - b.j_x), np.abs(a.j_y - b.j_y))
    return (float(np.max(apart / (a.error + b.error))),
            float(np.max(np.abs(a.M - b.M) / (a.M_error + b.M_error))),
            float(np.max(apart)) / problem.current_scale)


def worst(found: list[tuple[float, float, float]]) -> tuple[float, str]:
    """Of several problems: the largest differences over the errors, and over j₀."""
    in_j, in_M, of_scale = np.max(found, axis=0)
    return float(max(in_j, in_M)), f"differences up to {of_scale:.1e} of j₀"


@claim("", "random cells, T > 0.05Δ: the engines differ, in j and M, by no more than both errors "
       "(over them)", "both", 1.0)
def both_engines():
    found, x = [], np.linspace(0, 4, 7)
    with warnings.catch_warnings():
        warnings.simplefilter("error", dd.AccuracyWarning)
        for seed, energy, T in ((1, 0.0, 0.3), (2, 1.4, 0.15), (3, -0.6, 0.06)):
            problem = dd.Problem(dd.disorder(0.8, 1.0, (4.0, 5.0), seed), 1.0, energy, T)
            found.append(of_both_engines(problem, x, x, 1e-3, 1e-3))
    return worst(found)


def random_cell(seed: int) -> dd.Problem:
    """Disorder about ε_F in the gap or in a band, in a cell of some lengths ħv/Δ; Δ = ±1."""
    rng = np.random.default_rng([seed, 30])
    lengths, T = tuple(rng.uniform(3, 6, 2)), 0.02 * 15 ** rng.uniform()
    energy, mass = rng.uniform(-1.8, 1.8), rng.choice([-1.0, 1.0])
    cell = dd.disorder(rng.uniform(0.3, 1.2), rng.uniform(0.7, 1.3), lengths, seed)
    return dd.Problem(cell, mass, energy, T)


@claim("", "thirty random cells, T from 0.02Δ to 0.3Δ, rtol = 1e-4 of both, which both reach: the "
       "engines differ, in j and M, by no more than both errors (over them)", "both", 1.0,
       speed="full")
def both_engines_of_thirty_cells():
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", dd.AccuracyWarning)
        for problem in map(random_cell, range(30)):
            x, y = (np.linspace(0, length, n) for length, n in
                    zip(problem.potential.lengths, (6, 5), strict=True))
            found.append(of_both_engines(problem, x, y, 1e-4, 1e-4))
    return worst(found)


#: Of random strips between leads at ∓V/2, and of the last at ∓3Δ/2.
FIVE = ("insulating", "electrons on the left", "holes on the right", "metallic", "metal-metal")


def random_strip(seed: int) -> dd.Problem:
    """A rough step with three ripples, regime by regime as seeds follow each other; Δ = ±1."""
    rng = np.random.default_rng(seed)
    regime, period, V = FIVE[seed % 5], rng.uniform(3, 8), rng.uniform(0.3, 0.9)
    T, width = 0.02 * 15 ** rng.uniform(), rng.uniform(0.6, 1.5)
    a, phase, at = rng.uniform(-0.4, 0.4, 3), rng.uniform(0, 2 * np.pi, 3), rng.uniform(-1, 1, 3)
    s, n = rng.uniform(0.7, 1.4, 3), rng.integers(1, 4 if period > 5 else 2, 3)
    half = 1.5 if regime == "metal-metal" else V / 2
    energy = {"insulating": 0.0, "electrons on the left": 1.0, "holes on the right": -1.0,
              "metallic": 1 + V / 2 + rng.uniform(0.1, 0.5),
              "metal-metal": rng.uniform(-0.2, 0.2)}[regime]

    def U(x: NDArray, y: NDArray) -> NDArray:
        ripples = (size * np.exp(-(((x - x0) / w) ** 2)) * np.cos(2 * np.pi * m * y / period + p)
                   for size, p, x0, w, m in zip(a, phase, at, s, n, strict=True))
        return half * np.tanh(x / width) + sum(ripples)

    return dd.Problem(dd.Strip(U, period, -half, half), rng.choice([-1.0, 1.0]), energy, T)


@claim("", "twelve random strips U(x, y) between leads, of all regimes of Eq. (12), T from 0.02Δ "
       "to 0.3Δ, rtol = 1e-3 of \"states\": the engines differ, in j and M, by no more than both "
       "errors (over them)", "both", 1.0, speed="full")
def both_engines_of_strips():
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dd.AccuracyWarning)
        for problem in map(random_strip, range(12)):
            y = problem.potential.period * np.array([0, 0.2, 0.45, 0.7])
            found.append(of_both_engines(problem, np.linspace(-2.5, 2.5, 6), y, 1e-4, 1e-3))
    return worst(found)


@claim("12", "two dimensions: J_y of the rough strip by the lattice with leads, T = 0.1Δ, the five "
       "regimes and electrons beside holes (leads at ±3Δ/2), rtol = 1e-3: the sum over states, "
       "extrapolated (over (e/2h)Δ)", "states", 1e-5, speed="full")
def rough_strip_by_states():
    found = []
    for height, energy in [*((0.5, energy) for energy in REGIMES), (1.5, 0.2)]:
        strip = dd.Strip(lambda x, y, a=height - 0.5: rough(x, y) + a * np.tanh(x), 2.0,
                         -height, height)
        made = dd.current_map(dd.Problem(strip, 1.0, energy, 0.1), [-2.0, 0.0, 2.0], [0.0],
                              "states", 1e-3)
        found.append(abs(made.details["missed_of_J_y"]) / E_OVER_2H)
    return max(found), ", ".join(f"{f:.1e}" for f in found)


#: A dot of opposite mass on a hill of U, both smooth and small enough for a cell of this side.
DOT_OF_MASS, HILL = dd.SmoothDisc(-1.6, 2.0, 0.9, outside=1.0), dd.GaussianDot(-0.5, 1.8)
SIDE = 11.0
FROM_CENTRE = np.array([0.5, 1.0, 2.0, 3.0])


def around_origin(circle: dd.GaussianDot | dd.SmoothDisc) -> dd.Cell:
    """A circle about the origin, in a cell."""
    def field(x: NDArray, y: NDArray) -> NDArray:
        x, y = ((z + SIDE / 2) % SIDE - SIDE / 2 for z in np.broadcast_arrays(x, y))
        return circle(np.hypot(x, y))
    with warnings.catch_warnings():
        # What remains of both at the edge of the cell is e^-9.
        warnings.simplefilter("ignore", SamplingWarning)
        return dd.Cell.from_function(field, (SIDE, SIDE), (48, 48))


@claim("", "a disc of opposite mass (Δ to -0.6Δ) on a hill of U, ε_F = 0.2Δ, T = 0.1Δ, in a cell "
       "of 11 x 11, rtol = 3e-4: the engine of circles, Δ(r) (over j₀)", "green", 1e-4,
       speed="full")
def disc_of_opposite_mass():
    alone = dd.Problem(HILL, DOT_OF_MASS, 0.2, 0.1)
    problem = dd.Problem(around_origin(HILL), around_origin(DOT_OF_MASS), 0.2, 0.1)
    found = dd.current_map(problem, FROM_CENTRE, [0.0], rtol=3e-4)
    j = dd.current_density(alone, FROM_CENTRE, rtol=1e-7).j_phi
    off = np.abs(found.j_y[:, 0] - j)
    return float(np.max(off)) / problem.current_scale, (
        f"{told(found)}, {np.max(off / found.error[:, 0]):.2f} of it")


@claim("", "the same disc in a strip of period 11, whose leads have Δ, rtol = 1e-3: the engine of "
       "circles (over j₀)", "green", 3e-4, speed="full")
def disc_of_opposite_mass_in_a_strip():
    def around(circle: dd.GaussianDot | dd.SmoothDisc) -> dd.Strip:
        def field(x: NDArray, y: NDArray) -> NDArray:
            return circle(np.hypot(x, (y + SIDE / 2) % SIDE - SIDE / 2))
        return dd.Strip(field, SIDE, circle.outside, circle.outside)

    alone = dd.Problem(HILL, DOT_OF_MASS, 0.2, 0.1)
    problem = dd.Problem(around(HILL), around(DOT_OF_MASS), 0.2, 0.1)
    found = dd.current_map(problem, FROM_CENTRE, [0.0], rtol=1e-3)
    off = np.abs(found.j_y[:, 0] - dd.current_density(alone, FROM_CENTRE, rtol=1e-7).j_phi)
    return float(np.max(off)) / problem.current_scale, told(found)


@claim("", "strips that know x alone, U a step and Δ a wall, a step of one sign, a step from a "
       "gapless lead, rtol = 1e-4: the engine of one dimension (over j₀)", "green", 1e-4,
       speed="full")
def lines_of_mass():
    x, found = np.array([-3.0, -1.0, -0.3, 0.4, 1.0, 2.5]), []
    for ends, masses, width, energy, T in (
        ((-0.5, 0.5), (-1.0, 1.0), 2.0, 0.3, 0.1), ((-0.2, 0.2), (0.6, 1.0), 2.0, 0.1, 0.0),
        ((-0.5, 0.5), (0.0, 1.0), 1.0, 0.1, 0.2),
    ):
        U, mass = dd.TanhStep(*ends, 1.0), dd.TanhStep(*masses, width)
        strip = dd.Strip(lambda x, y, U=U: U(x) + 0 * y, 2.0, *ends)
        made = dd.current_map(dd.Problem(strip, mass, energy, T), x, [0.0], rtol=1e-4)
        line = dd.current_density(dd.Problem(U, mass, energy, T), x, rtol=1e-8)
        off = np.max(np.abs(made.j_y[:, 0] - line.j_y))
        found.append(float(off) / made.problem.current_scale)
    return max(found), ", ".join(f"{f:.1e}" for f in found)


@claim("12", "two dimensions: J_y of a rough domain wall, -0.8Δ to Δ, in no potential and beside a "
       "rough step, T = 0.2Δ, rtol = 3e-4: the sum over states before the leads are put in (over "
       "(e/2h)Δ)",
       "green", 1e-4, speed="full")
def rough_wall():
    wall = dd.Strip(lambda x, y: 0.1 + 0.9 * np.tanh(x - 0.3 * np.cos(np.pi * y)), 2.0, -0.8, 1.0)
    found = []
    for U, energy in ((0.0, 0.3), (dd.Strip(rough, 2.0, -0.5, 0.5), 0.9)):
        made = dd.current_map(
            dd.Problem(U, wall, energy, 0.2), [-2.0, 0.0, 2.0], [0.0], rtol=3e-4)
        found.append(abs(made.details["missed_of_J_y"]) / E_OVER_2H)
    return max(found), ", ".join(f"{f:.1e}" for f in found)


@claim("", "the charge of the same disc in a cell, rtol = 1e-3: the engine of circles (over "
       "(Δ + max|ε_F - U|)²/4π)", "green", 2e-4, speed="full")
def charge_of_a_disc_of_opposite_mass():
    alone = dd.Problem(HILL, DOT_OF_MASS, 0.2, 0.1)
    problem = dd.Problem(around_origin(HILL), around_origin(DOT_OF_MASS), 0.2, 0.1)
    found = dd.charge_map(problem, FROM_CENTRE, [0.0], rtol=1e-3)
    off = np.abs(np.asarray(found)[:, 0] - dd.charge_density(alone, FROM_CENTRE))
    scale = (problem.gap + 0.7) ** 2 / (4 * np.pi)
    return float(np.max(off)) / scale, f"{np.max(off / found.error[:, 0]):.2f} of the claimed error"


@claim("", "random cells whose mass is disordered, of either sign within a cell too, in the gap at "
       "T = 0 and in bands at T > 0.05Δ: the engines differ, in j and M, by no more than both "
       "errors (over them)", "both", 1.0)
def both_engines_of_masses():
    found, lengths, x = [], (4.0, 5.0), np.linspace(0, 4, 7)
    for seed, rms, mean, of_mass, energy, T in (
        (4, 0.3, 1.0, 0.15, 0.1, 0.0), (2, 0.8, 0.3, 0.8, 0.5, 0.15), (3, 0.0, 0.0, 1.0, 0.2, 0.1),
        (6, 0.8, -0.4, 0.5, 1.2, 0.06),
    ):
        cell = dd.disorder(rms, 1.0, lengths, seed) if rms else 0.0
        mass = mean + dd.disorder(of_mass, 1.0, lengths, 100 + seed)
        problem = dd.Problem(cell, mass, energy, T)
        with warnings.catch_warnings():
            warnings.simplefilter("error", dd.AccuracyWarning)
            found.append(of_both_engines(problem, x, x, 1e-3, 5e-3))
    return worst(found)


if __name__ == "__main__":
    sys.exit(main(__doc__))
