"""J_y of bound states and of the bulk: edge states in no potential, and where a step ends them."""

import numpy as np
import pytest
from scipy.optimize import brentq

import dirac1d as dd


@pytest.mark.parametrize("warm", [0.0, 0.2])
@pytest.mark.parametrize("energy", [-0.4, 0.3, 1.7])
def test_the_edge_state_of_a_wall_or_an_edge_carries_its_energy(energy, warm):
    """(e/h)(ε_F - U), also in the bands, where the bulk takes away what Eq. (12) has not."""
    for mass, turns in ((dd.SharpStep(-1.0, 0.8), 1), (dd.SharpStep(0.8, -1.0), -1),
                        (1.0 + dd.HardWall(0.0, -1, "left"), 1)):
        found = dd.edge_and_bulk_current(dd.Problem(0.1, mass, energy, warm))
        assert found.edge == pytest.approx(turns * (energy - 0.1) / (2 * np.pi), abs=1e-14)
        assert found.edge + found.bulk == pytest.approx(found.total, abs=1e-14)
        if abs(energy - 0.1) < 0.8 and warm == 0:
            assert found.bulk == pytest.approx(0.0, abs=1e-14)


def test_without_edge_states_all_is_bulk():
    for problem in (dd.Problem(dd.TanhStep(-0.3, 0.3, 0.5), 1.0, 0.2),
                    dd.Problem(0.0, dd.TanhStep(0.5, 1.0, 1.0), 0.7)):
        found = dd.edge_and_bulk_current(problem)
        assert (found.edge, found.ranges) == (0.0, ())
        assert found.bulk == found.total == dd.total_current(problem)


def branches(problem, momenta, count=4001):
    """Energies bound at a sharp wall that is a step of U too, from plane waves: one a momentum."""
    (U_L, m_L), (U_R, m_R) = (
        (problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right))
    found = np.full(len(momenta), np.nan)
    for i, p in enumerate(momenta):
        M_L, M_R = np.hypot(m_L, p), np.hypot(m_R, p)
        low, high = max(U_L - M_L, U_R - M_R), min(U_L + M_L, U_R + M_R)
        E = (low + high) / 2 - (high - low) / 2 * np.cos(np.linspace(0, np.pi, count)[1:-1])
        k_L, k_R = np.sqrt(M_L**2 - (E - U_L) ** 2), np.sqrt(M_R**2 - (E - U_R) ** 2)
        # g/f of both sides, in the form that is never 0/0: (p - κ)/(E′ + Δ) = (E′ - Δ)/(p + κ).
        if p > 0:
            miss = (p + k_R) * (p + k_L) - (E - U_R + m_R) * (E - U_L - m_L)
        else:
            miss = (p - k_L) * (p - k_R) - (E - U_L + m_L) * (E - U_R - m_R)
        at = np.flatnonzero(np.sign(miss[1:]) != np.sign(miss[:-1]))
        if len(at):
            k = at[0]
            found[i] = E[k] - miss[k] * (E[k + 1] - E[k]) / (miss[k + 1] - miss[k])
    return found


def at_the_bands(problem):
    """The same from where κ = 0 in the left lead, of the upper band, and in the right one."""
    (U_L, m_L), (U_R, m_R) = (
        (problem.U_L, problem.mass_left), (problem.U_R, problem.mass_right))

    def upper(p):
        E = U_L + np.hypot(m_L, p)
        other = np.sqrt(m_R**2 + p * p - (E - U_R) ** 2)
        return (p + other) * p - (E - U_R + m_R) * (E - U_L - m_L)

    def lower(p):
        E = U_R - np.hypot(m_R, p)
        other = np.sqrt(m_L**2 + p * p - (E - U_L) ** 2)
        return (p - other) * p - (E - U_L + m_L) * (E - U_R - m_R)

    ends = (U_L + np.hypot(m_L, brentq(upper, 2, 5, xtol=1e-13)),
            U_R - np.hypot(m_R, brentq(lower, -5, -1, xtol=1e-13)))
    T = problem.temperature
    s = np.abs(np.array(ends) - problem.fermi_energy)
    g = -s / 2 - (T * np.log1p(np.exp(-s / T)) if T else 0.0)
    return (g[0] - g[1]) / (2 * np.pi)


@pytest.mark.parametrize(("warm", "energy"), [(0.0, 0.1), (0.3, -0.2), (0.0, 0.8)])
def test_a_step_ends_the_branch_where_it_meets_the_bands(warm, energy):
    """∫dp/2π (f - ½) dE/dp along the branch of a sharp wall in a sharp step."""
    problem = dd.Problem(dd.SharpStep(-0.3, 0.2), dd.SharpStep(-1.0, 0.7), energy, warm)
    found = dd.edge_and_bulk_current(problem)
    (low, high, number), = found.ranges
    assert (number, found.status) == (1, "converged")
    p = np.linspace(low, high, 401)[1:-1]
    E = branches(problem, p)
    assert np.mean(np.isfinite(E)) > 0.98  # at its ends it meets the bands closer than is looked
    E = E[np.isfinite(E)]
    s = (E[1:] + E[:-1]) / 2 - energy
    weight = -0.5 * (np.sign(s) if warm == 0 else np.tanh(s / 2 / warm))
    assert found.edge == pytest.approx(np.sum(weight * np.diff(E)) / (2 * np.pi), abs=2e-3)
    assert np.all(np.isnan(branches(problem, np.array([low - 0.05, high + 0.05]))))
    assert abs(found.edge - at_the_bands(problem)) <= found.error < 2e-7


def test_a_wall_in_a_weak_step_is_one_in_none():
    problems = [dd.Problem(dd.SharpStep(-V, V), dd.SharpStep(-1, 0.9), 0.3) for V in (1e-2, 0.1)]
    edges = [dd.edge_and_bulk_current(problem).edge for problem in problems]
    assert edges[0] == pytest.approx(0.3 / (2 * np.pi), abs=5e-3)
    assert abs(edges[1] - edges[0]) > 1e-4


@pytest.mark.parametrize(("problem", "words"), [
    (dd.Problem(dd.CosinePotential(0.3, 1.0)), "U\\(x\\) between leads"),
    (dd.Problem(0.0, 1.0 + dd.HardWall(-1, 1, "left") + dd.HardWall(1, 1, "right")), "a lead"),
])
def test_what_has_no_leads_is_refused(problem, words):
    with pytest.raises(ValueError, match=words):
        dd.edge_and_bulk_current(problem)
