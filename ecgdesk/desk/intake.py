"""Files, folders and pasted images on their way into the store and from there to the dispatcher."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QMimeData, QObject, QThreadPool, Signal
from PySide6.QtGui import QImage

from ecgdesk.desk import faults
from ecgdesk.desk.models.intake import found_in, readable, waiting_case, waiting_cases
from ecgdesk.ecg.case import Case
from ecgdesk.ecg.refusal import Refusal
from ecgdesk.store.cases import CaseStore


class Intake(QObject):
    """Keeps what is dropped before anything else is done with it, off the window's thread."""

    kept = Signal(object, bool)  # Case, WAITING, or UNREADABLE when it could not be opened; whether to open it
    refused = Signal(str)  # a sentence for the user

    def __init__(self, store: CaseStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def take_files(self, paths: Sequence[Path], *, open_first: bool = False) -> None:
        at = datetime.now().astimezone()
        self._pool.start(lambda: self._take(list(paths), at, open_first=open_first))

    def take_mime(self, mime: QMimeData) -> bool:
        """A drop or the clipboard: local files first, else an image. False when it holds neither."""
        files = local_files(mime)
        if files:
            self.take_files(files)
            return True
        image = mime.imageData() if mime.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self._pool.start(lambda: self._take_image(image))
            return True
        return False

    def wait(self) -> None:
        self._pool.waitForDone()

    def _take(self, paths: Sequence[Path], at: datetime, *, open_first: bool) -> None:
        found = found_in(paths)
        for folder in found.empty:
            self.refused.emit(
                f"There is no image or PDF in the folder {readable(folder.name)}; choose the one with the scans."
            )
        for error in found.barred:
            place = readable(str(error.filename))
            self.refused.emit(f"{place} cannot be looked into ({error.strerror}); check your rights.")
        for number, case in enumerate(waiting_cases(found.files, at=at)):
            self._keep(case, wanted=open_first and number == 0)

    def _take_image(self, image: QImage) -> None:
        at = datetime.now().astimezone()
        self._keep(waiting_case(_as_png(image), name=f"pasted {at:%Y-%m-%d %H.%M.%S}.png", at=at))

    def _keep(self, case: Case, *, wanted: bool = False) -> None:
        try:
            self._store.put(case)
        except Refusal as refusal:
            self.refused.emit(f"{case.source_name} was not taken in: {refusal}")
        except Exception as error:  # a bug of ours must not keep the other files of the drop out
            faults.note(error, "A file was not taken in")
            self.refused.emit(f"{case.source_name} was not taken in. {faults.sentence(error)}")
        else:
            self.kept.emit(case, wanted)


def local_files(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()] if mime.hasUrls() else []


def takes(mime: QMimeData) -> bool:
    """Whether a drop of this kind is welcome."""
    return bool(local_files(mime)) or mime.hasImage()


def _as_png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # a device is fine, the stubs know paths only
    return bytes(buffer.data().data())
