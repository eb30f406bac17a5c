import enum
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from fulfillment import Context, Parameter, Reply, Request, on


class Size(enum.Enum):
    NONE = ""
    SMALL = "small"


@dataclass
class Money:
    amount: float
    currency: Literal["EUR", "USD"]
    note: str | None
    tags: list[str] = field(default_factory=list)


@dataclass
class Order:
    id: Annotated[str, Parameter("order-id")]
    price: Money
    days: list[date]


@on.intent("plain")
def plain() -> str:
    return "Hi"


@on.intent('it\'s quoted "$HOME" `id` \\ größe')
def quoted(word: Annotated[str, Parameter("it's")]) -> str:
    return word


@on.intent("simple types")
def simple(a: str, b: int, c: float, d: bool, e: date, f: time, g: datetime) -> str:
    return f"{a} {b} {c} {d} {e} {f} {g.isoformat()}"


@on.intent("choices")
def choices(unit: Literal["Celsius", "Fahrenheit"], size: Size, number: Literal[3, 5]) -> str:
    return f"{unit} {size.value} {number}"


@on.intent("composites")
def composites(order: Order, raw: dict, anything: Any, either: int | str) -> str:
    return f"{order.id} {order.price.amount} {order.days[0]} {type(raw).__name__} {anything} {either}"


@on.intent("lists")
def lists(words: list[str], sizes: list[Literal["S", "M"]], orders: list[Money], bare: list) -> str:
    return f"{words} {sizes} {orders[0].currency} {len(bare)}"


@on.intent("optional ones")
def optional(name: str | None, day: date | None = None, size: int = 3) -> str:
    return f"{name} {day} {size}"


@on.intent("contexts")
def contexts(cart: Context, last: Context | None, size: int, request: Request) -> str:
    return f"{cart.name} {cart.lifespan} {last} {size} {sorted(request.contexts)}"


@on.intent("slots", slot_filling=True)
def slots(size: int | None, request: Request) -> str:
    return f"{size} {request.slot_filling}"


@on.action("an.action")
def an_action(size: int) -> str:
    return f"action {size}"


@on.event("an event")
def an_event(size: int) -> str:
    return f"event {size}"


@on.event("ANOTHER_EVENT")
def another_event() -> str:
    return "event"


@on.tag("a tag")
def a_tag(size: Size, cart: Context) -> Reply:
    return Reply(f"tag {size.value} {cart.name}")


@on.fallback
def the_fallback() -> str:
    return "fallback"


@on.route("/stock", methods=["GET", "POST"])
def stock(product: str, sizes: list[int], price: Money) -> dict:
    return {"product": product, "sizes": sizes, "currency": price.currency}


@on.route("/look", methods=["GET"])
def look(product: Annotated[str, Parameter("it's a product")], sizes: list[int], price: Money) -> dict:
    return {"product": product, "sizes": sizes, "currency": price.currency}


@on.route("/head", methods=["HEAD"])
def head(product: str) -> dict:
    return {"product": product}


@on.route("/gone", methods=["DELETE", "OPTIONS"])
def gone(product: str, day: date) -> dict:
    return {"product": product, "day": day.isoformat()}


@on.route("/put", methods=["PUT"])
def put(product: str, at: datetime) -> dict:
    return {"product": product, "at": at.isoformat()}
