import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest

from corpus.documents import Document, Problem
from corpus.errors import UnreadableSource
from corpus.ingest import expansion as contents
from corpus.ingest.expansion import Expansion, Opened
from corpus.readers import archives
from corpus.readers import zip_safety as zipped
from tests.support.samples import RICE, WHEAT, make_mail, make_samples, make_tar, make_zip


def read(name: str, data: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts of a file by the names of their documents, and its problems by place."""
    texts, problems = {}, {}
    for item in Expansion(Opened(name, "at")).read(data):
        if isinstance(item, Document):
            texts[item.doc_id] = item.text
        elif isinstance(item, Problem):
            problems[item.source] = item.reason
    return texts, problems


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", make_zip),
        ("a.tar", make_tar),
        ("a.tar.gz", lambda files: make_tar(files, "gz")),
        ("a.tgz", lambda files: make_tar(files, "gz")),
        ("a.tar.bz2", lambda files: make_tar(files, "bz2")),
        ("a.tar.xz", lambda files: make_tar(files, "xz")),
    ],
)
def test_the_files_of_an_archive_are_read_by_their_own_readers(
    name: str, pack: Callable[[dict[str, bytes | str]], bytes]
) -> None:
    files: dict[str, bytes | str] = {
        "in/wheat.md": f"# Wheat\n\n{WHEAT}",
        "rice.txt": RICE,
        "scan.png": b"\x89PNG\r\n\x1a\n",
        ".hidden/x.txt": "x",
        "__MACOSX/rice.txt": "x",
        "empty.txt": "",
    }
    texts, problems = read(name, pack(files))
    stem = name.rsplit(".", 1)[0]
    assert texts == {f"{stem}/in/wheat": f"Wheat\n\n{WHEAT}", f"{stem}/rice": RICE}
    assert problems == {
        "at: scan.png": "memcon does not read this kind of file: it is a picture (PNG)",
        "at: empty.txt": "the file is empty",
    }


def test_an_archive_in_an_archive_is_read_as_far_as_a_person_would_pack_one() -> None:
    inner = make_zip({"rice.txt": RICE})
    for depth in range(6):
        inner = make_zip({f"{depth}.zip": inner, f"{depth}.txt": f"{WHEAT} {depth}"})
    texts, problems = read("a.zip", inner)
    assert sorted(texts.values()) == [f"{WHEAT} {depth}" for depth in (3, 4, 5)]
    assert set(problems.values()) == {"lies in more than 3 files, one in the other"}


def test_an_attachment_in_an_archive_is_named_by_its_way_there() -> None:
    texts, problems = read("a.zip", make_zip({"box/m.eml": make_mail()}))
    assert problems == {}
    assert set(texts) == {"a/box/m", "a/box/m.eml/wheat", "a/box/m.eml/talks"}


@pytest.mark.parametrize("pack", [make_zip, make_tar])
@pytest.mark.parametrize(
    "name",
    ["../a.txt", "in/../../a.txt", "/etc/a.txt", "C:\\a.txt", "..\\a.txt", "\\\\host\\a.txt"],
)
def test_a_path_that_leads_out_is_reported_and_not_read(
    name: str, pack: Callable[[dict[str, bytes | str]], bytes]
) -> None:
    texts, problems = read("a.zip", pack({name: RICE, "b.txt": WHEAT}))
    assert texts == {"a/b": WHEAT}
    assert [*problems.values()] == ["its path leads out of the archive"]


def test_links_and_devices_are_reported_and_not_followed() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            member = tarfile.TarInfo(f"{int(kind)}.txt")
            member.type, member.linkname = kind, "/etc/hostname"
            archive.addfile(member)
    texts, problems = read("a.tar", buffer.getvalue())
    assert texts == {}
    assert problems == {
        "at: 1.txt": "a link, which is not followed",
        "at: 2.txt": "a link, which is not followed",
        "at: 3.txt": "not a file",
        "at: 6.txt": "not a file",
    }
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped_files:
        zipped_files.writestr(link, "/etc/hostname")
    assert read("a.zip", buffer.getvalue()) == (
        {},
        {"at: link.txt": "a link, which is not followed"},
    )


def test_a_member_that_is_encrypted_or_damaged_is_reported_and_the_rest_read() -> None:
    data = bytearray(make_zip({"a.txt": RICE, "b.txt": WHEAT, "c.txt": RICE}, zipfile.ZIP_STORED))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    place = data.index(WHEAT.encode())
    data[place] ^= 1
    texts, problems = read("a.zip", bytes(data))
    assert texts == {"a/c": RICE}
    assert problems["at: a.txt"] == "is encrypted with a password"
    assert problems["at: b.txt"].startswith("is damaged (Bad CRC-32")


def bomb(megabytes: int) -> bytes:
    """Return a ZIP archive of zeros."""
    return make_zip({"zeros.txt": bytes(megabytes << 20)})


def test_a_bomb_is_not_set_off() -> None:
    assert read("a.zip", bomb(17))[1]["at: zeros.txt"].startswith("is a bomb: it would grow ")
    packed = make_tar({"zeros.txt": bytes(17 << 20), "rice.txt": RICE}, "gz")
    texts, problems = read("a.tgz", packed)
    assert texts == {"a/rice": RICE}
    assert [*problems] == ["at: zeros.txt"]


def test_a_bomb_that_lies_about_its_size_yields_no_more_than_it_says() -> None:
    data = bytearray(bomb(4))
    for place in (22, data.index(b"PK\x01\x02") + 24):
        data[place : place + 4] = struct.pack("<I", 10)
    texts, problems = read("a.zip", bytes(data))
    assert texts == {}
    assert problems["at: zeros.txt"].startswith("is damaged")


def test_members_that_overlap_are_a_bomb() -> None:
    """Make two names for the same bytes, as the densest bombs do."""
    data = make_zip({"a.txt": RICE})
    central, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[central:end]
    again = entry.replace(b"a.txt", b"b.txt")
    tail = bytearray(data[end:])
    tail[8:12] = struct.pack("<HH", 2, 2)
    tail[12:16] = struct.pack("<I", 2 * len(entry))
    with pytest.raises(UnreadableSource, match="a ZIP bomb: its members overlap"):
        read("a.zip", data[:central] + entry + again + bytes(tail))


def test_what_an_archive_comes_to_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{number}.txt": RICE for number in range(6)}
    monkeypatch.setattr(contents, "MAX_EXPANDED_BYTES", 3 * len(RICE))
    texts, problems = read("a.zip", make_zip(files))
    assert (len(texts), len(problems)) == (3, 3)
    monkeypatch.undo()
    monkeypatch.setattr(contents, "MAX_PARTS", 4)
    texts, problems = read("a.tar", make_tar(files))
    assert (len(texts), len(problems)) == (4, 2)
    monkeypatch.undo()
    monkeypatch.setattr(archives, "_MAX_MEMBERS", 2)
    for pack in (make_zip, make_tar):
        texts, problems = read("a.zip", pack(files))
        assert len(texts) == 2
        assert [reason.split(";")[0] for reason in problems.values()] == ["more than 2 members"]


def test_a_member_that_is_too_large_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MAX_MEMBER_BYTES", 60)
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 60)
    files: dict[str, bytes | str] = {"large.txt": RICE * 2, "small.txt": RICE}
    for pack in (make_zip, make_tar):
        texts, problems = read("a.zip", pack(files))
        assert texts == {"a/small": RICE}
        assert problems == {"at: large.txt": "is too large unpacked (0 MB)"}


def test_a_stream_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MAX_STREAM_BYTES", 1 << 20)
    _, problems = read("a.txt.gz", zlib.compress(bytes(8 << 20), wbits=31))
    assert [*problems.values()] == ["is too large unpacked (over 0 GB)"]
    with pytest.raises(UnreadableSource, match="too large unpacked"):
        read("a.tgz", make_tar({"a.txt": bytes(8 << 20)}, "gz"))


def test_a_truncated_archive_gives_what_is_left_of_it() -> None:
    data = make_tar({"a.txt": RICE, "b.txt": WHEAT * 100})
    texts, problems = read("a.tar", data[: 512 * 5])
    assert texts == {"a/a": RICE}
    assert any("damaged" in reason for reason in problems.values())


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt.bz2", "a.txt.xz"])
def test_a_compressed_file_is_read_as_what_it_is(name: str) -> None:
    (text,) = read(name, make_samples()[name])[0].values()
    assert text == RICE


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.zip", b"PK\x05\x06" + bytes(18), "the archive is empty"),
        ("a.zip", b"no archive", "no ZIP archive"),
        ("a.tar", b"no archive", "no tar archive"),
        ("a.tar", bytes(10240), "the archive is empty|no tar archive"),
        ("a.gz", b"\x1f\x8b\x08\0\0", "the file is damaged"),
    ],
)
def test_what_is_no_archive_is_refused(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        read(name, data)
