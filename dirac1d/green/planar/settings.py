"""Every number of the maps that is not physics: where work starts and ends, what is claimed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MapSettings:
    """Speed: `margin` … `resolved`. Limits of work: `levels` … `finest`. Claims: `safety` on.

    Attributes
    ----------
    margin : float
        P is the largest |ε_F - U| and so many |Δ| at first.
    step : float
        The first step times the largest |v| that is marched through.
    spacing : float
        Positions are π over so many P apart.
    growth, shrink : float
        Factors on P from one level to the next, and between steps and positions.
    resolved : float
        Spacing of the sum over p = k + 2πn/L, in P: it has to resolve the window's edge.
    octave : int
        Ratio of the ends of a cell of frequencies: at 4, where the nearest singularities are at
        ω = 0, an n-point rule's error falls as 9^-n.
    pad : float
        Lengths 1/|Δ| of a lead that belong to a strip: linear response reaches e^-2 a length.
    levels, triples, orders : int
        Times that P or steps, Bloch momenta, and nodes of frequencies may be refined.
    lowest, least : float
        Where U meets a band at T = 0, the range of frequencies at ω = 0 that has one node, in |Δ|:
        at first, and at the end.
    finest : int
        The largest matrices, N.
    memory : float
        Bytes of reflection matrices that one node may keep.
    safety : float
        Between the change from one level to the next and the error that is claimed. Where P⁻⁵ holds
        it leaves a third of the change; the first levels of strips with edges left half.
    slow_safety : float
        The same of densities and of spectral currents, which leave P⁻³: 0.7 of the last change.
    mixed_safety : (float, float)
        The same of j and of M where the mass varies too: with 0.75 one of ten random maps at 3e-3
        missed M by 1.4 times what was claimed, none j.
    by_chance : float
        Part of the last change that is claimed where three levels agree on P⁻⁵: they may by chance.
    everywhere : float
        Part of an error's root mean square that every pixel is said to have.
    rule_safety : float
        Between what a rule of frequencies leaves by its own coefficients and what is claimed.
    floor : float
        Rounding, relative to j₀.
    """

    margin: float = 1.4
    step: float = 0.35
    spacing: float = 1.8
    growth: float = 1.35
    shrink: float = 1.25
    resolved: float = 0.1
    octave: int = 4
    pad: float = 12.0
    levels: int = 6
    triples: int = 4
    orders: int = 4
    lowest: float = 0.03
    least: float = 2e-3
    finest: int = 700
    memory: float = 1.5e9
    safety: float = 0.75
    slow_safety: float = 1.0
    mixed_safety: tuple[float, float] = (1.0, 1.5)
    by_chance: float = 0.05
    everywhere: float = 1.0
    rule_safety: float = 2.0
    floor: float = 1e-10


MAP_SETTINGS = MapSettings()
