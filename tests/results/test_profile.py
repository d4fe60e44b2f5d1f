"""Results: integrals of the strip, estimates, save and load, checks of x and rtol."""

from __future__ import annotations

import copy
import itertools
import json
import pickle
import zipfile

import numpy as np
import pytest
from numpy.polynomial import legendre

import dirac1d as dd
from dirac1d.numerics.checks import check_positions, check_rtol
from dirac1d.numerics.files import checksum
from dirac1d.numerics.strip import CANCELLATION, Strip
from dirac1d.results.profile import FILE_FORMAT

EDGES = np.array([-2.0, -0.5, 0.0, 3.0])
#: Rounding of a sum of a dozen terms of order 1.
ROUNDING = 1e-14


def gaussian_strip(tails: bool = False) -> Strip:
    """e^{-x²} as Legendre series of degree 31 on three panels: exact to rounding."""
    t, w = legendre.leggauss(32)
    a, b = EDGES[:-1, None], EDGES[1:, None]
    values = np.exp(-(((a + b) / 2 + (b - a) / 2 * t) ** 2))
    coefficients = (values * w) @ legendre.legvander(t, 31) * (np.arange(32) + 0.5)
    ends = None
    if tails:
        from scipy.special import erfc

        ends = (
            dd.Estimate(np.sqrt(np.pi) / 2 * erfc(2.0), 1e-3),
            dd.Estimate(np.sqrt(np.pi) / 2 * erfc(3.0), 2e-3),
        )
    return Strip(EDGES, coefficients, np.array([1e-5, 2e-5, 4e-5]), ends)


def make(strip: Strip | None = None, **changes) -> dd.Profile:
    problem = dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0) + dd.GaussianBump(0.1, 1.0), 1.0, 0.1 + 0.2)
    x = np.array([-1.5, 0.1, 1 / 3, 2.0])
    values = {
        "x": x, "j_y": np.exp(-(x**2)), "error": np.array([1e-5, 1e-6, 0.0, 1e-300]),
        "status": "converged", "engine": "states", "problem": problem, "rtol": 1e-4,
        "strip": strip, "details": {"sites": 12, "note": "ε_F"},
    } | changes
    return dd.Profile(**values)


def exact(lo: float, hi: float) -> float:
    from scipy.special import erf

    return float(np.sqrt(np.pi) / 2 * (erf(hi) - erf(lo)))


class TestEstimate:
    def test_is_a_float_with_an_error(self):
        e = dd.Estimate(1.5, 0.25)
        value, error = e
        assert (value, error, e.value, e.error) == (1.5, 0.25, 1.5, 0.25)
        assert e + 1 == 2.5
        assert isinstance(e, float)
        assert f"{e:.2f}" == "1.50"
        assert "0.25" in repr(e)

    @pytest.mark.parametrize("how", [copy.copy, copy.deepcopy,
                                     lambda e: pickle.loads(pickle.dumps(e))])
    def test_keeps_its_error_when_copied(self, how):
        again = how(dd.Estimate(1.5, 0.25))
        assert (again.value, again.error) == (1.5, 0.25)


