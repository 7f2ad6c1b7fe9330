"""A thousand names of every shape that people write, from the shipped lists and by hand."""

import random
from pathlib import Path

WORLD = Path(__file__).parents[1] / "data" / "names-world"
GIVEN = ("Anna", "José", "Jürgen", "Min-jun", "Zoë", "J.", "K", "Mary Ann", "Đặng", "Ольга")
FORMS = (
    "{given} {family}", "{family}, {given}", "{family} {given}", "{capitals}, {given}", "{given} {capitals}",
    "Dr. {given} {family}", "{given} {family}, PhD", "{given} {family} Jr.", "{family} III", "Mr {family} MD",
    "{given} van der {family}", "{given} de la {family}", "{given} {family}-{given}", "  {family} ; ", "{capitals}",
)  # fmt: skip
OWN_SCRIPTS = """
김민준|김 민준|남궁민수|王小明|王 小明|李小龍|佐々木|田中太郎|田辺 健二|さとう はな|しゃかっか|がっこう
タナベ・ケンジ|ヴァンダー
محمد حسن|عبد الرحمن|فاطمة بِنت أحمد|שרה לוי|יִצְחָק|אברהם|नरेन्द्र मोदी|श्रीनिवास|রবীন্দ্রনাথ ঠাকুর|முருகன்|สมชาย ใจดี
შოთა რუსთაველი|Արամ Խաչատրյան|Александр Иванов|Щербаченко|Ольга Ющенко|Њежић|Αριστοτέλης Παπαδόπουλος
Ευαγγελία|Μπουζούκης|Αγγελόπουλος|Αϋφαντής|Ἀλέξανδρος|ὁμοῦ|ᓄᓇᕗᑦ|ᠮᠣᠩᠭᠣᠯ|ကျော်|ភិរុណ|ትርሐስ
"""
CASES = """
N/A|n.a.|#REF!|#NV|\\N|<NA>|[deleted]|{{name}}|(not given)|(unknown)|@handle|info@example.org
https://example.org|www.example.org|„www.example.org“
Null|None|NA|No|Nan|||   |-|...|123|😀|😀 Anna|Anna 🇫🇷|①
O&#39;Brien|M&uuml;ller|M&uumlller;|&notit;|&#150;;|&#0;;|A&amp;B;
Ноvak|Нinton|Αnna|Аleksandr|ЖR|O’Neill|OʼNeill|O`Neill|O‐Neill|Wałęsa|WEIß|ẞ|İnönü|Yıldız
ŉaba|Ǆurić|ﬁsher|𝓐𝔫𝔫𝔞|Ａｎｎａ|Ș̌ț|Jose\u0301
ｶﾄｳ|Zo\u0308e|a\u0301\u0316\u0327b|\u202eevil|\ufeffAnna|An\u200bna|S\u0326tefan|Smith Jr., John
Anna MD Smith|anna md smith|anna jr smith|Ii Naosuke|Wang II|Md Rahman
MD Rahman|Ph.D. Ng|Sri Devi|Don Quijote|J.R.R. Tolkien|Xi Jinping|KIM Min-jun|Abu Bakr al-Baghdadi
Ben Affleck|'t Hooft|d'Artagnan|Ng|Ó|Å|y
"""
ODD = "aeosznAOS '-.,;’–ßłøđşıÅñ\u0301\u0327\u200d\t\xa0СиЬїΓμπουχ김가しゃっがー李王عبد\u064eश्אָ\u05b8ทა𝔞Ａ№😀&;/<@#"


def names(count: int = 1000) -> list[str]:
    """The same names each time."""
    rng = random.Random(0)
    lists = [path.read_text(encoding="utf-8").split("\n")[:-1] for path in sorted(WORLD.glob("*.txt"))]
    found = [
        *(OWN_SCRIPTS + CASES).replace("\n", "|").split("|"),
        "Wolfeschlegelsteinhausenbergerdorff " * 3,
        "x" * 80 + "é",
    ]
    found += ["".join(rng.choices(ODD, k=rng.randint(1, 14))) for _ in range(100)]
    while len(found) < count:
        family, form = rng.choice(rng.choice(lists)), rng.choice(("{family}", rng.choice(FORMS)))
        found.append(form.format(given=rng.choice(GIVEN), family=family, capitals=family.upper()))
    return found
