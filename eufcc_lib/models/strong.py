"""Today's strong image networks, with what one needs to know before taking one: name, size, licence.

All are vision transformers of timm that were trained without ImageNet's labels as their only teacher. Recipes `probe` and
`lora` take any of them (or any other network of timm) by their settings `backbone` and `image_size`.
"""

from dataclasses import dataclass

_APACHE, _MIT, _DINOV3 = "Apache 2.0", "MIT", "DINOv3 License (Meta's own)"


@dataclass(frozen=True)
class Strong:
    """A configuration.

    Attributes:
        name: the identifier here.
        backbone: timm's name of the network and its weights.
        image_size: side of its input, in pixels.
        licence: of the weights.
        source: where the licence is stated.
        features: D.
        parameters: without classifier.
        note: how it was trained, in a few words.
    """

    name: str
    backbone: str
    image_size: int
    licence: str
    source: str
    features: int
    parameters: int
    note: str


STRONG = {config.name: config for config in (
    Strong("siglip2", "vit_base_patch16_siglip_224.v2_webli", 224, _APACHE,
           "huggingface.co/google/siglip2-base-patch16-224", 768, 92884224,
           "images and captions in many languages, and self-distillation"),
    Strong("siglip2_large", "vit_large_patch16_siglip_384.v2_webli", 384, _APACHE,
           "huggingface.co/google/siglip2-large-patch16-384", 1024, 316283904,
           "the same, larger, at a higher resolution"),
    Strong("dinov3", "vit_base_patch16_dinov3.lvd1689m", 256, _DINOV3,
           "ai.meta.com/resources/models-and-libraries/dinov3-license", 768, 85641216,
           "images alone, distilled from a network of 7 billion parameters"),
    Strong("dinov3_large", "vit_large_patch16_dinov3.lvd1689m", 256, _DINOV3,
           "ai.meta.com/resources/models-and-libraries/dinov3-license", 1024, 303079424,
           "the same, larger"),
    Strong("dinov2", "vit_base_patch14_reg4_dinov2.lvd142m", 224, _APACHE,
           "github.com/facebookresearch/dinov2", 768, 85727232,
           "images alone; its last epochs were at 518 pixels, position embeddings are interpolated to 224"),
    Strong("eva02", "eva02_base_patch14_448.mim_in22k_ft_in22k_in1k", 448, _MIT,
           "github.com/baaivision/EVA", 768, 86348544,
           "masked images, then ImageNet's 22,000 classes; its published evaluation squashes images, ours crops them"),
    Strong("eva02_clip", "eva02_base_patch16_clip_224.merged2b", 224, _MIT,
           "github.com/baaivision/EVA", 768, 85869312,
           "images and captions, from weights of EVA-02"),
    Strong("pe", "vit_pe_core_base_patch16_224.fb", 224, _APACHE,
           "github.com/facebookresearch/perception_models", 768, 92886528,
           "images, videos and captions; distilled from a network of 1.9 billion parameters"),
    Strong("pe_large", "vit_pe_core_large_patch14_336.fb", 336, _APACHE,
           "github.com/facebookresearch/perception_models", 1024, 316102656,
           "the same, larger, at a higher resolution"),
)}
"""The configurations by name."""
