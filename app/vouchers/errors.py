"""What is refused about voucher codes, to phones and to terminals, each with its own code."""

from app.kit.errors import define

CODE_UNKNOWN = define(
    "code_unknown",
    422,
    "这不是有效的医保码。请参保人打开“医保码”刷新后重新出示，并确认扫的不是付款码或其他二维码。",
    "This is no valid voucher code. Have the person refresh it and show it again; make sure it is no payment code.",
)
CODE_EXPIRED = define(
    "code_expired",
    410,
    "这个医保码已过期，请参保人刷新后重新出示。",
    "This code has expired. Have the person refresh it and show it again.",
)
CLOCK_OFF = define(
    "clock_off",
    422,
    "出示医保码的手机时间不准。请打开手机的“自动设置时间”或连上网络，刷新后重新出示。",
    "The clock of the phone is wrong. Set it to automatic time or go online, refresh the code and show it again.",
)
CODE_USED = define(
    "code_used",
    409,
    "这个医保码已经付过一次款，不能再用。请参保人刷新后重新出示。",
    "This code has paid once and cannot be used again. Have the person refresh it and show it again.",
)
VOUCHER_REVOKED = define(
    "voucher_revoked",
    410,
    "这个医保码或出示它的手机已停用。请参保人重新启用医保码，或使用身份证、社保卡。",
    "This voucher or the phone that shows it was revoked. Have it activated again, or use the ID or social card.",
)
VOUCHER_NOT_ACTIVATED = define(
    "voucher_not_activated",
    409,
    "医保码还没有在这台手机上启用。请先在“医保码”里启用，再出示。",
    "The voucher is not activated on this phone. Activate it first, then show the code.",
)
WRONG_BUSINESS = define(
    "wrong_business",
    409,
    "这个医保码是为“{scanned}”扫的，不能用来办这一项。请按要办的业务重新扫码。",
    "This code was scanned for {scanned} and does not serve for this. Scan again for what is to be done.",
)
EC_TOKEN_INVALID = define(
    "ec_token_invalid",
    422,
    "医保码令牌无效，或不是这台终端扫码得到的。请重新扫码。",
    "The voucher token is not valid, or was not given to this terminal. Scan the code again.",
)
EC_TOKEN_EXPIRED = define(
    "ec_token_expired",
    410,
    "扫码后时间太久，医保码令牌已过期。请重新扫码。",
    "The voucher token is too old. Scan a new code.",
)
VOUCHER_PERSON_NOT_ALLOWED = define(
    "voucher_person_not_allowed",
    404,
    "没有找到这位家人，或您还不能替他（她）使用医保码。只有监护人可以替未成年人出示。",
    "This person was not found, or you may not use the voucher for them. Only a minor's guardian may.",
)
TOO_MANY_DEVICES = define(
    "voucher_too_many_devices",
    409,
    "医保码已在 {limit} 台手机上启用。请先在“医保码”里停用不再使用的手机，再在这台上启用。",
    "The voucher is active on {limit} phones. Remove one that is no longer used, then activate this one.",
)
FACE_REQUIRED = define(
    "voucher_face_required",
    403,
    "换手机启用医保码，或停用后重新启用，要由本人刷脸确认。请先在这台手机上做一次实名认证（刷脸），"
    "完成后 {minutes} 分钟内再启用。",
    "To activate the voucher on another phone, or again after it was removed or revoked, show your face first: complete a "
    "real-name check on this phone, then activate within {minutes} minutes.",
)
