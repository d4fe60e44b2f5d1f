r"""Sharp step, tanh step and linear ramp: Green's functions and scattering at any precision.

With Eq. (6) (Silvestrov and Recher 2019) the problem at p_y is that of the mass M = √(Δ² + p_y²) at
p_y = 0. Write ψ = (f, ig), u = f + ig, v = f - ig and E' = E - U(x); then

    u' = i(E'u - Mv),   v' = i(Mu - E'v),   u'' + [E'² - M² + iU'] u = 0,

ψ†σ_xψ ∝ |u|² - |v|²: u moves to the right, v to the left. With s_R = v/u of the solution that
decays (or leaves) to the right and s_L = u/v of the one that does so to the left,

    tr σ_yG(x,x) = (s_R - s_L)/(1 - s_L s_R),   tr G(x,x) = -i(1 + s_L s_R)/(1 - s_L s_R).

In a flat lead s = M/(E' + iκ), κ = √(M² - E'²), Re κ > 0 (E real: E + i0). The three potentials:

- `SharpStep`: plane waves; s relaxes to its lead value as a Möbius transform of e^{-2κ|x|};
- `TanhStep` (Sauter): Gauss' hypergeometric functions of (1 + tanh)/2;
- `LinearRamp`: parabolic cylinder functions D_n(±z), n = iM²/2F, z = √(2iF)(x - x(E'=0)).

Everything is evaluated by mpmath with guard digits; numbers go in as exact doubles or mpf.
Units ħ = v_F = 1. M may be complex (rotated p_y contours).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import mpmath as mp

from dirac1d.potentials import LinearRamp, Potential, SharpStep, TanhStep

#: Working digits beyond those asked for: cancellation in the Möbius transforms and the ramp's two
#: growing solutions costs up to κ·length/ln 10 digits more, which the ramp adds itself.
_GUARD_DIGITS = 15
#: Third parameter from which Gauss' series converges like k! c!/(c+k)!, in some 100 terms at z = 1.
_LARGE_THIRD_PARAMETER = 40
#: Orders |n| of D_n up to which mpmath's is faster than 50 ms; beyond, its power series is summed.
_LARGEST_ORDER = 8


class GreenTraces(NamedTuple):
    """tr σ_yG(x,x;E,M) and tr G(x,x;E,M), mpmath complex numbers."""

    sigma_y: Any
    identity: Any


class ScatteringProbabilities(NamedTuple):
    """Reflection and transmission probability, mpmath real numbers; they add to one."""

    reflection: Any
    transmission: Any


def green_traces(
    potential: Potential, energy: Any, M: Any, x: Any, digits: int = 20
) -> GreenTraces:
    """Exact tr σ_yG(x,x;E,M) and tr G(x,x;E,M) of a solvable potential.

    Parameters
    ----------
    potential : SharpStep, TanhStep or LinearRamp
        U(x).
    energy : number
        E, complex with Im E > 0, or real: then E + i0 (retarded).
    M : number
        √(Δ² + p_y²); complex if p_y is.
    x : number
        Position; at a jump the common limit of both sides (s is continuous there).
    digits : int
        Correct digits asked for; the working precision is higher.

    Returns
    -------
    GreenTraces
        Two mpmath complex numbers of dimension 1/(energy·length).

    Raises
    ------
    ValueError
        If the potential is not one of the three, or Im E < 0.
    """
    with mp.workdps(digits + _GUARD_DIGITS):
        s_R, s_L = chiral_ratios(potential, energy, M, x)
        product = s_L * s_R
        return GreenTraces((s_R - s_L) / (1 - product), -1j * (1 + product) / (1 - product))


def chiral_ratios(
    potential: Potential, energy: Any, M: Any, x: Any, series: bool | None = None
) -> tuple[Any, Any]:
    """s_R = v/u and s_L = u/v at x (see the module), at mpmath's current precision.

    Parameters and errors as in `green_traces`; |s| ≤ 1 for real M. `series` as in `across_ramp`.
    """
    _check_solvable(potential)
    E, M, x = mp.mpmathify(energy), mp.mpmathify(M), mp.mpmathify(x)
    if mp.im(E) < 0:
        raise ValueError(f"energy must have an imaginary part >= 0, got {energy}")
    if isinstance(potential, SharpStep):
        return _sharp_ratios(potential, E, M, x)
    if isinstance(potential, TanhStep):
        return _tanh_ratios(potential, E, M, x)
    return _ramp_ratios(potential, E, M, x, series)


def _check_solvable(potential: Any) -> None:
    if not isinstance(potential, SharpStep | TanhStep | LinearRamp):
        raise ValueError(
            f"potential must be a SharpStep, TanhStep or LinearRamp, got {potential!r:.200}")


def scattering_probabilities(
    potential: Potential, energy: float, M: float, digits: int = 20
) -> ScatteringProbabilities:
    """Reflection and transmission of a wave that comes in from the left at real energy.

    The rotation of Eq. (6) is the same constant matrix for all waves, so these hold for the full
    problem at any p_y with M = √(Δ² + p_y²). Both sides give the same if both leads are open.

    Parameters
    ----------
    potential : SharpStep, TanhStep or LinearRamp
        U(x).
    energy, M : float
        Real energy, and M > 0.
    digits : int
        Correct digits asked for.

    Returns
    -------
    ScatteringProbabilities
        R and T = 1 - R as mpmath numbers; the ratio of tiny T to its error is the smaller.

    Raises
    ------
    ValueError
        If the left lead has no propagating wave at this energy, or the potential is not solvable.
    """
    _check_solvable(potential)
    with mp.workdps(digits + _GUARD_DIGITS):
        E, M = mp.mpf(energy), mp.mpf(M)
        E_left = E - mp.mpf(potential.left)
        if abs(E_left) <= M:
            raise ValueError(
                f"energy must lie in a band of the left lead, |E - U_L| > M = {M}, got {E_left}"
            )
        if isinstance(potential, TanhStep):
            amplitude = _sauter_reflection(potential, E, M)
        else:
            edge = mp.mpf(potential.breakpoints[0]) if potential.breakpoints else mp.mpf(0)
            s_R, star = chiral_ratios(potential, E, M, edge)[0], lead_ratio(E_left, M)
            amplitude = (s_R - star) / (1 - s_R * star)
        R = abs(amplitude) ** 2
        return ScatteringProbabilities(R, 1 - R)


def kappa(E_prime: Any, M: Any) -> Any:
    """κ = √(M² - E'²) with Re κ > 0; for real arguments in a band the limit E' + i0."""
    if mp.im(E_prime) == 0 and mp.im(M) == 0 and abs(mp.re(E_prime)) > abs(mp.re(M)):
        return mp.mpc(0, -mp.sign(mp.re(E_prime)) * mp.sqrt(mp.re(E_prime) ** 2 - mp.re(M) ** 2))
    return mp.sqrt(M**2 - E_prime**2)


def lead_ratio(E_prime: Any, M: Any) -> Any:
    """s = M/(E' + iκ) of a flat lead: v/u to the right of all structure, u/v to the left of it."""
    return M / (E_prime + 1j * kappa(E_prime, M))


def _relax(s: Any, E_prime: Any, M: Any, distance: Any) -> Any:
    """s after a flat stretch, marched in its stable direction."""
    star = lead_ratio(E_prime, M)
    w = (s - star) / (1 - s * star) * mp.exp(-2 * kappa(E_prime, M) * distance)
    return (w + star) / (1 + w * star)


def _sharp_ratios(step: SharpStep, E: Any, M: Any, x: Any) -> tuple[Any, Any]:
    """Plane waves."""
    E_L, E_R = E - mp.mpf(step.left), E - mp.mpf(step.right)
    s_L, s_R = lead_ratio(E_L, M), lead_ratio(E_R, M)
    distance = x - mp.mpf(step.position)
    if distance < 0:
        s_R = _relax(s_R, E_L, M, -distance)
    else:
        s_L = _relax(s_L, E_R, M, distance)
    return s_R, s_L


def _sauter_parameters(step: TanhStep, E: Any, M: Any) -> tuple[Any, ...]:
    """E' and κ of both leads, μ = κ_L w/2, ν = κ_R w/2 and y = i w (U_R - U_L)/2."""
    E_L, E_R = E - mp.mpf(step.left), E - mp.mpf(step.right)
    kappa_L, kappa_R, w = kappa(E_L, M), kappa(E_R, M), mp.mpf(step.width)
    y = 0.5j * w * (mp.mpf(step.right) - mp.mpf(step.left))
    return E_L, E_R, kappa_L, kappa_R, kappa_L * w / 2, kappa_R * w / 2, y


def _tanh_ratios(step: TanhStep, E: Any, M: Any, x: Any) -> tuple[Any, Any]:
    """Sauter's step: with s = (1 + tanh)/2, a common power of s and 1-s dropped,

    u_L ∝ F(1+μ-ν+y, μ-ν-y; 1+2μ; s),   v_L ∝ (E'_L + iκ_L)/M · F(μ-ν+y, 1+μ-ν-y; 1+2μ; s),

    and the same with μ ↔ ν, s ↔ 1-s, κ_L → -κ_R for the right. (Euler's transformation, DLMF
    15.8.1, has been used: all parameters but the third stay bounded for M, |E| → ∞.)
    """
    # Where U differs from its lead by less than the working precision, waves are plane.
    z, far = (x - mp.mpf(step.position)) / mp.mpf(step.width), mp.mp.prec * mp.ln(2) / 2 + 5
    if abs(z) > far:
        lead, beyond = (step.right if z > 0 else step.left), (abs(z) - far) * mp.mpf(step.width)
        s_R, s_L = _tanh_ratios(step, E, M, x - mp.sign(z) * beyond)
        E_lead = E - mp.mpf(lead)
        if z > 0:
            return lead_ratio(E_lead, M), _relax(s_L, E_lead, M, beyond)
        return _relax(s_R, E_lead, M, beyond), lead_ratio(E_lead, M)
    # F knows e^{-2κ|x|} through 1 - s only, which must keep all of its digits next to s = 1.
    with mp.extradps(int(2 * abs(z) / mp.ln(10)) + 2):
        return _hypergeometric_ratios(step, E, M, z)


def _hypergeometric_ratios(step: TanhStep, E: Any, M: Any, z: Any) -> tuple[Any, Any]:
    """The formulas of `_tanh_ratios` at z = (x - position)/width."""
    E_L, E_R, kappa_L, kappa_R, mu, nu, y = _sauter_parameters(step, E, M)
    e = mp.exp(-2 * z)
    s, one_minus_s = 1 / (1 + e), e / (1 + e)
    F, d = gauss_function, mu - nu
    u_L = F(1 + d + y, d - y, 1 + 2 * mu, s)
    v_L = F(d + y, 1 + d - y, 1 + 2 * mu, s) * (E_L + 1j * kappa_L)
    u_R = F(1 - d + y, -d - y, 1 + 2 * nu, one_minus_s) * (E_R + 1j * kappa_R)
    v_R = F(-d + y, 1 - d - y, 1 + 2 * nu, one_minus_s)
    return M * v_R / u_R, M * u_L / v_L


def gauss_function(a: Any, b: Any, c: Any, z: Any) -> Any:
    """F(a, b; c; z), 0 ≤ z < 1: by its plain series if c is so large that each term is smaller.

    (mpmath transforms to 1-z for z near 1, which takes seconds for |c| > 10⁴.)
    """
    if abs(c) < 2 * abs(a * b) + _LARGE_THIRD_PARAMETER:
        return mp.hyp2f1(a, b, c, z)
    term, total, k, tiny = mp.mpc(1), mp.mpc(1), 0, mp.ldexp(1, -mp.mp.prec - 10)
    while abs(term) > tiny:
        term *= (a + k) * (b + k) * z / ((c + k) * (k + 1))
        total, k = total + term, k + 1
    return total


def _sauter_reflection(step: TanhStep, E: Any, M: Any) -> Any:
    """Reflected over incoming amplitude from the connection formula DLMF 15.10.17."""
    E_L, _, _, _, mu, nu, y = _sauter_parameters(step, E, M)
    a, b, c = mu + nu - y, mu + nu + 1 + y, 1 + 2 * nu
    ratio = mp.gammaprod([-2 * mu, a, b], [2 * mu, c - a, c - b])
    return ratio / lead_ratio(E_L, M)


def _ramp_ratios(
    ramp: LinearRamp, E: Any, M: Any, x: Any, series: bool | None
) -> tuple[Any, Any]:
    """Parabolic cylinder functions between the kinks, plane waves outside."""
    length, position = mp.mpf(ramp.length), mp.mpf(ramp.position)
    a, b = position - length / 2, position + length / 2
    E_L, E_R = E - mp.mpf(ramp.left), E - mp.mpf(ramp.right)
    s_R, s_L = lead_ratio(E_R, M), lead_ratio(E_L, M)
    if ramp.left != ramp.right:
        inside = min(max(x, a), b)
        s_R = across_ramp(ramp, E, M, s_R, b, inside, series)
        s_L = 1 / across_ramp(ramp, E, M, 1 / s_L, a, inside, series)
    if x < a:
        return _relax(s_R, E_L, M, a - x), lead_ratio(E_L, M)
    if x > b:
        return lead_ratio(E_R, M), _relax(s_L, E_R, M, x - b)
    return s_R, s_L


def across_ramp(
    ramp: LinearRamp, E: Any, M: Any, ratio: Any, start: Any, end: Any, series: bool | None = None
) -> Any:
    """v/u at `end` of the solution that has v/u = `ratio` at `start`, both within the ramp.

    From D_n of parabolic cylinder functions, or from the power series of the same solutions about
    `start` (``series=True``; by default for large orders, where mpmath's D_n is slow). Where all
    memory of `start` has died to less than the working precision, it is moved closer to `end`.
    """
    if start == end:
        return ratio
    F = (mp.mpf(ramp.right) - mp.mpf(ramp.left)) / mp.mpf(ramp.length)
    E_prime = E - (mp.mpf(ramp.left) + mp.mpf(ramp.right)) / 2 + F * mp.mpf(ramp.position)
    decay = min(mp.re(kappa(E_prime - F * x, M)) for x in (start, (start + end) / 2, end))
    # Re κ is a concave or monotonic function of x here, so its ends bound it; 10 % is to spare.
    memory = (mp.mp.prec + 20) * mp.ln(2) / (1.8 * decay) if decay > 0 else mp.inf
    if memory < abs(end - start):
        start = end + mp.sign(start - end) * memory
        ratio = lead_ratio(E_prime - F * start, M)
        ratio = ratio if start > end else 1 / ratio
    growth = abs(kappa(E_prime - F * start, M)) + abs(kappa(E_prime - F * end, M))
    series = abs(M**2 / F) > 2 * _LARGEST_ORDER if series is None else series
    with mp.extradps(int(growth * abs(end - start) / mp.ln(10)) + 5):
        if series:
            return _power_series(E_prime, F, M, ratio, start, end)
        (u_A, v_A, u_B, v_B), (U_A, V_A, U_B, V_B) = (
            _parabolic_cylinder(E_prime, F, M, x) for x in (start, end)
        )
        A, B = v_B - ratio * u_B, ratio * u_A - v_A
        return (A * V_A + B * V_B) / (A * U_A + B * U_B)


def _parabolic_cylinder(E_0: Any, F: Any, M: Any, x: Any) -> tuple[Any, ...]:
    """(u, v) = (D_n(z), -(cM/2F) D_{n-1}(z)), and the same with z, c → -z, -c; E' = E_0 - F x."""
    c, n = mp.sqrt(2j * F), 1j * M**2 / (2 * F)
    z, k = c * (x - E_0 / F), c * M / (2 * F)
    return mp.pcfd(n, z), -k * mp.pcfd(n - 1, z), mp.pcfd(n, -z), k * mp.pcfd(n - 1, -z)


def _power_series(E_0: Any, F: Any, M: Any, ratio: Any, start: Any, end: Any) -> Any:
    """v/u at `end` from the series in h = x - start that begins with (u, v) = (1, ratio):

    (k+1) u_{k+1} = i(E' u_k - F u_{k-1} - M v_k),  (k+1) v_{k+1} = i(M u_k - E' v_k + F v_{k-1}).
    """
    h = end - start
    E_h, M_h, F_h = 1j * (E_0 - F * start) * h, 1j * M * h, 1j * F * h**2
    u, v, u_last, v_last = mp.mpc(1), mp.mpc(ratio), mp.mpc(0), mp.mpc(0)
    sum_u, sum_v, k, tiny = u, v, 0, mp.ldexp(1, -mp.mp.prec - 10)
    while k < 8 or abs(u) + abs(v) + abs(u_last) + abs(v_last) > tiny:
        k += 1
        u_next = (E_h * u - F_h * u_last - M_h * v) / k
        v_next = (M_h * u - E_h * v + F_h * v_last) / k
        u_last, v_last, u, v = u, v, u_next, v_next
        sum_u, sum_v = sum_u + u, sum_v + v
    return sum_v / sum_u
