"""Speed and accuracy of the Green's function engine against its targets, in one run.

Times are CPU times of one thread, the best of a few runs, and each is also given in units of a
sketch measured beside it: the Riccati equation by 4th-order Lobatto IIIA (Hermite-Simpson) steps
in plain NumPy, 301 points, the insulating tanh step. Targets were stated for a machine on which
that sketch takes 94 ms; times are scaled to it before they are compared.

Run ``python validation/benchmarks/green_accuracy.py``; ``--quick`` skips the slow rows.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

from dirac1d import (
    ErfStep,
    GaussianBump,
    LinearRamp,
    Problem,
    SharpStep,
    TanhStep,
)
from dirac1d.exact import total_current
from dirac1d.green import current_density

SKETCH_SECONDS = 0.094


def lobatto_sketch(points: int = 301) -> float:
    """J_y of the insulating tanh step by Hermite-Simpson steps; returns its error."""
    x, h = np.linspace(-15, 15, points, retstep=True)
    c, wc = np.polynomial.legendre.leggauss(24)
    c, wc = (1 + c) / 2, wc / 2
    angle, wa = np.polynomial.legendre.leggauss(12)
    angle, wa = np.pi / 4 * (1 + angle), np.pi / 4 * wa
    R = np.sqrt(1 - c**2) / c
    E = (1j * R[:, None] * np.cos(angle)).ravel()
    p = (R[:, None] * np.sin(angle)).ravel()
    W = ((wc / c**3)[:, None] * wa).ravel()
    M = np.sqrt(1 + p**2)

    def march(U: np.ndarray, U_mid: np.ndarray) -> np.ndarray:
        """s in its stable direction, one value per point."""
        e = E - U[0]
        s = M / (e + 1j * np.sqrt(M**2 - e**2))
        out = [s]
        for k in range(len(U) - 1):
            e0, e1, em = E - U[k], E - U[k + 1], E - U_mid[k]
            f0 = -1j * (M - 2 * e0 * s + M * s**2)
            new = M / (e1 + 1j * np.sqrt(M**2 - e1**2))
            for _ in range(3):
                f1 = -1j * (M - 2 * e1 * new + M * new**2)
                d1 = 2j * (e1 - M * new)
                mid = (s + new) / 2 + h / 8 * (f0 - f1)
                fm = -1j * (M - 2 * em * mid + M * mid**2)
                dm = 2j * (em - M * mid) * (0.5 - h / 8 * d1)
                residual = new - s - h / 6 * (f0 + 4 * fm + f1)
                new = new - residual / (1 - h / 6 * (4 * dm + d1))
            s = new
            out.append(s)
        return np.array(out)

    U, middle = np.tanh(x) / 2, np.tanh((x[1:] + x[:-1]) / 2) / 2
    left, right = march(U, middle), march(U[::-1], middle[::-1])[::-1]
    trace = (right - left) / (1 - left * right)
    j = (trace.real @ (W / M)) / np.pi**2
    simpson = h / 3 * (j[0] + j[-1] + 4 * j[1::2].sum() + 2 * j[2:-1:2].sum())
    return abs(simpson + 1 / (4 * np.pi)) * 4 * np.pi


def cpu(function: Callable[[], object], repeat: int) -> float:
    """Best CPU time of a few runs."""
    best = np.inf
    for _ in range(repeat):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def row(name: str, seconds: float, target: float | None, sketch: float, note: str = "") -> None:
    """Print one line. A target tells what to expect on the sketch's machine; missing it fails
    nothing.
    """
    scaled = seconds / sketch * SKETCH_SECONDS
    met = target is None or scaled <= target
    limit = "" if target is None else f"{target * 1e3:9.0f} ms {'met' if met else 'MISSED'}"
    times = f"{seconds * 1e3:9.1f} ms{scaled * 1e3:9.1f} ms"
    print(f"{name:58s}{times}{limit:>20s}  {note}", flush=True)


def integrals() -> bool:
    """∫ j_y dx in all regimes for five shapes, T = 0 and T > 0."""
    worst, worst_case = 0.0, ""
    shapes = [
        TanhStep(-0.5, 0.5, 1.0), ErfStep(-0.5, 0.5, 2.0), LinearRamp(-0.5, 0.5, 1.0),
        SharpStep(-0.5, 0.5), TanhStep(-0.5, 0.5, 0.3) + GaussianBump(0.4, 1.0),
        TanhStep(-2.0, 2.0, 1.0),
    ]
    for U in shapes:
        half = (U.right - U.left) / 2
        for energy in (0.0, half + 0.6, half + 1.4, -half - 0.6, -half - 1.4):
            for T in (0.0, 0.05):
                problem = Problem(U, 1.0, energy, T)
                J = current_density(problem, np.linspace(-5, 5, 11), rtol=1e-9)
                error = abs(J.integral(-np.inf, np.inf).value - total_current(problem)) * 4 * np.pi
                if error > worst:
                    worst, worst_case = error, f"{type(U).__name__}, {problem.regime}, T = {T}"
    print(f"∫j_y dx over {len(shapes)} shapes x 5 Fermi energies x 2 temperatures: largest error "
          f"{worst:.1e} of (e/2h)Δ ({worst_case}); target 1e-8: "
          f"{'met' if worst <= 1e-8 else 'MISSED'}")
    return worst <= 1e-8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    warnings.simplefilter("error")
    sketch = cpu(lobatto_sketch, 3)
    print(f"sketch: {sketch * 1e3:.1f} ms CPU, error of J_y {lobatto_sketch():.1e}")
    print(f"{'':58s}{'measured':>12s}{'scaled':>12s}{'target':>16s}")
    x, step = np.linspace(-20, 20, 400), TanhStep(-0.5, 0.5, 1.0)
    gap = 0.0
    for rtol, target in ((1e-4, 0.010), (1e-8, 0.100), (1e-10, 0.300)):
        gap_problem = Problem(step, 1.0)
        seconds = cpu(lambda p=gap_problem, r=rtol: current_density(p, x, rtol=r), 5)
        row(f"gap, tanh step, 400 points, rtol {rtol:.0e}", seconds, target, sketch)
        gap = seconds if rtol == 1e-8 else gap
    for name, energy in (("half-metal", 1.2), ("metal", 2.0)):
        problem = Problem(step, 1.0, energy)
        seconds = cpu(lambda p=problem: current_density(p, x, rtol=1e-6), 2)
        limit = 10 * gap / sketch * SKETCH_SECONDS
        row(f"{name}, T = 0, |x| <= 20, rtol 1e-6", seconds, limit, sketch)
    energies = np.linspace(-4, 4, 41)
    for name, U in (("step 1", step), ("step 4, metal-metal", TanhStep(-2.0, 2.0, 1.0))):
        seconds = cpu(
            lambda U=U: [current_density(Problem(U, 1.0, e), x, rtol=1e-4) for e in energies], 1
        )
        row(f"41 Fermi energies, {name}, 400 points, rtol 1e-4", seconds, 2.0, sketch)
    for points in (400, 4000, 40000):
        grid = np.linspace(-20, 20, points)
        seconds = cpu(lambda g=grid: current_density(Problem(step, 1.0), g, rtol=1e-8), 2)
        row(f"gap, rtol 1e-8, {points} points", seconds, None, sketch)
    for width in (0.01, 0.1, 1.0, 10.0, 100.0):
        for name, energy in (("gap", 0.0), ("half-metal", 1.2)):
            problem = Problem(TanhStep(-0.5, 0.5, width), 1.0, energy)
            grid = np.linspace(-20, 20, 400) * max(1.0, width / 5 if name == "metal" else 1.0)
            seconds = cpu(lambda p=problem, g=grid: current_density(p, g, rtol=1e-6), 1)
            row(f"{name}, width {width:g}, rtol 1e-6", seconds, None, sketch)
    return int(not (quick or integrals()))


if __name__ == "__main__":
    sys.exit(main())
