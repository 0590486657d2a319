"""The MCP server: the tools of `bot.mcp.tools` over stdio or streamable HTTP.

The SDK checks the arguments against each tool's schema and runs the tools in threads. Every call
answers from the newest index. Errors meant for people become tool errors; what else goes wrong is
logged, and the client sees only that the tool failed.
"""

import threading
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from bot.mcp import tools
from bot.render.schemas import read_schema
from corpus.citations.styles import STYLES
from corpus.errors import MemconError, UnknownDocument
from index.answering.verdict import Level
from index.location import Location
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

INSTRUCTIONS = """\
memcon quotes an archive of historical documents. Call `ask` with the user's question. Repeat its \
quotations word for word, each with its source and address; never complete or merge them. If the \
verdict is "not_found", say that the archive does not answer: leads are not answers. If it is \
"redacted", say that the record withholds the answer. Check quotations from elsewhere with \
`verify` before you use them."""

_READ_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)

Words = Annotated[str, Field(min_length=1, max_length=2000)]
Quotation = Annotated[str, Field(min_length=1, max_length=5000, description="The words as quoted.")]
Name = Annotated[str | None, Field(max_length=200)]
Day = Annotated[str | None, Field(max_length=10, description="1993, 1993-09 or 1993-09-27")]
DocId = Annotated[str, Field(min_length=1, max_length=500, description="The document's name.")]
Start = Annotated[int, Field(ge=0, description="A place in the text, in characters from 0.")]
End = Annotated[int | None, Field(ge=1, description="The end of the part, exclusive.")]
Style = Annotated[str, Field(pattern=f"^({'|'.join(STYLES)})$", description=", ".join(STYLES))]
Limit = Annotated[int, Field(ge=1, le=50)]


class FilterArguments(BaseModel):
    """What narrows a search. Leave out what the user did not ask for."""

    model_config = ConfigDict(extra="forbid")

    date_from: Day = None
    date_to: Day = None
    person: Name = Field(None, description="Somebody who wrote, received or took part.")
    speaker: Name = Field(None, description="Whose words are quoted, as the record names them.")
    collection: Name = None
    kind: Name = Field(None, description="A kind of document, such as cable.")
    classification: Name = None
    language: Name = Field(None, description="A code, such as en or ja.")

    def parse(self) -> Filters:
        """Return the filters; raises UsageError for a date that is none."""
        return Filters.parse(**self.model_dump())


class _Newest:
    """The newest index of an archive, opened once for all threads."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._opening = threading.Lock()
        self._archive = location.open()

    def __call__(self) -> Archive:
        """Return the newest index; the one at hand where a newer cannot be opened."""
        with self._opening:
            try:
                if self._location.newest() != self._archive.manifest.generation:
                    self._archive = self._location.open()
            except MemconError:
                # It goes on answering, as the Discord bot does.
                pass
            return self._archive


class _Tools:
    """The tools, as the SDK calls them: the signatures are the schemas of their arguments."""

    def __init__(self, newest: _Newest, level: Level) -> None:
        self._newest, self._level = newest, level

    def _call(self, work: Callable[[Archive], tools.Result]) -> CallToolResult:
        try:
            result = work(self._newest())
        except MemconError as error:
            raise ToolError(error.message) from error
        return CallToolResult(
            content=[TextContent(type="text", text=result.text)], structured_content=result.form
        )

    def ask(
        self,
        question: Words,
        filters: FilterArguments | None = None,
        level: Literal["strict", "balanced", "eager"] | None = None,
        limit: Annotated[int, Field(ge=1, le=10)] = 3,
    ) -> CallToolResult:
        """Answer a question with verbatim quotations and their sources, or say that there is none.

        Words in "quotation marks" must occur as they are; passages with a -word are left out.
        `level` is how sure the answer must be.
        """
        sure = Level(level) if level else self._level
        return self._call(lambda it: tools.ask(question, it, _parse(filters), sure, limit))

    def search(
        self, query: Words, filters: FilterArguments | None = None, limit: Limit = 10
    ) -> CallToolResult:
        """Rank the passages that come nearest to a query. They are not answers to a question."""
        return self._call(lambda it: tools.search(query, it, _parse(filters), limit))

    def read(self, doc_id: DocId, start: Start = 0, end: End = None) -> CallToolResult:
        """Read a document's text, 20,000 characters at a time, with its provenance and citation."""
        return self._call(lambda it: tools.read(doc_id, it, start, end))

    def verify(self, quotation: Quotation, attributed_to: Name = None) -> CallToolResult:
        """Check whether the archive has a quotation word for word, and from whom it is."""
        return self._call(lambda it: tools.check(quotation, it, attributed_to))

    def cite(
        self,
        doc_id: DocId,
        style: Style = "chicago",
        start: Start | None = None,
        end: End = None,
    ) -> CallToolResult:
        """Cite a document, or the quotation from `start` to `end` of it."""
        return self._call(lambda it: tools.cite(doc_id, it, style, start, end))

    def list_documents(
        self, filters: FilterArguments | None = None, offset: Start = 0, limit: Limit = 50
    ) -> CallToolResult:
        """List the documents of the archive by date."""
        return self._call(lambda it: tools.list_documents(it, _parse(filters), offset, limit))

    def document(self, doc_id: str) -> str:
        """Return the whole text of a document, as the archive has it."""
        try:
            return self._newest().document(doc_id).text
        except UnknownDocument as error:
            raise ResourceNotFoundError(error.message) from error


def make_server(location: Location, level: Level = Level.BALANCED) -> "MCPServer[Any]":
    """Return the server of an archive; raises ArchiveError where it has no whole index."""
    own = _Tools(_Newest(location), level)
    server: MCPServer[Any] = MCPServer(
        "memcon",
        title="memcon",
        description="Verified quotations from an archive of historical documents.",
        instructions=INSTRUCTIONS,
        version=version("memcon"),
        log_level="WARNING",
        tools=[
            _make_tool(own.ask, "memcon.answer/1"),
            _make_tool(own.search, "memcon.search/1"),
            _make_tool(own.read, "memcon.document/1"),
            _make_tool(own.verify, "memcon.verify/1"),
            _make_tool(own.cite, "memcon.citation/1"),
            _make_tool(own.list_documents, "memcon.documents/1"),
        ],
    )
    server.resource(
        "memcon://documents/{doc_id}",
        name="document",
        title="A document's text",
        mime_type="text/plain",
    )(own.document)
    return server


def _parse(filters: FilterArguments | None) -> Filters:
    return filters.parse() if filters else Filters()


def _make_tool(function: Callable[..., Any], schema: str) -> Tool:
    """Return a tool whose results have a published schema."""
    tool = Tool.from_function(function, annotations=_READ_ONLY)
    tool.fn_metadata.output_schema = read_schema(schema)
    return tool
