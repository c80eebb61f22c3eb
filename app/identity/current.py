"""Who calls, for the routes of every domain."""

from typing import cast

from app.identity.actor import Actor
from app.kit.api.context import context


def actor() -> Actor:
    """The signed-in actor of the current request; the route's policy saw to it that there is one."""
    return cast(Actor, context().principal)
