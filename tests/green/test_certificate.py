"""The error estimate is never below the true error: a small part of the certificate's study."""

import warnings

import pytest
from validation_modules import measurements

from dirac1d.results.profile import AccuracyWarning

#: Among the study's problems, those that once were beyond their estimates (waves from afar on
#: panels that cannot carry them; cells whose differences cancel; slow convergence behind a large
#: mean or a fast start; equations solved too loosely), and others that take no time.
SEEDS = (90, 157, 220, 279, 380, 521, 0, 5, 18, 21, 23, 24, 33, 36, 40, 46, 1009, 1015)


@pytest.fixture(scope="module")
def certificate():
    return measurements("green_certificate")


@pytest.mark.parametrize("seed", SEEDS)
def test_error_is_below_its_estimate(certificate, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AccuracyWarning)
        row = certificate.study(seed)
    assert not certificate.failed(row), certificate.line(row)
    assert row["converged"]


def test_exact_values_confirm_it(certificate):
    ratios = [certificate.study(seed, exact=True)["exact"] for seed in (18, 21)]
    assert all(0 < ratio < 1 for ratio in ratios)


def test_a_study_that_fails_says_so(certificate, capsys):
    row = certificate.study(18)
    assert certificate.summary([row]) == 0
    wrong = {**row, "truth": 2 * row["estimate"], "ratio": 2.0, "exceeded": True}
    assert certificate.summary([row, wrong]) == 1
    assert "EXCEEDED" in capsys.readouterr().out
    vague = {**row, "estimate": 1e4 * row["truth"]}
    assert certificate.summary([vague]) == 1
