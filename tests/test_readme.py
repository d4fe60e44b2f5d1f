"""README.md: short, its code runs, units stand before numbers, papers are cited in full."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest

from dirac1d.apps import examples

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAPERS = ("10.1103/PhysRevB.100.115404", "10.1103/PhysRevLett.126.156602", "1805.08234",
          "2010.07322")


def test_it_is_short_and_says_units_before_numbers():
    assert len(README.splitlines()) <= 120
    assert README.index("**Units and sign.**") < README.index("```")


def test_its_code_runs(empty_folder, capsys):
    names = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.S):
        exec(block, names)
    out = capsys.readouterr().out
    assert out.startswith("converged")
    assert "J_y together:             120 nA" in out
    # What the comments claim.
    assert names["current"].currents["charge"] == pytest.approx(120, rel=0.05)
    assert list(Path().iterdir()) == []


def test_every_link_leads_somewhere():
    for page in ("README.md", "dirac1d/README.md", "plots/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        links = re.findall(r"\]\((?!http|#)([^)#]+)", text) + re.findall(r'src="([^"]+)"', text)
        assert links, page
        for link in links:
            assert ((ROOT / page).parent / link).exists(), (page, link)


def test_every_extra_is_named():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name in extras["optional-dependencies"]:
        assert f"`{name}`" in README or f"[{name}]" in README, name


@pytest.mark.parametrize("page", ["README.md", "CITATION.cff"])
def test_both_papers_are_cited_in_full(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for number in PAPERS:
        assert number in text


def shell_commands():
    """The `dirac1d` commands of the page, as written; those that open a window apart."""
    lines = re.findall(r"```sh\n(.*?)```", README, re.S)
    parts = [part.split("#")[0].strip() for block in lines for line in block.splitlines()
             for part in line.split("&&")]
    return [p for p in parts if p.startswith(".venv/bin/dirac1d") and " explore" not in p]


def test_its_commands_run_and_leave_what_git_ignores(empty_folder, command, monkeypatch):
    found = shell_commands()
    assert len(found) > 6
    # The sweep, whose file is tested with the other examples, in three of its thirty points.
    monkeypatch.setattr(examples, "EXAMPLES", examples.EXAMPLES | {
        "sweep": re.sub(r"\{ from.*?\}", "0.5", examples.EXAMPLES["sweep"])})
    for line in found:
        words, _, file = line.partition(" > ")
        status, out, err = command(*shlex.split(words)[1:])
        assert (status, err) == (0, ""), line
        if file:
            Path(file).write_text(out, encoding="utf-8")
    left = sorted(p.name for p in Path().iterdir())
    assert {"dirac1d-current.png", "dirac1d-image.png", "runs", "sweep.csv"} <= set(left)
    kept = ROOT / ".gitignore"
    for name in left:
        assert any(fnmatch(name, pattern.strip("/")) for pattern in kept.read_text().split()), name
