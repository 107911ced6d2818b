"""The command line. A shell: it parses, shows progress, prints, and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from bessline import __version__
from bessline.care import compact_command, verify_command
from bessline.console import ERR, OUT, print_check, print_report
from bessline.demo import make_demo
from bessline.errors import BesslineError, EmptySource, SourceError
from bessline.export import Wanted, export
from bessline.follow import follow
from bessline.managers import Managers
from bessline.progress import progress
from bessline.sources import open_source
from bessline.sources.base import Source
from bessline.store import IngestReport, Store, ingest
from bessline.store.manifest_file import MANIFEST
from bessline.tail import Wish, tail

#: Ends `ingest` when it did its work but some files could not be read.
PARTLY_REFUSED = SourceError.exit_code

app = typer.Typer(
    name="bessline",
    help="From a folder of battery exports to a live stream, a history and a page.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

StoreOption = Annotated[
    Path | None,
    typer.Option(envvar="BESSLINE_STORE", help="Folder of the store. Default: ./bessline-store.", show_default=False),
]
ZoneOption = Annotated[
    str | None, typer.Option(envvar="BESSLINE_TIMEZONE", help="Zone of stamps that carry none, as Europe/Berlin.")
]
DescribeOption = Annotated[
    Path | None, typer.Option(envvar="BESSLINE_DESCRIBE", help="YAML that says what the columns of the data mean.")
]
PrefixOption = Annotated[str, typer.Option(envvar="BESSLINE_PREFIX", help="Put before every device's name.")]
WorkersOption = Annotated[
    int | None,
    typer.Option(envvar="BESSLINE_WORKERS", min=0, help="Processes. Default: one a core; 0: none, in this process."),
]


@app.command("serve")
def serve_command(
    context: typer.Context,
    store: StoreOption = None,
    data: Annotated[
        list[Path] | None, typer.Option(envvar="BESSLINE_DATA", help="A folder or file to take in first; repeat it.")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", envvar="BESSLINE_NEW", help="Begin a store for live input where there is none.")
    ] = False,
    timezone: ZoneOption = None,
    describe: DescribeOption = None,
    prefix: PrefixOption = "",
    workers: WorkersOption = None,
    host: Annotated[str, typer.Option(envvar="BESSLINE_HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="BESSLINE_PORT", min=0, max=65535, help="Port to listen on.")] = 8002,
    live_interval: Annotated[
        float, typer.Option(envvar="BESSLINE_LIVE_INTERVAL", min=0.01, help="Seconds between two live rows.")
    ] = 1.0,
    live_start: Annotated[
        str | None, typer.Option(envvar="BESSLINE_LIVE_START", help="Data time at which the live clock begins.")
    ] = None,
    cors_origin: Annotated[
        list[str] | None,
        typer.Option(envvar="BESSLINE_CORS_ORIGIN", help="Origin that browsers may call from; repeat."),
    ] = None,
    alarms: Annotated[
        Path | None, typer.Option(envvar="BESSLINE_ALARMS", help="YAML with thresholds and rules of alarms.")
    ] = None,
) -> None:
    """Serve a store: the page, the live streams and the history. Without a store or data, the demo plant."""
    context.obj(
        store=store,
        data=data or [],
        new=new,
        timezone=timezone,
        describe=describe,
        prefix=prefix,
        workers=workers,
        host=host,
        port=port,
        live_interval=live_interval,
        live_start=live_start,
        cors_origin=cors_origin or [],
        alarms=alarms,
    )


@app.command("ingest")
def ingest_command(
    sources: Annotated[list[Path], typer.Argument(help="Folders or files to take in.", show_default=False)],
    store: StoreOption = None,
    timezone: ZoneOption = None,
    describe: DescribeOption = None,
    prefix: PrefixOption = "",
    workers: WorkersOption = None,
) -> None:
    """Take exports into a store. Run it again to go on after an interruption, or to add what is new."""
    opened = [open_source(path, timezone=timezone, describe=describe, prefix=prefix) for path in sources]
    target = store or Path("bessline-store")
    report = _ingest(opened, target, workers=workers)
    print_report(report, target)
    if report.refused or (report.rejected and not report.rows):
        raise typer.Exit(PARTLY_REFUSED)


@app.command("demo")
def demo_command(
    out: Annotated[Path, typer.Option(envvar="BESSLINE_OUT", help="Folder to write the raw exports to.")],
    days: Annotated[int, typer.Option(envvar="BESSLINE_DAYS", min=1, help="Days of data.")] = 7,
    devices: Annotated[int, typer.Option(envvar="BESSLINE_DEVICES", min=1, max=20, help="Storage units.")] = 2,
    seed: Annotated[int, typer.Option(envvar="BESSLINE_SEED", min=0, help="The same seed gives the same files.")] = 1,
    faults: Annotated[
        str, typer.Option(envvar="BESSLINE_FAULTS", help="none, default, or names with commas between.")
    ] = "default",
) -> None:
    """Simulate a plant: raw exports as a plant's folders hold them, and the truth beside them."""
    with progress() as tell:
        make_demo(out, days=days, devices=devices, seed=seed, faults=faults, progress=tell)
    OUT.print(f"demo plant in {out}; the truth about it in {out / 'truth.json'}")


