"""From a file to a batch: decoding, transforms, the order of an epoch, loading."""
