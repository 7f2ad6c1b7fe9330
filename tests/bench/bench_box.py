"""What the model in the box knows of people's names, by kind, form and script, beside others: `make bench-box`.

    python tests/bench/bench_box.py [--model RUN] [--before COMMIT] [--peers PYTHON] [--linear]

Reads `bench-data/box/test.csv` of `python data/build_people.py`: people of name2nat, composed people, surnames and
given names, none of which is in training in another form or spelling. `--before` takes the model that was shipped at
a commit; `--peers` a python that has ethnicseer and ethnidata; `--linear` trains logistic regression of TF-IDF on a
part of the training rows.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from charnn_cli import load
from charnn_cli.metrics import Outcomes, compute_metrics
from charnn_cli.store.location import SHIPPED

BOX = Path(__file__).parents[2] / "bench-data" / "box"
LINEAR_ROWS = 150_000
Rows = list[dict[str, str]]
#: What ethnicseer tells apart, and the origins in each.
ETHNICSEER = {
    "chi": ["Chinese"],
    "eng": ["English", "Scottish", "Irish"],
    "frn": ["French"],
    "ger": ["German"],
    "ind": ["Indian"],
    "ita": ["Italian"],
    "jap": ["Japanese"],
    "kor": ["Korean"],
    "mea": ["Arabic", "Persian", "Pakistani", "Turkish"],
    "rus": ["Russian"],
    "spa": ["Spanish"],
    "vie": ["Vietnamese"],
}
#: ISO 3166 codes of ethnidata, by origin.
COUNTRIES = {
    "Albanian": "ALB", "Arabic": "EGY SAU IRQ LBN SYR DZA MAR TUN ARE QAT KWT JOR PSE YEM LBY SDN OMN BHR MRT",
    "Armenian": "ARM", "Azerbaijani": "AZE", "Bangladeshi": "BGD", "Belarusian": "BLR", "Bulgarian": "BGR MKD",
    "Burmese": "MMR", "Chinese": "CHN TWN HKG", "Croatian": "HRV", "Czech": "CZE", "Danish": "DNK", "Dutch": "NLD",
    "English": "GBR USA AUS CAN NZL", "Estonian": "EST", "Ethiopian": "ETH ERI", "Filipino": "PHL", "Finnish": "FIN",
    "French": "FRA", "Georgian": "GEO", "German": "DEU AUT", "Ghanaian": "GHA", "Greek": "GRC CYP",
    "Hungarian": "HUN", "Icelandic": "ISL", "Indian": "IND", "Indonesian": "IDN", "Irish": "IRL", "Israeli": "ISR",
    "Italian": "ITA SMR", "Japanese": "JPN", "Kenyan": "KEN", "Korean": "KOR PRK", "Latvian": "LVA",
    "Lithuanian": "LTU", "Mongolian": "MNG", "Nepali": "NPL", "Nigerian": "NGA", "Norwegian": "NOR",
    "Pakistani": "PAK", "Persian": "IRN", "Polish": "POL", "Portuguese": "PRT BRA", "Romanian": "ROU MDA",
    "Russian": "RUS", "Slovak": "SVK", "Slovene": "SVN",
    "Spanish": "ESP MEX CHL COL PER PRY CUB VEN ECU BOL GTM HND SLV NIC PAN DOM ARG URY", "Swedish": "SWE",
    "Thai": "THA", "Turkish": "TUR", "Ukrainian": "UKR", "Vietnamese": "VNM",
}  # fmt: skip
#: The classes of NamePrism (Ye and others 2017) as near as these origins come: a family, a dash, a class in it.
CLASSES = {
    "African-East": "Ethiopian Kenyan", "African-West": "Ghanaian Nigerian", "Caucasus-": "Armenian Georgian",
    "CelticEnglish-": "English Irish Scottish", "EastAsian-Chinese": "Chinese", "EastAsian-Japan": "Japanese",
    "EastAsian-Korea": "Korean", "EastAsian-Malay": "Indonesian", "EastAsian-Mongolia": "Mongolian",
    "EastAsian-Myanmar": "Burmese", "EastAsian-Thailand": "Thai", "EastAsian-Vietnam": "Vietnamese",
    "European-Baltics": "Estonian Latvian Lithuanian", "European-East": "Czech Hungarian Polish Slovak",
    "European-French": "French", "European-German": "Dutch German", "European-Italy": "Italian",
    "European-Romania": "Romanian", "European-Russian": "Belarusian Russian Ukrainian",
    "European-SouthSlavs": "Albanian Bulgarian Croatian Slovene", "Greek-": "Greek",
    "Hispanic-Philippines": "Filipino", "Hispanic-Portuguese": "Portuguese", "Hispanic-Spanish": "Spanish",
    "Jewish-": "Israeli", "Muslim-Arab": "Arabic", "Muslim-Pakistan": "Bangladeshi Pakistani",
    "Muslim-Persian": "Persian", "Muslim-Turkic": "Azerbaijani Turkish", "Nordic-Denmark": "Danish",
    "Nordic-Finland": "Finnish", "Nordic-Iceland": "Icelandic", "Nordic-Norway": "Norwegian",
    "Nordic-Sweden": "Swedish", "SouthAsian-": "Indian Nepali",
}  # fmt: skip
PEERS = """
import json, sys, warnings
warnings.filterwarnings("ignore")
from ethnicseer import EthnicClassifier
from ethnidata import EthniData
names = json.load(sys.stdin)
seer, data = EthnicClassifier.load_pretrained_model(), EthniData()
groups = [group if group is None else str(group) for group in seer.classify_names(names)]
countries = []
for name in names:
    first, _, last = name.rpartition(" ")
    try:
        found = data.predict_full_name(first.split(" ")[0], last, top_n=5).get("top_countries") or []
    except Exception:
        found = []
    countries.append([row["country"] for row in found])
