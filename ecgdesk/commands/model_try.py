"""`ecgdesk model try NAME [FILE]`: one page through a bundle, and what it took on this machine."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from ecgdesk.ecg.case import Status
from ecgdesk.ecg.home import home
from ecgdesk.ecg.reading import Evidence
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.ecg.resources import resource
from ecgdesk.pipeline import walk_file
from ecgdesk.read.llama.memory import GIB
from ecgdesk.read.llama.messages import Failed, FromWorker, Load, Progress, Ready, Result, Token
from ecgdesk.read.llama.process import DIED, Ended, LlamaProcess
from ecgdesk.read.llama.reader import order_of, why_unavailable


@dataclass
class _Watch:
    """When the narrative's tokens came, seconds on one clock; `stage`: when each stage of the page began."""

    tokens: list[float] = field(default_factory=list)
    stage: dict[str, float] = field(default_factory=dict)

    def note(self, report: FromWorker) -> None:
        if isinstance(report, Token):
            self.tokens.append(time.monotonic())
        elif isinstance(report, Progress):
            self.stage.setdefault(report.stage, time.monotonic())


def try_model(name: str, file: Path | None) -> int:
    """Reads the page twice, since the first one also warms the GPU up, and tells of the second. Raises Refusal."""
    if sentence := why_unavailable(home()):
        raise Refusal(sentence)
    evidence = _evidence(file or resource("sample/sample.png"))
    process = LlamaProcess()
    try:
        process.send(Load(str(home()), name))
        ready = _heard(process, _Watch())
        assert isinstance(ready, Ready)
        used = f", {ready.used_bytes / GIB:.2f} GiB used" if ready.used_bytes else ""
        print(f"{ready.title} on {ready.device}: loaded in {ready.seconds:.1f} s{used}")
        for request in (1, 2):
            watch = _Watch()
            process.send(order_of(evidence, request=request, measured=ready.measured_values))
            result = _heard(process, watch)
        assert isinstance(result, Result)
        _tell(result, watch, ready)
    except Ended:
        raise Refusal(DIED) from None
    finally:
        process.kill()
    return 0


def _evidence(file: Path) -> Evidence:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file}: the file cannot be read ({error.strerror}); check its name.") from error
    case = next(iter(walk_file(data, name=file.name)))
    if case.status is Status.UNREADABLE or case.recording is None or case.measurements is None:
        raise Refusal(f"{file}: {' '.join(case.reasons)}")
    return Evidence(case.recording, case.measurements, case.patient, case.page)


def _heard(process: LlamaProcess, watch: _Watch) -> Ready | Result:
    while True:
        report = process.hear()
        if isinstance(report, Failed):
            raise Refusal(report.sentence)
        if isinstance(report, (Ready, Result)):
            return report
        if report is not None:
            watch.note(report)


def _tell(result: Result, watch: _Watch, ready: Ready) -> None:
    print(f"page: {result.seconds:.1f} s, of it {result.vision_seconds:.2f} s to see it")
    begun, listed = watch.stage.get("weighing labels"), watch.stage.get("listing findings")
    if begun is not None and listed is not None:
        print(f"labels: {(listed - begun) / max(1, len(result.labels)):.2f} s each")
    if len(watch.tokens) > 1:
        first = watch.tokens[0] - watch.stage["writing the report"]
        rate = (len(watch.tokens) - 1) / max(1e-9, watch.tokens[-1] - watch.tokens[0])
        print(f"report: first words after {first:.2f} s, then {rate:.1f} pieces a second")
    if result.peak_bytes:
        print(
            f"memory at its peak: {result.peak_bytes / GIB:.2f} GiB; computed before: {ready.need_bytes / GIB:.2f} GiB"
        )
    print(f"what it wrote: {result.narrative}")
