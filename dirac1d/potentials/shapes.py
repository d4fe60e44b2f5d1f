"""How a shape describes itself, and the list of all shapes.

A shape is a frozen dataclass. Each field that is a parameter of U says in its metadata what it
is, and `register` gives the class its name in files, on the command line and in the explorer::

    @register("step")
    @dataclass(frozen=True)
    class MyStep(Step):
        left: float = field(metadata=an_energy(-0.5, "U far left"))
        right: float = field(metadata=an_energy(0.5, "U far right"))
        width: float = field(metadata=a_length(1.0, "width", positive=True))

Nothing else in the package has a list of shapes or of their parameters. A shape that is made of
more than numbers has a method ``description()`` and a class method ``from_description(values)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, TypeVar

from dirac1d.numerics.checks import positive_number

#: What a parameter may be; lengths are in ħv_F/E₀, wavenumbers in its inverse, numbers have no
#: unit.
KINDS = ("energy", "length", "wavenumber", "number")
#: Keys of a description that are no parameters.
RESERVED = ("shape", "rise", "mass", "fermi_energy", "temperature")

#: Shapes by their names.
SHAPES: dict[str, type] = {}
#: Kinds of the parameters of all shapes: equal names are of one kind, since they share an option.
PARAMETER_KINDS: dict[str, str] = {}

_Class = TypeVar("_Class", bound=type)
_KEY = "dirac1d"


@dataclass(frozen=True)
class Parameter:
    """What a field of a shape is.

    Attributes
    ----------
    kind : {"energy", "length", "wavenumber", "number"}
    start : float
        Where the command line and the explorer begin.
    text : str
        One phrase for the help.
    positive : bool
        Whether it must be positive.
    span : tuple of float
        Range of the explorer's slider.
    rise : float, optional
        Of a width: the length over which U goes from 10 to 90 % of its step, in widths.
    alias : str, optional
        A second name on the command line.
    many : bool
        Whether it is an array of such numbers; then it is no option.
    """

    kind: str
    start: float = 0.0
    text: str = ""
    positive: bool = False
    span: tuple[float, float] = (0.0, 0.0)
    rise: float | None = None
    alias: str | None = None
    many: bool = False


def _metadata(kind: str, span: tuple[float, float]) -> Callable[..., dict[str, Parameter]]:
    def describe(start: float = 0.0, text: str = "", **more: Any) -> dict[str, Parameter]:
        return {_KEY: Parameter(kind, float(start), text, **({"span": span} | more))}

    describe.__doc__ = f"Metadata of a field that is of kind {kind}; see `Parameter`."
    return describe


an_energy = _metadata("energy", (-2.0, 2.0))
a_length = _metadata("length", (0.1, 5.0))
a_wavenumber = _metadata("wavenumber", (0.2, 5.0))
a_number = _metadata("number", (0.0, 1.0))


def a_position() -> dict[str, Parameter]:
    """Metadata of the field that shifts the whole shape."""
    return a_length(0.0, "centre", span=(-5.0, 5.0))


def parameters(shape: Any) -> dict[str, Parameter]:
    """The parameters of a shape (its class, or one of its kind), in the order of its fields."""
    return {f.name: f.metadata[_KEY] for f in fields(shape) if _KEY in f.metadata}


def adjustable(shape: Any) -> bool:
    """Whether a shape is fully told by numbers: then it has options and sliders."""
    found = parameters(shape)
    return bool(found) and not any(p.many for p in found.values())


def adjustable_shapes() -> list[str]:
    """Names of the shapes that have options and sliders, those with leads first."""
    names = [name for name, shape in SHAPES.items() if adjustable(shape)]
    return sorted(names, key=lambda name: not getattr(SHAPES[name], "has_leads", True))


def register(name: str) -> Callable[[_Class], _Class]:
    """Class decorator: make a shape known by a name, everywhere.

    Raises
    ------
    ValueError
        If the name or a parameter's name has another meaning already.
    """

    def enter(shape: _Class) -> _Class:
        before = SHAPES.get(name)
        # The same class once more, as when a notebook's cell is run again, replaces itself.
        if before is not None and before.__qualname__ != shape.__qualname__:
            raise ValueError(f"shape {name!r} is {before.__qualname__} already")
        for key, parameter in parameters(shape).items():
            if parameter.kind not in KINDS:
                raise ValueError(f"{key}: kind must be one of {', '.join(KINDS)}")
            if key in RESERVED:
                raise ValueError(f"a shape must not have a parameter {key!r}")
            if PARAMETER_KINDS.setdefault(key, parameter.kind) != parameter.kind:
                raise ValueError(
                    f"parameter {key!r} of shape {name!r} is of kind {parameter.kind}, "
                    f"elsewhere of kind {PARAMETER_KINDS[key]}"
                )
        SHAPES[name] = shape
        return shape

    return enter


def shape_name(potential: Any) -> str | None:
    """The name under which a potential's class is registered; None of a foreign one."""
    return next((name for name, shape in SHAPES.items() if type(potential) is shape), None)


def rise_parameter(shape: Any) -> tuple[str, float] | None:
    """Which parameter sets the 10–90 % length of a step, and that length in units of it."""
    for name, parameter in parameters(shape).items():
        if parameter.rise is not None:
            return name, parameter.rise
    return None


def build(shape: type, name: str, given: Mapping[str, Any]) -> Any:
    """A shape from a description of its parameters.

    ``rise``, the 10–90 % length, may stand for the width of a step.

    Raises
    ------
    ValueError
        If a key is unknown or missing, or a value is not allowed.
    """
    values, known = dict(given), parameters(shape)
    rise = rise_parameter(shape)
    if "rise" in values:
        if rise is None:
            able = [key for key, other in SHAPES.items() if rise_parameter(other)]
            raise ValueError(f"potential: rise is that of {', '.join(able)}, not of {name!r}")
        if rise[0] in values:
            raise ValueError(f"potential: rise excludes {rise[0]}")
        values[rise[0]] = positive_number("rise", values.pop("rise")) / rise[1]
    for key in values:
        if key not in known:
            raise ValueError(
                f"potential: unknown key {key!r} for shape {name!r} (allowed: {', '.join(known)}"
                + (", or rise)" if rise else ")")
            )
    for field in fields(shape):
        if field.name in known and field.name not in values and not _optional(field):
            raise ValueError(f"potential: shape {name!r} needs the key {field.name!r}")
    return shape(**values)


def from_rise(shape: type, left: float, right: float, rise: float, position: float) -> Any:
    """A step with its 10–90 % length in place of its width."""
    found = rise_parameter(shape)
    assert found is not None
    width = positive_number("rise", rise) / found[1]
    return shape(left=left, right=right, position=position, **{found[0]: width})


def _optional(field: Any) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING
