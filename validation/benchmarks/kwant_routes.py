"""Currents by Kwant, of a tanh step and of a cell: what its users can do. Runs in its own venv.

    python kwant_routes.py < requests.json > answers.json

A request is {route, spacing, nodes, half_length, width}; Δ = 1, U from -1/2 to 1/2, ε_F = 0, T = 0.
Routes, all with `kwant.continuum.discretize` along x and k_y a good number:

``plain``   central differences: the doubler cancels the answer.
``wilson``  a mass B k_x², B = spacing/2, which gaps the doubler, and |k_y| < 3.
``expert``  the same, all k_y (k_y = tan θ, Gauss-Legendre in θ), and [j(Δ) - j(-Δ)]/2, which takes
            away what the heavy doubler leaves.

With ``{route: "cell", length, U, B, momenta, fermi_energy, temperature}`` U[n, n] is that of the
sites of a square cell, Δ = 1, and the answer j_x and j_y of the expert route: both k by
`discretize`, a mass B(k_x² + k_y²), momenta² Bloch momenta by `wraparound`.

The current density is the sum over occupied states of ψ†σ_yψ at a site over the spacing, with dense
LAPACK diagonalisation of the finished system's Hamiltonian. The sum over states is done by NumPy at
once: `kwant.operator.Density` state by state gives the same and takes longer.
"""

import argparse
import json
import sys
from time import perf_counter, process_time

import numpy as np

if __name__ == "__main__":
    # Before Kwant is looked for, which is in a virtual environment of its own.
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()

import kwant
import kwant.continuum
import kwant.wraparound


def build(spacing, half_length, wilson):
    """The finalised chain."""
    mass = "(Delta + B*k_x**2)" if wilson else "Delta"
    model = f"k_x*sigma_x + k_y*sigma_y + {mass}*sigma_z + U(x)*sigma_0"
    template = kwant.continuum.discretize(model, coords="x", grid=spacing)
    system = kwant.Builder()
    system.fill(template, lambda site: abs(site.pos[0]) <= half_length + 1e-9, (0,))
    return system.finalized()


def momentum_rule(route, nodes):
    """k_y and weights of ∫dk_y/2π."""
    t, w = np.polynomial.legendre.leggauss(nodes)
    if route == "expert":
        theta = np.pi / 2 * t
        return np.tan(theta), np.pi / 2 * w / np.cos(theta) ** 2 / (2 * np.pi)
    return 3 * t, 3 * w / (2 * np.pi)


def current(system, order, parameters):
    """Σ_occ ψ†σ_yψ at the sites, in their order along x."""
    H = system.hamiltonian_submatrix(params=parameters)
    energies, states = np.linalg.eigh(H)
    up, down = states[0::2, energies < 0], states[1::2, energies < 0]
    # ψ†σ_yψ = 2 Im(ψ_↑* ψ_↓)
    return 2 * np.sum(np.imag(np.conj(up) * down), axis=1)[order]


def solve(request):
    route, a = request["route"], request["spacing"]
    system = build(a, request["half_length"], route != "plain")
    x = np.array([site.pos[0] for site in system.sites])
    order = np.argsort(x)
    width = request["width"]
    parameters = {"B": request["B"], "U": lambda x: 0.5 * np.tanh(x / width)}
    j_y = np.zeros(len(x))
    for k_y, weight in zip(*momentum_rule(route, request["nodes"]), strict=True):
        for sign in (1, -1) if route == "expert" else (1,):
            part = current(system, order, {**parameters, "k_y": k_y, "Delta": sign})
            j_y += weight * sign * part / (2 if route == "expert" else 1)
    return x[order], j_y / a


def build_cell(spacing, length):
    """The finalised cell, with its Bloch momenta as parameters k_x and k_y."""
    model = ("k_x*sigma_x + k_y*sigma_y + (Delta + B*(k_x**2 + k_y**2))*sigma_z + U(x, y)*sigma_0")
    template = kwant.continuum.discretize(model, coords="xy", grid=spacing)
    system = kwant.Builder(kwant.TranslationalSymmetry((length, 0), (0, length)))
    system.fill(template, lambda site: True, (0, 0))
    return kwant.wraparound.wraparound(system).finalized()


def cell_currents(system, parameters, occupation):
    """Σ f ψ†σψ at the sites, shape (2, sites)."""
    H = system.hamiltonian_submatrix(params=parameters)
    energies, states = np.linalg.eigh(H)
    up, down = states[0::2], states[1::2]
    product = (np.conj(up) * down) @ occupation(energies)
    return 2 * np.array([product.real, product.imag])


def solve_cell(request):
    U, length, K = np.array(request["U"]), request["length"], request["momenta"]
    n = len(U)
    a = length / n
    system = build_cell(a, length)
    at = np.array([np.rint(np.array(site.pos) / a).astype(int) for site in system.sites]) % n
    T, mu = request["temperature"], request["fermi_energy"]
    parameters = {"B": request["B"], "U": lambda x, y: U[round(x / a) % n, round(y / a) % n]}
    phases = 2 * np.pi * (np.arange(K) + 0.5) / K
    found = np.zeros((2, *U.shape))
    for k_x in phases:
        for k_y in phases:
            for sign in (1, -1):
                part = cell_currents(
                    system, {**parameters, "k_x": k_x, "k_y": k_y, "Delta": sign},
                    lambda E: (1 - np.tanh((E - mu) / (2 * T))) / 2)
                found[:, at[:, 0], at[:, 1]] += sign * part / 2
    return (found / (K * a) ** 2).tolist()


def main():
    answers = []
    for request in json.load(sys.stdin):
        wall, cpu = perf_counter(), process_time()
        if request["route"] == "cell":
            found = {"j": solve_cell(request)}
        else:
            x, j_y = solve(request)
            found = {"x": x.tolist(), "j_y": j_y.tolist()}
        answers.append({**request, **found, "cpu": process_time() - cpu,
                        "wall": perf_counter() - wall})
        told = {name: value for name, value in request.items() if name != "U"}
        print(f"{told} {answers[-1]['cpu']:.1f} s", file=sys.stderr, flush=True)
    json.dump({"version": kwant.__version__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
