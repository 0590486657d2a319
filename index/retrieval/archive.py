"""An archive opened for questions: one generation, ranked by the scores of its engine."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

import numpy as np

from corpus.authority.meetings import People, find_counterpart_record, meeting_day
from corpus.authority.relations import Related, find_related, may_belong
from corpus.documents import Document, Provenance, Span
from corpus.errors import DamagedIndex, MemconError
from index.encoding.encoder import Encoder
from index.encoding.loading import load_encoder
from index.encoding.pooling import Vectors
from index.retrieval.dense import Codes, cosines, quantize
from index.retrieval.engine import AnyEngine
from index.retrieval.filters import Filters
from index.retrieval.fusion import blend, describe
from index.retrieval.hits import Hit
from index.retrieval.local_engine import LocalEngine
from index.retrieval.phrases import Wanted, operator_spans, parse_operators
from index.retrieval.reranking import REREAD, rerank
from index.storage.generation import REBUILD, Manifest
from index.storage.inventory import Changes, find_changes
from index.text import analyzer
from index.text.english_words import is_english
from index.timing import stage
from index.understanding.japanese.glossary import find_speaker, gloss, is_japanese
from index.understanding.questions import Question, read_question
from index.understanding.speakers import TITLES, without_titles
from index.understanding.spelling.correction import CorrectedText, Speller

if TYPE_CHECKING:
    from index.encoding.crossencoder import CrossEncoder
    from index.understanding.japanese.katakana import Sounds

# The most source files that are checked for changes, and the least seconds between two checks.
_LOOKED_AT = 2_000
_LOOK_EVERY = 60.0
# A Japanese question is translated if the archive has a smaller share of its words.
_OWN_WORDS = 0.3
# The weight of a term spelt nearly as one of the question's.
_NEAR_WEIGHT = 0.5
# The depth of each ranking before the two are fused.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question: its text, terms and vector, and the words that must occur.

    `question` has the operators too, in the archive's spelling.
    Names have a form that the archive has; `also` are the terms of their other forms. Words are
    spelt as in the archive; `near` are terms spelt nearly as rare ones of the question.
    `asked` is the question as read; `is_read` is whether the encoder knows its language, without
    which the vector is meaningless. `translation` is the English of a Japanese question whose words
    the archive lacks, and `untranslated` the share of its words without a translation.
    """

    text: str
    terms: tuple[str, ...]
    vector: Codes
    wanted: Wanted
    asked: Question
    is_read: bool
    also: tuple[str, ...] = ()
    translation: str = ""
    untranslated: float = 0.0
    near: tuple[str, ...] = ()
    question: str = ""


