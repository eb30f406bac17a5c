"""Default Fallback Intent: nothing matched. After repeated misses, a person is offered."""

from fulfillment import HandOff, Reply, Request, Text, on

MISSES_BEFORE_A_PERSON = 3


@on.fallback
@on.intent("Default Fallback Intent")
def fallback(request: Request) -> Reply:
    """Ask again, and give up politely instead of asking forever."""
    if request.misses >= MISSES_BEFORE_A_PERSON:
        return Reply("I still do not understand. Let me find a person who can help you.", HandOff())
    return Reply(Text("Sorry, I did not get that. Could you say it in other words?", "Sorry, what was that?"))
