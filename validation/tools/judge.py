"""What each kind of result claims, and what is true: the studies of the certificate.

Every study draws a problem by a seed and returns claimed values with their errors beside true ones,
which come from a closed form, from the independent `reference`, or from the same engine run far
tighter with other panels, another contour scale and another quadrature order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from draws import (
    Drawn,
    ends_of_integrals,
    hostile_problem,
    random_circle,
    random_cosine,
    random_lead_edge,
    random_map,
    random_mosaic,
    random_problem,
    random_ring,
    random_sharp,
    random_wall,
)
from numpy.typing import NDArray
from reference import Asked, charge, momentum_resolved, piecewise_constant
from study import (
    TIGHTER,
    TOO_SLOW,
    Study,
    by_reference,
    other_settings,
    solve,
    timed,
    words,
)

import dirac1d as dd
from dirac1d import Problem, geometry
from dirac1d.dirac import E_OVER_2H
from dirac1d.green.planar import MAP_SETTINGS, current_map
from dirac1d.green.settings import Settings

#: Part of the cosines that the reference looks at without suspicion.
LOOKED_AT = 0.1
#: Part of the circles that are judged by the other engine.
BY_STATES = 0.5
#: Positions or integrals at which the more expensive kinds are judged.
FEW = 6
#: Parts of the walls of which the current, integrals and spectra are judged.
WALL_RESULTS = 0.5, 0.25, 0.25
#: Maps may take so many times as long as other problems.
SLOW_MAPS = 4.0


def current_study(
    rng: np.random.Generator, drawn: tuple[Problem, NDArray, float], alone: bool = False
) -> Study:
    """j_y(x) of a step or a cosine against a tighter run, and the reference where that is exact.

    `alone`: against the reference only.
    """
    problem, x, rtol = drawn
    claimed, seconds, _ = timed(lambda: solve(problem, x, Settings.of(rtol)), TOO_SLOW[0])
    study = Study(
        words(problem), rtol, problem.current_scale, claimed.j_y, claimed.error, claimed.converged,
        np.full(len(x), np.nan), np.full(len(x), np.inf), seconds=seconds,
    )
    if not alone:
        true, study.reference_seconds, _ = timed(
            lambda: solve(problem, x, other_settings(rtol, seconds)), TOO_SLOW[1])
        study.truth, study.truth_error = true.j_y.copy(), true.error.copy()
        study.reference_converged = true.converged
    exact = not problem.periodic and piecewise_constant(problem)
    if exact or study.suspected or (problem.periodic and rng.random() < LOOKED_AT):
        # Exact slices: all points at once; else the worst one.
        at = np.arange(len(x))
        if not exact:
            at = at[[np.nanargmax(study.difference / study.error)]]
        by_reference(study, problem, [Asked(float(v), float(v)) for v in x[at]], at)
    return study


def step(rng: np.random.Generator, hostile: bool) -> Study:
    """j_y(x) of a step."""
    drawn = hostile_problem(rng) if hostile else random_problem(rng)
    return current_study(rng, drawn)


def cosine(rng: np.random.Generator, hostile: bool) -> Study:
    """j_y(x) of a cosine."""
    return current_study(rng, random_cosine(rng))


def integral(rng: np.random.Generator, hostile: bool) -> Study:
    """∫ j_y dx between any two points, of sharp steps (exact) or of any step."""
    if hostile or rng.random() < 0.4:
        problem, _, _ = hostile_problem(rng) if hostile else random_problem(rng)
    else:
        problem = random_sharp(rng)
    return integral_study(rng, problem, 10 ** rng.uniform(-8, -2))


def tail(rng: np.random.Generator, hostile: bool) -> Study:
    """∫ j_y dx over all that lies beyond the positions asked for, ε_F beside a lead's band edge."""
    problem, x, rtol = random_lead_edge(rng)
    pairs = np.array([(-np.inf, x[0]), (x[-1], np.inf)])
    return integral_study(rng, problem, rtol, ends=(pairs, x))


