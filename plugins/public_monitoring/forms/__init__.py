"""The two forms of public monitoring as documents [R2023 App.3, App.4].

A form is a sequence of blocks; one writer makes DOCX of it and one PDF, so both say the same.
"""
