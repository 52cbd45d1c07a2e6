"""Peculiarities of Astana, Almaty and Shymkent."""
