"""Regional development plans that follow a version of the architecture."""
