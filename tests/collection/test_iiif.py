"""IIIF in: manifests in the shapes of four institutions, on a server on loopback that counts what it is asked for."""

import json

import pytest
from PIL import Image
from test_thumbnails import QUICK, answers, picture, serve

from eufcc_lib.collection.iiif import IIIFReader, NoImage
from eufcc_lib.core.errors import UserError

SIDE = 200


@pytest.fixture
def server(monkeypatch):
    yield from serve(monkeypatch)


def chicago(base: str) -> dict:
    """Version 2, level 2; the service's context says its version."""
    return {"@context": "http://iiif.io/api/presentation/2/context.json", "@id": f"{base}/artworks/4/manifest.json",
            "@type": "sc:Manifest", "label": "Priest and Boy", "sequences": [{"@type": "sc:Sequence", "canvases": [{
                "@type": "sc:Canvas", "@id": f"{base}/iiif/2/1adf", "label": "Priest and Boy, n.d.", "width": 843, "height": 1024,
                "images": [{"@type": "oa:Annotation", "motivation": "sc:painting", "on": f"{base}/iiif/2/1adf", "resource": {
                    "@type": "dctypes:Image", "@id": f"{base}/iiif/2/1adf/full/843,/0/default.jpg", "width": 843, "height": 1024,
                    "service": {"@context": "http://iiif.io/api/image/2/context.json", "@id": f"{base}/iiif/2/1adf",
                                "profile": "http://iiif.io/api/image/2/level2.json"}}}]}]}]}


def bodleian(base: str) -> dict:
    """Version 3, level 1 of version 2, a service for access beside it, labels by language."""
    return {"@context": "http://iiif.io/api/presentation/3/context.json", "id": f"{base}/iiif/manifest/e1.json",
            "type": "Manifest", "label": {"en": ["MS. Bodl. 264"]}, "items": [{
                "id": f"{base}/iiif/canvas/c1.json", "type": "Canvas", "label": {"none": ["fol. 1r"]},
                "width": 6000, "height": 3000,
                "items": [{"id": f"{base}/page/1", "type": "AnnotationPage", "items": [{
                    "id": f"{base}/annotation/1", "type": "Annotation", "motivation": "painting",
                    "target": f"{base}/iiif/canvas/c1.json",
                    "body": {"id": f"{base}/iiif/image/c1/full/max/0/default.jpg", "type": "Image", "format": "image/jpeg",
                             "width": 6000, "height": 3000, "service": [
                                 {"@id": f"{base}/auth", "@type": "AuthCookieService1",
                                  "profile": "http://iiif.io/api/auth/1/login"},
                                 {"@id": f"{base}/iiif/image/c1", "@type": "ImageService2",
                                  "profile": "http://iiif.io/api/image/2/level1.json"}]}}]}]}]}


def gallica(base: str) -> dict:
    """Version 2, with the service of version 1.1, whose quality is called `native`."""
    return {"@context": "http://iiif.io/api/presentation/2/context.json", "@id": f"{base}/iiif/ark:/12148/btv1b8/manifest.json",
            "@type": "sc:Manifest", "label": "BnF, Département des manuscrits", "sequences": [{"canvases": [{
                "@id": f"{base}/iiif/ark:/12148/btv1b8/canvas/f1", "@type": "sc:Canvas", "label": "plat supérieur",
                "height": 2000, "width": 1500, "thumbnail": {"@id": f"{base}/ark:/12148/btv1b8/f1.thumbnail"}, "images": [{
                    "@type": "oa:Annotation", "motivation": "sc:painting", "resource": {
                        "@id": f"{base}/iiif/ark:/12148/btv1b8/f1/full/full/0/native.jpg", "@type": "dctypes:Image",
                        "format": "image/jpeg", "height": 2000, "width": 1500, "service": {
                            "@context": "http://iiif.io/api/image/1/context.json", "@id": f"{base}/iiif/ark:/12148/btv1b8/f1",
                            "profile": "http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level2"}}}]}]}]}


def europeana(base: str) -> dict:
    """Version 3 without a service: the museum's file, and Europeana's thumbnail."""
    return {"@context": ["http://www.w3.org/ns/anno.jsonld", "http://iiif.io/api/presentation/3/context.json"],
            "id": f"{base}/presentation/9/x/manifest", "type": "Manifest", "label": {"nl": ["Vaas"], "en": ["Vase"]}, "items": [{
                "id": f"{base}/presentation/9/x/canvas/p1", "type": "Canvas", "label": {"none": ["p. 1"]},
                "thumbnail": [{"id": f"{base}/thumbnail/v3/400/1.jpg", "type": "Image"}], "items": [{
                    "type": "AnnotationPage", "items": [{"type": "Annotation", "motivation": "painting", "body": {
                        "id": f"{base}/museum/original.jpg", "type": "Image"}}]}]}]}


def put(server, path: str, document: dict) -> str:
    server.answers[path] = answers(json.dumps(document).encode())
    return f"{server.url}{path}"


def reader(tmp_path) -> IIIFReader:
    return IIIFReader(tmp_path / "cache", SIDE, rate=None, limits=QUICK)


@pytest.mark.parametrize(("shape", "canvas", "label", "asked"), [
    (chicago, "/iiif/2/1adf", "Priest and Boy, n.d.", "/iiif/2/1adf/full/200,/0/default.jpg"),
    (bodleian, "/iiif/canvas/c1.json", "fol. 1r", "/iiif/image/c1/full/400,/0/default.jpg"),
    (gallica, "/iiif/ark:/12148/btv1b8/canvas/f1", "plat supérieur", "/iiif/ark:/12148/btv1b8/f1/full/200,/0/native.jpg"),
    (europeana, "/presentation/9/x/canvas/p1", "p. 1", "/museum/original.jpg")])
