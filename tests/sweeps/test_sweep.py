"""Sweeps: the store, resuming, failures, damage, executors, tables, the command."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pickle import PicklingError

import numpy as np
import pytest

import dirac1d as dd
import dirac1d.sweeps.run
from dirac1d.sweeps.store import Failure, Store, key_of

X = np.linspace(-3, 3, 5)
STEP = dd.TanhStep(-0.5, 0.5, width=1.0)
#: Loose, for speed: what is tested is the book-keeping.
RTOL = 1e-3


def problems(count=4):
    return [dd.Problem(STEP, fermi_energy=e) for e in np.linspace(0, 0.4, count)]


def run(what, **options):
    return dd.sweep(what, X, rtol=RTOL, **options)


@pytest.fixture
def counted(monkeypatch):
    """How often the engine is called."""
    calls = []
    solve = dirac1d.sweeps.run.current_density

    def counting(problem, *arguments, **options):
        calls.append(problem)
        return solve(problem, *arguments, **options)

    monkeypatch.setattr(dirac1d.sweeps.run, "current_density", counting)
    return calls


@pytest.fixture
def broken(monkeypatch):
    """An engine that fails in the half-metal."""
    solve = dirac1d.sweeps.run.current_density

    def failing(problem, *arguments, **options):
        if problem.fermi_energy > 0.2:
            raise ZeroDivisionError("by\nnought")
        return solve(problem, *arguments, **options)

    monkeypatch.setattr(dirac1d.sweeps.run, "current_density", failing)


def test_results_are_those_of_the_engine_in_order():
    result = run(problems())
    for profile, problem in zip(result.profiles, problems(), strict=True):
        np.testing.assert_array_equal(
            profile.j_y, dd.current_density(problem, X, rtol=RTOL).j_y)
    np.testing.assert_array_equal(result.j_y[2], result.profiles[2].j_y)
    # rtol 1e-3 of j0 over a length of a few.
    np.testing.assert_allclose(result.totals(), -1 / (4 * np.pi), rtol=1e-2)


def test_equal_problems_are_solved_once(counted):
    result = run(problems(2) * 3)
    assert len(counted) == result.computed == 2
    assert len(result.results) == 6


def test_what_is_stored_is_not_computed_again(tmp_path, counted):
    first = run(problems(5)[:3], store=tmp_path / "runs" / "deep")
    again = run(problems(5)[:4], store=tmp_path / "runs" / "deep")
    assert (first.computed, again.computed, len(counted)) == (3, 1, 4)
    whole = run(problems(5)[:4], store=tmp_path / "runs" / "deep")
    assert whole.computed == 0
    np.testing.assert_array_equal(whole.j_y, again.j_y)
    assert all(dd.load(p).rtol == RTOL for p in tmp_path.rglob("*.npz"))


def test_a_key_depends_on_everything_that_is_asked():
    problem, other = problems(2)
    keys = {
        key_of(problem, X, "green", RTOL, {}), key_of(other, X, "green", RTOL, {}),
        key_of(problem, X[1:], "green", RTOL, {}), key_of(problem, X, "states", RTOL, {}),
        key_of(problem, X, "green", None, {}), key_of(problem, X, "states", RTOL, {"solver": "a"}),
    }
    assert len(keys) == 6
    assert key_of(dd.Problem(STEP), X.copy(), "green", RTOL, {}) in keys
    with pytest.raises(ValueError, match="options"):
        key_of(problem, X, "states", RTOL, {"progress": print})


def test_interrupted_sweep_resumes(tmp_path, counted):
    done = []

    def stop(step):
        done.append(step)
        # What is reported is on the disk.
        assert len(list(tmp_path.rglob("*.npz"))) == len(done)
        if len(done) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(problems(6), store=tmp_path, progress=stop)
    assert len(counted) == 3
    assert run(problems(6), store=tmp_path).computed == 3
    assert not list(tmp_path.rglob("*.part"))


def test_failures_are_recorded_and_do_not_stop_the_rest(tmp_path, broken):
    result = run(problems(4), store=tmp_path)
    assert {i: str(f) for i, f in result.failures.items()} == {
        2: "ZeroDivisionError: by nought", 3: "ZeroDivisionError: by nought"}
    assert np.isnan(result.j_y[2:]).all()
    assert np.isfinite(result.j_y[:2]).all()
    assert np.isnan(result.totals()[3])
    assert result.columns()["status"][3].startswith("failed: ZeroDivisionError")


def test_failures_are_kept_until_they_are_retried(tmp_path, broken, monkeypatch):
    run(problems(4), store=tmp_path)
    monkeypatch.undo()
    kept = run(problems(4), store=tmp_path)
    assert (kept.computed, len(kept.failures)) == (0, 2)
    again = run(problems(4), store=tmp_path, retry_failed=True)
    assert (again.computed, len(again.failures)) == (2, 0)
    assert not run(problems(4), store=tmp_path).failures
    assert not list(tmp_path.rglob("*.failed.json"))


def test_lack_of_memory_is_not_held_against_the_problem(tmp_path, monkeypatch):
    def hungry(*_, **__):
        raise MemoryError("no room")

    monkeypatch.setattr(dirac1d.sweeps.run, "current_density", hungry)
    assert len(run(problems(1), store=tmp_path).failures) == 1
    monkeypatch.undo()
    assert run(problems(1), store=tmp_path).computed == 1


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "changed"])
def test_damaged_files_are_reported_and_computed_again(damage, tmp_path):
    before = run(problems(2), store=tmp_path)
    path = sorted(tmp_path.rglob("*.npz"))[0]
    data = bytearray(path.read_bytes())
    if damage == "truncated":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[data.index(b"j_y.npy") + 100] ^= 0xFF
    elif damage == "empty":
        data = bytearray()
    path.write_bytes(data)
    if damage == "changed":
        with np.load(path) as stored:
            arrays = {k: stored[k] for k in stored.files}
        np.savez(path, **(arrays | {"j_y": 2 * arrays["j_y"]}))
    with pytest.warns(dd.StoreWarning, match=path.name):
        after = run(problems(2), store=tmp_path)
    assert after.computed == 1
    np.testing.assert_array_equal(after.j_y, before.j_y)
    assert run(problems(2), store=tmp_path).computed == 0


def test_damaged_failures_are_reported(tmp_path, broken):
    run(problems(4), store=tmp_path)
    sorted(tmp_path.rglob("*.failed.json"))[0].write_text("{")
    with pytest.warns(dd.StoreWarning, match="damaged"):
        assert run(problems(4), store=tmp_path).computed == 1


def test_threads_give_the_same(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        result = run(problems(5), executor=pool, store=tmp_path)
    np.testing.assert_array_equal(result.j_y, run(problems(5)).j_y)
    assert len(list(tmp_path.rglob("*.npz"))) == 5


def test_processes_give_the_same_also_for_functions_that_are_lambdas():
    own = dd.Problem(dd.FunctionPotential(lambda x: np.tanh(x) / 2, -0.5, 0.5))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        result = run([*problems(3), own], executor=pool)
    np.testing.assert_array_equal(result.j_y, run([*problems(3), own]).j_y)
    assert not result.failures


def test_what_cannot_be_sent_is_the_executors_failure_not_the_problems(tmp_path):
    class Unable(Executor):
        def submit(self, function, /, *arguments):
            future = Future()
            future.set_exception(PicklingError("cannot pickle it"))
            return future

    (failure,) = run(problems(1), executor=Unable(), store=tmp_path).failures.values()
    assert "cannot pickle it" in str(failure)
    assert run(problems(1), store=tmp_path).failures == {}


def test_a_dead_worker_is_told_and_nothing_is_lost(tmp_path):
    class Dying(Executor):
        calls = 0

        def submit(self, function, /, *arguments):
            future = Future()
            Dying.calls += 1
            if Dying.calls == 3:
                future.set_exception(BrokenProcessPool("terminated abruptly"))
            else:
                future.set_result(function(*arguments))
            return future

    with pytest.raises(RuntimeError, match="kept in the store"):
        run(problems(3), executor=Dying(), store=tmp_path)
    assert run(problems(3), store=tmp_path).computed <= 3


def test_dask_workers_give_the_same(tmp_path):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(tmp_path))
    with cluster, distributed.Client(cluster) as client:
        executor = client.get_executor()
        result = run(problems(6), executor=executor, store=tmp_path / "runs")
        assert len(client.scheduler_info()["workers"]) == 2
    np.testing.assert_array_equal(result.j_y, run(problems(6)).j_y)
    assert len(list((tmp_path / "runs").rglob("*.npz"))) == 6


@pytest.mark.parametrize(("arguments", "culprit"), [
    ((problems(1), []), "x"), ((3, X), "problems"), (([STEP], X), r"problems\[0\]"),
    ((problems(1), X, 3), "executor"),
])
def test_mistakes_are_named(arguments, culprit):
    with pytest.raises(ValueError, match=culprit):
        dd.sweep(*arguments)


@pytest.mark.parametrize(("options", "culprit"), [
    ({"engine": "other"}, "engine"), ({"rtol": 0}, "rtol"), ({"store": "file"}, "store"),
    ({"coordinates": {"a": [1, 2, 3]}}, "coordinates"), ({"coordinates": {"a": 1}}, "coordinates"),
])
def test_options_are_checked_before_any_work(options, culprit, tmp_path, counted, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=culprit):
        dd.sweep(problems(2), X, **options)
    assert not counted


def test_unknown_engine_options_fail_at_their_point():
    assert "not an option" in str(dd.sweep(problems(1), X, solver="auto").failures[0])


def test_no_problems_make_an_empty_table(tmp_path):
    result = run([])
    assert result.j_y.shape == (0, 5)
    _, columns = dd.load_table(result.save(tmp_path / "t.npz"))
    assert columns["j_y"].shape == (0, 5)


def grid():
    masses, energies = [1.0, -2.0], [0.0, 0.1, 0.2]
    listed = [dd.Problem(STEP, mass=m, fermi_energy=e) for m in masses for e in energies]
    return run(listed, coordinates={"mass": masses, "fermi_energy": energies})


def test_table_as_archive(tmp_path):
    result = grid()
    path = result.save(tmp_path / "t.npz")
    header, columns = dd.load_table(path)
    assert header["axes"] == {"mass": 2, "fermi_energy": 3}
    assert header["column_units"]["j_y"] == "e E0^2/(hbar^2 v_F)"
    assert [dd.Problem.from_dict(p) for p in header["problems"]] == list(result.problems)
    np.testing.assert_array_equal(columns["mass"], [1, 1, 1, -2, -2, -2])
    np.testing.assert_array_equal(columns["j_y"], result.j_y)
    assert columns["status"].tolist() == ["converged"] * 6
    np.testing.assert_allclose(columns["J_y"], columns["J_y_exact"], rtol=1e-2)
    assert path.read_bytes() == grid().save(tmp_path / "u.npz").read_bytes()
    with pytest.raises(ValueError, match="not a dirac1d result"):
        dd.load(path)
    with pytest.raises(ValueError, match=r"\.npz or \.csv"):
        result.save(tmp_path / "t.txt")


def test_a_mass_that_varies_is_told_by_its_axes(tmp_path):
    ends = [0.5, 1.0]
    listed = [dd.Problem(STEP, dd.TanhStep(-1.0, m, 1.0), temperature=0.3) for m in ends]
    result = run(listed, coordinates={"mass.right": ends})
    _, columns = dd.load_table(result.save(tmp_path / "t.npz"))
    assert np.all(np.isnan(columns["mass"]))
    assert columns["mass.right"].tolist() == ends
    np.testing.assert_allclose(columns["J_y"], columns["J_y_exact"], atol=1e-4)


def test_table_as_text_in_laboratory_units(tmp_path):
    scale, result = dd.Scale(1e6, 10.0), grid()
    text = result.save(tmp_path / "t.csv", scale).read_text().splitlines()
    rows = [line.split(",") for line in text if not line.startswith("#")]
    assert rows[0][:3] == ["mass [meV]", "fermi_energy [meV]", "temperature [K]"]
    column = rows[0].index("J_y [nA]")
    values = [float(row[column]) for row in rows[1:]]
    np.testing.assert_allclose(values, result.totals() * scale.unit("current"), rtol=1e-14)
    # Readable names; the positions in full are in the header.
    assert rows[0][-1] == "j_y(x=197.5 nm) [nA/um]"
    header = dict(line[2:].split(": ", 1) for line in text if line.startswith("#"))
    assert json.loads(header["x"]) == {
        "unit": "nm", "values": (result.x * scale.unit("length")).tolist()}
    np.testing.assert_allclose([float(r[-1]) for r in rows[1:]],
                               result.j_y[:, -1] * scale.unit("current_density"), rtol=1e-14)


def test_table_as_dataset():
    pytest.importorskip("xarray")
    result = grid()
    data = result.to_xarray()
    assert data["j_y"].dims == ("mass", "fermi_energy", "x")
    np.testing.assert_array_equal(
        data["j_y"].sel(mass=-2.0, fermi_energy=0.1), result.j_y[4])
    assert data["j_y"].attrs["units"] == "e E0^2/(hbar^2 v_F)"
    assert result.to_xarray(dd.Scale(1e6, 1.0))["x"].attrs["units"] == "nm"
    assert run(problems(2)).to_xarray()["J_y"].dims == ("point",)


FILE = """
rtol = 1e-3
points = 5
store = "runs"
output = ["t.npz", "t.csv"]
fermi_energy = { from = 0.0, to = 0.4, points = 5 }
temperature = [0.0, 0.05]
[potential]
shape = "tanh"
left = -0.5
right = 0.5
width = { from = 0.5, to = 2.0, points = 3, spacing = "log" }
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(FILE)
    return tmp_path


