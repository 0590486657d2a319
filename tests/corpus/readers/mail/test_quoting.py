import pytest

from corpus.readers import Reading
from corpus.readers.mail.quoting import find_quoted
from corpus.readers.mail.reader import read_mail

OWN = "I think the pier can wait."
THEIRS = "The pier needs new planks before the winter."
HEAD = "From: Orla Brandt <orla@brixwold.test>\nTo: ivo@brixwold.test\nSubject: Pier\n"


def read(body: str, kind: str = "plain") -> Reading:
    data = f"{HEAD}Content-Type: text/{kind}; charset=utf-8\n\n{body}".encode()
    (reading,) = read_mail(data)
    assert isinstance(reading, Reading)
    return reading


def own_words(reading: Reading) -> str:
    kept, end = [], 0
    for span in reading.boilerplate or ():
        kept.append(reading.text[end : span.start])
        end = span.end
    return "".join([*kept, reading.text[end:]])


@pytest.mark.parametrize(
    "introduction",
    [
        "On 2 Nov 1998, at 09:15, Ivo Keel <ivo@keel.test> wrote:",
        "On Mon, Nov 2, 1998 at 9:15 AM Ivo Keel <ivo@keel.test>\nwrote:",
        "Am 02.11.98 um 09:15 schrieb Ivo Keel:",
        "Ivo Keel <ivo@keel.test> schrieb am Mo., 2. Nov. 1998, 09:15:",
        "Le lun. 2 nov. 1998 à 09:15, Ivo Keel <ivo@keel.test> a écrit\u00a0:",
        "El lun, 2 nov 1998 a las 9:15, Ivo Keel (<ivo@keel.test>) escribió:",
        "Il giorno lun 2 nov 1998 alle ore 09:15 Ivo Keel <ivo@keel.test> ha scritto:",
        "Em seg., 2 de nov. de 1998 às 09:15, Ivo Keel <ivo@keel.test> escreveu:",
        "Op ma 2 nov 1998 om 09:15 schreef Ivo Keel <ivo@keel.test>:",
        "Den mån 2 nov. 1998 kl 09:15 skrev Ivo Keel <ivo@keel.test>:",
        "W dniu 2.11.1998 o 09:15, Ivo Keel pisze:",
        "Dne 2. 11. 1998 v 09:15 Ivo Keel napsal(a):",
        "02.11.1998 09:15, Ivo Keel пишет:",
        "1998年11月2日(月) 9:15 Ivo Keel <ivo@keel.test>:",
        "-----Original Message-----\nFrom: Ivo Keel\nSent: Monday, 2 November 1998 9:15\nTo: Orla",
        "-----Ursprüngliche Nachricht-----\nVon: Ivo Keel [mailto:ivo@keel.test]\nGesendet: Montag",
        "-------- Message transféré --------\nSujet : Jetée\nDe : Ivo Keel <i@keel.test>\nPour : O",
        "---------- Forwarded message ---------\nFrom: Ivo Keel <ivo@keel.test>\nDate: Mon",
        "Begin forwarded message:\n\nFrom: Ivo Keel <ivo@keel.test>\nSubject: Pier\nDate: Monday",
        "Anfang der weitergeleiteten Nachricht:\n\nVon: Ivo Keel <ivo@keel.test>\nDatum: Montag",
        "________________________________\nFrom: Ivo Keel <ivo@keel.test>\nSent: Monday\nTo: Orla",
        "Von: Ivo Keel\nGesendet: Montag, 2. November 1998 09:15\nAn: Orla Brandt\nBetreff: Steg",
        "De : Ivo Keel\nEnvoyé : lundi 2 novembre 1998 09:15\nÀ : Orla Brandt\nObjet : Jetée",
        "*From:* Ivo Keel\n*Sent:* Monday\n*To:* Orla Brandt\n*Subject:* Pier",
        "差出人: Ivo Keel <ivo@keel.test>\n送信日時: 1998年11月2日 9:15\n宛先: Orla\n件名: 桟橋",
        "发件人: Ivo Keel <ivo@keel.test>\n发送时间: 1998年11月2日\n收件人: Orla\n主题: 码头",
        "От: Ivo Keel <ivo@keel.test>\nОтправлено: 2 ноября 1998 г.\nКому: Orla\nТема: Пирс",
    ],
)
def test_what_is_introduced_is_another_writers(introduction: str) -> None:
    reading = read(f"{OWN}\n\n{introduction}\n\n{THEIRS}\n\nYours, I.\n")
    assert own_words(reading).strip() == OWN
    start = reading.text.index(THEIRS)
    assert [turn.label for turn in reading.turns or () if turn.span.start <= start] == ["Ivo Keel"]


