"""How often a web process looks for garbage.

Python looks through all it holds after every few hundred new objects; a page of fifty rows makes tens of thousands, and
what the program itself consists of, some hundred thousand objects, is never garbage.
"""

from __future__ import annotations

import gc

YOUNG = 50_000
"""New objects after which the young are looked through."""


def settle() -> None:
    """Set what is loaded apart for good; call once, when the application is complete and before it serves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
