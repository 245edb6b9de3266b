"""Models by name: backbones, heads, CLIP, objectives, ensembles."""
