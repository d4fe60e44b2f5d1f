"""`dirac1d explore --web` in a real browser: mouse events on a slider, and the picture."""

import asyncio
import importlib.util
import socket
import urllib.request

import browser
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent

import dirac1d as dd
from dirac1d.apps import cli
from dirac1d.apps.explorer import Explorer

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("tornado") is None, reason="tornado is not installed")

#: Part of the pixels in which two pictures may differ: rounding of colours at the edges of lines.
SAME = 1e-4
#: Left edge and top of the canvas on the page, its width, height and pixels per point of the page.
BOX = """(() => { const c = document.querySelector('canvas'); if (!c) return null;
const b = c.getBoundingClientRect(); return [b.left, b.top, b.width, b.height, c.width / b.width];
})()"""


def different(a, b):
    """Part of the pixels that differ visibly; 1 if the sizes do."""
    return 1.0 if a.shape != b.shape else np.mean(np.max(np.abs(a - b), axis=2) > 8)


def pixels(explorer):
    return np.asarray(explorer.figure.canvas.buffer_rgba()).astype(int)


def replay(explorer, path):
    """The same events on an explorer of this process: it, and what the browser should show."""
    height = explorer.figure.bbox.height
    kinds = ["button_press_event", *["motion_notify_event"] * (len(path) - 2),
             "button_release_event"]
    for kind, (x, y) in zip(kinds, path, strict=True):
        MouseEvent(kind, explorer.figure.canvas, x, height - y, button=1)._process()
    explorer.flush()


def track(explorer, name, start, end, steps=12):
    """Whole pixels of a drag along a slider, counted from the canvas's upper left corner."""
    ax = explorer.sliders[name].ax
    (x_0, y), (x_1, _) = ax.transData.transform([(start, 0.5), (end, 0.5)])
    # Released where the last motion ended.
    x = np.rint([*np.linspace(x_0, x_1, steps), x_1])
    return [(float(v), float(np.rint(explorer.figure.bbox.height - y))) for v in x]


async def drag_in_browser(debugger, url, explorer, path):
    """What the browser shows before and after; the explorer here makes the same moves."""
    async with browser.first_page(debugger) as page:
        await page.send("Page.navigate", url=url)
        await page.until(lambda: page.value(BOX), "no canvas")

        async def shows_it():
            """The browser's picture, once it is this explorer's, at rest or not yet."""
            expected = [pixels(explorer)]
            explorer.rest()
            expected.append(pixels(explorer))
            seen = []

            async def met():
                seen.append(await page.canvas())
                return min(different(seen[-1], e) for e in expected) < SAME

            await page.until(met, "the browser shows another picture")
            return seen[-1]

        before = await shows_it()
        left, top, _, _, scale = await page.value(BOX)
        places = [(left + x / scale, top + y / scale) for x, y in path]
        await page.mouse("mouseMoved", *places[0])
        await page.mouse("mousePressed", *places[0])
        for place in places[1:-1]:
            await page.mouse("mouseMoved", *place)
        await page.mouse("mouseReleased", *places[-1])
        replay(explorer, path)
        return before, await shows_it()


@pytest.fixture
def explorer():
    found = Explorer()
    yield found
    found.close()
    plt.close(found.figure)


@pytest.mark.skipif(browser.executable() is None, reason="no chromium on this machine")
def test_dragging_a_slider_in_chromium_changes_the_picture_as_here(explorer, tmp_path):
    # The step gets smaller, so that the frame of j_y(x) stays, however many pictures are dropped.
    path = track(explorer, "left", -0.5, -0.1)
    with browser.explorer_server(tmp_path) as (port, server), browser.chromium(tmp_path) as tools:
        url = f"http://127.0.0.1:{port}"
        before, after = asyncio.run(drag_in_browser(tools, url, explorer, path))
        assert server.poll() is None
    # What the browser's picture says too.
    assert pytest.approx(-0.1, abs=0.02) == explorer.problem.U_L
    total = explorer.profile.integral(-np.inf, np.inf).value
    assert pytest.approx((explorer.problem.U_L - 0.5) / (4 * np.pi), abs=1e-4) == total
    print(f"{different(before, after):.1%} of the pixels changed")
    assert different(before, after) > 0.003
    assert server.returncode == 0


def test_server_listens_on_localhost_only_lets_download_and_ends_on_interrupt(
    tmp_path, monkeypatch
):
    # The server runs in an empty folder of its own.
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with browser.explorer_server(tmp_path) as (port, server):
        assert browser.answers(port)
        # Another address of the same machine, and IPv6: a server on all of them would answer.
        assert not browser.answers(port, "127.0.0.2")
        assert not browser.answers(port, "::1")
        page = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{page}/js/mpl.js") as answer:
            script = answer.read().decode()
        with urllib.request.urlopen(f"{page}/1/download.npz") as answer:
            profile = dd.load(answer.read())
        with urllib.request.urlopen(f"{page}/1/download.pdf") as answer:
            assert answer.read().startswith(b"%PDF")
    assert "handle_download" in script
    assert profile.problem == dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0))
    assert list(folder.iterdir()) == []
    assert server.returncode == 0
    assert f"http://127.0.0.1:{port}" in (tmp_path / "server.log").read_text()


def test_a_port_in_use_is_named(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert cli.main(["explore", "--web", "--port", str(port)]) == 2
    assert f"port {port}" in capsys.readouterr().err
