"""The numbers of the engine: what limits its work, what only changes its speed, what it claims.

A number of `Start` may be anything sensible: what it leaves is measured and becomes part of the
error (a test changes each by 30 % and looks for an answer beyond its error). A number of `Claim`
decides how large that error is said to be. `Limits` end a run, never silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Limits of work: a run that meets one says so in its status."""

    #: Refinement levels, spacings a/2, a/3, …: the first three or four suffice for the default
    #: rtol.
    levels: tuple[int, ...] = (2, 3, 4, 6, 8, 12)
    #: No chain longer than this is diagonalised: 6,000 sites take about 3 s a momentum.
    chain_sites: int = 6_000
    #: No chain with exact leads is longer: its resolvent takes a millisecond a momentum.
    open_sites: int = 40_000
    #: Longest ring: 1,000 sites take about half a second a momentum and twist.
    ring_cells: int = 600
    #: Largest order of the momentum rule on a panel; no case was seen to need more than 60.
    order: int = 140
    #: Doublings of the number of twists: at most 256.
    twist_doublings: int = 8
    #: Bound states that cross ε_F as p_y grows are found one by one up to this many; with more,
    #: their kinks are left to the rule, whose last step then says what they cost.
    crossings: int = 100
    #: The same at T > 0, where the rule itself resolves more of them as soon.
    warm_crossings: int = 20
    #: Work after which a run without ``within=`` ends, in units of about a second on a machine of
    #: 2020: counted, not timed, so that a default run gives the same answer everywhere.
    effort: float = 60.0
    #: Panels of the strip for integrals.
    strip_panels: int = 400
    #: Largest matrix that `hamiltonian` builds without an explicit spacing and box.
    matrix_sites: int = 20_000
    #: A slice of the spectrum is halved at most this often when its count disagrees before the run
    #: is given up.
    slice_splits: int = 12


@dataclass(frozen=True)
class Start:
    """Starting resolutions: they change how soon an answer is there, not what it is."""

    #: Spacing at level 1 over the shorter of U's scale and a wave, for rtol = 1e-4.
    spacing: float = 0.92
    #: Largest spacing at level 1 over the Compton length: a chain with Δa ≫ 1 damps no wall.
    widest_spacing: float = 1.5
    #: Spacing over distance at a breakpoint, at level 1.
    crowding: float = 0.7
    #: A feature narrower than this part of a wave gets a crowd of sites instead of a fine
    #: background.
    narrow: float = 0.5
    #: A jump is resolved at least to this distance, in 1/|Δ|, for integrals over it.
    jump_radius: float = 5e-3
    #: The core ends where U is this close to its leads (part of its range).
    core_tolerance: float = 1e-2
    #: A wall's own current density, over j₀, that has to decay to rtol.
    wall_current: float = 300.0
    #: A wall farther away than this many lengths 1/max(|Δ|, |ε_F - U|/2) costs more than a graded
    #: lead.
    farthest_wall: float = 22.0
    #: Length of a graded lead and its flat forecourt in the same unit. On tanh steps at T = 0 they
    #: leave 2e-5 of j₀ for ε_F in one band or two; a length of 24 leaves 5e-5 to 2e-4. At T > 0
    #: the ramp is less deep and as much shorter: 2e-6 at T = 0.05Δ.
    graded_length: float = 32.0
    forecourt: float = 6.0
    #: Least energy, over the largest |Δ|, whose wave a graded lead is measured by: a gapless lead
    #: at its Dirac point has none of its own.
    gapless: float = 0.3
    #: The deepest grading: f_min is this times rtol at T = 0.
    graded_depth: float = 0.1
    #: Length, in waves, over which the refinement ends where a graded lead begins; from there
    #: outwards finer levels have the spacing of level 2. With a length of 2.5 a slow wave is
    #: reflected there by 1e-5 of j₀.
    fading: float = 4.0
    #: The larger box that the result is compared with: its margins over those of the first one.
    larger_box: float = 1.3
    #: Length of a window of a wide step, in units of the distance at which a wall is out of sight.
    window_sights: float = 3.0
    #: First order of the momentum rule on a panel, on the two panels where momenta exceed the
    #: inverse spacing, and the growth from trial to trial.
    order: int = 8
    lattice_order: int = 4
    growth: float = 1.5
    #: First order of a panel with waves: so much more per radian of e^{2ikx} between the panel's
    #: ends at the farthest x.
    order_per_radian: float = 0.4
    #: Expected difference between the two coarsest levels, over the current: where the search for
    #: the fine levels' order begins.
    difference_guess: float = 0.1
    #: Part of the target that the momentum rule, on the coarsest mesh and in the differences
    #: between meshes, may leave.
    momentum_share: float = 0.2
    #: Part of the target that the last doubling of the twists may change.
    size_share: float = 0.1
    #: Part of the target below which the spacing's error ends the refinement.
    spacing_share: float = 0.5
    #: A first answer at this rtol is made before a run that may be stopped …
    first_rtol: float = 1e-2
    #: … if that run may take longer than this effort (units of `Limits.effort`).
    long_run: float = 5.0
    #: Coarsest ring: cells to a period, and spacing times the largest energy (times the geometric
    #: mean of energy and wavenumber in the gap: there the error is (qa)², not (Δa)², in a slow
    #: potential).
    ring_cells: int = 12
    ring_spacing: float = 0.92
    #: Twists at which levels are looked at for crossings of ε_F.
    twists_looked_at: int = 9
    #: Legendre nodes per panel of the strip for integrals.
    strip_nodes: int = 8
    #: States per shift-invert slice: the Lanczos basis is about twice that, cheap to orthogonalise.
    slice_states: int = 24
    #: Trial borders per slice in one sweep of Sturm counts.
    slice_borders: int = 8
    #: Default lattice of `hamiltonian`: spacings per shortest length, and the margin in 1/|Δ|.
    matrix_resolution: float = 10.0
    matrix_margin: float = 15.0


