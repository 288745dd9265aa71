"""The command line: thin, over the library. Scripts and hospitals build on these commands, so they stay as they are."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ecgdesk import __version__, offline
from ecgdesk.commands.extras import require
from ecgdesk.commands.llama_learning import add_commands as add_llama_learning
from ecgdesk.ecg.refusal import Refusal

USAGE_ERROR = 2
_COMMANDS = ("read", "identity", "verify", "statements", "benchmark", "model", "learn", "doctor")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit code: 0 done, 1 refused, 2 usage."""
    offline.guard()
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words) if words and words[0] in _COMMANDS else _window_parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; nor may the last flush fail
        return 1
    except OSError as error:
        if error.strerror is None:  # not the system's: a fault of the program
            raise
        what = error.filename or "A file"
        print(
            f"{what} cannot be read or written ({error.strerror}); check its name, its rights and the room there.",
            file=sys.stderr,
        )
        return 1


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecgdesk",
        description="The reading desk for paper ECGs. Without a command it opens the window.",
        epilog="Commands: " + ", ".join(_COMMANDS) + ". `ecgdesk COMMAND --help` says more.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="sheets to open: images, PDFs or folders")
    parser.add_argument("--version", action="version", version=f"ecgdesk {__version__}")
    parser.set_defaults(run=_window)
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ecgdesk")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    read = commands.add_parser("read", help="read sheets without a window")
    read.add_argument("files", nargs="+", type=Path, metavar="FILE", help="images, PDFs or folders of them")
    read.add_argument("-o", "--out", required=True, type=Path, metavar="DIR", help="where STEM.pdf, .json and .csv go")
    read.add_argument("--reader", action="append", metavar="NAME", help="reader to use (may be given again)")
    read.add_argument("--sign", metavar="IDENTITY", help="sign each report with this identity")
    read.add_argument("--paper", choices=("a4", "letter"), default="a4")
    read.set_defaults(run=_read)

    identity = commands.add_parser("identity", help="signing identities")
    kinds = identity.add_subparsers(required=True, metavar="ACTION")
    new = kinds.add_parser("new", help="make a key and a self-signed certificate")
    new.add_argument("name", metavar="NAME")
    new.set_defaults(run=_identity_new)
    importing = kinds.add_parser("import", help="take over a PKCS#12 file")
    importing.add_argument("file", type=Path, metavar="FILE.p12")
    importing.set_defaults(run=_identity_import)
    listing = kinds.add_parser("list", help="what identities there are")
    listing.set_defaults(run=_identity_list)

    verify = commands.add_parser("verify", help="is a report's signature intact, and whose is it")
    verify.add_argument("report", type=Path, metavar="REPORT.pdf")
    verify.add_argument("--trust", action="append", type=Path, default=[], metavar="CERT.pem")
    verify.set_defaults(run=_verify)

    statements = commands.add_parser("statements", help="the statement catalogue with its sources")
    statements.set_defaults(run=_statements)

    _add_benchmarks(commands.add_parser("benchmark", help="speed and accuracy on a folder of records or pages"))
    _add_models(commands.add_parser("model", help="bundles of the Llama reader"))
    _add_learning(commands.add_parser("learn", help="made pages, training, contact sheets"))

    doctor = commands.add_parser("doctor", help="what is installed, what is missing, what to do")
    doctor.set_defaults(run=_doctor)
    return parser


