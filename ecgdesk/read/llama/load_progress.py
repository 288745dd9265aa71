"""How far the loading of the weights is, from the library's own count of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from transformers.utils import logging as transformers_logging


@contextmanager
def counted(on_share: Callable[[float], None]) -> Iterator[None]:
    """While it lasts, `on_share` hears the share of weights that are loaded, where the library counts them."""

    class Count(transformers_logging.EmptyTqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, total: int | None = None, **more: Any) -> None:
            super().__init__(*args, **more)
            self._total, self._done = total or 0, 0

        def update(self, by: int = 1) -> None:
            self._done += by
            if self._total > 1:
                on_share(min(1.0, self._done / self._total))

    before = transformers_logging.set_tqdm_hook(lambda _, args, named: Count(*args, **named))
    try:
        yield
    finally:
        transformers_logging.set_tqdm_hook(before)
