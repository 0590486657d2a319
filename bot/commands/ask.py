"""The commands that ask: ask, chat, search, replay."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.archives import open_archive, open_reranker
from bot.commands.browser import open_source
from bot.commands.options import (
    archive_option,
    filter_options,
    json_option,
    level_option,
    limit_option,
    rerank_option,
)
from bot.commands.output import NOT_FOUND, print_json, say
from corpus.citations.bibliography import Bibliography
from corpus.citations.styles import STYLES
from corpus.errors import ModelUnavailable, UsageError
from index.retrieval.filters import Filters
from index.text.question_text import clean_question

if TYPE_CHECKING:
    from bot.render.markdown import MarkdownExport
    from index.retrieval.archive import Archive
    from index.understanding.conversation.exchange import Exchange

# The styles in which the sources of an answer are a file for programs.
BIBLIOGRAPHIES = [name for name, style in STYLES.items() if style.file_name]
_HELP = (
    'type a question, or a follow-up such as "And Gore?"; "quoted words" must occur, -word must '
    'not; "help" shows this; an empty line, "quit" or Ctrl-D ends'
)


@click.command()
@click.argument("question", required=False)
@filter_options
@limit_option("quotations", default=3, most=10)
@level_option
@rerank_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", *BIBLIOGRAPHIES]),
    default="text",
    help="The form of the answer: markdown has its citations as footnotes; "
    f"{', '.join(BIBLIOGRAPHIES)} are the sources quoted. [default: text]",
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

    Words in "quotation marks" must occur as they are; passages with a -word are left out.
    Without QUESTION, it is read from standard input. Exit code 1: no answer that memcon is sure of;
    the nearest passages are shown as leads. If nothing comes near, the archive does not say.
    """
    if question is None:
        if sys.stdin.isatty():
            raise UsageError("There is no question.", 'memcon ask "Who translated the records?"')
        question = sys.stdin.read()
    opens = filters.pop("opens")
    export = None
    if form == "markdown":
        from bot.render.markdown import MarkdownExport

        export = MarkdownExport(sys.stdout)
    options = _Options(Filters.parse(**filters), limit, level, rerank, form, export, opens)
    exchange = _answer(clean_question(question), archive, options)
    sys.exit(0 if exchange.is_answered else NOT_FOUND)


@click.command()
@filter_options
@limit_option("quotations", default=3, most=10)
@level_option
@rerank_option
@archive_option
@click.option("--json", "as_json", is_flag=True, help="Print an answer a line, as JSON.")
@click.option(
    "--export",
    metavar="FILE.md",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the session into a new file as Markdown with Pandoc citations, and the sources "
    "quoted beside it into FILE.json.",
)
def chat(
    limit: int,
    level: str,
    rerank: str,
    archive: Path | None,
    as_json: bool,
    export: Path | None,
    **filters: str | None,
) -> None:
    """Ask one question after another at a prompt, or one a line from standard input.

    A question may follow up on the ones before: "And Gore?", "What did he reply?", "Why?". The
    reply says how it was understood.

    "help" says what can be typed. End with an empty line, "quit" or Ctrl-D.
    """
    form = "json" if as_json else "text"
    writer = _open_export(export) if export else None
    options = _Options(Filters.parse(**filters), limit, level, rerank, form, writer)
    interactive = sys.stdin.isatty()
    if interactive:
        # Gives the prompt its history and line editing.
        import readline  # noqa: F401

        say(_HELP)
    exchanges: list[Exchange] = []
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
            question = clean_question(line)
            exchanges.append(_answer(question, archive, options, exchanges, on_a_line=as_json))
        except UsageError as error:
            say(str(error))