def test_sweep_from_a_file(folder, command):
    status, out, err = command("sweep", "s.toml", "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told["axes"] == {"fermi_energy": 5, "temperature": 2, "potential.width": 3}
    assert (told["points"], told["computed"]) == (30, 30)
    _, columns = dd.load_table("t.npz")
    np.testing.assert_allclose(columns["potential.width"][:3], [0.5, 1, 2])
    np.testing.assert_allclose(columns["fermi_energy"][::6], [0, 0.1, 0.2, 0.3, 0.4])
    before = (folder / "t.csv").read_bytes()
    status, out, _ = command("sweep", "s.toml", "--output", "u.csv")
    assert "computed now:           0" in out
    assert (folder / "u.csv").read_bytes() == before


def test_failed_points_give_status_1_and_their_errors(folder, command, broken):
    status, out, err = command("sweep", "s.toml", "--output", "t.csv")
    assert status == 1
    assert err.count("ZeroDivisionError: by nought") == 12
    assert "failed:                 12" in out
    assert (folder / "t.csv").read_text().count("failed: ZeroDivisionError") == 12


def test_units_and_sums_are_swept(folder, command):
    (folder / "u.toml").write_text("""
rtol = 1e-3
points = 3
material = "mos2"
flavour = ["K up", "K' up"]
[potential]
shape = "sum"
[[potential.terms]]
shape = "tanh"
left = "-60 meV"
right = "60 meV"
width = { from = "1 nm", to = "2 nm", points = 2 }
[[potential.terms]]
shape = "table"
x = [-0.4, 0.0, 0.4]
x_unit = "nm"
U = [0.0, 8.0, 0.0]
U_unit = "meV"
""")
    assert command("sweep", "u.toml")[0] == 0
    header, columns = dd.load_table("sweep.npz")
    assert header["column_units"]["potential.terms.0.width"] == "nm"
    assert columns["flavour"].tolist() == ["K up", "K up", "K' up", "K' up"]
    np.testing.assert_allclose(columns["potential.terms.0.width"], [1, 2, 1, 2])
    np.testing.assert_allclose(columns["J_y"][:2], -columns["J_y"][2:], rtol=1e-3)
    # (e²/2h)·120 mV.
    np.testing.assert_allclose(columns["J_y_exact"][0], 2324.4275, rtol=1e-6)


@pytest.mark.parametrize(("text", "culprit"), [
    ("foo = 1", "foo"), ("fermi_energy = []", "fermi_energy"), ("mass = [[1]]", "mass"),
    ("mass = {from = 1, to = 2}", "points"), ("mass = {from = 1, to = 2, points = 0}", "points"),
    ("mass = {from = 1, to = 2, points = 2, by = 3}", "by"),
    ("mass = {from = 0, to = 2, points = 2, spacing = 'log'}", "log"),
    ("mass = {from = 1, to = 2, points = 2, spacing = 'x'}", "spacing"),
    ("mass = {from = 'a', to = 2, points = 2}", "mass"),
    ("temperature = [0, -1]", "temperature"), ("output = 'a.txt'", "a.txt"),
    ("output = 'no/such/a.npz'", "no/such"), ("workers = 0", "workers"), ("store = 's.toml'",
    "store"), ("mass = {from = 1, to = 2, points = 99999999}", "points"),
    ("mass = {from=1,to=2,points=9999}\nfermi_energy = {from=1,to=2,points=9999}", "10000000"),
    ("engine = 'x'", "engine"), ("rtol = 2", "rtol"), ("x_min = 'a'", "x_min"),
])
def test_mistakes_in_the_file_give_one_line(folder, command, text, culprit):
    (folder / "bad.toml").write_text(text)
    status, out, err = command("sweep", "bad.toml")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert culprit in err
    assert not (folder / "sweep.npz").exists()


def hear_interrupts():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_killed_sweeps_lose_nothing(folder, command):
    (folder / "s.toml").write_text(FILE.replace("points = 3, sp", "points = 1, sp"))
    line = [sys.executable, "-m", "dirac1d", "sweep", "s.toml"]
    finished = 0
    for enough in (2, 5):
        process = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
        while len(list(folder.rglob("runs/*/*.npz"))) < enough:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        kept = list(folder.rglob("runs/*/*.npz"))
        assert len(kept) >= max(enough, finished)
        assert all(dd.load(path).rtol == RTOL for path in kept)
        finished = len(kept)
    _, out, _ = command("sweep", "s.toml", "--json")
    assert json.loads(out)["computed"] == 10 - finished
    table = (folder / "t.npz").read_bytes()
    assert command("sweep", "s.toml", "--store", "fresh")[0] == 0
    assert (folder / "t.npz").read_bytes() == table


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_leaves_one_line_and_complete_files(folder, workers):
    (folder / "s.toml").write_text(FILE.replace("points = 3, sp", "points = 99, sp"))
    line = [sys.executable, "-m", "dirac1d", "sweep", "s.toml", "--workers", str(workers)]
    # A session of its own: the signal reaches every process of it, as in a terminal.
    # A process that is started in the background ignores Ctrl-C; this one must not.
    process = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               start_new_session=True, preexec_fn=hear_interrupts,
                               env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    while not list(folder.rglob("runs/*/*.npz")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    kept = list(folder.rglob("runs/*/*"))
    assert (process.returncode, out) == (130, "")
    assert err == (f"dirac1d: interrupted: {len(kept)} of 990 points are stored in 'runs'; "
                   "the same command goes on from there\n")
    assert all(dd.load(path).rtol == RTOL for path in kept)
    assert not (folder / "t.npz").exists()


def test_failures_print_and_store_reads_nothing_else(tmp_path):
    assert str(Failure("E", "m")) == "E: m"
    assert Store.at(tmp_path / "s").find("ab" * 32) is None
