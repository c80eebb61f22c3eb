"""What the look-ups of places take and answer."""

from marshmallow import fields, pre_load

from app.kit.api.schemas import AnswerSchema, CleanString, Length, OneOf, RequestSchema
from app.kit.pages import PageAnswer, PageQuery
from app.places import regions
from app.places.models import Grade, InstitutionType, Tier
from app.places.regions import Level, Region

_REGION_CODE = (
    "Division code without trailing zeros: 2 digits province, 4 city, 6 district, 9 town, 12 village"
)
_MICRO = 1_000_000


def _city_code(region: Region) -> str | None:
    city = regions.city_of(region.code)
    return None if city is None else city.code


def _degrees(micro: int | None) -> float | None:
    return None if micro is None else micro / _MICRO


class QueryBoolean(fields.Boolean):
    """``true`` or ``false`` in a query string."""

    truthy = {"true"}  # noqa: RUF012 - marshmallow's own attribute
    falsy = {"false"}  # noqa: RUF012 - marshmallow's own attribute


class PlaceQuery(RequestSchema):
    """An entry left empty (``region_code=``) asks nothing, as a form on a phone sends it."""

    @pre_load
    def drop_empty(self, data: dict[str, str], **_: object) -> dict[str, str]:
        return {name: value for name, value in data.items() if value != ""}


class RegionsQuery(PlaceQuery):
    parent_code = CleanString(
        load_default=None,
        validate=Length(max=12),
        metadata={"description": "Whose children; the provinces without it"},
    )


class RegionAnswer(AnswerSchema):
    code = fields.String(required=True, metadata={"description": _REGION_CODE})
    name = fields.String(required=True)
    full_name = fields.Function(
        lambda region: regions.full_name(region.code),
        required=True,
        metadata={"type": "string", "description": "As in an address: 陕西省安康市汉滨区"},
    )
    level = fields.Enum(Level, by_value=fields.String, required=True)
    parent_code = fields.String(required=True, allow_none=True)
    has_children = fields.Function(
        lambda region: regions.has_children(region.code), required=True, metadata={"type": "boolean"}
    )
    city_code = fields.Function(
        _city_code,
        required=True,
        metadata={
            "type": ["string", "null"],
            "description": "The city or municipality to file to for care here; null for a whole province",
        },
    )


class RegionsAnswer(AnswerSchema):
    items = fields.List(fields.Nested(RegionAnswer), required=True)


class InstitutionsQuery(PlaceQuery, PageQuery):
    region_code = CleanString(
        load_default=None, validate=Length(max=12), metadata={"description": "In this region and below"}
    )
    type = fields.Enum(InstitutionType, by_value=fields.String, load_default=None)
    q = CleanString(
        load_default="",
        validate=Length(max=50),
        metadata={
            "description": "Words that occur in the name, separated by blanks; or the institution's code"
        },
    )
    level = fields.Integer(
        load_default=None, validate=OneOf([1, 2, 3]), metadata={"description": "A hospital's level"}
    )
    can_refer = QueryBoolean(load_default=None, metadata={"description": "May refer patients elsewhere"})


class InstitutionAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    code = fields.String(required=True, metadata={"description": "fixmedins_code of the national platform"})
    name = fields.String(required=True)
    type = fields.Enum(InstitutionType, by_value=fields.String, required=True)
    level = fields.Integer(required=True, allow_none=True, metadata={"description": "1, 2 or 3"})
    grade = fields.Enum(
        Grade,
        by_value=fields.String,
        required=True,
        allow_none=True,
        metadata={"description": "甲等 A, 乙等 B, 丙等 C"},
    )
    region_code = fields.String(required=True, metadata={"description": _REGION_CODE})
    region_name = fields.Function(
        lambda place: regions.full_name(place.region_code), required=True, metadata={"type": "string"}
    )
    address = fields.String(required=True)
    latitude = fields.Function(
        lambda place: _degrees(place.latitude_e6),
        required=True,
        metadata={"type": ["number", "null"], "description": "Degrees (GCJ-02, as WeChat's maps use)"},
    )
    longitude = fields.Function(
        lambda place: _degrees(place.longitude_e6),
        required=True,
        metadata={"type": ["number", "null"], "description": "Degrees (GCJ-02, as WeChat's maps use)"},
    )
    can_refer = fields.Boolean(required=True)
    phone = fields.String(required=True, allow_none=True)
    active = fields.Boolean(
        required=True, metadata={"description": "False: its contract has ended; no longer in lists"}
    )


class InstitutionsAnswer(PageAnswer):
    items = fields.List(fields.Nested(InstitutionAnswer), required=True)


class ServicePointsQuery(PlaceQuery, PageQuery):
    region_code = CleanString(
        load_default=None, validate=Length(max=12), metadata={"description": "In this region and below"}
    )
    tier = fields.Enum(Tier, by_value=fields.String, load_default=None)


class ServicePointAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    tier = fields.Enum(Tier, by_value=fields.String, required=True)
    region_code = fields.String(required=True, metadata={"description": _REGION_CODE})
    region_name = fields.Function(
        lambda place: regions.full_name(place.region_code), required=True, metadata={"type": "string"}
    )
    address = fields.String(required=True)
    services = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Codes of the services that may be filed here"},
    )
    phone = fields.String(required=True, allow_none=True)
    institution_id = fields.UUID(required=True, allow_none=True)


class ServicePointsAnswer(PageAnswer):
    items = fields.List(fields.Nested(ServicePointAnswer), required=True)
