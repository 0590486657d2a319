from pathlib import Path

from index.answering.verdict import Verdict
from tests.tools.examples import read_examples

PAGE = Path(__file__).parents[2] / "bot" / "examples.md"


def test_the_page_has_every_example_with_its_verdict_and_gist() -> None:
    examples = read_examples()
    page = PAGE.read_text("utf-8")
    assert len(examples) == 10
    sections = page.split("\n## ")[1:]
    for number, (example, section) in enumerate(zip(examples, sections, strict=True), start=1):
        assert section.startswith(f"{number}. {example.question}\n")
        assert f"**{Verdict(example.verdict).replace('_', ' ')}, confidence 0." in section
        assert example.gist in section
        assert f"`memcon show {example.place}`" in section
