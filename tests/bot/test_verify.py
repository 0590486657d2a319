import json

from index.retrieval.archive import Archive
from tests.support.archives import Run

CABLE = "us-japan-1993-94/cable-5517"
WORDS = "Japan backs reform in Russia and seeks both a settlement of the territorial question"


def test_exact_words_are_shown_with_their_source(memcon: Run, bundled: Archive) -> None:
    done = memcon("verify", WORDS)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Exact: ")
    assert any(f" “{WORDS}” " in line for line in lines), "with its surroundings"
    start = bundled.document(CABLE).text.index(WORDS)
    assert f"    memcon show {CABLE} --at {start}-{start + len(WORDS)}" in lines
    assert any("about: “Cable No. 5517" in line for line in lines)


def test_the_json_form_has_the_stored_words_and_the_difference(
    memcon: Run, bundled: Archive
) -> None:
    done = memcon("verify", "--json", input=WORDS.replace("backs", "never backs"))
    assert done.returncode == 1
    form = json.loads(done.stdout)
    assert form["schema"] == "memcon.verify/1"
    assert form["found"] is True
    assert form["finding"] == "altered"
    assert form["text"] == WORDS
    assert bundled.document(form["doc_id"]).text[form["start"] : form["end"]] == WORDS
    assert {"kind": "inserted", "words": "never"} in form["difference"]
    assert form["speaker"] is None
    assert form["citation"]["csl"]["id"] == CABLE
    assert form["searched"]["documents"] == bundled.manifest.documents


def test_altered_words_are_marked(memcon: Run) -> None:
    done = memcon("verify", WORDS.replace("backs", "opposes"))
    assert done.returncode == 1
    assert done.stdout.startswith("Altered: ")
    assert "“Japan [-backs-] {+opposes+} reform in Russia" in done.stdout


def test_other_typography_is_no_fault(memcon: Run) -> None:
    done = memcon("verify", f"“{WORDS.upper()}”")
    assert done.returncode == 0
    assert WORDS in done.stdout


def test_words_from_somebody_else_are_told(memcon: Run) -> None:
    done = memcon("verify", WORDS, "--attributed-to", "Bill Clinton")
    assert done.returncode == 1
    assert done.stdout.startswith("Misattributed: ")
    source = "“Abstract of cable no. 5517, Russia”, an abstract of a Japanese record"
    assert f"They are from {source}, not from Bill Clinton." in done.stdout
    right = memcon("verify", WORDS, "--attributed-to", "memcon", "--json")
    assert right.returncode == 0
    form = json.loads(right.stdout)
    assert (form["finding"], form["attribution"]) == ("exact", True)
    assert form["context"]["before"]


def test_spliced_words_are_shown_part_by_part(memcon: Run, bundled: Archive) -> None:
    text = bundled.document("us-japan-1993-94/cable-1456").text
    other = next(line for line in text.split(". ") if len(line.split()) > 8 and "\n" not in line)
    words = f"{WORDS}. {other}"
    done = memcon("verify", words, "--json")
    assert done.returncode == 1
    form = json.loads(done.stdout)
    assert form["finding"] == "spliced"
    assert len(form["parts"]) > 1
    for part in form["parts"]:
        stored = bundled.document(part["doc_id"]).text
        assert part["text"] == stored[part["start"] : part["end"]]
    shown = memcon("verify", words).stdout
    assert shown.startswith("Spliced: ")
    assert all(f"“{part['text']}”" in shown for part in form["parts"])


def test_words_that_are_not_found(memcon: Run) -> None:
    done = memcon("verify", "the walrus and the carpenter were walking", "--json")
    assert done.returncode == 1
    form = json.loads(done.stdout)
    assert form["found"] is False
    assert form["finding"] == "not_found"
    assert [form[key] for key in ("doc_id", "start", "end", "text", "citation")] == [None] * 5
    plain = memcon("verify", "the walrus and the carpenter were walking")
    assert plain.stdout.startswith("Not found: ")
    assert "searched" in plain.stdout


def test_wrong_usage(memcon: Run) -> None:
    for words in ("", "word", "a b " * 2000):
        done = memcon("verify", words)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("memcon: ")


def test_cite_for_reference_managers(memcon: Run) -> None:
    assert memcon("cite", CABLE, "--style", "ris").stdout.startswith("TY  - UNPB\nAU  - memcon\n")
    assert memcon("cite", CABLE, "--style", "bibtex").stdout.startswith(f"@misc{{{CABLE},\n")


def test_the_quotations_own_brackets_are_named(memcon: Run) -> None:
    done = memcon("verify", WORDS.replace("in Russia", "[there] in Russia"))
    assert done.returncode == 0
    assert done.stdout.startswith("The same words: ")
    assert "Its own: [there]" in done.stdout


def test_cite_a_quotation(memcon: Run, bundled: Archive) -> None:
    start = bundled.document(CABLE).text.index(WORDS)
    at = f"{start}-{start + len(WORDS)}"
    done = memcon("cite", CABLE, "--at", at, "--accessed", "2024-03-05")
    assert done.stdout.startswith(f"“{WORDS}”\nmemcon, “")
    item = json.loads(memcon("cite", CABLE, "--at", at, "--style", "csl-json").stdout)[0]
    assert item["annote"] == f"“{WORDS}”"
    assert memcon("cite", CABLE, "--at", "9-2").returncode == 2
