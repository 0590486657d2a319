import pytest

from corpus.errors import UnreadableSource
from corpus.readers import Reading
from corpus.readers.tei.reader import read_xml


def read(xml: str) -> Reading:
    (reading,) = read_xml(f'<?xml version="1.0"?>{xml}'.encode())
    assert isinstance(reading, Reading)
    return reading


def alto(*pages: str, tags: str = "") -> str:
    return (
        f'<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">{tags}<Layout>'
        f"{''.join(pages)}</Layout></alto>"
    )


def sheet(*blocks: str, margin: str = "", **known: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in known.items())
    head = f"<TopMargin>{margin}</TopMargin>" if margin else ""
    return f"<Page{attributes}>{head}<PrintSpace>{''.join(blocks)}</PrintSpace></Page>"


def block(*lines: str, **known: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in known.items())
    return f"<TextBlock{attributes}>{''.join(lines)}</TextBlock>"


def line(words: str, end: str = "", left: int = 100, top: int = 0) -> str:
    strings = "<SP/>".join(f'<String CONTENT="{word}"/>' for word in words.split())
    return f'<TextLine HPOS="{left}" VPOS="{top}" HEIGHT="20">{strings}{end}</TextLine>'


def boilerplate(reading: Reading) -> list[str]:
    return [span.of(reading.text) for span in reading.boilerplate or ()]


def test_lines_are_paragraphs_and_broken_words_are_whole() -> None:
    reading = read(
        alto(
            sheet(
                block(
                    line("The barge left the", '<SP/><String CONTENT="up"/><HYP CONTENT="-"/>'),
                    line("per lock and the canal-", top=24),
                    line("men sang. The keeper was", top=48),
                    line("asleep.", top=72),
                    line("Next day it rained.", left=130, top=96),
                )
            )
        ).replace('CONTENT="up"', 'CONTENT="up" SUBS_TYPE="HypPart1" SUBS_CONTENT="upper"')
    )
    assert reading.text == (
        "The barge left the upper lock and the canalmen sang. The keeper was asleep."
        "\n\nNext day it rained."
    )
    assert reading.provenance.extraction == "OCR"


def test_a_hyphen_that_belongs_to_the_word_is_kept() -> None:
    first = '<String CONTENT="well-" SUBS_TYPE="HypPart1" SUBS_CONTENT="well-known"/>'
    reading = read(alto(sheet(block(line("A", f"<SP/>{first}"), line("known lock", top=24)))))
    assert reading.text == "A well-known lock"


def test_pages_are_kept_and_what_is_printed_around_the_text_is_marked() -> None:
    tags = '<Tags><LayoutTag ID="h" LABEL="heading"/><LayoutTag ID="n" LABEL="page-number"/></Tags>'
    reading = read(
        alto(
            sheet(
                block(line("The Lock"), TAGREFS="h"),
                block(line("The barge was")),
                block(line("12"), TAGREFS="n"),
                margin=block(line("CANAL NEWS")),
                PRINTED_IMG_NR="xii",
            ),
            sheet(PHYSICAL_IMG_NR="5"),
            sheet(block(line("slow.")), PHYSICAL_IMG_NR="6"),
            tags=tags,
        )
    )
    assert reading.text == "The Lock\n\nThe barge was slow.\n\nCANAL NEWS\n\n12"
    assert boilerplate(reading) == ["CANAL NEWS\n\n12"]
    assert [span.of(reading.text) for span in reading.headings or ()] == ["The Lock"]
    assert [page.label for page in reading.pages] == ["xii", "5", "6"]
    assert reading.text[reading.pages[2].start :].startswith("slow.")


def test_a_raised_mark_is_no_word_of_a_scan() -> None:
    mark = '<SP/><String CONTENT="3" STYLE="bold superscript"/><SP/><String CONTENT="men"/>'
    assert read(alto(sheet(block(line("1740", mark))))).text == "1740 men"


def page_xml(*regions: str, order: str = "") -> str:
    return (
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">'
        f'<Page imageFilename="a.jpg">{order}{"".join(regions)}</Page></PcGts>'
    )


def region(*lines: str, **known: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in known.items())
    return f"<TextRegion{attributes}>{''.join(lines)}</TextRegion>"


def text_line(words: str, inside: str = "", **known: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in known.items())
    unicode = f"<TextEquiv><Unicode>{words}</Unicode></TextEquiv>"
    return f"<TextLine{attributes}>{inside}{unicode}</TextLine>"


def test_regions_are_read_in_their_order_and_by_their_types() -> None:
    order = (
        '<ReadingOrder><OrderedGroup id="g"><RegionRefIndexed index="1" regionRef="b"/>'
        '<RegionRefIndexed index="0" regionRef="a"/></OrderedGroup></ReadingOrder>'
    )
    reading = read(
        page_xml(
            region(text_line("— 37 —"), type="page-number"),
            region(text_line("The barge was up¬"), text_line("stream."), id="b"),
            region(text_line("The Lock"), id="a", custom="structure {type:heading;}"),
            region(text_line("See the ledger."), type="footnote"),
            order=order,
        )
    )
    assert reading.text == "The Lock\n\nThe barge was upstream.\n\n— 37 —\n\nSee the ledger."
    assert [page.label for page in reading.pages] == ["37"]
    assert boilerplate(reading) == ["— 37 —\n\nSee the ledger."]
    assert reading.provenance.extraction == "OCR"


def test_of_several_readings_the_first_counts_and_struck_words_do_not() -> None:
    readings = (
        '<TextLine><TextEquiv index="1"><Unicode>wrong</Unicode></TextEquiv>'
        '<TextEquiv index="0"><Unicode>right</Unicode></TextEquiv></TextLine>'
    )
    struck = text_line(
        "It was old slow.", custom="textStyle {offset:7; length:4;strikethrough:true;}"
    )
    words = (
        "<TextLine><Word><TextEquiv><Unicode>by</Unicode></TextEquiv></Word>"
        "<Word><TextEquiv><Unicode>words</Unicode></TextEquiv></Word></TextLine>"
    )
    whole = "<TextRegion><TextEquiv><Unicode>A whole\nregion</Unicode></TextEquiv></TextRegion>"
    reading = read(page_xml(region(readings), region(struck), region(words), whole))
    assert reading.text == "right\n\nIt was slow.\n\nby words\n\nA whole region"


def test_a_paragraph_begins_where_a_line_is_set_in() -> None:
    lines = [
        text_line("It rained.", '<Coords points="10,0 90,0 90,20 10,20"/>'),
        text_line("It snowed.", '<Coords points="40,24 90,24 90,44 40,44"/>'),
        text_line("It froze.", '<Coords points="10,48 90,48 90,68 10,68"/>'),
    ]
    assert read(page_xml(region(*lines))).text == "It rained.\n\nIt snowed. It froze."


@pytest.mark.parametrize("xml", [alto(sheet()), alto(), page_xml(), page_xml(region())])
def test_a_scan_without_text_is_refused(xml: str) -> None:
    with pytest.raises(UnreadableSource, match="no text"):
        read(xml)
