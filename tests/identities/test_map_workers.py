"""Maps by workers and from a store: the same to the last bit, by both engines."""

import numpy as np
import pytest

import dirac1d as dd

PROBLEM = dd.Problem(dd.disorder(0.4, 1.2, (5.0, 4.0), seed=3), mass=1.0, temperature=0.2)
X = np.linspace(0, 5, 4)


def solve(engine, **options):
    return dd.current_map(PROBLEM, X, X[:3], engine, 3e-2, **options)


def test_two_dask_workers_do_the_same(tmp_path):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path))
    with cluster, distributed.Client(cluster) as client:
        spread = {engine: solve(engine, executor=client.get_executor(), store=tmp_path / engine)
                  for engine in ("green", "states")}
        assert len(client.scheduler_info()["workers"]) == 2
    for engine, found in spread.items():
        alone = solve(engine)
        np.testing.assert_array_equal(alone.j_x, found.j_x)
        np.testing.assert_array_equal(alone.error, found.error)
        assert len(list((tmp_path / engine).rglob("*.npz"))) > 1


@pytest.mark.parametrize("engine", ["green", "states"])
def test_an_interrupted_map_goes_on_where_it_was(engine, tmp_path):
    def interrupt(done):
        if done.work >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve(engine, progress=interrupt, store=tmp_path)
    before = len(list(tmp_path.rglob("*.npz")))
    assert before > 0
    found = solve(engine, store=tmp_path)
    np.testing.assert_array_equal(found.j_x, solve(engine).j_x)
    count = {"green": "nodes_from_store", "states": "diagonalisations"}[engine]
    whole = solve(engine, store=tmp_path).details
    assert len(list(tmp_path.rglob("*.npz"))) > before
    assert found.details[count] > 0
    assert whole["nodes" if engine == "green" else count] == 0


@pytest.mark.parametrize("engine", ["green", "states"])
def test_mistakes_are_named_before_work(engine, tmp_path):
    with pytest.raises(ValueError, match="executor must have submit"):
        solve(engine, executor="dask")
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="store: cannot make"):
        solve(engine, store=tmp_path / "file" / "a")


def test_spectra_are_kept_too(tmp_path):
    one = dd.charge_map(PROBLEM, X, X, rtol=3e-2, store=tmp_path)
    files = len(list(tmp_path.rglob("*.npz")))
    two = dd.charge_map(PROBLEM, X, X, rtol=3e-2, store=tmp_path)
    np.testing.assert_array_equal(np.asarray(one), np.asarray(two))
    assert files == len(list(tmp_path.rglob("*.npz"))) > 0
    dd.energy_resolved_map(PROBLEM, X, X, 0.3, width=0.3, rtol=0.1, store=tmp_path)
    assert len(list(tmp_path.rglob("*.npz"))) > files
