"""How well a report says what a reference report says: 0 to 10 for diagnosis, waveform and rhythm, by a fixed rubric.

Each of the three parts has a list of what can be said (`TERMS`: a term and the words that tell it, in English). A
part's score is ten times the F1 of the terms that the report says against those that the reference says; where neither
says any, it is 10. A term that is denied ("no ST elevation", "without ischaemia") is not said; one that is suspected
or cannot be ruled out is. More exact terms take the place of the general one that their words hold as well.
The total is the mean of the three, times ten: 0 to 100.

The paper (arXiv 2501.18670) let GPT-4o judge the same three aspects from 0 to 10. This rubric needs no network, and
says the same each time; it sees the terms alone, so its totals are not the paper's and are compared among our own
readers only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

Terms = Mapping[str, str]

_INFARCT = r"(?:infarct\w*|myocardial (?:damage|necrosis)|\bmi\b)"
_BLOCK = r"(?:bundle[- ]branch block|bbb)"
RHYTHM: Terms = {
    "sinus bradycardia": r"sinus brady\w*",
    "sinus tachycardia": r"sinus tachy\w*",
    "sinus arrhythmia": r"sinus arr?h?ythmia",
    "sinus rhythm": r"sinus rhythm",
    "atrial fibrillation": r"atrial fibrillation|\bafib\b",
    "atrial flutter": r"(?:atrial )?flutter",
    "supraventricular tachycardia": r"supraventricular tachy\w*",
    "ventricular tachycardia": r"(?<!supra)\bventricular tachy\w*",
    "paced": r"\bpac(?:ed|er|ing)\b|pacemaker",
    "ventricular extrasystole": r"(?<!supra)\bventricular (?:extrasystol\w*|premature|ectop\w*)"
    r"|premature ventricular|\bpvcs?\b",
    "supraventricular extrasystole": r"(?:supraventricular|atrial) (?:extrasystol\w*|premature|ectop\w*)"
    r"|premature (?:atrial|supraventricular)|\bpacs?\b",
    "bigeminy": r"bigemin\w*",
    "junctional rhythm": r"junctional|nodal rhythm",
}
WAVEFORM: Terms = {
    "left axis": r"left[- ](?:axis|type)|left deviation|overturned left|axis (?:deviated|turned) left",
    "right axis": r"right[- ](?:axis|type)|right deviation|axis (?:deviated|turned) right",
    "low voltage": r"low[- ](?:qrs )?voltage",
    "high voltage": r"high[- ](?:qrs )?voltage",
    "ST elevation": r"st[- ](?:segment )?elevation\w*|elevat\w+ (?:of the )?st",
    "ST depression": r"st[- ](?:segment )?depress\w+|depress\w+ (?:of the )?st",
    "T wave change": r"(?:abnormal|inver\w+|flat\w*|negative|nonspecific abnormal|high) t\b"
    r"|t[- ]?(?:wave)? ?(?:\w+ )?(?:abnormalit\w*|change\w*|inversion\w*|flatten\w*|elevation\w*)|qrs\(t\)"
    r"|\bst[-/ ]?t\b",
    "QRS change": r"abnormal qrs|wide qrs|qrs (?:widen\w*|prolong\w*)|intraventricular conduction",
    "Q wave": r"\bq[- ]waves?|pathological q\b",
    "poor R progression": r"poor r|r[- ](?:wave )?progression|r reduction",
    "long QT": r"(?:long|prolonged) qt|qt[- ]?(?:interval )?prolong\w*",
    "long PR": r"(?:long|prolonged) p[rq]|p[rq][- ]?(?:interval )?prolong\w*",
}
DIAGNOSIS: Terms = {
    "normal ECG": r"(?<!ab)normal (?:\d+-lead )?e[ck]g|no (?:definite )?patholog\w*|ecg (?:is )?(?:within )?normal",
    "anterior infarction": rf"(?:antero?\w*|septal)[- ](?:\w+[- ])?{_INFARCT}",
    "inferior infarction": rf"infero?\w*[- ](?:\w+[- ])?{_INFARCT}",
    "lateral infarction": rf"(?<!antero)(?<!infero)\blateral[- ]{_INFARCT}",
    "posterior infarction": rf"posterior[- ](?:\w+[- ])?{_INFARCT}",
    "infarction": _INFARCT,
    "ischaemia": r"isch\w+",
    "left ventricular hypertrophy": r"left[- ](?:ventricular )?hypertroph\w*|\blvh\b",
    "right ventricular hypertrophy": r"right[- ](?:ventricular )?hypertroph\w*|\brvh\b",
    "left atrial enlargement": r"left atrial (?:enlarge\w*|abnormal\w*|overload\w*|dilat\w*)",
    "right atrial enlargement": r"right atrial (?:enlarge\w*|abnormal\w*|overload\w*|dilat\w*)",
    "incomplete right bundle branch block": rf"incomplete right {_BLOCK}|\birbbb\b",
    "right bundle branch block": rf"right {_BLOCK}|\brbbb\b",
    "incomplete left bundle branch block": rf"incomplete left {_BLOCK}|\bilbbb\b",
    "left bundle branch block": rf"left {_BLOCK}|\blbbb\b",
    "left anterior fascicular block": r"left anterior (?:fascicular|hemi) ?block|\blafb\b",
    "left posterior fascicular block": r"left posterior (?:fascicular|hemi) ?block|\blpfb\b",
    "first-degree block": r"(?:a-?v[- ]block|atrioventricular block)(?: of)?(?: the)? (?:i\b|1|first)"
    r"|(?:first|1st)[- ]degree",
    "higher block": r"(?:second|third|2nd|3rd)[- ]degree|a-?v[- ]block (?:iii?|2|3)\b|complete heart block",
    "preexcitation": r"pre-?excit\w*|\bwpw\b|wolff",
    "pericarditis": r"pericard\w*",
    "early repolarisation": r"early repolari[sz]ation",
}
TERMS: Mapping[str, Terms] = {"diagnosis": DIAGNOSIS, "waveform": WAVEFORM, "rhythm": RHYTHM}
MOST = 10.0

_GENERAL = {
    "infarction": ("anterior infarction", "inferior infarction", "lateral infarction", "posterior infarction"),
    "right bundle branch block": ("incomplete right bundle branch block",),
    "left bundle branch block": ("incomplete left bundle branch block",),
}
_CLAUSES = re.compile(r"[.;,\n]|\bbut\b|\bwith(?!out)\b")
_DENIED = re.compile(r"\b(?:no|not|without|absence of|free of|negative for)\b(?: \w+){0,3}? *$")
_DENIED_FROM_BEHIND = re.compile(r"^(?: \w+){0,2} (?:is|are|was|were|can be) (?:absent|excluded|ruled out|not seen)\b")


@dataclass(frozen=True)
class Score:
    """Each 0 to 10."""

    diagnosis: float
    waveform: float
    rhythm: float

    @property
    def total(self) -> float:
        """0 to 100."""
        return 10.0 * (self.diagnosis + self.waveform + self.rhythm) / 3.0


def score(report: str, reference: str) -> Score:
    """The report against the reference; both in English."""
    parts = {part: MOST * _f1(said(report, part), said(reference, part)) for part in TERMS}
    return Score(**parts)


def said(report: str, part: str) -> frozenset[str]:
    """The terms of a part ("diagnosis", "waveform", "rhythm") that a report says and does not deny."""
    clauses = [clause.strip() for clause in _CLAUSES.split(report.lower())]
    found = {term for term, words in _compiled(part).items() if any(_holds(words, clause) for clause in clauses)}
    return frozenset(found - {term for term, exact in _GENERAL.items() if found & set(exact)})


@cache
def _compiled(part: str) -> Mapping[str, re.Pattern[str]]:
    return {term: re.compile(words) for term, words in TERMS[part].items()}


def _holds(words: re.Pattern[str], clause: str) -> bool:
    return any(
        not _DENIED.search(clause[: hit.start()]) and not _DENIED_FROM_BEHIND.search(clause[hit.end() :])
        for hit in words.finditer(clause)
    )


def _f1(mine: frozenset[str], wanted: frozenset[str]) -> float:
    total = len(mine) + len(wanted)
    return 2.0 * len(mine & wanted) / total if total else 1.0
