"""Where images come from stays with them, from the harvest to what is published: credits, card, Croissant, parquet."""

import json
import re
import shutil
import tarfile
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from test_mapping import AAT, BRONZE, COIN, line, uri
from test_thumbnails import picture

from eufcc_lib.collection.aat.mapping import map_items
from eufcc_lib.collection.curation.audit import audit
from eufcc_lib.collection.curation.duplicates import merge_duplicates
from eufcc_lib.collection.curation.filters import filter_records
from eufcc_lib.collection.licences import ASK, CREDIT, FREE, UNKNOWN, count_rights, read_licence
from eufcc_lib.collection.publishing.attribution import main as attribution
from eufcc_lib.collection.publishing.attribution import write_credits
from eufcc_lib.collection.publishing.card import main as card
from eufcc_lib.collection.publishing.card import write_card
from eufcc_lib.collection.publishing.parquet import main as export_parquet
from eufcc_lib.collection.publishing.parquet import write_parquet
from eufcc_lib.collection.shards import write_shards
from eufcc_lib.collection.sources import open_dataset
from eufcc_lib.collection.splitting.stratified import split_records
from eufcc_lib.core.paths import DATA
from eufcc_lib.data.records import COLUMNS, ID, PROVIDER, SOURCE_COLUMNS, SPLITS
from eufcc_lib.data.records_csv import read_records, records_from_columns, write_records

BY, ZERO, IN_COPYRIGHT = ("http://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/publicdomain/zero/1.0/",
                          "http://rightsstatements.org/vocab/InC/1.0/")


def records_of(*rows, prefix="a"):
    """Records with these further columns, which may be left out."""
    columns = {column: ["" for _ in rows] for column in COLUMNS}
    columns[ID] = [f"{prefix}_{number}" for number in range(len(rows))]
    columns[PROVIDER] = [row.get("provider", "Museum") for row in rows]
    columns["objectTypes.hierarchy"] = ["coin"] * len(rows)
    return records_from_columns(columns | {column: [row.get(column, "") for row in rows] for column in SOURCE_COLUMNS})


def rows_of(records):
    """id -> the further columns."""
    return {row[ID]: tuple(row[column] for column in SOURCE_COLUMNS) for row in records.table.to_pylist()}


def harvested(count=3):
    """Items as the search gives them, the first with everything a credit needs."""
    whole = {"rights": [BY], "title": ["A  coin,\nof bronze", "Une monnaie"], "edmIsShownAt": ["https://museum.example/1"],
             "dcCreator": ["#Anna", "http://data.europeana.eu/agent/1", "Anna (Medailleurin)", "Anna (engraver)"],
             "dcCreatorLangAware": {"de": ["Anna (Medailleurin)"], "en": ["Anna (engraver)"]}}
    return [line(uri(COIN), uri(BRONZE), name=f"/1/{number}", **(whole if number == 0 else {})) for number in range(count)]


FIRST = ("/1/0", BY, "A coin, of bronze", "Anna (engraver)", "https://museum.example/1")


def test_the_origin_of_an_item_goes_through_mapping_curation_splits_files_and_shards(tmp_path):
    mapped, _ = map_items(harvested(12), AAT)
    assert rows_of(mapped)["art_000000"] == FIRST and rows_of(mapped)["art_000001"] == ("/1/1", "", "", "", "")
    merged, _ = merge_duplicates(mapped, {"art_000010": "same", "art_000011": "same"})
    part = split_records(filter_records(merged, 2).records, []).records
    rows = {}
    for name, records in part.items():
        write_records(records, tmp_path / f"{name}.csv")
        rows |= rows_of(read_records(tmp_path / f"{name}.csv"))
    assert rows == {name: row for name, row in rows_of(mapped).items() if name != "art_000011"}
    folder = tmp_path / "EUROPEANA/images"
    folder.mkdir(parents=True)
    for name in mapped.ids:
        (folder / f"{name}.jpg").write_bytes(picture())
    write_shards(mapped, tmp_path, tmp_path / "shards")
    with tarfile.open(tmp_path / "shards/00000.tar") as shard:
        packed = json.load(shard.extractfile("art_000000.json"))
    assert tuple(packed[column] for column in SOURCE_COLUMNS) == FIRST


def test_odd_values_of_an_item_are_no_origin():
    odd = line(uri(COIN), rights=[None, {"def": BY}], title=[7], dcCreator="Anna", dcCreatorLangAware=["x"], edmIsShownAt=None)
    assert rows_of(map_items([odd], AAT)[0])["art_000000"] == ("/1/a", "", "", "Anna", "")


