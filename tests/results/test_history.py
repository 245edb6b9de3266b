"""What a curve says about overfitting turns with its losses."""

import re

import pandas as pd
import pytest

from eufcc_lib.results.history import describe_curve


def history(loss, val_loss=None) -> pd.DataFrame:
    frame = pd.DataFrame({"epoch": range(1, len(loss) + 1), "loss": loss})
    return frame if val_loss is None else frame.assign(val_loss=val_loss)


@pytest.mark.parametrize(("found", "said"), [
    (pd.DataFrame(), "are not on this machine"),
    (history([3, 2]), "Without annotated validation images"),
    (history([3, 2], [float("nan")] * 2), "Without annotated validation images"),
    (history([3, 2, 1], [3, 2, 1]), "lowest, 1.00, after the last of 3 epochs: the curve shows no overfitting"),
    (history([3, 2, 1], [3, 2, 2.01]), "epoch 2 of 3, at 2.00, and ends at 2.01, at most 1 % above it: .* no clear overfitting"),
    (history([4, 2, 1], [3, 2, 2.5]), "epoch 2 of 3, at 2.00, and ends at 2.50, 25 % above it, while .* 2.00 to 1.00. From epoch 2 on, the model overfits"),
    (history([1, 2, 3], [1, 2, 3]), "ends at 3.00, 200 % above it\\.$"),
])
def test_overfitting_is_said_where_the_validation_loss_rises_and_the_training_loss_falls(found, said):
    assert re.search(said, describe_curve(found))
