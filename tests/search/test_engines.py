"""The contract of the engine port, run against both engines."""

import random
import threading
from datetime import date

import pytest
from plain_words import PlainWords

from archive.errors import SearchError
from search.engines.port import Bounds, Document, summed
from search.engines.tantivy_engine import TantivyEngine
from search.engines.whoosh_engine import WhooshEngine
from search.query.parse import parse
from search.query.resolve import expand

ENGINES = [TantivyEngine, WhooshEngine]
SECRET = "Каралькевіч"


@pytest.fixture(params=ENGINES, ids=["tantivy", "whoosh"])
def kind(request):
    return request.param


@pytest.fixture
def engine(kind, tmp_path):
    made = kind.create(tmp_path, PlainWords())
    yield made
    made.close()


def document(number, text="суд", **more):
    more = {"item": f"item{number}", "language": "be", "order": number} | more
    return Document(key=f"r{number}/0", rendition=f"r{number}", text=text, **more)


def filled(engine, *documents):
    engine.add(documents)
    engine.commit()
    return engine


def found(engine, query, **more):
    return engine.matching(parse(query), **more)


def test_an_empty_index_finds_nothing(engine):
    assert engine.search(parse("суд OR NOT турма"), limit=10).total == 0
    assert engine.facet(parse("*"), "language") == {}
    assert engine.live_documents() == 0


def test_a_hit_carries_what_lists_need(engine):
    filled(engine, document(1, "допыт у судзе", locator="p. 3", title="Пратакол"))
    (hit,) = engine.search(parse("допыты"), limit=10).hits
    assert (hit.key, hit.item, hit.rendition) == ("r1/0", "item1", "r1")
    assert (hit.locator, hit.language, hit.order) == ("p. 3", "be", 1)
    assert hit.score > 0


def test_what_is_added_is_found_after_the_commit(engine):
    engine.add([document(1)])
    assert found(engine, "суд") == set()
    engine.commit()
    assert found(engine, "суд") == {"r1/0"}


def test_what_was_not_committed_is_lost(kind, tmp_path):
    engine = kind.create(tmp_path, PlainWords())
    filled(engine, document(1))
    engine.add([document(2)])
    engine.delete_item("item1")
    engine.close()
    assert found(kind.open(tmp_path, PlainWords()), "суд") == {"r1/0"}


def test_a_deleted_item_is_gone_whether_committed_or_not(engine):
    filled(engine, document(1), document(2, item="item1"), document(3))
    engine.add([document(4, item="item3"), document(5)])
    engine.delete_item("item3")
    engine.delete_item("item1")
    engine.add([document(6, item="item1")])
    engine.commit()
    assert found(engine, "суд") == {"r5/0", "r6/0"}
    assert engine.live_documents() == 2


def test_the_named_files_alone_make_the_index(kind, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    engine = kind.create(here, PlainWords())
    for number in range(20):
        filled(engine, document(number))
    engine.delete_item("item7")
    engine.commit()
    for path in engine.files():
        (there / path.name).write_bytes(path.read_bytes())
    engine.close()
    copied = kind.open(there, PlainWords())
    assert len(found(copied, "суд")) == 19
    filled(copied, document(50))
    assert len(found(copied, "суд")) == 20
    copied.close()


def test_committed_files_never_change(engine):
    filled(engine, document(1))
    before = {path: path.read_bytes() for path in engine.files()}
    filled(engine, document(2))
    for path, content in before.items():
        if path.exists() and "meta" not in path.name and "managed" not in path.name:
            assert path.read_bytes() == content


def test_no_text_title_or_key_of_plain_words_is_stored(engine, tmp_path):
    filled(engine, document(1, f"{SECRET.lower()} бачыў допыты", title="Таямнічы"))
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert "бачыў допыты".encode() not in content
        assert "Таямнічы".encode() not in content


def test_pages_follow_one_another_without_overlap(engine):
    rng = random.Random(1)
    filled(engine, *(document(n, " ".join(rng.choices(["суд", "турма"], k=9))) for n in range(40)))
    whole = engine.search(parse("суд"), limit=100).hits
    pages = [engine.search(parse("суд"), limit=7, offset=offset) for offset in range(0, 42, 7)]
    assert {page.total for page in pages} == {len(whole)}
    assert sorted(hit.key for page in pages for hit in page.hits) == sorted(hit.key for hit in whole)
    scores = [hit.score for hit in whole]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("limit", "offset"), [(-1, 0), (1001, 0), (1, -1), (1, 2**63), (2**64, 0)])
