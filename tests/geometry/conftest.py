import numpy as np
import pytest

from dirac1d import geometry as geo


def lattice_models() -> list[geo.TwoBandModel]:
    return [
        geo.haldane(0.7, 0.3, 0.2),
        geo.haldane(0.7, 0.3, 0.2, embedding="cell"),
        geo.qi_wu_zhang(-1.2, d0_even=(0.3, 0.2)),
        geo.qi_wu_zhang(-1.2, d0_odd=(0.2, 0.5), diagonal=0.3),
        geo.flattened(geo.haldane(0.4, 0.1, 0.2), 0.7, half_gap=2.0),
    ]


def plane_models() -> list[geo.TwoBandModel]:
    return [
        geo.massive_dirac(-0.7),
        geo.warped_dirac(1.0, tilt=(0.4, 0.2), warp=0.2, curvature=0.3),
    ]


@pytest.fixture(params=lattice_models() + plane_models(), ids=lambda m: m.name)
def model(request):
    return request.param


@pytest.fixture
def momenta():
    return np.random.default_rng(20210412).normal(size=(2, 7))
