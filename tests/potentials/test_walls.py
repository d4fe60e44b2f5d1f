"""Masses that vary and end at hard walls: what they are, and what is refused."""

import json

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.dirac import E_OVER_2H
from dirac1d.potentials import Walled

LEFT, RIGHT = dd.HardWall(-3.0, -1, "left"), dd.HardWall(3.0, 1, "right")
WALL = dd.TanhStep(-1.0, 2.0, 2.0)
MASSES = (WALL, dd.SharpStep(1.0, -1.0), dd.LinearRamp(0.0, 1.0, 2.0), WALL + RIGHT, 1.0 + LEFT,
          0.0 + LEFT + RIGHT, dd.GaussianBump(1.0, 1.0) + dd.SharpStep(1, 1) + LEFT,
          dd.TabulatedPotential([-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]))


def problem(mass, U=0.0, **more):
    return dd.Problem(U, mass=mass, **more)


class TestSums:
    def test_walls_add_in_any_order(self):
        assert 1.0 + LEFT + RIGHT == RIGHT + 1.0 + LEFT == LEFT + RIGHT + 1.0
        assert 1.0 + LEFT + RIGHT == (1.0 + RIGHT) + LEFT
        assert WALL + RIGHT == RIGHT + WALL == Walled(WALL, (RIGHT,))
        assert WALL + (LEFT + RIGHT) == LEFT + RIGHT + WALL == Walled(WALL, (LEFT, RIGHT))

    def test_profiles_inside_add(self):
        both = WALL + RIGHT + dd.GaussianBump(1.0, 1.0)
        assert both.inside == WALL + dd.GaussianBump(1.0, 1.0)
        assert both.walls == (RIGHT,)

    def test_repr_is_one_line(self):
        assert repr(1.0 + LEFT) == "Walled(1.0, HardWall(-3.0, -1, 'left'))"

    def test_value_at_the_wall_is_that_of_the_decaying_solution(self):
        # f′ = -Δg, g′ = -Δf: for Δ → +∞ what decays to the right has g = f.
        assert (dd.HardWall(0, 1, "right").R, dd.HardWall(0, 1, "left").R) == (1.0, -1.0)
        assert (dd.HardWall(0, -1, "right").R, dd.HardWall(0, -1, "left").R) == (-1.0, 1.0)


class TestRefused:
    @pytest.mark.parametrize(("make", "culprit"), [
        (lambda: dd.HardWall(np.nan, 1, "left"), "position must be a finite number"),
        (lambda: dd.HardWall(0, 2, "left"), "sign must be 1 or -1, got 2"),
        (lambda: dd.HardWall(0, True, "left"), "sign must be 1 or -1, got True"),
        (lambda: dd.HardWall(0, 1, "up"), "side must be 'left' or 'right', got 'up'"),
        (lambda: 1.0 + LEFT + LEFT, "walls must be one on each side"),
        (lambda: 1.0 + dd.HardWall(4, 1, "left") + RIGHT, r"must be below 3\.0"),
        (lambda: problem(LEFT), r"mass must say what is inside of a hard wall: 1\.0 \+ HardWall"),
        (lambda: problem(dd.CosinePotential(1, 4), WALL), "mass must be a finite number or a prof"),
        (lambda: problem(dd.TanhStep, WALL), "mass must be a finite number"),
        (lambda: problem(WALL, dd.Disc(1, 5)), "mass must be a number for a circle"),
        (lambda: problem(WALL, dd.CosinePotential(1, 4)), "mass must be a number for a circle"),
        (lambda: problem(1.0 + LEFT, dd.disorder(0.5, 1.0, (5.0, 5.0))), "mass must be a number"),
        (lambda: problem(WALL, np.inf), "potential must be a finite number"),
        (lambda: dd.Problem(1.0), "potential must be a potential"),
    ])
    def test_by_name(self, make, culprit):
        with pytest.raises(ValueError, match=culprit):
            make()

    def test_other_things_do_not_add(self):
        for other in ("1", None, [1.0]):
            with pytest.raises(TypeError):
                LEFT + other

    @pytest.mark.parametrize("ask", [
        lambda p: dd.exact.smooth_limit_current(p, [0.0]),
        lambda p: dd.exact.transport_current(p, [0.0]),
        lambda p: dd.exact.linear_response_current(p, [0.0]),
        lambda p: dd.exact.reference_current(p, 0.0),
        lambda p: dd.semiclassics.momentum_x(p, 0.3, 1.5),
        lambda p: dd.bound_states(p, 0.5),
    ])
    def test_one_sentence_where_a_number_is_meant(self, ask):
        with pytest.raises(ValueError, match="mass must be a number, got TanhStep"):
            ask(problem(WALL))


