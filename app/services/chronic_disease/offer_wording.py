"""Words for people about offers."""

from app.kit.text import Text
from app.services.chronic_disease.offer_models import OfferOrigin, OfferStatus

OFFER_STATES = {
    OfferStatus.OPEN: Text("等您决定", "Waits for you"),
    OfferStatus.ACCEPTED: Text("已同意，已提交申请", "Accepted; the application is filed"),
    OfferStatus.DECLINED: Text("您选择了不用", "Declined"),
    OfferStatus.EXPIRED: Text("已过期，可以自己申请", "Ended; you may apply yourself"),
    OfferStatus.APPLIED: Text("您已另外提交申请", "You applied for it yourself"),
    OfferStatus.VOID: Text("不再需要办理", "No longer needed"),
}

OFFER_REASONS = {
    OfferOrigin.SCREENED: Text(
        "根据下面的就诊记录，您可能符合条件。同意后不用交材料，专家和经办机构照常审核。",
        "By the visits below you may qualify. If you agree no papers are needed; experts and the agency review as usual.",
    ),
    OfferOrigin.REFUSED: Text(
        "这次没有达到慢特病标准，可以办“两病”门诊用药保障。同意后用原来的材料，不用再交。",
        "It is below the chronic-disease threshold, but the two-disease benefit is open to you with the same papers.",
    ),
}
