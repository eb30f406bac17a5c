"""Texts in several languages, out of the code: `texts("order_status", status="shipped")`.

Each language has one file, `<language>.toml`, with `key = "text with {names}"`. A text that is missing in the user's
language is taken from the next one: `zh-TW`, then `zh`, then the default.
"""

from __future__ import annotations

import contextvars
from pathlib import Path
from typing import Any

from .problems import SetupError

current_language: contextvars.ContextVar[str] = contextvars.ContextVar("language", default="")
"""The language of the call that is being answered, as Dialogflow sent it."""


class Texts:
    """Reads a folder of `<language>.toml` files, at first use. `folder` is set by `handlers/__init__.py`."""

    default_language = "en"

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._by_language: dict[str, dict[str, str]] | None = None

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

        Raises `KeyError` naming the key and the files where no language has it, and the value that a text needs.
        """
        wanted = _tag(language or current_language.get() or self.default_language)
        for candidate in (wanted, wanted.partition("-")[0], self.default_language):
            text = self._all().get(candidate, {}).get(key)
            if text is not None:
                try:
                    return text.format(**values)
                except LookupError as error:
                    raise KeyError(f"Text {key!r} ({candidate}) needs the value {error}; texts({key!r}, ...)") from None
        raise KeyError(f"No text {key!r} for language {wanted!r} in {self._folder}; add it to the .toml file there.")

    def _all(self) -> dict[str, dict[str, str]]:
        if self._by_language is None:
            self._by_language = {
                _tag(file.stem): _read(file) for file in sorted((self._folder or _NOWHERE).glob("*.toml"))
            }
        return self._by_language


def _tag(language: str) -> str:
    return language.lower().replace("_", "-")


_NOWHERE = Path("no-texts-folder")


def _read(file: Path) -> dict[str, str]:
    import tomllib

    try:
        texts = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{file} is not valid TOML: {error}.") from error
    for key, text in texts.items():
        if not isinstance(text, str):
            raise SetupError(f"{file}: {key} is a {type(text).__name__}; expected a text.")
    return texts


texts = Texts()
