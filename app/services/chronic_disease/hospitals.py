"""The hospitals that a form names: where each disease was diagnosed."""

from app.filings.declaration import Form
from app.services.chronic_disease.experts import hospital_key


def treating(form: Form) -> frozenset[str]:
    """All hospitals of a case, as the draw compares them: experts who work there are not drawn.

    At submission the judgement has filled in the name of a hospital that was chosen from the list.
    """
    names = (entry.get("hospital_name") for entry in form.get("diseases", ()))
    return frozenset(hospital_key(name) for name in names if name)
