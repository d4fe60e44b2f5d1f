"""Every public function names what it does not take; every public object says itself in a line."""

import inspect
from types import SimpleNamespace

import numpy as np
import pytest

import dirac1d as dd
from dirac1d import geometry, green, plotting, states

MODULES = (dd, green, states, dd.exact, dd.semiclassics, geometry, plotting)
#: Arguments that are objects of the package.
OBJECTS = ("problem", "problems", "profile", "profiles", "model", "chain", "potential", "scale",
           "material_", "fields")
#: What other arguments may be while an object is wrong.
PLAUSIBLE = {
    "x": [0.0, 1.0], "y": [0.0, 1.0], "energy": 1.8, "energies": [1.8], "p_y": 0.1,
    "side": "left", "q": 0.3, "window": (-1.0, 1.0), "kx": 0.1, "ky": 0.2, "R": (0.0, 0.0),
    "K": (0.1, 0.2), "width": 0.1, "harmonic": 1, "sites": 12, "flatness": 0.5,
    "half_gap": 1.0, "angle": 0.2, "M": 1.0,
    "height": "50 nm", "j": 0.5, "fermi_energies": [0.0], "totals": [0.0], "path": "table.csv",
    "quantity": geometry.berry_curvature,
    "fields": geometry.FieldGradients(), "scale": dd.Scale(v_F=1e6, energy=20.0),
    "material_": "ti-surface", "ax": None, "model": geometry.qi_wu_zhang(-1.2), "name": "own",
    "series": geometry.qi_wu_zhang(-1.2).series, "lattice": np.eye(2), "embedding": "sites",
    "problem": dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)),
    "profile": dd.current_density(dd.Problem(dd.TanhStep(-0.5, 0.5, 1.0)), [-9.0, 9.0], rtol=1e-2),
}
#: What these functions call a profile is a gate's.
GATES = {dd.gate: {"formula": "tanh(x/40)"}, dd.image: {"formula": "tanh(x/40)"},
         dd.material_current: {"formula": "tanh(x/40)"}}
WRONG = (3, "text", [1.0], dd.Problem, SimpleNamespace())


def entrances():
    """(name, function, argument that is an object) of all public functions."""
    seen = set()
    for module in MODULES:
        for name in getattr(module, "__all__", dir(module)):
            function = getattr(module, name)
            if not inspect.isfunction(function) or function in seen or name.startswith("_"):
                continue
            if not function.__module__.startswith("dirac1d."):
                continue
            seen.add(function)
            given = inspect.signature(function).parameters
            for argument in sorted(given.keys() & set(OBJECTS)):
                if argument == "scale" and "float" in str(given[argument].annotation):
                    continue
                where = f"{function.__module__}.{name}"
                yield pytest.param(function, argument, id=f"{where}-{argument}")


def test_there_are_many():
    assert len(list(entrances())) > 60


def call(function, argument, wrong, others):
    if function is plotting.current_figure:
        positional, keywords = {"profiles": ([wrong], {}), "scale": (
            [PLAUSIBLE["profile"]], {"scale": wrong})}[argument]
        return function(*positional, **keywords)
    return function(**{argument: wrong}, **others)


