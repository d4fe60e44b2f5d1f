"""Kozii, Avdoshkin, Zhong & Moore (PRL 126, 156602), claim by claim.

Prints one row per claim with the measured error and what is asked for, and exits with status 1
when a row fails. Units e = hbar = 1. About one minute; ``--quick`` skips the flattened bonds.

    python validation/claims/geometry_kozii.py
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np

from dirac1d import Problem, TanhStep
from dirac1d import geometry as geo
from dirac1d.exact.total_current import total_current
from dirac1d.geometry.integrate import integrate_momenta
from dirac1d.geometry.semiclassics import geometry_with_gradients

# (claim, measured error, allowed, remark)
Row = tuple[str, float, float, str]

DIRECTION = (1.0, -0.6)
HALDANE = geo.haldane(0.7, 0.3, 0.2)
# Eq. (2) against Kubo is asked for to 1e-6; it is measured near 1e-12, and 1e-9 leaves room for
# the rounding of the extrapolation on another machine.
EQ2_TOLERANCE = 1e-9


def relative(value: float, exact: float) -> float:
    return abs(float(value) - float(exact)) / abs(float(exact))


def models() -> list[geo.TwoBandModel]:
    return [
        HALDANE,
        geo.haldane(0.7, 0.3, 0.2, embedding="cell"),
        geo.qi_wu_zhang(-1.2, d0_even=(0.3, 0.2)),
        geo.qi_wu_zhang(-1.2, d0_odd=(0.2, 0.5), diagonal=0.3),
        geo.warped_dirac(1.0, tilt=(0.4, 0.2), warp=0.2, curvature=0.3),
        geo.flattened(geo.haldane(0.4, 0.1, 0.2), 0.7, half_gap=2.0),
        geo.massive_dirac(-0.7),
    ]


def expansion() -> Iterator[Row]:
    sigma_0, _ = geo.hall_conductivity_0(HALDANE)
    sigma_2 = float(geo.hall_conductivity_q2(HALDANE))
    q = np.array([0.05, 0.1])
    rest = [geo.kubo_hall_conductivity(HALDANE, x) - sigma_0 - x**2 * sigma_2 for x in q]
    order = np.log2(rest[1] / rest[0])
    yield "Eq. (1): rest after q^2 is of order q^4 (Haldane)", abs(order - 4), 0.1, f"{order:.3f}"
    for model in (HALDANE, geo.qi_wu_zhang(0.7)):
        value = 2 * np.pi * geo.hall_conductivity_0(model)[0]
        C = geo.chern_number(model)
        yield (f"sigma(0) = C e^2/h, integer C = {C}: {model.name}", abs(value - C), 1e-12, "")


def chern() -> Iterator[Row]:
    wrong, count = 0, 0
    for phi in np.linspace(-np.pi, np.pi, 26):  # an even number: phi = 0 is gapless at M = 0
        for M in 0.1 * np.linspace(-6, 6, 25):
            edge = 0.3 * np.sqrt(3) * np.sin(phi)
            if abs(abs(M) - abs(edge)) > 1e-3:
                expected = -np.sign(edge) if abs(M) < abs(edge) else 0
                wrong += geo.chern_number(geo.haldane(phi, M, 0.1)) != expected
                count += 1
    yield "Chern numbers over the Haldane phase diagram: wrong ones", wrong, 0, f"of {count}"


def equation_2() -> Iterator[Row]:
    for model in models():
        start = time.perf_counter()
        eq2 = geo.hall_conductivity_q2(model, DIRECTION, rtol=1e-12)
        seconds = time.perf_counter() - start
        kubo = geo.kubo_hall_conductivity_q2(model, DIRECTION)
        where = model.embedding if "Haldane" in model.name else ""
        yield (f"Eq. (2) = q^2 of Kubo: {model.name} {where}", relative(kubo, eq2), EQ2_TOLERANCE,
               f"sigma2 = {eq2.value:+.10f}, Eq. (2) in {1e3 * seconds:.0f} ms")
    start = time.perf_counter()
    result = geo.hall_conductivity_q2(HALDANE, rtol=1e-8)
    seconds = time.perf_counter() - start
    yield ("Haldane sigma2 to 1e-8: claimed error", result.error / abs(result.value), 1e-8,
           f"{seconds:.2f} s, hoped for: 1 s")


def tensors() -> Iterator[Row]:
    k = np.random.default_rng(7).normal(size=(2, 200))
    c = geo.geometric_connection(HALDANE, *k)
    _, _, _, dg, _ = geometry_with_gradients(HALDANE, *k)
    christoffel = (np.moveaxis(dg, 2, 0) + np.swapaxes(dg, 1, 2) - dg) / 2
    yield ("Eq. (4): Re c_ijl = Christoffel symbols of g", np.abs(c.real - christoffel).max(),
           1e-11, "")
    T = geo.symplectic_tensor(HALDANE, *k)
    yield ("Eq. (3): T fully symmetric", float(np.abs(T - np.moveaxis(T, 0, 2)).max()), 1e-13,
           f"largest T = {np.abs(T).max():.3f}")
    yield ("T = 0 in the plain Dirac model",
           float(np.abs(geo.symplectic_tensor(geo.massive_dirac(1.0), *k)).max()), 1e-14, "")


def dirac() -> Iterator[Row]:
    model = geo.massive_dirac(1.0)
    sigma_2 = geo.hall_conductivity_q2(model, rtol=1e-12)
    yield "Eq. (5): sigma2 = (e^2/24h)/Delta^2", relative(sigma_2, 1 / (48 * np.pi)), 1e-10, ""
    shares = np.array(list(sigma_2.terms.values())) * 48 * np.pi
    yield ("terms of Eq. (2) there: 0.4, 0.4, 0, 0, 0.2",
           float(np.abs(shares - [0.4, 0.4, 0, 0, 0.2]).max()), 1e-10, "")
    worst = max(relative(geo.kubo_hall_conductivity(model, q), geo.dirac_hall_conductivity(q, 1.0))
                for q in np.geomspace(0.05, 20, 9))
    yield "arctan law in the gap, q = 0.05 to 20 Delta", worst, 1e-10, ""
    Q = np.sqrt(0.3**2 - 1.5**2 + 0j)
    exact = -(2 / Q * np.arctan(Q / 2)).real / (4 * np.pi)
    yield ("q^2 -> q^2 - omega^2 (omega = 1.5 Delta)",
           relative(geo.kubo_hall_conductivity(model, 0.3, 1.5), exact), 1e-10, "found here")
    k_F = np.sqrt(3)
    for ratio in (0.5, 0.99, 1.01, 2.0):
        kubo = geo.kubo_hall_conductivity(model, 2 * k_F * ratio, vertex="peierls",
                                          fermi_energy=2.0)
        exact = float(geo.dirac_hall_conductivity(2 * k_F * ratio, 1.0, 2.0))
        yield (f"metal, E_F = 2 Delta, q = {ratio} x 2k_F (absolute)", abs(kubo - exact), 1e-10,
               f"sigma = {exact:+.6f}")
    J_y = total_current(Problem(TanhStep(-0.05, 0.15, 1.0), mass=0.9))
    yield ("sign: J_y of a step = sigma(0) (U_R - U_L)",
           relative(J_y, 0.2 * float(geo.dirac_hall_conductivity(0.0, 0.9))), 1e-12, "")


def vertices(quick: bool) -> Iterator[Row]:
    model = geo.qi_wu_zhang(-1.2)
    sigma_2 = float(geo.hall_conductivity_q2(model))
    difference = geo.vertex_difference_q2(model)
    peierls = geo.kubo_hall_conductivity_q2(model, vertex="peierls")
    yield ("Peierls minus midpoint at q^2 (Qi-Wu-Zhang m = -1.2)",
           relative(peierls - sigma_2, difference), 1e-8, f"{difference / sigma_2:+.2%} of sigma2")
    model = geo.qi_wu_zhang(-1.2, (0.3, 0.2), (0.2, 0.5), diagonal=0.6)
    for harmonic in (1, 4, 10):
        q = 2 * np.pi * harmonic / 30
        ring = geo.lattice_hall_conductivity(model, harmonic, 30)
        peierls = geo.kubo_hall_conductivity(model, q, vertex="peierls")
        midpoint = geo.kubo_hall_conductivity(model, q)
        yield (f"ring in U0 cos(qx), q = {q:.3f}: Peierls", relative(ring, peierls), 1e-8,
               f"midpoint is off by {relative(midpoint, ring):.1%}")
    # Not in the paper: in the flat limit the vertex correction is 2/3 of the g Omega term.
    flat_models = [geo.qi_wu_zhang(-1.2, diagonal=0.3), HALDANE, geo.warped_dirac(1.0, warp=0.2)]
    for base in flat_models[:1] if quick else flat_models:
        flat = geo.flattened(base, 1.0, half_gap=1.0)
        ratio = geo.vertex_difference_q2(flat) / geo.hall_conductivity_q2(flat).metric_curvature
        yield (f"flat bands: a real potential sees 5/3 of the g Omega term ({base.name})",
               abs(ratio - 2 / 3), 1e-8, "found here")


def flat_bands() -> Iterator[Row]:
    for flatness, allowed in ((0.9, 0.1), (0.99, 0.01), (1.0, 1e-12)):
        flat = geo.hall_conductivity_q2(geo.flattened(HALDANE, flatness, half_gap=1.0))
        yield (f"g Omega dominates, flatness {flatness}",
               relative(flat.metric_curvature, flat.value), allowed, f"sigma2 = {flat.value:+.6f}")


def positions(model: geo.TwoBandModel, K: tuple[float, float]) -> Iterator[Row]:
    lattice = geo.ValenceBandLattice(model, 96, 0.0)
    psi = lattice.packet(K, 0.2)
    k = 2 * np.pi * np.fft.fftfreq(96)
    kx, ky = np.meshgrid(k - K[0], k - K[1], indexing="ij")
    before, _ = lattice.centre(psi)  # int A |a|^2 in the packet's gauge
    R, _ = lattice.centre(psi * np.exp(-1j * (2 * kx - 3 * ky + 0.7 * kx * ky)))
    weight = (np.abs(psi) ** 2).sum(0)
    exact = [(weight * (2 + 0.7 * ky)).sum(), (weight * (-3 + 0.7 * kx)).sum()]
    yield ("Eq. (9), (10): R = int (d gamma/dk + A)|a|^2 for a chosen phase",
           float(np.abs(R - before - exact).max()), 1e-8, "")


def semiclassics() -> Iterator[Row]:
    model, K = geo.qi_wu_zhang(-1.2, (0.1, 0.05), (0.0, 0.2), diagonal=0.3), (0.5, 0.3)
    second = np.zeros((2, 2, 2))
    second[0, 0, 0] = 1.0
    fields, size, left = geo.FieldGradients(second=second), 1e-6, []
    widths = (0.2, 0.14, 0.1, 0.07)
    K_rates, R_rates = [], []
    for width in widths:
        on, off = (geo.ValenceBandLattice(model, 256, e) for e in (size, 0.0))
        packet = on.packet(K, width)
        R_dot, K_dot = ((a - b) / size
                        for a, b in zip(on.rates(packet), off.rates(packet), strict=True))
        eq11 = geo.equations_of_motion(model, (0, 0), K, fields, width)
        regular = eq11.R_dot - eq11.R_terms["packet"] - eq11.R_terms["band"]
        left.append(float((R_dot - eq11.R_terms["packet"] - regular)[1]))
        K_rates.append(K_dot[0])
        R_rates.append(R_dot[1])
    inverse = np.array(widths) ** -2.0
    slope = np.polyfit(inverse, K_rates, 1)[0]
    yield "Eq. (12): dK/dt diverges as -f/2 = -1/(8 width^2)", relative(slope, -1 / 8), 1e-3, ""
    slope = np.polyfit(inverse, R_rates, 1)[0]
    yield ("Eq. (12): dR/dt diverges as -Omega/(8 width^2)",
           relative(slope, -geo.berry_curvature(model, *K) / 8), 1e-2, "")
    limit = np.polyfit(np.array(widths[1:]) ** 2, left[1:], 2)[-1]
    yield ("Eq. (11): the rest, extrapolated to zero width, is g Omega, dT, ddOmega",
           abs(limit), 2e-4, f"terms are {regular[1]:+.5f} in sum")
    yield from positions(model, K)
    lattice = geo.ValenceBandLattice(model, 128, 1e-5)
    packet = lattice.packet(K, 0.15)
    track = lattice.propagate(packet, 0.4, 40)
    slope = np.polynomial.polynomial.polyfit(track.t, track.R, 5)[1]
    yield ("Eq. (7), (8): propagated packet's velocity = its rate",
           float(np.abs(slope - lattice.rates(packet)[0]).max()), 1e-8, "")

    def rates(model: geo.TwoBandModel, kx: np.ndarray, ky: np.ndarray) -> np.ndarray:
        terms = [geo.equations_of_motion(model, (0, 0), k, fields).R_terms
                 for k in zip(kx, ky, strict=True)]
        return np.array([[t[name][1] for t in terms]
                         for name in ("metric_curvature", "T_gradient", "curvature_hessian")])

    total = integrate_momenta(rates, model, rtol=1e-6).value
    first = geo.hall_conductivity_q2(model).metric_curvature
    yield "filled band without f, f~: first term of Eq. (2)", relative(-total[0], first), 1e-8, ""
    yield "... and nothing from the total derivatives", float(np.abs(total[1:]).max()), 1e-10, ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="skip the slowest rows")
    quick = parser.parse_args().quick
    failed = 0
    print(f"{'claim':<100} {'measured':>9} {'allowed':>9}")
    groups = (expansion(), chern(), equation_2(), tensors(), dirac(), vertices(quick), flat_bands(),
              semiclassics())
    for group in groups:
        for claim, measured, allowed, remark in group:
            good = measured <= allowed
            failed += not good
            print(f"{claim:<100} {measured:9.1e} {allowed:9.1e} {'ok  ' if good else 'FAIL'} "
                  f"{remark}", flush=True)
    print(f"{failed} of the claims failed" if failed else "all claims hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