@pytest.mark.parametrize(("statement", "name", "use"), [
    (BY, "CC BY 4.0", CREDIT), ("https://creativecommons.org/licenses/by-nc-nd/3.0/es/deed.ca", "CC BY-NC-ND 3.0 ES", CREDIT),
    (ZERO, "CC0 1.0", FREE), ("http://creativecommons.org/publicdomain/mark/1.0/", "Public Domain Mark 1.0", FREE),
    (IN_COPYRIGHT, "In Copyright", ASK),
    ("http://rightsstatements.org/page/NoC-NC/1.0/?language=en", "No Copyright – Non-Commercial Use Only", ASK),
    ("", "No rights statement", UNKNOWN), ("all rights reserved", "all rights reserved", UNKNOWN),
    ("https://creativecommons.example/licenses/by/4.0/", "https://creativecommons.example/licenses/by/4.0/", UNKNOWN)])
def test_a_statement_is_read_as_its_licence(statement, name, use):
    licence = read_licence(statement)
    assert (licence.name, licence.use) == (name, use)


def test_the_audit_counts_rights_with_duties_first():
    records = records_of({"rights": ZERO}, {"rights": ZERO, "provider": "Archive"}, {"rights": BY}, {}, {"rights": IN_COPYRIGHT})
    found = audit({"train": records})
    assert found.rights[["licence", "use", "records", "providers"]].values.tolist() == [
        ["CC BY 4.0", CREDIT, 1, 1], ["In Copyright", ASK, 1, 1], ["No rights statement", UNKNOWN, 1, 1], ["CC0 1.0", FREE, 2, 2]]
    assert found.rights["share"].sum() == pytest.approx(1)
    assert "CC0 1.0 (needs no credit): 2 records of 2 providers" in str(found)
    plain = records_from_columns({column: ["x"] for column in COLUMNS})
    assert count_rights([plain])["licence"].tolist() == ["No rights statement"]


def test_credits_name_title_creator_provider_page_and_licence_once_each(tmp_path):
    records = {"train": records_of({"rights": BY, "title": "A *coin* [1]", "creator": "Anna", "page": "https://m.example/(1)",
                                    "europeana_id": "/1/0"}, {"rights": ZERO}),
               "val": records_of({"page": "javascript:alert(1)"}, {"rights": BY}, prefix="b")}
    images = write_credits(records, "coins", tmp_path / "CREDITS.md")
    text = (tmp_path / "CREDITS.md").read_text("utf-8")
    assert images == {CREDIT: 2, ASK: 0, UNKNOWN: 1, FREE: 1} and text.startswith("# Credits for the images of coins\n\n4 images: ")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == ["CC BY 4.0", "No rights statement", "CC0 1.0"]
    assert ("- *A \\*coin\\* \\[1\\]*, Anna, Museum. [Page](https://m.example/%281%29). "
            "[Europeana](https://www.europeana.eu/item/1/0). a\\_0\n- *Untitled*, Museum. b\\_1\n") in text
    assert text.count("[Text of the licence](https://creativecommons.org/licenses/by/4.0/)") == 1
    assert "javascript" not in text and "1 without a known rights statement" in text


@given(title=st.text(max_size=30))
def test_no_title_breaks_out_of_its_line(title, tmp_path_factory):
    path = tmp_path_factory.mktemp("credits") / "CREDITS.md"
    write_credits({"train": records_of({"title": title, "rights": BY})}, "x", path)
    lines = [found for found in path.read_text("utf-8").split("\n") if found.startswith("- ")]
    assert len(lines) == 1 and not re.search(r"(?<!\\)[<`\[]", lines[0])