class TestOfAProblem:
    def test_a_number_is_no_profile(self):
        p = dd.Problem(WALL, mass=-2.0)
        assert (p.mass_profile, p.hard_walls, p.mass_jumps) == (None, (None, None), ())
        assert (p.mass_left, p.mass_right, p.gap) == (-2.0, -2.0, 2.0)
        assert p.mass_at([0.0, 1.0]).tolist() == [-2.0, -2.0]

    def test_leads(self):
        p = problem(WALL)
        assert (p.mass_left, p.mass_right, p.gap) == (-1.0, 2.0, 2.0)
        p = problem(WALL + RIGHT, dd.TanhStep(-1, 1, 1.0))
        assert (p.mass_left, p.mass_right, p.hard_walls) == (-1.0, np.inf, (None, RIGHT))
        assert np.tanh(3.0) == p.U_R
        assert p.mass_at([2.0, 4.0]).tolist() == [float(WALL(2.0)), np.inf]

    def test_gap_is_the_largest_mass_inside(self):
        assert problem(WALL + dd.HardWall(0.0, 1, "right")).gap == 1.0
        narrow = dd.GaussianBump(-3.0, 0.1, 0.77) + dd.SharpStep(0, 1)
        assert problem(narrow).gap == pytest.approx(2.0, rel=1e-8)

    def test_gap_of_what_has_no_mass(self):
        assert problem(0.0 + LEFT + RIGHT).gap == np.pi / 6
        assert problem(0.0 + LEFT, fermi_energy=0.3, temperature=0.1).gap == 0.3
        assert problem(0.0 + LEFT).current_scale == 0.0

    def test_scale_of_a_wall_and_of_a_step(self):
        sharp = problem(dd.SharpStep(-1.0, 1.0))
        assert sharp.current_scale == pytest.approx(2 * E_OVER_2H, rel=1e-12)
        flat = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), mass=dd.SharpStep(1.0, 1.0))
        assert flat.current_scale == dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)).current_scale

    def test_regime_goes_by_each_lead(self):
        assert problem(dd.TanhStep(-1, 1, 2)).regime == "insulating"
        assert problem(dd.TanhStep(-1, 0.2, 2), fermi_energy=0.5).regime == "half-metallic"
        assert problem(0.2 + RIGHT, fermi_energy=0.5).regime == "half-metallic"

    def test_regime_of_a_ribbon_goes_by_what_is_beside_its_walls(self):
        walls = dd.HardWall(-3.0, 1, "left") + dd.HardWall(4.0, 1, "right")
        ribbon = dd.SharpStep(0.2, 1.0) + walls
        for fermi_energy, regime in (
            (0.1, "insulating"), (0.5, "half-metallic"), (-1.5, "metallic"),
        ):
            assert problem(ribbon, fermi_energy=fermi_energy).regime == regime

    @pytest.mark.parametrize("mass", MASSES)
    def test_round_trip_through_json(self, mass):
        p = problem(mass, fermi_energy=0.1)
        assert dd.Problem.from_dict(json.loads(json.dumps(p.to_dict()))) == p

    def test_old_descriptions_still_load(self):
        old = {"mass": 2.0, "potential": {"shape": "sharp", "left": 0.0, "right": 1.0}}
        assert dd.Problem.from_dict(old).mass == 2.0

    @pytest.mark.parametrize("bad", [
        {"shape": "walled"}, {"shape": "walled", "inside": 1.0, "walls": [3]}, {"shape": "no"},
        {"shape": "walled", "inside": 1.0, "walls": []},
    ])
    def test_bad_descriptions_are_named(self, bad):
        with pytest.raises(ValueError, match=r"mass|walls|shape"):
            dd.Problem.from_dict({"mass": bad, "potential": {"shape": "sharp", "left": 0,
                                                             "right": 1}})


class TestTotalCurrent:
    def test_a_domain_wall_carries_its_edge_state(self):
        p = problem(dd.TanhStep(-1, 1, 2), fermi_energy=0.3)
        assert dd.total_current(p) == pytest.approx(2 * 0.3 * E_OVER_2H, rel=1e-14)

    def test_an_edge_carries_half_of_it_if_its_mass_has_the_other_sign(self):
        for sign, total in ((1, 0.0), (-1, -2 * 0.3 * E_OVER_2H)):
            mass = 1.0 + dd.HardWall(0.0, sign, "right")
            p = problem(mass, fermi_energy=0.3)
            assert dd.total_current(p) == pytest.approx(total, abs=1e-16)

    def test_hot_walls(self):
        p = problem(0.0 + dd.HardWall(0.0, 1, "right"), fermi_energy=0.3, temperature=0.2)
        assert dd.total_current(p) == pytest.approx(0.3 * E_OVER_2H, rel=1e-13)
