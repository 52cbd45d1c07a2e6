"""``zhoba new-plugin``: a package to begin with, from the files in ``template/``."""
