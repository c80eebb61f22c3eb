"""Public look-ups: regions, designated institutions, service points."""

from typing import TypedDict

from mock_client.api.base import Calls


class RegionAnswer(TypedDict):
    code: str
    name: str
    full_name: str
    level: str
    parent_code: str | None
    has_children: bool
    city_code: str | None


class RegionsAnswer(TypedDict):
    items: list[RegionAnswer]


class InstitutionAnswer(TypedDict):
    id: str
    code: str
    name: str
    type: str
    level: int | None
    grade: str | None
    region_code: str
    region_name: str
    address: str
    latitude: float | None
    longitude: float | None
    can_refer: bool
    phone: str | None
    active: bool


class InstitutionsAnswer(TypedDict):
    items: list[InstitutionAnswer]
    next_cursor: str | None


class ServicePointAnswer(TypedDict):
    id: str
    name: str
    tier: str
    region_code: str
    region_name: str
    address: str
    services: list[str]
    phone: str | None
    institution_id: str | None


class ServicePointsAnswer(TypedDict):
    items: list[ServicePointAnswer]
    next_cursor: str | None


class PlacesApi(Calls):
    """Nobody needs to be signed in for these."""

    def list_regions(self, *, parent_code: str | None = None) -> RegionsAnswer:
        answer: RegionsAnswer = self._get("/regions", {"parent_code": parent_code}, signed=False)
        return answer

    def get_region(self, code: str) -> RegionAnswer:
        answer: RegionAnswer = self._get(f"/regions/{code}", signed=False)
        return answer

    def list_institutions(
        self,
        *,
        region_code: str | None = None,
        type: str | None = None,  # noqa: A002 - the parameter's name in the API
        q: str | None = None,
        level: int | None = None,
        can_refer: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> InstitutionsAnswer:
        params = {
            "region_code": region_code,
            "type": type,
            "q": q,
            "level": level,
            "can_refer": can_refer,
            "cursor": cursor,
            "limit": limit,
        }
        answer: InstitutionsAnswer = self._get("/institutions", params, signed=False)
        return answer

    def get_institution(self, institution_id: str) -> InstitutionAnswer:
        answer: InstitutionAnswer = self._get(f"/institutions/{institution_id}", signed=False)
        return answer

    def list_service_points(
        self,
        *,
        region_code: str | None = None,
        tier: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> ServicePointsAnswer:
        params = {"region_code": region_code, "tier": tier, "cursor": cursor, "limit": limit}
        answer: ServicePointsAnswer = self._get("/service-points", params, signed=False)
        return answer
