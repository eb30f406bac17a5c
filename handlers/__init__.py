"""Your handlers: one module per intent. Every module in this folder is found by itself."""

from pathlib import Path

from fulfillment import discover, texts

texts.folder = Path(__file__).parent / "texts"
routes = discover(__name__)