@pytest.mark.parametrize(("function", "argument"), list(entrances()))
def test_another_type_is_named(function, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = inspect.signature(function).parameters
    plausible = PLAUSIBLE | ({"profile": GATES[function]} if function in GATES else {})
    others = {name: plausible[name] for name, p in given.items()
              if name != argument and p.default is p.empty
              and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    for wrong in WRONG:
        with pytest.raises(ValueError, match=r"\w") as raised:
            call(function, argument, wrong, others)
        message = str(raised.value)
        # A text where a gate is meant is the name of a file.
        words = {"profile": ("gate", "table"), "profiles": ("profile",)}.get(argument, ())
        assert any(word in message for word in (argument.strip("_"), *words)), message
        assert len(message) < 400
        assert "\n" not in message


STEP = dd.TanhStep(-0.5, 0.5, 1.0)
PROBLEM = dd.Problem(STEP)
X = np.linspace(-8, 8, 33)
SINGLE = {"shape": "tanh", "left": "-3 meV", "right": "3 meV", "rise": "100 nm"}
MODEL = geometry.qi_wu_zhang(-1.2)


def several(count=200):
    return np.linspace(-1.0, 1.0, count)


MAKERS = {
    "profile": lambda: dd.current_density(PROBLEM, X, rtol=1e-4),
    "strip": lambda: dd.current_density(PROBLEM, X, rtol=1e-4).strip,
    "values": lambda: dd.current_density(PROBLEM, X, rtol=1e-4)(several()),
    "comparison": lambda: dd.Comparison(*(dd.current_density(PROBLEM, X, e, 1e-3)
                                          for e in ("green", "states"))),
    "magnetization": lambda: dd.magnetization(dd.current_density(PROBLEM, X, rtol=1e-4)),
    "spectral current": lambda: dd.energy_resolved_current(PROBLEM, X, [1.8, 2.0], rtol=1e-4),
    "current": lambda: dd.material_current("ti-surface", SINGLE),
    "field": lambda: dd.stray_field(dd.material_current("ti-surface", SINGLE), "150 nm"),
    "cell": lambda: dd.disorder(0.5, 1.0, (9.0, 9.0), 1),
    "rough strip": lambda: dd.Strip(lambda x, y: np.exp(-(x**2)) * np.cos(y), 2 * np.pi),
    "map": lambda: dd.current_map(dd.Problem(dd.disorder(0.5, 1.0, (3.0, 3.0))), X, X, rtol=0.1),
    "field map": lambda: dd.stray_field(dd.current_map(
        dd.Problem(dd.disorder(0.5, 1.0, (3.0, 3.0))), X, X, rtol=0.1), "50 nm",
        dd.Scale(v_F=1e6, energy=20.0)),
    "spectral map": lambda: dd.energy_resolved_map(
        dd.Problem(dd.disorder(0.5, 1.0, (3.0, 3.0))), X, X, 0.5, width=0.2, rtol=0.3),
    "cone": lambda: dd.material_current("ti-surface", SINGLE).cones[0],
    "material": lambda: dd.materials.MOS2,
    "scale": lambda: dd.materials.MOS2.scale(),
    "chain": lambda: dd.uniform_chain(PROBLEM),
    "eigenstates": lambda: dd.eigenstates(PROBLEM, 0.3, (-1.3, 1.3), 0.25),
    "scattering state": lambda: dd.scattering_state(PROBLEM, 1.8, 0.1, "left", X),
    "hall response": lambda: dd.HallResponse(1.0, -0.07, 1e-9, 0.1, 0.1, "green"),
    "table": lambda: dd.TabulatedPotential(several(), np.tanh(several())),
    "function": lambda: dd.FunctionPotential(np.tanh, -1.0, 1.0),
    "sum": lambda: sum(dd.GaussianBump(0.1, 1.0, position=float(n)) for n in range(50)),
    "sweep": lambda: dd.sweep([PROBLEM] * 3, X, rtol=1e-3),
    "leads": lambda: dd.exact.lead_contributions(several(), 0.5, 1.0, -9.0),
    "model": lambda: MODEL,
    "series": lambda: MODEL.series,
    "own model": lambda: geometry.TwoBandModel("own", MODEL.d0, MODEL.d, np.eye(2),
                                               derivatives="differences"),
    "gradients": lambda: geometry.FieldGradients((0.1, 0.2), second=np.ones((2, 2, 2))),
    "motion": lambda: geometry.equations_of_motion(
        MODEL, (0, 0), (0.3, 0.2), geometry.FieldGradients((0.1, 0.2))),
    "sigma2": lambda: geometry.hall_conductivity_q2(MODEL),
    "packets": lambda: geometry.ValenceBandLattice(MODEL, 16, 1e-3),
    "track": lambda: geometry.PacketTrack(several(), several(), several(), several()),
}


@pytest.mark.parametrize("make", list(MAKERS.values()), ids=list(MAKERS))
def test_every_object_is_one_line_equal_to_itself_and_hashable(make):
    made = make()
    said = repr(made)
    assert "\n" not in said
    assert len(said) < 250, said
    assert type(made).__name__.split("Potential")[0] in said
    if not isinstance(made, np.ndarray):
        assert isinstance(made == make(), bool)
        assert made != 3
        assert made == made
        assert isinstance(hash(made), int)


@pytest.mark.parametrize("name", ["chain", "eigenstates", "scattering state", "gradients", "motion",
                                  "sigma2", "track", "profile"])
def test_equal_content_is_equal(name):
    first, second = MAKERS[name](), MAKERS[name]()
    assert first is not second
    assert first == second
    assert len({first, second}) == 1
