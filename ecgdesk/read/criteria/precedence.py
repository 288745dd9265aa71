"""Which findings stand beside which: the catalogue's own `hides` and `precludes`, and nothing else."""

from collections.abc import Iterable, Mapping

from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.statements import Statement


def standing(
    findings: Iterable[Finding], table: Mapping[str, Statement]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings that stand, and a remark for each that was left out because it cannot be judged beside another.

    A statement that is itself left out leaves nothing out. The catalogue has no circles (a test holds that).
    """
    met = {finding.code: finding for finding in findings}
    rivals = {
        code: [other for other in met if code in table[other].hides or code in table[other].precludes] for code in met
    }
    verdicts: dict[str, bool] = {}

    def stands(code: str) -> bool:
        if code not in verdicts:
            verdicts[code] = not any(stands(rival) for rival in rivals[code])
        return verdicts[code]

    kept = tuple(finding for code, finding in met.items() if stands(code))
    remarks = tuple(
        f"{table[code].name} is not stated beside {_lower(table[hider].name)}: its criteria cannot be judged then."
        for code in met
        if not stands(code)
        for hider in [rival for rival in rivals[code] if stands(rival) and code in table[rival].precludes][:1]
    )
    return kept, remarks


def _lower(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
