"""Bars that say less where there is no room for all of their words."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame


class FittingBar(QFrame):
    """Spreads its words while the room that they need, as the layout measures it, is there."""

    def __init__(self) -> None:
        super().__init__()
        self._needs_px = 0  # with all words; measured when the bar first gets a size, and its style with it
        self._wide = True

    def spread(self, wide: bool) -> None:
        """Shows all words, or the narrow form."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        layout = self.layout()
        if not self._needs_px and layout is not None:
            self._needs_px = layout.minimumSize().width()
        wide = event.size().width() >= self._needs_px
        if wide != self._wide:
            self._wide = wide
            self.spread(wide)
        super().resizeEvent(event)
