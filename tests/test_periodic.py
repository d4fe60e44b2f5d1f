"""A potential without leads: both engines' periodic branches, and what does not apply to it."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.apps.cli import main
from dirac1d.engines import ENGINES
from dirac1d.green.sources.wave.cycle import Cycle
from dirac1d.green.sources.wave.floquet import periodic_fixed_points
from dirac1d.green.sources.wave.transfer import fixed_points
from dirac1d.potentials import PeriodicPotential, Potential
from dirac1d.states.periodic import periodic_current

WAVE = dd.CosinePotential(amplitude=0.3, wavenumber=2.0, position=0.4)


def wave_problem(amplitude=0.3, wavenumber=2.0, fermi_energy=0.0, temperature=0.0, mass=1.0):
    return dd.Problem(dd.CosinePotential(amplitude, wavenumber), mass, fermi_energy, temperature)


class TestPotential:
    def test_values_period_and_slope(self, rng):
        x = rng.normal(size=9)
        np.testing.assert_allclose(WAVE(x + WAVE.period), WAVE(x), atol=1e-15)
        assert WAVE(0.4) == 0.3
        h = 1e-5
        slope = (WAVE(x + h) - WAVE(x - h)) / (2 * h)
        # (qh)²/6 = 7e-11 relative, and rounding 1e-16/h.
        np.testing.assert_allclose(WAVE.derivative(x), slope, atol=1e-9)

    def test_it_is_periodic_and_has_no_leads(self):
        assert isinstance(WAVE, PeriodicPotential)
        assert not isinstance(WAVE, Potential)
        assert not isinstance(dd.TanhStep(0, 1, 1), PeriodicPotential)

    @pytest.mark.parametrize("name", ["left", "right", "support"])
    def test_leads_are_refused_by_name(self, name):
        with pytest.raises(ValueError, match=f"{name}: a periodic potential has no leads"):
            getattr(WAVE, name)

    def test_other_attributes_are_missing_as_usual(self):
        with pytest.raises(AttributeError, match="amplitud"):
            _ = WAVE.amplitud

    @pytest.mark.parametrize(
        ("arguments", "culprit"),
        [((np.nan, 1.0), "amplitude"), ((0.1, 0.0), "wavenumber"), ((0.1, -2.0), "wavenumber"),
         ((0.1, np.inf), "wavenumber"), ((0.1, 1.0, "here"), "position")],
    )
    def test_bad_parameters_are_named(self, arguments, culprit):
        with pytest.raises(ValueError, match=culprit):
            dd.CosinePotential(*arguments)

    def test_it_adds_to_nothing(self):
        step = dd.TanhStep(0, 1, 1)
        for add in (lambda: WAVE + step, lambda: step + WAVE, lambda: WAVE + WAVE):
            with pytest.raises(ValueError, match="add"):
                add()


class TestProblem:
    def test_description_survives_the_round_trip(self):
        problem = dd.Problem(WAVE, 0.7, 0.2, 0.1)
        assert dd.Problem.from_dict(problem.to_dict()) == problem

    @pytest.mark.parametrize(
        ("fermi_energy", "regime"),
        [(0.0, "insulating"), (0.7, "insulating"), (0.9, "half-metallic"), (1.4, "metallic"),
         (-1.4, "metallic")],
    )
    def test_regime_by_the_range_of_the_potential(self, fermi_energy, regime):
        assert dd.Problem(WAVE, 1.0, fermi_energy).regime == regime
        assert dd.Problem(dd.CosinePotential(1.5, 1.0), 0.4).regime == "metal-metal"

    @pytest.mark.parametrize("q", [0.05, 1.0, 2 * np.pi, 20.0])
    def test_current_scale(self, q):
        """The largest drop within 1/|Δ|: 2A sin(q/2|Δ|), and 2A once that holds half a period."""
        mass, A = 0.8, 0.3
        drop = 2 * A * np.sin(min(q / (2 * mass), np.pi / 2))
        scale = wave_problem(A, q, mass=mass).current_scale
        # 720 points to a period miss the maximum by (π/720)²/2 = 1e-5 at most.
        assert scale == pytest.approx(drop * mass / (4 * np.pi), rel=2e-5)

    @pytest.mark.parametrize(
        "ask",
        [
            dd.total_current,
            lambda p: dd.scattering_state(p, 1.5, 0.1, "left"),
            lambda p: dd.hamiltonian(p, 0.1),
            lambda p: dd.exact.linear_response_current(p, [0.0]),
            lambda p: p.U_L,
        ],
    )
    def test_what_needs_leads_says_so(self, ask):
        with pytest.raises(ValueError, match="no leads"):
            ask(dd.Problem(WAVE))


@pytest.fixture(params=list(ENGINES))
def engine(request):
    return request.param


class TestCurrent:
    def test_profile_is_periodic_and_odd_about_the_maxima(self, engine):
        problem = dd.Problem(WAVE, 1.0, 0.3)
        L = WAVE.period
        x = np.concatenate((0.4 + L * np.array([-0.4, -0.1, 0.1, 0.4]), [0.4 + 1.1 * L]))
        profile = dd.current_density(problem, x, engine)
        assert profile.status == "converged"
        assert profile.engine == engine
        assert profile.rtol == {"green": 1e-8, "states": 1e-4}[engine]
        allowed = 2 * profile.error[0]
        assert abs(profile.j_y[2] + profile.j_y[1]) <= allowed
        assert abs(profile.j_y[3] + profile.j_y[0]) <= allowed
        assert abs(profile.j_y[4] - profile.j_y[2]) <= allowed
        assert np.all(profile.j_y * WAVE.derivative(x) < 0)

    @pytest.mark.parametrize(
        ("A", "q", "fermi_energy", "temperature"),
        [
            (0.5, 1.0, 0.3, 0.0), (0.3, 6.0, 0.0, 0.0), (0.2, 0.3, -0.5, 0.02),
            (0.5, 2.0, 0.3, 0.1), (1.5, 2.0, 0.3, 0.1), (0.4, 3.0, 1.4, 0.1), (0.5, 4.0, 1.3, 0.0),
        ],
    )
    def test_the_engines_agree(self, A, q, fermi_energy, temperature):
        """Gap, bands and both bands, strong potentials, T = 0 and not: 2e-8 to 1.8e-6 j0."""
        x = 2 * np.pi / q * np.linspace(0.02, 0.98, 9)
        problem = wave_problem(A, q, fermi_energy, temperature)
        both = dd.compare_engines(problem, x)
        assert both.agree
        assert both.green.converged
        assert both.states.converged
        assert np.max(np.abs(both.difference)) < 3e-6 * problem.current_scale

    def test_error_of_the_continuum_engine_covers_its_change(self, rng):
        for _ in range(6):
            A, q = rng.uniform(0.1, 1.2), 10 ** rng.uniform(-0.5, 1)
            problem = wave_problem(A, q, rng.uniform(-1.6, 1.6), rng.choice([0.0, 0.1]))
            x = 2 * np.pi / q * np.linspace(0, 1, 17)
            rough, fine = (dd.current_density(problem, x, rtol=r) for r in (1e-4, 1e-7))
            assert rough.converged
            assert np.all(np.abs(rough.j_y - fine.j_y) <= rough.error + fine.error)

    def test_sign_of_the_mass_and_of_the_energy(self, engine):
        """Δ → -Δ turns every current round; ε_F, U → -ε_F, -U (charge conjugation) too."""
        x, rtol = [0.3, 1.0], {"green": 1e-6, "states": 1e-3}[engine]
        j = dd.current_density(wave_problem(0.3, 2.0, 0.2), x, engine, rtol)
        mirrored = dd.current_density(wave_problem(0.3, 2.0, 0.2, mass=-1.0), x, engine, rtol)
        conjugate = dd.current_density(wave_problem(-0.3, 2.0, -0.2), x, engine, rtol)
        np.testing.assert_allclose(mirrored.j_y, -j.j_y, atol=2 * j.error[0])
        np.testing.assert_allclose(conjugate.j_y, -j.j_y, atol=2 * j.error[0])

    def test_no_mass_or_no_wave_no_current(self, engine):
        for problem in (wave_problem(mass=0.0), wave_problem(0.0)):
            profile = dd.current_density(problem, [0.0, 0.5], engine)
            np.testing.assert_array_equal(profile.j_y, 0.0)
            assert profile.converged

    def test_a_slow_wave_follows_the_smooth_limit(self):
        """SR Eq. (14): j_y = -(1/4π) U′ in the gap as q → 0, to the order q²."""
        defects = []
        for q in (0.04, 0.02):
            problem = wave_problem(0.4, q)
            x = problem.potential.period * np.array([0.1, 0.25, 0.4])
            j = dd.current_density(problem, x).j_y
            defects.append(np.max(np.abs(j / problem.potential.derivative(x) * 4 * np.pi + 1)))
        assert defects[1] < 1e-4
        assert defects[0] / defects[1] == pytest.approx(4, rel=0.01)  # measured 3.999

    def test_deep_inside_a_long_train_of_waves_its_ends_are_forgotten(self):
        """There the current is the infinite train's.

        Nine periods of cos(2x) under an envelope that is flat to 2e-9 within |x| < 4: measured
        difference 1.2e-10 of j₀ at this rtol.
        """
        def train(x):
            x = np.asarray(x, dtype=float)
            return 0.3 * np.cos(2 * x) * 0.5 * (np.tanh(x + 14) - np.tanh(x - 14))

        problem = dd.Problem(dd.FunctionPotential(train, 0.0, 0.0))
        x = np.linspace(-1.0, 1.0, 5)
        with_leads = dd.current_density(problem, x, rtol=1e-6)
        periodic = dd.current_density(wave_problem(0.3, 2.0), x)
        scale = problem.current_scale
        np.testing.assert_allclose(with_leads.j_y, periodic.j_y, atol=1e-8 * scale)

    def test_options_are_checked(self):
        with pytest.raises(ValueError, match="solver is not an option"):
            dd.current_density(wave_problem(), [0.0], "states", solver="sparse")
        with pytest.raises(ValueError, match="rtol"):
            dd.current_density(wave_problem(), [0.0], rtol=0.0)
        with pytest.raises(ValueError, match="increase"):
            dd.current_density(wave_problem(), [1.0, 0.0])
        with pytest.raises(ValueError, match="potential must be periodic"):
            periodic_current(dd.Problem(dd.TanhStep(0, 1, 1)), [0.0])

    def test_progress_is_told(self):
        counts = []
        dd.current_density(wave_problem(), [0.0], "states", rtol=1e-3, progress=counts.append)
        assert sum(counts) > 100


class TestIntegral:
    def test_half_periods_cancel_and_quarters_add(self, engine):
        problem = wave_problem(0.3, 2.0)
        L = problem.potential.period
        profile = dd.current_density(problem, np.linspace(0, 2 * L, 5), engine)
        half = profile.integral(0.0, L / 2)
        # U falls from A to -A: j_y > 0, (2A/4π)(2Δ/q) arctan(q/2Δ) in linear response; the
        # correction at A = 0.3 is 0.1 %.
        assert half == pytest.approx(0.6 / 16, rel=0.01)
        assert abs(profile.integral(0.0, L)) <= 1e-12 + profile.integral(0.0, L).error
        assert profile.integral(L / 2, L) == pytest.approx(-half, abs=half.error)
        # j_y = Σ b_n sin nθ: ∫ over half a period is Σ_odd 2 b_n / nq.
        b = np.array(profile.details["sine"])[1::2]
        odd = np.arange(1, 2 * len(b), 2)
        mean = profile.details["cosine"][0]  # 0 but for rounding, 6e-13 of it in the lattice
        assert half == pytest.approx(np.sum(2 * b / (odd * 2.0)) + mean * L / 2, abs=1e-14)

    def test_there_is_no_total_current(self):
        profile = dd.current_density(wave_problem(), [0.0, 1.0])
        with pytest.raises(ValueError, match="inf"):
            profile.integral(-np.inf, np.inf)

    def test_saving_and_loading_keeps_everything(self, tmp_path):
        profile = dd.current_density(dd.Problem(WAVE), [0.0, 1.0])
        again = dd.load(profile.save(tmp_path / "wave.npz"))
        np.testing.assert_array_equal(again.j_y, profile.j_y)
        assert again.problem == profile.problem
        assert again.details == profile.details
        assert again.integral() == profile.integral()


class TestSpectra:
    """What is resolved by energy or momentum adds up to what is not."""

    x = np.array([0.2, 0.9, 1.7])

    @staticmethod
    def gauss(a, b, n=16):
        t, w = np.polynomial.legendre.leggauss(n)
        return (a + b) / 2 + (b - a) / 2 * t, (b - a) / 2 * w

    @pytest.mark.parametrize(("low", "high"), [(2.0, 2.1), (-2.1, -2.0)])
    def test_currents_and_charges_of_energies_add_up(self, low, high):
        """Energies away from the edges of minibands, where j^ε is smooth."""
        energies, weights = self.gauss(low, high)
        one, other = (wave_problem(0.1, 1.0, fermi_energy=e) for e in (low, high))
        spectrum = dd.energy_resolved_current(one, self.x, energies, rtol=1e-7)
        change = (dd.current_density(p, self.x, rtol=1e-8).j_y for p in (other, one))
        assert np.all(spectrum.error <= 1e-6)
        np.testing.assert_allclose(weights @ spectrum, np.subtract(*change), atol=1e-8)
        density = dd.local_density_of_states(one, self.x, energies, rtol=1e-7)
        charge = (dd.charge_density(p, self.x, rtol=1e-8) for p in (other, one))
        np.testing.assert_allclose(weights @ density, np.subtract(*charge), atol=1e-7)

    def test_no_states_in_the_gap(self):
        assert np.all(np.abs(dd.local_density_of_states(wave_problem(), self.x, 0.2)) < 1e-6)

    def test_currents_of_momenta_add_up(self):
        """p = tan θ: the integrand falls as p^-3."""
        theta, weights = self.gauss(0.0, np.pi / 2, 24)
        problem = wave_problem(0.3, 2.0)
        found = dd.momentum_resolved_current(problem, self.x, np.tan(theta), rtol=1e-9)
        total = (weights / np.cos(theta) ** 2) @ found / np.pi
        np.testing.assert_allclose(
            total, dd.current_density(problem, self.x, rtol=1e-10).j_y, atol=1e-8
        )


class TestRiccati:
    @pytest.mark.parametrize(("A", "q"), [(0.3, 2.0), (0.5, 0.3), (0.01, 20.0), (0.9, 0.05)])
    def test_sweeps_and_transfer_matrices_agree(self, rng, A, q):
        """The two ways to the periodic fixed point; measured 7e-15 at the most."""
        period, N = 2 * np.pi / q, 129
        x = period * np.arange(N) / N
        cycle = Cycle(A * np.cos(q * x), -A * q * np.sin(q * x), period)
        E = 0.2 + 1j * 10 ** rng.uniform(-2, 1, 12)
        M = np.sqrt(1 + 100 ** rng.uniform(-2, 1, 12)) + 0j
        s_R, s_L = fixed_points(cycle, E, M)
        assert max(np.abs(s_R).max(), np.abs(s_L).max()) <= 1.0
        direct = (s_R - s_L) / (1 - s_R * s_L)
        found = periodic_fixed_points(cycle, E, M)
        assert np.any(found.swept)
        s0 = np.where(found.swept[:, None], found.s0, 0)
        s_R, s_L = s0 + found.right, s0 + found.left
        np.testing.assert_allclose((s_R - s_L) / (1 - s_R * s_L), direct, atol=5e-14)


class TestCommandLine:
    def test_a_cosine_from_options(self, tmp_path, capsys):
        assert main(["current", "--shape", "cosine", "--height", "0.3", "--wavenumber", "2",
                     "--engine", "both", "--no-plot", "--points", "11",
                     "--save", str(tmp_path / "wave.npz")]) == 0
        printed = capsys.readouterr().out
        assert "U periodic in 3.14159 (cosine)" in printed
        assert "J_y" not in printed
        again = dd.load(tmp_path / "wave.npz")
        assert again.engine == "green"
        assert dd.load(tmp_path / "wave-states.npz").engine == "states"
        assert again.problem == dd.Problem(dd.CosinePotential(0.3, 2.0))
        assert again.x[-1] - again.x[0] >= 2 * again.problem.potential.period

    def test_a_cosine_from_a_file_with_units(self, tmp_path, capsys):
        path = tmp_path / "wave.toml"
        path.write_text(
            '[potential]\nshape = "cosine"\namplitude = "30 meV"\nwavenumber = "0.1 1/nm"\n'
            '[scale]\nv_F = "1e6 m/s"\nenergy = "100 meV"\n'
        )
        assert main(["current", "--input", str(path), "--json", "--points", "5"]) == 0
        found = json.loads(capsys.readouterr().out)
        potential = found["problem"]["potential"]
        assert potential["amplitude"] == pytest.approx(0.3)
        # ħv_F/E₀ = 6.58 nm
        assert potential["wavenumber"] == pytest.approx(0.1 * 6.582119569)
        assert "J_y" not in found

    @pytest.mark.parametrize(
        "arguments",
        [["total", "--shape", "cosine"], ["current", "--shape", "cosine", "--left", "1"],
         ["current", "--shape", "cosine", "--wavenumber", "-1"]],
    )
    def test_what_makes_no_sense_is_refused_in_one_line(self, arguments, capsys):
        assert main(arguments) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert any(word in error for word in ("no leads", "--left", "wavenumber"))
