"""Japanese on Discord: the phrases are complete, and Japanese readers get no others."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import discord
import pytest

import bot.discord
from bot.discord.drawing import draw_answer, draw_search, draw_verification
from bot.discord.phrases import COMMANDS, ENGLISH, PHRASES, japanese, read_tables
from bot.discord.pool import ArchivePool
from bot.discord.text import LIMITS, length
from bot.services.ask import ask
from index.answering.verdict import Level
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.verifying.verification import verify
from tests.bot.discord.fakediscord import FakeDiscord, Message
from tests.bot.discord.real_bot import QUESTION, on_line, text_of
from tests.bot.discord.test_conversation import replied

FOLDER = Path(bot.discord.__file__).parent
ROOT = FOLDER.parents[1]
TABLES = read_tables()
JAPANESE = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")
QUOTED = re.compile(r"“[^”]*”|\[[^\]]*\]\([^)]*\)")
# Names of kinds, languages and governments come from lists in `corpus`, permissions from Discord.
LISTS = ("kind", "adjective", "language", "month", "permission")
WITHHELD = "What did Clinton and Hosokawa say about North Korea?"
UNKNOWN = "Who won the 1993 World Series?"


@cache
def modules() -> list[tuple[str, ast.Module]]:
    found = []
    for path in sorted(FOLDER.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found.append((name.removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))))
    return found


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """Return the name of what is called: of `a.b()` it is "b", of `a()()` it is "a"."""
    func = call.func
    if isinstance(func, ast.Call):
        return called(func)
    return str(getattr(func, "attr", None) or getattr(func, "id", ""))


def phrases_in(node: ast.expr, module: str) -> list[str]:
    """Return the phrases that an argument stands for: a literal, a choice of two, a constant."""
    match node:
        case ast.Constant(value=str(words)):
            return [words]
        case ast.IfExp(body=one, orelse=other):
            return [*phrases_in(one, module), *phrases_in(other, module)]
        case ast.Name(id=name):
            known = getattr(importlib.import_module(module), name)
            return [known] if isinstance(known, str) else [*known.values()]
        case ast.Subscript(value=table):
            return phrases_in(table, module)
    raise AssertionError(f"{module} translates no literal or constant: {ast.unparse(node)}")


def names_in(template: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(template) if name)


def is_translation(call: ast.Call) -> bool:
    return called(call) == "tr" or (
        isinstance(call.func, ast.Call) and called(call.func) == "phrases_for"
    )


def test_every_phrase_has_its_japanese_and_none_is_left_over() -> None:
    said = {
        phrase
        for name, tree in modules()
        for call in calls(tree)
        if is_translation(call)
        for phrase in phrases_in(call.args[0], name)
    }
    assert len(said) > 100
    assert said == {*TABLES[PHRASES]}


def test_every_command_option_and_description_has_its_japanese() -> None:
    named: set[str] = set()
    for name, tree in modules():
        for call in calls(tree):
            if called(call) in {"named", "locale_str"} and isinstance(call.args[0], ast.Constant):
                named |= {*phrases_in(call.args[0], name)}
    options = {"date_from", "date_to"}
    shown = {words for words in TABLES[COMMANDS] if " " in words}
    assert {words for words in named if " " in words} <= {*TABLES[COMMANDS]}
    assert named - {*TABLES[COMMANDS]} <= options
    described = named | {
        words
        for _, tree in modules()
        for node in ast.walk(tree)
        for words in [getattr(node, "value", None)]
        if isinstance(words, str)
    }
    assert shown <= described


def test_the_placeholders_of_a_phrase_and_of_its_japanese_agree() -> None:
    for table in TABLES.values():
        for phrase, translated in table.items():
            assert names_in(phrase) == names_in(translated), phrase
            assert names_in(phrase) or JAPANESE.search(translated) or phrase in {" and ", ", "}


def test_japanese_takes_no_more_room_than_english() -> None:
    """Labels, placeholders and cards then fit where the English ones do."""
    for name, table in TABLES.items():
        for phrase, translated in table.items():
            least = 32 if name == COMMANDS and " " not in phrase else 60
            assert length(translated) <= max(least, length(phrase)), phrase
            assert name != COMMANDS or length(translated) <= 100


def test_finished_sentences_are_those_that_the_code_writes() -> None:
    """A sentence that changes in the code would silently stay English."""
    packages = (ROOT / name for name in ("bot", "index", "corpus"))
    sources = [path.read_text("utf-8") for each in packages for path in each.rglob("*.py")]
    # A text may go on in the next line.
    written = re.sub(r'"\s*\n\s*f?"', "", "\n".join(sources))
    for table in TABLES.keys() - {COMMANDS, PHRASES, *LISTS}:
        for sentence in TABLES[table]:
            # Code may put a sentence together from several.
            for part in re.split(r"\{\w+\}|[,.;:] ", sentence):
                assert part.strip(" .,:;“”()'") in written, sentence


def test_whoever_can_translate_is_told_the_language() -> None:
    """Every call of a function that has a parameter `tr` passes it."""
    takes: dict[str, bool] = {}
    for _, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = (*node.args.args, *node.args.kwonlyargs)
                # Of functions that share a name, all take it or none is checked.
                has = "tr" in {each.arg for each in arguments}
                takes[node.name] = has and takes.get(node.name, True)
    assert sum(takes.values()) > 40
    for name, tree in modules():
        for call in calls(tree):
            if isinstance(call.func, ast.Name) and takes.get(call.func.id):
                given = [*call.args, *(each.value for each in call.keywords)]
                shown = [ast.unparse(each) for each in given]
                assert any(
                    each in {"tr", "asker.tr", "ENGLISH"} or each.startswith("phrases_for")
                    for each in shown
                ), f"{name}: {ast.unparse(call)}"


def test_commands_in_japanese_texts_have_their_japanese_names() -> None:
    names = {*TABLES[COMMANDS].values()}
    texts = [text for table in TABLES.values() for text in table.values()]
    mentioned = [each for text in texts for each in re.findall(r"(?<![～\w])/([^\W\d_]+)", text)]
    mentioned += [
        word for text in texts for each in re.findall(r"`/([^`]+)`", text) for word in each.split()
    ]
    assert len(mentioned) > 10
    for each in mentioned:
        assert each in names or any(each.startswith(name) for name in names), each


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        (
            "Attributed to Ono Ritsu (as “Minister”) in a Japanese record, English translation",
            "日本側の記録（英語訳）でOno Ritsu（「Minister」として）の発言とされる",
        ),
        (
            "Attributed to “Chair” in a French memorandum",
            "フランス側の覚書で「Chair」の発言とされる",
        ),
        ("From an abstract of a West German record", "西ドイツ側の記録の要約より"),
        (
            "From a note by Tull, enclosed in Orme to Quill, May 3, 1871",
            "Tullの公文（Orme to Quill, May 3, 1871の同封文書）より",
        ),
        ("From a telegram, an editors’ summary", "電報（編者による要約）より"),
        ("From a letter that Orme wrote", "Ormeによる書簡より"),
        ("From what Orme wrote to Quill", "OrmeからQuillへの文書より"),
        ("separate telegram 3 of no. 7701", "第7701号の別電3"),
        ("part 1 of 2", "全2部の第1部"),
        (
            "Asked for: telegram no. 33, from Orme, to Quill, May 7, 1871; 1 record fits.",
            "お尋ねの記録：電報第33号、Orme発、Quill宛、1871年5月7日（1件が該当）",
        ),
        (
            "Asked for: letter, May 1871; 2 records fit. Each is quoted from its beginning.",
            "お尋ねの記録：書簡、1871年5月（2件が該当）。それぞれ冒頭を引用しています。",
        ),
        (
            "Asked for: letter, May 1871; 2 records fit, but the filters exclude them.",
            "お尋ねの記録：書簡、1871年5月（2件が該当しますが、絞り込みにより除かれました）",
        ),
        (
            "Asked for: from A; 1 record fits, but the quoted words and filters exclude it.",
            "お尋ねの記録：A発（1件が該当しますが、引用符の語句と絞り込みにより除かれました）",
        ),
        (
            "They are from “Abstract of the ferry”, a background note, not from Orme.",
            "Ormeではなく、背景説明「Abstract of the ferry」からのものです。",
        ),
        (
            "No record in the archive fits: letter, May 1871.",
            "該当する記録は文書館にありません：書簡、1871年5月",
        ),
        (
            "No record in the archive fits: the otter log.",
            "該当する記録は文書館にありません：the otter log",
        ),
        ("Quotation 1 (a/b 3-9): it is number 2.", "引用1（a/b 3-9）：2番目になりました。"),
        (
            "The verdict was “answered”, is “not found”.",
            "判定は当時「回答あり」、現在「回答なし」です。",
        ),
        (
            "'May' is not a date. Dates look like 1993-09-27, 1993-09 or 1993.",
            "'May'は日付ではありません。1993-09-27、1993-09、1993のように書いてください。",
        ),
        # What is not known stays as it is, whole.
        ("From a broadside", "From a broadside"),
        ("The lighthouse is closed.", "The lighthouse is closed."),
    ],
)
def test_finished_english_is_taken_apart(english: str, translated: str) -> None:
    assert japanese().known(english) == translated
    assert ENGLISH.known(english) == english


def test_a_long_text_neither_takes_long_nor_goes_too_deep() -> None:
    asked = "No record in the archive fits: {}."
    assert japanese().known(asked.format("to A, " * 150 + "to B")).endswith("A宛、B宛")
    for words in ("to A, " * 5000, "“" * 900, "From a " * 140):
        assert words in japanese().known(asked.format(words))


def test_dates_are_written_as_in_japanese() -> None:
    assert [japanese().date(each) for each in ("1901-05-07", "1901-05", "1901")] == [
        "1901年5月7日",
        "1901年5月",
        "1901年",
    ]
    assert ENGLISH.date("1901-05") == "May 1901"


def test_cards_fit_and_quote_as_the_english_ones_do(both_sides: Archive) -> None:
    tr = japanese()
    question = "What did Hosokawa say about the ferries?"
    reply = ask(question, both_sides, level=Level.EAGER)
    cards = [
        draw_answer(reply, tr).card,
        draw_answer(ask("Who counted the otters in 1871?", both_sides), tr).card,
        draw_search("ferries mail", Filters(date_from="1993-09-01"), both_sides, tr=tr).card,
        draw_verification(verify("ferries to Seattle can take mail", both_sides), tr).card,
    ]
    for card in cards:
        assert sum(map(length, card.texts)) <= LIMITS.card
        assert card.components <= LIMITS.components
        assert left_over("\n".join(card.texts)) == []
    english = draw_answer(reply).card
    quoted = [[text for text in card.texts if text.startswith("“")] for card in (english, cards[0])]
    assert quoted[0] == quoted[1] != []
    # So that the share of the quotations is no smaller than in English.
    assert sum(map(length, cards[0].texts)) < sum(map(length, english.texts))


def left_over(text: str) -> list[str]:
    """Return the English phrases that a text has outside of quotations and links."""
    own = QUOTED.sub("", text)
    return [
        phrase
        for name, table in TABLES.items()
        if name in {PHRASES, "sentences"}
        for phrase in table
        for longest in [max(re.split(r"\{[^}]*\}", phrase), key=len).strip(" .,:*`")]
        if len(longest) >= 9 and " " in longest and longest in own
    ]


def check(message: Message) -> Message:
    """Check that a message is Japanese throughout but for what is verbatim."""
    text = text_of(message)
    assert JAPANESE.search(text), text
    assert left_over(text) == [], text
    for part in message.every_component:
        labels = [part.get("label"), part.get("placeholder")]
        labels += [option["label"] for option in part.get("options", ())]
        # Names of formats and of the commands' own values are no phrases.
        english = {*TABLES[PHRASES]} & {*filter(None, labels)}
        assert not english, english
    return message


class Reader:
    """Somebody whose client is Japanese, a new one for each command."""

    def __init__(self, server: FakeDiscord) -> None:
        self.server = server

    async def run(self, name: str, options: dict[str, Any] | None = None, **more: Any) -> Message:
        if "user" not in more:
            number = self.server.events.count("POST callback")
            more["user"] = self.server.add_user(f"reader{number}", **more.pop("person", {}))
        sent = await self.server.slash(name, options or {}, locale="ja", **more)
        return check(await sent.response())

    async def press(self, message: Message, label: str, **more: Any) -> Message:
        sent = await self.server.click(message, label=label, locale="ja", **more)
        return check(await sent.response())


async def test_everything_is_japanese_for_a_japanese_client(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        reader = Reader(server)
        asker = server.add_user("asker")
        card = await reader.run("ask", {"question": QUESTION}, user=asker)
        assert "原文どおり · 確信度" in text_of(card)
        assert [each["label"] for each in card.buttons] == [
            *["読む"] * 3,
            *("引用", "続けて質問", "違う"),
        ]
        passage = await reader.press(card, "読む", user=asker)
        whole = await reader.press(passage, "文書全体", user=asker)
        await reader.press(whole, "該当箇所", user=asker)
        await reader.press(card, "引用", user=asker)
        wrong = await reader.press(card, "違う", user=asker)
        kept = await reader.press(wrong, "日付が違う", user=asker)
        assert "「日付が違う」として記録しました" in text_of(kept)
        opened = await server.click(card, label="続けて質問", locale="ja", user=asker)
        assert (await opened.modal())["title"] == "続けて質問"

        receipt = text_of(card).rpartition("控え番号 ")[2][:12]
        replayed = await reader.run("replay", {"receipt": receipt}, user=asker)
        assert f"控え番号 {receipt} と同じ回答です" in text_of(replayed)
        withheld = await reader.run("ask", {"question": WITHHELD})
        assert "お尋ねの箇所は不開示" in text_of(withheld)
        refused = await reader.run("ask", {"question": UNKNOWN, "from": "1993-02"})
        assert "1993年2月1日以降のみ" in text_of(refused)
        found = await reader.run("search", {"query": "Super 301"}, user=asker)
        await reader.press(found, "次へ", user=asker)
        await reader.run("verify", {"quotation": "one two three four"})
        await reader.run("verify", {"quotation": "Stephen Mercado translated the records"})
        for name in ("help", "privacy", "about", "archive status", "bibliography"):
            await reader.run(name)


async def test_errors_and_settings_are_japanese(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        reader = Reader(server)
        for name, options, said in (
            ("search", {"query": "rice", "from": "soon"}, "は日付ではありません"),
            ("read", {"document": "no such thing"}, "という文書は文書館にありません"),
            ("read", {"document": "cable"}, "に当たるものが複数あります"),
            ("replay", {"receipt": "0" * 12}, "その控え番号"),
            ("replay", {"receipt": "x"}, "控え番号は"),
            ("ask", {"question": "x", "private": True, "thread": True}, "スレッドを開けません"),
            ("verify", {"quotation": "one"}, "2語以上"),
            ("archive rebuild", {}, "所有者だけ"),
        ):
            assert said in text_of(await reader.run(name, options))
        manager = {"permissions": discord.Permissions.all().value}
        for name in ("manage settings", "manage use", "manage feedback"):
            await reader.run(name, person=manager)
        quick = server.add_user("quick")
        shown = [text_of(await reader.run("about", user=quick)) for _ in range(9)]
        assert "少し間をおいてください" in shown[-1]


async def test_each_reader_has_their_own_language(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        card = await Reader(server).run("ask", {"question": QUESTION})
        other = server.add_user("other")
        passage = await (await server.click(card, label="読む", user=other)).response()
        assert "Whole document" in {each["label"] for each in passage.buttons}
        (kept,) = [one for one in server.messages(server.channel) if one.id == card.id]
        assert text_of(kept) == text_of(card)
        found = await (await server.slash("search", {"query": "Super 301"})).response()
        assert "7 passages" in text_of(found)
        turned = await Reader(server).press(found, "Next", user=server.user)
        assert "7か所" in text_of(turned)


async def test_messages_are_answered_in_the_servers_language_or_their_own(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        mention = server.bot.mention
        asked = "ロシアについて何が話されたか"
        for guild, words, is_japanese in (
            (server.add_guild("Nihon", installed=False, locale="ja"), QUESTION, True),
            (server.add_guild("France", installed=False, locale="fr"), asked, False),
            (None, asked, True),
            (None, QUESTION, False),
        ):
            if guild is not None:
                await server.install(guild)
            message = await server.write(f"{mention} {words}", guild=guild or server.guild)
            reply = await replied(server, message)
            assert ("原文どおり" in text_of(reply)) == is_japanese
            assert ("word for word" in text_of(reply)) != is_japanese
