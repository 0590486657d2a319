"""The MCP server, asked by the SDK's own client: in memory, over stdio and over HTTP."""

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp import Client, StdioServerParameters
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError

from bot.mcp.server import make_server
from index.location import Location
from tests.support.archives import build, document
from tests.support.invented import COPY, invented
from tests.support.ports import reserved_port

QUESTION = "Who translated the records into English?"
TOOLS = {"ask", "search", "read", "verify", "cite", "list_documents"}


CABLE = "us-japan-1993-94/cable-5517"


@pytest.fixture
def server(bundled_root: Path, cache: Path) -> MCPServer[Any]:
    return make_server(Location(bundled_root, cache))


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that must succeed, and return its structured content."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool that must refuse, and return what it says."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return " ".join(getattr(each, "text", "") for each in result.content)


async def test_every_tool_has_schemas_and_only_reads(server: MCPServer[Any]) -> None:
    async with Client(server) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == TOOLS
        for tool in tools:
            Draft202012Validator.check_schema(tool.input_schema)
            assert tool.output_schema
            Draft202012Validator.check_schema(tool.output_schema)
            assert tool.annotations
            assert tool.annotations.read_only_hint
            assert tool.description


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("ask", {"question": QUESTION}),
        ("ask", {"question": "Who won the chess game on the moon?", "level": "strict"}),
        ("ask", {"question": QUESTION, "filters": {"date_from": "1993", "kind": "abstract"}}),
        ("search", {"query": "rice imports", "limit": 3}),
        ("read", {"doc_id": CABLE, "start": 10, "end": 90}),
        ("verify", {"quotation": "numerical targets"}),
        ("cite", {"doc_id": CABLE, "style": "ris"}),
        ("cite", {"doc_id": CABLE, "style": "chicago", "start": 0, "end": 9}),
        ("list_documents", {"filters": {"kind": "abstract"}, "limit": 2}),
    ],
)
async def test_results_fit_the_published_schemas(
    server: MCPServer[Any], tool: str, arguments: dict[str, Any]
) -> None:
    async with Client(server) as client:
        given = await call(client, tool, **arguments)
        (schema,) = (
            each.output_schema for each in (await client.list_tools()).tools if each.name == tool
        )
        assert schema
        Draft202012Validator(schema).validate(given)


async def test_a_quotation_can_be_checked_from_what_comes_with_it(server: MCPServer[Any]) -> None:
    async with Client(server) as client:
        given = await call(client, "ask", question=QUESTION)
        assert given["verdict"] == "answered"
        quote = given["quotes"][0]
        (whole,) = (await client.read_resource(quote["resource"])).contents
        text = getattr(whole, "text", "")
        assert text[quote["start"] : quote["end"]] == quote["text"]
        assert quote["sha256"] == hashlib.sha256(quote["text"].encode()).hexdigest()
        result = await client.call_tool("ask", {"question": QUESTION})
        words = getattr(result.content[0], "text", "")
        assert f"> {quote['text'].splitlines()[0]}" in words
        assert "word for word" in words
        assert given["receipt"] in words


async def test_a_refusal_says_that_leads_are_no_answers(server: MCPServer[Any]) -> None:
    async with Client(server) as client:
        question = "Who won the chess game on the moon?"
        given = await call(client, "ask", question=question, level="strict")
        assert given["verdict"] == "not_found"
        assert given["quotes"] == []
        result = await client.call_tool("ask", {"question": question, "level": "strict"})
        assert "does not answer" in getattr(result.content[0], "text", "")


async def test_a_long_document_is_read_in_parts(tmp_path: Path, cache: Path) -> None:
    text = "\n\n".join(f"Letter {n} of the lamp keeper speaks of oil." for n in range(900))
    build(tmp_path / "a", cache, document(text, "letters/of lamps")).close()
    async with Client(make_server(Location(tmp_path / "a", cache))) as client:
        parts: list[str] = []
        start: int | None = 0
        while start is not None:
            part = await call(client, "read", doc_id="letters/of lamps", start=start)
            assert len(part["text"]) <= 20_000
            parts.append(part["text"])
            start = part["next"]
        assert len(parts) > 1
        assert "".join(parts) == text
        (whole,) = (await client.read_resource(part["resource"])).contents
        assert getattr(whole, "text", "") == text


