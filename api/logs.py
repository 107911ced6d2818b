"""One shape of log line for us and for the libraries."""

from __future__ import annotations

import logging
import sys

import structlog

_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs() -> None:
    """Send logs to stderr, unless whoever started us has already said where they go."""
    root = logging.getLogger()
    if structlog.is_configured() or root.handlers:
        return
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # the pretty traceback prints local variables, and with a request's headers the keys of clients
    plain = structlog.dev.plain_traceback
    render = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, exception_formatter=plain)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # its notices of start and stop are said by us, with the address
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
