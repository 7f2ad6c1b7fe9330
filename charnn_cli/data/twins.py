"""Names of a test that training has all but seen: Ivanova where Ivanov was trained on."""

from collections.abc import Iterable

MIN_STEM = 4  # letters that two names must share; shorter ones are alike by chance (Li, Lim)


def near_twins(names: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """The names that have a near twin among the others, each with the first twin met.

    Near twins share their first letters, at least four of them, and then one of the two goes on by one or two letters
    more (Ivanov, Ivanova), or both end in one letter that differs (Kowalski, Kowalska). Linear in the names.
    """
    whole = {name for name in names if len(name) >= MIN_STEM}
    without_one: dict[str, list[str]] = {}  # the names by what is left without their last letter
    without_two: dict[str, list[str]] = {}
    for name in sorted(whole):
        for cut, by_stem in ((1, without_one), (2, without_two)):
            if len(name) - cut >= MIN_STEM:
                by_stem.setdefault(name[:-cut], []).append(name)
    twins: dict[str, str] = {}
    for other in others:
        stem = other[:-1]
        for by_stem, shared in ((without_one, other), (without_two, other), (without_one, stem)):
            if shared in by_stem:
                for name in by_stem[shared]:
                    if name != other:
                        twins.setdefault(name, other)
        for name in (stem, stem[:-1]):
            if name in whole:
                twins.setdefault(name, other)
    return twins
