"""Eigenstates in windows: against dense LAPACK, with a certificate that notices what is missing."""

from __future__ import annotations

import numpy as np
import pytest

import dirac1d as dd
from dirac1d.states import spectrum
from dirac1d.states.spectrum import count_below, sparse_spectrum

#: Two backward-stable solvers on a matrix of norm 10: 2e-14 measured.
ENERGY_ROUNDING = 1e-12
#: Orthonormality of what Lanczos returns at full tolerance, slices included: 2e-13 measured.
ORTHONORMAL = 1e-11


def dense(problem, p_y, lattice):
    return np.linalg.eigh(dd.hamiltonian(problem, p_y, **lattice).toarray())


WINDOWS = {
    "gap": (-1.0, 1.0),
    "one side": (0.3, 2.4),
    "deep sea": (-6.0, -4.0),
    "semi-infinite": (-np.inf, 0.0),
    "everything": (-np.inf, np.inf),
    "beyond the bands": (1e3, 2e3),
    "narrow and empty": (-1e-9, 1e-9),
}


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("p_y", [0.0, -0.6])
def test_eigenstates_are_those_of_dense_lapack(small_problem, lattice, window, p_y):
    reference, columns = dense(small_problem, p_y, lattice)
    inside = (reference >= window[0]) & (reference < window[1])
    states = dd.eigenstates(small_problem, p_y, window, **lattice)
    assert states.p_y == p_y
    assert states.vectors.shape == (len(reference), np.count_nonzero(inside))
    np.testing.assert_allclose(states.energies, reference[inside], atol=ENERGY_ROUNDING)
    assert np.all(np.diff(states.energies) >= 0)
    # The span, whatever signs and degeneracies: the projector on the window.
    mine = states.vectors @ states.vectors.T
    theirs = columns[:, inside] @ columns[:, inside].T
    # Rounding over the distance of the nearest level outside: 1e-11 measured.
    np.testing.assert_allclose(mine, theirs, atol=1e-9)


def test_orthonormal_and_eigen(small_problem, lattice):
    states = dd.eigenstates(small_problem, 0.4, (-4.0, 4.0), **lattice)
    V = states.vectors
    np.testing.assert_allclose(V.T @ V, np.eye(V.shape[1]), atol=ORTHONORMAL)
    H = states.chain.matrix(0.4)
    np.testing.assert_allclose(H @ V, V * states.energies, atol=1e-10)
    assert len(states.x) == H.shape[0]


@pytest.mark.parametrize("end", [0, 1])
def test_a_window_that_ends_on_an_eigenvalue_takes_it_or_leaves_it(gap_problem, lattice, end):
    """Windows are half open: two that meet at a level share it out, neither losing nor doubling."""
    reference, _ = dense(gap_problem, 0.2, lattice)
    level = reference[len(reference) // 2 + end]
    below = dd.eigenstates(gap_problem, 0.2, (-3.0, level), **lattice)
    above = dd.eigenstates(gap_problem, 0.2, (level, 3.0), **lattice)
    whole = dd.eigenstates(gap_problem, 0.2, (-3.0, 3.0), **lattice)
    together = np.concatenate((below.energies, above.energies))
    np.testing.assert_allclose(together, whole.energies, atol=ENERGY_ROUNDING)


def test_the_middle_of_a_window_may_be_an_eigenvalue():
    """A diagonal matrix: the shift hits an eigenvalue to the last bit, and LU is singular."""
    diagonal = np.arange(-30.0, 31.0)
    energies, vectors = sparse_spectrum(diagonal, np.zeros(60), (-4.0, 4.0))
    np.testing.assert_allclose(energies, np.arange(-4.0, 4.0), atol=1e-9)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(8), atol=1e-9)


def test_degenerate_levels_are_all_found():
    """Two uncoupled identical chains: every level twice, to the last bit."""
    one_diag, one_hop = np.linspace(-1, 1, 40) ** 2, np.full(39, 0.7)
    diagonal = np.concatenate((one_diag, one_diag))
    hoppings = np.concatenate((one_hop, [0.0], one_hop))
    energies, vectors = sparse_spectrum(diagonal, hoppings, (-np.inf, np.inf))
    single = np.linalg.eigvalsh(
        np.diag(one_diag) + np.diag(one_hop, 1) + np.diag(one_hop, -1)
    )
    np.testing.assert_allclose(energies, np.repeat(single, 2), atol=ENERGY_ROUNDING)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(80), atol=ORTHONORMAL)


