"""Publishing a data set: credits, data card, Croissant metadata, parquet files."""