@dataclass(frozen=True)
class Claim:
    """What decides the error that is claimed, with the evidence for each."""

    #: Factor between a difference of two approximations and the error claimed for the better:
    #: validation's states_accuracy finds none of its cases above the estimate.
    safety: float = 2.5
    #: Factor on the last change of a momentum rule that no longer falls though it is not small.
    unsettled: float = 2.0
    #: Part of what the finest mesh changed that is claimed at least: a random metal at 3e-2, whose
    #: coarsest spacing was as long as its step, was 1.3 times as far off as its claim without it.
    last_step: float = 0.25
    #: What a quadrature error that follows the spacing as a² becomes in the extrapolated value:
    #: Σ_l w_l (a_l² - a_2²)/(a_3² - a_2²) is 1.8 for any levels 2, 3, ….
    difference: float = 1.8
    #: Factor on the spacing's error for splines with honoured knots, where U″ jumps and the error
    #: is no polynomial in a²; at a knot of a five-point table the true error was 3.7 times the
    #: estimate without it.
    knot_doubt: float = 8.0
    #: Knots of a spline closer than this part of a wave are not honoured one by one.
    knot_distance: float = 0.5
    #: A change of slope below this part of the steepest slope does not need a site of its own.
    kink_strength: float = 1e-3
    #: Part of j₀ below which no error is claimed: the end of the momentum rule leaves 5e-8 with
    #: walls, 1e-8 on a ring.
    floor: float = 1e-7
    ring_floor: float = 3e-8
    #: The momentum rule ends at this many inverse spacings; beyond, perturbation theory is right to
    #: 1e-3 of itself with walls, to 2e-4 on a ring.
    last_momentum: float = 30.0
    ring_last_momentum: float = 70.0
    #: Closest distance to a breakpoint that is resolved, in 1/|Δ|: at momenta beyond its inverse
    #: the rounding of the eigenvectors, times their weight, would show.
    smallest_radius: float = 3e-4
    #: A point on a kink takes the mean of both sides, this many radii away and twice that; what
    #: the limit changes is claimed.
    kink_hair: float = 10.0
    #: Closest distance to a jump of Δ or a hard wall that is resolved, in 1/|Δ|: j_y has a cusp
    #: there and, where U′ ≠ 0, x ln|x|. A point on it takes its limit from so many of these radii
    #: away.
    cusp_radius: float = 2e-3
    cusp_hair: float = 2.0
    #: Part of the largest error, also between the points asked for, that every point is given:
    #: where a difference crosses zero the error need not.
    everywhere: float = 0.3
    #: Error of the integral over the unresolved neighbourhood of a jump, over length and strength
    #: of its logarithm; on sharp steps a tenth of this was the largest found.
    unresolved: float = 0.1
    #: Part of ∫|error| dx of walls and momenta that is added to the error of an integral; without
    #: it validation found integrals 1.4 times as far off as their estimate.
    phase_doubt: float = 0.3
    #: Part of rtol that stands for what is out of sight of a point: the distance of sight is where
    #: `Start.wall_current` has decayed to rtol, and a step's own current is no larger than j₀.
    out_of_sight: float = 0.1
    #: Rounding of an occupied density (4e-15 measured at 72 sites), which the sum over all momenta
    #: up to the last multiplies: it shows in very weak, very short potentials.
    rounding: float = 1e-14
    #: j_y in units of (|Δ|/4π) · ΔU that the rounding ΔU of U at the sites may leave, beside the
    #: sum of the extrapolation's weights (6 for three levels, 20 for six). The response of a site
    #: to its own U is |Δ|/4π · ln 1/Δa; with offsets of 1e11 to 1e12 up to 14 were seen on smooth
    #: steps, up to 368 where sites crowd at kinks.
    potential_rounding: float = 60.0
    #: Sites of one sublattice in the local polynomial that carries densities to x: its error falls
    #: as a¹⁰ and is part of the difference between levels.
    stencil: int = 10
    #: Imaginary part of an eigenvalue, times the spacing, that counts as rounding.
    real: float = 1e-9
    #: Largest deviation of VᵀV from 1 whose square is rounding after the Löwdin step; Lanczos at
    #: full tolerance leaves 1e-12.
    repairable: float = 1e-8
    #: Relative rounding of an eigenvalue next to the end of a slice.
    border_rounding: float = 1e-12


@dataclass(frozen=True)
class Settings:
    """All numbers of the engine."""

    limits: Limits = field(default_factory=Limits)
    start: Start = field(default_factory=Start)
    claim: Claim = field(default_factory=Claim)


DEFAULT = Settings()
DEFAULT_RTOL = 1e-4
