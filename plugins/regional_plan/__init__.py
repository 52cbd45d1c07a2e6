"""Regional development plans in one unified project architecture [R2023 §12, §49, §73(2)]."""