class TestIntegral:
    @pytest.mark.parametrize(
        ("lo", "hi"),
        [(-2.0, 3.0), (-0.5, 0.0), (-1.9, -1.1), (-0.4, 0.2), (-0.7, 2.9), (0.0, 3.0),
         (1.0, 1.0), (-2.0, -2.0)],
    )
    def test_whole_panels_and_parts_of_panels(self, lo, hi):
        assert make(gaussian_strip()).integral(lo, hi) == pytest.approx(
            exact(lo, hi), abs=ROUNDING
        )

    def test_default_ends_are_those_of_x(self):
        profile = make(gaussian_strip())
        assert profile.integral() == pytest.approx(exact(-1.5, 2.0), abs=ROUNDING)
        assert profile.integral(0.0) == pytest.approx(exact(0.0, 2.0), abs=ROUNDING)
        assert profile.integral(x_right=0.0) == pytest.approx(exact(-1.5, 0.0), abs=ROUNDING)

    def test_pieces_add_up(self, rng):
        profile = make(gaussian_strip())
        cuts = np.sort(rng.uniform(-2, 3, 20))
        parts = sum(profile.integral(a, b) for a, b in itertools.pairwise(cuts))
        assert parts == pytest.approx(profile.integral(cuts[0], cuts[-1]), abs=ROUNDING)

    def test_error_is_that_of_the_touched_panels(self):
        profile = make(gaussian_strip())
        assert profile.integral(-2.0, 3.0).error == pytest.approx(7e-5)
        assert profile.integral(-0.4, -0.3).error == pytest.approx(2e-5)
        assert profile.integral(-0.5, 0.0).error == pytest.approx(2e-5)
        assert profile.integral(-0.4, 0.1).error == pytest.approx(6e-5)

    def test_indicators_may_cancel_by_their_sign_but_not_to_nothing(self):
        plain = gaussian_strip()
        indicator = np.zeros((3, 2))
        # ∫ = 2·half·c₀: widths 1.5, 0.5, 3 → +1e-3, -1e-3, 0.
        indicator[:, 0] = [1e-3 / 1.5, -1e-3 / 0.5, 0.0]
        strip = Strip(
            plain.edges, plain.coefficients, np.zeros(3), indicators=(indicator,)
        )
        profile = make(strip)
        assert profile.integral(-2.0, 3.0).error == pytest.approx(CANCELLATION * 2e-3)
        assert profile.integral(-2.0, -0.5).error == pytest.approx(1e-3 * (1 + CANCELLATION))

    def test_errors_of_panels_add_up_in_part(self):
        """A bound on a panel, half of it known to follow a signed difference: and never more.

        The third panel has no difference of its own: any piece of it may carry all of its error.
        """
        plain = gaussian_strip()
        indicator = np.zeros((3, 2))
        indicator[:, 0] = [1e-5 / 1.5, -1e-5 / 0.5, 0.0]
        strip = Strip(
            plain.edges, plain.coefficients, plain.error, indicators=(indicator,),
            additive=np.array([0.5, 0.5, 1.0]),
        )
        profile = make(strip)
        whole = CANCELLATION * 2e-5 + 0.5e-5 + 1e-5 + 4e-5
        assert profile.integral(-2.0, 3.0).error == pytest.approx(whole)
        assert profile.integral(-2.0, -0.5).error == pytest.approx(1e-5)
        piece = 1e-5 * 0.2 * (1 + CANCELLATION) + 2e-5 * 0.2  # too short for a change of sign
        assert profile.integral(-0.4, -0.3).error == pytest.approx(piece)
        assert profile.integral(1.0, 1.1).error == pytest.approx(4e-5)
        again = Strip.from_arrays(strip.to_arrays())
        assert again == strip

    def test_errors_of_a_panel_s_own_add_up_by_their_squares(self):
        """A third of each is shared and adds up, a quarter is its own; pieces have both in part."""
        plain = gaussian_strip()
        strip = Strip(
            plain.edges, plain.coefficients, plain.error, indicators=(np.zeros((3, 2)),),
            additive=np.array([1 / 3, 1 / 3, 1.0]), independent=np.array([0.25, 0.25, 0.0]),
        )
        profile = make(strip)
        e = plain.error
        whole = (e[0] + e[1]) / 3 + e[2] + 0.25 * np.hypot(e[0], e[1])
        assert profile.integral(-2.0, 3.0).error == pytest.approx(whole)
        assert profile.integral(-2.0, -0.5).error == pytest.approx(e[0] * (1 / 3 + 0.25))
        assert profile.integral(-0.4, -0.3).error == pytest.approx(0.2 * e[1])
        again = Strip.from_arrays(strip.to_arrays())
        assert again == strip

    def test_tails_reach_to_infinity(self):
        profile = make(gaussian_strip(tails=True))
        whole = profile.integral(-np.inf, np.inf)
        assert whole == pytest.approx(np.sqrt(np.pi), abs=ROUNDING)
        assert whole.error == pytest.approx(7e-5 + 3e-3)
        left = profile.integral(-np.inf, 0.0)
        assert left == pytest.approx(np.sqrt(np.pi) / 2, abs=ROUNDING)
        assert left.error == pytest.approx(3e-5 + 1e-3)
        assert profile.integral(0.0, np.inf).error == pytest.approx(4e-5 + 2e-3)

    @pytest.mark.parametrize(
        ("ends", "culprit"),
        [
            ((-2.1, 1.0), r"x_left = -2.1.*\[-2, 3\]"),
            ((-1.0, 3.1), "x_right = 3.1"),
            ((1.0, -1.0), "x_left must not exceed"),
            ((np.nan, 1.0), "x_left"),
            ((0.0, np.nan), "x_right"),
            ((-np.inf, 1.0), "x_left = -inf"),
            ((0.0, np.inf), "x_right = inf"),
        ],
    )
    def test_bad_ends_are_named(self, ends, culprit):
        with pytest.raises(ValueError, match=culprit):
            make(gaussian_strip()).integral(*ends)

    def test_infinite_ends_the_wrong_way_round(self):
        profile = make(gaussian_strip(tails=True))
        with pytest.raises(ValueError, match="x_left"):
            profile.integral(np.inf, np.inf)
        with pytest.raises(ValueError, match="x_right"):
            profile.integral(-np.inf, -np.inf)

    def test_beyond_the_range_is_refused_even_with_tails(self):
        with pytest.raises(ValueError, match="outside of the computed range"):
            make(gaussian_strip(tails=True)).integral(-5.0, 0.0)

    def test_a_profile_without_a_strip_says_so(self):
        with pytest.raises(ValueError, match="no strip"):
            make().integral()


