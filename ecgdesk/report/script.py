"""Right-to-left text for a drawing library that only knows left to right.

Names and short notes are set on a left-to-right line: each right-to-left run is turned about as a whole, and Arabic
letters take the presentation form that their neighbours ask for (Unicode, chapter 9.2, joining classes, from the
character database's own decompositions). It is the part of UAX #9 that short texts need, not the whole of it.
"""

import unicodedata
from functools import cache
from itertools import groupby

_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_NEUTRAL = frozenset({"WS", "ON", "CS", "ES", "NSM"})
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_LAM = "\N{ARABIC LETTER LAM}"
_PRESENTATION_FORMS_B = range(0xFE70, 0xFEFD)


def visual_order(text: str) -> str:
    """The characters in the order in which they are drawn from left to right."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return text
    pieces = []
    for rightward, group in groupby(zip(text, _directions(text), strict=True), key=lambda pair: pair[1]):
        piece = "".join(character for character, _ in group)
        pieces.append(piece if not rightward else _turned(_joined(piece)))
    return "".join(pieces)


def _directions(text: str) -> list[bool]:
    """True where a character belongs to a right-to-left run; neutrals between two such characters join the run."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    strong = [kind in _RIGHT_TO_LEFT for kind in kinds]
    last = -1
    for place, kind in enumerate(kinds):
        if strong[place] and last >= 0 and all(kind in _NEUTRAL for kind in kinds[last + 1 : place]):
            strong[last:place] = [True] * (place - last)
        if kind in _RIGHT_TO_LEFT:
            last = place
    return [
        is_strong or (kind == "NSM" and place > 0 and strong[place - 1])
        for place, (is_strong, kind) in enumerate(zip(strong, kinds, strict=True))
    ]


def _turned(text: str) -> str:
    return text[::-1].translate(_MIRRORED)


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
