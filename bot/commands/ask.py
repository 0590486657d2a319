"""The commands of who asks: ask, chat, search, show, cite, verify."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from bot import settings
from bot.commands.browser import open_source
from bot.commands.naming import find_document
from bot.commands.session import (
    NOT_FOUND,
    archive_option,
    json_option,
    open_archive,
    open_reranker,
    print_json,
    say,
)
from corpus.documents import Span
from corpus.errors import ModelUnavailable, UsageError
from index.retrieval.search import Filters, clean_question

if TYPE_CHECKING:
    from bot.render.markdown import MarkdownExport
    from index.understanding.conversation.understand import Exchange


_HELP = (
    'type a question, or a follow-up such as "And Gore?"; "quoted words" must occur, -word must '
    'not; "help" shows this; an empty line, "quit" or Ctrl-D ends'
)


def _filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow a search."""
    for option in reversed(
        (
            click.option(
                "--from", "date_from", metavar="DATE", help="From 1993, 1993-09 or 1993-09-27 on."
            ),
            click.option("--to", "date_to", metavar="DATE", help="Up to the end of this date."),
            click.option(
                "--speaker",
                metavar="NAME",
                help='Only what is attributed to a speaker: "Prime Minister", "Hosokawa".',
            ),
            click.option("--collection", metavar="NAME", help="Only one collection."),
            click.option(
                "--kind",
                metavar="KIND",
                help="Only one kind of document, such as cable or abstract.",
            ),
            click.option(
                "--person",
                metavar="NAME",
                help="Only documents that this person takes part in, wrote or received.",
            ),
            click.option(
                "--classification",
                metavar="MARK",
                help="Only documents marked so.",
            ),
            click.option("--language", metavar="CODE", help="Only one language, such as en or ja."),
        )
    ):
        command = option(command)
    return command


def _limit_option(things: str, *, default: int, most: int) -> Callable[..., Any]:
    """Return the option -k, which says how many things are shown at most."""
    return click.option(
        "-k",
        "limit",
        type=click.IntRange(1, most),
        default=default,
        show_default=True,
        help=f"At most so many {things}.",
    )


_level_option = click.option(
    "--level",
    type=click.Choice(settings.LEVELS),
    default=lambda: settings.load().answers.level,
    help="How sure memcon must be before it answers. [default: balanced, or as in settings.toml]",
)


