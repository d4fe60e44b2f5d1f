"""The gallery, plots/README.md: every figure small, what it shows and its command; then the pages.

With --write the thumbnails and the gallery's text are written; without it they go to --out.
"""

from __future__ import annotations

import argparse
import importlib
import textwrap
from collections.abc import Sequence
from pathlib import Path

import all as everything
import matplotlib.pyplot as plt
from _figure import parser
from PIL import Image

HERE = Path(__file__).parent
THUMBNAILS = "thumbnails"
#: Width of a thumbnail in pixels, and the most bytes that it may have.
WIDTH, MOST = 420, 40_000
#: Of a thumbnail: enough for curves and their soft edges.
COLOURS = 48
PAGES = ("tutorial", "recipe", "tour")
HEAD = """\
# Figures and pages

Every script has the same options, `--out DIR --format pdf|png|svg --show --quick --fresh`, and a
`--help` that says what it shows. Data are kept beside the picture (`figures/` by default) and drawn
again without computation while the script's physics is the same. `python plots/all.py` makes all
figures; this page is `python plots/gallery.py --write`.
"""


def thumbnail(picture: Path, target: Path) -> None:
    """A small PNG of a picture, of a few colours."""
    with Image.open(picture) as full:
        height = round(full.height * WIDTH / full.width)
        small = full.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    if target.stat().st_size > MOST:
        raise ValueError(f"{target} has {target.stat().st_size} bytes, more than {MOST}")


def figures(options: argparse.Namespace, folder: Path) -> list[str]:
    """Every figure's entry; its thumbnail is written."""
    parts = []
    for name in everything.SCRIPTS:
        figure = importlib.import_module(name).FIGURE
        thumbnail(figure.make(options), folder / f"{name}.png")
        title, _, text = figure.description.partition("\n")
        parts.append(f"### {title.rstrip('.')}\n\n"
                     f"<img src=\"{THUMBNAILS}/{name}.png\" alt=\"{name}\" width=\"{WIDTH}\">\n\n"
                     f"{text.strip()}\n\n`python plots/{name}.py`".replace("\n\n\n\n", "\n\n"))
    return parts


def pages(options: argparse.Namespace) -> list[str]:
    """Every page with its output."""
    found = []
    for name in PAGES:
        page = importlib.import_module(name).PAGE
        found.append(f"{page.run(options)}\n`python plots/{name}.py`")
    return found


def main(arguments: Sequence[str] | None = None) -> Path:
    taken = parser(__doc__)
    taken.add_argument("--write", action="store_true", help="write plots/README.md")
    options = taken.parse_args(arguments)
    options.format = "png"
    if not options.show:
        plt.switch_backend("agg")
    target = HERE if options.write else options.out
    folder = target / THUMBNAILS
    folder.mkdir(parents=True, exist_ok=True)
    contents = textwrap.dedent("""\
        Pages: [a tutorial](#a-tutorial-the-current-along-a-step-from-the-first-number-to-the-whole-picture)
        for a student, [a recipe](#a-recipe-for-the-laboratory-from-a-gate-profile-to-nanotesla-and-what-cancels)
        for the laboratory, [a tour](#a-tour-equation-by-equation-what-each-says-and-the-number-that-shows-it)
        of the equations.""")  # noqa: E501
    parts = [HEAD, contents, "## Figures", *figures(options, folder), *pages(options)]
    path = target / "README.md"
    path.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")
    print(path)
    return path


if __name__ == "__main__":
    main()
