"""Papers: upload, look up, download."""

from typing import TypedDict

from mock_client.answers import Answer
from mock_client.api.base import Calls
from mock_client.transport import FilePart


class MaterialAnswer(TypedDict):
    id: str
    person_id: str
    kind: str
    media_type: str
    size: int
    width: int
    height: int
    sha256: str
    created_at: str


class MaterialsApi(Calls):
    """The same photograph of the same kind about the same person is the same paper, however often it comes."""

    def upload_material(
        self, file: FilePart, kind: str, *, person_id: str | None = None, key: str | None = None
    ) -> MaterialAnswer:
        form = {"kind": kind}
        if person_id is not None:
            form["person_id"] = person_id
        # The key only says that the call may be repeated: the server knows a photograph by its content.
        key = key or self._caller.new_key()
        sent = self._send("POST", "/materials", form=form, files={"file": file}, key=key, expect={200, 201})
        answer: MaterialAnswer = sent.json
        return answer

    def get_material(self, material_id: str) -> MaterialAnswer:
        answer: MaterialAnswer = self._get(f"/materials/{material_id}")
        return answer

    def get_material_content(self, material_id: str, *, etag: str | None = None) -> Answer:
        """The photograph, or 304 for whoever names the `etag` of the one that the server has."""
        headers = {"Accept": "image/jpeg", **({"If-None-Match": etag} if etag else {})}
        return self._send("GET", f"/materials/{material_id}/content", headers=headers, expect={200, 304})
