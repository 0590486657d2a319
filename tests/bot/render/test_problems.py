from bot.render.problems import group_problems, report_problems
from corpus.documents import Problem


def test_a_few_problems_are_told_one_by_one_with_their_places() -> None:
    problems = [Problem("a.txt", "the file is empty"), Problem("b.txt", "the file is binary")]
    assert list(report_problems(problems)) == [
        "skipped a.txt: the file is empty",
        "skipped b.txt: the file is binary",
    ]


def test_ten_thousand_problems_are_told_by_reason_with_counts_and_examples() -> None:
    problems = [Problem(f"{n}.txt", f"the file is too large ({n} MB)") for n in range(9_999)]
    problems.append(Problem("x.docx", "is encrypted with a password"))
    assert list(report_problems(problems)) == [
        "skipped 9,999 files: the file is too large",
        "  0.txt",
        "  1.txt",
        "  2.txt",
        "  and 9,996 more (memcon corpus list names them)",
        "skipped 1 file: is encrypted with a password",
        "  x.docx",
    ]


def test_what_memcon_reads_is_told_where_something_is_of_another_kind() -> None:
    *_, last = report_problems([Problem("a.png", "memcon does not read this kind of file (.png)")])
    assert last.startswith("memcon reads text (.txt .text), ")
    assert "Word (.docx .docm .dotx)" in last


def test_groups_keep_a_reason_that_is_the_same_for_all_as_it_is() -> None:
    same = [Problem(name, "took longer than 60 s") for name in "ab"]
    others = [Problem("c", "no such file or folder")]
    assert group_problems([*others, *same]) == [
        ("took longer than 60 s", same),
        ("no such file or folder", others),
    ]
