"""Every number of the engine that is not physics: limits, where work starts, what is claimed.

Three kinds that must not be mixed. `Limits` only end work (the result then says so). `Start` only
changes speed: any of its numbers may be changed by a third and every answer stays within its error
(tests/green/test_settings.py does that). `Claim` decides what error is claimed: its numbers rest on
the certificate (validation/), which draws from all sources and results.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

#: Fewest contour nodes of a batch.
SMALLEST_BATCH = 16


@dataclass(frozen=True)
class Limits:
    """Where work ends.

    Attributes
    ----------
    rounds : int
        Rounds of mesh or contour refinement before the result is handed out with a warning.
    contour_nodes, panels : int
        Contour nodes and panels beyond which refinement stops.
    order : int
        Largest number of nodes along a side of a cell; then cells are split.
    verifications : int
        Times the result is improved because verification found a larger error.
    stalls, stall : int, float
        Refinements in a row that leave all of the error but `stall`: it is rounding then. They
        count half where cells were divided, too. Towards a logarithm, as beside a narrow step, each
        takes one octave only of many.
    memory : int
        Bytes of the complex arrays of one batch of contour nodes.
    first_panels : int
        Panels of the first mesh beyond which a potential counts as too rough to follow.
    halvings : int
        Times a panel of the first mesh may be halved: 2⁻⁴⁸ of the strip is below any length of use.
    parts : int
        Parts into which the waves may cut all panels together.
    grades : int
        Halvings of a flat panel towards where U varies.
    harmonics, periodic_work : int
        Harmonics of a periodic answer, and contour nodes times grid points (about a minute).
    """

    rounds: int = 60
    contour_nodes: int = 30_000
    panels: int = 5_000
    order: int = 32
    verifications: int = 8
    stalls: int = 4
    stall: float = 0.03
    memory: int = 2**25
    first_panels: int = 20_000
    halvings: int = 48
    parts: int = 5_000
    grades: int = 40
    harmonics: int = 1024
    periodic_work: int = 6_000_000

    def at_once(self, numbers: int) -> int:
        """How many contour nodes make a batch, each with so many complex numbers alive."""
        return max(SMALLEST_BATCH, int(self.memory / (16 * numbers)))


@dataclass(frozen=True)
class Start:
    """Where work starts, and how it goes on: speed only.

    Attributes
    ----------
    quarter_at : float
        Error over tolerance from which a panel is cut into four at once.
    impatience : float
        Factor by which an error is taken for larger after every verification that failed.
    rotation : float
        Of p. π/4 turns Friedel oscillations into pure Gaussians and is the middle of the sector
        free of singularities, for the leads in the gap and in the band alike.
    gap_part : float
        |ε_F - U| up to this part of |Δ| everywhere: the gap's chart, with p and ω even.
    edge_room : float
        Distance of the other band's edge, or its p_F, in |Δ|, below which p is rotated by half of
        that only.
    low_part, low_exponent : float
        How far the frequencies that are summed at low temperatures may reach: a part of the
        scale S, and the exponent of the longest wave.
    shell_ratio : float
        Ratio of the radii of neighbouring cells, where structure at 1/x on many scales is expected.
    top_room : float
        The outermost cell begins at this part of the scale 1/x to be resolved, at most.
    edge_part : float
        Part of the scale S below which a lead's |κ|, or the pivot, belongs to a band's edge close
        to ε_F: then cells are graded down to it.
    middle : float
        Largest |ε_F - U|, in |Δ|, from which the gap's integrand is no longer that of the middle.
    reflection, reflection_in_x : float
        Smallest |ε_F - U|, in |Δ|, below which waves are reflected strongly: for the nodes of the
        contour, and for the panels.
    few_waves : float
        Phase 2kd of waves that need no more than the fewest nodes.
    strip_phase, most_pieces, most_for_phase : float, int, int
        Largest phase of waves on a cell of the strip, most such cells, and the most nodes for a
        phase: where the way is very long, most waves die on it.
    wave_exponent : float
        A wave's exponent at the end of the cells of lowest frequencies and momenta.
    corner : float
        Size of the first cell at the end of the bow, in units of its distance from all states.
    slope_part : float
        Part of the slope that carries the accuracy asked for to which U′ is resolved at first.
    panel_phase, reflected_phase : float
        k_F times a panel's width up to which its nodes (3 more for 10³ in accuracy) carry the wave,
        and one that is reflected strongly.
    grading : float
        Largest width of a flat panel over its distance from where U varies.
    smoothness : float
        Smallest |κ²| relative to its variation |2E'ΔU| on a panel for which s₀(x) counts as smooth.
    adiabaticity : float
        Largest |U'M/2κ³| (the slow tr σ_yG) up to which s₀ is a reference.
    harmonics : int
        Of the first grid in a periodic potential.
    """

    quarter_at: float = 1e3
    impatience: float = 4.0
    rotation: float = np.pi / 4
    gap_part: float = 0.85
    edge_room: float = 0.5
    low_part: float = 0.5
    low_exponent: float = 5.0
    shell_ratio: float = 8.0
    top_room: float = 3.9
    edge_part: float = 0.1
    middle: float = 0.5
    reflection: float = 1.45
    reflection_in_x: float = 1.25
    few_waves: float = 200.0
    strip_phase: float = 75.0
    most_pieces: int = 4
    most_for_phase: int = 24
    wave_exponent: float = 4.0
    corner: float = 4.0
    slope_part: float = 0.3
    panel_phase: float = 2.7
    reflected_phase: float = 2.0
    grading: float = 2.0
    smoothness: float = 1.5
    adiabaticity: float = 0.5
    harmonics: int = 8


@dataclass(frozen=True)
class Claim:
    """What decides the error that is claimed.

    Attributes
    ----------
    safety : float
        Between the difference of two levels and the bound on the finer one's error, where nothing
        else tells of it.
    rules : float
        The like for the rules of cells, on the larger of two estimates of their error.
    per_node : float
        Factor on a rule's error with every node that no rule is taken to exceed: the difference of
        two is so much of its error.
    believed : float
        Part of the coefficients' fall that is believed to go on beyond the last one.
    wary : float
        The like for a functional, which is one number where a panel has its worst position, and
        where momenta stay real.
    lost_safety : float
        Between what is lost of s and what that does to a trace: 1/|1 - s_Ls_R| where κ is small.
    resonant : float
        Factor on the difference of a cell of real momenta, where states are passed: both levels
        may miss the same.
    overlooked : float
        Part of the error allowed that a state narrower than the nodes' distance may make before it
        is looked for; claimed where momenta are real.
    contrast : float
        Least factor between the errors of the two levels' rules in a verification.
    slow_rate : float
        Rate of convergence from which it is itself uncertain: a tail that falls more slowly still
        may hide under it, and a quarter of the nodes is left out at least.
    spread : float
        Part of the largest panel's error that every panel is said to have: the error of the contour
        oscillates in x, and so does the difference of two levels.
    dropped : int
        Nodes per panel left out in a verification.
    common : float
        Part of rtol below which no error is claimed: where both levels of a verification agree by
        accident, and what they share (the truncation of U's tails).
    rounding : float
        Rounding of a contour sum, relative to j₀.
    solver : float
        The source's own equations are solved to this part of rtol: no verification sees what they
        miss.
    least_edge : float
        Part of rtol below which a lead's |κ|, over the scale S, hides nothing that matters.
    adds_up : float
        Part of the panels' errors that adds up in an integral over them, by their squares, beside
        the integral of the signed difference of two levels; the rest, as that difference, changes
        its sign.
    own_share : float
        Part of a panel's error that its last coefficients must explain, relative to how much the
        last coefficients of the worst panel explain of its own, to be blamed for it.
    """

    safety: float = 2.5
    rules: float = 1.2
    per_node: float = 0.67
    believed: float = 0.85
    wary: float = 0.5
    lost_safety: float = 4.0
    resonant: float = 2.0
    overlooked: float = 0.02
    contrast: float = 4.0
    slow_rate: float = 0.6
    spread: float = 0.5
    dropped: int = 2
    common: float = 0.02
    rounding: float = 1e-14
    solver: float = 1e-3
    least_edge: float = 1e-3
    adds_up: float = 0.15
    own_share: float = 0.1

    def floor(self, rtol: float, scale: float, largest_U: float, slope: float) -> float:
        """What both levels of a verification share: the cut of U's tails, and rounding, of U too.

        `slope` is what an answer of the size `scale` changes by, at most, per energy.
        """
        shared = self.common * rtol + self.rounding
        return shared * scale + np.finfo(float).eps * largest_U * slope


@dataclass(frozen=True)
class Settings:
    """Resolution that follows from rtol: nodes per panel and per side of a cell.

    `stretch` multiplies the contour's energy scale; the answer must not depend on it.
    """

    rtol: float
    nodes: int
    order: int
    stretch: float = 1.0
    limits: Limits = field(default_factory=Limits)
    start: Start = field(default_factory=Start)
    claim: Claim = field(default_factory=Claim)

    @property
    def solver_tolerance(self) -> float:
        """Relative accuracy to which a source's own equations are solved."""
        return self.claim.solver * self.rtol

    @classmethod
    def of(cls, rtol: float) -> Settings:
        """Orders that were fastest at each accuracy."""
        digits = -np.log10(rtol)
        nodes = int(np.clip(round(5 + digits), 8, 17))
        return cls(rtol, nodes, int(np.clip(round(2 + digits), 4, 14)))
