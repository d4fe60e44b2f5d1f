"""Fig. 3 of Silvestrov and Recher: a wide electron ray crosses a smooth potential step.

The ray is made of exact scattering states of neighbouring p_y (Eq. 19). (a) Its density, displaced
by its own shift enlarged, and its borders after Eq. (22), enlarged alike; the velocity field
Ψ†σΨ/Ψ†Ψ of its spinors; turning circles as dense as the magnetisation of Eq. (65). (b) Its centre
of charge against Eq. (22), hence the side jump of the Berry velocity. (c) The velocity in its
middle against Eq. (18), and the transport velocity.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from _figure import PAGE, Data, Figure, Problems, panel

import dirac1d as dd
from dirac1d import semiclassics as sc
from dirac1d.apps.plotting import BLACK, BLUE, GREEN, VERMILLION, X_LABEL

ENERGY = 0.0
#: |x| shown; half width of the ray, softness of its borders: g(y) is ½ at ±HALF.
REACH, HALF, SOFT = 12.0, 30.0, 12.0
#: Momenta p_y of the states: e^{-(SOFT p_y/2)²} = 2e-8 at the last, period 2π/STEP = 209 in y.
LAST, STEP = 0.7, 0.03
#: In (a) the ray's shift since it came in, and v_y, are drawn larger by these.
SHIFT_SCALE, VELOCITY_SCALE = 60, 10


def problems(quick: bool) -> Problems:
    return {"step": dd.Problem(dd.TanhStep(-4.0, -1.4, width=4.0))}


def compute(problems: Problems, quick: bool) -> Data:
    x = np.linspace(-REACH, REACH, 25 if quick else 97)
    y = np.linspace(-np.pi / STEP, np.pi / STEP, 257)[:-1]
    p = STEP * np.arange(-round(LAST / STEP), round(LAST / STEP) + 1)
    # Transform of g(y) = [erf((y+HALF)/SOFT) - erf((y-HALF)/SOFT)]/2.
    envelope = STEP * HALF / np.pi * np.sinc(p * HALF / np.pi) * np.exp(-((p * SOFT / 2) ** 2))
    ray = np.zeros((2, len(y), len(x)), dtype=complex)
    for p_y, weight in zip(p, envelope, strict=True):
        psi = dd.scattering_state(problems["step"], ENERGY, p_y, "left", x).psi
        ray += weight * np.exp(1j * p_y * y)[:, None] * psi[:, None, :]
    f, g = ray
    density = np.abs(f) ** 2 + np.abs(g) ** 2
    return {
        "x": x, "y": y, "density": density, "centre": y @ density / density.sum(axis=0),
        "v_x": 2 * np.real(f.conj() * g) / density, "v_y": 2 * np.imag(f.conj() * g) / density,
    }


def draw(problems: Problems, data: Data) -> plt.Figure:
    problem = problems["step"]
    figure = plt.figure(figsize=(PAGE, 3.7))
    grid = figure.add_gridspec(2, 2, width_ratios=(1.5, 1))
    field, path, speed = (figure.add_subplot(grid[k]) for k in (np.s_[:, 0], np.s_[0, 1],
                                                                np.s_[1, 1]))
    draw_ray(field, problem, data)
    x, fine = data["x"], np.linspace(-REACH, REACH, 401)
    every = slice(None, None, max(1, len(x) // 32))
    path.plot(fine, sc.ray_trajectory(problem, ENERGY, fine), color=BLACK, label="Eq. (22)")
    path.plot(x[every], data["centre"][every], "o", ms=3, mfc="none", color=BLUE,
              label="centre of the ray")
    path.axhline(-0.5, color="0.5", ls=":", lw=1.0)
    path.text(REACH * 0.95, -0.497, r"bound $-1/2\Delta$", ha="right", va="bottom", fontsize=7.5)
    path.set(ylabel=r"$y$  [$\hbar v_F/E_0$]", xlim=(-REACH, REACH), ylim=(-0.51, -0.33))
    path.tick_params(labelbottom=False)
    path.legend(loc="upper left")
    middle = len(data["y"]) // 2
    speed.plot(fine, sc.velocity_y(problem, ENERGY, fine), color=BLACK, label="Eq. (18)")
    speed.plot(x[every], data["v_y"][middle][every], "o", ms=3, mfc="none", color=VERMILLION,
               label=r"$\langle v_y\rangle$ of the ray")
    speed.plot(fine, sc.transport_velocity_y(problem, ENERGY, fine), color=GREEN, ls="--",
               label="transport, Eq. (23)")
    speed.axhline(0, color="0.7", lw=0.6, zorder=0)
    low = 1.1 * float(sc.velocity_y(problem, ENERGY, fine).min())
    speed.set(xlabel=X_LABEL, ylabel=r"$v_y$  [$v_F$]", xlim=(-REACH, REACH),
              ylim=(low, -2.2 * low))
    speed.legend(loc="upper left")
    for ax, letter in ((field, "a"), (path, "b"), (speed, "c")):
        panel(ax, letter)
    return figure


def draw_ray(ax: plt.Axes, problem: dd.Problem, data: Data) -> None:
    """Density, borders, velocity field and magnetisation."""
    x, y = data["x"], data["y"]
    shown = np.abs(y) < HALF + 3 * SOFT
    moved = (SHIFT_SCALE - 1) * (data["centre"] - data["centre"][0])
    ax.pcolormesh(np.broadcast_to(x, (shown.sum(), len(x))), y[shown, None] + moved,
                  data["density"][shown], cmap="Blues", vmin=0,
                  vmax=2.4 * data["density"].max(), shading="gouraud", rasterized=True)
    fine = np.linspace(-REACH, REACH, 201)
    for sign, label in ((1, rf"borders, side jump $\times{SHIFT_SCALE}$"), (-1, None)):
        ax.plot(fine, sign * HALF + drawn_shift(problem, fine), color=BLUE, lw=1.6, label=label)
    # Equal steps of ∫√M: the density of circles is M.
    x_c, y_c = circles(problem)
    ax.plot(x_c, y_c, ls="none", marker=r"$\circlearrowleft$", ms=8, mew=0.2, color=GREEN,
            label=r"magnetisation $M$")
    inside = np.abs(y[shown]) < HALF
    v_y = VELOCITY_SCALE * data["v_y"][shown][inside]
    ax.streamplot(x, y[shown][inside], data["v_x"][shown][inside], v_y, color=VERMILLION,
                  linewidth=0.8, arrowsize=0.8, broken_streamlines=False,
                  start_points=[(-0.98 * REACH, s) for s in np.linspace(-25, 25, 8)])
    ax.plot([], [], color=VERMILLION, lw=0.8, label=rf"velocity, $v_y\times{VELOCITY_SCALE}$")
    ax.set(xlabel=X_LABEL, ylabel=r"$y$  [$\hbar v_F/E_0$]", xlim=(-REACH, REACH),
           ylim=(-55, 75))
    ax.legend(loc="upper center", ncols=2)


def drawn_shift(problem: dd.Problem, x: np.ndarray) -> np.ndarray:
    """Eq. (22) from the left end of the picture on, enlarged."""
    return SHIFT_SCALE * np.subtract(*(sc.ray_trajectory(problem, ENERGY, v) for v in (x, -REACH)))


def circles(problem: dd.Problem) -> tuple[np.ndarray, np.ndarray]:
    """Places of circles as dense as M in x and y."""
    x = np.linspace(-REACH, REACH, 2001)
    root = np.sqrt(sc.magnetization(problem, ENERGY, x))
    reach = np.cumsum(root) * (x[1] - x[0])
    # Columns root⁻¹ apart; so are the circles in each, on the scale of the picture.
    columns = np.interp(np.arange(0.5, 10) * reach[-1] / 10, reach, x)
    places = []
    for i, c in enumerate(columns):
        spacing = 7.0 * root.max() / np.interp(c, x, root)
        centre = float(drawn_shift(problem, c))
        offsets = (np.arange(-20, 21) + 0.5 * (i % 2)) * spacing
        places += [(c, centre + o) for o in offsets if abs(o) < HALF - 3]
    return tuple(np.array(places).T)


def check(problems: Problems, data: Data) -> dict[str, float]:
    x, problem = data["x"], problems["step"]
    y = sc.ray_trajectory(problem, ENERGY, x)
    v = sc.velocity_y(problem, ENERGY, x)
    middle, jump = len(data["y"]) // 2, y[-1] - y[0]
    # The side jump is ∫v_B dt: the transport velocity over v_x, by the trapezoidal rule.
    fine = np.linspace(-REACH, REACH, 2001)
    drift = np.trapezoid(sc.transport_velocity_y(problem, ENERGY, fine)
                         / sc.velocity_x(problem, ENERGY, fine), fine)
    measured = data["centre"][-1] - data["centre"][0]
    return {
        "|centre - Eq. (22)|/jump": float(np.max(np.abs(data["centre"] - y)) / jump),
        "|jump/∫v_B dt - 1|": float(abs(measured / drift - 1)),
        "|v_y - Eq. (18)|/peak": float(
            np.max(np.abs(data["v_y"][middle] - v)) / np.max(np.abs(v))),
    }


FIGURE = Figure("fig3_ray", problems, compute, draw, check)

if __name__ == "__main__":
    FIGURE.main()
