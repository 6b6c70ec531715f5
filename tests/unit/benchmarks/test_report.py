"""docs/benchmarks.md: a run writes its own section and no other."""

from pathlib import Path

from benchmarks.report import INTRODUCTION, table, write_section


def test_a_section_is_added_then_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    write_section("serving", "## Serving\n\nfirst", page)
    write_section("monitoring", "## Monitoring\n\nkept \\1 as it is", page)
    write_section("serving", "## Serving\n\nsecond", page)
    text = page.read_text()
    assert text.startswith(INTRODUCTION)
    assert "first" not in text
    assert text.count("## Serving\n\nsecond\n") == 1
    assert "kept \\1 as it is" in text
    assert text.index("## Serving") < text.index("## Monitoring")


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    write_section("one", "text", page)
    before = page.read_text()
    write_section("one", "text\n", page)
    assert page.read_text() == before


def test_a_table_aligns_numbers_to_the_right() -> None:
    assert table(["what", "ms"], [("a", "1")]) == "| what | ms |\n| --- | ---: |\n| a | 1 |"
