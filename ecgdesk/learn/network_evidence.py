"""Do the spans of the network reader carry its answers? Named spans against random ones of the same lengths.

`python -m ecgdesk.learn.network_evidence RECORDS [COUNT]`: every finding of a superclass that the record truly has, on
the first COUNT records. The named spans give way to straight lines, the recording is measured and read anew, and the
finding's probability is compared; then the same with spans of the same lengths anywhere in the leads that are shown.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgdesk.ecg.lead import SAMPLING_RATE_HZ, STANDARD_ORDER
from ecgdesk.ecg.reading import Evidence, Finding, Span
from ecgdesk.ecg.recording import Recording
from ecgdesk.ecg.statements import catalogue
from ecgdesk.learn.labelled_records import labelled_records
from ecgdesk.learn.network_data import SIGNAL_QUALITY_DB
from ecgdesk.measure.measure import measure
from ecgdesk.read.network.ensemble import inputs, logits, probabilities
from ecgdesk.read.network.reader import NetworkReader

DRAWS = 3  # of random spans for each finding


@dataclass(frozen=True)
class Fall:
    """By how much one finding's probability falls without its own spans, and without random ones (mean of DRAWS)."""

    code: str
    named: float
    random: float


def falls(records: Path, reader: NetworkReader, *, count: int, seed: int = 0) -> list[Fall]:
    """One a finding whose superclass the record has. Raises NoRecords."""
    rng = np.random.default_rng(seed)
    found = []
    for record in islice(labelled_records(records), count):
        recording = Recording(record.signal, np.full(12, SIGNAL_QUALITY_DB, dtype=np.float32))
        evidence = Evidence(recording, measure(recording), record.patient)
        for finding in reader.read(evidence).findings:
            if finding.spans and catalogue()[finding.code].superclass in record.superclasses:
                found.append(_fall(reader, evidence, finding, rng))
    return found


def without(recording: Recording, spans: Sequence[Span]) -> Recording:
    """The recording with a straight line in place of each span."""
    signal = recording.signal.copy()
    for span in spans:
        row, first, last = signal[span.lead.row], *_samples(span)
        row[first:last] = np.linspace(row[first], row[last - 1], last - first)
    return replace(recording, signal=signal)


def elsewhere(recording: Recording, spans: Sequence[Span], rng: np.random.Generator) -> list[Span]:
    """Spans of the same lengths, each at a random place of a random lead that shows so much."""
    found = []
    for span in spans:
        length = span.end_s - span.start_s
        room = [
            (lead, start, end)
            for lead in STANDARD_ORDER
            for start, end in recording.spans_s(lead)
            if end - start > length
        ]
        lead, start, end = room[int(rng.integers(len(room)))]
        begin = float(rng.uniform(start, end - length))
        found.append(Span(lead, begin, begin + length))
    return found


def _fall(reader: NetworkReader, evidence: Evidence, finding: Finding, rng: np.random.Generator) -> Fall:
    label = finding.why.split(":")[0]

    def chance(spans: Sequence[Span]) -> float:
        changed = without(evidence.recording, spans)
        return _probability(reader, replace(evidence, recording=changed, measurements=measure(changed)), label)

    whole = chance(())
    drawn = [whole - chance(elsewhere(evidence.recording, finding.spans, rng)) for _ in range(DRAWS)]
    return Fall(finding.code, whole - chance(finding.spans), float(np.mean(drawn)))


def _probability(reader: NetworkReader, evidence: Evidence, label: str) -> float:
    names = [one.name for one in reader.bundle.manifest.label]
    values: NDArray[np.float64] = probabilities(reader.bundle, logits(reader.bundle, inputs(evidence)))
    return float(values[0, names.index(label)])


def _samples(span: Span) -> tuple[int, int]:
    return round(span.start_s * SAMPLING_RATE_HZ), round(span.end_s * SAMPLING_RATE_HZ)


def main(arguments: Sequence[str]) -> None:
    found = falls(Path(arguments[0]), NetworkReader(), count=int(arguments[1]) if arguments[1:] else 100)
    named, random = (np.array([getattr(one, name) for one in found]) for name in ("named", "random"))
    print(f"{len(found)} findings")
    print(f"median fall without the named spans {np.median(named):.4f}, mean {named.mean():.4f}")
    print(f"median fall without random spans {np.median(random):.4f}, mean {random.mean():.4f}")
    print(f"the named ones fall at least three times as far in {np.mean(named >= 3 * np.maximum(random, 0)):.0%}")


if __name__ == "__main__":
    main(sys.argv[1:])
