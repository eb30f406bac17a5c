"""Texts in several languages, out of the code: `texts("order_status", status="shipped")`.

Each language has one file, `<language>.toml`, with `key = "text with {names}"`, or `key = ["one variant", "another"]`.
A text that is missing in the user's language is taken from the next one: `zh-TW`, then `zh`, then the default.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from . import language_files
from .current import current_call
from .language_files import Variants


class Texts:
    """The texts of a folder of `<language>.toml` files. `folder` is set by `handlers/__init__.py`.

    `discover()` reads all files at the start, so that a broken one stops it; others are read at first use.
    """

    default_language = "en"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._by_language: dict[str, dict[str, Variants]] | None = None

    @property
    def folder(self) -> Path | None:
        """Where the files are."""
        return self._folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._folder = folder
        self._by_language = None

    def __call__(self, key: str, /, language: str = "", **values: Any) -> str:
        """Return the text for `key` in `language` (default: the call's), with `values` filled in.

        Of several variants one is chosen at random; `all` gives Dialogflow the choice. A repeated delivery of an
        `@once` turn gets the words of the first.
        Raises `KeyError` naming the key and the files where no language has it, and the value that a text needs.
        """
        variants, found_in = self._find(key, language)
        # Variety for people, no secret.
        return _filled(variants[0] if len(variants) == 1 else random.choice(variants), key, found_in, values)  # noqa: S311

    def all(self, key: str, /, language: str = "", **values: Any) -> list[str]:
        """Return every variant of a text, filled in: `Text(*texts.all("greeting"))` lets Dialogflow choose.

        Raises `KeyError` as a call does.
        """
        variants, found_in = self._find(key, language)
        return [_filled(text, key, found_in, values) for text in variants]

    def read(self) -> dict[str, dict[str, Variants]]:
        """Return all texts by language and key, read and checked at the first call.

        Raises `SetupError` that names every fault, see `language_files.read`.
        """
        if self._by_language is None:
            self._by_language = language_files.read(self._folder, self.default_language) if self._folder else {}
        return self._by_language

    def missing(self) -> dict[str, list[str]]:
        """Return, by language, the keys that it takes from the default language."""
        return language_files.missing(self.read(), self.default_language)

    def _find(self, key: str, language: str) -> tuple[Variants, str]:
        call = current_call.get()
        wanted = language_files.tag(language or (call and call.language) or self.default_language)
        for candidate in (wanted, wanted.partition("-")[0], language_files.tag(self.default_language)):
            variants = self.read().get(candidate, {}).get(key)
            if variants is not None:
                return variants, candidate
        raise KeyError(f"No text {key!r} for language {wanted!r} in {self._folder}; add it to the .toml file there.")


def _filled(text: str, key: str, language: str, values: dict[str, Any]) -> str:
    try:
        return text.format(**values)
    except LookupError as error:
        raise KeyError(f"Text {key!r} ({language}) needs the value {error}; texts({key!r}, ...)") from None


texts = Texts()
