"""Finds the handlers of a project: imports its modules and collects the functions that are marked."""

from __future__ import annotations

import importlib
import os
import pkgutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import problems
from ..languages import texts
from .marks import REPLACES, is_marked
from .routes import Routes


def discover(package_name: str) -> Routes:
    """Import every module of a package, however deep, and return the routes of all marked functions in them.

    Folders count with and without an `__init__.py`. A module that cannot be imported raises its own error.
    The files of `texts` are read too, all languages: a broken one must not wait for a user who speaks it.
    Raises `SetupError` for two handlers of one name, two functions of one name in a module (the second replaces the
    first), `async def`, signatures that cannot be bound, modules that need an environment variable nobody has set, and
    texts with faults.
    """
    began = time.time()
    package = importlib.import_module(package_name)
    functions: dict[int, Callable[..., Any]] = {}
    modules = map(_imported, _module_names(package.__path__, f"{package_name}."))
    for module in (package, *modules):
        functions.update((id(value), value) for value in list(vars(module).values()) if is_marked(value))
    for function in functions.values():
        if earlier := function.__dict__.get(REPLACES):
            raise problems.replaced_handler(earlier, function)
    texts.read()
    routes = Routes(functions.values())
    if not os.environ.get("K_SERVICE"):  # what Google runs is an image: its files never change
        routes.folders, routes.imported_at = list(package.__path__), began
    return routes


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except KeyError as error:
        import traceback

        *_, (reader, line), (last, _) = traceback.walk_tb(error.__traceback__)
        if last.f_globals.get("__name__") != "os":
            raise
        raise problems.missing_variable(f"{reader.f_code.co_filename}:{line}", str(error.args[0])) from None


def _module_names(folders: Iterable[str], prefix: str) -> Iterator[str]:
    for folder in folders:
        for module in pkgutil.iter_modules([folder], prefix):
            if module.name != f"{prefix}__main__":
                yield module.name
        # iter_modules() passes over folders without __init__.py, which Python itself imports.
        for inner in sorted(Path(folder).iterdir()):
            if inner.is_dir() and inner.name.isidentifier() and inner.name != "__pycache__":
                yield from _module_names([str(inner)], f"{prefix}{inner.name}.")
