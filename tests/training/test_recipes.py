"""Recipes: complete, checked before work begins, and the paper's to the letter."""

import dataclasses

import pytest

from eufcc_lib.core.errors import UserError
from eufcc_lib.losses import weighting
from eufcc_lib.pages.parameters import check_parameters
from eufcc_lib.training.recipes import (
    OVERRIDES,
    RECIPES,
    WEIGHTINGS,
    Recipe,
    changed_fields,
    fit_recipe,
    get_recipe,
    own_settings,
)


def test_paper_recipe_is_section_5_2():
    paper = RECIPES["paper"]["vision"]
    assert (paper.batch_size, paper.weight_decay, paper.learning_rate, paper.epochs) == (128, 0.05, 1e-4, 25)
    assert (paper.image_size, paper.augment, paper.repeats) == (224, True, 3)
    assert paper.backbone.startswith("convnext_base.") and paper.weights == "pretrained" and not paper.frozen


def test_every_recipe_is_filed_under_its_name():
    assert all((recipe.name, recipe.family) == (name, family)
               for name, families in RECIPES.items() for family, recipe in families.items())
    assert {"paper", "fast", "mini", "probe", "lora"} == set(RECIPES)


def test_fast_recipe_is_the_papers_computed_faster():
    faster = dataclasses.replace(RECIPES["fast"]["vision"], name="paper", precision="float32", compiled=False)
    assert faster == RECIPES["paper"]["vision"] != RECIPES["fast"]["vision"]


def test_a_family_without_a_recipe_of_its_own_gets_that_of_the_vision_models():
    assert get_recipe("mini", "frequency") == RECIPES["mini"]["vision"]


def test_weightings_are_those_of_the_loss():
    assert set(WEIGHTINGS) == set(weighting.WEIGHTINGS)


def test_overrides_change_fields_and_none_leaves_them():
    recipe = get_recipe("mini", epochs=3, learning_rate=1, backbone=None)
    assert recipe == dataclasses.replace(RECIPES["mini"]["vision"], epochs=3, learning_rate=1.0)
    assert isinstance(recipe.learning_rate, float)
    assert changed_fields(recipe) == {"epochs": 3, "learning_rate": 1.0}
    assert changed_fields(RECIPES["mini"]["vision"]) == {}


def test_every_field_but_the_name_can_be_overridden_and_checked_in_a_notebook():
    assert set(OVERRIDES) == {field.name for field in dataclasses.fields(Recipe)} - {"name", "family"}
    values = dataclasses.asdict(RECIPES["paper"]["vision"])
    del values["name"], values["family"]
    check_parameters(values, **OVERRIDES)
    check_parameters(dict.fromkeys(OVERRIDES), **OVERRIDES)
    assert dataclasses.replace(get_recipe("mini", **values), name="paper") == RECIPES["paper"]["vision"]


def test_a_language_is_a_setting_where_texts_are_read():
    catalan = get_recipe("paper", "clip", language="ca")
    assert own_settings(catalan, "clip") == catalan
    for family in ("vision", "frequency", "ensemble"):
        assert own_settings(get_recipe("paper", family, language="ca", epochs=3), family) == get_recipe("paper", family, epochs=3)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(UserError, match="Unknown recipe 'papr'. Known recipes: fast, lora, mini, paper, probe."):
        get_recipe("papr")
    with pytest.raises(UserError, match="Unknown recipe field 'epoch'. Known recipe fields: augment, backbone, .*epochs"):
        get_recipe("mini", epoch=3)
    with pytest.raises(UserError, match="Unknown recipe field 'name'"):
        get_recipe("mini", name="mine")


@pytest.mark.parametrize(("field", "value", "expected"), [
    ("epochs", 2.5, "int"), ("epochs", True, "int"), ("epochs", "3", "int"), ("learning_rate", "1e-3", "float"),
    ("learning_rate", False, "float"), ("frozen", 1, "bool"), ("backbone", 3, "str")])
def test_a_value_of_the_wrong_type_is_refused(field, value, expected):
    with pytest.raises(UserError, match=f"Recipe field '{field}' is {value!r}; expected {expected}."):
        get_recipe("mini", **{field: value})


@pytest.mark.parametrize(("field", "value", "expected"), [
    ("epochs", 0, "at least 1"), ("batch_size", -1, "at least 1"), ("learning_rate", 0.0, "more than 0"),
    ("learning_rate", float("nan"), "more than 0"), ("weight_decay", -0.1, "0 or more"), ("beta1", 1.0, "less than 1"),
    ("crop", 1.5, "at most 1"), ("epsilon", 0.0, "more than 0"), ("repeats", 0, "at least 1")])
def test_a_value_out_of_range_is_refused(field, value, expected):
    with pytest.raises(UserError, match=f"Recipe field '{field}' is .*; expected .*{expected}."):
        get_recipe("paper", **{field: value})


def test_closed_lists_are_closed():
    with pytest.raises(UserError, match="Unknown precision 'half'. Known precisions: bfloat16, float16, float32."):
        get_recipe("mini", precision="half")
    with pytest.raises(UserError, match="Unknown on_broken 'ignore'"):
        get_recipe("mini", on_broken="ignore")


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(UserError, match="frozen=True.*expected augment=False and repeats=1"):
        get_recipe("paper", frozen=True)
    with pytest.raises(UserError, match="repeats=3 and augment=False.*expected augment=True"):
        get_recipe("mini", repeats=3, frozen=False)
    assert get_recipe("paper", frozen=True, augment=False, repeats=1).frozen


def test_a_recipe_fits_few_images_unless_the_user_chose_otherwise():
    for family in ("vision", "clip"):
        recipe = get_recipe("mini", family)
        assert fit_recipe(recipe, 30) == dataclasses.replace(recipe, batch_size=30, warmup_steps=min(recipe.warmup_steps, 10))
        assert fit_recipe(recipe, 640) == recipe
        chosen = get_recipe("mini", family, batch_size=40, warmup_steps=25)
        assert fit_recipe(chosen, 30) == chosen
