"""What makes a problem slow for engine "green", told before it is solved.

A warning from two facts about U, not a time: the classes of ``validation/benchmarks/speed.py`` that
were ended by a short budget at 1e-4 have one of them. Slow ones at 1e-8 may have neither (a step of
4 |Δ| between metals), and large ε_F, far positions, sharp and narrow steps were never meant.

- U runs over many |Δ| on both sides of ε_F: electrons and holes have to be followed on either side
  of every point where U = ε_F, and what happens there happens within a part 1/span of the step.
- U turns back many times from row to row, as a table with noise does: every turn is resolved.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.problem import Problem

#: In |Δ|, on both sides of ε_F. To 1e-4 a step of 10 over 20 lengths and one of 60 had no answer
#: after 4 s of CPU (8 s on a shared machine), one of 2.5e7 neither; one of 1000 took 3 s, and
#: missed 1e-6. With ε_F outside, a span of 1000 took 1 s. Of a well of 12 and a cosine of 10 only
#: 1e-8 was tried: no answer after 5 and 8 s.
SPAN = 10.0
#: A table of 121 rows without noise turns nowhere and takes 2 s to 1e-4; with noise it turns 46
#: times and does not reach 1e-4 in 6 s.
TURNS = 20


def slow_because(problem: Problem, x: NDArray, laboratory: bool = False) -> str:
    """Why a problem may take minutes, in a few words; empty if nothing is known to make it slow.

    Parameters
    ----------
    problem : Problem
        With a potential of one coordinate.
    x : ndarray
        Positions, or radii, at which the current is asked for.
    laboratory : bool
        Whether units were given: without them a large span may be a unit that was forgotten.

    Examples
    --------
    >>> import numpy as np
    >>> import dirac1d as dd
    >>> slow_because(dd.Problem(dd.TanhStep(-30, 30, width=1.0)), np.linspace(-5, 5, 9))
    'U spans 60 |Δ|; is --material or a unit missing?'
    >>> slow_because(dd.Problem(dd.TanhStep(-0.5, 0.5, width=1.0)), np.linspace(-5, 5, 9))
    ''
    """
    if problem.periodic:
        # Of all of a period, wherever in it the current is asked for.
        x = np.linspace(0.0, problem.potential.period, 65)
    U = np.asarray(problem.potential(x), float)
    if problem.has_leads:
        U = np.concatenate(([problem.U_L], U, [problem.U_R]))
    U = U[np.isfinite(U)]
    reasons = []
    spans = float(np.ptp(U)) / (problem.gap or np.inf)
    if spans >= SPAN and np.min(U) < problem.fermi_energy < np.max(U):
        reasons.append(f"U spans {spans:.3g} |Δ|")
    rows = np.asarray(problem.potential.breakpoints, float)
    steps = np.sign(np.diff(problem.potential(rows))) if rows.size > TURNS else np.zeros(0)
    turns = np.count_nonzero(np.diff(steps[steps != 0]))
    if turns >= TURNS:
        reasons.append(f"U turns back {turns} times (is it noise?)")
    lost = "; is --material or a unit missing?" if spans >= 2 * SPAN and not laboratory else ""
    return " and ".join(reasons) + (lost if reasons else "")
