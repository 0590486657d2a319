import pytest

from corpus.readers.encodings.decoding import decode_text
from corpus.readers.encodings.names import decode_as, decode_iso_2022_jp, find_codec
from corpus.readers.html.reader import read_html

ENGLISH = (
    "The harbour board of Alder met in the old customs house and went through the accounts of "
    "the year before it turned to the lighthouse. "
)


@pytest.mark.parametrize("place", [3, 90, -4])
@pytest.mark.parametrize("bad", [b"\xff", b"\xe9", b"\x92", b"\xc3"])
def test_a_bad_byte_in_utf8_spoils_itself_alone(place: int, bad: bytes) -> None:
    text = f"{ENGLISH}“Señor Añil” paid 5 € — no more."
    data = text.encode()
    spoiled = data[:place].decode() + "\ufffd" + data[place:].decode()
    found = decode_text(data[:place] + bad + data[place:])
    assert found.text == spoiled
    assert found.remark == "1 character is damaged, and read as “\ufffd”"


def test_utf8_that_is_cut_off_loses_its_last_character_alone() -> None:
    data = "Añil paid for the crème brûlée".encode()
    assert decode_text(data[:-2]).text == "Añil paid for the crème brûl\ufffd"
    assert "damaged" in str(decode_text(data[:-2]).remark)
    assert decode_text(data).remark is None


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", "windows-1252"])
def test_a_page_with_a_bad_byte_is_utf8_whatever_it_declares(declared: str) -> None:
    head = f'<html><head><meta charset="{declared}"></head><body><article>'.encode()
    words = b"<p>The inn at the quay was painted every spring by its keeper.</p>"
    last = b"<p>The caf\xc3\xa9 and the \xff inn.</p></article></body></html>"
    (reading,) = read_html(head + words + last)
    assert "The café and the \ufffd inn." in reading.text
    assert reading.remarks == ("1 character is damaged, and read as “\ufffd”",)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Herr Jäger spoke.", "cp1252"),
        ("Herr Jäger spoke.", "mac-roman"),
        ("Herr Jäger spoke.", "cp850"),
        ("Señora Ibáñez wrote.", "cp1252"),
        ("Mr. Bjørnson wrote.", "cp1252"),
        ("It was a naïve façade.", "cp1252"),
        ("It was a naïve façade.", "mac-roman"),
        ("It cost £12 a ton, and 7¼ more.", "cp1252"),
        ("It cost £12 a ton.", "cp850"),
        ("“No,” said the keeper — and shut the door’s bolt.", "cp1252"),
        ("“No,” said the keeper — and shut the door’s bolt.", "mac-roman"),
        ("HERR JÄGER SPOKE TO THE BOARD", "cp1252"),
        ("It cost €12, and the cœur was lost.", "iso8859-15"),
    ],
)
def test_a_word_of_another_language_in_english_is_read_in_the_encodings_of_the_west(
    words: str, encoding: str
) -> None:
    assert decode_text((ENGLISH + words).encode(encoding)).text == ENGLISH + words


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("Капитан сообщил, что маяк на острове погас вчера вечером.",
         ["koi8-r", "cp1251", "cp866", "iso8859-5", "mac-cyrillic"]),
        ("Kapitan powiedział, że latarnia na wyspie zgasła wczoraj wieczorem. Łódź płynęła dalej.",
         ["cp1250", "iso8859-2"]),
        ("Kapitán řekl, že maják na ostrově včera večer zhasl. Loď plula dál k břehům.",
         ["cp1250", "iso8859-2"]),
        ("Kaptan, adadaki deniz fenerinin dün akşam söndüğünü söyledi. Işık yoktu.", ["cp1254"]),
        ("Ο καπετάνιος είπε ότι ο φάρος στο νησί έσβησε χθες το βράδυ.", ["cp1253"]),
        ("船長は昨夜、島の灯台が消えたと報告した。", ["cp932", "euc_jp", "iso2022_jp"]),
        ("船长报告说，岛上的灯塔昨天晚上熄灭了，没有人知道是什么原因。", ["gb18030"]),
        ("선장은 어제 저녁 섬의 등대가 꺼졌다고 보고했다.", ["cp949"]),
        ("Der Kapitän erklärte, daß der Leuchtturm größer würde.", ["cp1252", "cp850"]),
        ("Le capitaine a déclaré que l’œuvre du phare était achevée.", ["cp1252"]),
    ],
)  # fmt: skip
def test_an_encoding_that_is_not_declared_is_told_by_the_language(
    text: str, encodings: list[str]
) -> None:
    for encoding in encodings:
        assert decode_text(text.encode(encoding)).text == text, encoding


def test_a_guess_that_is_unsure_is_said() -> None:
    assert decode_text("Mr. Bjørn left.".encode("cp1252")).remark == (
        "its encoding is not known, and windows-1252 is a guess"
    )
    assert decode_text((ENGLISH + "It cost £12 a ton.").encode("cp1252")).remark is None


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ('"latin1"', "cp1252"),
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("iso-2022-jp", "iso-2022-jp"),
        ("CP50221", "iso-2022-jp"),
        ("gb2312", "gbk"),
        ("ks_c_5601-1987", "cp949"),
        ("cp-850", "cp850"),
        ("IBM437", "cp437"),
        ("win-1251", "cp1251"),
        ("x-mac-roman", "mac-roman"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("utf8", "utf-8"),
        ("us-ascii", None),
        ("x-unknown", None),
        ("unknown-8bit", None),
        ("base64", None),
        ("rot13", None),
        ("no-such-thing", None),
        ("", None),
    ],
)
def test_a_name_of_an_encoding_means_what_clients_take_it_for(
    label: str, codec: str | None
) -> None:
    assert find_codec(label) == codec


def test_iso_2022_jp_has_the_characters_that_windows_added() -> None:
    # Row 13 has the numbers in circles, row 92 what IBM added.
    assert decode_iso_2022_jp(b'No. \x1b$B-!-"\x7cb\x1b(B, \x1b(I1\x32\x1b(J\\') == "No. ①②髙, ｱｲ¥"
    assert decode_as(b"\x1b$B\x21", "iso-2022-jp", "replace").endswith("\ufffd")
    with pytest.raises(UnicodeDecodeError):
        decode_as(b"\x1b$B\x21", "iso-2022-jp")


def test_a_declared_encoding_is_believed_but_where_it_cannot_be_true() -> None:
    assert decode_text("Größe".encode("cp850"), "cp850").text == "Größe"
    assert decode_text("Größe".encode(), "iso-8859-1").text == "Größe"
    assert decode_text(b"Gr\xf6\xdfe und Ma\xdfe", "utf-8").text == "Größe und Maße"
    assert decode_text("首相は①と述べた".encode("cp932"), "shift_jis").text == "首相は①と述べた"