def rerank_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say whether a cross-encoder reads the best passages again."""
    option = click.option(
        "--rerank",
        metavar="MODEL",
        default=lambda: settings.load().answers.rerank,
        help="A sentence-transformers CrossEncoder, by name or folder, that reads the best "
        "passages and sentences once more and orders them. [default: none, or as in settings.toml]",
    )
    never = click.option(
        "--no-rerank", "rerank", flag_value="", help="Without the one of settings.toml."
    )
    return option(never(command))


@click.command()
@click.argument("question", required=False)
@_filter_options
@_limit_option("quotations", default=3, most=10)
@_level_option
@rerank_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="The form of the answer; markdown has its citations as footnotes. [default: text]",
)
@click.option("--json", "form", flag_value="json", help="Print one JSON object.")
@click.option("--open", "opens", is_flag=True, help="Open the first source in the browser.")
@archive_option
def ask(
    question: str | None,
    limit: int,
    level: str,
    rerank: str,
    archive: Path | None,
    form: str,
    **filters: Any,
) -> None:
    """Answer a QUESTION with quotations and citations.

    Words in "quotation marks" must occur just so; passages with a -word are left out.
    Without QUESTION it is read from standard input. Exit code 1: no answer that memcon is sure of;
    what comes near is shown as a lead. Where nothing does, the archive does not say.
    """
    if question is None:
        if sys.stdin.isatty():
            raise UsageError("There is no question.", 'memcon ask "Who translated the records?"')
        question = sys.stdin.read()
    opens = filters.pop("opens")
    export = _exporting(sys.stdout) if form == "markdown" else None
    how = _How(Filters.parse(**filters), limit, level, rerank, form, export, opens)
    told = _answer(clean_question(question), archive, how)
    sys.exit(0 if told.is_answered else NOT_FOUND)


@click.command()
@_filter_options
@_limit_option("quotations", default=3, most=10)
@_level_option
@rerank_option
@archive_option
@click.option("--json", "as_json", is_flag=True, help="Print an answer a line, as JSON.")
@click.option(
    "--export",
    metavar="FILE.md",
    type=click.File("x", encoding="utf-8"),
    help="Write the session into a new file as Markdown, with citations as footnotes.",
)
def chat(
    limit: int,
    level: str,
    rerank: str,
    archive: Path | None,
    as_json: bool,
    export: TextIO | None,
    **filters: str | None,
) -> None:
    """Ask one question after another in a prompt that stays open, or a line each.

    A question may lean on the ones before: "And Gore?", "What did he reply?", "Why?". The reply
    says how it was understood.

    "help" says what can be typed. End with an empty line, "quit" or Ctrl-D.
    """
    form = "json" if as_json else "text"
    writer = _exporting(export) if export else None
    how = _How(Filters.parse(**filters), limit, level, rerank, form, writer)
    interactive = sys.stdin.isatty()
    if interactive:
        # Gives the prompt its history and line editing.
        import readline  # noqa: F401

        say(_HELP)
    turns: list[Exchange] = []
    while True:
        try:
            line = _read_line(interactive=interactive, as_json=as_json)
        except EOFError:
            break
        if line.lower() in {"", "quit", "exit"}:
            if line or interactive:
                break
            continue
        if line.lower() in {"help", "?"}:
            say(_HELP)
            continue
        if not interactive and not as_json:
            click.echo(f"? {line}")
        try:
            turns.append(_answer(clean_question(line), archive, how, turns, on_a_line=as_json))
        except UsageError as error:
            say(str(error))


@click.command()
@click.argument("query")
@_filter_options
@_limit_option("passages", default=10, most=100)
@click.option("--explain", is_flag=True, help="Show why each passage has its rank.")
@rerank_option
@archive_option
@json_option
def search(
    query: str,
    limit: int,
    explain: bool,
    rerank: str,
    archive: Path | None,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Rank the passages for a QUERY.

    Words in "quotation marks" must occur just so; passages with a -word are left out.
    """
    chosen = Filters.parse(**filters)
    words = clean_question(query)
    opened = open_archive(archive, rerank=rerank)
    from index.answering.record_answers import search as search_records
    from index.understanding.conversation.understand import Understood

    asked = opened.parse_query(words)
    ranked, match = search_records(words, asked, opened, chosen, limit)
    understood = Understood(words if match and match.is_typed else asked.question, words)
    hits = [(hit, opened.document(hit.passage.doc_id)) for hit in ranked]
    if as_json:
        from bot.render.json_form import hit_form, records_form, searched_form

        print_json(
            {
                "schema": "memcon.search/1",
                "query": words,
                "asked_as": understood.question if understood.is_reworded else None,
                "hits": [hit_form(hit, document) for hit, document in hits],
                "records": match and records_form(match),
                "searched": searched_form(opened.manifest),
            }
        )
    else:
        from rich.console import Group

        from bot.render.paging import print_paged
        from bot.render.terminal import draw_hits, draw_understood

        drawn = [draw_understood(understood)] if understood.is_reworded else []
        if hits:
            shown = draw_hits(hits, asked.terms, opened.manifest, explain=explain, records=match)
            print_paged(Group(*drawn, shown))
        else:
            print_paged(Group(*drawn))
            say("no passage fits.")
    sys.exit(0 if hits else NOT_FOUND)


_volume_option = click.option(
    "--volume", "--collection", metavar="NAME", help="The volume in which DOC_ID is a number."
)


