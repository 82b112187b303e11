"""Variant classes: what the table joins, what it keeps apart, and what it tells of single spellings."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.names.lists import rows
from tracing.matching.names.variants import (
    CORE,
    RELATED,
    SAME,
    UNRELATED,
    classes_of,
    groups_of,
    member,
    member_key,
    parse_member,
    strength,
    variant_class,
)

TABLE = rows("variant_classes.tsv")
KEYS = sorted({key for row in TABLE for text in row[3].split("|") if (key := member_key(parse_member(text)[0]))})
EAST_ASIAN = ("han_", "kor_", "ja_", "ko_")
"""Classes by native characters: one Latin syllable may be the reading of many of them."""

APART = """
mohammed / mahmoud : two names of one root, often of brothers
محمد / محمود : the same in Arabic letters
hassan / hussein : brothers' names
حسن / حسين : the same, one letter apart
xasan / xuseen : the same in Somali spelling
rahman / rahim : two attributes of God
hamid / ahmed : two names of one root
hamid / hamed : حميد and حامد
amin / amina : man and woman
samir / samira : man and woman
karim / karima : man and woman
jamil / jamila : man and woman
jamil / jamal : two names of one root
said / saida : man and woman
khalid / khalil : one letter apart
salim / salem : سليم and سالم
سليم / سالم : the same in Arabic letters
sulayman / salman : alike in consonants
ماجد / مجيد : Majid with the long vowel first or last, one word in Latin
راشد / رشيد : the same of Rashid
rashid / rashad : رشيد and رشاد
عامر / أمير : Amer and Amir
شاهد / شهيد : Shahid and Shaheed
ناصر / نصير : Nasser and Naseer
nasser / nasr : the longer name is not the shorter
صادق / صديق : Sadiq and Siddiq
salah / saleh : صلاح and صالح
kamal / kamil : كمال and كامل in careful spelling
bashir / bashar : بشير and بشار
shadi / shahid : alike to a clerk
yasir / yasin : two names that begin alike
zayd / ziad : زيد and زياد
zahid / zahir : one letter apart
munir / munira : man and woman
sharif / sharifa : man and woman
shafiq / shafiqa : man and woman
abdulrahman / abdulrahim : another attribute
abdulkarim / abdulhakim : another attribute
abdulqadir / abdulqahir : another attribute
abdulghaffar / abdulghafur : two attributes of one root
abdulaziz / abdulbasit : another attribute
nuraldin / nasraldin : another first part
jamalaldin / jalalaldin : another first part
najibullah / habibullah : another first part
hamidullah / ahmadullah : another first part
goldman / goldberg : another second part
karimov / rahimov : two Central Asian families
ahmadi / ahmadzai : another family ending
rahimi / rahimzadeh : another family ending
haile / haimanot : Haile is no short form
tesfaye / tsegaye : two Ethiopian names
zewdu / zewditu : man and woman
abebe / abera : two Ethiopian names
diallo / diop : two West African families
ndiaye / niang : two Wolof families
konate / kone : two Mande families
taiwo / kehinde : the two names of twins
chinedu / chinenye : brother and sister
oluwaseun / oluwatobi : the praise of God with another ending
alexander / alexandra : man and woman
alexander / alexei : brothers' names
valentyn / valentyna : man and woman
viktor / viktoriia : man and woman
anton / artem : brothers' names
yevhen / yevheniia : man and woman
stanislav / sviatoslav : one ending
shevchenko / shevchuk : another family ending
kovalenko / kovalchuk : another family ending
petrov / petrovic : Russian and Serbian family
karl / kurt : two German names
müller / möller : two German families, one vowel apart
rosenberg / rosenblum : another second part
goldberg / goldstein : another second part
weiss / weissberg : the longer name is not the shorter
chaim / chaya : man and woman
hernandez / fernandez : one letter apart
gonzalez / gonzalo : family and given name
mario / maria : man and woman
james / jacob : one name long ago, two in every register of today
santiago / diego : not one name in Spanish use
张 / 章 : two families of one sound
zhang / zheng : two Chinese families
chen / cheng : two Chinese families
lin / liu : two Chinese families
wang / huang : two families, though both are Wong in Hong Kong
pham / phan : two Vietnamese families
le / ly : two Vietnamese families
do / ho : two Vietnamese families
hùng / hồng : another vowel
정 / 전 : two Korean families
佐藤 / 斎藤 : two Japanese families
aung / maung : Maung is a name and a title of its own
rafiqul islam / shafiqul islam : another first part
nurul islam / nurul alam : another last part
"""

JOINED = """
mohammed / محمد : Arabic letters
mohammed / mehmet : Turkish
mohammed / maxamed : Somali
mohammed / mihemed : Kurdish
mohammed / mamadou : Fula and Mande
mohammed / Магомед : Dagestan
mohammed / মোহাম্মদ : Bengali
hussein / houcine : Maghreb, French spelling
hussein / hüseyin : Turkish
hassan / lahcen : Morocco, with the article
osman / ousmane : West Africa, French spelling
osman / cusmaan : Somali
yusuf / يوسف : Arabic letters
yusuf / youcef : Maghreb
yusuf / joseph : the same prophet
khadija / hatice : Turkish
khadija / kadiatou : West Africa
aisha / ayşe : Turkish
aisha / aissatou : West Africa
aisha / caasha : Somali
zaynab / zeynep : Turkish
fatima / faadumo : Somali
fatima / fatoumata : West Africa
jamal / cemal : Turkish
jamal / xhemal : Albanian
jamal / gamal : Egypt
ridha / reza : Persian
kadhim / kazem : Persian
othman / uthman : th and t
abdulrahman / عبد الرحمن : two words in Arabic
abdulrahman / cabdiraxmaan : Somali
abdulrazzaq / abderrazak : Maghreb
muhyialdin / mohieddine : Maghreb
tawfiq / tevfik : Turkish
masoud / messaoud : Maghreb
nargis / narges : Persian o and Tajik i
farhad / ferhat : Turkish
jahongir / جهانگیر : Uzbek and Persian
mammadov / мамедов : Azerbaijani and Russian
huseynov / guseinov : Azerbaijani and Russian h
rahimov / rəhimov : Azerbaijani letters
kawa / kaveh : Kurdish and Persian
rojin / ڕۆژین : Kurmanji and Sorani
yusufzai / yousafzai : Pashto
jama / jaamac : Somali
farah / faarax : Somali
tigist / ትዕግስት : Ge'ez script
tsegaye / segay : Eritrea
okubay / ogbay : Tigrinya
mengistu / መንግስቱ : Ge'ez script
diallo / jallow : French and English spelling
ndiaye / njie : French and English spelling
thiam / cham : French and English spelling
traore / tarawally : French and English spelling
coulibaly / krubally : French and English spelling
diarra / jarra : French and English spelling
diabate / jobarteh : French and English spelling
doumbia / dumbuya : French and English spelling
ceesay / cissé : French and English spelling
thierno / cherno : French and English spelling
rajabu / recep : Swahili and Turkish
oluwafemi / femi : Yoruba short form
ifeanyi / ifeanyichukwu : Igbo long form
sasha / александр : short form
volodymyr / вова : short form
oleksii / aleksey : Ukrainian and Russian
hryhoriy / grigory : Ukrainian and Russian h
kowalski / ковальський : Polish and Ukrainian
gorbachev / gorbatschow : German
shevchenko / schewtschenko : German
giannis / ioannis : Greek, spoken and written
spyros / Σπυρίδων : Greek short form
kazlauskas / kozłowski : Lithuanian and Polish
bērziņš / berzin : Latvian and Russian
gevorg / kevork : East and West Armenian
petrosyan / bedrossian : East and West Armenian
chavchavadze / ჭავჭავაძე : Georgian letters
hoxha / hodža : Albanian and Bosnian
istvan / stephen : Hungarian
kac / katz : Polish Jewish
szmul / samuel : Polish Jewish
icchak / isaac : Polish Jewish
mojsze / moses : Polish Jewish
wajnberg / weinberg : Polish Jewish
lipszyc / livshits : Polish and Russian Jewish
hersz / hirsch : Polish Jewish
paco / francisco : Spanish short form
lupita / guadalupe : Spanish short form
vásquez / vazquez : Spanish z
gonzález / gonçalves : Spanish and Portuguese
jim / james : English short form
bob / robert : English short form
chowdhury / চৌধুরী : Bengali letters
mukherjee / mukhopadhyay : Bengali, short and long
vijay / bijoy : Hindi and Bengali
lakshmi / லட்சுமி : Tamil letters
nurul islam / noorul islam : Rohingya
aung / အောင် : Burmese letters
tun / htun : Burmese
zhang / 張 : Chinese character
zhang / cheung : Cantonese
zhang / teo : Hokkien
chen / tran : Vietnamese reading
huang / huỳnh : southern Vietnamese
xu / khoo : Hokkien
李 / rhee : Korean reading
김 / gim : Revised Romanization
정 / chung : Korean, habitual
최 / choe : Korean
satō / satou : Japanese long vowel
jun'ichi / junichi : Japanese apostrophe
渡辺 / 渡邊 : Japanese letter forms
"""


def pairs(table: str) -> list[object]:
    found: list[object] = []
    for line in table.strip().splitlines():
        both, reason = line.split(" : ")
        one, other = both.split(" / ")
        found.append(pytest.param(one, other, id=f"{both}: {reason}"))
    return found


class TestTable:
    def test_has_at_least_650_classes_with_one_line_each(self) -> None:
        names = Counter(name for name, *_ in TABLE)
        assert [name for name, lines in names.items() if lines > 1] == []
        assert len(names) >= 650

    def test_every_member_is_written_as_the_header_says_and_is_found(self) -> None:
        for number, (name, _, _, written) in enumerate(TABLE):
            for text in written.split("|"):
                assert number in classes_of(member_key(parse_member(text)[0])), (name, text)

    def test_no_spelling_is_the_name_itself_in_three_classes(self) -> None:
        for key in KEYS:
            cores = [variant_class(number).name for number, group in groups_of(key) if group == CORE]
            assert len([name for name in cores if not name.startswith(EAST_ASIAN)]) <= 2, key

    def test_only_short_forms_are_akin_to_three_names(self) -> None:
        many = {key for key in KEYS if len([n for n in classes_of(key) if not _east_asian(n)]) > 2}
        assert many <= {"slava", "слава", "ed", "eddie", "chris"}

    @pytest.mark.parametrize("text", ["", "~", "a%x", "a@TR", "a~12", "a%m@tr", "a@tr~"])
    def test_a_member_with_wrong_suffixes_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a member"):
            parse_member(text)


def _east_asian(number: int) -> bool:
    return variant_class(number).name.startswith(EAST_ASIAN)


class TestNames:
    @pytest.mark.parametrize(("one", "other"), pairs(APART))
    def test_that_differ_share_no_class(self, one: str, other: str) -> None:
        assert set(classes_of(member_key(one))).isdisjoint(classes_of(member_key(other)))

    @pytest.mark.parametrize(("one", "other"), pairs(JOINED))
    def test_that_are_one_share_a_class(self, one: str, other: str) -> None:
        assert set(classes_of(member_key(one))) & set(classes_of(member_key(other)))

    def test_of_the_tables_above_are_many(self) -> None:
        assert len(pairs(APART)) >= 60
        assert len(pairs(JOINED)) >= 80


def best_strength(one: str, other: str) -> int:
    """The highest strength over all classes that know a spelling."""
    return max((strength(one, other, number) for number in classes_of(one)), default=UNRELATED)


class TestStrength:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            pytest.param("alexander", "oleksandr", SAME, id="spellings of the name itself"),
            pytest.param("alexander", "sasha", RELATED, id="name and short form"),
            pytest.param("sasha", "sascha", SAME, id="spellings of one short form"),
            pytest.param("sasha", "alex", RELATED, id="two short forms of one name"),
            pytest.param("gebre", "gebru", RELATED, id="two Ethiopian forms of one root"),
            pytest.param("haile", "hailu", RELATED, id="the same"),
            pytest.param("paco", "francisco", RELATED, id="Spanish short form"),
            pytest.param("mohammed", "mehmet", SAME, id="one name in two languages"),
            pytest.param("mohammed", "mahmoud", UNRELATED, id="two names"),
            pytest.param("mohammed", "qqqq", UNRELATED, id="one unknown"),
            pytest.param("gonzalez", "goncalves", RELATED, id="Spanish family and its Portuguese counterpart"),
        ],
    )
    def test_tells_the_same_name_from_one_akin(self, one: str, other: str, expected: int) -> None:
        assert best_strength(one, other) == expected

    @given(st.sampled_from(KEYS), st.sampled_from(KEYS))
    def test_is_symmetric_and_agrees_with_the_classes(self, one: str, other: str) -> None:
        best = best_strength(one, other)
        assert best == best_strength(other, one)
        assert (best == UNRELATED) == set(classes_of(one)).isdisjoint(classes_of(other))
        assert (best == SAME) == (not set(groups_of(one)).isdisjoint(groups_of(other)))

    @given(st.sampled_from(KEYS))
    def test_of_a_spelling_with_itself_is_the_same(self, key: str) -> None:
        assert best_strength(key, key) == SAME

    def test_puts_the_class_that_bears_the_name_first(self) -> None:
        assert variant_class(classes_of("james")[0]).name == "james"
        for key in KEYS:
            groups = [membership.group for membership in member(key)]
            assert groups == sorted(groups, key=lambda group: group != CORE)


class TestMemberTags:
    def test_languages_come_from_the_member_or_else_from_the_class(self) -> None:
        assert member("hatice")[0].languages == ("tr",)
        assert member("khadija")[0].languages == variant_class(member("khadija")[0].number).cultures

    @pytest.mark.parametrize(
        ("name", "language", "sex"),
        [
            ("andrea", "it", "male"), ("andrea", "de", "female"), ("jean", "fr", "male"), ("jean", "en", "female"),
            ("gabriele", "it", "male"), ("gabriele", "de", "female"), ("samira", None, "female"),
            ("mohammed", None, "male"), ("nur", None, None),
        ],
    )  # fmt: skip
    def test_sex_of_a_member_stands_above_that_of_its_class(
        self, name: str, language: str | None, sex: str | None
    ) -> None:
        assert {known.sex for known in member(name) if language is None or language in known.languages} == {sex}
