"""The command line: where everything is put together.

stdout carries the result alone; progress and messages go to stderr. Exit codes: 0 answered or
done, 1 the archive does not say, 2 wrong usage, 3 the archive or index is at fault.
"""

import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from bot import settings
from corpus.documents import Span
from corpus.errors import MemconError, NoIndex, UnknownDocument, UsageError
from corpus.exports import to_bibtex, to_ris
from index.search import Filters, clean_question

NOT_FOUND = 1
WRONG_USAGE = 2
AT_FAULT = 3
INTERRUPTED = 130

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_archive_option = click.option(
    "--archive",
    type=click.Path(path_type=Path, file_okay=False, readable=False),
    callback=lambda _context, _option, value: _some_folder(value),
    help="The archive's folder. [default: $MEMCON_ARCHIVE, or one in your data directory]",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def _some_folder(folder: Path | None) -> Path | None:
    """Return the folder as it was given; an empty name would mean the working directory."""
    if folder == Path():
        raise click.BadParameter("the archive's folder has no name")
    return folder


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
                metavar="LABEL",
                help='Only what is attributed to a speaker, such as "Prime Minister".',
            ),
            click.option("--collection", metavar="NAME", help="Only one collection."),
            click.option(
                "--kind",
                metavar="KIND",
                help="Only one kind of document, such as cable or abstract.",
            ),
        )
    ):
        command = option(command)
    return command


@click.group(context_settings=_CONTEXT)
@click.version_option(package_name="memcon", prog_name="memcon")
def cli() -> None:
    """Ask questions of a historical archive.

    An answer is one to three verbatim quotations, each with its source, or an honest "the archive
    does not say". The first question builds an index of the bundled collection on the US-Japan
    summits of 1993 and 1994; "memcon index build FOLDER" makes one of your own documents.
    """


