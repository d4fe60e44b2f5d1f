"""The one adaptive integrator: cells of a domain, samples of a source, and what both leave out.

It knows neither Riccati equations nor charts. A *source* is sampled at points and says what it
cannot carry; a *domain* places points in cells. Both contracts are in
:mod:`~dirac1d.green.integrate.contracts`.
"""
