"""Circles of opposite mass: ring states of a disc by Bessel functions, a smooth one in a cell."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import iv, kv

import dirac1d as dd

RADIUS = 3.0
OPPOSITE = dd.Disc(-2.0, RADIUS, outside=1.0)
#: A mass and a potential, both smooth and small enough for a cell of this side.
DOT, HILL = dd.SmoothDisc(-1.6, 2.0, 0.9, outside=1.0), dd.GaussianDot(-0.5, 1.8)
SIDE = 11.0


def periodic(circle):
    """A circle in the corner of a cell that repeats."""
    def field(x, y):
        x, y = ((z + SIDE / 2) % SIDE - SIDE / 2 for z in np.broadcast_arrays(x, y))
        return circle(np.hypot(x, y))
    return dd.Cell.from_function(field, (SIDE, SIDE), (48, 48))


def ring_current(l, s, r):
    """j_φ(r) of the states of angular momentum l + ½ with 0 < E < s on a disc of opposite mass.

    Inside a = I_l(κr), b = -κI_{l+1}/(E - 1), outside a = C K_l, b = C κK_{l+1}/(E + 1).
    """
    def parts(E, q):
        k = np.sqrt(1 - E * E)
        C = iv(l, k * RADIUS) / kv(l, k * RADIUS)
        inside = q < RADIUS
        return (np.where(inside, iv(l, k * q), C * kv(l, k * q)),
                np.where(inside, -k * iv(l + 1, k * q) / (E - 1),
                         C * k * kv(l + 1, k * q) / (E + 1)))

    def mismatch(E):
        return parts(E, RADIUS * (1 - 1e-15))[1] - parts(E, RADIUS)[1]

    if mismatch(1e-12) * mismatch(s) > 0:
        return np.zeros(len(r))
    E = brentq(mismatch, 1e-12, s, xtol=1e-14)
    norm = sum(quad(lambda q: float(np.sum(np.square(parts(E, q)))) * q, *ends, epsabs=1e-12)[0]
               for ends in ((1e-9, RADIUS), (RADIUS, RADIUS + 25)))
    a, b = parts(E, r)
    return a * b / (np.pi * norm)
