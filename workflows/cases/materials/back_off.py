"""How long to wait before something that was away is asked again."""

from __future__ import annotations

from datetime import timedelta

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)


def pause_after(failures: int) -> timedelta:
    """Return the pause after so many failures in a row: it doubles, up to half an hour.

    Args:
        failures: 1 or more.
    """
    return min(FIRST_PAUSE * (1 << min(failures - 1, 10)), LONGEST_PAUSE)