def test_each_institution_gives_an_image_of_the_size_needed(server, tmp_path, shape, canvas, label, asked):
    address = put(server, "/manifest", shape(server.url))
    server.answers[asked] = answers(picture(1, size=(200, 300)))
    (found,) = reader(tmp_path).canvases(address)
    assert (found.id, found.label) == (f"{server.url}{canvas}", label)
    assert Image.open(reader(tmp_path).fetch(found)).size == (200, 300)
    assert server.paths() == ["/manifest", asked]


def test_a_file_reads_like_an_address(server, tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps(chicago(server.url)))
    (found,) = reader(tmp_path).canvases(str(tmp_path / "manifest.json"))
    assert found.label == "Priest and Boy, n.d." and server.asked == []


def test_the_thumbnail_is_what_is_left_where_the_service_fails(server, tmp_path):
    address = put(server, "/manifest", gallica(server.url))
    server.answers["/iiif/ark:/12148/btv1b8/f1/full/200,/0/native.jpg"] = answers(501, 501, 501)
    server.answers["/ark:/12148/btv1b8/f1.thumbnail"] = answers(picture(2))
    (found,) = reader(tmp_path).canvases(address)
    assert reader(tmp_path).fetch(found).is_file() and server.paths()[-1].endswith(".thumbnail")


def test_a_canvas_without_an_image_says_why(server, tmp_path):
    film = bodleian(server.url)
    film["items"][0]["items"][0]["items"][0]["body"] = {"id": f"{server.url}/film.mp4", "type": "Video"}
    gone = europeana(server.url)
    found = [canvas for shape in (film, gone) for canvas in reader(tmp_path).canvases(put(server, f"/{shape is gone}", shape))]
    with pytest.raises(NoImage, match=r"c1\.json: no image could be fetched \(it has no image\)"):
        reader(tmp_path).fetch(found[0])
    with pytest.raises(NoImage, match=r"p1: no image could be fetched \(HTTP status 404 from .*original\.jpg\)"):
        reader(tmp_path).fetch(found[1])


@pytest.mark.parametrize("version", [2, 3])
def test_a_collection_gives_the_canvases_of_all_below_it(server, tmp_path, version):
    first, second = put(server, "/first", chicago(server.url)), put(server, "/second", bodleian(server.url))
    if version == 2:
        inner = {"@id": f"{server.url}/inner", "@type": "sc:Collection", "manifests": [{"@id": second, "@type": "sc:Manifest"}]}
        whole = {"@type": "sc:Collection", "manifests": [{"@id": first, "@type": "sc:Manifest", "label": "1"}],
                 "collections": [{"@id": put(server, "/inner", inner), "@type": "sc:Collection"}]}
    else:
        inner = {"id": f"{server.url}/inner", "type": "Collection", "items": [{"id": second, "type": "Manifest"}]}
        whole = {"type": "Collection", "items": [{"id": first, "type": "Manifest", "label": {"en": ["1"]}},
                                                 {"id": put(server, "/inner", inner), "type": "Collection"}]}
        inner["items"].append({"id": f"{server.url}/whole", "type": "Collection"})  # a circle
        put(server, "/inner", inner)
    found = reader(tmp_path).canvases(put(server, "/whole", whole))
    assert {canvas.label for canvas in found} == {"Priest and Boy, n.d.", "fol. 1r"}
    assert sorted(server.paths()) == ["/first", "/inner", "/second", "/whole"]


def test_a_manifest_that_is_gone_does_not_stop_its_collection(server, tmp_path):
    whole = {"type": "Collection", "items": [{"id": f"{server.url}/gone", "type": "Manifest", "label": {"en": ["Lost"]}},
                                             {"id": put(server, "/here", chicago(server.url)), "type": "Manifest"}]}
    lost, found = reader(tmp_path).canvases(put(server, "/whole", whole))
    assert lost.id.endswith("/gone") and lost.label == "Lost" and "HTTP status 404" in lost.reason and found.urls


def test_nothing_is_asked_for_twice(server, tmp_path):
    address = put(server, "/manifest", europeana(server.url))
    server.answers["/museum/original.jpg"] = answers(picture(3))
    for _ in range(2):
        here = reader(tmp_path)
        files = [here.fetch(canvas) for canvas in here.canvases(address)]
    assert len(files) == 1 and server.paths() == ["/manifest", "/museum/original.jpg"]


@pytest.mark.parametrize(("body", "sentence"), [
    (b"<html>", "is not JSON"), (b"[]", "has no canvases and no manifests"), (b'{"type": "Manifest"}', "has no canvases")])
def test_what_is_no_manifest_is_one_sentence(server, tmp_path, body, sentence):
    server.answers["/manifest"] = answers(body)
    with pytest.raises(UserError, match=sentence):
        list(reader(tmp_path).canvases(f"{server.url}/manifest"))


def test_a_service_that_can_only_what_it_lists_is_asked_for_that(server, tmp_path):
    manifest = bodleian(server.url)
    body = manifest["items"][0]["items"][0]["items"][0]["body"]
    body["service"] = [{"id": f"{server.url}/static", "type": "ImageService3", "profile": "level0",
                        "sizes": [{"width": 300, "height": 150}, {"width": 600, "height": 300}, {"width": 6000, "height": 3000}]}]
    (found,) = reader(tmp_path).canvases(put(server, "/manifest", manifest))
    assert found.urls[0] == f"{server.url}/static/full/600,300/0/default.jpg"
    body |= {"width": 150, "height": 100, "service": [body["service"][0] | {"profile": "level2"}]}
    (found,) = reader(tmp_path).canvases(put(server, "/small", manifest))
    assert found.urls[0] == f"{server.url}/static/full/max/0/default.jpg", "no service needs to enlarge"
