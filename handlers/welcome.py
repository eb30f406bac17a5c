"""Default Welcome Intent: greets, and offers what the shop can do."""

from fulfillment import QuickReplies, Reply, Text, on


@on.intent("Default Welcome Intent")
def welcome() -> Reply:
    """Greet in one of several wordings; Dialogflow picks one."""
    return Reply(
        Text("Hello, this is the shop. What can I do for you?", "Welcome to the shop! How can I help?"),
        QuickReplies("I can help with:", "My order", "Store hours", "Book a table", "Is it in stock?"),
    )