def test_the_command_says_when_nothing_is_known(tmp_path, capsys):
    rows = records_from_columns({column: ["x"] for column in COLUMNS})
    write_records(rows, tmp_path / "coins" / "train.csv")
    assert attribution([str(tmp_path / "coins")]) == 0
    assert "no column 'rights', so nothing is known about the rights" in capsys.readouterr().out
    assert "Museum" not in (tmp_path / "coins/CREDITS.md").read_text() and "*Untitled*, x. x" in (tmp_path / "coins/CREDITS.md").read_text()
    assert attribution([str(tmp_path / "coins"), "--out", str(tmp_path / "coins/train.csv/x.md")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def coins(tmp_path):
    """A small data set with images but for one, and with further columns."""
    dataset = tmp_path / "coins"
    write_records(records_of({"rights": BY, "title": "One | two"}, {"rights": BY}, {"rights": BY}, prefix="train"), dataset / "train.csv")
    write_records(records_of({"rights": BY}, {"rights": BY, "provider": "Mint"}, prefix="test_ood"), dataset / "test_ood.csv")
    (dataset / "EUROPEANA/images").mkdir(parents=True)
    for number, name in enumerate(("train_0", "train_2", "test_ood_0", "test_ood_1")):
        (dataset / f"EUROPEANA/images/{name}.jpg").write_bytes(picture(number))
    return open_dataset(str(dataset), minimum=1)


def test_parquet_files_hold_images_records_and_tags_as_datasets_reads_them(coins, tmp_path, capsys):
    (tmp_path / "out/data").mkdir(parents=True)
    (tmp_path / "out/data/val-00000-of-00001.parquet").touch()
    written = write_parquet(coins, tmp_path / "out", images_per_shard=1)
    assert written.missing == ("train_1",) and sorted(path.name for path in (tmp_path / "out/data").iterdir()) == [
        f"{split}-{number:05d}-of-00002.parquet" for split in ("test_ood", "train") for number in range(2)]
    table = parquet.read_table(tmp_path / "out/data/train-00001-of-00002.parquet")
    (row,) = table.to_pylist()
    assert row["image"] == {"bytes": picture(1), "path": "train_2.jpg"} and row[ID] == "train_2" and row["rights"] == BY
    assert row["objectTypes"] == ["coin"] and row["materials"] == [] and row["objectTypes.hierarchy"] == "coin"
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert list(features) == table.column_names and features["image"] == {"_type": "Image"}
    assert export_parquet([str(coins.root), str(tmp_path / "again")]) == 0
    assert "4 images in 2 shards; 1 records without an image are left out: train_1" in capsys.readouterr().out


def test_parquet_without_any_image_or_below_a_file_is_refused(coins, tmp_path, capsys):
    assert export_parquet([str(coins.root), str(coins.root / "train.csv/out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    for path in (coins.root / "EUROPEANA/images").iterdir():
        path.unlink()
    assert export_parquet([str(coins.root), str(tmp_path / "out")]) == 2 and not (tmp_path / "out/data").exists()
    assert "has no image of the records of coins" in capsys.readouterr().err


def test_card_says_what_is_in_the_records_and_is_yaml_on_top(coins, tmp_path):
    assert card([str(coins.root), "--out", str(tmp_path / "card"), "--creator", "Anna: \"A\""]) == 0
    text = (tmp_path / "card/CARD.md").read_text("utf-8")
    header = yaml.safe_load(text.split("---\n")[1])
    assert header["license"] == "cc-by-4.0" and header["pretty_name"] == "coins" and header["size_categories"] == ["n<1K"]
    assert "| Training | 3 | 60 % | 1 |" in text and "| Object types | 1 | 5 | 100 % |" in text
    assert "| [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/) | asks for a credit | 5 | 2 |" in text
    found = json.loads((tmp_path / "card/croissant.json").read_text("utf-8"))
    assert found["license"] == ["https://creativecommons.org/licenses/by/4.0/"] and found["creator"][0]["name"] == 'Anna: "A"'
    assert found["rai:annotationsPerItem"].startswith("1.0 tags") and "url" not in found


@pytest.mark.parametrize(("statement", "shown", "licence"), [
    ("http://creativecommons.org/licenses/by/3.0/nl/", "[CC BY 3.0 NL](https://creativecommons.org/licenses/by/3.0/nl/)", "other"),
    ("http://creativecommons.org/licenses/by-nc-sa/3.0/", "[CC BY-NC-SA 3.0](https://creativecommons.org/licenses/by-nc-sa/3.0/)", "cc-by-nc-sa-3.0"),
    (ZERO, "[CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/)", "cc0-1.0"),
    ("<b>mine</b> | yours\n", r"\<b\>mine\</b\> \| yours", "other")])
def test_card_names_a_licence_as_the_hub_does_and_shows_a_statement_letter_by_letter(coins, tmp_path, statement, shown, licence):
    records = {"train": records_of({"rights": statement})}
    write_card(replace(coins, records=records), audit(records), tmp_path)
    text = (tmp_path / "CARD.md").read_text("utf-8")
    assert yaml.safe_load(text.split("---\n")[1])["license"] == licence and f"| {shown} | " in text


def croissant_records(mlcroissant, dataset, split):
    """The rows that the reference loader reads; it gives text as bytes, and None for an empty cell."""
    described = mlcroissant.Dataset(dataset.root / "croissant.json")
    assert not described.metadata.ctx.issues.errors
    return [{name.partition("/")[2]: (value or b"").decode() for name, value in row.items()} for row in described.records(split)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib's own
def test_mlcroissant_finds_the_same_records(coins, tmp_path):
    mlcroissant = pytest.importorskip("mlcroissant")
    museum = tmp_path / "museum"
    if not (DATA / "mini/train.csv").is_file():
        pytest.skip("the mini museum is not drawn")
    museum.mkdir()
    for split in SPLITS:
        shutil.copy(DATA / f"mini/{split}.csv", museum)
    for dataset in (coins, open_dataset(str(museum))):
        write_card(dataset, audit(dataset.records), dataset.root, url="https://example.org/coins", creators=["The museum"])
        for split, records in dataset.records.items():
            assert croissant_records(mlcroissant, dataset, split) == records.table.to_pylist()
