import logging

from fulfillment import Context, Reply, Request, documents, on


@on.intent("hello")
def hello(request: Request) -> Reply:
    logging.getLogger("shop").info("said hello to %s", request.language)
    return Reply("Hello!", Context("greeted"))


@on.intent("look")
def look(id: str) -> str:
    found = documents.get("things", id)
    return f"Found {found['name']}." if found else "Nothing there."


@on.route("/things", methods=["GET", "POST"])
def things(name: str = "nothing") -> dict[str, str]:
    return {"name": name}
