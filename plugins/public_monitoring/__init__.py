"""Public monitoring [R2023 §18, App.3, App.4]: groups of citizens check projects."""
