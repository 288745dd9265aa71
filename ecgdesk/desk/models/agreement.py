"""Which readers say the same. They are laid side by side, never merged: a person decides.

Two readers say the same when their statements are the same row of the catalogue, or when one is the general statement
of the other: the row that bears the other's SCP code as its own (LVH beside LVH with strain). A shared SCP code alone
does not do: hyper- and hypokalaemia share EL.
"""

from collections.abc import Sequence

from ecgdesk.ecg.case import Case
from ecgdesk.ecg.reading import Finding
from ecgdesk.ecg.statements import catalogue


def same(one: Finding, other: Finding) -> bool:
    """Whether two findings of different readers say the same."""
    if one.code == other.code:
        return True
    rows = catalogue()
    return any(a.code in rows[b.code].scp for a, b in ((one, other), (other, one)) if b.code in rows)


def groups(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], ...]:
    """The findings in their order, each followed at once by those of other readers that say the same."""
    left, found = list(findings), []
    while left:
        first = left.pop(0)
        group = [first]
        for other in tuple(left):
            if other.source not in {one.source for one in group} and same(first, other):
                group.append(other)
                left.remove(other)
        found.append(tuple(group))
    return tuple(found)


def judges(case: Case) -> tuple[str, ...]:
    """The readers that have judged the case: neither merely asked for a proposal, nor abstaining."""
    return tuple(one.reader for one in case.readings if not one.proposed and (one.findings or one.probabilities))


def agree(group: Sequence[Finding], case: Case) -> bool | None:
    """Whether the readers agree on what this group says; None where nobody else has judged it."""
    if len(group) > 1:
        return True
    asked = judges(case)
    return False if len(asked) > 1 and group[0].source in asked else None


def said_by(group: Sequence[Finding], case: Case) -> str:
    """Who says so, in a few words; only the name where there is but one reader."""
    names = " and ".join(finding.source for finding in group)
    return names + {True: " agree", False: " alone", None: ""}[agree(group, case)]


def tally(agreed: Sequence[bool | None]) -> str:
    """On how many statements the readers agree, in a few words; empty where there is but one reader."""
    judged = [one for one in agreed if one is not None]
    return f"{sum(judged)} of {len(judged)} agreed" if judged else ""