json.dump({"groups": groups, "countries": countries}, sys.stdout)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="The model in the box on people's names.")
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--before", help="a commit whose model answers too")
    parser.add_argument("--peers", type=Path, help="a python with ethnicseer and ethnidata")
    parser.add_argument("--linear", action="store_true")
    parser.add_argument("--data", type=Path, default=BOX)
    parser.add_argument("--origins", action="store_true", help="also by origin")
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    options = parser.parse_args()
    rows = read(options.data / f"{options.split}.csv")
    groups = by_kind(rows, options.data)
    models = {"charnn": answers(options.model)}
    if options.before:
        models["before"] = before(options.before)
    if options.linear:
        models["linear"] = linear(read(options.data / "train.csv"))
    print("| rows | n | origins |", *(f"{name}: top-1 | top-3 | macro-recall | ECE |" for name in models))
    print("| --- | ---: | ---: |" + " ---: | ---: | ---: | ---: |" * len(models))
    for title, group in groups.items():
        cells = [" | ".join(figures(group, *ask(group))) for ask in models.values()]
        print(f"| {title} | {len(group):,} | {len({row['origin'] for row in group})} |", " | ".join(cells), "|")
    in_classes(groups["people of name2nat, plain"], models["charnn"])
    if options.origins:
        by_origin(groups["people and composed, plain"], models["charnn"])
    if options.peers:
        beside_peers(groups["people of name2nat, plain"], models["charnn"], options.peers)


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def by_kind(rows: Rows, box: Path) -> dict[str, Rows]:
    """Rows by what they are, in the order of the table."""
    latin = [row for row in rows if row["script"] == "Latin"]
    people = [row for row in latin if row["kind"] in ("person", "composed")]
    plain = [row for row in people if row["form"] == "plain"]
    surnames = [row for row in rows if row["kind"] == "surname"]
    given = [row for row in rows if row["kind"] == "given"]
    borne = {word for row in read(box / "train.csv") for word in row["name"].lower().split()}
    groups = {
        "people and composed, plain": plain,
        "people of name2nat, plain": [row for row in plain if row["kind"] == "person"],
        "composed, plain": [row for row in plain if row["kind"] == "composed"],
        "surnames": surnames,
        "surnames that no training person bears": [row for row in surnames if row["name"].lower() not in borne],
        "given names": given,
        "given names that no training person bears": [row for row in given if row["name"].lower() not in borne],
    }
    forms: defaultdict[str, Rows] = defaultdict(list)
    scripts: defaultdict[str, Rows] = defaultdict(list)
    for row in rows:
        if row["script"] != "Latin":
            scripts[f"script {row['script']}"].append(row)
        elif row["form"] != "plain":
            forms[f"form {row['form']}"].append(row)
    return groups | dict(forms) | dict(sorted(scripts.items()))


Asked = tuple[NDArray[np.float64], Sequence[str]]


def answers(folder: Path) -> Callable[[Rows], Asked]:
    """Probabilities (N, C) and labels of a run; names that it abstains from have zeros."""
    model = load(folder)

    def ask(rows: Rows) -> Asked:
        return np.nan_to_num(model.predict_proba([row["name"] for row in rows])), model.labels

    return ask


def before(commit: str) -> Callable[[Rows], Asked]:
    """As `answers`, of the model that was shipped at a commit."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("model.json", "model.safetensors", "MODEL_CARD.md"):
            shown = subprocess.run(
                ["git", "show", f"{commit}:charnn_cli/pretrained/{name}"], capture_output=True, check=True
            )
            (Path(folder) / name).write_bytes(shown.stdout)
        return answers(Path(folder))


def linear(rows: Rows) -> Callable[[Rows], Asked]:
    """TF-IDF over 1–4-grams of letters and logistic regression, on a part of the training rows."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    from charnn_cli.text import TextRules, normalise

    def spelled(some: Iterable[dict[str, str]]) -> list[str]:
        return [normalise(row["name"], TextRules()) for row in some]

    part = rows[:: max(1, len(rows) // LINEAR_ROWS)]
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True, dtype=np.float32)
    model = make_pipeline(vectors, SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=12, tol=None, random_state=0))
    model.fit(spelled(part), [row["origin"] for row in part])
    return lambda asked: (model.predict_proba(spelled(asked)), list(model.classes_))


