"""How far `dirac1d.semiclassics` is from exact scattering states: five rays, steps of any width.

At p_y ≠ 0 the closed forms hold to order w⁻² for the mean of ±p_y; what is odd is left out here.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

import dirac1d as dd
from dirac1d import semiclassics as sc

#: (ε, p_y, Δ): conduction and valence band, oblique, negative mass.
RAYS = {
    "conduction": (2.0, 0.0, 1.0),
    "valence": (-2.0, 0.0, 1.0),
    "negative mass": (2.0, 0.0, -1.0),
    "oblique": (2.0, 0.7, 1.0),
    "oblique valence": (-2.2, -0.6, 0.9),
}
#: x/w: where U' is appreciable.
T = np.linspace(-1, 1, 21)
WIDTHS = (4.0, 8.0, 16.0)


def exact(problem: dd.Problem, energy: float, p_y: float, x: NDArray) -> tuple[NDArray, ...]:
    """Density and ⟨σ_x⟩, ⟨σ_y⟩ of the mean of ±p_y, of which only the even part stays."""
    rows = []
    for p in (p_y, -p_y):
        f, g = dd.scattering_state(problem, energy, p, "left", x).psi
        rows.append((abs(f) ** 2 + abs(g) ** 2, 2 * np.real(f.conj() * g),
                     2 * np.imag(f.conj() * g)))
    rho, j_x, j_y = np.mean(rows, axis=0)
    return rho, j_x / rho, j_y / rho


def quantities(
    problem: dd.Problem, energy: float, p_y: float, x: NDArray
) -> dict[str, tuple[NDArray, NDArray]]:
    """Exact value and closed form, by name; of the even part in p_y."""
    rho, v_x, v_y = exact(problem, energy, p_y, x)
    args = problem, energy, x, p_y
    ordinary = p_y / (energy - problem.potential(x))
    transport = sc.transport_velocity_y(*args) - ordinary
    return {
        "velocity_y": (v_y, sc.velocity_y(*args) - ordinary),
        "velocity_x": (v_x, sc.velocity_x(*args)),
        "density": (rho, sc.density(*args)),
        "trajectory": (-problem.mass * v_x / 2 / (problem.mass**2 + p_y**2),
                       (sc.ray_trajectory(*args) + sc.ray_trajectory(*args[:3], -p_y)) / 2),
        "magnetization_current": (v_y * rho - transport * rho, sc.magnetization_current(*args)),
        "total": (v_y * rho, sc.transport_current_density(*args) - ordinary * sc.density(*args)
                  + sc.magnetization_current(*args)),
    }


def errors(
    potential: dd.Potential, energy: float, p_y: float, mass: float, width: float
) -> dict[str, float]:
    """Largest error by name, relative to the largest value."""
    found = quantities(dd.Problem(potential, mass), energy, p_y, T * width)
    return {k: float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for k, (a, b) in found.items()}


def smooth_errors(ray: str) -> list[dict[str, float]]:
    """Errors on the smooth step, a row for each of `WIDTHS`."""
    energy, p_y, mass = RAYS[ray]
    return [errors(dd.TanhStep(-0.3, 0.3, w), energy, p_y, mass, w) for w in WIDTHS]


def orders(rows: list[dict[str, float]], name: str) -> list[float]:
    """Powers of 1/w by which an error falls from one width to the next."""
    return [float(np.log2(a[name] / b[name])) for a, b in pairwise(rows)]


def kinked_errors() -> list[float]:
    """Errors of ⟨v_y⟩ on a linear ramp, away from its kinks, for `WIDTHS`."""
    return [errors(dd.LinearRamp(-0.3, 0.3, 2 * w), 2.0, 0.0, 1.0, 0.9 * w)["velocity_y"]
            for w in WIDTHS]


def measured_centre(problem: dd.Problem, energy: float, p_0: float, x: NDArray) -> NDArray:
    """Centre of charge in y of a Gaussian ray of states about p_0, Eq. (19): over y by Parseval."""
    spread, step = 0.02, 1e-4
    p, weight = np.polynomial.hermite.hermgauss(9)
    found = np.zeros((2, len(x)))
    for p_y, w in zip(p_0 + spread * p, weight, strict=True):
        psi, up, down = (
            dd.scattering_state(problem, energy, q, "left", x).psi for q in
            (p_y, p_y + step, p_y - step)
        )
        # ∫Ψ†yΨdy = ∫f²ψ†i∂ψ/∂p_y dp_y for a real envelope f.
        y = np.real(1j * np.sum(psi.conj() * (up - down), axis=0) / (2 * step))
        found += w * np.array([y, np.sum(abs(psi) ** 2, axis=0)])
    return found[0] / found[1]


def oblique_centres(p_y: float) -> tuple[tuple[NDArray, NDArray], tuple[NDArray, NDArray]]:
    """Of rays about ±p_y: half sums, and half differences from the first point on.

    Each as measured and as `semiclassics.ray_trajectory` has it: the anomalous shift, absolute, and
    the classical path, up to its arbitrary start.
    """
    x, problem = np.linspace(-20, 20, 9), dd.Problem(dd.TanhStep(-0.4, 0.4, 8.0))
    a, b = (measured_centre(problem, 2.0, p, x) for p in (p_y, -p_y))
    up, down = (sc.ray_trajectory(problem, 2.0, x, p) for p in (p_y, -p_y))
    odd, path = (a - b) / 2, (up - down) / 2
    return ((a + b) / 2, (up + down) / 2), (odd - odd[0], path - path[0])
