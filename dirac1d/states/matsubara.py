r"""Imaginary energies at which a resolvent is summed to what is filled.

.. math:: \langle c^†_j c_i \rangle - ½δ_{ij}
          = T \sum_{ω>0} [G_{ij} + G^*_{ji}](ε_F + iω), \qquad ω = (2n + 1)πT,

and at T = 0, with ε_F in a gap, ∫dω/2π for TΣ. The levels of H stand on the imaginary axis of ω. So
on every octave [s, 2s] a Gauss rule, of the sum or of the integral, converges at the same rate;
beyond all of H, G is a series in 1/ω.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dirac1d.numerics.quadrature import algebraic_tail, gauss_gram, gauss_legendre

#: On [s, 2s] the error of n Gauss nodes falls as 5.8^-2n = e^-3.5n.
_PER_NODE = 3.5
#: Terms that are taken one by one before the first octave.
_FIRST = 4


def frequencies(
    temperature: float, least: float, largest: float, order: int
) -> tuple[NDArray, NDArray]:
    """ω > 0 and weights: Σ w F(ω) is TΣ F or ∫F dω/2π, to e^-order.

    Parameters
    ----------
    temperature : float
    least : float
        Of the energies |E - ε_F| at which there are states; at T > 0 it may be 0.
    largest : float
        Of the same.
    order : int
    """
    nodes, weights = [], []

    def take(omega: NDArray, weight: NDArray) -> None:
        nodes.append(omega)
        weights.append(weight)

    few = int(np.ceil(order / _PER_NODE)) + 1
    if temperature > 0:
        done, unit = _FIRST, 2 * np.pi * temperature
        take((np.arange(done) + 0.5) * unit, np.full(done, temperature))
        while unit * done < largest / 2:
            rule = gauss_gram(few, done)
            take(unit * done * (1 + rule.nodes), temperature * done * rule.weights)
            done *= 2
        end, step = unit * done, 1.0 / done
    else:
        end, step, rule = least, 0.0, gauss_legendre(few)
        take(end * rule.nodes, end * rule.weights / (2 * np.pi))
        while end < largest / 2:
            take(end * (1 + rule.nodes), end * rule.weights / (2 * np.pi))
            end *= 2
    tail = algebraic_tail(order, step)
    take(end / tail.nodes, end * tail.weights / (2 * np.pi))
    return np.concatenate(nodes), np.concatenate(weights)
