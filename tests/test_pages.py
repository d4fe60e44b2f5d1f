"""Pages beside the code name what is there."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dirac1d"
PAGES = sorted(PACKAGE.rglob("README.md"))
#: A module or a folder (three letters at least: no fraction), from the package or from the page.
PLACE = re.compile(r"(?<![\w./])((?:[a-z]{3}\w*/)+(?:\w+\.py)?|[a-z_]\w*\.py)(?![\w/])", re.ASCII)


def test_there_are_pages():
    assert PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_every_file_that_a_page_names_exists(page):
    named = {match.group(1) for match in PLACE.finditer(page.read_text(encoding="utf-8"))}
    assert len(named) > 5
    roots = PACKAGE, page.parent, PACKAGE.parent
    missing = [
        name for name in sorted(named)
        if not any((root / name).exists() for root in roots)
        and not any(True for _ in page.parent.rglob(name.rstrip("/")))
    ]
    assert not missing
