"""`python -m fulfillment.dialects` prints what each dialect makes of each part of a reply, as a Markdown table."""

from .conversions import markdown

print(markdown())