async def test_a_new_index_answers_the_next_call(tmp_path: Path, cache: Path) -> None:
    root = tmp_path / "a"
    build(root, cache, document(COPY, "copy")).close()
    async with Client(make_server(Location(root, cache))) as client:
        assert (await call(client, "list_documents"))["total"] == 1
        build(root, cache, *invented()).close()
        assert (await call(client, "list_documents"))["total"] == 3


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {"question": ""}, "question"),
        ("ask", {"question": "a" * 2001}, "question"),
        ("ask", {"question": QUESTION, "limit": 10**9}, "limit"),
        ("ask", {"question": QUESTION, "level": "any"}, "level"),
        ("ask", {"question": QUESTION, "filters": {"date_from": "yesterday"}}, "yesterday"),
        ("ask", {"question": QUESTION, "filters": {"owner": "x"}}, "owner"),
        ("ask", {"question": QUESTION, "filters": {"collection": "no such"}}, "no such"),
        ("read", {"doc_id": "../../etc/passwd"}, "etc/passwd"),
        ("read", {"doc_id": CABLE, "start": 10**9}, "characters"),
        ("read", {"doc_id": CABLE, "start": -1}, "start"),
        ("verify", {"quotation": "rice"}, "two words"),
        ("cite", {"doc_id": CABLE, "style": "mla"}, "style"),
        ("cite", {"doc_id": CABLE, "start": 9, "end": 3}, "between"),
        ("list_documents", {"offset": "'; DROP TABLE documents; --"}, "offset"),
        ("remove", {"doc_id": CABLE}, "remove"),
    ],
)
async def test_hostile_arguments_are_refused_in_words(
    server: MCPServer[Any], tool: str, arguments: dict[str, Any], said: str, bundled_root: Path
) -> None:
    async with Client(server) as client:
        try:
            words = await refusal(client, tool, **arguments)
        except MCPError as error:
            words = str(error)
        assert said in words
        assert "Traceback" not in words
        assert str(bundled_root) not in words


async def test_an_unknown_resource_is_refused(server: MCPServer[Any]) -> None:
    async with Client(server) as client:
        with pytest.raises(MCPError, match="nothing"):
            await client.read_resource("memcon://documents/nothing")


def environment(root: Path, cache: Path) -> dict[str, str]:
    return {**os.environ, "MEMCON_ARCHIVE": str(root), "MEMCON_CACHE": str(cache.parent)}


async def test_it_serves_over_stdio(bundled_root: Path, cache: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bot", "mcp"],
        env=environment(bundled_root, cache),
    )
    async with Client(command) as client:
        given = await call(client, "ask", question=QUESTION)
    assert given["verdict"] == "answered"


@pytest.fixture(scope="module")
def address(bundled_root: Path, cache: Path) -> Iterator[str]:
    """Serve the archive over HTTP, and return the address."""
    with reserved_port() as port:
        command = [sys.executable, "-m", "bot", "mcp", "--http", f"127.0.0.1:{port}"]
        with subprocess.Popen(command, env=environment(bundled_root, cache)) as server:
            try:
                for _ in range(1200):
                    try:
                        socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    except OSError:
                        assert server.poll() is None
                        time.sleep(0.05)
                    else:
                        break
                yield f"http://127.0.0.1:{port}/mcp"
            finally:
                server.terminate()


async def test_it_serves_over_http(address: str) -> None:
    async with Client(address) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
        given = await call(client, "ask", question=QUESTION)
    assert given["verdict"] == "answered"


def test_http_from_another_origin_is_refused(address: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("needs the program curl")
    done = subprocess.run(
        [
            *(curl, "-s", "-o", os.devnull, "-w", "%{http_code}", "-X", "POST", address),
            *("-H", "Host: evil.test", "-H", "Content-Type: application/json", "-d", "{}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(r"4\d\d", done.stdout)
