"""What identity refuses, each with its own code and a sentence that says what to do next.

A rejected js_code or phone code is 422, since the phone mends it by fetching another; 401 is kept for tokens
and passwords, and always says Bearer.
"""

from typing import Final

from app.kit.errors import ErrorKind, Problem, define

TOKEN_INVALID = define(
    "token_invalid",
    401,
    "登录凭证无效，请重新登录。",
    "The token is not valid. Please sign in again.",
)
TOKEN_EXPIRED = define(
    "token_expired",
    401,
    "登录已过期，请重新登录。",
    "The token has expired. Renew it, or sign in again.",
)
SESSION_ENDED = define(
    "session_ended",
    401,
    "您已退出登录，或这个账号已停用。请重新登录。",
    "This sign-in has ended, or the account is disabled. Please sign in again.",
)
REFRESH_TOKEN_REUSED = define(
    "refresh_token_reused",
    401,
    "登录凭证被重复使用。为了您的信息安全，已退出登录，请重新登录。",
    "A refresh token was used twice. For your safety this sign-in was ended; please sign in again.",
)
SIGN_IN_FAILED = define(
    "sign_in_failed",
    401,
    "用户名或密码不对，请核对后再试。忘记密码请联系本单位管理员。",
    "The user name or the password is wrong. If you forgot it, ask your administrator.",
)
STAFF_LOCKED = define(
    "staff_locked",
    429,
    "密码输错次数太多，请在 {until} 以后再试。忘记密码请联系本单位管理员。",
    "Too many wrong passwords. Try again after {until}. If you forgot the password, ask your administrator.",
)
TERMINAL_REJECTED = define(
    "terminal_rejected",
    401,
    "终端编号或密钥不对，请联系医保经办机构核对终端配置。",
    "The client id or secret is wrong. Check the terminal's configuration with the agency.",
)
TERMINAL_LOCKED = define(
    "terminal_locked",
    429,
    "终端密钥输错次数太多，请先核对终端配置，在 {until} 以后再试。",
    "Too many wrong secrets. Check the terminal's configuration, and try again after {until}.",
)
ACCOUNT_DISABLED = define(
    "account_disabled",
    403,
    "这个账号已停用。如有疑问请拨打 12393 咨询。",
    "This account is disabled. Call 12393 if you do not know why.",
)

WECHAT_CODE_REJECTED = define(
    "wechat_code_rejected",
    422,
    "微信验证码已失效或已用过，请回到上一步重新操作。",
    "WeChat does not accept this code: it is too old or was used. Fetch a new one and try again.",
)
WECHAT_HIGH_RISK_USER = define(
    "wechat_high_risk_user",
    403,
    "微信提示此账号有安全风险，暂时不能办理。请在微信中按提示解除风险，或到就近医保窗口办理。",
    "WeChat reports a security risk for this account. Clear it in WeChat, or come to a service desk.",
)
WECHAT_UNAVAILABLE = define(
    "wechat_unavailable",
    503,
    "微信服务暂时没有响应，请稍后再试。",
    "WeChat does not answer at the moment. Please try again in a little while.",
)

REAL_NAME_REQUIRED = define(
    "real_name_required",
    403,
    "请先完成实名认证，再办理这一项。",
    "Please prove your real name first.",
)
ALREADY_REAL_NAMED = define(
    "already_real_named",
    409,
    "这个微信账号已经实名，所填的不是实名的那个人。请填写本人的姓名和身份证号码；家人请用自己的微信认证。",
    "This WeChat account is proven to be another person's. Fill in your own name and ID number; "
    "relatives use their own WeChat.",
)
REAL_NAME_MISMATCH = define(
    "real_name_mismatch",
    422,
    "姓名和身份证号码不一致，请对照身份证重新填写。如果确认无误，请到医保窗口核对登记信息。",
    "Name and ID number do not belong together. Compare them with the card; "
    "if they are right, have the register checked at a service desk.",
)
ID_BOUND_ELSEWHERE = define(
    "id_bound_elsewhere",
    409,
    "这个身份证号码已在另一个微信账号上实名。请用原来的微信登录，或带身份证到医保窗口解除绑定。",
    "This ID number belongs to another WeChat account. Sign in with that one, "
    "or bring your card to a service desk to have it released.",
)
FACE_CHECK_RUNNING = define(
    "face_check_running",
    409,
    "人脸核验正在比对，请过几秒再查看结果。",
    "The face check is being compared. Ask again in a few seconds.",
)
FACE_CHECK_NOT_FINISHED = define(
    "face_check_not_finished",
    409,
    "还没有完成人脸核验，请按提示完成后再继续。",
    "The face check is not finished. Complete it on the phone and go on.",
)
FACE_CHECK_FAILED = define(
    "face_check_failed",
    422,
    "人脸核验没有通过。请在光线充足处由本人重新认证。",
    "The face check failed. Start again, in good light and in person.",
)
REAL_NAME_CHECK_EXPIRED = define(
    "real_name_check_expired",
    410,
    "这次认证已超时，请重新开始实名认证。",
    "This check is too old. Please start again.",
)
REAL_NAME_TOO_OFTEN = define(
    "real_name_too_often",
    429,
    "今天实名认证的次数太多，请明天再试，或带身份证到医保窗口办理。",
    "Too many tries to prove a real name today. Try again tomorrow, or come to a service desk.",
)

_CHALLENGES: Final = {
    TOKEN_INVALID: 'Bearer error="invalid_token", error_description="invalid"',
    TOKEN_EXPIRED: 'Bearer error="invalid_token", error_description="expired"',
    SESSION_ENDED: 'Bearer error="invalid_token", error_description="session ended"',
    REFRESH_TOKEN_REUSED: 'Bearer error="invalid_token", error_description="reused"',
}


def unauthorized(kind: ErrorKind) -> Problem:
    """A 401 with the header that RFC 6750 asks for."""
    return kind(headers={"WWW-Authenticate": _CHALLENGES.get(kind, "Bearer")})
