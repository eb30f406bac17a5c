"""What the log says of hosts outside."""


def circuit_opened(host: str, failures: int, seconds: float) -> str:
    """Tell that an outside host is left alone for a while."""
    return (
        f"Outside calls to {host} failed {failures} times in a row: for {seconds:g} s they fail at once, then one is "
        "tried. Handlers get outside.Unavailable, and should apologise."
    )


def circuit_closed(host: str) -> str:
    """Tell that an outside host answers again."""
    return f"Outside calls to {host} are made again: a trial call was answered."