@click.command()
@click.argument("doc_id", nargs=-1, required=True)
@_volume_option
@click.option("--at", metavar="START-END", help="Show the surroundings of a quotation.")
@click.option("--open", "opens", is_flag=True, help="Open its address in the browser.")
@archive_option
@json_option
def show(
    doc_id: tuple[str, ...],
    volume: str | None,
    at: str | None,
    archive: Path | None,
    as_json: bool,
    opens: bool,
) -> None:
    """Show a document, or what stands around a quotation.

    DOC_ID is its name as in "corpus list", its web address, or its number in a volume:
    "frus1901 113", or 113 with --volume.
    """
    opened = open_archive(archive)
    document = find_document(opened, " ".join(doc_id), volume)
    span = _parse_span(at, len(document.text)) if at else None
    if as_json:
        from bot.render.json_form import document_form, searched_form

        print_json(
            {
                "schema": "memcon.document/1",
                **document_form(document, opened.related(document)),
                "searched": searched_form(opened.manifest),
            }
        )
    else:
        from bot.render.document import draw_document
        from bot.render.paging import print_paged

        print_paged(draw_document(document, span, opened.related(document)))
    if opens:
        open_source(document, span)


@click.command(name="cite")
@click.argument("doc_id", nargs=-1, required=True)
@_volume_option
@click.option(
    "--style",
    type=click.Choice(["chicago", "short", "csl-json", "bibtex", "biblatex", "ris"]),
    default="chicago",
    show_default=True,
    help="The form of the citation.",
)
@archive_option
def cite_command(
    doc_id: tuple[str, ...], volume: str | None, style: str, archive: Path | None
) -> None:
    """Cite a document, named as for "memcon show"."""
    from corpus.citations.exports import to_biblatex, to_bibtex, to_ris
    from corpus.citations.styles import cite

    document = find_document(open_archive(archive), " ".join(doc_id), volume)
    citation = cite(document)
    match style:
        case "bibtex":
            click.echo(to_bibtex(document))
        case "biblatex":
            click.echo(to_biblatex(document))
        case "ris":
            click.echo(to_ris(document))
        case "csl-json":
            print_json([citation.csl])
        case "short":
            click.echo(citation.short)
        case _:
            click.echo(citation.note)


@click.command(name="replay")
@click.argument("receipt_id", metavar="RECEIPT")
@archive_option
@json_option
def replay_command(receipt_id: str, archive: Path | None, as_json: bool) -> None:
    """Ask the question of a RECEIPT again, and say what has changed since.

    Every answer ends with the name of its receipt. Exit code 0: the answer is the same; 1: it is
    not, and every difference is told.
    """
    from index.answering.receipts import find_receipt, replay

    opened = open_archive(archive)
    receipt = find_receipt(opened.root, receipt_id)
    if receipt.reranker:
        try:
            opened.reranker = open_reranker(receipt.reranker.name)
        except ModelUnavailable as error:
            raise ModelUnavailable(
                f"Receipt {receipt.receipt_id} cannot be replayed: its answer was reread by the "
                f"reranker {receipt.reranker.name}, and without that it would be another. {error}"
            ) from error
    started = time.perf_counter()
    replayed = replay(receipt, opened)
    milliseconds = (time.perf_counter() - started) * 1000
    if as_json:
        from bot.render.json_form import replay_form

        print_json(replay_form(replayed, milliseconds))
    else:
        from bot.render.terminal import draw_replay, make_console

        make_console().print(draw_replay(replayed))
    sys.exit(NOT_FOUND if replayed.changes else 0)


