"""What a run counts, tells and is stopped by; the eigenpairs of a chain by either solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.budget import Budget, Progress
from dirac1d.states.chain import Chain
from dirac1d.states.settings import DEFAULT, Settings
from dirac1d.states.spectrum import full_spectrum, sparse_spectrum

#: Effort of a spectrum, in seconds of a machine of 2020, over the cube of the number of sites:
#: tridiagonal divide and conquer, slices by `eigsh`, dense complex matrices.
TRIDIAGONAL, SPARSE, DENSE = 3e-11, 4e-9, 4e-9


class Stopped(Exception):
    """A run met its budget; the message says which."""


@dataclass
class Work:
    """Counts diagonalisations, tells of them, and stops the run when it has had enough.

    Attributes
    ----------
    solver : str
        "sparse", or any other for LAPACK.
    progress : callable, optional
        Called with a `Progress` after each step.
    budget : Budget
        Time. Without one, `Limits.effort` ends the run.
    error, goal : float
        Of the best answer so far, and asked for, over j₀.
    stopped : str
        Why the run ended early; empty if it did not.
    """

    solver: str = "auto"
    progress: Callable[[Progress], object] | None = None
    budget: Budget = field(default_factory=Budget)
    settings: Settings = DEFAULT
    unlimited: bool = False
    error: float = np.inf
    goal: float = 0.0
    diagonalisations: int = 0
    eigen_seconds: float = 0.0
    effort: float = 0.0
    stopped: str = ""

    def check(self) -> None:
        """Raise `Stopped` if the budget has ended."""
        if self.budget.over:
            raise Stopped(f"stopped after {self.budget.seconds:.3g} s")
        if self.limited and self.effort > self.settings.limits.effort:
            raise Stopped("stopped at the work of a default run (within= allows more)")

    def interrupted(self) -> str:
        """What a status says after Ctrl-C."""
        return f"interrupted after {self.budget.spent:.3g} s"

    @property
    def limited(self) -> bool:
        """Whether the effort is limited: unless time is."""
        return self.budget.seconds is None and not self.unlimited

    def done(self, count: int, sites: int, cost: float, seconds: float) -> None:
        """Count some spectra of equal size, and tell of them."""
        self.diagonalisations += count
        self.effort += count * cost * float(sites) ** 3
        self.eigen_seconds += seconds
        if self.progress is not None:
            self.progress(Progress(
                count, error=self.error, goal=self.goal, work=self.diagonalisations,
                seconds=self.budget.spent,
            ))

    def spectrum(self, chain: Chain, p_y: float, top: float) -> tuple[NDArray, NDArray]:
        """Eigenpairs of the chain at p_y: all of them, or by `eigsh` those below `top`."""
        self.check()
        start = perf_counter()
        diagonal, hoppings = chain.diagonal(p_y), chain.hoppings
        sparse = self.solver == "sparse"
        if sparse:
            pairs = sparse_spectrum(diagonal, hoppings, (-np.inf, top), self.settings)
        else:
            pairs = full_spectrum(diagonal, hoppings)
        cost = SPARSE if sparse else TRIDIAGONAL
        self.done(1, len(chain), cost, perf_counter() - start)
        return pairs
