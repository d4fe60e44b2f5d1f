"""Potentials as plain data: JSON and TOML round trips, and what is wrong with a bad description."""

from __future__ import annotations

import json
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
FUNCTION = dd.FunctionPotential(lambda x: 0.3 * np.tanh(x) ** 3, -0.3, 0.3)


class TestDescriptions:
    @pytest.mark.parametrize("U", SHAPED, ids=lambda U: type(U).__name__)
    def test_round_trip_through_json_is_exact(self, U):
        again = potential_from_dict(json.loads(json.dumps(potential_to_dict(U))))
        x = np.linspace(-4, 4, 101)
        np.testing.assert_array_equal(again(x), U(x))
        assert again.breakpoints == U.breakpoints
        assert potential_to_dict(again) == potential_to_dict(U)

    def test_a_function_is_written_as_its_table(self):
        U = FUNCTION
        again = potential_from_dict(potential_to_dict(U))
        x = np.linspace(-4, 4, 301)
        # A cubic through 32 points to a panel of a fit of order 16: 3e-5 measured.
        np.testing.assert_allclose(again(x), U(x), atol=1e-4)
        assert (again.left, again.right) == (U.left, U.right)

    def test_a_function_with_a_jump_is_written_with_both_sides(self):
        U = dd.FunctionPotential(lambda x: np.where(x < 0.25, -1.0, 2.0), -1.0, 2.0)
        again = potential_from_dict(potential_to_dict(U))
        np.testing.assert_allclose(again([0.25 - 1e-6, 0.25 + 1e-6]), [-1.0, 2.0], atol=1e-9)

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
            "sharp", "tanh", "erf", "ramp", "gaussian", "cosine", "table",
        }
