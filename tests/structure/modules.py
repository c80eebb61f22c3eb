"""Every module of the application, imported, so that what they declare at import is there."""

import importlib
import pkgutil

import app


def import_everything() -> list[str]:
    """The names of all modules below ``app``."""
    names = [found.name for found in pkgutil.walk_packages(app.__path__, "app.")]
    for name in names:
        importlib.import_module(name)
    return names
