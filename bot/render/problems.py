"""Reports of what a build could not read, readable even for thousands of files."""

import re
from collections.abc import Iterable, Iterator

from corpus.documents import Problem
from corpus.ingest.recognition import UNREAD
from corpus.readers.formats import FORMATS

# Up to this many are listed one by one; of more, a few for each reason.
_ONE_BY_ONE = 30
_EXAMPLES = 3
# Details that differ between otherwise equal reasons: numbers, names, remarks in brackets.
_DETAIL = re.compile(r"\s*\([^()]*\)|“[^”]*”|'[^']*'|\d[\d,.]*")


def group_problems(problems: Iterable[Problem]) -> list[tuple[str, list[Problem]]]:
    """Group problems by reason without details: skipped sources first, the commonest first."""
    groups: dict[tuple[bool, str], list[Problem]] = {}
    for problem in problems:
        key = (problem.is_read, _DETAIL.sub("", problem.reason))
        groups.setdefault(key, []).append(problem)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], -len(group[1])))
    return [(_common([each.reason for each in found]), found) for _, found in ordered]


def _common(reasons: list[str]) -> str:
    """Return a reason with an ellipsis for each detail that is not the same in all of them.

    What stands in brackets goes without.
    """
    first, *others = ([match[0] for match in _DETAIL.finditer(reason)] for reason in reasons)
    same = iter(
        [all(other[place : place + 1] == [detail] for other in others)
         for place, detail in enumerate(first)]
    )  # fmt: skip

    def keep(match: re.Match[str]) -> str:
        if next(same):
            return match[0]
        return "" if match[0].endswith(")") else "…"

    return _DETAIL.sub(keep, reasons[0])


def name_outcome(problem: Problem) -> str:
    """Return the outcome for a source: "skipped" or "read"."""
    return "read" if problem.is_read else "skipped"


def report_problems(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield a line for each problem; where they are many, some lines for each reason."""
    groups = group_problems(problems)
    yield from _report(groups)
    if any(reason.startswith(UNREAD) for reason, _ in groups):
        formats = (f"{each.name} ({' '.join(each.suffixes)})" for each in FORMATS)
        yield f"memcon reads {', '.join(formats)}"


def _report(groups: list[tuple[str, list[Problem]]]) -> Iterator[str]:
    if sum(len(found) for _, found in groups) <= _ONE_BY_ONE:
        for _, found in groups:
            for problem in found:
                yield f"{name_outcome(problem)} {problem.source}: {problem.reason}"
        return
    for reason, found in groups:
        count = f"{len(found):,} {'files' if len(found) > 1 else 'file'}"
        yield f"{name_outcome(found[0])} {count}: {reason}"
        yield from (f"  {problem.source}" for problem in found[:_EXAMPLES])
        if len(found) > _EXAMPLES:
            yield f"  and {len(found) - _EXAMPLES:,} more (memcon corpus list names them)"
