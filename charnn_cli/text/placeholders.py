"""What stands in a column of names and is no name: marks of a missing value, errors of a spreadsheet, addresses.

None, Null, Nan, No and NA are people. So a placeholder is told by signs that no name has, not by its letters.
"""

import re

_PLACEHOLDER = re.compile(
    r"\s*(?:"
    r"n\s*/\s*a|n\.a\.|"  # N/A
    r"\#\S{1,20}[!?]|\#n/?[avd]|"  # #REF!, #NAME?, #N/A, German #NV
    r"\\[a-z]|"  # \N, as databases write NULL
    r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|"  # <NA>, [deleted], {{name}} within its last braces
    r"\((?:none|null|unknown|blank|empty|deleted|removed|redacted|not\s.*|no\s.*)\)"
    r")\s*|"
    r"\s*@\w+\s*|.*\S@\S+\.\S.*|"  # @handle, info@example.org
    r".*\b[a-z][a-z0-9+.-]*://.*",  # an address of the web
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = re.compile(r"[/#\\<\[{(@:]|n\.a\.", re.IGNORECASE)
_WEB = "www."


def is_no_name(text: str) -> bool:
    """Whether a text has a form that no person's name has."""
    if _SIGNS.search(text) is not None and _PLACEHOLDER.fullmatch(text) is not None:
        return True
    return is_web_address(text.lstrip())


def is_web_address(text: str) -> bool:
    """Whether a text begins as addresses without a scheme do."""
    return text[:4].lower() == _WEB
