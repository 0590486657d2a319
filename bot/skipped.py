"""What a build could not read, in a form that stays readable however much it is."""

import re
from collections.abc import Iterable, Iterator

from corpus.documents import Problem
from corpus.readers import READERS
from corpus.recognition import UNREAD

# So many are told one by one; of more, a few for each reason.
_ONE_BY_ONE = 30
_EXAMPLES = 3
# What differs from file to file in reasons that are the same: numbers, names, and details.
_DETAIL = re.compile(r"\s*\([^()]*\)|“[^”]*”|'[^']*'|\d[\d,.]*")


def group_problems(problems: Iterable[Problem]) -> list[tuple[str, list[Problem]]]:
    """Return the problems by what is the matter, the commonest first, each with its reason."""
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(_DETAIL.sub("", problem.reason), []).append(problem)
    return [
        (
            reason if any(each.reason != found[0].reason for each in found) else found[0].reason,
            found,
        )
        for reason, found in sorted(groups.items(), key=lambda group: -len(group[1]))
    ]


def report_problems(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield a line for each problem; where they are many, some lines for each reason."""
    groups = group_problems(problems)
    yield from _report(groups)
    if any(reason.startswith(UNREAD) for reason, _ in groups):
        yield f"memcon reads {', '.join(sorted(READERS))}"


def _report(groups: list[tuple[str, list[Problem]]]) -> Iterator[str]:
    if sum(len(found) for _, found in groups) <= _ONE_BY_ONE:
        for _, found in groups:
            yield from (f"skipped {problem.source}: {problem.reason}" for problem in found)
        return
    for reason, found in groups:
        count = f"{len(found):,} {'files' if len(found) > 1 else 'file'}"
        yield f"skipped {count}: {reason}"
        yield from (f"  {problem.source}" for problem in found[:_EXAMPLES])
        if len(found) > _EXAMPLES:
            yield f"  and {len(found) - _EXAMPLES:,} more (memcon corpus list names them)"
