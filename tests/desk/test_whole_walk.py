"""The window with the real worker process: from dropped files to a signed report."""

from datetime import datetime
from pathlib import Path

from pytestqt.qtbot import QtBot

from ecgdesk.desk.delivery import signed_report
from ecgdesk.ecg.case import Status
from ecgdesk.ecg.lead import STANDARD_ORDER
from ecgdesk.pipeline import reread
from ecgdesk.report.identity import new_identity
from ecgdesk.report.verification import verify
from ecgdesk.store.cases import CaseStore
from ecgdesk.worker import Walker
from tests.desk.conftest import OpenDesk, settle
from tests.desk.test_window_intake import all_done, drop

PATIENCE_MS = 120_000  # a busy machine with two cores


def test_good_and_bad_files_are_dropped_together_and_each_ends_as_it_should(
    open_desk: OpenDesk, store: CaseStore, sample_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    files = [tmp_path / name for name in ("empty.png", "text.png", "torn.pdf")]
    for file, data in zip(files, (b"", b"this is a letter, not an ECG", b"%PDF-1.4 torn off"), strict=True):
        file.write_bytes(data)
    window = open_desk(walker=Walker(), reread=reread)
    drop(window, *files, sample_file)
    qtbot.waitUntil(lambda: all_done(window, 4), timeout=PATIENCE_MS)
    *bad, good = window.queue_model.entries
    for entry in bad:
        assert entry.status is Status.UNREADABLE
        assert entry.status_line.endswith(".")
        assert "fault of the program" not in entry.status_line
    assert good.status in (Status.READ, Status.DOUBTFUL)

    window.queue.choose(good.id)
    case = window.workbench.case
    assert case is not None
    assert case.page is not None
    assert case.page.layout.leads == frozenset(STANDARD_ORDER)
    assert window.centre.view.sheet is not None

    pointing = next(finding for finding in case.findings if finding.spans)
    window.workbench.pick(pointing)
    places = window.centre.view.sheet.pick(pointing)
    assert places
    assert all(window.centre.view.sheet.sheet_rect.contains(place) for place in places)

    window.workbench.acknowledge()
    settle(window)
    identity = new_identity("Sample Signer", passphrase="a sample passphrase", folder=tmp_path / "identities")
    acknowledged = window.workbench.case
    signature = signed_report(acknowledged, identity, at=datetime.now().astimezone())
    window.workbench.keep_signed(acknowledged, signature)
    settle(window)
    kept = store.get(good.id).signature
    assert kept is not None
    assert verify(kept.pdf, trusted=[identity.certificate]).trusted


def test_a_real_scan_is_read_and_its_evidence_lies_on_its_ink(open_desk: OpenDesk, shared: Path, qtbot: QtBot) -> None:
    window = open_desk(walker=Walker(), reread=reread)
    drop(window, shared / "scans" / "ecg00001.png")
    qtbot.waitUntil(lambda: all_done(window, 1), timeout=PATIENCE_MS)
    case = window.workbench.case
    assert case is not None
    assert case.page is not None
    window.actions_table["page"].trigger()
    scene = window.centre.scene
    assert scene is not None
    per_mm = case.page.pixels_per_mm_x.value or 1.0
    for finding in (finding for finding in case.findings if finding.spans):
        for place in scene.pick(finding):
            columns = slice(round(place.left() * per_mm), round(place.right() * per_mm))
            rows = slice(max(round(place.top() * per_mm), 0), round(place.bottom() * per_mm))
            assert case.page.ink[rows, columns].max() > 128
