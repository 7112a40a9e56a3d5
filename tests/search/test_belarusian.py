"""Forms of one Belarusian word share a stem, in both orthographies."""

import pytest

from search.languages.belarusian import belarusian

FAMILIES = [
    "турма турмы турме турму турмой турмаў турмам турмамі турмах",
    "горад горада гораду горадам горадзе гарады гарадоў гарадам гарадамі гарадах",
    "следчы следчага следчаму следчым следчыя следчых следчымі следчая следчай следчую",
    "катаванне катавання катаванню катаваннем катаванні катаваннях",
    "пачатак пачатку пачаткам пачаткі пачаткаў",
    "хлопец хлопца хлопцу хлопцам хлопцы хлопцаў",
    "гаварыў гаварыла гаварылі гаварыць гавораць гаворыць",
    "затрымаць затрымаў затрымала затрымалі затрыманы затрыманая затрыманых затрымаюць",
    "працаваць працаваў працавала працуе працуюць працую",
    "абараняцца абараняўся абаранялася абараняліся",
    "жыццё жыцця жыццю жыццём жыцці",
    "камісія камісіі камісію камісіяй камісій камісіям",
    "улада ўлада улады ўладу ўладзе уладай",
    "суддзя суддзі суддзю суддзёй суддзям",
]
ORTHOGRAPHIES = [
    ("снег", "сьнег"), ("смерць", "сьмерць"), ("зʼява", "зьява"), ("сведка", "сьведка"), ("ганак", "ґанак"),
    ("катаванне", "катаваньне"), ("насенне", "насеньне"),
]  # fmt: skip


@pytest.fixture(scope="module")
def stem():
    return belarusian().stem


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.split()[0])
def test_forms_of_one_word_share_a_stem(stem, family):
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize(("academic", "classical"), ORTHOGRAPHIES)
def test_both_orthographies_share_a_stem(stem, academic, classical):
    assert stem(academic) == stem(classical)


def test_different_words_keep_different_stems(stem):
    words = "турма сведка следчы суд допыт катаванне ізалятар камера адвакат пратакол затрымаць білі сказаў"
    assert len({stem(word) for word in words.split()}) == len(words.split())


def test_akanne_does_not_part_forms(stem):
    assert stem("слова") == stem("словы")
    assert stem("вада") == stem("воды")


@pytest.mark.parametrize("word", ["і", "ў", "ʼ", "суд", "ль", "йй", "ццц", "ддз", "ававава", "ся"])
def test_short_and_odd_words_do_not_break_it(stem, word):
    assert isinstance(stem(word), str)