def test_a_page_out_of_range_is_refused(engine, limit, offset):
    with pytest.raises(SearchError, match="page") as refused:
        engine.search(parse("суд"), limit=limit, offset=offset)
    assert refused.value.code == "S34"


def test_a_page_of_none_still_counts(engine):
    filled(engine, document(1), document(2))
    results = engine.search(parse("суд"), limit=0)
    assert (results.total, results.hits) == (2, ())


def test_bounds_change_totals_facets_and_hits_alike(engine):
    filled(engine, *(document(n, language=["be", "ru"][n % 2]) for n in range(10)))
    bounds = Bounds(
        excluded_items=frozenset({"item1", "item2"}), only_items=frozenset({"item1", "item3", "item4"})
    )
    results = engine.search(parse("суд"), limit=10, bounds=bounds)
    assert {hit.item for hit in results.hits} == {"item3", "item4"}
    assert results.total == 2
    assert engine.facet(parse("суд"), "language", bounds=bounds) == {"be": 1, "ru": 1}
    assert found(engine, "суд", bounds=Bounds(only_items=frozenset())) == set()


def test_thousands_of_shut_out_items_stay_out(engine):
    filled(engine, *(document(n) for n in range(30)))
    bounds = Bounds(excluded_items=frozenset(f"item{n}" for n in range(1, 5000)))
    assert found(engine, "суд OR NOT суд", bounds=bounds) == {"r0/0"}


def test_facets_count_every_value_as_written(engine):
    filled(
        engine,
        document(1, institutions=("КДБ", "Суд"), perpetrators=("Іван Карпаў",)),
        document(2, institutions=("КДБ", "КДБ")),
        document(3, institutions=()),
    )
    assert engine.facet(parse("*"), "institution") == {"КДБ": 2, "Суд": 1}
    assert engine.facet(parse("*"), "institution", limit=1) == {"КДБ": 2}
    assert engine.facet(parse("*"), "perpetrator") == {"Іван Карпаў": 1}
    with pytest.raises(SearchError) as refused:
        engine.facet(parse("*"), "victim")
    assert refused.value.code == "S33"


def test_names_match_within_one_name_in_any_order_and_spelling(engine):
    filled(
        engine,
        document(1, perpetrators=("Іван Карпаў", "Пятро Зайцаў")),
        document(2, perpetrators=("Karpau, Ivan Piatrovich",)),
        document(3, "Допыт вёў Иван Карпов."),
    )
    assert found(engine, 'perpetrator:"Карпов Иван"') == {"r1/0", "r2/0"}
    assert found(engine, 'perpetrator:"Іван Зайцаў"') == set()
    assert found(engine, "perpetrator:(Іван Зайцаў)") == {"r1/0"}
    assert found(engine, 'name:~"Karpaŭ Iwan"') == {"r1/0", "r2/0", "r3/0"}
    assert found(engine, 'perpetrator:"Іван Іван"') == {"r1/0", "r2/0"}


def test_a_phrase_never_runs_from_one_value_into_the_next(engine):
    filled(engine, document(1, institutions=("Суд Мінска", "Турма")))
    assert found(engine, 'institution:"суд мінска"') == {"r1/0"}
    assert found(engine, 'institution:"мінска турма"~16') == set()


