"""Python's collector of cycles, kept to the window's thread.

Python collects on whichever thread happens to allocate. A dead widget or scene that a worker thread comes upon would be
destroyed there, beside Qt's own bookkeeping, and the program ends with a segmentation fault. So while the window is
open nothing is collected but here.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000


class Collector(QObject):
    """Collects by Python's own thresholds, but only when the window's event loop comes by."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)

    def end(self) -> None:
        """Gives collecting back to Python; call it when the other threads have ended."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return
