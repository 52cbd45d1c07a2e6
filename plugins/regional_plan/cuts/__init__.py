"""Lists and figures of a plan by administrative unit and by sphere [R2023 §35; R2021 §34]."""
