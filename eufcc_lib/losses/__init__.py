"""One file per loss: tensors in, scalar out."""
