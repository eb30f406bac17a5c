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


def repeated(number: int, attempts: int, host: str, reason: str) -> str:
    """Tell that a call is made again, by host and attempt alone: path and query may hold keys and users' words."""
    return f"outside: attempt {number} of {attempts} for {host} after {reason}"


def no_google_token(reason: str) -> str:
    """Tell why the runtime account has no access token."""
    return (
        f"No Google access token: {reason}. On Google Cloud the function's service account gives it; elsewhere run "
        "`gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file."
    )
