"""Names of a test that training has all but seen: Ivanova where Ivanov was trained on."""

from collections.abc import Iterable

MIN_STEM = 4  # letters that two names must share; shorter ones are alike by chance (Li, Lim)


def near_twins(names: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """The names that have a near twin among the others, each with the first twin met.

    Near twins share their first letters, at least four of them, and then one of the two goes on by one or two letters
    more (Ivanov, Ivanova), or both end in one letter that differs (Kowalski, Kowalska). Linear in the names.
    """
    whole = {name for name in names if len(name) >= MIN_STEM}
    stems: list[dict[str, list[str]]] = [{}, {}]  # names without their last letter, without their last two
    for name in sorted(whole):
        for cut, by_stem in enumerate(stems, start=1):
            if len(name) - cut >= MIN_STEM:
                by_stem.setdefault(name[:-cut], []).append(name)
    without_one, without_two = stems
    twins: dict[str, str] = {}
    for other in others:
        for name in (*without_one.get(other, ()), *without_two.get(other, ()), *without_one.get(other[:-1], ())):
            if name != other:
                twins.setdefault(name, other)
        for stem in (other[:-1], other[:-2]):
            if stem in whole:
                twins.setdefault(stem, other)
    return twins
