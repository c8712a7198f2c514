from __future__ import annotations

from pathlib import Path

import pytest

from tools.size_lint import lint, main

LONG_BODY = "\n".join(f"    x{number} = {number}" for number in range(70))


def _messages(path: Path, source: str) -> list[str]:
    path.write_text(source)
    return [finding.message for finding in lint(path)]


def test_a_function_of_seventy_lines_passes_and_one_more_does_not(tmp_path: Path) -> None:
    body = LONG_BODY.rpartition("\n")[0]
    assert _messages(tmp_path / "plan.py", f"def plan():\n{body}\n") == []
    assert _messages(tmp_path / "plan.py", f"async def plan():\n{LONG_BODY}\n") == [
        "plan has 71 lines, 70 are allowed"
    ]


def test_a_reason_on_the_line_of_the_function_excuses_it(tmp_path: Path) -> None:
    source = f"def plan():  # lint-skip: size (a table reads best whole)\n{LONG_BODY}\n"
    assert _messages(tmp_path / "plan.py", source) == []
    assert len(_messages(tmp_path / "plan.py", source.replace("(a table reads best whole)", "()"))) == 1


def test_a_file_over_five_hundred_lines_is_refused_unless_it_gives_a_reason(tmp_path: Path) -> None:
    source = "x = 1\n" * 501
    assert _messages(tmp_path / "plan.py", source) == ["the file has 501 lines, 500 are allowed"]
    assert _messages(tmp_path / "plan.py", "# lint-skip: size (generated table)\n" + source) == []


@pytest.mark.parametrize("name", ["utils.py", "helpers/__init__.py", "common.py", "manager.py"])
def test_names_that_say_nothing_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    assert _messages(tmp_path / name, "") == [
        "the name says nothing; name the file after the one idea it holds"
    ]


def test_the_command_prints_findings_with_their_place_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "utils.py").write_text("")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        f"{tmp_path}/utils.py:1: the name says nothing; name the file after the one idea it holds\n"
    )
    (tmp_path / "utils.py").unlink()
    assert main([str(tmp_path)]) == 0
