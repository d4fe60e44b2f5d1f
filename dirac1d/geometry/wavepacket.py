"""Wave packets of one valence band in a uniform second gradient of the field (Eq. 7), propagated.

The single-band Schroedinger equation i da/dt = eps_V a - P_V phi(r) P_V a is solved on a torus of
N x N sites of the square lattice, for phi = -E^{xxx} x^3/6, in two components (Psi = a u_V), so
that no gauge is chosen. Positions are measured with the projected operator, as Eq. (8) does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dirac1d.numerics.checks import finite_number, whole_number
from dirac1d.numerics.values import ByContent, extent

from .models import TwoBandModel, check_model
from .scales import require_periodic, square_constant
from .tensors import gap_length

__all__ = ["PacketTrack", "ValenceBandLattice"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class PacketTrack(ByContent):
    """Centre of a packet in time: ``t`` (n,), ``R`` and ``K`` (n, 2), ``norm`` (n,)."""

    t: Array
    R: Array
    K: Array
    norm: Array

    def __repr__(self) -> str:
        return (f"PacketTrack({len(self.t)} times from {extent(self.t)}, norm from "
                f"{extent(self.norm)})")


@dataclass(frozen=True)
class ValenceBandLattice:
    """The valence band of a square-lattice model on a torus, with U(x) = E^{xxx} x^3/6.

    Parameters
    ----------
    model : TwoBandModel
        On a square lattice, both orbitals on the site (positions are site positions).
    sites : int
        N, even; packets must stay away from |x| = N/2 sites, where the cubic potential jumps.
    second_gradient : float
        E^{xxx}.

    Raises
    ------
    ValueError
        If the lattice is not a square one along the axes, d is not periodic on it, the bands
        touch at a momentum of the torus, or N is odd.
    """

    model: TwoBandModel
    sites: int
    second_gradient: float

    def __post_init__(self) -> None:
        a = square_constant(check_model(self.model))
        finite_number("second_gradient", self.second_gradient)
        if whole_number("sites", self.sites, 2) % 2:
            raise ValueError(f"sites = {self.sites!r}: must be even and positive")
        k = 2 * np.pi / a * np.fft.fftfreq(self.sites)
        kx, ky = np.meshgrid(k, k, indexing="ij")
        H = self.model.values(kx, ky)
        length = gap_length(self.model, H, kx, ky)
        x = a * np.fft.fftfreq(self.sites, 1 / self.sites)
        require_periodic(self.model)
        for name, value in (("kx", kx), ("ky", ky), ("energy", H[0] - length),
                            ("n", H[1:] / length), ("x", x[:, None]), ("y", x[None, :])):
            object.__setattr__(self, "_" + name, value)

    def project(self, psi: NDArray) -> NDArray:
        """P_V psi in momentum space, psi of shape (2, N, N)."""
        n_x, n_y, n_z = self._n
        up, down = psi
        return np.stack([(1 - n_z) * up - (n_x - 1j * n_y) * down,
                         -(n_x + 1j * n_y) * up + (1 + n_z) * down]) / 2

    def packet(self, K: ArrayLike, width: float) -> NDArray:
        """Gaussian packet |a|^2 of standard deviation ``width`` in k around K, at R = 0 on average.

        Its phase makes the gauge-covariant position vanish at K (Eq. 10).
        """
        half = np.pi / square_constant(self.model)
        d = [np.remainder(k - k0 + half, 2 * half) - half
             for k, k0 in zip((self._kx, self._ky), K, strict=True)]
        amplitude = np.exp(-(d[0] ** 2 + d[1] ** 2) / (4 * width**2))
        at_K = self.model.values(K[0], K[1])
        # the valence spinor at K, projected everywhere: parallel transport from K to first order
        matrix = np.array([[at_K[3], at_K[1] - 1j * at_K[2]], [at_K[1] + 1j * at_K[2], -at_K[3]]])
        spinor = np.linalg.eigh(matrix)[1][:, 0]
        u = self.project(np.broadcast_to(spinor[:, None, None], (2, *amplitude.shape)))
        u = u / np.sqrt((np.abs(u) ** 2).sum(0))
        psi = amplitude * u
        return psi / np.sqrt((np.abs(psi) ** 2).sum())

    def derivative(self, psi: NDArray) -> NDArray:
        """d psi/dt = -i P_V (eps_V + U) P_V psi."""
        potential = self.second_gradient * self._x**3 / 6
        pushed = np.fft.fft2(potential * np.fft.ifft2(psi))
        return -1j * (self._energy * psi + self.project(pushed))

    def centre(self, psi: NDArray) -> tuple[Array, Array]:
        """(R, K) of Eq. (8)."""
        density = np.abs(np.fft.ifft2(psi)) ** 2
        weight = np.abs(psi) ** 2
        R = [(density * r).sum() / density.sum() for r in (self._x, self._y)]
        K = [(weight * k).sum() / weight.sum() for k in (self._kx, self._ky)]
        return np.array(R), np.array(K)

    def rates(self, psi: NDArray) -> tuple[Array, Array]:
        """Exact (dR/dt, dK/dt) of the state ``psi``: 2 Re <psi|r|dpsi/dt>."""
        change = self.derivative(psi)
        here, there = np.fft.ifft2(psi), np.fft.ifft2(change)
        scale = (np.abs(psi) ** 2).sum()
        R = [2 * (here.conj() * r * there).sum().real * self.sites**2 / scale
             for r in (self._x, self._y)]
        K = [2 * (psi.conj() * k * change).sum().real / scale for k in (self._kx, self._ky)]
        return np.array(R), np.array(K)

    def propagate(self, psi: NDArray, duration: float, steps: int) -> PacketTrack:
        """Track of the packet over ``duration`` in ``steps`` fourth-order Runge-Kutta steps."""
        dt = duration / steps
        R, K, norm = [], [], []
        for step in range(steps + 1):
            r, k = self.centre(psi)
            R.append(r)
            K.append(k)
            norm.append((np.abs(psi) ** 2).sum())
            if step < steps:
                k1 = self.derivative(psi)
                k2 = self.derivative(psi + dt / 2 * k1)
                k3 = self.derivative(psi + dt / 2 * k2)
                k4 = self.derivative(psi + dt * k3)
                psi = psi + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return PacketTrack(dt * np.arange(steps + 1), np.array(R), np.array(K), np.array(norm))
