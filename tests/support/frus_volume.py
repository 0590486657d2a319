"""A volume of invented documents, encoded as history.state.gov encodes its own."""

HEADER = """
<teiHeader><fileDesc>
  <titleStmt>
    <title type="complete">Foreign Relations of the United States, 1871–1874, Volume III,
      Brixwold</title>
    <title type="series">Foreign Relations of the United States</title>
    <title type="subseries">1871–1874</title>
    <title type="volumenumber">Volume III</title>
    <title type="volume">Brixwold</title>
    <editor role="primary">Ann Example</editor><editor role="primary">Ben Sample</editor>
    <editor role="general">Cora Instance</editor>
  </titleStmt>
  <publicationStmt>
    <publisher>Brixwold Printing Office</publisher><pubPlace>Brixwold, DC</pubPlace>
    <date>1903</date><idno type="frus">frus1871v03</idno>
  </publicationStmt>
</fileDesc></teiHeader>"""

PERSONS = """<front><div type="section" xml:id="persons"><head>Persons</head><list>
<item><hi rend="strong"><persName xml:id="p_HA1">Harrow, Amos B.</persName>,</hi> Secretary</item>
<item><persName xml:id="p_TC1">Tarn, Clara</persName>, Minister</item>
</list></div></front>"""

TELEGRAM = """<div type="document" xml:id="d1" n="1">
  <note rend="inline" type="source">611.90H/41: Telegram</note>
  <head><hi rend="italic">The Consul at Brixwold</hi> (<persName type="from"
      ><hi rend="italic">Harrow</hi></persName>) <hi rend="italic">to the <gloss
      type="to">Secretary of State</gloss></hi><note n="1" xml:id="d1fn1">Sent twice.</note></head>
  <dateline><placeName><hi rend="smallcaps">Consulate</hi>,<lb/>Brixwold</placeName>, <date
      when="1871-11-03T19:00:00">November 3, 1871—7 p.m.</date><lb/>[Received
      January 4—9 a.m.]</dateline>
  <p rend="flushleft">No. 12</p>
  <p><hi rend="smallcaps">Sir</hi>: The harbour is shut,<note n="2" xml:id="d1fn2"><p>Until
      spring. See <hi rend="italic">ante</hi>, p. 4.</p></note> and the con<pb n="8"
      xml:id="pg_8"/>suls are <gap quantity="2" unit="words"/>asleep.</p>
  <p>They ask for: <list><label>1.</label><item><p>rope;</p></item><label>(b)</label><item>tar.
      </item></list></p>
  <table rows="2" cols="2"><row role="label"><cell>Year</cell><cell>Sum</cell></row>
    <row><cell>1870</cell><cell>4<note n="3" xml:id="d1fn3">Pounds.</note></cell></row>
    <row><cell/><cell/></row></table>
  <closer>For the Consul:<lb/><signed><hi rend="smallcaps">Amos Harrow</hi></signed>.</closer>
  <frus:attachment xmlns:frus="http://history.state.gov/frus/ns/1.0">
    <note rend="inline" type="source">[Enclosure]</note>
    <dateline>Tarnby, <date when="1870-01-01">January 1, 1870</date></dateline>
    <p>Enclosed words.<seg type="margin">What is enclosed.</seg></p>
  </frus:attachment>
</div>"""

CONVERSATION = """<div type="document" xml:id="d2" n="2"
    xmlns:frus="http://history.state.gov/frus/ns/1.0"
    frus:doc-dateTime-min="1872-07-26T00:00:00-05:00" frus:doc-dateTime-max="1872-07-26T23:59:59">
  <pb n="9" xml:id="pg_9"/>
  <head>2. Memorandum of Conversation<note n="1" xml:id="d2fn1" type="source">Source: Brixwold
    Town Archives, Harbour Files, Box 4. Secret; Nodis. Drafted by Example.</note></head>
  <dateline><placeName>Brixwold</placeName>, <date when="1872-07-26">July 26, 1872</date></dateline>
  <list type="participants"><head>PARTICIPANTS</head><item><persName
    corresp="#p_HA1">Mr. Harrow</persName>, Secretary</item><item>Clara Tarn (note taker)</item>
  </list>
  <list type="subject"><head>SUBJECT</head><item>The price of tar</item></list>
  <p>The Secretary opened the talk.</p>
  <p>Mr. Harrow: Tar is dear.</p>
  <p>It was cheap once.</p>
  <p>Miss Tarn: Then buy rope.</p>
  <p>[Omitted here is talk of the weather.]</p>
  <p>Nobody's words.</p>
</div>"""

LETTER = """<div type="document" xml:id="d3" n="3">
  <head>No. 3.<lb/>Mr. <persName type="from">Tarn</persName> to Mr.
    <persName type="to">Harrow</persName>.</head>
  <note rend="inline" type="source">[Strictly confidential.]</note>
  <p>All is well.</p>
  <postscript><p>Tarnby, June 5, 1873.</p></postscript>
</div>"""


def volume(*documents: str, front: str = PERSONS) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TEI xmlns="http://www.tei-c.org/ns/1.0">'
        f'{HEADER}<text>{front}<body><pb n="7" xml:id="pg_7"/><div type="compilation">'
        f"{''.join(documents)}</div></body></text></TEI>"
    ).encode()