@pytest.mark.parametrize("introduction", ["Ivo Keel wrote:", "Quoting Ivo Keel <ivo@keel.test>:",
                                          "On Monday Ivo Keel wrote:"])  # fmt: skip
@pytest.mark.parametrize("mark", ["> ", ">", "> > ", "＞", "IK> "])
def test_marked_lines_alone_are_quoted_and_what_follows_is_not(
    introduction: str, mark: str
) -> None:
    reading = read(f"{introduction}\n{mark}{THEIRS}\n{OWN}\n")
    assert THEIRS not in own_words(reading)
    assert OWN in own_words(reading)
    blocks = [span.of(reading.text) for span in reading.blocks or ()]
    assert OWN in blocks


@pytest.mark.parametrize(
    "body",
    [
        "The reasons are these:\n\nit rained, and the planks were wet.",
        "From: the board’s side there is nothing to say.\n\nYours",
        "On Tuesday the keeper said:\n\nthe lamp is out.",
        "To: be clear, I agree.\nNote: the date is open.",
        "-- \nOrla Brandt",
        "Original thinking is rare here: nobody has any.",
    ],
)
def test_words_of_the_writers_own_are_left_to_the_writer(body: str) -> None:
    reading = read(body)
    assert own_words(reading).strip() == body.strip()
    assert not reading.turns


def test_the_senders_own_header_above_the_text_is_not_anothers() -> None:
    body = f"From: Orla Brandt\nTo: Ivo Keel\nDate: 3 November 1998\nSubject: Pier\n\n{OWN}"
    assert find_quoted(body, "Orla Brandt") == []
    assert find_quoted(body, "Ivo Keel") != []


def test_each_of_several_messages_is_its_own_writers() -> None:
    body = (
        f"{OWN}\n\nFrom: Ivo Keel\nSent: Monday\nTo: Orla\n\n{THEIRS}\n\n"
        "From: Ada Vane\nSent: Sunday\nTo: Ivo\n\nThe rails are loose."
    )
    labels = {turn.label: turn.span.of(body) for turn in read(body).turns or ()}
    assert THEIRS in labels["Ivo Keel"]
    assert "rails" not in labels["Ivo Keel"]
    assert "rails" in labels["Ada Vane"]


@pytest.mark.parametrize(
    "page",
    [
        "<blockquote>{}</blockquote>",
        '<div class="gmail_quote">On Mon, Ivo wrote:<blockquote>{}</blockquote></div>',
        '<div class="yahoo_quoted"><p>{}</p></div>',
        '<div class="protonmail_quote">{}</div>',
        '<div class="moz-cite-prefix">Ivo:</div><blockquote type="cite">{}</blockquote>',
        '<div id="divRplyFwdMsg"><b>From:</b> Ivo</div><div>{}</div>',
        "<hr><p><b>From:</b> Ivo Keel<br><b>Sent:</b> Monday<br><b>To:</b> Orla</p><p>{}</p>",
    ],
)
def test_what_a_page_marks_as_quoted_is_another_writers(page: str) -> None:
    reading = read(f"<html><body><p>{OWN}</p>{page.format(THEIRS)}</body></html>", "html")
    assert THEIRS in reading.text
    assert own_words(reading).strip() == OWN


def test_what_is_written_below_a_quotation_in_a_page_is_the_writers() -> None:
    reading = read(f"<blockquote>{THEIRS}</blockquote><p>{OWN}</p>", "html")
    assert own_words(reading).strip() == OWN