def test_slop_is_ordered_gaps(engine):
    filled(engine, document(1, "суд ды турма"), document(2, "турма суд"), document(3, "суд і ды турма"))
    assert found(engine, '"суд турма"~2') == {"r1/0"}
    assert found(engine, '"суд турма"~3') == {"r1/0", "r3/0"}
    with pytest.raises(SearchError) as refused:
        found(engine, '"суд турма камера"~5')
    assert refused.value.code == "S16"


def test_dates_overlap_and_may_be_open(engine):
    day = date(2020, 8, 9).toordinal()
    filled(
        engine,
        document(1, date_from=day, date_to=day),
        document(2, date_from=day),
        document(3, date_to=day),
        document(4),
        document(5, date_from=-(2**70), date_to=2**70),
    )
    assert found(engine, "date:2020-08-09") == {"r1/0", "r2/0", "r3/0", "r5/0"}
    assert found(engine, "date:2021") == {"r2/0", "r5/0"}
    assert found(engine, "date:[.. TO 2019]") == {"r3/0", "r5/0"}


@pytest.mark.parametrize("query", ["—", "— …", "NOT —", '"…"', "perpetrator:—", "суд*zzz AND —"])
def test_a_part_without_a_word_is_neutral(engine, query):
    filled(engine, document(1))
    if query == "суд*zzz AND —":
        assert found(engine, query) == set()
        return
    with pytest.raises(SearchError) as refused:
        found(engine, query)
    assert refused.value.code == "S01"
    assert found(engine, f"суд AND ({query})") == {"r1/0"}


def test_a_wildcard_for_too_many_words_is_refused(engine):
    filled(engine, *(document(n, f"суд{n:04d}") for n in range(300)))
    with pytest.raises(SearchError) as refused:
        found(engine, "суд*")
    assert refused.value.code == "S18"
    assert len(found(engine, "суд00*")) == 100
    assert found(engine, "суд?001") == {"r1/0"}


def test_a_query_over_budget_is_refused(engine):
    filled(engine, *(document(n, "суд турма") for n in range(20)))
    assert found(engine, "суд турма", bounds=Bounds(postings=40))
    with pytest.raises(SearchError) as refused:
        found(engine, "суд турма", bounds=Bounds(postings=39))
    assert refused.value.code == "S19"


def test_a_name_of_too_many_words_is_refused(engine):
    with pytest.raises(SearchError) as refused:
        found(engine, 'perpetrator:"а1 б2 в3 г4 д5 е6 ж7 з8 й9"')
    assert refused.value.code == "S17"


def test_resolved_names_are_joined_by_their_refs(engine):
    filled(engine, document(1, institutions=("КДБ",)), document(2, refs=("institution:abc",)), document(3))
    asked = []

    def resolver(field, text):
        asked.append((field, text))
        return ["institution:abc"] if field == "under" else []

    for query, keys in [
        ('under:"КДБ"', {"r1/0", "r2/0"}),
        ("institution:КДБ", {"r1/0"}),
        ('NOT under:"КДБ"', {"r3/0"}),
    ]:
        assert engine.matching(expand(parse(query), resolver)) == keys
    assert asked == [("under", "КДБ"), ("institution", "КДБ"), ("under", "КДБ")]


def test_an_infix_bonus_only_changes_the_order(engine):
    filled(engine, document(1, "суд допыт"), document(2, "суд турма"))
    assert [hit.key for hit in engine.search(parse("суд ANDMAYBE турма"), limit=9).hits] == ["r2/0", "r1/0"]
    assert engine.search(parse("допыт^3 OR турма"), limit=1).hits[0].key == "r1/0"


