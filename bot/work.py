"""Blocking work, asked for from the event loop."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from storage.database import Database

P = ParamSpec("P")
T = TypeVar("T")


async def do(
    database: Database, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Do short work on the database: here if it is a file, in a thread if it is across a network.

    A transaction on a file takes less time than two threads take to hand the interpreter to each
    other and back, which they would do at each of its statements.
    """
    if database.near:
        await asyncio.sleep(0)
        return function(*args, **kwargs)
    return await in_thread(function, *args, **kwargs)


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Do longer work in a thread. Who is cancelled meanwhile waits until it is done.

    A thread cannot be called off, and whoever closes the database next must not find it there.
    """
    working = asyncio.ensure_future(asyncio.to_thread(function, *args, **kwargs))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
