"""What the command line prints of a result: a readable summary, or JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from dirac1d.engines import Comparison
from dirac1d.laboratory.problems import Laboratory
from dirac1d.numerics.estimate import Estimate
from dirac1d.potentials.base import ask
from dirac1d.potentials.shapes import shape_name
from dirac1d.problem import Problem
from dirac1d.results.profile import Profile
from dirac1d.results.record import json_ready
from dirac1d.sweeps.export import closed_form


def summary(
    profiles: list[Profile], seconds: list[float], laboratory: Laboratory | None = None
) -> dict[str, Any]:
    """What ``--json`` prints."""
    def one(profile: Profile, duration: float) -> dict[str, Any]:
        found = profile.to_dict() | {"regime": profile.problem.regime, "seconds": duration}
        exact = closed_form(profile.problem)
        if exact is not None:
            total = _integral(profile)
            found |= {
                "J_y": total.value,
                "J_y_error": total.error,
                "J_y_exact": exact,
            }
        return found | ({} if laboratory is None else {"laboratory": laboratory.summary(profile)})

    results = [
        json_ready(one(p, s) | _moment(p)) for p, s in zip(profiles, seconds, strict=True)]
    if len(results) == 1:
        return results[0]
    return {p.engine: r for p, r in zip(profiles, results, strict=True)}


def _moment(profile: Any) -> dict[str, Any]:
    """Of a circle: the current through a half-line from its centre, and its magnetic moment."""
    if not profile.problem.circular:
        return {}
    half, known = profile.integral(), profile.complete
    return {
        "half_line_current": half.value, "half_line_error": half.error,
        "moment": profile.moment.value if known else None,
        "moment_error": profile.moment.error if known else None,
    }


def _integral(profile: Profile) -> Estimate:
    """J_y of the whole step where the engine knows its leads, else of the strip."""
    total = profile.total()
    return profile.integral() if total is None else total


def report(
    profiles: list[Profile], seconds: list[float], laboratory: Laboratory | None = None
) -> str:
    """The readable summary."""
    problem = profiles[0].problem
    name = shape_name(problem.potential) or type(problem.potential).__name__
    lines = [
        f"dirac1d: U {ask(problem.potential, 'summary')} ({name}), "
        f"mass {mass_words(problem)}, Fermi energy {problem.fermi_energy:g}, "
        f"temperature {problem.temperature:g}",
        f"  {'regime:':<24}{problem.regime}",
    ]
    exact = closed_form(problem)
    if exact is not None:
        lines.append(f"  {'J_y exact:':<24}{exact:+.12f}   (closed form)")
    for profile, duration in zip(profiles, seconds, strict=True):
        error = np.max(profile.error, initial=0.0)
        scale = problem.current_scale
        relative = f" = {error / scale:.1e} j0" if scale else ""
        lines += [
            f"  engine {profile.engine}",
            *_headline(profile, exact),
            f"    {f'error of {name_of(problem)}:':<22}{error:.1e}{relative}  (estimated, largest)",
            f"    {'status:':<22}{profile.status}",
            f"    {'time:':<22}{duration:.2f} s",
        ]
    if len(profiles) == 2:
        difference = np.max(np.abs(Comparison(*profiles).difference))
        allowed = np.max(profiles[0].error + profiles[1].error)
        lines.append(f"  {'largest difference:':<24}{difference:.1e}   "
                     f"(estimated errors together: {allowed:.1e})")
    if laboratory is not None:
        lines.append(laboratory.report(profiles[0]))
    return "\n".join(lines)


def _headline(profile: Profile, exact: float | None) -> list[str]:
    """J_y beside its closed form; without leads the largest j_y."""
    if not np.any(np.isfinite(profile.error)):
        return [f"    {'current:':<22}unknown"]
    if profile.problem.circular:
        found = _moment(profile)
        end = "infinity" if profile.complete else f"r = {profile.r[-1]:g}"
        lines = [f"    {'half-line current:':<22}{found['half_line_current']:+.12f}   (centre to "
                 f"{end}, estimated error {found['half_line_error']:.1e})"]
        if profile.complete:
            lines.append(f"    {'magnetic moment:':<22}{found['moment']:+.12f}   (estimated error "
                         f"{found['moment_error']:.1e})")
        return lines
    if exact is None:
        peak = profile.j_y[np.argmax(np.abs(profile.j_y))]
        return [f"    {'largest j_y:':<22}{peak:+.12f}   (of the points)"]
    total = _integral(profile)
    whole = profile.strip is not None and profile.strip.tails is not None
    where = "all x" if whole else f"{profile.x[0]:g} < x < {profile.x[-1]:g}"
    return [
        f"    {'J_y from the sum:':<22}{total.value:+.12f}   ({where})",
        f"    {'difference:':<22}{total.value - exact:+.1e}   (estimated error {total.error:.1e})",
    ]


def name_of(problem: Problem) -> str:
    """What is computed."""
    return "j_phi(r)" if problem.circular else "j_y(x)"


def total_rows(
    problems: list[Problem], totals: list[float], laboratory: Laboratory | None
) -> dict[str, list[Any]]:
    """Columns of ``dirac1d total``; in meV and nA after the dimensionless ones, with a scale."""
    columns: dict[str, list[Any]] = {
        "fermi_energy": [p.fermi_energy for p in problems],
        "J_y": [float(t) for t in totals],
        "regime": [p.regime for p in problems],
    }
    if laboratory is None:
        return columns
    scale, flavour, material = laboratory.scale, laboratory.flavour, laboratory.material
    shift = flavour.shift / scale.energy if flavour else 0.0
    energies = [p.fermi_energy + shift for p in problems]
    columns["fermi_energy_meV"] = [float(scale.to_lab(e, "energy")) for e in energies]
    if material is None:
        columns["J_y_nA"] = [float(scale.to_lab(t, "current")) for t in totals]
        return columns
    for problem in problems:
        currents = laboratory.hall_currents(problem)
        for label, value in currents.items():
            columns.setdefault(f"{label}_nA".replace(" ", "_"), []).append(value)
    return columns


def mass_words(problem: Problem) -> str:
    """Δ in a few words: a number, or where it goes and where hard walls are."""
    if problem.mass_profile is None:
        return f"{problem.mass:g}"
    walls = [f"hard wall at {w.position:g}" for w in problem.hard_walls if w is not None]
    return ", ".join([str(ask(problem.mass_profile, "summary")), *walls])


def total_table(
    problem: Problem, columns: dict[str, list[Any]], laboratory: Laboratory | None
) -> str:
    """The table of ``dirac1d total``."""
    if laboratory is None:
        lines = [
            f"# J_y/e in E0/hbar: U from {problem.U_L:g} to {problem.U_R:g}, "
            f"mass {mass_words(problem)}, temperature {problem.temperature:g}",
            f"# {'eps_F':>12} {'J_y':>16}  regime",
        ]
        rows = zip(columns["fermi_energy"], columns["J_y"], columns["regime"], strict=True)
        return "\n".join(lines + [f"{e:14.6f} {J:16.10f}  {r}" for e, J, r in rows])
    names = [n for n in columns if n.endswith(("_meV", "_nA"))]
    header = "# electric currents, e = -|e|\n#" + " ".join(f"{n:>17}" for n in names)
    rows = zip(*(columns[n] for n in names), strict=True)
    return "\n".join([header, *(" ".join(f"{v + 0.0:17.6f}" for v in row) for row in rows)])

