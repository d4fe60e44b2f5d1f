"""The command ``dirac1d example``: complete files to start from."""

from __future__ import annotations

import argparse

from dirac1d.apps.image_command import EXAMPLE as IMAGE
from dirac1d.apps.map_command import EXAMPLE as MAP

CURRENT = """\
# A problem file: dirac1d current --input problem.toml
# Any key may be left out; options on the command line override it.

mass = 1.0                  # half the gap, in E0; of either sign
fermi_energy = 0.2          # in E0, as U
temperature = 0.0           # k_B T in E0

x_min = -8.0                # positions, in hbar v_F/E0
x_max = 8.0
points = 201
engine = "green"            # green, states, or both to compare them
rtol = 1e-6                 # accuracy, relative to the current scale j0
within = "60s"              # time that an engine may take
save = "current.csv"        # .npz (dd.load reads it), .csv or .json
plot = "current.png"        # .png, .pdf, .svg, ...

[potential]
shape = "tanh"              # sharp, tanh, erf, ramp, gaussian, cosine, table, sum; for circles
                            # disc, dot, smooth_disc, radial_table
left = -0.5                 # U far left and far right
right = 0.5
rise = 2.0                  # from 10 to 90 % of the step; or width, of tanh(x/width)
position = 0.0

# In laboratory units all values have units, and a material or a scale makes them dimensionless:
#
#   material = "ti-surface"                 # or [scale] with v_F = "5e5 m/s", energy = "20 meV"
#   fermi_energy = "2 meV"
#   temperature = "4.2 K"
#   [potential]
#   shape = "table"
#   file = "gate.csv"                       # two columns: x (nm), U (meV), or units in its header
"""
SWEEP = """\
# A sweep file: dirac1d sweep sweep.toml --workers 2
# A problem file in which any value may be a list or a range; all combinations are computed.

store = "runs"              # folder of finished points: interrupted, it goes on where it was
output = ["sweep.npz", "sweep.csv"]
points = 101                # positions x
rtol = 1e-6

mass = 1.0
fermi_energy = { from = -1.0, to = 1.0, points = 5 }
temperature = [0.0, 0.05]

[potential]
shape = "tanh"
left = -0.5
right = 0.5
width = { from = 0.5, to = 2.0, points = 3, spacing = "log" }
"""
ENERGIES = """\
# A sweep file for j_y over position and Fermi energy: dirac1d sweep energies.toml
# In Python: header, table = dd.load_table("energies.npz"), then
# pcolormesh(table["x"], table["fermi_energy"], table["j_y"]).

store = "runs"
output = ["energies.npz", "energies.csv"]
x_min = -8.0
x_max = 8.0
points = 161
rtol = 1e-4

mass = 1.0
temperature = 0.02
fermi_energy = { from = -2.0, to = 2.0, points = 21 }

[potential]
shape = "erf"
left = -0.75
right = 0.75
width = 1.5
"""
EXAMPLES = {
    "current": CURRENT, "sweep": SWEEP, "energies": ENERGIES, "image": IMAGE, "map": MAP,
    "puddles": MAP,
}


def run_example(arguments: argparse.Namespace) -> int:
    """``dirac1d example``."""
    print(EXAMPLES[arguments.kind], end="")
    return 0
