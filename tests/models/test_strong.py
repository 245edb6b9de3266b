"""Today's strong networks: what is stated of them, and that each runs; weights that come from a hub, here on this machine."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub
import pytest
import timm
import torch
from safetensors.torch import save
from timm.data import resolve_model_data_config

from eufcc_lib.models import backbones, features
from eufcc_lib.models.clip import load_image_network
from eufcc_lib.models.operations import count_image, count_text
from eufcc_lib.models.strong import STRONG
from eufcc_lib.models.vision import ImageEncoder
from eufcc_lib.training.recipes import RECIPES

LICENCES = {"Apache 2.0": "apache-2.0", "MIT": "mit", "DINOv3 License (Meta's own)": "dinov3-license"}


def test_every_configuration_is_published_under_the_licence_that_is_stated():
    for name, config in STRONG.items():
        published = timm.get_pretrained_cfg(config.backbone)
        assert config.name == name and config.backbone in timm.list_pretrained()
        assert published.license == LICENCES[config.licence] and config.source.count("/") >= 1
        assert config.image_size == published.input_size[-1] or "interpolated" in config.note
    assert RECIPES["probe"]["vision"].backbone == RECIPES["lora"]["vision"].backbone == STRONG["siglip2"].backbone


@pytest.mark.slow
def test_every_configuration_runs_with_the_normalisation_that_its_library_states(monkeypatch):
    computed = 0
    with features.one_thread():
        for config in STRONG.values():
            large = config.parameters > 1e8 or config.image_size > 256  # only its shapes: all would take a minute
            with monkeypatch.context() as patch, torch.device("meta" if large else "cpu"):
                if large:
                    patch.setattr(backbones, "hash_weights", lambda network: "")
                found = load_image_network(config.backbone, "random", config.image_size)
                with torch.inference_mode():
                    given = torch.zeros(1, 3, config.image_size, config.image_size, dtype=torch.uint8)
                    values = ImageEncoder(found).eval()(given) if not large else found.network.eval()(given.float())
            stated = resolve_model_data_config(found.network)
            assert (found.mean, found.std, found.interpolation) == (stated["mean"], stated["std"], stated["interpolation"])
            assert values.shape == (1, config.features) == (1, found.features) and (large or values.isfinite().all())
            assert sum(value.numel() for value in found.network.parameters()) == config.parameters
            computed += not large
    assert computed == 5


def test_operations_are_those_of_the_layers():
    found = count_image("test_vit", 32)
    network = timm.create_model("test_vit", img_size=32, num_classes=0)
    width, depth, tokens = network.embed_dim, len(network.blocks), 1 + (32 // 16) ** 2
    hidden = network.blocks[0].mlp.fc1.out_features
    linear = tokens * (3 * width * width + width * width + 2 * width * hidden)  # query, key, value; output; perceptron
    attention = 2 * tokens * tokens * width  # queries by keys, weights by values
    patches = (tokens - 1) * 3 * 16 * 16 * width
    assert found.forward == 2 * (depth * (linear + attention) + patches)
    assert found.parameters == sum(value.numel() for value in network.parameters()) and found.features == width
    # Kept in 16 bits: at least the input of each linear layer, at most a dozen times that.
    least = 2 * depth * tokens * (3 * width + hidden)
    assert least < found.activations < 12 * least


def test_the_towers_of_a_clip_are_counted_apart():
    image, text = count_image("eufcc-mini", 64), count_text("eufcc-mini", 64)
    assert image.features == text.features and image.parameters != text.parameters and text.forward > 0


class _Hub(BaseHTTPRequestHandler):
    """Answers as the model hub does, with one file."""

    content, asked = b"", []

    def do_HEAD(self):
        self.asked.append(self.path)
        found = self.path.endswith("/model.safetensors")
        self.send_response(200 if found else 404)
        if found:
            self.send_header("ETag", f'"{hashlib.sha256(self.content).hexdigest()}"')
            self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", str(len(self.content) if found else 0))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        if self.path.endswith("/model.safetensors"):
            self.wfile.write(self.content)

    def log_message(self, *_):
        pass


def test_weights_of_a_hub_are_loaded_for_another_size_too(monkeypatch, tmp_path):
    published = timm.create_model("test_vit")
    monkeypatch.setattr(_Hub, "content", save(published.state_dict()))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
        for module in (huggingface_hub.constants, huggingface_hub.file_download):
            monkeypatch.setattr(module, "ENDPOINT", f"http://127.0.0.1:{server.server_port}", raising=False)
            monkeypatch.setattr(module, "HUGGINGFACE_CO_URL_TEMPLATE",
                                f"http://127.0.0.1:{server.server_port}/{{repo_id}}/resolve/{{revision}}/{{filename}}", raising=False)
        found = load_image_network("test_vit", "pretrained", 64)
        server.shutdown()
    assert any("timm/test_vit" in path for path in _Hub.asked)
    assert torch.equal(found.network.blocks[0].attn.qkv.weight, published.blocks[0].attn.qkv.weight)
    assert found.fixed_size == 64 and found.network.pos_embed.shape[1] < published.pos_embed.shape[1]
    assert "timm's model hub" in found.weights
