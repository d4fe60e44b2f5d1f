"""A headless Chromium, driven by the DevTools protocol over tornado's websocket."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from numpy.typing import NDArray

#: Seconds until a condition is given up, and between two looks at it.
DEADLINE, LOOK = 40.0, 0.02
NAMES = ("chromium", "chromium-browser", "google-chrome")
#: No network but localhost, no first-run pages; as root there is no sandbox.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--window-size=1200,900",
    "--remote-debugging-port=0",
)


def executable() -> str | None:
    """Chromium's path, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """The first true value of a condition."""
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(LOOK)
    return value


def free_port() -> int:
    """A port of localhost that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int, address: str = "127.0.0.1") -> bool:
    """Whether anybody listens there."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def running(command: list[str], log: Path, stop: int = signal.SIGTERM) -> Iterator[Any]:
    """A process, ended with all its children (a group of its own) at the end; so is its TMPDIR."""
    # Not in the test's folder: Chromium makes a socket there, whose path must be short.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                # A process that is started in the background would ignore an interrupt.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                start_new_session=True, env=os.environ | {"TMPDIR": scratch})
        try:
            yield process
        finally:
            process.send_signal(stop)
            try:
                process.wait(DEADLINE)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def explorer_server(folder: Path) -> Iterator[tuple[int, subprocess.Popen]]:
    """`dirac1d explore --web` on a free port: the port, and the process."""
    port = free_port()
    command = [sys.executable, "-u", "-m", "dirac1d", "explore", "--web", "--port", str(port)]
    log = folder / "server.log"
    with running(command, log, signal.SIGINT) as process:
        wait_for(lambda: answers(port) or process.poll() is not None, "no server")
        assert process.poll() is None, log.read_text()
        # A page comes when all is set up, the handler of the interrupt too.
        urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=DEADLINE).close()
        yield port, process


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[int]:
    """Chromium in a new profile: the port of its DevTools."""
    profile = folder / "profile"
    command = [executable(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    with running(command, folder / "chromium.log") as process:
        # Chromium writes the port, and below it the path of its own websocket.
        told = profile / "DevToolsActivePort"

        def port() -> str | None:
            if process.poll() is not None:  # a browser without the system that it needs
                last = (folder / "chromium.log").read_text().strip().splitlines()[-1:]
                pytest.skip(f"chromium does not start here: {last}")
            lines = told.read_text().split() if told.exists() else []
            return lines[0] if len(lines) > 1 else None

        yield int(wait_for(port, "Chromium has not opened its port"))


@contextlib.asynccontextmanager
async def first_page(port: int) -> AsyncIterator[Page]:
    """The page that Chromium has opened."""
    from tornado.websocket import websocket_connect

    def found() -> str | None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as answer:
            pages = [t for t in json.load(answer) if t["type"] == "page"]
        return pages[0]["webSocketDebuggerUrl"] if pages else None

    # No limit on a message: screenshots are large.
    connection = await websocket_connect(wait_for(found, "no page"), max_message_size=2**28)
    try:
        yield Page(connection)
    finally:
        connection.close()
        # The other side says goodbye: nothing is left open.
        while await asyncio.wait_for(connection.read_message(), DEADLINE) is not None:
            pass


class Page:
    """A page of the browser."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._number = connection, itertools.count(1)

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the DevTools protocol, and its answer; events meanwhile are passed over."""
        number = next(self._number)
        message = json.dumps({"id": number, "method": method, "params": parameters})
        await self._connection.write_message(message)
        while True:
            text = await asyncio.wait_for(self._connection.read_message(), DEADLINE)
            answer = json.loads(text)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    async def value(self, expression: str) -> Any:
        """What JavaScript says."""
        answer = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, condition: Callable[[], Any], what: str) -> Any:
        """The first true value of an asynchronous condition."""
        end = time.monotonic() + DEADLINE
        while not (value := await condition()):
            if time.monotonic() > end:
                raise TimeoutError(what)
            await asyncio.sleep(LOOK)
        return value

    async def mouse(self, kind: str, x: float, y: float) -> None:
        """A real mouse event of the left button: mousePressed, mouseMoved or mouseReleased."""
        await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1,
                        clickCount=1)

    async def canvas(self) -> NDArray:
        """Pixels of the first canvas, 0 to 255, shape (height, width, 4)."""
        url = await self.value("document.querySelector('canvas').toDataURL('image/png')")
        pixels = matplotlib.image.imread(io.BytesIO(base64.b64decode(url.split(",")[1])))
        return np.rint(255 * pixels).astype(int)