def test_summed_statistics_bring_scores_of_two_indexes_together(kind, tmp_path):
    """A word rare here and common there must not win here for being rare."""
    rng = random.Random(7)
    words = ["суд", "турма", "допыт", "камера", "сведка", "дождж"]
    many = [
        document(n, " ".join(rng.choices(words, k=12, weights=[n % 3 + 1, 2, 1, 1, 1, 1])))
        for n in range(200)
    ]
    parts = [many[:20], many[20:], many]
    engines = []
    for number, part in enumerate(parts):
        folder = tmp_path / str(number)
        folder.mkdir()
        engines.append(filled(kind.create(folder, PlainWords()), *part))
    query = parse('допыт OR "суд турма" OR кам*')
    left, right, whole = engines
    statistics = summed((one.live_documents(), one.document_frequencies(query)) for one in (left, right))
    assert statistics.documents == 200
    assert statistics.frequencies == whole.document_frequencies(query)
    expected = {hit.key: hit.score for hit in whole.search(query, limit=200).hits}
    merged = {
        hit.key: hit.score
        for one in (left, right)
        for hit in one.search(query, limit=200, statistics=statistics).hits
    }
    assert merged.keys() == expected.keys()
    for key, score in expected.items():
        assert merged[key] == pytest.approx(score, rel=0.02)


def test_both_engines_score_alike(tmp_path):
    rng = random.Random(3)
    texts = [
        " ".join(rng.choices(["суд", "турма", "допыт", "камера"], k=rng.randint(1, 30))) for _ in range(50)
    ]
    scores = []
    for number, kind in enumerate(ENGINES):
        folder = tmp_path / str(number)
        folder.mkdir()
        engine = filled(
            kind.create(folder, PlainWords()), *(document(n, text) for n, text in enumerate(texts))
        )
        scores.append({hit.key: hit.score for hit in engine.search(parse("суд турма^2"), limit=100).hits})
    assert scores[0] == pytest.approx(scores[1], rel=0.05)


def test_errors_of_an_engine_quote_nothing(kind, tmp_path):
    (tmp_path / "meta.json").write_text(SECRET, encoding="utf-8")
    for make in (kind.open, kind.create):
        with pytest.raises(SearchError) as refused:
            make(tmp_path, PlainWords())
        assert refused.value.code in ("S31", "S32")
        assert SECRET not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_document_may_say_nothing_but_its_key_and_item(engine):
    filled(engine, Document(key="r1/0", item="item1"), document(2))
    assert found(engine, "*") == {"r1/0", "r2/0"}
    assert found(engine, "NOT суд") == {"r1/0"}
    assert engine.facet(parse("*"), "language") == {"be": 1}


def test_keywords_narrow_without_scoring(engine):
    filled(engine, document(1), document(2, language="ru"), document(3, kind="record"))
    scores = {hit.score for hit in engine.search(parse("суд AND language:be"), limit=9).hits}
    assert len(scores) == 1
    assert scores == {hit.score for hit in engine.search(parse("суд"), limit=9).hits}
    assert {hit.score for hit in engine.search(parse("item:item2"), limit=9).hits} == {0.0}


def test_a_search_beside_commits_sees_one_state(engine):
    filled(engine, *(document(n, f"суд {n}") for n in range(30)))
    wrong, done = [], threading.Event()

    def search():
        while not done.is_set():
            for number in range(0, 30, 3):
                hits = engine.search(parse(f"суд {number}"), limit=5).hits
                if [hit.key for hit in hits] != [f"r{number}/0"]:
                    wrong.append((number, hits))

    searching = threading.Thread(target=search)
    searching.start()
    for number in range(30, 45):
        engine.delete_item(f"item{number - 29}" if number % 3 else "none")
        filled(engine, document(number, f"суд {number}"))
    done.set()
    searching.join()
    assert [number for number, _ in wrong if number not in range(1, 16)] == []


def test_many_threads_may_search_at_once(engine):
    filled(engine, *(document(n, f"суд {n}") for n in range(50)))
    wrong = []

    def search():
        for number in range(20):
            if found(engine, f"суд {number}") != {f"r{number}/0"}:
                wrong.append(number)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
