"""Right-to-left text for a drawing library that only knows left to right.

Names and short notes are single lines. The line runs the way of its first letter that has a way; stretches of the
other way are turned about within it, numbers stay as they are, and Arabic letters take the presentation form that
their neighbours ask for (Unicode, chapter 9.2, joining classes, from the character database's own decompositions).
It is the part of UAX #9 that short texts need, not the whole of it.
"""

import re
import unicodedata
from functools import cache
from itertools import groupby

_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_DIGITS = frozenset({"EN", "AN"})
_UNIT = re.compile(r"\d+(?:[.,:/-]\d+)*|.")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_LAM = "\N{ARABIC LETTER LAM}"
_PRESENTATION_FORMS_B = range(0xFE70, 0xFEFD)


def visual_order(text: str) -> str:
    """The characters in the order in which they are drawn from left to right."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    if not _RIGHT_TO_LEFT.intersection(kinds):
        return text
    leftward = next(kind for kind in kinds if kind == "L" or kind in _RIGHT_TO_LEFT) in _RIGHT_TO_LEFT
    pieces = []
    for turned, group in groupby(zip(text, _turns(kinds, leftward), strict=True), key=lambda pair: pair[1]):
        piece = "".join(character for character, _ in group)
        pieces.append(_turned(_joined(piece)) if turned else piece)
    return "".join(reversed(pieces) if leftward else pieces)


def _turns(kinds: list[str], leftward: bool) -> list[bool]:
    """True where a character belongs to a right-to-left stretch; `leftward` where the whole line runs so.

    A number goes with the letters before it, a neutral character with its neighbours where they agree, else with the
    line, a mark above or below a letter with the letter.
    """
    strong = [None if kind not in _RIGHT_TO_LEFT and kind != "L" else kind != "L" for kind in kinds]
    before: list[bool] = []
    last = leftward
    for own in strong:
        last = last if own is None else own
        before.append(last)
    after: list[bool] = []
    following = leftward
    for place in reversed(range(len(kinds))):
        own = strong[place] if kinds[place] not in _DIGITS else before[place]
        following = following if own is None else own
        after.append(following)
    after.reverse()
    return [
        ahead if kind == "NSM" or kind in _DIGITS or ahead == behind else leftward
        for kind, ahead, behind in zip(kinds, before, after, strict=True)
    ]


def _turned(text: str) -> str:
    """A right-to-left stretch from left to right, numbers as they are.

    Vowel marks are left out, as in most writing: they would need a placing that the drawing library does not know.
    """
    units = [unit for unit in _UNIT.findall(text) if unicodedata.category(unit[0]) != "Mn"]
    return "".join(reversed(units)).translate(_MIRRORED)


def _joined(text: str) -> str:
    """Arabic letters as their isolated, initial, medial or final forms, lam with alef as one letter."""
    shaped: list[str] = []
    place = 0
    before = False  # whether the letter before reaches out to this one
    while place < len(text):
        letter = text[place]
        pair = _forms().get(text[place : place + 2]) if letter == _LAM else None
        forms = pair or _forms().get(letter)
        length = 2 if pair else 1
        if forms is None:
            shaped.append(letter)
            before = before and unicodedata.category(letter) == "Mn"
            place += 1
            continue
        after = "initial" in forms and _reaches_back(text, place + length)
        wanted = {(True, True): "medial", (True, False): "final", (False, True): "initial", (False, False): "isolated"}
        joins_before = before and "final" in forms
        shaped.append(forms.get(wanted[joins_before, after], letter))
        before = "initial" in forms
        place += length
    return "".join(shaped)


def _reaches_back(text: str, place: int) -> bool:
    while place < len(text) and unicodedata.category(text[place]) == "Mn":
        place += 1
    return place < len(text) and "final" in _forms().get(text[place], {})


@cache
def _forms() -> dict[str, dict[str, str]]:
    """letter (or lam and alef) -> {isolated, initial, medial, final: presentation form}."""
    table: dict[str, dict[str, str]] = {}
    for code in _PRESENTATION_FORMS_B:
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if letters and not letters.startswith("0020"):
            plain = "".join(chr(int(letter, 16)) for letter in letters.split())
            table.setdefault(plain, {})[kind.strip("<>")] = chr(code)
    return table
