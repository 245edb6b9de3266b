"""What every room uses: errors, paths, the four facets, the machine, numbers, small tables."""