class TestSturmCount:
    def test_counts_are_those_of_dense_lapack(self, small_problem, lattice, rng):
        reference, _ = dense(small_problem, 0.3, lattice)
        chain = dd.uniform_chain(small_problem, **lattice)
        energies = np.sort(rng.uniform(-12, 12, 300))
        count = count_below(chain.diagonal(0.3), chain.hoppings, energies)
        np.testing.assert_array_equal(count, np.searchsorted(reference, energies))

    def test_ends_of_the_spectrum(self, gap_problem, lattice):
        chain = dd.uniform_chain(gap_problem, **lattice)
        count = count_below(chain.diagonal(0.0), chain.hoppings, [-1e6, 1e6])
        np.testing.assert_array_equal(count, [0, len(chain)])

    def test_vanishing_pivots(self):
        # H = [[0, 1], [1, 0]] at E = 0: the first pivot is 0; one level below.
        assert count_below(np.zeros(2), np.ones(1), 0.0)[0] == 1
        # Zero hoppings: the diagonal itself.
        diagonal = np.array([-1.0, 0.0, 1.0, 2.0])
        np.testing.assert_array_equal(
            count_below(diagonal, np.zeros(3), [-0.5, 0.5, 1.5, 2.5]), [1, 2, 3, 4]
        )

    def test_counts_never_decrease(self, rng):
        diagonal, hoppings = rng.normal(size=200), rng.normal(size=199)
        count = count_below(diagonal, hoppings, np.linspace(-8, 8, 4000))
        assert np.all(np.diff(count) >= 0)
        assert count[-1] == 200


class TestCertificate:
    """What `eigsh` withholds is noticed, and asked for again or refused."""

    @staticmethod
    def withhold(monkeypatch, which, times):
        """eigsh without one of the states it found, for the first `times` calls."""
        honest = spectrum.eigsh
        calls = []

        def lossy(matrix, k, sigma, **options):
            calls.append(sigma)
            energies, vectors = honest(matrix, k=k, sigma=sigma, **options)
            if len(calls) > times:
                return energies, vectors
            # The state nearest to the middle of the slice is certainly one of it.
            drop = np.argsort(np.abs(energies - sigma))[which]
            return np.delete(energies, drop), np.delete(vectors, drop, axis=1)

        monkeypatch.setattr(spectrum, "eigsh", lossy)
        return calls

    @pytest.mark.parametrize("which", [0, 1])
    def test_a_state_withheld_once_is_found_by_slicing_again(
        self, monkeypatch, gap_problem, lattice, which
    ):
        reference, _ = dense(gap_problem, 0.1, lattice)
        inside = reference[(reference >= -2) & (reference < 2)]
        calls = self.withhold(monkeypatch, which, times=1)
        states = dd.eigenstates(gap_problem, 0.1, (-2.0, 2.0), **lattice)
        np.testing.assert_allclose(states.energies, inside, atol=ENERGY_ROUNDING)
        assert len(calls) >= 3, "the slice must have been halved"

    def test_a_state_withheld_always_is_an_error(self, monkeypatch, gap_problem, lattice):
        self.withhold(monkeypatch, 0, times=10**9)
        with pytest.raises(dd.SpectrumError, match="inertia counts"):
            dd.eigenstates(gap_problem, 0.1, (-2.0, 2.0), **lattice)

    def test_a_state_returned_twice_is_an_error(self, monkeypatch, gap_problem, lattice):
        honest = spectrum.eigsh

        def doubled(matrix, k, sigma, **options):
            energies, vectors = honest(matrix, k=k, sigma=sigma, **options)
            nearest = np.argsort(np.abs(energies - sigma))
            # The second nearest is replaced by a copy of the nearest: the count still agrees.
            energies[nearest[1]] = energies[nearest[0]]
            vectors[:, nearest[1]] = vectors[:, nearest[0]]
            return energies, vectors

        monkeypatch.setattr(spectrum, "eigsh", doubled)
        with pytest.raises(dd.SpectrumError, match="orthonormal"):
            dd.eigenstates(gap_problem, 0.1, (-2.0, 2.0), **lattice)

    def test_the_sparse_profile_does_not_swallow_it(self, monkeypatch, gap_problem):
        self.withhold(monkeypatch, 0, times=10**9)
        with pytest.raises(dd.SpectrumError):
            dd.current_density(gap_problem, [0.0], engine="states", solver="sparse", rtol=0.05)


@pytest.mark.parametrize(
    ("window", "culprit"),
    [
        ((1.0, -1.0), "e_min < e_max"),
        ((0.5, 0.5), "e_min < e_max"),
        ((np.nan, 1.0), "e_min < e_max"),
        ((0.0, np.nan), "e_min < e_max"),
        (3.0, "pair"),
        ((1.0,), "pair"),
        ((1.0, 2.0, 3.0), "pair"),
        (("a", "b"), "pair"),
        (None, "pair"),
    ],
)
def test_bad_windows_are_named(window, culprit, gap_problem):
    with pytest.raises(ValueError, match=f"window must.*{culprit}"):
        dd.eigenstates(gap_problem, 0.0, window)


@pytest.mark.parametrize("p_y", [np.nan, np.inf, None, "0"])
def test_bad_momenta_are_named(p_y, gap_problem):
    with pytest.raises(ValueError, match="p_y"):
        dd.eigenstates(gap_problem, p_y, (-1.0, 1.0))
