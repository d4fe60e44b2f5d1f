"""j_y(x) of a tanh step by Kwant: the routes that its users have. Runs in Kwant's own venv.

    python kwant_routes.py < requests.json > answers.json

A request is {route, spacing, nodes, half_length, width}; Δ = 1, U from -1/2 to 1/2, ε_F = 0, T = 0.
Routes, all with `kwant.continuum.discretize` along x and k_y a good number:

``plain``   central differences: the doubler cancels the answer.
``wilson``  a mass B k_x², B = spacing/2, which gaps the doubler, and |k_y| < 3.
``expert``  the same, all k_y (k_y = tan θ, Gauss-Legendre in θ), and [j(Δ) - j(-Δ)]/2, which takes
            away what the heavy doubler leaves.

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
    parameters = {"B": a / 2, "U": lambda x: 0.5 * np.tanh(x / width)}
    j_y = np.zeros(len(x))
    for k_y, weight in zip(*momentum_rule(route, request["nodes"]), strict=True):
        for sign in (1, -1) if route == "expert" else (1,):
            part = current(system, order, {**parameters, "k_y": k_y, "Delta": sign})
            j_y += weight * sign * part / (2 if route == "expert" else 1)
    return x[order], j_y / a


def main():
    answers = []
    for request in json.load(sys.stdin):
        wall, cpu = perf_counter(), process_time()
        x, j_y = solve(request)
        answers.append({
            **request, "x": x.tolist(), "j_y": j_y.tolist(),
            "cpu": process_time() - cpu, "wall": perf_counter() - wall,
        })
        print(f"{request} {answers[-1]['cpu']:.1f} s", file=sys.stderr, flush=True)
    json.dump({"version": kwant.__version__, "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
