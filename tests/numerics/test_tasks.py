"""Pieces of work by any executor, kept in a folder: the one loop of sweeps and of both engines."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

from dirac1d.numerics.tasks import Kept, StoreWarning, as_done, check_executor, pieces


def square(n):
    return {"square": np.array(n * n)}


class Bare:
    """All that is asked of an executor; `mpi4py.futures.MPIPoolExecutor` has it."""

    def __init__(self):
        self.calls = 0

    def submit(self, function, /, *arguments):
        self.calls += 1
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


def found(tasks, executor=None, kept=None, check=lambda: None):
    return {i: (int(a["square"]), new)
            for i, a, new in pieces(square, [(n, n) for n in tasks], executor, kept, check)}


@pytest.mark.parametrize("make", [lambda: None, Bare, lambda: ThreadPoolExecutor(3)])
def test_every_executor_does_the_same(make):
    assert found(range(5), make()) == {n: (n * n, True) for n in range(5)}


def test_what_is_kept_is_not_done_again(tmp_path):
    kept = Kept.at(tmp_path / "store", lambda: {"problem": 1})
    executor = Bare()
    assert found([1, 2], executor, kept) == {0: (1, True), 1: (4, True)}
    assert found([2, 3], executor, kept) == {0: (4, False), 1: (9, True)}
    assert executor.calls == 3
    other = Kept.at(tmp_path / "store", lambda: {"problem": 2})
    assert found([2], executor, other) == {0: (4, True)}


def test_an_interrupt_leaves_what_is_finished(tmp_path):
    kept = Kept.at(tmp_path, lambda: 1)
    left = iter([None, None, KeyboardInterrupt])

    def check():
        if (error := next(left)) is not None:
            raise error

    with pytest.raises(KeyboardInterrupt):
        found([1, 2, 3], None, kept, check)
    assert [new for _, new in found([1, 2, 3], None, kept).values()] == [False, False, True]


def test_a_damaged_file_is_told_and_done_again(tmp_path):
    kept = Kept.at(tmp_path, lambda: 1)
    found([3], None, kept)
    (path,) = tmp_path.rglob("*.npz")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.warns(StoreWarning, match="computing it again"):
        assert found([3], None, kept) == {0: (9, True)}
    assert found([3], None, kept) == {0: (9, False)}


def test_a_budget_ends_while_a_worker_is_busy():
    class Over(Exception):
        pass

    go, asked = threading.Event(), []

    def check():
        asked.append(1)
        if len(asked) > 2:
            raise Over

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(Over):
            list(as_done(go.wait, [(0, (30,))], pool, check=check))
        go.set()


def test_errors_are_raised_or_become_results():
    with pytest.raises(TypeError):
        list(as_done(square, [(0, ("text",))], Bare()))
    told = list(as_done(square, [(0, ("text",))], Bare(), failed=lambda e: type(e).__name__))
    assert told == [(0, "TypeError")]


def test_a_dead_worker_is_told():
    class Dead:
        def submit(self, function, /, *arguments):
            future = Future()
            future.set_exception(BrokenProcessPool("terminated"))
            return future

    with pytest.raises(RuntimeError, match="a worker died"):
        list(as_done(square, [(0, (1,))], Dead()))


def test_what_is_no_executor_or_cannot_be_kept(tmp_path):
    with pytest.raises(ValueError, match="executor must have submit"):
        check_executor(3)
    assert check_executor(None) is None
    with pytest.raises(ValueError, match="store: the problem cannot be written down"):
        Kept.at(tmp_path, lambda: {"function": print})
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="store: cannot make"):
        Kept.at(tmp_path / "file" / "folder", lambda: 1)
