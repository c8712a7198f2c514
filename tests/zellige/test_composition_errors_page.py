"""The page on composition errors shows what `zellige compose` really says; `--accept` rewrites it.

Each section holds the files of a shop as `graphql` blocks, whose first line is a comment with the file's
name, and one `console` block with the command and its output.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zellige.cli import app

PAGE = Path(__file__).resolve().parents[2] / "docs/guides/composition-errors.md"
BLOCK = re.compile(r"^```(graphql|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = "$ zellige "
# What a reader who follows the advice of a section changes in its files.
CURES: dict[int, list[tuple[str, str]]] = {
    1: [("Prodct", "Product")],
    2: [('import: ["@key"]', 'import: ["@key", "@tag"]')],
    3: [("articleNumber", "productNumber")],
    4: [("  name: String!\n  reviews", "  reviews")],
    5: [("price: String!", "price: Int!")],
    6: [
        ('@key(fields: "id") {\n  id: ID!', '@key(fields: "id") @key(fields: "sku") {\n  id: ID!\n  sku: ID!')
    ],
    7: [
        ("weight: Int!\n  shipping", "weight: Int! @external\n  shipping"),
        ('"@requires"', '"@requires", "@external"'),
    ],
    8: [("SHIPPED\n}", "SHIPPED\n  RETURNED\n}")],
    9: [("price: Int!", "price(currency: String!): Int!")],
    10: [
        (
            "implements Found {\n  title: String!\n}",
            "implements Found {\n  title: String!\n  picture: String\n}",
        )
    ],
}


def sections(page: str) -> list[str]:
    """The numbered sections, each from its heading on."""
    return re.split(r"^(?=## \d)", page, flags=re.MULTILINE)[1:]


def test_the_page_shows_ten_broken_shops() -> None:
    codes = [re.findall(r"^error\[(\w+)\]", section, re.MULTILINE) for section in sections(PAGE.read_text())]
    assert len(codes) == 10
    assert all(codes), codes
    assert len({found[0] for found in codes}) == 9, "only invalid GraphQL is shown twice"


@pytest.mark.parametrize("number", range(1, 11))
def test_the_page_shows_the_real_output(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, accept: bool
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    section = sections(page)[number - 1]
    monkeypatch.chdir(tmp_path)
    shown = console_block(section)
    said = said_by_command(section, shown)
    if accept and said != shown:
        PAGE.write_text(page.replace(section, section.replace(shown, said)), encoding="utf-8")
        return
    assert shown == said, "to accept: pytest --accept -k composition_errors_page"


@pytest.mark.parametrize("number", sorted(CURES))
def test_following_the_advice_makes_the_shop_compose(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    section = sections(PAGE.read_text(encoding="utf-8"))[number - 1]
    for old, new in CURES[number]:
        assert section.count(old) >= 1, old
        section = section.replace(old, new, 1)
    command = write_files(section, console_block(section))
    result = CliRunner().invoke(app, command, prog_name="zellige")
    assert result.exit_code == 0, result.stderr


def console_block(section: str) -> str:
    found = [text for kind, text in BLOCK.findall(section) if kind == "console"]
    assert len(found) == 1, "a section runs one command"
    return found[0]


def said_by_command(section: str, shown: str) -> str:
    """Runs a section's command over its files and returns both as a console shows them."""
    arguments = write_files(section, shown)
    result = CliRunner().invoke(app, arguments, prog_name="zellige")
    assert result.exit_code == 1
    assert result.stdout == ""
    return f"{COMMAND}{' '.join(arguments)}\n{result.stderr}"


def write_files(section: str, shown: str) -> list[str]:
    """Writes the section's files and returns the arguments of its command."""
    for kind, text in BLOCK.findall(section):
        if kind == "graphql":
            name = text.partition("\n")[0].removeprefix("# ")
            Path(name).write_text(text)
    command = shown.partition("\n")[0]
    assert command.startswith(COMMAND)
    return command.removeprefix(COMMAND).split()
