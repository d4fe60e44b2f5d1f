"""The loop closed: σ_AH(q) read off the solver's j_y(x) against band geometry."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d import geometry as geo
from dirac1d.observables.response import default_amplitude, hall_response


def law(q, mass=1.0, fermi_energy=0.0):
    return float(geo.dirac_hall_conductivity(q, mass, fermi_energy))


def response_to_uniform_force(k: np.ndarray, mass: float) -> np.ndarray:
    """[χ_xy - χ_yx]/2 at k = (|k|, 0), χ_ab = ∂⟨σ_a⟩/∂E_b of the valence state, from dynamics.

    The spin n of the state obeys dn/dt = 2 d(k(t)) × n with dk/dt = E (charge 1), E switched on
    smoothly. Nothing is taken from band geometry.
    """
    force, duration, steps = 1e-3 * mass**2, 60.0 / abs(mass), 1500
    chi = np.zeros((2, 2, len(k)))
    for b in range(2):
        ends = []
        for sign in (1.0, -1.0):
            def d(t, b=b, sign=sign):
                s = min(t / duration, 1.0)
                # ∫ of the switch s³(10 - 15s + 6s²), counted back from the end: k(T) = (|k|, 0)
                moved = duration * (s**4 * (2.5 - 3 * s + s**2) - 0.5)
                field = np.array([k, 0 * k, mass + 0 * k])
                field[b] += sign * force * moved
                return field

            start = d(0.0)
            n = -start / np.linalg.norm(start, axis=0)
            h = duration / steps
            for i in range(steps):
                fields = d(i * h), d((i + 0.5) * h), d((i + 1) * h)

                def turn(field, n):
                    return 2 * np.cross(field, n, axis=0)

                a = turn(fields[0], n)
                b_ = turn(fields[1], n + h / 2 * a)
                c = turn(fields[1], n + h / 2 * b_)
                e = turn(fields[2], n + h * c)
                n = n + h / 6 * (a + 2 * b_ + 2 * c + e)
            ends.append(n)
        chi[:, b] = (ends[0] - ends[1])[:2] / (2 * force)
    return (chi[0, 1] - chi[1, 0]) / 2


class TestOneSign:
    """[σ_xy - σ_yx]/2, e²/h and the orientation of j_y are tied to each other."""

    @pytest.mark.parametrize("mass", [1.0, -0.7])
    def test_dynamics_geometry_kubo_and_solver_share_sign_and_unit(self, mass):
        t, w = np.polynomial.legendre.leggauss(8)
        angle = np.pi / 4 * (t + 1)
        k = abs(mass) * np.tan(angle)
        weight = np.pi / 4 * w * abs(mass) / np.cos(angle) ** 2
        local = response_to_uniform_force(k, mass)
        np.testing.assert_allclose(
            local, -geo.berry_curvature(geo.massive_dirac(mass), k, 0 * k), atol=2e-5 / mass**2
        )
        dynamic = float(np.sum(weight * k * local) / (2 * np.pi))
        unit = 1 / (2 * np.pi)  # e²/h
        assert dynamic / unit == pytest.approx(-0.5 * np.sign(mass), abs=1e-4)
        kubo = geo.kubo_hall_conductivity(geo.massive_dirac(mass), 0.1 * abs(mass)).value
        for engine, rtol in (("green", 1e-8), ("states", 1e-4)):
            solver = hall_response(0.1 * abs(mass), mass, engine=engine, rtol=rtol)
            assert solver.value == pytest.approx(kubo, rel=max(2 * rtol, 1e-7))
            assert solver.value / unit == pytest.approx(-0.5 * np.sign(mass), rel=1e-3)

    def test_j_y_is_minus_sigma_times_the_field(self):
        """E_x = -U′ on the unit charge: j_y = σ_yx E_x = -σ_AH E_x = σ_AH U′."""
        U = dd.CosinePotential(1e-2, 0.2)
        x = U.period * np.array([0.1, 0.3, 0.6])
        j_y = dd.current_density(dd.Problem(U), x).j_y
        np.testing.assert_allclose(j_y, -law(0.2) * -U.derivative(x), rtol=1e-6)

    def test_a_lattice_across_its_transition_adds_the_solvers_dirac_cone(self):
        """Qi-Wu-Zhang near m = -2: the jump of σ(q) is that between cones of mass ±0.2.

        A ring diagonalised in a real cosine potential against the solver in the same potential.
        """
        harmonic, sites, mass = 1, 40, 0.2
        q = 2 * np.pi * harmonic / sites
        jump = np.subtract(*(
            geo.lattice_hall_conductivity(
                geo.qi_wu_zhang(-2 + s * mass), harmonic, sites, ky_points=80
            )
            for s in (1, -1)
        ))
        solver = hall_response(q, mass).value - hall_response(q, -mass).value
        # The cone is bent on the scale of the zone: 0.36 % measured, 0.09 % at mass 0.1.
        assert jump == pytest.approx(solver, rel=0.01)


class TestInsulator:
    @pytest.mark.parametrize("q", np.geomspace(0.05, 20, 7))
    @pytest.mark.parametrize(("mass", "fermi_energy"), [(1.0, 0.0), (-1.0, 0.6)])
    def test_arctan_law(self, q, mass, fermi_energy):
        measured = hall_response(q, mass, fermi_energy)
        exact = law(q, mass, fermi_energy)
        # Measured 5e-12 at the most (q = Δ, A = 0.1).
        assert measured.value == pytest.approx(exact, rel=1e-10)
        assert abs(measured.value - exact) <= measured.error + 1e-15
        assert measured.error < 1e-7 * abs(exact)

    # At q = 0.5 the lattice engine stops at 1.5e-6 of j₀, says so, and its error covers.
    @pytest.mark.filterwarnings("ignore::dirac1d.AccuracyWarning")
    @pytest.mark.parametrize("q", [0.5, 3.0])
    def test_lattice_engine(self, q):
        measured = hall_response(q, engine="states")
        assert measured.value == pytest.approx(law(q), rel=5e-7)  # measured 5e-8
        assert abs(measured.value - law(q)) <= measured.error

    def test_q_squared_coefficient_is_equation_2(self):
        """σ⁽²⁾ of the solver, from a polynomial in q², against Eq. (2): measured 1e-7."""
        nodes = 0.6 * np.cos(np.pi * (2 * np.arange(6) + 1) / 24)
        values = [hall_response(q).value for q in nodes]
        coefficient = np.linalg.solve(np.vander(nodes**2, increasing=True), values)[1]
        eq2 = geo.hall_conductivity_q2(geo.massive_dirac(1.0), rtol=1e-11).value
        assert coefficient == pytest.approx(eq2, rel=1e-6)

    def test_nonlinearity_is_of_fifth_order_in_gradients(self):
        """Uniform fields have none (Lorentz invariance): σ(A) - σ ~ A²q⁴ as q → 0."""
        slow, slower = (hall_response(q, amplitude=0.3).nonlinearity for q in (0.1, 0.05))
        assert np.log2(slow / slower) == pytest.approx(4, abs=0.03)  # measured 3.987


class TestMetal:
    @pytest.mark.parametrize("fermi_energy", [1.5, -1.3])
    @pytest.mark.parametrize("ratio", [0.1, 0.7, 0.97])
    def test_nothing_below_twice_the_fermi_momentum(self, fermi_energy, ratio):
        k_F = np.sqrt(fermi_energy**2 - 1)
        measured = hall_response(2 * k_F * ratio, 1.0, fermi_energy, rtol=1e-8)
        assert law(2 * k_F * ratio, 1.0, fermi_energy) == 0.0
        assert abs(measured.value) <= measured.error
        assert abs(measured.value) < 1e-9  # measured 3e-11

    @pytest.mark.parametrize("fermi_energy", [1.5, -1.3])
    @pytest.mark.parametrize("ratio", [1.03, 1.5, 6.0])
    def test_arctan_law_above(self, fermi_energy, ratio):
        q = 2 * np.sqrt(fermi_energy**2 - 1) * ratio
        measured = hall_response(q, 1.0, fermi_energy, rtol=1e-8)
        exact = law(q, 1.0, fermi_energy)
        assert measured.value == pytest.approx(exact, rel=1e-7)  # measured 3e-10
        assert abs(measured.value - exact) <= measured.error

    def test_square_root_onset(self):
        two_k_F = 2 * np.sqrt(1.5**2 - 1)
        near, far = (hall_response(two_k_F + d, 1.0, 1.5).value for d in (0.001, 0.004))
        assert far / near == pytest.approx(2.0, rel=2e-3)

    def test_near_the_onset_the_amplitude_counts_against_the_distance(self):
        """σ_A(q)/√A is a function of y = (q - 2k_F)/A alone as A → 0.

        Bragg reflection opens gaps of half-width AΔ/2E_F at p_y = 0: the response begins at
        y = -Δ/k_F, not at 0, and linear response is right for |y| ≫ Δ/k_F only.
        """
        k_F = np.sqrt(1.5**2 - 1)

        def scaled(A, distance):
            q = 2 * k_F + distance * A
            problem = dd.Problem(dd.CosinePotential(A, q), 1.0, 1.5)
            profile = dd.current_density(problem, [0.0], rtol=1e-6)
            return -profile.details["sine"][1] / (A * q) / np.sqrt(A)

        for distance in (-0.9 / k_F, 0.0, 1.0):
            coarse, fine = (scaled(A, distance) for A in (1e-3, 2.5e-4))
            assert fine == pytest.approx(coarse, rel=2e-3)  # measured 3e-4 to 1e-3
            assert fine < -1e-3
        # Just outside of the gap there is next to nothing: 4e-7 measured.
        assert abs(scaled(1e-3, -1.1 / k_F)) < 2e-6


class TestTemperature:
    def test_heat_averages_over_fermi_energies(self):
        """σ(q, T) = ∫(-∂f/∂ε) σ(q; ε) dε, an identity of free electrons; measured 3e-13."""
        q, T, fermi_energy = 3.0, 0.2, 0.3
        edge = np.hypot(q / 2, 1.0)
        t, w = np.polynomial.legendre.leggauss(120)
        total = 0.0
        for a, b in ((-edge, -1.0), (-1.0, 1.0), (1.0, edge)):
            # Square roots at the edges, kinks at ±1.
            energy = (a + b) / 2 + (b - a) / 2 * np.sin(np.pi / 2 * t)
            weight = w * np.pi / 2 * np.cos(np.pi / 2 * t) * (b - a) / 2
            slope = 1 / (4 * T * np.cosh((energy - fermi_energy) / (2 * T)) ** 2)
            total += np.sum(weight * slope * [law(q, 1.0, e) for e in energy])
        measured = hall_response(q, 1.0, fermi_energy, T, rtol=1e-8)
        assert measured.value == pytest.approx(total, rel=1e-8)


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "culprit"),
        [({"q": 0.0}, "q"), ({"q": -1.0}, "q"), ({"q": np.nan}, "q"),
         ({"q": 1.0, "mass": 0.0}, "mass"), ({"q": 1.0, "amplitude": -0.1}, "amplitude"),
         ({"q": 1.0, "engine": "best"}, "engine"), ({"q": 1.0, "temperature": -1}, "temperature")],
    )
    def test_mistakes_are_named(self, arguments, culprit):
        with pytest.raises(ValueError, match=culprit):
            hall_response(**arguments)

    def test_default_amplitude_keeps_within_the_regime(self):
        assert default_amplitude(1.0, 1.0, 0.0) == pytest.approx(0.1)
        assert default_amplitude(1.0, -1.0, 0.9) == pytest.approx(0.01)
        k_F = np.sqrt(1.5**2 - 1)
        assert default_amplitude(2 * k_F, 1.0, 1.5) < 1e-4
        assert default_amplitude(10 * k_F, 1.0, 1.5) == pytest.approx(0.05)
