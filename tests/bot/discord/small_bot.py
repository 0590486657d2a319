"""A small bot of the kind that the fake Discord is made for."""

import asyncio
import io
import os
import re
from typing import Any, Self

import discord
from discord import app_commands, ui


class Page(ui.DynamicItem[ui.Button[Any]], template=r"page:(?P<number>\d+)"):
    """A button that outlives the process."""

    def __init__(self, number: int) -> None:
        super().__init__(ui.Button(label=f"Page {number}", custom_id=f"page:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["number"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        view = ui.View(timeout=None)
        view.add_item(Page(self.number + 1))
        await interaction.response.edit_message(content=f"This is page {self.number}", view=view)


class Note(ui.Modal, title="A note"):
    """A modal of two inputs."""

    subject: ui.TextInput[Any] = ui.TextInput(label="Subject", custom_id="subject", max_length=20)
    body: ui.Label[Any] = ui.Label(
        text="Body",
        component=ui.TextInput(custom_id="body", style=discord.TextStyle.long, required=False),
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        body = self.body.component
        assert isinstance(body, ui.TextInput)
        text = f"{self.subject.value}: {body.value}"
        await interaction.response.send_message(text, ephemeral=True)


class Card(ui.LayoutView):
    """A layout of components v2."""

    def __init__(self, text: str) -> None:
        super().__init__(timeout=None)
        box: ui.Container[Any] = ui.Container(accent_colour=0x336699)
        box.add_item(ui.TextDisplay(f"## {text}"))
        box.add_item(ui.Separator())
        box.add_item(
            ui.Section("Read on", accessory=ui.Button(label="Source", url="https://example.org/a"))
        )
        row: ui.ActionRow[Any] = ui.ActionRow()
        row.add_item(Page(1))
        box.add_item(row)
        self.add_item(box)


class SmallBot(discord.Client):
    """The bot and its commands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            intents=discord.Intents.default(),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.01,
            **options,
        )
        installs = app_commands.AppInstallationType(guild=True, user=True)
        contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
        self.tree = app_commands.CommandTree(
            self, allowed_installs=installs, allowed_contexts=contexts
        )
        self.gate = asyncio.Event()
        self.failures: list[BaseException] = []
        add_questions(self)
        add_replies(self)
        add_edges(self)

    async def setup_hook(self) -> None:
        self.tree.error(self.note_failure)
        self.add_dynamic_items(Page)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait 5 s before a new session."""

    async def note_failure(
        self, _: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        self.failures.append(getattr(error, "original", error))


def add_questions(bot: SmallBot) -> None:
    """Add the commands that people ask with."""

    @bot.tree.command(description="Ask the archive")
    @app_commands.describe(question="What to ask", speaker="Who said it", private="Only for you")
    async def ask(
        interaction: discord.Interaction[Any],
        question: app_commands.Range[str, 3, 200],
        speaker: str = "anybody",
        private: bool = False,
    ) -> None:
        await interaction.response.defer(ephemeral=private)
        view = ui.View(timeout=None)
        view.add_item(Page(2))
        embed = discord.Embed(title=question, description=f"{speaker} in {interaction.locale}")
        await interaction.edit_original_response(content="Found it", embed=embed, view=view)

    @ask.autocomplete("speaker")
    async def speakers(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        names = ["Hosokawa Morihiro", "Kuriyama Takakazu"]
        found = [name for name in names if current.lower() in name.lower()]
        return [app_commands.Choice(name=name, value=name) for name in found]

    @bot.tree.command(description="Write a note")
    async def note(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Note())

    @bot.tree.context_menu(name="Quote this")
    async def quote(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"> {message.content}", ephemeral=True)

    @bot.tree.context_menu(name="Who is it")
    async def who(interaction: discord.Interaction[Any], user: discord.User) -> None:
        await interaction.response.send_message(user.name, ephemeral=True)


def add_replies(bot: SmallBot) -> None:
    """Add the commands that show what a reply can be."""

    @bot.tree.command(description="Send a file")
    async def export(interaction: discord.Interaction[Any], name: str = "quotes.txt") -> None:
        await interaction.response.defer()
        file = discord.File(io.BytesIO("引用".encode()), name, description="All quotes")
        await interaction.edit_original_response(content="Here", attachments=[file])

    @bot.tree.command(description="Send a card")
    async def card(interaction: discord.Interaction[Any], text: str) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(view=Card(text))

    @bot.tree.command(description="Discuss in a thread")
    async def discuss(interaction: discord.Interaction[Any], name: str) -> None:
        await interaction.response.send_message("Let us discuss")
        message = await interaction.original_response()
        assert interaction.guild is not None
        full = await message.fetch()
        thread = await full.create_thread(name=name)
        await thread.send("The floor is yours")

    @bot.tree.command(description="Answer twice")
    async def twice(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("once")
        again = discord.InteractionResponse(interaction)
        await again.send_message("twice")


def add_edges(bot: SmallBot) -> None:
    """Add the commands that come too late or say too much."""

    @bot.tree.command(description="Answer when the test lets it")
    async def late(interaction: discord.Interaction[Any]) -> None:
        await bot.gate.wait()
        await interaction.response.send_message("late")

    @bot.tree.command(description="Edit when the test lets it")
    async def slow(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(thinking=True)
        await bot.gate.wait()
        await interaction.edit_original_response(content="slow")

    @bot.tree.command(description="Say anything at all")
    async def say(interaction: discord.Interaction[Any], size: int, title: int = 0) -> None:
        embeds = [discord.Embed(title="t" * title)] if title else []
        await interaction.response.send_message("x" * size, embeds=embeds)

    @bot.tree.command(description="Follow up")
    async def follow(interaction: discord.Interaction[Any], times: int) -> None:
        await interaction.response.defer(ephemeral=True)
        for number in range(times):
            await interaction.followup.send(f"number {number}", ephemeral=False)

    @bot.tree.command(description="Choose")
    async def choose(interaction: discord.Interaction[Any]) -> None:
        view = ui.View(timeout=None)
        select: ui.Select[Any] = ui.Select(
            custom_id="kind", options=[discord.SelectOption(label="Cables", value="cables")]
        )

        async def chosen(inner: discord.Interaction[Any]) -> None:
            await inner.response.defer()
            await inner.edit_original_response(content=select.values[0], view=None)

        select.callback = chosen  # type: ignore[method-assign,assignment]
        view.add_item(select)
        await interaction.response.send_message("Which?", view=view)

    group = app_commands.Group(name="corpus", description="The documents")

    @group.command(description="Add a file")
    async def add(interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
        content = await file.read()
        await interaction.response.send_message(f"{file.filename}: {len(content)} bytes")

    bot.tree.add_command(group)


if __name__ == "__main__":
    SmallBot().run(os.environ["TOKEN"], log_handler=None)
