"""A plugin that verifies signatures, as one that knows CMS would."""
