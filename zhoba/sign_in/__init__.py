"""Who is asking: bearer tokens and service keys, and nothing kept between requests."""
