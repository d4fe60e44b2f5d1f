"""What the command line prints of a result: a readable summary, or JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from dirac1d.descriptions import SHAPES
from dirac1d.engines import Comparison
from dirac1d.exact import total_current
from dirac1d.potentials import SumPotential
from dirac1d.profile import Estimate, Profile


def summary(profiles: list[Profile], seconds: list[float]) -> dict[str, Any]:
    """What ``--json`` prints."""
    def one(profile: Profile, duration: float) -> dict[str, Any]:
        total = _integral(profile)
        exact = total_current(profile.problem)
        return profile.to_dict() | {
            "regime": profile.problem.regime,
            "J_y": total.value,
            "J_y_error": total.error,
            "J_y_exact": exact,
            "seconds": duration,
        }

    results = [one(p, s) for p, s in zip(profiles, seconds, strict=True)]
    if len(results) == 1:
        return results[0]
    return {p.engine: r for p, r in zip(profiles, results, strict=True)}


def _integral(profile: Profile) -> Estimate:
    """J_y of the whole step where the engine knows its leads, else of the strip."""
    if profile.strip is not None and profile.strip.tails is not None:
        return profile.integral(-np.inf, np.inf)
    return profile.integral()


def report(profiles: list[Profile], seconds: list[float]) -> str:
    """The readable summary."""
    problem = profiles[0].problem
    exact = total_current(problem)
    lines = [
        f"dirac1d: U from {problem.U_L:g} to {problem.U_R:g} ({_name(problem.potential)}), "
        f"mass {problem.mass:g}, Fermi energy {problem.fermi_energy:g}, "
        f"temperature {problem.temperature:g}",
        f"  {'regime:':<24}{problem.regime}",
        f"  {'J_y exact:':<24}{exact:+.12f}   (closed form)",
    ]
    for profile, duration in zip(profiles, seconds, strict=True):
        total = _integral(profile)
        whole = profile.strip is not None and profile.strip.tails is not None
        where = "all x" if whole else f"{profile.x[0]:g} < x < {profile.x[-1]:g}"
        error = np.max(profile.error, initial=0.0)
        scale = problem.current_scale
        relative = f" = {error / scale:.1e} j0" if scale else ""
        lines += [
            f"  engine {profile.engine}",
            f"    {'J_y from the sum:':<22}{total.value:+.12f}   ({where})",
            f"    {'difference:':<22}{total.value - exact:+.1e}   "
            f"(estimated error {total.error:.1e})",
            f"    {'error of j_y(x):':<22}{error:.1e}{relative}   (estimated, largest)",
            f"    {'status:':<22}{profile.status}",
            f"    {'time:':<22}{duration:.2f} s",
        ]
    if len(profiles) == 2:
        difference = np.max(np.abs(Comparison(*profiles).difference))
        allowed = np.max(profiles[0].error + profiles[1].error)
        lines.append(f"  {'largest difference:':<24}{difference:.1e}   "
                     f"(estimated errors together: {allowed:.1e})")
    return "\n".join(lines)


def _name(potential: Any) -> str:
    for shape, kind in SHAPES.items():
        if type(potential) is kind:
            return shape
    return "sum" if isinstance(potential, SumPotential) else "function"
