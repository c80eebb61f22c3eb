"""What the person was told, and how it was sent."""

from typing import TypedDict

from mock_client.api.base import Calls


class NoticeTryAnswer(TypedDict):
    at: str
    channel: str
    outcome: str
    text: str


class NoticeAnswer(TypedDict):
    id: str
    kind: str
    text: str
    filing_id: str | None
    settlement_id: str | None
    status: str
    status_text: str
    channel: str | None
    channel_text: str | None
    attempts: int
    tries: list[NoticeTryAnswer]
    created_at: str
    sent_at: str | None
    read_at: str | None


class NoticePageAnswer(TypedDict):
    items: list[NoticeAnswer]
    next_cursor: str | None


class NoticesApi(Calls):
    """One's own notices only."""

    def list_notices(self, *, cursor: str | None = None, limit: int | None = None) -> NoticePageAnswer:
        answer: NoticePageAnswer = self._get("/me/notices", {"cursor": cursor, "limit": limit})
        return answer

    def read_notice(self, notice_id: str) -> NoticeAnswer:
        answer: NoticeAnswer = self._post(f"/me/notices/{notice_id}/read")
        return answer
