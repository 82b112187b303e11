"""Readings of native spellings: one case table for each script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.matching.names.burmese import burmese
from tracing.matching.names.hangul import habitual, mccune_reischauer, revised
from tracing.matching.names.indic import indic
from tracing.matching.names.romanise import MOST_READINGS, romanise
from tracing.matching.names.script import script_of

READINGS = """
Georgian: გიორგი / giorgi
Georgian: ქეთევან / ketevan
Georgian: ჭავჭავაძე / chavchavadze
Georgian: შევარდნაძე / shevardnadze
Georgian: ყიფიანი / kipiani
Georgian: ბერიძე / beridze
Georgian: წერეთელი / tsereteli
Georgian: ჟვანია / zhvania
Georgian: ღვინიაშვილი / ghviniashvili
Georgian: ხვიჩა / khvicha
Georgian: ჯაფარიძე / japaridze
Georgian: თამარ / tamar
Georgian: ძნელაძე / dzneladze
Georgian: ფიროსმანი / pirosmani
Armenian: Գևորգ / gevorg
Armenian: Գևորգ / kevork
Armenian: Հովհաննիսյան / hovhannisyan
Armenian: Պետրոսյան / petrosyan
Armenian: Պետրոսյան / bedrosian
Armenian: Հակոբ / hagop
Armenian: Կարապետ / garabed
Armenian: Կարապետ / karapet
Armenian: Երևան / yerevan
Armenian: Ոսկանյան / voskanyan
Armenian: Տիգրան / dikran
Armenian: Տիգրան / tigran
Armenian: Արմեն / armen
Armenian: Խաչատրյան / khachatryan
Armenian: Շուշան / shushan
Greek: Παπαδόπουλος / papadopoulos
Greek: Γιάννης / giannis
Greek: Γιάννης / yiannis
Greek: Ευθύμιος / efthymios
Greek: Μπάμπης / bampis
Greek: Μπάμπης / babis
Greek: Ντίνος / dinos
Greek: Αντώνης / antonis
Greek: Αντώνης / andonis
Greek: Κωνσταντίνος / konstantinos
Greek: Γεώργιος / georgios
Greek: Ευάγγελος / evangelos
Greek: Χρήστος / christos
Greek: Σπύρος / spyros
Greek: Γκίκας / gikas
Greek: Παναγιώτης / panagiotis
Greek: Αλέξανδρος / alexandros
Greek: Θεόδωρος / theodoros
Greek: Ιωάννης / ioannis
Greek: Σταύρος / stavros
Ethiopic: ትዕግስት / tigist
Ethiopic: ኢሳያስ / isayas
Ethiopic: መሓሪ / mehari
Ethiopic: ጸጋይ / tsegay
Ethiopic: ጸጋይ / segay
Ethiopic: ኃይለ / hayle
Ethiopic: ገብሬ / gebre
Ethiopic: አበበ / abebe
Ethiopic: ተስፋዬ / tesfaye
Ethiopic: ሰላም / selam
Ethiopic: ዮሴፍ / yosef
Ethiopic: ዳዊት / dawit
Ethiopic: ዮሐንስ / yohans
Ethiopic: ሀጎስ / hagos
Ethiopic: ለምለም / lemlem
Ethiopic: መንግስቱ / mengistu
Ethiopic: ጓንጉል / gwangul
Devanagari: राजकुमार / rajkumar
Devanagari: लक्ष्मी / lakshmi
Devanagari: लक्ष्मी / laxmi
Devanagari: सुनीता / sunita
Devanagari: कमला / kamla
Devanagari: कमला / kamala
Devanagari: कृष्ण / krishna
Devanagari: राम / ram
Devanagari: श्रेष्ठ / shreshtha
Devanagari: विजय / vijay
Devanagari: सिंह / singh
Devanagari: शर्मा / sharma
Devanagari: मोहम्मद / mohammad
Devanagari: फ़ातिमा / fatima
Devanagari: ज़ैनब / zainab
Devanagari: रहमान / rahman
Devanagari: संतोष / santosh
Devanagari: गुप्ता / gupta
Devanagari: यादव / yadav
Devanagari: तामाङ / tamang
Devanagari: अधिकारी / adhikari
Devanagari: विक्रम / vikram
Devanagari: गुरुङ / gurung
Devanagari: ज्ञान / gyan
Bengali: রহমান / rahman
Bengali: রহমান / rohman
Bengali: মোহাম্মদ / mohammad
Bengali: রফিক / rafik
Bengali: রফিক / rofik
Bengali: নুরুল / nurul
Bengali: ইসলাম / islam
Bengali: ফাতেমা / fatema
Bengali: জয়নব / jaynab
Bengali: জয়নব / zaynab
Bengali: হাসান / hasan
Bengali: হোসেন / hosen
Bengali: বেগম / begam
Bengali: বেগম / begom
Bengali: খাতুন / khatun
Bengali: আব্দুল / abdul
Bengali: করিম / karim
Bengali: করিম / korim
Bengali: সেনোয়ারা / senowara
Bengali: শ্যামল / shyamal
Bengali: ইয়াসমিন / yasmin
Bengali: চৌধুরী / chaudhuri
Tamil: முருகன் / murugan
Tamil: சிவகுமார் / sivakumar
Tamil: செல்வம் / selvam
Tamil: செல்வம் / chelvam
Tamil: ரமேஷ் / ramesh
Tamil: கணேசன் / ganesan
Tamil: தம்பிராஜா / thambiraja
Tamil: நடராஜா / nadaraja
Tamil: நடராஜா / nataraja
Tamil: லட்சுமி / lakshumi
Tamil: கந்தையா / kandaiya
Tamil: பிள்ளை / pillai
Sinhala: සිල්වා / silva
Sinhala: පෙරේරා / perera
Sinhala: බණ්ඩාර / bandara
Sinhala: ජයසිංහ / jayasingha
Thai: สมชาย / somchai
Thai: วิชัย / wichai
Thai: มานี / mani
Thai: นารี / nari
Thai: ประยุทธ์ / prayut
Thai: สมศรี / somsri
Thai: ทักษิณ / thaksin
Khmer: ចាន់ / chan
Khmer: ហ៊ុន / hun
Khmer: វណ្ណា / vanna
Khmer: សម / som
Khmer: រតនា / ratana
Burmese: အောင် / aung
Burmese: ကျော် / kyaw
Burmese: မိုး / moe
Burmese: မောင် / maung
Burmese: ခင် / khin
Burmese: ဝင်း / win
Burmese: သိန်း / thein
Burmese: စိုး / soe
Burmese: ဇော် / zaw
Burmese: မြင့် / myint
Burmese: လွင် / lwin
Burmese: ထွန်း / htun
Burmese: ထွန်း / tun
Burmese: နိုင် / naing
Burmese: လှိုင် / hlaing
Burmese: စန်း / san
Burmese: စု / su
Burmese: ကြည် / kyi
Burmese: ဦး / u
Burmese: ဒေါ် / daw
Burmese: ကို / ko
Burmese: ထက် / htet
Burmese: ဖြိုး / phyo
Burmese: ဝေ / wai
Burmese: မင်း / min
Burmese: သူ / thu
Burmese: သန်း / than
Burmese: ညွန့် / nyunt
Burmese: တင် / tin
Burmese: အေး / aye
Burmese: လှ / hla
Burmese: နွယ် / nwe
Burmese: ငြိမ်း / nyein
Burmese: ဆွေ / swe
Burmese: ဌေး / htay
Burmese: သန့် / thant
Burmese: ချို / cho
Burmese: နှင်း / hnin
Burmese: ဖြူ / phyu
Burmese: ရွှေ / shwe
Burmese: မြ / mya
Burmese: ဘ / ba
Burmese: စော / saw
Burmese: ကျင် / kyin
Burmese: ချစ် / chit
Burmese: အုန်း / ohn
Burmese: ထူး / htoo
Burmese: ဇင် / zin
Burmese: မွန် / mun
Burmese: သက် / thet
Burmese: ဖုန်း / phone
Burmese: ကိုကို / koko
Burmese: အောင်ကျော်မိုး / aungkyawmoe
Burmese: သီတာ / thida
Hangul: 김 / kim
Hangul: 김 / gim
Hangul: 이 / lee
Hangul: 이 / yi
Hangul: 이 / rhee
Hangul: 박 / park
Hangul: 박 / pak
Hangul: 박 / bak
Hangul: 최 / choi
Hangul: 최 / choe
Hangul: 정 / jung
Hangul: 정 / chung
Hangul: 정 / jeong
Hangul: 강 / kang
Hangul: 조 / cho
Hangul: 윤 / yoon
Hangul: 임 / lim
Hangul: 오 / oh
Hangul: 신 / shin
Hangul: 서 / seo
Hangul: 권 / kwon
Hangul: 황 / hwang
Hangul: 안 / ahn
Hangul: 류 / ryu
Hangul: 문 / moon
Hangul: 백 / paek
Hangul: 백 / baek
Hangul: 허 / huh
Hangul: 노 / noh
Hangul: 심 / shim
Hangul: 곽 / kwak
Hangul: 경희 / gyeonghui
Hangul: 철수 / cheolsu
Hangul: 철수 / cholsu
Hangul: 영수 / yeongsu
Hangul: 민호 / minho
Hangul: 지훈 / jihun
Han: 张 / zhang
Han: 張 / zhang
Han: 张 / cheung
Han: 张 / truong
Han: 陈 / chan
Han: 陈 / tan
Han: 黄 / wong
Han: 黄 / ng
Han: 吴 / ng
Han: 林 / lim
Han: 郑 / tay
Han: 许 / khoo
Han: 谢 / tse
Han: 蔡 / tsai
Han: 梁 / leung
Han: 叶 / yip
Han: 杨 / yeung
Han: 郭 / kwok
Han: 罗 / law
Han: 曾 / tsang
Han: 邓 / dang
Han: 阮 / nguyen
Han: 范 / pham
Han: 武 / vu
Han: 欧 / au
Han: 邱 / khoo
Han: 詹 / chim
Han: 江 / kong
Han: 钟 / chung
Han: 邝 / kwong
Han: 麦 / mak
Han: 莫 / mok
Han: 翁 / ong
Han: 伍 / ng
Han: 关 / kwan
Han: 霍 / fok
Han: 汤 / tong
Han: 戴 / tai
Han: 丁 / ting
Han: 严 / yen
"""
"""Script: native spelling / a Latin spelling in use that must be among the readings."""


def cases() -> list[object]:
    found: list[object] = []
    for line in READINGS.strip().splitlines():
        script, both = line.split(": ")
        native, latin = both.split(" / ")
        found.append(pytest.param(native, latin, id=f"{script} {latin}"))
    return found


@pytest.mark.parametrize(("native", "latin"), cases())
def test_a_spelling_in_use_is_among_the_readings(native: str, latin: str) -> None:
    assert latin in romanise(native, script_of(native))


def test_the_table_above_is_large() -> None:
    assert len(cases()) >= 150


class TestKorean:
    @pytest.mark.parametrize(
        ("native", "standard", "older"),
        [("정", "jeong", "chong"), ("박", "bak", "pak"), ("철수", "cheolsu", "cholsu"), ("경", "gyeong", "kyong")],
    )
    def test_follows_both_standards(self, native: str, standard: str, older: str) -> None:
        assert revised(native) == standard
        assert mccune_reischauer(native) == older

    @given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
    def test_every_syllable_has_a_few_plain_spellings(self, letter: str) -> None:
        found = habitual(letter)
        assert found[0] == revised(letter)
        assert len(found) == len(set(found)) <= 8
        assert all(spelled.isascii() and spelled.isalpha() for spelled in found)


BLOCKS = ("Deva", "Beng", "Taml", "Sinh", "Khmr", "Thai")
STARTS = {"Deva": 0x900, "Beng": 0x980, "Taml": 0xB80, "Sinh": 0xD80, "Khmr": 0x1780, "Thai": 0xE00}


@pytest.mark.parametrize("script", BLOCKS)
@given(data=st.data())
def test_any_letters_of_a_block_give_plain_latin_or_nothing(script: str, data: st.DataObject) -> None:
    first = STARTS[script]
    text = data.draw(st.text(st.characters(min_codepoint=first, max_codepoint=first + 0x7F), max_size=12))
    assert all(reading.isascii() and reading.islower() for reading in indic(text, script))
    assert len(romanise(text, script)) <= MOST_READINGS


@given(st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x104F), max_size=16))
def test_any_burmese_letters_give_plain_latin_or_nothing(text: str) -> None:
    assert all(reading == "" or (reading.isascii() and reading.islower()) for reading in burmese(text))


def test_a_script_without_a_table_has_no_reading_here() -> None:
    assert indic("Müller", "Latn") == []
