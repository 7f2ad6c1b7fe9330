"""Given and family names in the scripts of their origins."""

from __future__ import annotations

import itertools

from builder import facts
from builder.pools import Couple, Pool, faker, hiragana, japanese_family, japanese_given, mimesis, pool

#: Locales of mimesis whose Arabic names differ.
ARAB = (
    "ar",
    "ar-ae",
    "ar-dz",
    "ar-eg",
    "ar-jo",
    "ar-kw",
    "ar-ma",
    "ar-om",
    "ar-qa",
    "ar-sa",
    "ar-sy",
    "ar-tn",
    "ar-ye",
)


def own_scripts() -> dict[str, list[Couple]]:
    """Origin -> couples; what a script shares with another origin's stands under both."""
    return {
        "Chinese": _chinese(),
        "Japanese": _japanese(),
        "Korean": _korean(),
        "Arabic": _arabic(),
        "Persian": [
            Couple(
                "Arabic",
                pool(faker("fa_IR", "first_names"), mimesis("fa", "names")),
                pool(faker("fa_IR", "last_names"), mimesis("fa", "surnames")),
            )
        ],
        "Israeli": [Couple("Hebrew", pool(faker("he_IL", "first_names")), pool(faker("he_IL", "last_names")))],
        "Indian": [
            Couple("Devanagari", *_hindi(), 0.7),
            Couple("Tamil", pool(faker("ta_IN", "first_names")), pool(faker("ta_IN", "last_names")), 0.2),
            Couple("Odia", pool(faker("or_IN", "first_names")), pool(faker("or_IN", "last_names")), 0.1),
        ],
        "Nepali": [Couple("Devanagari", pool(faker("ne_NP", "first_names")), pool(faker("ne_NP", "last_names")))],
        "Bangladeshi": [Couple("Bengali", pool(faker("bn_BD", "first_names")), pool(faker("bn_BD", "last_names")))],
        "Thai": [Couple("Thai", pool(faker("th_TH", "first_names")), pool(faker("th_TH", "last_names")))],
        "Georgian": [Couple("Georgian", pool(faker("ka_GE", "first_names")), pool(faker("ka_GE", "last_names")))],
        "Armenian": [Couple("Armenian", pool(faker("hy_AM", "first_names")), pool(faker("hy_AM", "last_names")))],
        "Greek": [
            Couple(
                "Greek",
                pool(faker("el_GR", f"first_names_{sex}"), mimesis("el", "names", sex)),
                pool(faker("el_GR", f"last_names_{sex}"), mimesis("el", "surnames", sex)),
            )
            for sex in ("male", "female")
        ],
        "Russian": _eastern("ru", "ru_RU"),
        "Ukrainian": _eastern("uk", "uk_UA"),
        "Bulgarian": [
            Couple(
                "Cyrillic", pool(faker(locale, f"first_names_{sex}")), pool(faker(locale, f"last_names_{sex}")), share
            )
            for locale, share in (("bg_BG", 0.35), ("mk_MK", 0.15))
            for sex in ("male", "female")
        ],
    }


def _hindi() -> tuple[Pool, Pool]:
    """Given and family names in Devanagari: half of the people bear those of `facts/hindi.tsv`."""
    common = facts.table("hindi.tsv")
    listed = [pool(*(faker(locale, f"{part}_names") for locale in ("hi_IN", "mr_IN"))) for part in ("first", "last")]
    return pool(common["given"], listed[0]), pool(common["family"], listed[1])


def _eastern(language: str, locale: str) -> list[Couple]:
    """Of both sexes, with the father's name between them, and more often without."""
    couples = []
    for sex in ("male", "female"):
        given = pool(faker(locale, f"first_names_{sex}"), mimesis(language, "names", sex))
        family = pool(faker(locale, f"last_names_{sex}"), mimesis(language, "surnames", sex))
        names, middle = list(given), list(pool(faker(locale, f"middle_names_{sex}")))
        with_father = {f"{name} {middle[place * 7 % len(middle)]}": given[name] for place, name in enumerate(names)}
        couples += [Couple("Cyrillic", given, family, 0.4), Couple("Cyrillic", with_father, family, 0.1)]
    return couples


def _chinese() -> list[Couple]:
    simple = pool(mimesis("zh", "names"), faker("zh_CN", "first_names"))
    letters = [name for name in simple if len(name) == 1]
    pairs = ["".join(two) for two in itertools.product(letters, letters) if two[0] != two[1]]
    family = pool(faker("zh_CN", "last_names"), faker("zh_CN", "last_names"), mimesis("zh", "surnames"))
    return [
        Couple("Han", simple, family, 0.5, "", True, True),
        Couple("Han", pool(pairs), family, 0.15, "", True, True),
        Couple("Han", pool(faker("zh_TW", "first_names")), pool(faker("zh_TW", "last_names")), 0.3, "", True, True),
        Couple("Han", simple, family, 0.05, " ", True, True),
    ]


def _japanese() -> list[Couple]:
    (kanji, kana), (families, families_kana) = japanese_given(), japanese_family()
    families = pool(families, mimesis("ja", "surnames"))
    written = {hiragana(name): weight for name, weight in kana.items()}
    soft = {hiragana(name): weight for name, weight in families_kana.items()}
    return [
        Couple("Han", kanji, families, 0.55, "", True),
        Couple("Han", kanji, families, 0.2, " ", True),
        Couple("Han", written, families, 0.05, "", True),  # a given name in hiragana behind kanji
        Couple("kana", kana, families_kana, 0.06, " ", True),
        Couple("kana", kana, families_kana, 0.06, "・", True),
        Couple("kana", kana, families_kana, 0.04, "", True),
        Couple("kana", written, soft, 0.04, " ", True),
    ]


def _korean() -> list[Couple]:
    given = pool(mimesis("ko", "names"), faker("ko_KR", "first_names"))
    usual = pool(faker("ko_KR", "last_names"))
    family = pool(usual, usual, usual, list(facts.table("korean.tsv")))
    letters = facts.table("korean_hanja.tsv")
    hanja_given = {
        first + second: 1.0
        for name in given
        if len(name) == 2 and name[0] in letters and name[1] in letters
        for first, second in itertools.product(letters[name[0]], letters[name[1]])
    }
    surnames = {
        line.split()[1]: usual.get(line.split()[0], 0.0) + 0.002 for line in facts.lines("korean_surnames_hanja.tsv")
    }
    return [
        Couple("Hangul", given, family, 0.6, "", True, True),
        Couple("Hangul", given, family, 0.1, " ", True, True),
        Couple("Han", hanja_given, surnames, 0.4, "", True, True),
    ]


def _arabic() -> list[Couple]:
    men = pool(faker("ar_AA", "first_names_male"), *(mimesis(locale, "names", "male") for locale in ("ar", "ar-dz")))
    women = pool(
        faker("ar_AA", "first_names_female"), *(mimesis(locale, "names", "female") for locale in ("ar", "ar-dz"))
    )
    family = pool(
        faker("ar_AA", "last_names"),
        faker("ar_SA", "last_names"),
        faker("ar_DZ", "last_names"),
        *(mimesis(locale, "surnames") for locale in ARAB),
    )
    return [
        Couple("Arabic", men, family, 0.4),
        Couple("Arabic", women, family, 0.3),
        Couple("Arabic", men, men, 0.2),  # his own name and his father's
        Couple("Arabic", women, men, 0.1),
    ]