class TestImmutable:
    def test_arrays_are_read_only_copies(self):
        x = np.array([0.0, 1.0])
        profile = make(x=x, j_y=x, error=x)
        x[0] = 9.0
        assert profile.x[0] == profile.j_y[0] == 0.0
        with pytest.raises(ValueError, match="read-only"):
            profile.j_y[0] = 1.0
        with pytest.raises(AttributeError):
            profile.status = "better"

    def test_converged(self):
        assert make().converged
        assert not make(status="reached 1e-3").converged


class TestSaveAndLoad:
    @pytest.mark.parametrize("tails", [False, True])
    def test_round_trip_is_bit_identical(self, tails, tmp_path):
        before = make(gaussian_strip(tails))
        after = dd.load(before.save(tmp_path / "result.npz"))
        for name in ("x", "j_y", "error"):
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        for name in ("status", "engine", "rtol", "details"):
            assert getattr(after, name) == getattr(before, name)
        assert after.problem == before.problem
        assert after.integral(-1.7, 2.3) == before.integral(-1.7, 2.3)
        assert after.integral(-1.7, 2.3).error == before.integral(-1.7, 2.3).error
        if tails:
            assert list(after.integral(-np.inf, np.inf)) == list(before.integral(-np.inf, np.inf))
        else:
            assert after.strip.tails is None

    def test_indicators_infinities_and_no_strip(self, tmp_path):
        strip = gaussian_strip()
        with_indicators = make(
            Strip(strip.edges, strip.coefficients, strip.error,
                     indicators=(1e-3 * strip.coefficients, -2e-3 * strip.coefficients))
        )
        again = dd.load(with_indicators.save(tmp_path / "a"))
        assert list(again.integral()) == list(with_indicators.integral())
        bare = make(j_y=[np.inf, -np.inf, 0.0, -0.0])
        again = dd.load(bare.save(tmp_path / "b"))
        np.testing.assert_array_equal(again.j_y, bare.j_y)
        assert np.signbit(again.j_y[3])
        assert again.strip is None

    @pytest.mark.parametrize("engine", ["states", "green"])
    def test_results_of_the_engines(self, engine, tmp_path, gap_problem):
        rtol = {"states": 1e-3, "green": 1e-5}[engine]
        before = dd.current_density(gap_problem, [-1.0, 0.0, 2.0], engine=engine, rtol=rtol)
        after = dd.load(before.save(tmp_path / "ε 结果.npz"))
        np.testing.assert_array_equal(after.j_y, before.j_y)
        assert after.problem == gap_problem
        assert list(after.integral()) == list(before.integral())
        assert json.loads(json.dumps(after.to_dict())) == json.loads(json.dumps(before.to_dict()))

    def test_returns_the_path_and_adds_the_suffix(self, tmp_path):
        assert make().save(tmp_path / "run.1") == tmp_path / "run.1.npz"
        assert make().save(str(tmp_path / "run.npz")) == tmp_path / "run.npz"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["run.1.npz", "run.npz"]

    def test_overwrites_its_own_file(self, tmp_path):
        make(status="first").save(tmp_path / "a.npz")
        make(status="second").save(tmp_path / "a.npz")
        assert dd.load(tmp_path / "a.npz").status == "second"

    def test_unwritable_places(self, tmp_path):
        with pytest.raises(ValueError, match=r"cannot write .*nowhere"):
            make().save(tmp_path / "nowhere" / "a.npz")
        (tmp_path / "file").write_text("")
        with pytest.raises(ValueError, match="cannot write"):
            make().save(tmp_path / "file" / "a.npz")
        (tmp_path / "taken.npz").mkdir()
        with pytest.raises(ValueError, match="cannot write"):
            make().save(tmp_path / "taken.npz")
        assert not list(tmp_path.glob("*.part"))

    def test_a_failed_save_leaves_the_old_file_alone(self, tmp_path):
        path = make(status="old").save(tmp_path / "a.npz")
        with pytest.raises(TypeError):
            make(details={"not JSON": object()}).save(path)
        assert dd.load(path).status == "old"
        assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]

    def test_a_function_potential_comes_back_as_it_was(self, tmp_path):
        U = dd.FunctionPotential(lambda x: 0.3 * np.tanh(x), -0.3, 0.3)
        again = dd.load(make(problem=dd.Problem(U)).save(tmp_path / "a")).problem.potential
        assert again == U

    @pytest.mark.parametrize(("function", "left", "right"), [
        (lambda x: 0.3 * np.tanh(x), -0.3, 0.3), (lambda x: np.where(x < 0.25, 0.0, 0.4), 0.0, 0.4),
        (lambda x: 0.3 * np.exp(-np.abs(x - 0.2)), 0.0, 0.0),
    ], ids=["smooth", "jump", "kink"])
    def test_a_function_solved_saved_loaded_and_solved_is_the_same(
        self, function, left, right, tmp_path
    ):
        problem = dd.Problem(dd.FunctionPotential(function, left, right))
        profile = dd.current_density(problem, [-1.0, 0.1], rtol=1e-4)
        again = dd.load(profile.save(tmp_path / "a"))
        assert again.problem == problem
        repeated = dd.current_density(again.problem, [-1.0, 0.1], rtol=1e-4)
        np.testing.assert_array_equal(repeated.j_y, profile.j_y)
        np.testing.assert_array_equal(repeated.error, profile.error)