class Archive:
    """One generation of an archive; later builds do not affect it."""

    def __init__(
        self,
        root: Path,
        folder: Path | None = None,
        engine: AnyEngine | None = None,
        provide: Callable[[Manifest], None] | None = None,
        reranker: "CrossEncoder | None" = None,
    ) -> None:
        """Open the current generation of the archive in `root`, or the one in `folder`.

        `engine` has a remote generation; `provide` then exports its encoder into `root`. A
        `reranker` orders the best passages and sentences. Raises NoIndex before the first build,
        DamagedIndex if files are altered.
        """
        self.reranker = reranker
        self.root = root
        self.engine: AnyEngine = engine or LocalEngine(root, folder)
        self.manifest = self.engine.manifest
        self.names = self.engine.names
        self._provide = provide
        self._loading = Lock()
        self._encoder: Encoder | None = None
        self._looked: tuple[float, Changes | None] | None = None

    def close(self) -> None:
        """Close the engine."""
        self.engine.close()

    @property
    def encoder(self) -> Encoder:
        """The encoder that made this generation's vectors, loaded on first use."""
        with self._loading:
            if self._encoder is None:
                self._encoder = self._load_encoder()
            return self._encoder

    @encoder.setter
    def encoder(self, loaded: Encoder) -> None:
        self._encoder = loaded

    def prefetch_encoder(self) -> None:
        """Load an encoder that is here in a thread; errors are raised where it is used."""
        if not self._encoder_folder.is_dir():
            return

        def load() -> None:
            with suppress(MemconError, OSError):
                _ = self.encoder

        Thread(target=load, name="encoder-loading").start()

    @property
    def _encoder_folder(self) -> Path:
        return self.root / "models" / self.manifest.model

    def _load_encoder(self) -> Encoder:
        # A question is short: more threads save little, and then spin while vectors are compared.
        folder = self._encoder_folder
        if self._provide and not folder.is_dir():
            self._provide(self.manifest)
        encoder = load_encoder(folder, threads=1)
        if encoder.identity != self.manifest.encoder:
            raise DamagedIndex(
                f"The encoder in {folder} is not the one that the index was built with.",
                # Another machine's export may differ: the builder's own must be copied.
                f'scp -r BUILDER:"{folder}" "{folder}"' if self._provide else REBUILD,
            )
        return encoder

    @stage("spelling")
    def correct(self, question: str) -> CorrectedText:
        """Return a question in the archive's own spelling; words in operators stay as typed."""
        speller = self._speller
        if speller is None:
            return CorrectedText(question)

        def kept() -> list[Span]:
            names = self.names.mentions(question)
            return [*operator_spans(question), *(Span(each.start, each.end) for each in names)]

        return speller.correct(question, kept)

    @stage("query")
    def parse_query(self, question: str) -> Query:
        """Parse a question; raises UsageError if it only excludes words."""
        spelled = self.correct(question)
        wanted = parse_operators(spelled.text)
        self.engine.prefetch(wanted.plain)
        asked, untranslated = self._read(wanted.plain)
        with stage("encoding"):
            vector = quantize(self.encoder.encode_query(asked.text))
        return Query(
            text=wanted.plain,
            terms=tuple(analyzer.analyze(asked.text)),
            vector=vector,
            wanted=wanted,
            asked=asked,
            is_read=self.encoder.reads(asked.text),
            also=self.names.other_terms(asked.text, self._occurs),
            translation="" if untranslated is None else asked.text,
            untranslated=untranslated or 0.0,
            near=spelled.near,
            question=spelled.text,
        )

    @stage("search")
    def search(
        self, query: Query, filters: Filters, k: int, documents: Sequence[int] | None = None
    ) -> list[Hit]:
        """Return the `k` best passages of both rankings by the weighted sum, ties by place.

        Only those of `documents`, by number, if given. Filters are applied before ranking, so that
        `k` are found if `k` fit. With a reranker, the first `REREAD` are in its order.
        """
        engine = self.engine
        among = engine.select(filters, query.wanted, documents)
        depth = max(DEPTH, k)
        weights = query.asked.weights
        besides = dict.fromkeys(query.near, _NEAR_WEIGHT) | dict.fromkeys(query.also, 1.0)
        best, scores = engine.rank_by_terms(besides | weights, depth, among)
        lexical = dict(zip(best.tolist(), scores.tolist(), strict=True))
        numbers = np.empty(0, np.int64)
        # If words find too few, even a model that cannot read the question fills the list.
        if query.is_read or len(best) < k:
            numbers, _ = engine.rank_by_vector(query.vector, depth, among)
        dense_ranks = {number: rank for rank, number in enumerate(numbers.tolist(), start=1)}
        lexical_ranks = {number: rank for rank, number in enumerate(lexical, start=1)}
        # numpy's own union imports masked arrays on its first call.
        found = np.array(sorted({*best.tolist(), *numbers.tolist()}), np.int64)
        candidates = engine.features_for(found, list(weights), query.vector)
        features = describe(
            candidates, np.array([*weights.values()], np.float64), self.encoder.background
        )
        total = blend(features, query.asked.kind if query.is_read else "unread")
        # Candidates are in the order of their numbers, and the sort is stable.
        order = np.argsort(-total, kind="stable")[: max(k, REREAD) if self.reranker else k]
        chosen: list[int] = candidates.numbers[order].tolist()
        hits = [
            Hit(
                passage=passage,
                number=number,
                rank=rank,
                score=float(total[place]),
                lexical_rank=lexical_ranks.get(number),
                lexical_score=lexical.get(number, 0.0),
                dense_rank=dense_ranks.get(number),
                cosine=float(candidates.cosines[place]),
                features={name: float(values[place]) for name, values in features.items()},
            )
            for rank, (place, number, passage) in enumerate(
                zip(order.tolist(), chosen, engine.passages(chosen), strict=True), start=1
            )
        ]
        if self.reranker:
            hits = rerank(self.reranker, query.text, hits, self.document)
        return hits[:k]

    def document(self, doc_id: str) -> Document:
        """Return a document whose text matches its hash.

        Raises UnknownDocument, or DamagedIndex if it does not match.
        """
        return self.engine.document(doc_id)

    def changes(self) -> Changes | None:
        """Return the changes of the source files since the build, at most a minute old.

        None if there are too many files to check, or they are on another host.
        """
        now = time.monotonic()
        if self._looked is None or now - self._looked[0] > _LOOK_EVERY:
            changes = None
            if self.manifest.files <= _LOOKED_AT and self.has_sources:
                changes = find_changes(self.engine, self.manifest.sources)
            self._looked = (now, changes)
        return self._looked[1]

    @property
    def has_sources(self) -> bool:
        """Whether the source files are on this host."""
        sources = self.manifest.sources
        return not self._provide or any(Path(source).exists() for source in sources)

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""
        return self.engine.list_documents()

    def related(self, document: Document) -> tuple[Related, ...]:
        """Return the documents that are related to a document."""
        if not may_belong(document.provenance):
            return ()
        return find_related(document.doc_id, (known[:3] for known in self.list_documents()))

    def other_side(self, document: Document) -> tuple[tuple[int, Document], ...]:
        """Return the other side's records of a document's meeting, with numbers.

        Empty unless that is certain.
        """
        day = meeting_day(document.provenance)
        if day is None:
            return ()
        numbers = {doc_id: number for number, doc_id in self.engine.documents_on(day)}
        others = (self.document(doc_id) for doc_id in numbers)
        found = find_counterpart_record(
            document, others, People(self.names.filed, self.names.sides)
        )
        return tuple((numbers[each.doc_id], each) for each in found)

    def sentence_cosines(self, hits: Sequence[Hit], query: Query) -> Vectors:
        """Return the cosine of each sentence of the hits' passages with the question, in order."""
        codes = np.concatenate([self.engine.sentence_vectors(hit.number) for hit in hits])
        return cosines(codes, query.vector)

    @cached_property
    def _sounds(self) -> "Sounds":
        from index.understanding.japanese.katakana import Sounds

        return Sounds(self.engine.terms())

    @cached_property
    def _speller(self) -> Speller | None:
        vocabulary = self.engine.vocabulary
        # The encoder is loaded for the first doubtful word.
        return Speller(vocabulary, self._is_word) if vocabulary else None

    def _is_word(self, word: str) -> bool:
        # Some models know names only with a capital.
        known = self.encoder.knows(word) or self.encoder.knows(word.capitalize())
        return known or is_english(word)

    def _occurs(self, term: str) -> bool:
        return bool(self.engine.frequency(term))

    def _read(self, plain: str) -> tuple[Question, float | None]:
        """Read a question, in English if the archive lacks its Japanese words.

        Names are put into a form that the archive has. The number is None without a translation,
        else the share of words without one.
        """
        asked = read_question(self.names.reword(plain, self._occurs))
        if not is_japanese(plain):
            return asked, None
        known = {t: w for t, w in asked.weights.items() if self._occurs(t)}
        # Records in any language have numbers and Latin names.
        own = sum(weight for term, weight in known.items() if not term.isascii())
        if own > _OWN_WORDS * sum(w for t, w in asked.weights.items() if not t.isascii()):
            return asked, None
        # English questions do without these.
        from index.retrieval.query_translation import choose_words
        from index.understanding.japanese.dictionary import open_dictionary
        from index.understanding.japanese.translation import draft
        from index.understanding.japanese.word_order import write

        dictionary = open_dictionary()
        if dictionary is None:
            speaker, untranslated = find_speaker(plain), 0.0
            # A name is recognised after another word.
            english = read_question(f"what {gloss(plain)}?")
        else:
            # Sounds are computed only if a word needs them.
            drafted = draft(plain, dictionary, lambda kana: self._sounds.find(kana))  # noqa: PLW0108
            written = write(drafted, choose_words(drafted, self.engine, self.encoder))
            speaker, untranslated = written.speaker, drafted.untranslated
            english = read_question(written.text)
        return (
            replace(
                english,
                expected=asked.expected,
                dates=asked.dates or english.dates,
                speaker=frozenset(analyzer.analyze(speaker)) - TITLES,
                speaker_name=without_titles(speaker),
            ),
            untranslated,
        )
