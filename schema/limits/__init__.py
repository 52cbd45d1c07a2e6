"""What a request may ask for: counted before anything is validated or executed."""

from __future__ import annotations

from schema.limits.admission import Admission, Admitted, AdmittedDocument
from schema.limits.bounds import Limits
from schema.limits.values import check_variables

__all__ = ["Admission", "Admitted", "AdmittedDocument", "Limits", "check_variables"]
