"""Kozii et al. (2021), Eq. (1)-(12): the rows of geometry_kozii.py, gathered by equation.

Every claim is the largest of its rows' measured errors over what each of them allows; the rows
themselves are printed by ``python validation/claims/geometry_kozii.py``.

    python validation/claims/kozii.py [--quick]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import geometry_kozii

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from report import claim, main


@cache
def rows(group: str) -> list[tuple]:
    if group == "vertices":
        return list(geometry_kozii.vertices(True))
    source: Callable[[], Iterable[tuple]] = getattr(geometry_kozii, group)
    return list(source())


def worst(group: str, *words: str) -> tuple[float, str]:
    """Largest measured/allowed over a group's rows that contain one of the words (none: all)."""
    chosen = [r for r in rows(group) if not words or any(w in r[0] for w in words)]
    if not chosen:
        return float("nan"), f"no row of {group} has {words}"
    ratios = [measured / allowed if allowed else float(measured > 0)
              for _, measured, allowed, *_ in chosen]
    largest = max(float(measured) for _, measured, *_ in chosen)
    return float(max(ratios)), f"{len(chosen)} rows, largest error {largest:.1e}"


@claim("K1", "σ(q) = σ⁽⁰⁾ + q²σ⁽²⁾ + O(q⁴): order of the rest (error over allowed)", "geometry",
       1.0, speed="full")
def expansion():
    return worst("expansion", "Eq. (1)")


@claim("K1", "σ⁽⁰⁾ = C e²/h with integer C (error over allowed)", "geometry", 1.0, speed="full",
       misprint="K-sigma0")
def quantised():
    return worst("expansion", "sigma(0)")


@claim("K1", "Chern numbers over the Haldane phase diagram", "geometry", 1.0, speed="full")
def chern():
    return worst("chern")


@claim("K2", "Eq. (2) is the q² coefficient of the Kubo formula, seven models (error over allowed)",
       "geometry", 1.0, speed="full", misprint="K2")
def equation_2():
    return worst("equation_2", "Eq. (2)")


@claim("K2", "flat bands: the gΩ term dominates (error over allowed)", "geometry", 1.0,
       speed="full")
def flat_bands():
    return worst("flat_bands")


@claim("K2", "Peierls against midpoint vertex, and a lattice in U₀cos qx (error over allowed)",
       "geometry", 1.0, speed="full")
def vertices():
    return worst("vertices")


@claim("K3", "T_ijl is fully symmetric and vanishes for the plain Dirac model (error over allowed)",
       "geometry", 1.0, speed="fast")
def symmetric():
    return worst("tensors", "T ")


@claim("K4", "Re c_ijl are the Christoffel symbols of g (error over allowed)", "geometry", 1.0,
       speed="fast")
def christoffel():
    return worst("tensors", "Eq. (4)")


@claim("K5", "Dirac: q² term (e²/24h)/Δ², arctan law, metal, sign of J_y (error over allowed)",
       "geometry", 1.0, speed="full")
def dirac():
    return worst("dirac")


@claim("K7, K8", "a packet propagated by (7) has the rates of its R, K (8) (error over allowed)",
       "geometry", 1.0, speed="full")
def propagation():
    return worst("semiclassics", "Eq. (7)")


@claim("K9, K10", "R = ∫(∂γ/∂k + A)|a|² for a chosen phase (error over allowed)", "geometry", 1.0,
       speed="full")
def position():
    return worst("semiclassics", "Eq. (9)")


@claim("K11", "equations of motion of a narrow packet, and of a filled band (error over allowed)",
       "geometry", 1.0, speed="full")
def motion():
    return worst("semiclassics", "Eq. (11)", "filled band", "total derivatives")


@claim("K12", "packet-dependent terms diverge as 1/width² with these coefficients (error over "
       "allowed)", "geometry", 1.0, speed="full")
def packet_terms():
    return worst("semiclassics", "Eq. (12)")


if __name__ == "__main__":
    sys.exit(main(__doc__))
