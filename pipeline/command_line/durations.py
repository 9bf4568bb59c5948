"""Durations as people read them."""

_MINUTE = 60


def duration(seconds: float) -> str:
    """``4.2 s``, or ``1:02:03`` from a minute on."""
    if seconds < _MINUTE:
        return f"{max(seconds, 0):.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
