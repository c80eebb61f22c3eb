"""A town whose post goes through the stand-in WeChat and SMS, with our templates registered there."""

from collections.abc import Iterator

import pytest
from told import Town

from app.config import Settings
from app.gateways.parts import Parts
from app.notices.templates import SMS_CONTENT, WECHAT_CONTENT, Template
from mock_client.standins import StandIns


@pytest.fixture
def town(parts: Parts, standins: StandIns, settings: Settings) -> Iterator[Town]:
    standins.reset()
    for template, wechat_id, sms_id in (
        (Template.RESULT, settings.wechat_template_result, settings.sms_template_result),
        (Template.CORRECTION, settings.wechat_template_correction, settings.sms_template_correction),
        (Template.PROGRESS, settings.wechat_template_progress, settings.sms_template_progress),
    ):
        standins.wechat.state.templates[wechat_id] = WECHAT_CONTENT[template]
        standins.sms.templates[sms_id] = SMS_CONTENT[template]
    yield Town(parts, standins)
    standins.reset()
