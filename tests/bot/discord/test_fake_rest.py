"""What the fake Discord enforces, asked without discord.py."""

import json
from typing import Any

import aiohttp
import pytest

from tests.bot.discord.fakediscord import RefusedError
from tests.bot.discord.raw_bot import (
    ASK,
    V2,
    Json,
    Raw,
    button,
    error_at,
    link,
    raw,
    row,
    select,
    text,
)
from tests.support.discord import fake

MESSAGES: list[tuple[Json, str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"title": "a"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "embeds.0.fields", ""),
    ({"embeds": [{"fields": [{"name": "a", "value": ""}]}]}, "embeds.0.fields.0.value", ""),
    ({"embeds": [{"fields": [{"name": "a" * 257, "value": "a"}]}]}, "embeds.0.fields.0.name", ""),
    ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text", ""),
    ({"embeds": [{"author": {"name": "x" * 257}}]}, "embeds.0.author.name", ""),
    ({"embeds": [{}]}, "embeds.0.description", "BASE_TYPE_REQUIRED"),
    ({"components": [row(button(n)) for n in range(6)]}, "components", "BASE_TYPE_MAX_LENGTH"),
    ({"components": [row(*map(button, range(6)))]}, "components.0.components", ""),
    ({"components": [row()]}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (
        {"components": [row(button(), button())]},
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    ({"components": [row(button(label="x" * 81))]}, "components.0.components.0.label", ""),
    ({"components": [row(button(custom_id="x" * 101))]}, "components.0.components.0.custom_id", ""),
    ({"components": [link("https://a/" + "x" * 503)]}, "components.0.components.0.url", ""),
    (
        {"components": [link("javascript://a")]},
        "components.0.components.0.url",
        "URL_TYPE_INVALID_SCHEME",
    ),
    ({"components": [row(select(26))]}, "components.0.components.0.options", ""),
    ({"components": [row(select(1), button())]}, "components.0.components.1", ""),
    ({"components": [text()]}, "components.0.type", "UNION_TYPE_CHOICES"),
    ({"flags": V2, "content": "a", "components": [text()]}, "content", "MESSAGE_CANNOT_USE_"),
    ({"flags": V2, "components": [text()] * 41}, "components", "BASE_TYPE_MAX_LENGTH"),
    (
        {"flags": V2, "components": [{"type": 17, "components": [text()] * 40}]},
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    (
        {"flags": V2, "components": [text(2001), text(2000)]},
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    (
        {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://a.txt"}}]},
        "components.0.file.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    ({"content": "a", "attachments": [{"id": 0}]}, "attachments.0.id", "ATTACHMENT_NOT_FOUND"),
    (
        {"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
]


async def test_message_limits() -> None:
    async with raw() as bot:
        used = await bot.server.slash("ask")
        address = f"/interactions/{used.id}/{used.token}/callback"
        channel = f"/channels/{bot.server.channel.id}/messages"
        for body, path, code in MESSAGES:
            answer = await bot.call("POST", address, {"type": 4, "data": body})
            assert error_at(answer, f"data.{path}")["code"].startswith(code), body
            assert error_at(await bot.call("POST", channel, body), path)["code"].startswith(code)
        for body in ({}, {"content": " \n"}, {"embeds": []}, {"flags": V2, "components": []}):
            assert (await bot.call("POST", channel, body))["code"] == 50006
        assert bot.server.unanswered == [used]


MODALS: list[tuple[Json, str]] = [
    ({"title": "x" * 46}, "title"),
    ({"custom_id": "x" * 101}, "custom_id"),
    ({"components": []}, "components"),
    ({"components": [{"type": 10, "content": "a"}] * 6}, "components"),
    ({"components": [row(button())]}, "components.0.components.0.type"),
]


async def test_callbacks() -> None:
    async with raw() as bot:
        used = await bot.server.slash("ask")
        address = f"/interactions/{used.id}/{used.token}/callback"
        whole: Json = {"title": "a", "custom_id": "m", "components": [{"type": 10, "content": "a"}]}
        for wrong, path in MODALS:
            answer = await bot.call("POST", address, {"type": 9, "data": {**whole, **wrong}})
            assert error_at(answer, f"data.{path}")
        for kind in (1, 6, 7, 8, 12):
            assert error_at(await bot.call("POST", address, {"type": kind}), "type")
        assert (
            await bot.call(
                "PATCH",
                f"/webhooks/{used.payload['application_id']}/{used.token}/messages/@original",
                {"content": "a"},
            )
        )["code"] == 10015
        answer = await bot.call(
            "POST", address, {"type": 5, "data": {"flags": 64}}, params={"with_response": "true"}
        )
        assert answer["interaction"]["response_message_loading"] is True
        assert answer["interaction"]["response_message_ephemeral"] is True
        assert (await bot.call("POST", address, {"type": 5}))["code"] == 40060
        unknown = f"/interactions/{used.id}/nonsense/callback"
        assert (await bot.call("POST", unknown, {"type": 5}))["code"] == 10062
        webhook = f"/webhooks/{used.payload['application_id']}/{used.token}"
        edited = await bot.call(
            "PATCH", f"{webhook}/messages/@original", {"flags": V2, "components": [text()]}
        )
        assert edited["flags"] == V2 | 64
        message = await used.response()
        channel = bot.server.channel.id
        hidden = await bot.call("GET", f"/channels/{channel}/messages/{message.id}")
        assert hidden["code"] == 10008
        followup = await bot.call("POST", webhook, {"content": "more"})
        await bot.call("PATCH", f"{webhook}/messages/{followup['id']}", {"content": "less"})
        assert [one.content for one in used.messages] == ["", "less"]
        await bot.call("DELETE", f"{webhook}/messages/{followup['id']}")
        assert bot.status == 204
        await bot.call("DELETE", f"{webhook}/messages/@original")
        assert used.messages == []
        gone = await bot.call("PATCH", f"{webhook}/messages/@original", {"content": "a"})
        assert gone["code"] == 10008


def option(**more: Any) -> Json:
    return {"type": 3, "name": "a", "description": "b", **more}


COMMANDS: list[tuple[Json, str, str]] = [
    ({"name": "Ask"}, "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "a b"}, "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ({"name": "x" * 33}, "0.name", "BASE_TYPE_BAD_LENGTH"),
    ({"description": ""}, "0.description", "BASE_TYPE_BAD_LENGTH"),
    ({"description": "x" * 101}, "0.description", "BASE_TYPE_BAD_LENGTH"),
    ({"options": [option()] * 26}, "0.options", "BASE_TYPE_MAX_LENGTH"),
    ({"options": [option(choices=[{"name": "a", "value": "a"}] * 26)]}, "0.options.0.choices", ""),
    ({"options": [option(), option(name="b", required=True)]}, "0.options.1", ""),
    ({"name_localizations": {"xx": "a"}}, "0.name_localizations.xx", "BASE_TYPE_CHOICES"),
    ({"description_localizations": {"ja": ""}}, "0.description_localizations.ja", ""),
    (
        {
            "options": [
                option(
                    name=f"o{n}",
                    description="x" * 100,
                    choices=[{"name": "n" * 100, "value": "v" * 100}] * 4,
                )
                for n in range(10)
            ]
        },
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
]


async def test_command_limits() -> None:
    async with raw() as bot:
        for wrong, path, code in COMMANDS:
            answer = await bot.commands({**ASK, **wrong})
            assert error_at(answer, path)["code"].startswith(code), wrong
        answer = await bot.commands(ASK, ASK)
        assert error_at(answer, "1.name")["code"] == "APPLICATION_COMMANDS_DUPLICATE_NAME"
        assert (await bot.commands(*({**ASK, "name": f"a{n}"} for n in range(101))))[
            "code"
        ] == 30032
        (before,) = bot.server.commands()
        japanese = {**ASK, "name_localizations": {"ja": "質問"}}
        (same, new) = await bot.commands(ASK, {**japanese, "name": "質問する"})
        assert (same["id"], same["version"]) == (before["id"], before["version"])
        base = f"/applications/{same['application_id']}"
        await bot.call("DELETE", f"{base}/commands/{new['id']}")
        with pytest.raises(RefusedError):
            await bot.server.slash("質問する")
        await bot.call("PATCH", f"{base}/commands/{same['id']}", {"contexts": [0]})
        with pytest.raises(RefusedError):
            await bot.server.slash("ask", guild=None)
        admin = {**ASK, "name": "admin", "default_member_permissions": "32"}
        await bot.call("POST", f"{base}/commands", admin)
        assert bot.status == 201
        with pytest.raises(RefusedError):
            await bot.server.slash("admin")
        guild = f"{base}/guilds/{bot.server.guild.id}/commands"
        assert error_at(await bot.call("PUT", guild, [ASK]), "0.integration_types")


async def test_autocomplete_limits() -> None:
    async with raw() as bot:
        await bot.commands({**ASK, "options": [option(autocomplete=True)]})
        typed = await bot.server.autocomplete("ask", {}, focused="a")
        address = f"/interactions/{typed.id}/{typed.token}/callback"
        for choices, path in (
            ([{"name": "a", "value": "a"}] * 26, "data.choices"),
            ([{"name": "x" * 101, "value": "a"}], "data.choices.0.name"),
            ([{"name": "a", "value": "x" * 101}], "data.choices.0.value"),
        ):
            answer = await bot.call("POST", address, {"type": 8, "data": {"choices": choices}})
            assert error_at(answer, path)


async def test_files_and_threads() -> None:
    async with raw() as bot:
        channel = f"/channels/{bot.server.channel.id}"

        async def send(count: int, size: int = 1) -> Any:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("payload_json", json.dumps({"content": "a"}))
            for number in range(count):
                form.add_field(f"files[{number}]", b"x" * size, filename=f"{number}.txt")
            return await bot.call("POST", f"{channel}/messages", data=form)

        message = await send(10)
        assert len(message["attachments"]) == 10
        assert (await send(11))["code"] == 30015
        bot.server.attachment_limit = 100
        assert (await send(1, 101))["code"] == 40005
        start = f"{channel}/messages/{message['id']}/threads"
        assert error_at(await bot.call("POST", start, {"name": "x" * 101}), "name")
        thread = await bot.call("POST", start, {"name": "Rice"})
        assert (thread["id"], bot.status) == (message["id"], 201)
        assert (await bot.call("POST", start, {"name": "Rice"}))["code"] == 160004
        abroad = bot.server.add_guild("Elsewhere", installed=False)
        far = f"/channels/{abroad.channels[0].id}/messages"
        assert (await bot.call("POST", far, {"content": "a"}))["code"] == 50001
        bot.server.guild.app_permissions = 0
        assert (await bot.call("POST", f"{channel}/threads", {"name": "a"}))["code"] == 50013


async def test_rate_limits() -> None:
    async with raw(enforce_rate_limits=True) as bot:
        channel = f"/channels/{bot.server.channel.id}/messages"
        for left in (4, 3, 2, 1, 0):
            await bot.call("POST", channel, {"content": "a"})
            assert bot.headers["X-RateLimit-Remaining"] == str(left)
        answer = await bot.call("POST", channel, {"content": "a"})
        assert bot.status == 429
        assert 0 < answer["retry_after"] <= 5
        assert bot.headers["Via"]
        bot.server.clock.advance(5)
        await bot.call("POST", channel, {"content": "a"})
        assert bot.status == 200


async def test_gateway_refusals() -> None:
    async with raw() as bot:
        for wrong, code in (
            ({"token": "wrong"}, 4004),
            ({"intents": 1 << 15}, 4014),
            ({"intents": 1 << 40}, 4013),
            ({"shard": [2, 2]}, 4010),
        ):
            socket = await bot.identify(**wrong)
            message = await socket.receive()
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, code)
            await socket.close()


async def test_shards_and_plain_text() -> None:
    async with fake() as server, aiohttp.ClientSession() as session:
        bot = Raw(server, session)
        owner = (int(server.guild.id) >> 22) % 2
        sockets = [await bot.identify(shard=[number, 2]) for number in (0, 1)]
        seen = []
        for socket in sockets:
            ready = await socket.receive_json()
            seen.append(len(ready["d"]["guilds"]))
        assert seen[owner] == 1
        assert seen[1 - owner] == 0
        for socket in sockets:
            await socket.close()
