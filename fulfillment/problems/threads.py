"""What is said of threads that work for no call."""


def no_call(what: str, thread: str) -> str:
    """Tell that an effect on this thread would be outside of the call's record, deadline and trace."""
    return (
        f"{what} on thread {thread!r}, which works for no call: it would be outside of the call's deadline and trace, "
        "and of the record of @once, so that a repeated delivery would do it again. In a handler carry the call along: "
        "pool.submit(fulfillment.in_thread(work)), and wait for it. For work of the program itself, such as a "
        "refresher, write it inside 'with fulfillment.background():'."
    )