def _add_benchmarks(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(required=True, metavar="WHAT")
    for name, what, run in (
        ("digitise", "PAGES", _benchmark_digitise),
        ("measure", "RECORDS", _benchmark_measure),
        ("reading", "RECORDS", _benchmark_reading),
    ):
        kind = kinds.add_parser(name)
        kind.add_argument("folder", type=Path, metavar=what)
        kind.add_argument("-o", "--out", required=True, type=Path, metavar="OUT")
        kind.set_defaults(run=run)
        if name == "reading":
            kind.add_argument("--reader", default="criteria", metavar="NAME")
            kind.add_argument("--via", choices=("signal", "page"), default="signal")


def _add_models(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(required=True, metavar="ACTION")
    make = kinds.add_parser("make", help="a bundle from a base and an adapter as they were downloaded")
    make.add_argument("base", type=Path, metavar="BASE", help="folder of Llama-3.2-11B-Vision-Instruct")
    make.add_argument("--adapter", type=Path, metavar="ADAPTER", help="folder of its LoRA adapter")
    make.add_argument("--name", default="llama-ecg", metavar="NAME")
    make.add_argument("-o", "--out", required=True, type=Path, metavar="FOLDER")
    make.set_defaults(run=_model_make)
    add = kinds.add_parser("add", help="verify a bundle and put it on this desk")
    add.add_argument("folder", type=Path, metavar="FOLDER")
    add.add_argument("--link", action="store_true", help="leave its files where they are")
    add.add_argument("--accept-licence", action="store_true", help="accept its licence without being asked")
    add.set_defaults(run=_model_add)
    kinds.add_parser("list", help="what bundles there are").set_defaults(run=_model_list)
    check = kinds.add_parser("check", help="compare every file with its hash again")
    check.add_argument("name", metavar="NAME")
    check.set_defaults(run=_model_check)
    trial = kinds.add_parser("try", help="read a page and tell how long and how much memory it took")
    trial.add_argument("name", metavar="NAME")
    trial.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a sheet (else the sample sheet)")
    trial.set_defaults(run=_model_try)
    remove = kinds.add_parser("remove", help="take a bundle off this desk")
    remove.add_argument("name", metavar="NAME")
    remove.set_defaults(run=_model_remove)


def _add_learning(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(required=True, metavar="WHAT")
    sheet = kinds.add_parser("contact-sheet", help="pages with what was found on them, to be judged by eye")
    sheet.add_argument("folder", type=Path, metavar="SCANS")
    sheet.add_argument("-o", "--out", required=True, type=Path, metavar="OUT")
    sheet.set_defaults(run=_contact_sheet)
    sample = kinds.add_parser("sample", help="the simulated sample sheet")
    sample.add_argument("-o", "--out", required=True, type=Path, metavar="FILE.png")
    sample.set_defaults(run=_sample)
    network = kinds.add_parser("train-network", help="the embedded network reader, from labelled records")
    network.add_argument("folders", nargs="+", type=Path, metavar="RECORDS", help="signals_*.npz with labels.csv")
    network.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="where the bundle goes")
    network.add_argument("--work", required=True, type=Path, metavar="WORK", help="kept; a stopped run goes on")
    network.set_defaults(run=_train_network)
    add_llama_learning(kinds)


# Each command imports what it needs when it runs: `ecgdesk --help` must not wait for OpenCV, nor `read` for Qt.


def _window(options: argparse.Namespace) -> int:
    from ecgdesk.desk.app import run

    return run(options.files)


def _read(options: argparse.Namespace) -> int:
    from ecgdesk.commands.read import read_files

    return read_files(
        options.files, out=options.out, readers=options.reader, identity=options.sign, paper_name=options.paper
    )


def _identity_new(options: argparse.Namespace) -> int:
    from ecgdesk.commands.identity import new

    return new(options.name)


def _identity_import(options: argparse.Namespace) -> int:
    from ecgdesk.commands.identity import import_file

    return import_file(options.file)


def _identity_list(_: argparse.Namespace) -> int:
    from ecgdesk.commands.identity import show

    return show()


def _verify(options: argparse.Namespace) -> int:
    from ecgdesk.commands.verify import verify_report

    return verify_report(options.report, trust=options.trust)


def _statements(_: argparse.Namespace) -> int:
    from ecgdesk.commands.statements import show

    return show()


def _benchmark_digitise(options: argparse.Namespace) -> int:
    from ecgdesk.learn.benchmark_digitise import benchmark_digitise

    benchmark_digitise(options.folder, options.out)
    return 0


def _benchmark_measure(options: argparse.Namespace) -> int:
    from ecgdesk.learn.benchmark_measure import benchmark_measure

    benchmark_measure(options.folder, options.out)
    return 0


def _benchmark_reading(options: argparse.Namespace) -> int:
    from ecgdesk.learn.benchmark_reading import Via, benchmark_reading

    benchmark_reading(options.folder, options.out, reader=options.reader, via=Via(options.via))
    return 0


def _model_make(options: argparse.Namespace) -> int:
    from ecgdesk.commands.model import make

    return make(base=options.base, adapter=options.adapter, name=options.name, out=options.out)


def _model_add(options: argparse.Namespace) -> int:
    from ecgdesk.commands.model import add

    return add(options.folder, link=options.link, accept_licence=options.accept_licence)


def _model_list(_: argparse.Namespace) -> int:
    from ecgdesk.commands.model import show

    return show()


def _model_check(options: argparse.Namespace) -> int:
    from ecgdesk.commands.model import check

    return check(options.name)


def _model_try(options: argparse.Namespace) -> int:
    from ecgdesk.commands.model_try import try_model

    return try_model(options.name, options.file)


def _model_remove(options: argparse.Namespace) -> int:
    from ecgdesk.commands.model import remove

    return remove(options.name)


def _contact_sheet(options: argparse.Namespace) -> int:
    from ecgdesk.learn.contact_sheet import contact_sheet

    for sheet in contact_sheet(options.folder, options.out):
        print(sheet)
    return 0


def _sample(options: argparse.Namespace) -> int:
    from ecgdesk.learn.sample import write_sample

    write_sample(options.out)
    return 0


def _train_network(options: argparse.Namespace) -> int:
    require("torch", "onnx", "sklearn", extra="learn")
    from ecgdesk.learn.train_network import train_network

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    train_network(options.folders, options.out, work=options.work)
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from ecgdesk.commands.doctor import examine

    return examine()


if __name__ == "__main__":
    sys.exit(main())