class TestDamagedFiles:
    def test_missing(self, tmp_path):
        with pytest.raises(ValueError, match=r"cannot read .*gone\.npz"):
            dd.load(tmp_path / "gone.npz")
        with pytest.raises(ValueError, match="cannot read"):
            dd.load(tmp_path)

    def test_empty_text_and_garbage(self, tmp_path):
        for content in (b"", b"x,j_y\n0,1\n", b"PK\x03\x04 and then nonsense", b"\x93NUMPY junk"):
            path = tmp_path / "bad.npz"
            path.write_bytes(content)
            with pytest.raises(ValueError, match=r"bad\.npz"):
                dd.load(path)

    def test_truncated_at_every_tenth(self, tmp_path):
        data = make(gaussian_strip()).save(tmp_path / "good.npz").read_bytes()
        path = tmp_path / "cut.npz"
        for tenth in range(10):
            path.write_bytes(data[: len(data) * tenth // 10])
            with pytest.raises(ValueError, match=r"cut\.npz"):
                dd.load(path)

    def test_flipped_bytes_never_pass_for_a_result(self, tmp_path):
        before = make(gaussian_strip())
        data = bytearray(before.save(tmp_path / "good.npz").read_bytes())
        path, messages = tmp_path / "flipped.npz", []
        for position in range(30, len(data), 23):
            broken = bytearray(data)
            broken[position] ^= 0xFF
            path.write_bytes(bytes(broken))
            # Bytes that carry no data (times, attributes) may change: the values may not.
            try:
                after = dd.load(path)
            except ValueError as error:
                messages.append(str(error))
            else:
                np.testing.assert_array_equal(after.j_y, before.j_y)
        assert len(messages) > 5
        assert all("flipped.npz" in message for message in messages)

    def test_pickles_are_not_run(self, tmp_path):
        path = tmp_path / "pickle.npz"
        path.write_bytes(pickle.dumps({"x": 1}))
        with pytest.raises(ValueError, match="not a dirac1d result"):
            dd.load(path)
        np.savez(path, header=np.array([{"kind": "dirac1d.Profile"}], dtype=object))
        with pytest.raises(ValueError, match="not a dirac1d result"):
            dd.load(path)

    def test_other_peoples_files(self, tmp_path):
        path = tmp_path / "other.npz"
        np.savez(path, x=np.arange(3))
        with pytest.raises(ValueError, match="not a dirac1d result"):
            dd.load(path)
        np.save(tmp_path / "other.npy", np.arange(3))
        with pytest.raises(ValueError, match="not a dirac1d result"):
            dd.load(tmp_path / "other.npy")
        np.savez(path, header=np.array(json.dumps({"kind": "something else"})))
        with pytest.raises(ValueError, match="not a dirac1d result"):
            dd.load(path)
        np.savez(path, header=np.array("[1, 2]"))
        with pytest.raises(ValueError, match="not a dirac1d result"):
            dd.load(path)

    def rewrite(self, path, drop=(), **header):
        """The file again, with header entries changed and arrays dropped."""
        with np.load(path) as stored:
            arrays = {k: stored[k] for k in stored.files if k not in (*drop, "header")}
            entries = json.loads(str(stored["header"])) | header
        entries = {k: v for k, v in entries.items() if k not in drop}
        entries["checksum"] = checksum(entries, arrays)
        np.savez(path, header=np.array(json.dumps(entries)), **arrays)

    def test_newer_formats(self, tmp_path):
        path = make().save(tmp_path / "new.npz")
        self.rewrite(path, format=FILE_FORMAT + 1)
        with pytest.raises(ValueError, match=f"format {FILE_FORMAT + 1}.*reads {FILE_FORMAT}"):
            dd.load(path)

    @pytest.mark.parametrize("part", ["x", "error", "status", "problem"])
    def test_missing_parts_are_named(self, part, tmp_path):
        path = make().save(tmp_path / "part.npz")
        self.rewrite(path, drop=(part,))
        with pytest.raises(ValueError, match=part):
            dd.load(path)

    def test_missing_half_of_the_strip(self, tmp_path):
        path = make(gaussian_strip()).save(tmp_path / "half.npz")
        self.rewrite(path, drop=("strip_coefficients",))
        with pytest.raises(ValueError, match=r"half\.npz"):
            dd.load(path)

    def test_a_problem_that_is_none(self, tmp_path):
        path = make().save(tmp_path / "none.npz")
        self.rewrite(path, problem={"potential": {"shape": "tan"}})
        with pytest.raises(ValueError, match="shape"):
            dd.load(path)

    def test_the_file_is_a_plain_archive(self, tmp_path):
        path = make().save(tmp_path / "plain.npz")
        with zipfile.ZipFile(path) as archive:
            assert {"header.npy", "x.npy", "j_y.npy", "error.npy"} <= set(archive.namelist())


class TestChecks:
    @pytest.mark.parametrize(
        ("x", "culprit"),
        [
            ([], "x must not be empty"),
            ([0.0, np.nan], r"x\[1\] = nan"),
            ([0.0, np.inf], r"x\[1\] = inf"),
            ([0.0, 1.0, 1.0], r"x\[1\] = 1.0, x\[2\] = 1.0"),
            ([1.0, 0.0], "increase strictly"),
            ([[0.0, 1.0]], r"shape \(1, 2\)"),
            (["a"], "real numbers"),
            ([1j], "real numbers"),
            (None, "x must be"),
        ],
    )
    def test_bad_positions_are_named(self, x, culprit):
        with pytest.raises(ValueError, match=culprit):
            check_positions(x)

    def test_good_positions(self):
        np.testing.assert_array_equal(check_positions(0.5), [0.5])
        np.testing.assert_array_equal(check_positions(range(3)), [0.0, 1.0, 2.0])
        x = np.array([0.0, 1.0])
        assert check_positions(x) is not x

    @pytest.mark.parametrize("rtol", [0.0, 1.0, -1e-4, np.nan, np.inf, "small", None, [1e-4, 1e-5]])
    def test_bad_tolerances_are_named(self, rtol):
        with pytest.raises(ValueError, match="rtol"):
            check_rtol(rtol)

    def test_good_tolerances(self):
        assert check_rtol(np.float32(0.5)) == 0.5
        assert check_rtol("1e-4") == 1e-4