@click.command(name="verify")
@click.argument("quotation", required=False)
@click.option(
    "--attributed-to",
    metavar="NAME",
    help="Who is said to have said or written it, or the document it is said to be from.",
)
@archive_option
@json_option
def verify_command(
    quotation: str | None, attributed_to: str | None, archive: Path | None, as_json: bool
) -> None:
    """Tell whether the archive has a QUOTATION word for word.

    It is found exactly, in other typography, or with misread letters where the text was read from
    a scan. Otherwise it was altered, spliced from several places, is from somebody else than
    NAME, or is not in the archive: exit code 1. Without QUOTATION it is read from standard input.
    """
    if quotation is None:
        if sys.stdin.isatty():
            raise UsageError("There is no quotation.", 'memcon verify "the words as quoted"')
        quotation = sys.stdin.read()
    from index.verifying.verification import clean_quotation, verify

    words = clean_quotation(quotation)
    verification = verify(words, open_archive(archive), attributed_to)
    if as_json:
        from bot.render.json_form import verification_form

        print_json(verification_form(verification))
    else:
        from bot.render.terminal import draw_verification, make_console

        make_console().print(draw_verification(verification))
    sys.exit(0 if verification.finding.is_found else NOT_FOUND)


@dataclass(frozen=True, slots=True)
class _How:
    """How a question is answered: among what, with how many quotations, how sure, in what form.

    `rerank` names the model that reads the best passages again; none where it is empty. `form` is
    "text", "json" or "markdown"; `export` writes each answer as Markdown. `opens` opens the first
    source in the browser.
    """

    filters: Filters
    limit: int
    level: str
    rerank: str
    form: str
    export: "MarkdownExport | None" = None
    opens: bool = False


def _exporting(file: TextIO) -> "MarkdownExport":
    from bot.render.markdown import MarkdownExport

    return MarkdownExport(file)


def _read_line(*, interactive: bool, as_json: bool) -> str:
    """Return the next question; raises EOFError where there is none.

    Where the answers are JSON, the prompt is no part of stdout.
    """
    if interactive and not as_json:
        return input("? ").strip()
    if interactive:
        sys.stderr.write("? ")
        sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def _answer(
    question: str,
    chosen: Path | None,
    how: _How,
    turns: Sequence["Exchange"] = (),
    *,
    on_a_line: bool = False,
) -> "Exchange":
    """Answer a question on stdout, after some turns; return what the next one may lean on.

    Where it is JSON, `on_a_line` puts it on one.
    """
    opened = open_archive(chosen, rerank=how.rerank)
    from bot.render.hints import advise_dictionary
    from index.answering.answer import answer
    from index.answering.receipts import keep_receipt, make_receipt
    from index.answering.turns import hear, make_exchange
    from index.answering.verdict import Level

    started = time.perf_counter()
    level = Level(how.level)
    understood = hear(question, turns, opened, filters=how.filters, level=level)
    result = answer(
        understood.question,
        opened,
        filters=how.filters,
        limit=how.limit,
        level=level,
        without=understood.without,
    )
    milliseconds = (time.perf_counter() - started) * 1000
    receipt = make_receipt(result, how.limit)
    # An archive that only can be read answers as well, and remembers nothing.
    with suppress(OSError):
        keep_receipt(opened.root, receipt)
    if how.export:
        how.export.add(question, result, receipt.receipt_id)
    if how.form == "json":
        from bot.render.json_form import answer_form

        form = answer_form(result, receipt.receipt_id, milliseconds, understood.typed)
        print_json(form, on_a_line=on_a_line)
    elif how.form == "text":
        from bot.render.terminal import draw_answer, draw_understood, make_console

        console = make_console()
        asked = replace(understood, question=result.question)
        if asked.is_reworded:
            console.print(draw_understood(asked))
        console.print(draw_answer(result, receipt.receipt_id))
    turn = make_exchange(result, opened.names)
    opened.close()
    if how.opens and result.quotes:
        open_source(result.quotes[0].document, result.quotes[0].span)
    advice = None if turn.is_answered else advise_dictionary(understood.question)
    if advice:
        say(advice)
    return turn


def _parse_span(words: str, length: int) -> Span:
    start, _, end = words.partition("-")
    if not (
        words.isascii() and start.isdigit() and end.isdigit() and int(start) < int(end) <= length
    ):
        raise UsageError(f"{words!r} is no place in this document; places look like 120-345.")
    return Span(int(start), int(end))
