"""Signing in, real name, me."""

from typing import TypedDict

from mock_client.api.base import Calls


class AccountAnswer(TypedDict):
    id: str
    kind: str
    roles: list[str]
    real_name: bool


class TerminalTokenAnswer(TypedDict):
    access_token: str
    token_type: str
    expires_in: int
    account: AccountAnswer


class TokenAnswer(TerminalTokenAnswer):
    refresh_token: str


class RealNameStartedAnswer(TypedDict):
    id: str
    verify_id: str
    expires_in: int


class PersonAnswer(TypedDict):
    id: str
    psn_no: str
    name: str
    id_type: str
    id_no: str
    phone: str | None
    sex: str
    birth_date: str
    residence_code: str | None


class RealNameAnswer(TypedDict):
    real_name: bool
    person: PersonAnswer


class CoverageAnswer(TypedDict):
    id: str
    insutype: str
    region_code: str
    status: str
    begin_date: str
    end_date: str | None
    retired: bool
    student: bool
    low_income: bool
    employer: str | None


class RelativeAnswer(TypedDict):
    person_id: str
    name: str
    relation: str
    birth_date: str
    guardian: bool
    ward: bool


class OrganisationAnswer(TypedDict):
    id: str
    name: str
    kind: str
    region_code: str
    role: str


class MeAnswer(TypedDict):
    account_id: str
    kind: str
    roles: list[str]
    real_name: bool
    person: PersonAnswer | None
    coverages: list[CoverageAnswer]
    relatives: list[RelativeAnswer]
    organisations: list[OrganisationAnswer]


class AccessAnswer(TypedDict):
    id: str
    at: str
    text: str
    who: str
    role: str
    organisation: str | None
    what: str
    filing_id: str | None
    ground: str | None


class AccessesAnswer(TypedDict):
    items: list[AccessAnswer]
    next_cursor: str | None


class IdentityApi(Calls):
    """A js_code, a phone code and a refresh token are good once, so their calls are not repeated blindly."""

    def sign_in_with_wechat(self, js_code: str) -> TokenAnswer:
        answer: TokenAnswer = self._post("/auth/wechat", {"js_code": js_code}, signed=False)
        return answer

    def sign_in_as_staff(self, username: str, password: str) -> TokenAnswer:
        body = {"username": username, "password": password}
        answer: TokenAnswer = self._post("/auth/staff", body, signed=False)
        return answer

    def sign_in_as_terminal(self, client_id: str, client_secret: str) -> TerminalTokenAnswer:
        body = {"client_id": client_id, "client_secret": client_secret}
        answer: TerminalTokenAnswer = self._post("/auth/terminal", body, signed=False)
        return answer

    def refresh_tokens(self, refresh_token: str) -> TokenAnswer:
        answer: TokenAnswer = self._post("/auth/refresh", {"refresh_token": refresh_token}, signed=False)
        return answer

    def sign_out(self) -> None:
        self._post("/auth/logout", expect=204)

    def start_real_name(self, name: str, id_no: str) -> RealNameStartedAnswer:
        body = {"name": name, "id_no": id_no}
        answer: RealNameStartedAnswer = self._post("/real-name", body, expect=201)
        return answer

    def complete_real_name(self, check_id: str) -> RealNameAnswer:
        answer: RealNameAnswer = self._post(f"/real-name/{check_id}/complete")
        return answer

    def get_me(self) -> MeAnswer:
        answer: MeAnswer = self._get("/me")
        return answer

    def set_my_phone(self, code: str) -> PersonAnswer:
        answer: PersonAnswer = self._post("/me/phone", {"code": code})
        return answer

    def list_my_accesses(self, *, cursor: str | None = None, limit: int | None = None) -> AccessesAnswer:
        answer: AccessesAnswer = self._get("/me/accesses", {"cursor": cursor, "limit": limit})
        return answer