def integral_study(
    rng: np.random.Generator, problem: Problem, rtol: float, alone: bool = False,
    ends: tuple[NDArray, NDArray] | None = None,
) -> Study:
    """∫ j_y dx between some points, against a tighter run, the reference, or the closed form.

    `alone`: without the tighter run. `ends`: pairs of points and the profile's positions, else any.
    """
    length = 1 / problem.gap
    pairs, x = _anywhere(rng, problem, length) if ends is None else ends

    def integrals(settings: Settings) -> tuple[NDArray, bool]:
        profile = solve(problem, x, settings)
        return np.array([[*profile.integral(a, b)] for a, b in pairs]), profile.converged

    (claimed, converged), seconds, _ = timed(lambda: integrals(Settings.of(rtol)), TOO_SLOW[0])
    study = Study(
        f"integrals, {words(problem)}", rtol, problem.current_scale * length, *claimed.T,
        converged, np.full(len(pairs), np.nan), np.full(len(pairs), np.inf), seconds=seconds,
    )
    if not alone:
        tighter = other_settings(rtol, seconds)
        (true, study.reference_converged), study.reference_seconds, _ = timed(
            lambda: integrals(tighter), TOO_SLOW[1])
        study.truth, study.truth_error = true.T.copy()
    if not problem.periodic and piecewise_constant(problem):
        by_reference(study, problem, [Asked(a, b) for a, b in pairs], np.arange(len(pairs)))
    elif study.suspected:
        worst = np.array([int(np.argmax(study.difference / study.error))])
        by_reference(study, problem, [Asked(*pairs[worst[0]])], worst)
    whole = np.all(np.isinf(pairs), axis=1)
    if np.any(whole):
        study.truth[whole], study.truth_error[whole] = dd.total_current(problem), 1e-15
    return study


def _anywhere(
    rng: np.random.Generator, problem: Problem, length: float
) -> tuple[NDArray, NDArray]:
    """Ends of integrals, and positions of a profile that know nothing of where those are."""
    if problem.periodic:
        pairs = np.sort(problem.potential.period * rng.uniform(0, 1, size=(FEW, 2)), axis=1)
    else:
        pairs = ends_of_integrals(rng, problem, FEW)
    finite = pairs[np.isfinite(pairs)]
    lo, hi = np.min(finite, initial=0.0) - length, np.max(finite, initial=0.0) + length
    return pairs, np.sort(np.concatenate(([lo, hi], rng.uniform(lo, hi, size=FEW))))


def spectral(rng: np.random.Generator, hostile: bool) -> Study:
    """j^ε, charge, density of states, j(p_y): what is claimed of bare arrays is rtol · scale."""
    problem, x, _ = random_problem(rng)
    if rng.random() < 0.3:
        problem = random_sharp(rng)
        places = rng.choice(problem.potential.breakpoints, size=FEW)
        x = np.unique(places + rng.normal(size=FEW) / abs(problem.mass))
    return spectral_study(rng, problem, x, 10 ** rng.uniform(-6, -2))


