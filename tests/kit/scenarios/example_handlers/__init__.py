"""Handlers of every kind, with arguments of every type: the line that `ready` prints must fit each of them."""

from fulfillment import discover

routes = discover(__name__)
