"""`ecgdesk learn llama-…`: from labelled records to an adapter and its figures."""

import argparse
import logging
from pathlib import Path

from ecgdesk.commands.extras import require
from ecgdesk.ecg.refusal import Refusal

KINDS = ("feature", "rhythm", "morphology", "diagnosis", "label", "report")


class NotLearnt(Refusal):
    """The learning proof ran, but did not reach what it must."""


def add_commands(kinds: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands beside the others of `ecgdesk learn`."""
    data = kinds.add_parser("llama-data", help="pages and instruction samples from labelled records")
    data.add_argument("folders", nargs="+", type=Path, metavar="RECORDS", help="signals_*.npz with labels.csv")
    data.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="kept; a stopped run goes on")
    data.add_argument("--reports", type=Path, metavar="CSV", help="table with ecg_id and report_en")
    data.add_argument("--unaided", action="store_true", help="questions without the measured values")
    data.add_argument("--kind", action="append", default=[], choices=KINDS, help="alone (may be given again)")
    data.add_argument("--limit", type=int, default=0, metavar="N", help="the first N records")
    data.add_argument("--seed", type=int, default=0)
    data.set_defaults(run=_data)
    train = kinds.add_parser("llama-train", help="a LoRA adapter from instruction samples, and its bundle")
    train.add_argument("samples", type=Path, metavar="SAMPLES", help=".jsonl or .json in LLaVA's layout")
    train.add_argument("--images", type=Path, metavar="FOLDER", help="where the pages lie (else beside the samples)")
    train.add_argument("--base", required=True, type=Path, metavar="BASE", help="folder of the base")
    train.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="kept; a stopped run goes on")
    train.add_argument("--name", default="llama-ecg")
    train.add_argument("--unaided", action="store_true", help="the samples carry no measured values")
    train.add_argument("--qlora", action="store_true", help="over the base in 4 bits")
    train.add_argument("--epochs", type=float, default=1.0)
    train.add_argument("--batch", type=int, default=1, help="conversations at once on each GPU")
    train.add_argument("--accumulate", type=int, default=16, help="batches to a step")
    train.add_argument("--rate", type=float, default=2e-4, help="learning rate after the warm-up")
    train.set_defaults(run=_train)
    evaluate = kinds.add_parser("llama-evaluate", help="the Llama on made pages, beside another reader")
    evaluate.add_argument("records", type=Path, metavar="RECORDS", help="signals_*.npz with labels.csv")
    evaluate.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="kept; a stopped run goes on")
    evaluate.add_argument("--bundle", default="", metavar="NAME", help="as `ecgdesk model list` names it")
    evaluate.add_argument("--reports", type=Path, metavar="CSV", help="reference reports: ecg_id and report_en")
    evaluate.add_argument("--beside", default="network", metavar="READER")
    evaluate.add_argument("--unaided", action="store_true", help="without the measured values")
    evaluate.add_argument("--limit", type=int, default=0, metavar="N", help="the first N records")
    evaluate.set_defaults(run=_evaluate)
    calibrate = kinds.add_parser("llama-calibrate", help="temperatures and thresholds from a dev set, into a bundle")
    calibrate.add_argument("bundle", type=Path, metavar="BUNDLE", help="folder of the bundle")
    calibrate.add_argument("pages", type=Path, metavar="PAGES.csv", help="of llama-evaluate on the dev set")
    calibrate.add_argument("--data", required=True, metavar="WORDS", help="which records these were")
    calibrate.set_defaults(run=_calibrate)
    proof = kinds.add_parser("llama-proof", help="a small Llama learns a simple task from nothing, as a proof")
    proof.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="pages, bundles and proof.json")
    proof.add_argument("--seed", type=int, default=0)
    proof.set_defaults(run=_proof)


def _data(options: argparse.Namespace) -> int:
    from ecgdesk.learn.llama_data import SAMPLES, DataOptions, make_data

    chosen = DataOptions(
        seed=options.seed, measured=not options.unaided, kinds=tuple(options.kind), limit=options.limit
    )
    count = make_data(options.folders, options.out, options=chosen, reports=options.reports)
    print(f"{options.out / SAMPLES}: {count} records.")
    return 0


def _train(options: argparse.Namespace) -> int:
    _require_libraries()
    from ecgdesk.learn.llama_train import Recipe, train

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = Recipe(
        epochs=options.epochs,
        batch=options.batch,
        accumulate=options.accumulate,
        rate=options.rate,
        qlora=options.qlora,
    )
    trained = train(
        options.samples,
        options.out,
        base=options.base,
        images=options.images,
        recipe=recipe,
        name=options.name,
        measured_values=not options.unaided,
    )
    if trained.bundle is not None:
        print(f"{trained.bundle.folder}: {trained.share}; mean loss {trained.loss:.3f}.")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from ecgdesk.learn.llama_data import read_reports
    from ecgdesk.learn.llama_evaluate import SUMMARY, evaluate
    from ecgdesk.read.llama.reader import LlamaReader
    from ecgdesk.read.registry import reader

    llama = LlamaReader(bundle=options.bundle, measured=False if options.unaided else None)
    try:
        count = evaluate(
            options.records,
            options.out,
            llama=llama,
            beside=reader(options.beside),
            references=read_reports(options.reports),
            limit=options.limit,
        )
    finally:
        llama.close()
    print(f"{options.out / SUMMARY}: {count} pages.")
    return 0


def _calibrate(options: argparse.Namespace) -> int:
    from ecgdesk.learn.llama_calibrate import calibrate

    for label in calibrate(options.bundle, options.pages, data=options.data).manifest.label:
        print(f"{label.name}: temperature {label.temperature:g}, threshold {label.threshold:g}")
    return 0


def _proof(options: argparse.Namespace) -> int:
    _require_libraries()
    from ecgdesk.learn.llama_proof import ENOUGH, PROOF, Plan, prove

    proof = prove(options.out, Plan(seed=options.seed))
    for one in proof.labels:
        print(
            f"{one.label}: AUC {one.after:.3f} ({one.low:.3f} to {one.high:.3f}), {one.right_after:.1%} right, on "
            f"{one.pages} held-back pages, {one.pages_with_it} with it; before training {one.before:.3f}, "
            f"{one.right_before:.1%} right."
        )
    print(f"{options.out / PROOF}: {sum(proof.seconds.values()):.0f} s.")
    if not proof.holds:
        raise NotLearnt(f"Not every label reached an AUC of {ENOUGH:g}; look at {options.out} before you train.")
    return 0


def _require_libraries() -> None:
    from ecgdesk.read.llama.reader import LIBRARIES

    require(*LIBRARIES, extra="llama")
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it would tell of kernels that could be downloaded
