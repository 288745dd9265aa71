"""The comparison with an earlier ECG, as flowing text beside the findings."""

from ecgdesk.ecg.comparison import Change, SerialComparison
from ecgdesk.report import columns, ink
from ecgdesk.report.flow import Block, Story

_MOST_CHANGES = 12  # the largest against their uncertainty; the JSON has them all


def comparison_stories(comparison: SerialComparison | None) -> tuple[Story, ...]:
    """One story, or none where nothing was compared."""
    if comparison is None:
        return ()
    blocks: list[Block] = [
        (columns.paragraph(one.text, columns.STRONG), columns.paragraph(one.why, columns.SMALL))
        for one in comparison.statements
    ]
    real = sorted(comparison.real_changes, key=lambda change: -abs(change.difference) / max(change.uncertainty, 1e-9))
    blocks += [(columns.paragraph(_told(change), columns.TEXT),) for change in real[:_MOST_CHANGES]]
    if len(real) > _MOST_CHANGES:
        blocks.append((columns.paragraph(f"and {len(real) - _MOST_CHANGES} more in the leads", columns.SMALL),))
    if not real:
        blocks.append((columns.paragraph("No figure changed beyond its own uncertainty.", columns.SMALL),))
    blocks += [(columns.paragraph(sentence, columns.SMALL),) for sentence in comparison.not_compared]
    return (columns.story(f"Compared with the ECG of {ink.day(comparison.earlier_at)}", tuple(blocks)),)


def _told(change: Change) -> str:
    """`J level V3: 0.05 to 0.31 mV (+0.26, ± 0.04)`."""
    digits = 2 if change.unit == "mV" else 0
    sign = "+" if change.difference > 0 else ""
    where = f" {change.lead}" if change.lead else ""
    unit = change.unit if change.unit == "°" else f" {change.unit}"
    values = f"{ink.number(change.earlier, digits=digits)} to {ink.number(change.later, digits=digits)}{unit}"
    difference = f"{sign}{ink.number(change.difference, digits=digits)}"
    return f"{change.name}{where}: {values} ({difference}, ± {ink.number(change.uncertainty, digits=digits)})"
