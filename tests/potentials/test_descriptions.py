"""Potentials as plain data: JSON and TOML round trips, and what is wrong with a bad description."""

from __future__ import annotations

import json
import pickle
import tomllib

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.potentials.descriptions import SHAPES, potential_from_dict, potential_to_dict

SHAPED = [
    dd.TanhStep(-0.4, 0.9, 0.7, 0.1 + 0.2),
    dd.ErfStep(-0.4, 0.9, 0.7),
    dd.GaussianBump(-0.8, 1.3, 0.4),
    dd.SharpStep(-0.4, 0.9, 0.3),
    dd.LinearRamp(-0.4, 0.9, 1.4, 0.3),
    dd.TabulatedPotential([-2.0, -0.5, 0.0, 1.0, 3.0], [0.1, 0.1, -0.4, 0.8, 0.7]),
    dd.TanhStep(-0.4, 0.9, 0.7) + dd.GaussianBump(0.3, 0.5, 1.0),
]
FUNCTIONS = {
    "smooth": dd.FunctionPotential(lambda x: 0.3 * np.tanh(x) ** 3, -0.3, 0.3),
    "jump": dd.FunctionPotential(lambda x: np.where(x < 0.25, -1.0, 2.0), -1.0, 2.0),
    "kink": dd.FunctionPotential(lambda x: np.exp(-np.abs(x - 0.2)), 0.0, 0.0, [500.0]),
}


class TestDescriptions:
    @pytest.mark.parametrize("U", SHAPED, ids=lambda U: type(U).__name__)
    def test_round_trip_through_json_is_exact(self, U):
        again = potential_from_dict(json.loads(json.dumps(potential_to_dict(U))))
        x = np.linspace(-4, 4, 101)
        np.testing.assert_array_equal(again(x), U(x))
        assert again.breakpoints == U.breakpoints
        assert potential_to_dict(again) == potential_to_dict(U)

    @pytest.mark.parametrize("U", FUNCTIONS.values(), ids=FUNCTIONS)
    def test_a_function_comes_back_to_the_last_bit(self, U):
        again = potential_from_dict(json.loads(json.dumps(potential_to_dict(U))))
        sent = pickle.loads(pickle.dumps(U))
        x = np.concatenate((np.linspace(-4, 4, 301), U.breakpoints, [-1e9, 1e9]))
        for other in (again, sent):
            np.testing.assert_array_equal(other(x), U(x))
            np.testing.assert_array_equal(other.derivative(x), U.derivative(x))
            assert [other.limits(b) for b in x] == [U.limits(b) for b in x]
            assert (other.left, other.right) == (U.left, U.right)
            assert other == U
            assert hash(other) == hash(U)
        assert potential_to_dict(again) == potential_to_dict(U)
        assert dd.FunctionPotential(lambda x: 0.2 * np.tanh(x), -0.2, 0.2) != U

    def test_a_function_written_by_version_0_1_is_its_table(self):
        again = potential_from_dict(
            {"shape": "table", "x": [-1, 0, 1], "U": [0, 0.1, 0.3], "function": "<lambda>"})
        assert again == dd.TabulatedPotential([-1, 0, 1], [0, 0.1, 0.3])

    @pytest.mark.parametrize(("change", "culprit"), [
        ({"edges": [0.0]}, "edges"), ({"edges": [1.0, 0.0]}, "edges"), ({"left": None}, "left"),
        ({"coefficients": [[1.0], [2.0]]}, "coefficients"), ({"coefficients": 3}, "coefficients"),
        ({"more": 1}, "'more'"), ({"breakpoints": "a"}, "breakpoints"),
    ])
    def test_a_damaged_function_is_named(self, change, culprit):
        good = potential_to_dict(dd.FunctionPotential(lambda x: 0 * x, 0.0, 0.0))
        with pytest.raises(ValueError, match=culprit):
            potential_from_dict(good | change)
        del good["edges"]
        with pytest.raises(ValueError, match="'edges'"):
            potential_from_dict(good)

    def test_from_toml(self):
        text = '[potential]\nshape = "tanh"\nleft = -0.5\nright = 1\nwidth = 2.0\n'
        U = potential_from_dict(tomllib.loads(text)["potential"])
        assert dd.TanhStep(-0.5, 1.0, 2.0) == U

    @pytest.mark.parametrize(
        ("description", "culprit"),
        [
            ({"left": 0}, "shape must be one of"),
            ({"shape": "tan"}, "'tan'"),
            ({"shape": "tanh", "left": 0, "right": 1}, "'width'"),
            ({"shape": "tanh", "left": 0, "right": 1, "width": 1, "wdith": 2}, "'wdith'"),
            ({"shape": "tanh", "left": 0, "right": 1, "width": "broad"}, "width"),
            ({"shape": "sum"}, "terms"),
            ({"shape": "sum", "terms": []}, "terms"),
            ({"shape": "sum", "terms": [{"shape": "sharp", "left": 0}]}, "'right'"),
            ({"shape": "sum", "terms": [{"shape": "sharp"}], "left": 2}, "'left'"),
            ("tanh", "table of keys"),
            (None, "table of keys"),
        ],
    )
    def test_bad_descriptions_are_named(self, description, culprit):
        with pytest.raises(ValueError, match=culprit):
            potential_from_dict(description)

    def test_a_foreign_potential_cannot_be_written(self):
        class Foreign:
            pass

        with pytest.raises(ValueError, match="Foreign"):
            potential_to_dict(Foreign())

    def test_every_shape_has_a_name(self):
        assert set(SHAPES) == {
            "sharp", "tanh", "erf", "ramp", "gaussian", "cosine", "table", "function", "sum",
            "disc", "dot", "smooth_disc", "radial", "radial_table", "radial_sum",
            "cell", "strip",
        }