@app.command("check")
def check_command(
    path: Annotated[Path, typer.Argument(help="A source or a store.", show_default=False)],
    timezone: ZoneOption = None,
    describe: DescribeOption = None,
    prefix: PrefixOption = "",
    workers: WorkersOption = None,
) -> None:
    """Say what a source or a store holds: devices, signals, spans, gaps, coverage, zone, sign, rejects."""
    if (path / MANIFEST).exists():
        print_check(Store.open(path))
        return
    source = open_source(path, timezone=timezone, describe=describe, prefix=prefix)
    # a source is checked by the very code that would take it in, into a store that is thrown away
    with tempfile.TemporaryDirectory(prefix="bessline-check-", ignore_cleanup_errors=True) as folder:
        report = _ingest([source], Path(folder) / "store", workers=workers)
        print_check(Store.open(Path(folder) / "store"))
        print_report(report, path)
    if report.refused:
        raise typer.Exit(PARTLY_REFUSED)


@app.command("export")
def export_command(
    device: Annotated[str, typer.Argument(help="A device of the store.", show_default=False)],
    topic: Annotated[str, typer.Argument(help="One of bms, pcs, aux, env, safety, meter, bess.", show_default=False)],
    out: Annotated[Path, typer.Option(help="File to write.", show_default=False)],
    store: StoreOption = None,
    format: Annotated[
        str | None, typer.Option(help="ndjson, csv, parquet or arrow. Default: what the file ends with.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First time, as 2024-05-01T00:00:00Z or 2024-05-01.")] = None,
    end: Annotated[str | None, typer.Option(help="First time that counts no more.")] = None,
    fields: Annotated[str | None, typer.Option(help="Names of fields, with commas between. Default: all.")] = None,
    ages: Annotated[bool, typer.Option("--ages", help="Add the age of each value in seconds.")] = False,
) -> None:
    """Write readings to a file, as GET /TOPIC/DEVICE.FORMAT of a server gives them."""
    wanted = Wanted(device, topic, format, start=start, end=end, fields=fields, ages=ages)
    size = export(Managers(Store.open(store or Path("bessline-store"))), wanted, out)
    OUT.print(f"{out}: {size:,} bytes", markup=False)


@app.command("tail")
def tail_command(
    url: Annotated[
        str, typer.Argument(help="A stream, as http://127.0.0.1:8002/bms/bess1/stream?interval=1.", show_default=False)
    ],
    from_id: Annotated[str | None, typer.Option(help="Go on after the event with this id.")] = None,
    fields: Annotated[str | None, typer.Option(help="Names of fields, with commas between. Default: all.")] = None,
    interval: Annotated[float | None, typer.Option(help="Seconds between two readings. Default: the server's.")] = None,
    limit: Annotated[int | None, typer.Option("--max", min=1, help="End after so many readings.")] = None,
    events: Annotated[bool, typer.Option("--events", help="Print named events too, each as a line.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End where the connection is lost or cannot be had.")] = False,
) -> None:
    """Follow a stream: a line of JSON a reading, across lost connections. BESSLINE_KEY is the key, if one is needed."""
    wish = Wish(url, from_id, {"fields": fields, "interval": interval}, limit, events, once)
    tail(wish, out=sys.stdout, tell=lambda said: ERR.print(said, markup=False), key=os.environ.get("BESSLINE_KEY"))


@app.command("follow")
def follow_command(
    folder: Annotated[Path, typer.Argument(help="A signal folder whose files grow.", show_default=False)],
    url: Annotated[
        str, typer.Option(envvar="BESSLINE_URL", help="The server to send new rows to.")
    ] = "http://127.0.0.1:8002",
    store: StoreOption = None,
    places: Annotated[
        Path | None, typer.Option(help="File that remembers how far each file was sent.", show_default=False)
    ] = None,
    timezone: ZoneOption = None,
    describe: DescribeOption = None,
    prefix: PrefixOption = "",
) -> None:
    """Send what is appended to a signal folder to a running server. What --store has taken in is not sent again."""
    follow(
        folder,
        url,
        places=places,
        store=store or Path("bessline-store"),
        key=os.environ.get("BESSLINE_KEY"),
        tell=lambda said: ERR.print(said, markup=False),
        opened=partial(open_source, folder, timezone=timezone, describe=describe, prefix=prefix),
    )


app.command("verify")(verify_command)
app.command("compact")(compact_command)


@app.command("version")
def version_command() -> None:
    """Print the version."""
    OUT.print(__version__)


def run(serve: Callable[..., Any], arguments: list[str] | None = None) -> None:
    """Run the command line; `serve` is called with the options of the serve command. Exits the process.

    Without a command, `serve` is meant.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or (arguments[0].startswith("-") and arguments[0] != "--help"):
        arguments = ["serve", *arguments]
    try:
        app(arguments, obj=serve)
    except BesslineError as error:
        ERR.print(f"error: {error}", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        ERR.print("interrupted; run the same command again to go on")
        sys.exit(130)


def _ingest(sources: list[Source], store: Path, *, workers: int | None) -> IngestReport:
    if not any(source.jobs for source in sources):
        for error in (error for source in sources for error in source.refused):
            ERR.print(f"refused: {error}", markup=False)
        named = ", ".join(str(source.path) for source in sources)
        raise EmptySource(f"nothing to take in: no readable file in {named}")
    with progress() as tell:
        return ingest(sources, store, workers=workers, progress=tell)
