"""Eq. (2) and (5), and Eq. (2) against the Kubo formula at finite q."""

import time

import numpy as np
import pytest

from dirac1d import geometry as geo

DIRECTION = (1.0, -0.6)


@pytest.mark.parametrize("mass", [1.0, -0.7, 30.0])
def test_dirac_gives_eq5(mass):
    result = geo.hall_conductivity_q2(geo.massive_dirac(mass), DIRECTION, rtol=1e-12)
    eq5 = np.sign(mass) / (4 * np.pi) / (12 * mass**2)
    assert result.value == pytest.approx(eq5, rel=1e-12)  # measured 3e-16
    shares = {name: term / eq5 for name, term in result.terms.items()}
    assert shares == pytest.approx({"metric_curvature": 0.4, "curvature_gradient": 0.4,
                                    "T_xxy": 0.0, "T_xxx": 0.0, "velocity": 0.2}, abs=1e-12)
    value, _ = geo.hall_conductivity_0(geo.massive_dirac(mass))
    assert value == pytest.approx(-np.sign(mass) / (4 * np.pi), rel=1e-12)


def test_eq2_is_the_q2_coefficient_of_kubo(model):
    eq2 = geo.hall_conductivity_q2(model, DIRECTION, rtol=1e-13)
    kubo = geo.kubo_hall_conductivity_q2(model, DIRECTION)
    assert sum(eq2.terms.values()) == pytest.approx(eq2.value, rel=1e-12)
    # measured 4e-12 at worst over these models; the target is 1e-6
    assert kubo.value == pytest.approx(eq2.value, rel=1e-10)


def test_every_term_of_eq2_is_needed():
    """On a model without symmetry no term may be dropped: each is far above the agreement."""
    model = geo.qi_wu_zhang(-1.2, d0_odd=(0.2, 0.5), diagonal=0.3)
    result = geo.hall_conductivity_q2(geo.warped_dirac(1.0, (0.4, 0.2), 0.2, 0.3), DIRECTION)
    assert min(abs(term) for term in result.terms.values()) > 1e-6 * abs(result.value)
    without = geo.hall_conductivity_q2(geo.qi_wu_zhang(-1.2, diagonal=0.3), DIRECTION)
    with_d0 = geo.hall_conductivity_q2(model, DIRECTION)
    # d0 enters through v_Cx v_Vx alone
    for name in without.terms:
        change = abs(with_d0.terms[name] - without.terms[name])
        assert (change > 1e-4) if name == "velocity" else (change < 1e-14)


def test_direction_matters_only_through_the_lattice():
    haldane = geo.haldane(0.7, 0.3, 0.2)
    values = [float(geo.hall_conductivity_q2(haldane, (np.cos(a), np.sin(a))))
              for a in (0.0, 0.4, 1.9)]
    assert np.ptp(values) < 1e-13  # three-fold symmetry: a rank-two response is isotropic
    square = [float(geo.hall_conductivity_q2(geo.qi_wu_zhang(-1.2, d0_even=(0.5, 0)), d))
              for d in ((1, 0), (0, 1), (0, -2))]
    assert abs(square[0] - square[1]) > 1e-3
    assert square[1] == pytest.approx(square[2], rel=1e-12)


def test_embedding_matters():
    sites, cell = (geo.hall_conductivity_q2(geo.haldane(0.7, 0.3, 0.2, embedding=e)).value
                   for e in ("sites", "cell"))
    assert abs(sites - cell) > 0.01


def test_error_estimate_covers_the_error():
    for model in (geo.haldane(0.7, 0.3, 0.2), geo.haldane(np.pi / 2, 0.45, 0.1),
                  geo.flattened(geo.haldane(0.4), 0.7, 2.0), geo.warped_dirac(1.0, warp=0.2)):
        best = geo.hall_conductivity_q2(model, rtol=1e-13)
        for rtol in (1e-3, 1e-6, 1e-9):
            result = geo.hall_conductivity_q2(model, rtol=rtol)
            assert result.converged
            assert abs(result.value - best.value) <= result.error + best.error


def test_small_gap_is_reached_by_adaptive_cells():
    """Near the transition of the Haldane model sigma2 is that of one Dirac cone of mass 0.0096."""
    model = geo.haldane(np.pi / 2, 0.51, 0.1)
    result = geo.hall_conductivity_q2(model, rtol=1e-8)
    mass, velocity = 3 * np.sqrt(3) * 0.1 - 0.51, 1.5
    assert result.converged
    # sigma2 = v^2/(48 pi mass^2); the rest of the zone adds corrections of relative order mass
    assert result.value == pytest.approx(velocity**2 / (48 * np.pi * mass**2), rel=0.05)


def test_haldane_to_1e_8_under_a_second():
    start = time.perf_counter()
    result = geo.hall_conductivity_q2(geo.haldane(0.7, 0.3, 0.2), DIRECTION, rtol=1e-8)
    assert time.perf_counter() - start < 1.0  # measured 0.01 s
    assert result.error < 1e-8 * abs(result.value)


def test_flat_bands_leave_the_metric_curvature_term():
    model = geo.haldane(0.7, 0.3, 0.2)
    full = geo.hall_conductivity_q2(model)
    for flatness in (0.9, 0.99):
        flat = geo.hall_conductivity_q2(geo.flattened(model, flatness, half_gap=1.0))
        assert flat.metric_curvature == pytest.approx(full.metric_curvature, rel=1e-9)
        assert abs(flat.value - flat.metric_curvature) < 5 * (1 - flatness) * abs(flat.value)
    flat = geo.hall_conductivity_q2(geo.flattened(model, 1.0, half_gap=1.0))
    assert flat.value == pytest.approx(flat.metric_curvature, rel=1e-13)
