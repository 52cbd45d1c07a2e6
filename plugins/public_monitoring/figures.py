"""Figures of public monitoring for anybody, where the region shows them."""
