r"""The current at one position from both reflection matrices.

A source (j_a, j_b) in the channels at x starts b = (1 - S_LS_R)⁻¹(j_b - S_Lj_a) to the right and
the like to the left. Of the Green's function at x ± 0, mean of both, what is left without the
constant potential's own part (odd in p: no current) is, with Q = (1 - S_LS_R)⁻¹S_L,

.. math:: G_{aa} = -S_RQ, \quad G_{ab} = S_R + S_RQS_R, \quad G_{ba} = -Q, \quad G_{bb} = QS_R.

tr σ_xG = -i(G_ff + G_gg), tr σ_yG = G_ff - G_gg and tr G = G_gf - G_fg, f and g being those of
ψ = (f, ig) that a jump of f or g causes. To tr G the constant potential adds -E/κ of each harmonic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dirac1d.green.planar.channels import Channels


@dataclass(frozen=True, eq=False)
class Traces:
    """What turns amplitudes of channels into currents.

    Attributes
    ----------
    along : ndarray, shape (4, B, N, N)
        Of σ_x (of 1, for a charge), for G_aa, G_ab, G_ba, G_bb.
    across : ndarray, shape (4, B, N)
        Of σ_y, its diagonal.
    """

    along: NDArray
    across: NDArray

    @classmethod
    def of(cls, channels: Channels, charge: bool = False) -> Traces:
        """Of the channels, shape (B, N)."""
        (f_a, g_a), (f_b, g_b), w = channels.grow, channels.fall, channels.w
        left = (f_a, g_a), (f_b, g_b)
        right = (g_b / w, -f_b / w), (-g_a / w, f_a / w)
        along, across = [], []
        for f, g in left:
            for by_f, by_g in right:
                first, second = (g, -f) if charge else (-1j * f, -1j * g)
                along.append(first[..., :, None] * by_f[..., None, :]
                             + second[..., :, None] * by_g[..., None, :])
                across.append(f * by_f - g * by_g)
        return cls(np.array(along), np.array(across))

    def currents(self, S_L: NDArray, S_R: NDArray) -> tuple[NDArray, NDArray]:
        """tr σ_xG (or tr G) by harmonics, shape (B, 2N-1), and tr σ_yG's mean over y, shape (B,).

        Harmonics run from -(N-1) to N-1.

        Parameters
        ----------
        S_L, S_R : ndarray, shape (B, N, N)
        """
        N = S_L.shape[-1]
        Q = np.linalg.solve(np.eye(N, dtype=S_L.dtype) - S_L @ S_R, S_L)
        aa = S_R @ Q
        blocks = -aa, S_R + aa @ S_R, -Q, Q @ S_R
        total = sum(c * block for c, block in zip(self.along, blocks, strict=True))
        mean = sum(np.sum(c * np.diagonal(block, axis1=-2, axis2=-1), axis=-1)
                   for c, block in zip(self.across, blocks, strict=True))
        return by_difference(total), mean

    def beyond(
        self, S: NDArray, kappa: NDArray, distances: NDArray, of_right: bool
    ) -> tuple[NDArray, NDArray, NDArray]:
        """Currents in a lead, at distances from its end, shape (n,).

        Parameters
        ----------
        S : ndarray, shape (B, N, N)
            What comes back into the lead: S_R at the end of the left lead; S_L at that of the
            right one (`of_right`).
        kappa : ndarray, shape (B, N)

        Returns
        -------
        ndarray, shapes (n, B, 2N-1), (n, B) and (n, B)
            tr σ_xG by harmonics, the mean of tr σ_yG, and its integral from there outwards.
        """
        which, sign = (2, -1.0) if of_right else (1, 1.0)
        along, across = sign * self.along[which], sign * self.across[which]
        waves = np.exp(-distances[:, None, None] * kappa)
        mean = across * np.diagonal(S, axis1=-2, axis2=-1) * waves**2
        harmonics = np.stack([by_difference(w[:, :, None] * (along * S) * w[:, None, :])
                              for w in waves])
        return harmonics, mean.sum(axis=-1), np.sum(mean / (2 * kappa), axis=-1)


def by_difference(matrix: NDArray) -> NDArray:
    """Σ matrix[i, j] over i - j = m, for m = -(N-1) … N-1; shape (..., 2N-1)."""
    N = matrix.shape[-1]
    wide = np.zeros((*matrix.shape[:-1], 2 * N), dtype=matrix.dtype)
    wide[..., :N] = matrix[..., ::-1]
    # Row i of the flattened array, cut one short, is shifted by i.
    flat = wide.reshape(*matrix.shape[:-2], 2 * N * N)[..., : N * (2 * N - 1)]
    return flat.reshape(*matrix.shape[:-2], N, 2 * N - 1).sum(axis=-2)
