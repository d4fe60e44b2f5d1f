"""A recipe for the laboratory: from a gate profile to nanotesla, and what cancels.

For an experimentalist with a gate, a magnetometer and numbers in nm, meV and K. Every number has
its unit, and one without is refused; currents are electric, e = -|e|; U is the potential energy of
an electron.
"""

from __future__ import annotations

import argparse

import numpy as np
from _page import Page

import dirac1d as dd


def three_lines(options: argparse.Namespace) -> None:
    """Three lines: gate, current, field.

    A 100 nm junction (from 10 % to 90 %) of 6 meV on the surface of a Cr-doped topological
    insulator, which has one Dirac cone; a probe 150 nm above it.
    """
    gate = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
    current = dd.material_current("ti-surface", gate, temperature="4.2 K")
    field = dd.stray_field(current, "150 nm")
    print(current)
    print(field)


def measured_gate(options: argparse.Namespace) -> None:
    """A measured or simulated profile.

    A file of two columns, x in nm and U in meV unless its header says otherwise; or a formula of x
    in nm. What could mean two things is refused, and `columns`, `decimal` and `units` settle it (on
    the command line ``--columns 1,3 --decimal , --units um,eV``).
    """
    table = options.out / "gate.csv"
    x = np.linspace(-200, 200, 41)
    np.savetxt(table, np.column_stack([x, 3 * np.tanh(x / 45.5)]), delimiter=",",
               header="x (nm), U (meV)")
    for gate in (table, {"formula": "3*tanh(x/45.5)"}):
        current = dd.material_current("ti-surface", gate, temperature="4.2 K")
        print(f"{current.currents['charge']:.1f} nA")
    table.write_text("index;x;U\n1;-0,1;-0,003\n2;0,1;0,003\n")
    scale = dd.materials.TI_SURFACE.scale()
    print(dd.TabulatedPotential.from_csv(table, scale=scale, columns=(2, 3), units=("um", "eV")))


def cancellation(options: argparse.Namespace) -> None:
    """Graphene shows nothing, unless its valleys differ.

    In a material with two valleys the cones cancel. A splitting of the valleys lets a current
    through as soon as one of them leaves its gap; a splitting inside the gap does not.
    """
    gate = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
    for splitting in ("0 meV", "10 meV", "60 meV"):
        graphene = dd.materials.material("hbn-graphene", valley_splitting=splitting)
        current = dd.material_current(graphene, gate, fermi_energy="25 meV", temperature="4.2 K")
        print(f"{splitting:>7}: {dd.stray_field(current, '150 nm').note}")


def sources(options: argparse.Namespace) -> None:
    """Whose numbers these are.

    Every number of a preset has its source, and says what of it was checked. Put in your own.
    """
    print(dd.materials.TI_SURFACE.describe())
    mine = dd.materials.material("ti-surface", mass="10 meV", v_F="2.6 eV angstrom")
    print(f"ħv_F/Δ = {mine.scale().unit('length'):.1f} nm")


def one_page(options: argparse.Namespace) -> None:
    """What a probe reads, and how long it takes.

    The same as ``dirac1d image experiment.toml``. The fields go to a CSV file with units, to an
    archive or to xarray.
    """
    gate = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
    image = dd.image("ti-surface", gate, temperature="4.2 K", heights=["50 nm", "150 nm"],
                     probe="squid", diameter="100 nm", amplitude="20 nm")
    print(image)
    print(image.save(options.out / "fields.csv").read_text().splitlines()[-1][:60] + " ...")


def dimensionless(options: argparse.Namespace) -> None:
    """To and from the units of the theory.

    A scale is that of one cone. What it makes dimensionless may be used where a unit is asked for.
    """
    scale = dd.materials.TI_SURFACE.scale()
    print(f"E₀ = {scale.energy:g} meV, ħv_F/E₀ = {scale.unit('length'):.1f} nm, "
          f"J₀ = {scale.unit('current'):.0f} nA")
    print(f"4.2 K is {scale.from_lab('4.2 K', 'temperature'):.4f} E₀")
    try:
        dd.material_current("ti-surface", {"formula": "3*tanh(x/45)"}, temperature=4.2)
    except ValueError as error:
        print(f"refused: {error}")


PAGE = Page("recipe", (
    three_lines, measured_gate, cancellation, sources, one_page, dimensionless))

if __name__ == "__main__":
    PAGE.main()