@click.command()
@click.argument("query")
@filter_options
@limit_option("passages", default=10, most=100)
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

    Words in "quotation marks" must occur as they are; passages with a -word are left out.
    """
    chosen = Filters.parse(**filters)
    words = clean_question(query)
    opened = open_archive(archive, rerank=rerank)
    from index.answering.record_answers import search as search_records
    from index.understanding.conversation.rewriting import RewrittenQuestion

    asked = opened.parse_query(words)
    ranked, match = search_records(words, asked, opened, chosen, limit)
    understood = RewrittenQuestion(words if match and match.is_typed else asked.question, words)
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


@click.command(name="replay")
@click.argument("receipt_id", metavar="RECEIPT")
@archive_option
@json_option
def replay_command(receipt_id: str, archive: Path | None, as_json: bool) -> None:
    """Answer the question of a RECEIPT again, and say what has changed since.

    Every answer ends with the name of its receipt. Exit code 0: the answer is the same; 1: it is
    not, and every difference is shown.
    """
    from bot.services.ask import replay
    from index.answering.receipts import find_receipt

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
    reply = replay(receipt, opened)
    if as_json:
        from bot.render.json_form import replay_form

        print_json(replay_form(reply.replay, reply.milliseconds, reply.changed))
    else:
        from bot.render.terminal import draw_replay, make_console

        make_console().print(draw_replay(reply.replay, reply.changed))
    sys.exit(NOT_FOUND if reply.replay.changes else 0)


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of `ask` and `chat`; `rerank` names the reranker, empty for none.

    `form` is "text", "json", "markdown" or the style of a bibliography; `export` writes each answer
    as Markdown; `opens` opens the first source in the browser.
    """

    filters: Filters
    limit: int
    level: str
    rerank: str
    form: str
    export: "MarkdownExport | None" = None
    opens: bool = False


def _open_export(path: Path) -> "MarkdownExport":
    """Create a session's file, and the bibliography beside it; raises UsageError."""
    from bot.render.markdown import MarkdownExport

    sources = path.with_suffix(".json")
    if taken := [each for each in (path, sources) if each.exists()]:
        raise UsageError(f"{taken[0]} is there already; an export writes new files.")
    if path == sources:
        raise UsageError(f"{path} is the name of a bibliography.", "memcon chat --export FILE.md")
    try:
        file = click.get_current_context().with_resource(path.open("x", encoding="utf-8"))
        return MarkdownExport(file, sources)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _read_line(*, interactive: bool, as_json: bool) -> str:
    """Return the next question; raises EOFError at the end.

    With JSON output the prompt goes to stderr.
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


def _prefetch(opened: "Archive", form: str) -> None:
    """Load the encoder in a thread, and import meanwhile what draws an answer."""
    opened.prefetch_encoder()
    if form == "text":
        import bot.render.terminal  # noqa: F401


def _answer(
    question: str,
    chosen: Path | None,
    options: _Options,
    exchanges: Sequence["Exchange"] = (),
    *,
    on_a_line: bool = False,
) -> "Exchange":
    """Print the answer to a question, and return the exchange for the next one.

    `on_a_line` prints JSON on one line.
    """
    opened = open_archive(chosen, rerank=options.rerank)
    _prefetch(opened, options.form)
    from bot.render.hints import advise_dictionary
    from bot.services.ask import ask as answer
    from index.answering.verdict import Level

    reply = answer(
        question,
        opened,
        exchanges,
        filters=options.filters,
        level=Level(options.level),
        limit=options.limit,
    )
    receipt_id = reply.receipt.receipt_id
    if options.export:
        options.export.add(question, reply.answer, receipt_id)
    if options.form == "json":
        from bot.render.json_form import answer_form

        form = answer_form(
            reply.answer, receipt_id, reply.milliseconds, reply.understood.typed, reply.changed
        )
        print_json(form, on_a_line=on_a_line)
    elif options.form == "text":
        from bot.render.terminal import draw_answer, draw_understood, make_console

        console = make_console()
        if reply.asked.is_reworded:
            console.print(draw_understood(reply.asked))
        console.print(draw_answer(reply.answer, receipt_id, reply.changed))
    elif options.form in BIBLIOGRAPHIES:
        bibliography = Bibliography()
        for quote in reply.answer.quotes:
            bibliography.add(quote.document, quote.span)
        click.echo(bibliography.write(STYLES[options.form]))
        if reply.answer.refusal:
            from bot.render.wording import REFUSALS

            say(REFUSALS[reply.answer.refusal])
    opened.close()
    if options.opens and reply.answer.quotes:
        open_source(reply.answer.quotes[0].document, reply.answer.quotes[0].span)
    advice = None if reply.exchange.is_answered else advise_dictionary(reply.understood.question)
    if advice:
        say(advice)
    return reply.exchange
