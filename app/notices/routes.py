"""HTTP of notices: their reader's list."""

from typing import Any
from uuid import UUID

from app.identity.current import actor
from app.kit.api.context import context, current_language
from app.kit.api.smorest import Blueprint
from app.kit.pages import Page, PageQuery
from app.notices import service
from app.notices.schemas import NoticeAnswer, NoticePageAnswer
from app.notices.service import NoticeView

blueprint = Blueprint("notices", __name__, description="消息通知 · Notices")


@blueprint.get("/me/notices")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, NoticePageAnswer)
def list_notices(query: dict[str, Any]) -> Page[NoticeView]:
    """My notices, newest first: what each says, how it was sent, and every try."""
    return service.page_of(context().session, actor(), current_language(), **query)


@blueprint.post("/me/notices/<uuid:notice_id>/read")
@blueprint.response(200, NoticeAnswer)
def read_notice(notice_id: UUID) -> NoticeView:
    """Note that I have read it."""
    return service.mark_read(context().session, actor(), notice_id, current_language())