@cli.command()
@click.argument("question", required=False)
@_filter_options
@click.option(
    "-k",
    "limit",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="At most so many quotations.",
)
@_archive_option
@_json_option
def ask(
    question: str | None,
    limit: int,
    archive: Path | None,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Answer a QUESTION with quotations and citations.

    Without QUESTION it is read from standard input. Exit code 1: the archive does not say.
    """
    if question is None:
        if sys.stdin.isatty():
            raise UsageError("There is no question.", 'memcon ask "Who translated the records?"')
        question = sys.stdin.read()
    found = _answer(clean_question(question), archive, Filters.parse(**filters), limit, as_json)
    sys.exit(0 if found else NOT_FOUND)


@cli.command()
@_filter_options
@click.option(
    "-k",
    "limit",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="At most so many quotations.",
)
@_archive_option
def chat(limit: int, archive: Path | None, **filters: str | None) -> None:
    """Ask one question after another in a prompt that stays open.

    End with an empty line, "quit" or Ctrl-D.
    """
    chosen = Filters.parse(**filters)
    interactive = sys.stdin.isatty()
    if interactive:
        # Gives the prompt its history and line editing.
        import readline  # noqa: F401
    while True:
        try:
            line = input("? " if interactive else "").strip()
        except EOFError:
            break
        if line.lower() in {"", "quit", "exit"}:
            if line or interactive:
                break
            continue
        try:
            _answer(clean_question(line), archive, chosen, limit, as_json=False)
        except UsageError as error:
            _say(str(error))


@cli.command()
@click.argument("query")
@_filter_options
@click.option(
    "-k",
    "limit",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="At most so many passages.",
)
@click.option("--explain", is_flag=True, help="Show why each passage has its rank.")
@_archive_option
@_json_option
def search(
    query: str,
    limit: int,
    explain: bool,
    archive: Path | None,
    as_json: bool,
    **filters: str | None,
) -> None:
    """Rank the passages for a QUERY."""
    chosen = Filters.parse(**filters)
    words = clean_question(query)
    opened = _open(archive)
    asked = opened.ask(words)
    hits = [
        (hit, opened.document(hit.passage.doc_id)) for hit in opened.search(asked, chosen, limit)
    ]
    if as_json:
        from bot.jsonform import hit_form, searched_form

        _print_json(
            {
                "schema": "memcon.search/1",
                "query": words,
                "hits": [hit_form(hit, document.text) for hit, document in hits],
                "searched": searched_form(opened.manifest),
            }
        )
    else:
        from bot.terminal import draw_hits, make_console

        if hits:
            make_console().print(draw_hits(hits, asked.terms, explain=explain))
        else:
            _say("no passage fits.")
    sys.exit(0 if hits else NOT_FOUND)


@cli.command()
@click.argument("doc_id")
@click.option("--at", metavar="START-END", help="Show the surroundings of a quotation.")
@_archive_option
@_json_option
def show(doc_id: str, at: str | None, archive: Path | None, as_json: bool) -> None:
    """Show a document, or what stands around a quotation."""
    document = _open(archive).document(doc_id)
    span = _parse_span(at, len(document.text)) if at else None
    if as_json:
        from bot.jsonform import document_form

        _print_json({"schema": "memcon.document/1", **document_form(document)})
    else:
        from bot.terminal import draw_document, make_console

        make_console().print(draw_document(document, span))


@cli.command(name="cite")
@click.argument("doc_id")
@click.option(
    "--style",
    type=click.Choice(["chicago", "short", "csl-json", "bibtex", "ris"]),
    default="chicago",
    show_default=True,
    help="The form of the citation.",
)
@_archive_option
def cite_command(doc_id: str, style: str, archive: Path | None) -> None:
    """Cite a document."""
    from corpus.citations import cite

    document = _open(archive).document(doc_id)
    citation = cite(document)
    match style:
        case "bibtex":
            click.echo(to_bibtex(document))
        case "ris":
            click.echo(to_ris(document))
        case "csl-json":
            _print_json([citation.csl])
        case "short":
            click.echo(citation.short)
        case _:
            click.echo(citation.note)


@cli.command(name="verify")
@click.argument("quotation", required=False)
@_archive_option
@_json_option
def verify_command(quotation: str | None, archive: Path | None, as_json: bool) -> None:
    """Tell whether the archive has a QUOTATION word for word.

    Without QUOTATION it is read from standard input. Exit code 1: the words were altered, or are
    not in the archive.
    """
    if quotation is None:
        if sys.stdin.isatty():
            raise UsageError("There is no quotation.", 'memcon verify "the words as quoted"')
        quotation = sys.stdin.read()
    from index.verification import Finding, clean_quotation, verify

    words = clean_quotation(quotation)
    verification = verify(words, _open(archive))
    if as_json:
        from bot.jsonform import verification_form

        _print_json(verification_form(verification))
    else:
        from bot.terminal import draw_verification, make_console

        make_console().print(draw_verification(verification))
    sys.exit(0 if verification.finding in {Finding.EXACT, Finding.TYPOGRAPHIC} else NOT_FOUND)


@cli.group()
def index() -> None:
    """Build the index and see how it is."""


@index.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, readable=False))
@click.option("--bundled", is_flag=True, help="Take the bundled collection as well as PATHS.")
@click.option("--model", metavar="NAME", help="A sentence-transformers model, by name or path.")
@click.option("--force", is_flag=True, help="Build even where nothing has changed.")
@_archive_option
def build(
    paths: tuple[Path, ...], bundled: bool, model: str | None, force: bool, archive: Path | None
) -> None:
    """Build an index of the documents under PATHS.

    The archive then consists of these. Without PATHS the sources of the last build are read again,
    or the bundled collection if there was none. The old index answers until the new one is whole.
    """
    from corpus.sources import bundled_collection

    root = settings.archive_folder(archive)
    sources = list(paths)
    if bundled:
        sources.insert(0, bundled_collection())
    _build(root, sources, model=model, force=force)


@index.command()
@_archive_option
@_json_option
def status(archive: Path | None, as_json: bool) -> None:
    """Show what the index holds and what it was built from."""
    from dataclasses import asdict

    from index.generation import Manifest, current

    root = settings.archive_folder(archive)
    manifest = Manifest.read(current(root))
    if as_json:
        _print_json({"schema": "memcon.status/1", "archive": str(root), **asdict(manifest)})
        return
    size = sum(manifest.files.values()) / 2**20
    lines = {
        "archive": str(root),
        "generation": f"{manifest.generation}, built {manifest.built}",
        "documents": f"{manifest.documents:,}",
        "passages": f"{manifest.passages:,} ({manifest.sentences:,} sentences)",
        "dates": f"{manifest.date_from} to {manifest.date_to}"
        if manifest.date_from
        else "not known",
        "size": f"{size:.1f} MB",
        "encoder": manifest.encoder,
        "sources": ", ".join(manifest.sources),
        "skipped": f"{len(manifest.problems)} (memcon corpus list names them)",
    }
    for name, value in lines.items():
        click.echo(f"{name:<11} {value}")


@cli.group()
def corpus() -> None:
    """See what the archive holds."""


@corpus.command(name="list")
@_archive_option
@_json_option
def list_command(archive: Path | None, as_json: bool) -> None:
    """List the documents of the archive, and the files that were skipped."""
    opened = _open(archive)
    documents = list(opened.store.list_documents())
    if as_json:
        from bot.jsonform import listing_form

        _print_json({"schema": "memcon.corpus/1", **listing_form(documents, opened.manifest)})
    else:
        from bot.terminal import draw_listing, make_console

        make_console().print(draw_listing(documents, opened.manifest))


@cli.command(name="eval")
@click.argument(
    "folder", metavar="SET", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@_json_option
def evaluate(folder: Path, as_json: bool) -> None:
    """Measure retrieval, quotation and abstention on a SET with judgements.

    SET is a folder of docs.jsonl and queries.jsonl. Its index is kept in the cache, so that a
    second run only asks.
    """
    from bot.progress import TerminalProgress
    from index.evaluation import run_evaluation

    with TerminalProgress() as progress:
        measured = run_evaluation(folder, settings.cache_folder(), progress)
    if as_json:
        _print_json(measured)
        return
    for name, value in measured.items():
        if isinstance(value, dict):
            words = ", ".join(f"{key} {number}" for key, number in value.items())
        else:
            words = "not measured" if value is None else str(value)
        click.echo(f"{name:<17} {words}")


@cli.command()
@_archive_option
def doctor(archive: Path | None) -> None:
    """Say what is wrong with this installation, and the command that mends it.

    A missing Discord token is told, but is nothing wrong where no bot is run. Exit code 3: the
    archive, its encoder or its texts are at fault.
    """
    from bot.doctor import examine

    at_fault = False
    for finding in examine(settings.archive_folder(archive)):
        click.echo(f"{'ok ' if finding.well else '!! '} {finding.name}: {finding.words}")
        if finding.mend:
            click.echo(f"    try: {finding.mend}")
        at_fault |= not finding.well and not finding.name.startswith("discord")
    sys.exit(AT_FAULT if at_fault else 0)


@cli.command()
@click.option("--sync", is_flag=True, help="Give Discord the commands first (once is enough).")
@_archive_option
def serve(sync: bool, archive: Path | None) -> None:
    """Run the Discord bot until Ctrl-C.

    The token comes from MEMCON_DISCORD_TOKEN or the settings file, never from the command line.
    """
    from bot.discord.run import ServeOptions
    from bot.discord.run import serve as run

    token, known = settings.discord_token(), settings.discord_settings()
    _open(archive).close()
    options = ServeOptions(
        token,
        sync=sync,
        log_questions=bool(known.get("log_questions")),
        shards=known.get("shards"),
    )
    run(settings.archive_folder(archive), settings.cache_folder(), options)


@cli.group()
def discord() -> None:
    """Set up the Discord side."""


@discord.command(name="sync")
@_archive_option
def sync_command(archive: Path | None) -> None:
    """Give Discord the commands: after the first installation and after each new version."""
    from bot.discord.run import sync_commands

    token = settings.discord_token()
    _open(archive).close()
    root, cache = settings.archive_folder(archive), settings.cache_folder()
    click.echo(f"{sync_commands(root, cache, token)} commands given to Discord")


def main() -> NoReturn:
    """Run the command line; errors become one line on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal takes every character; a mark is better than an error. A stream that
        # was closed is None.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(prog_name="memcon", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped", INTERRUPTED)
    except MemconError as error:
        usage = isinstance(error, (UsageError, UnknownDocument))
        _fail(str(error), WRONG_USAGE if usage else AT_FAULT)
    except Exception as error:  # the last resort of a program that never shows a traceback
        if settings.wants_traceback():
            raise
        _fail(_describe(error), AT_FAULT)
    sys.exit(0)


def _describe(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{where}"
    return f"unexpected {type(error).__name__}: {error}. MEMCON_DEBUG=1 shows where it came from."


def _fail(message: str, code: int) -> NoReturn:
    _say(message)
    sys.exit(code)


def _say(message: str) -> None:
    from bot.terminal import say

    say(message)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _open(chosen: Path | None) -> Any:
    """Open the archive; where nothing has been built, build the bundled collection first."""
    from index.archive import Archive
    from index.generation import read_sources_file

    root = settings.archive_folder(chosen)
    try:
        return Archive(root)
    except NoIndex:
        if read_sources_file(root) is not None:
            # There was an index of other documents here: that is damage, and no fresh start.
            raise
        _say(f"no index in {root} yet: building one of the bundled collection")
        _build(root, [], model=None, force=False)
        return Archive(root)


def _build(root: Path, sources: list[Path], *, model: str | None, force: bool) -> None:
    """Build and report; sources and model default to those of the last build."""
    from bot.progress import TerminalProgress
    from corpus.sources import bundled_collection
    from index.build import build_archive, gather
    from index.encoder import DEFAULT_MODEL
    from index.generation import read_sources_file

    last = read_sources_file(root)
    if last is not None:
        sources = sources or [Path(source) for source in last.sources]
        model = model or last.model
    started = time.perf_counter()
    with TerminalProgress() as progress:
        built = build_archive(
            root,
            gather(sources or [bundled_collection()], progress),
            model=model or DEFAULT_MODEL,
            cache=settings.cache_folder(),
            progress=progress,
            force=force,
        )
    manifest = built.manifest
    for problem in manifest.problems:
        _say(f"skipped {problem.source}: {problem.reason}")
    done = f"built in {time.perf_counter() - started:.0f} s" if built.changed else "is up to date"
    _say(
        f"index {manifest.generation} {done}: {manifest.documents:,} documents, "
        f"{manifest.passages:,} passages, {len(manifest.problems)} files skipped"
    )


def _answer(
    question: str, chosen: Path | None, filters: Filters, limit: int, as_json: bool
) -> bool:
    """Answer a question on stdout; return whether the archive says anything."""
    opened = _open(chosen)
    from index.answer import answer
    from index.verdict import Verdict

    started = time.perf_counter()
    result = answer(question, opened, filters=filters, limit=limit)
    milliseconds = (time.perf_counter() - started) * 1000
    if as_json:
        from bot.jsonform import answer_form

        _print_json(answer_form(result, milliseconds))
    else:
        from bot.terminal import draw_answer, make_console

        make_console().print(draw_answer(result))
    opened.close()
    return result.verdict is Verdict.ANSWERED


def _parse_span(words: str, length: int) -> Span:
    start, _, end = words.partition("-")
    if not (
        words.isascii() and start.isdigit() and end.isdigit() and int(start) < int(end) <= length
    ):
        raise UsageError(f"{words!r} is no place in this document; places look like 120-345.")
    return Span(int(start), int(end))
