"""The case format: what is read, what is refused, what `--accept` writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cases import case_text, check_case, faults_of_folder, read_case

SECTIONS = {
    "about": "Why it exists.",
    "subgraph:shop": "type Query {\n  a: Int\n}",
    "operation": "{ a }",
    "plan": "old",
    "response": "same",
}


def write(folder: Path, text: str, name: str = "one.case") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def produce(_: object, name: str) -> str:
    return {"plan": "new", "response": "same"}[name]


def test_sections_are_read_as_they_are_written(tmp_path: Path) -> None:
    case = read_case(write(tmp_path, case_text(SECTIONS)))
    assert dict(case.sections) == SECTIONS
    assert case.subgraphs == {"shop": SECTIONS["subgraph:shop"]}
    assert case.expected == ["plan", "response"]
    assert case.json("variables") == {}


def test_case_without_about_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "--- about\n\n--- plan\nx\n")
    with pytest.raises(AssertionError, match="every case says in `about` why it exists"):
        read_case(path)


def test_case_without_an_expected_section_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "--- about\nWhy.\n\n--- operation\n{ a }\n")
    with pytest.raises(AssertionError, match="checks nothing"):
        read_case(path)


def test_named_schema_is_taken_from_a_folder_above(tmp_path: Path) -> None:
    write(tmp_path, "--- subgraph:shop\ntype Query { a: Int }\n", "schemas/shop")
    path = write(tmp_path, "--- about\nWhy.\n\n--- schema\nshop\n\n--- plan\nx\n", "topic/one.case")
    assert read_case(path).subgraphs == {"shop": "type Query { a: Int }"}


def test_difference_is_shown_with_the_command_to_accept_it(tmp_path: Path) -> None:
    case = read_case(write(tmp_path, case_text(SECTIONS)))
    with pytest.raises(AssertionError) as failure:
        check_case(case, produce, accept=False)
    message = str(failure.value)
    assert "-old\n+new" in message
    assert "response" not in message
    assert message.endswith("to accept: pytest --accept -k one")


def test_accepting_rewrites_the_expected_sections_only(tmp_path: Path) -> None:
    path = write(tmp_path, case_text(SECTIONS))
    check_case(read_case(path), produce, accept=True)
    assert path.read_text("utf-8") == case_text({**SECTIONS, "plan": "new"})


def test_folder_with_orphans_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path, "left over", "notes.txt")
    assert list(faults_of_folder(tmp_path)) == [
        f"{tmp_path} holds no case",
        f"{tmp_path / 'empty'} is empty",
        f"{tmp_path / 'notes.txt'} is no case",
    ]