def figures(rows: Rows, probabilities: NDArray[np.float64], labels: Sequence[str]) -> list[str]:
    """Top-1, top-3, macro-recall and ECE; an origin that the model does not know counts as wrong."""
    if not rows:
        return ["–"] * 4
    number = {label: place for place, label in enumerate(labels)}
    origins = np.array([number.get(row["origin"], -1) for row in rows])
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    answered = probabilities.max(axis=1) > 0
    right = (order[:, 0] == origins) & answered
    top = (order == origins[:, None]).any(axis=1) & answered
    by = defaultdict(list)
    for row, is_right in zip(rows, right.tolist(), strict=True):
        by[row["origin"]].append(is_right)
    recall = np.mean([np.mean(found) for found in by.values()])
    known = np.flatnonzero(answered & (origins >= 0))
    ece = (
        compute_metrics(Outcomes.of(probabilities[known], origins[known].astype(np.int32)))["ece"]
        if len(known)
        else np.nan
    )
    return [f"{right.mean():.3f}", f"{top.mean():.3f}", f"{recall:.3f}", f"{ece:.3f}"]


def by_origin(rows: Rows, ask: Callable[[Rows], Asked]) -> None:
    probabilities, labels = ask(rows)
    first = [labels[place] for place in probabilities.argmax(axis=1)]
    by: defaultdict[str, list[str]] = defaultdict(list)
    for row, found in zip(rows, first, strict=True):
        by[f"{row['origin']} ({row['kind']})"].append(found)
    for origin, found in sorted(by.items()):
        counts = sorted({label: found.count(label) for label in set(found)}.items(), key=lambda item: -item[1])
        print(origin, len(found), *(f"{label} {count / len(found):.2f}" for label, count in counts[:5]))


def in_classes(rows: Rows, ask: Callable[[Rows], Asked]) -> None:
    """Top-1 where origins are put together as the literature does: the sums of their probabilities are compared."""
    probabilities, labels = ask(rows)
    class_of = {origin: name for name, origins in CLASSES.items() for origin in origins.split()}
    families = {origin: name.partition("-")[0] for origin, name in class_of.items()}
    for told in (families, class_of, {label: label for label in labels}):
        names = sorted(set(told.values()))
        sums = np.zeros((len(rows), len(names)))
        for place, label in enumerate(labels):
            sums[:, names.index(told[label])] += probabilities[:, place]
        right = [names[best] == told[row["origin"]] for best, row in zip(sums.argmax(axis=1), rows, strict=True)]
        number = len({told[row["origin"]] for row in rows})
        print(f"{number} classes near those of NamePrism, {len(rows):,} people of name2nat: {np.mean(right):.3f}")


def beside_peers(rows: Rows, ask: Callable[[Rows], Asked], python: Path) -> None:
    """ethnicseer on its own groups, ethnidata by countries put together to origins; charnn on the same rows."""
    probabilities, labels = ask(rows)
    names = json.dumps([row["name"] for row in rows])
    done = subprocess.run([python, "-c", PEERS], input=names, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout[done.stdout.index("{") :])
    group_of = {origin: group for group, origins in ETHNICSEER.items() for origin in origins}
    groups = list(ETHNICSEER)
    sums = np.stack(
        [probabilities[:, [labels.index(o) for o in ETHNICSEER[group] if o in labels]].sum(axis=1) for group in groups],
        1,
    )
    mine = [groups[place] for place in sums.argmax(axis=1)]
    inside = [place for place, row in enumerate(rows) if row["origin"] in group_of]
    for name, given in (("ethnicseer", found["groups"]), ("charnn", mine)):
        right = np.mean([given[place] == group_of[rows[place]["origin"]] for place in inside])
        print(f"{name} on the {len(groups)} groups of ethnicseer, {len(inside):,} people: {right:.3f}")
    origin_of = {code: origin for origin, codes in COUNTRIES.items() for code in codes.split()}
    known = [[origin_of.get(code) for code in codes] for codes in found["countries"]]
    for k in (1, 3):
        right = np.mean([row["origin"] in codes[:k] for row, codes in zip(rows, known, strict=True)])
        print(f"ethnidata, countries put together to origins, top-{k}, {len(rows):,} people: {right:.3f}")


if __name__ == "__main__":
    main()
