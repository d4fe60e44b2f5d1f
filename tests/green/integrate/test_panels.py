"""What panels' nodes leave out of real problems, with more nodes on the same panels and contour."""

from dataclasses import replace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.green.contour import Contour, first_cells
from dirac1d.green.integrate.adaptive import Goal, integrate
from dirac1d.green.integrate.sums import evaluate
from dirac1d.green.integrate.verification import not_carried
from dirac1d.green.settings import Settings
from dirac1d.green.sources import geometry_of
from dirac1d.green.sources.observable import current_trace
from dirac1d.numerics.quadrature import series_error

TIGHT = 1e-9

PROBLEMS = {
    "gap": (dd.Problem(dd.TanhStep(-0.8, 0.8, 1.0)), 4.0),
    "half-metal": (dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0), fermi_energy=1.2), 4.0),
    "kinks": (dd.Problem(dd.TabulatedPotential([-5.0, 0, 3], [0.0, 0.4, 0.6])), 8.0),
    # The answer between the kinks is a straight line: its series tells nothing of what is lost.
    "a long ramp": (
        dd.Problem(dd.LinearRamp(0.87, -1.73, 15.0), mass=2.2, fermi_energy=0.5, temperature=0.5),
        0.5,
    ),
}


def resolved(problem, reach, rtol):
    """What the integrator has found when it is content."""
    geometry = geometry_of(problem, np.linspace(-reach, reach, 5), Settings.of(rtol))
    path = geometry.path()
    return integrate(
        geometry.source(current_trace(problem)), Contour(path),
        first_cells(path, geometry.settings, geometry.top, geometry.leads),
        Goal(geometry.share * rtol * problem.current_scale), geometry.settings,
    )[0]


@pytest.mark.parametrize("rtol", [1e-3, 1e-6])
@pytest.mark.parametrize("name", PROBLEMS)
def test_panels_err_by_less_than_what_their_nodes_cannot_carry(name, rtol):
    problem, reach = PROBLEMS[name]
    result = resolved(problem, reach, rtol)
    source = result.source
    richer = replace(source, mesh=source.mesh.with_nodes(source.layout.nodes + 6))
    cells = [s.cell for s in result.cells]
    truth = sum(s.rows[0] for s in evaluate(richer, result.domain, cells, TIGHT))
    values = richer.layout.on_panels(truth) @ richer.transfer(source).T
    true = np.max(np.abs(values - result.values)[source.judged])
    claim = source.settings.claim
    # Beside what the source's own equations were solved to.
    solved = claim.solver * rtol * problem.current_scale
    assert 0 < true < not_carried(result, claim) + solved


def test_what_is_lost_is_more_than_a_series_leaves_out():
    result = resolved(*PROBLEMS["a long ramp"], 1e-5)
    assert not_carried(result, result.source.settings.claim) > 10 * np.max(
        series_error(result.coefficients)
    )