def spectral_study(rng: np.random.Generator, problem: Problem, x: NDArray, rtol: float) -> Study:
    """One of the spectra, against a tighter run or the reference."""
    gap, x = problem.gap, np.unique(x[:: max(1, len(x) // FEW)])
    what = str(rng.choice(list(SPECTRAL)))
    U = np.array([problem.U_L, problem.U_R])
    E = float(rng.uniform(U.min() - 3 * gap, U.max() + 3 * gap))
    p = float(gap * rng.exponential())
    ask, scale = SPECTRAL[what]
    size = scale(problem, E)
    claimed, seconds, converged = timed(lambda: ask(problem, x, E, p, rtol), TOO_SLOW[0])
    tight = max(TIGHTER * rtol, 1e-10)
    true, more, reference = timed(lambda: ask(problem, x, E, p, tight), TOO_SLOW[1])
    study = Study(
        f"{what}, {words(problem)}", rtol, size, np.array(claimed, float),
        _error(claimed, rtol * size, converged), converged, np.array(true, float),
        _error(true, tight * size, reference), reference, False, hasattr(claimed, "error"),
        seconds, more,
    )
    if what == "momentum_resolved_current" and problem.temperature == 0 and not problem.periodic \
            and piecewise_constant(problem):
        study.truth, study.truth_error = momentum_resolved(problem, x, p, 0.1 * rtol * size)
        study.independent = True
    if what == "charge_density" and problem.temperature == 0 and problem.mass_profile is not None \
            and piecewise_constant(problem):
        study.truth, study.truth_error = charge(problem, x, 0.1 * rtol * size)
        study.independent = True
    return study


def _error(claimed: Any, allowed: float, converged: bool) -> NDArray:
    """The error that comes with a result, if one does; none is claimed of a missed rtol."""
    own = getattr(claimed, "error", None)
    if own is not None:
        return np.array(own, float)
    return np.full(np.shape(claimed), allowed if converged else np.inf)


def _reach(problem: Problem, E: float) -> float:
    ends = np.array([problem.U_L, problem.U_R])
    return problem.gap + float(np.max(np.abs(E - ends)))


#: What is asked of (problem, x, E, p_y, rtol), and the scale of its rtol.
SPECTRAL: dict[str, tuple[Callable[..., NDArray], Callable[[Problem, float], float]]] = {
    "energy_resolved_current": (
        lambda problem, x, E, p, rtol: dd.energy_resolved_current(problem, x, E, rtol=rtol),
        lambda problem, E: problem.current_scale / problem.gap,
    ),
    "local_density_of_states": (
        lambda problem, x, E, p, rtol: dd.local_density_of_states(problem, x, E, rtol=rtol),
        lambda problem, E: _reach(problem, E) / (2 * np.pi),
    ),
    "charge_density": (
        lambda problem, x, E, p, rtol: dd.charge_density(problem, x, rtol=rtol),
        lambda problem, E: _reach(problem, problem.fermi_energy) ** 2 / (4 * np.pi),
    ),
    "momentum_resolved_current": (
        lambda problem, x, E, p, rtol: dd.momentum_resolved_current(problem, x, p, rtol=rtol),
        lambda problem, E: problem.current_scale / problem.gap,
    ),
}


def hall(rng: np.random.Generator, hostile: bool) -> Study:
    """σ(q) measured in real space against the closed form, gap and metal, also beside 2k_F."""
    mass = 10 ** rng.uniform(-1, 1) * rng.choice([-1, 1])
    gap, rtol = abs(mass), 10 ** rng.uniform(-9, -5)
    energies = rng.uniform(0, 0.99), rng.uniform(1.01, 3), 1 + 10 ** rng.uniform(-6, -1)
    E = gap * float(rng.choice(energies))
    two_k_F = 2 * np.sqrt(max(E - gap, 0) * (E + gap))
    q = gap * 10 ** rng.uniform(-1, 1)
    if two_k_F > 0 and rng.random() < 0.5:
        q = two_k_F * (1 + rng.choice([-1, 1]) * 10 ** rng.uniform(-5, -0.5))
    found, seconds, converged = timed(lambda: dd.hall_response(q, mass, E, rtol=rtol), 60.0)
    truth = float(geometry.dirac_hall_conductivity(q, mass, E))
    return Study(
        f"hall_response({q!r}, {mass!r}, {E!r})", rtol, 1 / (4 * np.pi), np.array([found.value]),
        np.array([found.error]), converged, np.array([truth]), np.array([1e-16]),
        independent=True, seconds=seconds,
    )


def lattice(a: float, derivatives: str) -> Callable[[float], geometry.TwoBandModel]:
    """Qi–Wu–Zhang of mass m as a stranger writes it: callables, lattice constant a."""

    def model(m: float) -> geometry.TwoBandModel:
        return geometry.TwoBandModel(
            f"callables, a = {a:g}", lambda kx, ky: 0 * kx,
            lambda kx, ky: np.stack(
                [np.sin(a * kx), np.sin(a * ky), m + np.cos(a * kx) + np.cos(a * ky)]
            ),
            lattice=a * np.eye(2), derivatives=derivatives,
        )

    return model


def band_geometry(rng: np.random.Generator, hostile: bool) -> Study:
    """σ⁽⁰⁾, σ⁽²⁾/a² and σ(q) of a lattice of any size against the one with a = 1 and known jets."""
    a = float(rng.choice([10 ** rng.uniform(-0.7, 0.7), 10 ** rng.uniform(-10, 3)]))
    derivatives = str(rng.choice(["cauchy", "differences"]))
    m = float(rng.choice([-1, 1]) * rng.uniform(0.3, 1.7))
    q = float(rng.uniform(0.1, 1.5))
    exact = geometry.qi_wu_zhang(m)

    def ask(model: geometry.TwoBandModel, a: float) -> NDArray:
        two = geometry.hall_conductivity_q2(model)
        kubo = geometry.kubo_hall_conductivity(model, q / a)
        return np.array([
            [*geometry.hall_conductivity_0(model)], [kubo.value, kubo.error],
            [two.value / a**2, two.error / a**2],
        ])

    what = f"geometry m={m:.6g} a={a:.6g} {derivatives}"
    true = ask(exact, 1.0)
    try:
        found, seconds, _ = timed(lambda: ask(lattice(a, derivatives)(m), a), TOO_SLOW[0])
    except ValueError as refusal:
        # Refused in words: nothing is claimed.
        nothing = np.zeros(3)
        return Study(f"{what}: refused, {refusal}"[:150], 0.0, 1.0, nothing, nothing + np.inf,
                     False, nothing, nothing)
    return Study(
        what, 0.0, 1 / (2 * np.pi), *found.T, True, true[:, 0],
        true[:, 1] + 1e-15, independent=True, seconds=seconds,
    )


def states(rng: np.random.Generator, hostile: bool) -> Study:
    """The lattice engine at loose tolerances, in the gap or warm, against the other engine."""
    mass, V = 10 ** rng.uniform(-0.5, 0.5) * rng.choice([-1, 1]), rng.uniform(0.2, 0.8)
    gap = abs(mass)
    left, right = rng.choice([-1, 1]) * V * gap * np.array([-0.5, 0.5])
    warm = rng.random() < 0.5
    E = gap * rng.uniform(-2, 2) if warm else gap * rng.uniform(-0.4, 0.4)
    T = gap * 10 ** rng.uniform(-1, 0) if warm else 0.0
    U = dd.TanhStep(left, right, 10 ** rng.uniform(-0.5, 0.5) / gap)
    problem, rtol = Problem(U, mass, E, T), 10 ** rng.uniform(-3, -1.5)
    x = np.sort(rng.uniform(-4, 4, size=FEW)) / gap
    claimed, seconds, _ = timed(
        lambda: dd.current_density(problem, x, "states", rtol), 2 * TOO_SLOW[0]
    )
    true, more, _ = timed(lambda: dd.current_density(problem, x, rtol=1e-8), TOO_SLOW[1])
    return Study(
        f"states, {words(problem)}", rtol, problem.current_scale, claimed.j_y, claimed.error,
        claimed.converged, true.j_y, true.error, True, True, seconds=seconds,
        reference_seconds=more,
    )


def circle(rng: np.random.Generator, hostile: bool) -> Study:
    """j_φ(r) of a circle against the sum over eigenstates, or a tighter run."""
    return _around(rng, random_circle(rng))


def ring(rng: np.random.Generator, hostile: bool) -> Study:
    """The same where the mass varies."""
    return _around(rng, random_ring(rng))


def _around(rng: np.random.Generator, drawn: Drawn) -> Study:
    problem, r, rtol = drawn
    claimed, seconds, _ = timed(lambda: solve(problem, r, Settings.of(rtol)), TOO_SLOW[0])
    by_states = rng.random() < BY_STATES

    def again() -> dd.RadialProfile:
        if by_states:
            found = dd.current_density(problem, r, "states", 1e-4, within=0.4 * TOO_SLOW[1])
            if found.converged:
                return found
        return solve(problem, r, other_settings(rtol, seconds))

    true, more, _ = timed(again, TOO_SLOW[1])
    study = Study(
        words(problem), rtol, problem.current_scale, claimed.j_phi, claimed.error,
        claimed.converged, true.j_phi, true.error, true.converged, seconds=seconds,
        independent=true.engine == "states", reference_seconds=more,
    )
    if study.suspected and not np.any(study.difference > study.error + study.truth_error):
        # The eigenstates are not precise enough to tell: a tighter run is.
        true, more, _ = timed(
            lambda: solve(problem, r, other_settings(rtol, seconds)), TOO_SLOW[1]
        )
        study = replace(
            study, truth=true.j_phi, truth_error=true.error, independent=False,
            reference_converged=true.converged, reference_seconds=study.reference_seconds + more,
        )
    return study


def plane_map(rng: np.random.Generator, hostile: bool) -> Study:
    """j_x, j_y and |Δ|M of a map against the other engine, or a tighter run at other steps."""
    return _map_study(rng, random_map(rng), 0.1)


def mosaic(rng: np.random.Generator, hostile: bool) -> Study:
    """The same where the mass varies; what knows x alone is judged by the engine of lines."""
    return _map_study(rng, random_mosaic(rng), 0.3)


def _map_study(rng: np.random.Generator, drawn: Drawn, tighter: float) -> Study:
    problem, x, rtol = drawn
    y = np.sort(rng.uniform(0, problem.potential.period, size=3))
    claimed, seconds, _ = timed(
        lambda: dd.current_map(problem, x, y, rtol=rtol), SLOW_MAPS * TOO_SLOW[0])
    # Of strips the lattice takes those that are warm and have one mass.
    lattice = not hasattr(problem.potential, "leads") or (
        problem.temperature > 0 and problem.mass_profile is None)
    by_states = lattice and rng.random() < BY_STATES
    line = None if problem.mass_profile is None else _line_of(problem)

    def again() -> dd.CurrentMap | tuple[NDArray, NDArray]:
        if line is not None:
            return _of_line(line, x, y, 1e-3 * rtol)
        if by_states:
            found = dd.current_map(problem, x, y, "states", max(tighter * rtol, 1e-5))
            if found.converged:
                return found
        other = replace(MAP_SETTINGS, step=0.29, growth=1.3, spacing=2.0, margin=1.7)
        return current_map(problem, x, y, rtol=tighter * rtol, settings=other)

    true, more, _ = timed(again, SLOW_MAPS * TOO_SLOW[1])

    def flat(found: dd.CurrentMap | tuple[NDArray, NDArray]) -> tuple[NDArray, NDArray]:
        if isinstance(found, tuple):
            return found
        gap = problem.gap
        return (np.ravel([found.j_x, found.j_y, gap * found.M]),
                np.ravel([found.error, found.error, gap * found.M_error]))

    return Study(
        words(problem), rtol, problem.current_scale, *flat(claimed), claimed.converged,
        *flat(true), line is not None or true.converged,
        independent=line is not None or true.engine == "states", seconds=seconds,
        reference_seconds=more,
    )


def _line_of(problem: Problem) -> Problem | None:
    """The problem of one dimension that a strip of x alone is."""
    shapes = problem.potential, problem.mass_profile
    y = problem.potential.period * np.array([0.0, 0.23, 0.61])
    if not hasattr(problem.potential, "leads") or any(
        np.ptp(shape(np.linspace(*shape.reach, 99)[:, None], y), axis=1).max() > 1e-12
        for shape in shapes
    ):
        return None
    return replace(problem, **{
        name: dd.FunctionPotential(lambda x, shape=shape: shape(x, 0 * x), *shape.leads)
        for name, shape in zip(("potential", "mass"), shapes, strict=True)})


def _of_line(line: Problem, x: NDArray, y: NDArray, rtol: float) -> tuple[NDArray, NDArray]:
    """j_x, j_y and |Δ|M of it, and their errors, as of a map."""
    found = dd.current_density(line, x, rtol=max(rtol, 1e-9))
    until = np.array([[*found.integral(-np.inf, float(v))] for v in x])
    M = -E_OVER_2H * dd.exact.capped_energy(
        line.fermi_energy - line.U_L, line.mass_left, line.temperature) - until[:, 0]
    rows = [0 * M, found.j_y, line.gap * M, 0 * M, found.error, line.gap * until[:, 1]]
    values = np.repeat(np.array(rows)[:, :, None], len(y), axis=2)
    return values[:3].ravel(), values[3:].ravel()


def wall(rng: np.random.Generator, hostile: bool) -> Study:
    """A mass that varies: j_y(x), its integrals, or its spectra.

    By the reference alone where U and Δ have jumps only, by the other engine for some others.
    """
    problem, x, rtol = random_wall(rng)
    what = str(rng.choice(["current", "integral", "spectral"], p=WALL_RESULTS))
    by_states, seed = rng.random() < BY_STATES, int(rng.integers(2**32))

    def ask(alone: bool) -> Study:
        again = np.random.default_rng(seed)
        if what == "spectral":
            return spectral_study(again, problem, x, rtol)
        if what == "integral":
            return integral_study(again, problem, rtol, alone)
        return current_study(again, (problem, x, rtol), alone)

    study = ask(piecewise_constant(problem))
    if not np.any(np.isfinite(study.truth)):  # nodes ran out
        study = ask(False)
    if by_states and what == "current" and not study.independent:
        _by_lattice(study, problem, x)
    return study


def _by_lattice(study: Study, problem: Problem, x: NDArray) -> None:
    """Put the other engine's values into a study where it is precise enough to tell."""
    try:
        found, seconds, _ = timed(
            lambda: dd.current_density(problem, x, "states", max(study.rtol / 5, 1e-4)),
            TOO_SLOW[1])
    except TimeoutError:
        return
    good = found.error < study.error
    study.reference_seconds += seconds
    study.truth[good], study.truth_error[good] = found.j_y[good], found.error[good]
    study.independent = bool(np.any(good))


#: Kinds of results by name, and how often problems are of each.
KINDS: dict[str, tuple[Callable[[np.random.Generator, bool], Study], int]] = {
    "step": (step, 30), "cosine": (cosine, 30), "integral": (integral, 14),
    "spectral": (spectral, 12), "hall": (hall, 4), "geometry": (band_geometry, 6),
    "states": (states, 4), "circle": (circle, 4),
    # Asked for by name: the draws of older studies stay what they were, and maps take minutes.
    "map": (plane_map, 0),
    "wall": (wall, 10),
    "ring": (ring, 0),
    "mosaic": (mosaic, 0),
    "tail": (tail, 0),
}


def kind_of(seed: int, hostile: bool) -> str:
    """The kind that a seed stands for where all are studied."""
    names = ["step", "integral"] if hostile else list(KINDS)
    weights = np.array([KINDS[name][1] for name in names], float)
    return str(np.random.default_rng([seed, 1]).choice(names, p=weights / weights.sum()))
