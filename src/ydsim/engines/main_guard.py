"""Processes that do not import the user's main module again.

Work and tasks come from modules of their own, so that a script needs no
``if __name__ == "__main__"`` and a notebook no file.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_before: list[dict[str, Any]] = []
"""What the main module said of itself, once for each context that hides it."""


@contextmanager
def hidden_main() -> Iterator[None]:
    """Keep `multiprocessing` from telling processes started here where the main module is."""
    main = vars(sys.modules["__main__"])
    with _lock:
        original: dict[str, Any] = {
            name: main[name] for name in ("__spec__", "__file__") if name in main
        }
        _before.append(original)
        main.update(dict.fromkeys(original))
    try:
        yield
    finally:
        with _lock:
            original = _before.pop()
            if not _before:  # the first that was hidden is what it really said
                main.update(original)
