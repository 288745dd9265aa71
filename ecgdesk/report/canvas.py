"""A canvas whose footers may say how many pages there are."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, BinaryIO

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from ecgdesk.report import fonts

rl_config.useA85 = 0  # streams as plain bytes: ASCII-85 in Python takes a second for a scan, and a fifth more room


CREATOR = "ecgdesk"


class NumberedCanvas(Canvas):
    """Holds each finished page back until the number of pages is known, then draws its footer and emits it."""

    def __init__(self, out: BinaryIO, size: tuple[float, float], *, keywords: str, author: str, at: datetime) -> None:
        """`keywords`, `author` and `at`, the time of the report, go into the document's information."""
        first_font: Any = fonts.REGULAR  # reportlab's own is not embedded; the stubs take it for a number
        super().__init__(out, pagesize=size, invariant=1, pageCompression=1, lang="en", initialFontName=first_font)
        self.setTitle("ECG report")
        self.setSubject("12-lead electrocardiogram")
        self.setAuthor(author)
        self.setCreator(CREATOR)
        self.setKeywords(keywords)
        stamp = f"D:{at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'"
        self.setDateFormatter(lambda *_: stamp)  # else an invariant document is dated to the year 2000
        self.setViewerPreference("PrintScaling", "None")  # a viewer that fits the page would spoil the scale
        self._held: list[tuple[dict[str, Any], Callable[[int, int], None]]] = []

    def end_page(self, footer: Callable[[int, int], None]) -> None:
        """Finishes the page; `footer` draws on it when called with (page, pages)."""
        self._held.append((dict(self.__dict__), footer))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        held = self._held
        for number, (state, footer) in enumerate(held, start=1):
            self.__dict__.update(state)
            footer(number, len(held))
            self.showPage()
        super().save()
