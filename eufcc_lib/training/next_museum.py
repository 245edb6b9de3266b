"""`eufcc next-museum`: how a model does on each provider when it is trained without it."""

from ..core.commands import command, new_parser


@command
def main(arguments: list[str] | None = None) -> None:
    """`eufcc next-museum`."""
    parser = new_parser("next-museum", "Train a model without a group of providers and measure it on that group, until each provider "
                        "has been left out once. With as many groups as providers, each is left out alone.",
                        reads="the csv files and images of DATA; the finished folds of an interrupted run",
                        writes="results/DATA/next_museum/MODEL.json, after each fold",
                        example="eufcc next-museum multi_label --data mini")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="models, trained one after the other for each group of providers")
    parser.add_argument("--data", default="mini", help="mini, eufcc340k or a folder (default: %(default)s)")
    parser.add_argument("--recipe", default="mini", help="mini, paper, fast, probe or lora (default: %(default)s)")
    parser.add_argument("--folds", type=int, default=14, help="groups of providers (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="random seed (default: %(default)s)")
    parser.add_argument("--minimum", type=int, default=10, help="minimum number of images per tag (default: %(default)s)")
    parser.add_argument("--retrain", action="store_true", help="ignore the finished folds")
    options = parser.parse_args(arguments)
    # Imported only now, so that help and wrong arguments do not wait for torch.
    from ..collection.sources import open_dataset
    from ..models.registry import get_model_spec
    from ..results.next_museum import spread_frame
    from ..results.paper import METRICS
    from .providers import leave_providers_out
    from .recipes import get_recipe

    dataset = open_dataset(options.data)
    recipes = {model: get_recipe(options.recipe, get_model_spec(model).settings) for model in options.models}
    found = leave_providers_out(recipes, dataset, options.folds, options.seed, options.minimum, options.retrain)
    print(f"\n{METRICS[0].title} over the providers:\n{spread_frame(found, METRICS[0]).to_string()}")
