"""The commands' names and descriptions in Japanese."""

import discord
from discord import app_commands

_JAPANESE = {
    # Names: lower case, as Discord requires.
    "ask": "質問",
    "search": "検索",
    "read": "閲覧",
    "source": "文書",
    "verify": "照合",
    "about": "概要",
    "archive": "文書館",
    "bibliography": "文献目録",
    "replay": "再確認",
    "receipt": "控え番号",
    "feedback": "誤答の指摘",
    "status": "状態",
    "rebuild": "再構築",
    "add": "追加",
    "file": "ファイル",
    "manage": "管理",
    "settings": "設定",
    "use": "利用状況",
    "help": "ヘルプ",
    "privacy": "プライバシー",
    "question": "質問文",
    "query": "検索語",
    "document": "文書名",
    "around": "前後",
    "quotation": "引用",
    "attributed_to": "発言者とされる人",
    "from": "開始日",
    "to": "終了日",
    "speaker": "発言者",
    "collection": "資料群",
    "person": "人物",
    "kind": "種類",
    "classification": "秘密区分",
    "language": "言語",
    "public": "公開",
    "private": "非公開",
    "thread": "スレッド",
    "Ask the archive": "文書館に質問",
    "Verify this quotation": "引用を照合",
    # Descriptions.
    "Ask the archive a question": "文書館に質問する",
    "Rank the passages for some words": "語句に合う箇所を順に示す",
    "Read a document page by page": "文書をページごとに読む",
    "Check whether a quotation stands in the archive": "引用が文書館にあるか照合する",
    "What this archive holds, and how to read a citation": "この文書館の内容と出典の読み方",
    "List what was cited in this channel or thread, with files": (
        "このチャンネルやスレッドで引用された資料の一覧とファイル"
    ),
    "Answer a receipt's question again and compare": "控え番号の質問に答え直して比べる",
    "The receipt at the end of an answer": "回答の末尾にある控え番号",
    "Which answers were judged wrong, with a file": "誤りと指摘された回答(ファイル付き)",
    "The archive's state": "文書館の状態",
    "Which state of the archive answers": "回答に使われている文書館の状態",
    "Rebuild the index (only the owner of the bot)": "索引を作り直す(ボットの所有者のみ)",
    "Add a document (only the owner of the bot)": "文書を加える(ボットの所有者のみ)",
    "The file; it is shown before it is added": "ファイル(加える前に内容を示す)",
    "For managers of this server": "このサーバーの管理者用",
    "Where and how the bot answers in this server": "このサーバーでの回答の場所と方法",
    "How much was asked and answered, without who asked": "質問と回答の数(質問者は示さない)",
    "What to ask, with examples": "質問の仕方と例",
    "What is kept of you, and how to delete it": "保存されている情報とその削除",
    "The question, as you would ask an archivist": "質問(司書に尋ねるように)",
    "From this date on, such as 1993-09": "この日付から(例:1993-09)",
    "Up to the end of this date": "この日付まで",
    "Only what is attributed to this speaker": "この発言者のものだけ",
    "Only this collection, or all of them": "この資料群だけ(またはすべて)",
    "Only documents that this person takes part in, wrote or received": (
        "この人物が関わり、書き、または受け取った文書だけ"
    ),
    "Only this kind of document": "この種類の文書だけ",
    "Only documents with this marking": "この区分の文書だけ",
    "Only documents in this language, such as en or ja": "この言語の文書だけ(例:en、ja)",
    "Show the answer to you alone": "回答を自分だけに表示する",
    "Answer in a new thread, where more questions can follow": "新しいスレッドで回答する",
    "The words to look for": "探す語句",
    "The earlier name of /read": "/read の以前の名前",
    "Words of its title, sender or recipient, its number or its date": (
        "題名・差出人・宛先の語、番号、または日付"
    ),
    "Show it to everybody here": "ここの全員に表示する",
    "Begin at the page with these words": "この語句のあるページから",
    "The words to check": "照合する語句",
    "Who is said to have said or written them": "発言または執筆したとされる人",
    "The collection that is asked by default": "既定で質問する資料群",
}


class Japanese(app_commands.Translator):
    """Translates command names and descriptions."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the library's own
    ) -> str | None:
        """Return a name or description in Japanese; None for another language."""
        if locale is discord.Locale.japanese:
            return _JAPANESE.get(string.message)
        return None
