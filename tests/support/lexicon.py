"""A small dictionary in the form of the package `jamdict-data`, with entries of our own."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from index.understanding.japanese.dictionary import Dictionary

NOUN, VERB, SURU = "noun", "Ichidan verb", "noun or participle which takes the aux. verb suru"
# Written forms, readings, kind, senses, and whether the word is marked as a frequent one.
WORDS = (
    (("灯台",), ("とうだい",), NOUN, (("lighthouse",),), True),
    (("灯",), ("ひ",), NOUN, (("light", "lamp"),), False),
    (("台",), ("だい",), NOUN, (("stand",),), False),
    (
        ("水先人",),
        ("みずさきにん",),
        NOUN,
        (("pilot (esp. of a harbour)", "harbour pilot"),),
        False,
    ),
    (("修理",), ("しゅうり",), SURU, (("repair", "mending"), ("patching up of things",)), True),
    (("建てる",), ("たてる",), VERB, (("to build", "to erect"),), True),
    (("建て",), ("だて",), NOUN, (("storey",),), False),
    (("網",), ("あみ",), NOUN, (("net",), ("web",)), True),
    (("漁師",), ("りょうし",), NOUN, (("fisherman",),), True),
    ((), ("ランプ",), NOUN, (("lamp",), ("rump",)), True),
    (("ノルドル",), (), NOUN, (("Nordle",),), False),
    (("ノルドル人",), (), NOUN, (("Nordlish (person)",),), False),
)
NAMES = (
    ("堀江", "Horie", ("place", "surname", "fem")),
    ("堀江", "Horigoe", ("surname",)),
    ("藤堂", "Toudou", ("surname",)),
    ("ハリソン", "Harrison", ("surname",)),
)
TABLES = """
CREATE TABLE Kanji (ID INTEGER PRIMARY KEY, idseq INTEGER, text TEXT);
CREATE TABLE KJP (kid INTEGER, text TEXT);
CREATE TABLE Kana (ID INTEGER PRIMARY KEY, idseq INTEGER, text TEXT);
CREATE TABLE KNP (kid INTEGER, text TEXT);
CREATE TABLE Sense (ID INTEGER PRIMARY KEY, idseq INTEGER);
CREATE TABLE SenseGloss (sid INTEGER, lang TEXT, gend TEXT, text TEXT);
CREATE TABLE pos (sid INTEGER, text TEXT);
CREATE TABLE NEKanji (ID INTEGER PRIMARY KEY, idseq INTEGER, text TEXT);
CREATE TABLE NEKana (ID INTEGER PRIMARY KEY, idseq INTEGER, text TEXT);
CREATE TABLE NETranslation (ID INTEGER PRIMARY KEY, idseq INTEGER);
CREATE TABLE NETransType (tid INTEGER, text TEXT);
CREATE TABLE NETransGloss (tid INTEGER, lang TEXT, gend TEXT, text TEXT);
"""


def make_dictionary(folder: Path) -> Dictionary:
    """Write the small dictionary into a folder, and open it."""
    path = folder / "jamdict.db"
    with sqlite3.connect(path) as database:
        database.executescript(TABLES)
        for entry, (written, read, kind, senses, is_common) in enumerate(WORDS):
            for table, tags, forms in (("Kanji", "KJP", written), ("Kana", "KNP", read)):
                _put_forms(database, table, tags, entry, forms, is_common=is_common)
            for glosses in senses:
                sense = database.execute("INSERT INTO Sense (idseq) VALUES (?)", [entry]).lastrowid
                database.execute("INSERT INTO pos VALUES (?, ?)", [sense, kind])
                for words in glosses:
                    database.execute(
                        "INSERT INTO SenseGloss VALUES (?, 'eng', NULL, ?)", [sense, words]
                    )
        for entry, (name_form, words, kinds) in enumerate(NAMES, start=len(WORDS)):
            table = "NEKanji" if name_form in {"堀江", "藤堂"} else "NEKana"
            database.execute(f"INSERT INTO {table} (idseq, text) VALUES (?, ?)", [entry, name_form])  # noqa: S608 - one of two
            name = database.execute("INSERT INTO NETranslation (idseq) VALUES (?)", [entry])
            database.execute(
                "INSERT INTO NETransGloss VALUES (?, 'eng', NULL, ?)", [name.lastrowid, words]
            )
            for kind in kinds:
                database.execute("INSERT INTO NETransType VALUES (?, ?)", [name.lastrowid, kind])
    return Dictionary(path)


def _put_forms(
    database: sqlite3.Connection,
    table: str,
    tags: str,
    entry: int,
    forms: Sequence[str],
    *,
    is_common: bool,
) -> None:
    for form in forms:
        row = database.execute(f"INSERT INTO {table} (idseq, text) VALUES (?, ?)", [entry, form])  # noqa: S608 - one of two
        if is_common:
            database.execute(f"INSERT INTO {tags} VALUES (?, 'news1')", [row.lastrowid])  # noqa: S608 - one of two
