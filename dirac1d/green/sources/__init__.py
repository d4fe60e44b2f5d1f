"""What can be integrated: one module for each geometry.

A geometry takes a problem and positions, and hands the integrator a *source* and a *domain*
(:mod:`~dirac1d.green.integrate.contracts`); from what comes back it makes a profile. `geometry_of`
is the one place that looks at what kind of problem it is.
"""

from dirac1d.green.sources.geometry import Geometry, geometry_of

__all__ = ["Geometry", "geometry_of"]
