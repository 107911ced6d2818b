"""The server: its sockets, its signals, and an end within two seconds."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import importlib
import socket
from collections.abc import Callable, Sequence
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

from api.engine import Engine
from bessline.errors import BesslineError

#: From the signal to the last connection closed, and how much of it the streams get for their `bye`.
END_S, DRAIN_S = 1.6, 1.0
_BACKLOG = 2048
#: So much may wait in the kernel for a client, unsent: a frozen one would fill megabytes before anybody noticed.
UNSENT_BYTES = 16 * 1024
_SHORTEST_S = 0.1
log = structlog.get_logger()


class CannotListen(BesslineError):
    """The address cannot be had."""

    exit_code = 30


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of `host`; port 0 takes a free one.

    Our own, so that the size of their send buffers can be set before anybody connects.

    Raises
    ------
    CannotListen
    """
    sockets: list[socket.socket] = []
    with contextlib.ExitStack() as opened:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            for family, _, _, _, address in dict.fromkeys(found):
                own = socket.socket(family, socket.SOCK_STREAM)
                opened.callback(own.close)
                sockets.append(own)
                _bind(own, str(address[0]), port or _port_of(sockets))
        except OSError as error:
            raise CannotListen(_reason(error, host, port)) from None
        opened.pop_all()
    return sockets


def _bind(own: socket.socket, address: str, port: int) -> None:
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if own.family == socket.AF_INET6:
        own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
    own.setblocking(False)
    own.bind((address, port))
    own.listen(_BACKLOG)


def raise_file_limit() -> int:
    """Let this process have as many connections as the system allows it to; how many files that is, 0 if unknown."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return int(resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def settle_heap() -> None:
    """What is loaded by now stays: the garbage collector need not walk through it again, 30 to 70 ms at a time."""
    gc.collect()
    gc.freeze()


def _port_of(sockets: Sequence[socket.socket]) -> int:
    """The port that the first address got, so that the others get the same."""
    return int(sockets[0].getsockname()[1])


def _reason(error: OSError, host: str, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return f"--host {host} is no address that can be found ({error.strerror})"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use on {host}; end the other server, or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this user; choose one above 1023 with --port"
    return f"cannot listen on {host} port {port} ({error.strerror})"


def urls(sockets: Sequence[socket.socket]) -> list[str]:
    """Where a browser finds the server."""
    addresses = [(own.family, own.getsockname()) for own in sockets]
    return [
        f"http://[{name[0]}]:{name[1]}/" if family == socket.AF_INET6 else f"http://{name[0]}:{name[1]}/"
        for family, name in addresses
    ]


class Server(uvicorn.Server):
    """uvicorn, but a signal first lets the streams say `bye`, then ends the server, and the process ends with 0.

    Parameters
    ----------
    announce: called once, when connections are accepted.
    """

    def __init__(self, app: ASGIApp, engine: Engine, *, announce: Callable[[], None]) -> None:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", ws="none", server_header=False)
        super().__init__(config)
        self._engine, self._announce = engine, announce
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell when connections are accepted."""
        self._loop = asyncio.get_running_loop()
        self._engine.when_failed = self._leave
        self._engine.when_ready = settle_heap
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal. Owned here: sse-starlette patches the parent's, and that raises the signal again at the end."""
        if self._loop is None:
            self.should_exit = True
        elif self._draining is not None:
            self.should_exit = self.force_exit = True
        else:
            self._loop.call_soon_threadsafe(self._drain_once)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Also when a second signal hurries it: uvicorn would then leave out the end of what the app began."""
        await super().shutdown(sockets)
        if self.force_exit:
            await self.lifespan.shutdown()

    def _drain_once(self) -> None:
        if self._draining is None:
            self._draining = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        began = asyncio.get_running_loop().time()
        log.info("draining")
        self._engine.phase, self._engine.detail = "draining", "the server goes away"
        try:
            if self._engine.live is not None:
                await asyncio.wait_for(self._engine.live.drain(), DRAIN_S)
        except TimeoutError:
            log.warning("streams cut off", after_s=DRAIN_S)
        finally:
            taken = asyncio.get_running_loop().time() - began
            # uvicorn only asks for an int in its annotation; it hands this to wait_for
            self.config.timeout_graceful_shutdown = max(_SHORTEST_S, END_S - taken)  # type: ignore[assignment]
            self.should_exit = True

    def _leave(self) -> None:
        self.should_exit = True


def run(app: ASGIApp, engine: Engine, *, announce: Callable[[Sequence[str]], None]) -> None:
    """Serve `app` until a signal comes. `announce` gets the addresses once they answer.

    Raises
    ------
    CannotListen
        the address cannot be had.
    BesslineError
        there was nothing to serve.
    """
    raise_file_limit()
    sockets = listen(engine.settings.host, engine.settings.port)
    Server(app, engine, announce=lambda: announce(urls(sockets))).run(sockets)
    if engine.failure is not None:
        raise engine.failure
