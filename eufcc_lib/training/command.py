"""`eufcc train`: train and evaluate models, in one process or in several (`launch` starts those).

Also the program of torchrun and of srun, whose processes train together:

    torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST:29500 \\
        -m eufcc_lib train multi_label --data DATA --recipe paper
    srun eufcc train multi_label --data DATA --recipe paper
"""

import argparse
import ast
import os
from itertools import chain

from ..core.commands import command, new_parser
from ..core.errors import UserError


def _setting(text: str) -> tuple[str, object]:
    """`name=value`; a value that is not a Python literal is text, and so is one that looks like a number where a name belongs."""
    from .recipes import OVERRIDES

    name, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r}: expected NAME=VALUE")
    try:
        literal = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value
    kind, _ = OVERRIDES.get(name, (None, None))
    return name, value if kind is str and not isinstance(literal, str) else literal


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The options of `eufcc train`; `launch` starts processes with the same options."""
    parser = new_parser("train", "Train models and evaluate them on the splits of a data set. Under torchrun or srun, all "
                        "their processes train together (book/start.md).",
                        reads="the csv files and images of DATA; the checkpoints of an interrupted run",
                        writes="results/DATA/MODEL.json; weights, scores and training curve in checkpoints/DATA/MODEL/",
                        example="eufcc train multi_label softmax --data mini --set epochs=5")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="trained one after the other, members before the models that "
                        "combine them, or in parallel (--gpus, --side-by-side)")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--recipe", default="mini", help="mini, paper, fast, probe (heads on a frozen backbone) "
                        "or lora (small matrices beside its weights); default: %(default)s")
    parser.add_argument("--set", dest="settings", action="append", type=_setting, default=[], metavar="NAME=VALUE",
                        help="a setting of the recipe, such as epochs=5; can be repeated")
    parser.add_argument("--seed", type=int, default=0, help="random seed (default: %(default)s)")
    parser.add_argument("--retrain", action="store_true", help="discard the checkpoints and retrain")
    parser.add_argument("--vocabulary", default="train", help="where the tags come from: the train split (train) or the "
                        "label files (labels); default: %(default)s")
    parser.add_argument("--minimum", type=int, default=10, help="minimum number of images per tag (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1,
                        help="processes that share the training of one model, each on its own GPU (default: %(default)s)")
    parser.add_argument("--gpus", type=int, help="number of models to train in parallel, each on one GPU")
    parser.add_argument("--side-by-side", action="store_true",
                        help="train models of different backbones in parallel, which is faster on a CPU")
    parser.add_argument("--where-possible", action="store_true",
                        help="if the data set has nothing to learn from, say why and stop without an error")
    return parser.parse_args(arguments)


@command
def main(arguments: list[str] | None = None) -> int:
    """`eufcc train`; exit status 1 if a model that was trained in parallel failed."""
    options = parse(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    from ..collection.sources import open_dataset
    from ..models.registry import get_model_spec, waves
    from ..results.judgeable import nothing_to_learn
    from .distributed import count_started, joined
    from .launch import MARK_VARIABLE, train, train_each, train_side_by_side
    from .recipes import get_recipe

    settings = dict(options.settings)
    shared = {"seed": options.seed, "retrain": options.retrain, "vocabulary": options.vocabulary, "minimum": options.minimum}
    try:
        started = count_started()
        ways = {"--processes": options.processes > 1, "--gpus": options.gpus is not None, "--side-by-side": options.side_by_side}
        if started > 1 and any(ways.values()):
            raise UserError(f"This is one of {started} processes that were started to train together; expected neither "
                            "'--processes' nor '--gpus' nor '--side-by-side'.")
        if sum(ways.values()) > 1:
            raise UserError(f"{' and '.join(name for name, given in ways.items() if given)}: expected one of them.")
        if options.where_possible and (reason := nothing_to_learn(open_dataset(options.data, options.vocabulary, options.minimum))):
            print(f"Nothing is trained: {reason}")
            return 0
        if options.gpus is not None:
            return 1 if train_each(options.models, options.data, options.recipe, options.gpus, settings, **shared) else 0
        if options.side_by_side:
            train_side_by_side(options.models, options.data, options.recipe, settings, **shared)
            return 0
        order = list(chain(*waves(options.models)))
        recipes = {model: get_recipe(options.recipe, get_model_spec(model).settings, **settings) for model in order}
        alone = [model for model, recipe in recipes.items() if recipe.start == "heads"]
        if options.processes > 1 and alone:  # now rather than after days of other trainings
            raise UserError(f"Heads that are trained first are trained in one process, and {', '.join(alone)} would need "
                            f"{options.processes}; expected these models without '--processes'.")
        with joined():
            for model, recipe in recipes.items():
                train(model, options.data, recipe, processes=options.processes, **shared)
    except UserError as error:
        raise UserError(os.environ.get(MARK_VARIABLE, "") + str(error)) from None
    return 0
