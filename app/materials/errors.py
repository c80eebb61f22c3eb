"""What can be refused about an uploaded paper, each with advice on what to do."""

from app.kit.errors import define

FILE_MISSING = define(
    "file_missing",
    422,
    "没有收到照片。请先拍照或从相册选一张，再上传。",
    "No photograph arrived. Take one or choose one from the album, then upload it.",
)
FILE_EMPTY = define(
    "file_empty",
    422,
    "照片是空的，可能没有拍好或没有传完。请重新拍一张再上传。",
    "The photograph is empty; perhaps it was not sent completely. Please take it again and upload it.",
)
FILE_TOO_LARGE = define(
    "file_too_large",
    413,
    "照片太大，一张最多 {limit_mb} MB。请用手机普通模式重新拍一张，不要选“原图”。",
    "The photograph is too large; at most {limit_mb} MB. Take it again in the normal mode.",
)
FILE_TYPE_NOT_SUPPORTED = define(
    "file_type_not_supported",
    415,
    "请上传 JPG 或 PNG 照片。其他文件请打开后截屏或拍照，再上传。",
    "Please upload a JPG or PNG photograph. Of any other file, upload a screenshot or a photograph.",
)
FILE_BROKEN = define(
    "file_broken",
    422,
    "照片损坏或没有传完，打不开。请重新拍一张再上传。",
    "The photograph is damaged or incomplete and cannot be opened. Please take it again and upload it.",
)
FILE_TOO_MANY_PIXELS = define(
    "file_too_many_pixels",
    422,
    "照片的像素太多。请用手机普通模式重新拍一张，存成 JPG 再上传。",
    "The picture has too many pixels. Please take it again in the normal mode and upload it as JPG.",
)
PHOTO_TOO_SMALL = define(
    "photo_too_small",
    422,
    "照片太小，看不清上面的字。请靠近一些重新拍一张，不要上传缩略图。",
    "The photograph is too small to be read. Go nearer and take it again, and do not upload a thumbnail.",
)
UPLOAD_LIMIT_REACHED = define(
    "upload_limit_reached",
    429,
    "您今天已上传 {limit} 张照片，达到每天的上限。请明天再传，急用请到就近的医保窗口办理。",
    "You uploaded {limit} photographs today, the daily limit. Go on tomorrow, or go to the nearest desk.",
)
MATERIALS_NOT_FOUND = define(
    "materials_not_found",
    422,
    "有 {count} 份材料没有找到，可能已过期删除或不是您上传的。请重新拍照上传这些材料。",
    "{count} papers were not found: deleted after 30 days, or not yours. Please upload them again.",
)
PAPERS_ABOUT_OTHERS = define(
    "papers_about_others",
    422,
    "有 {count} 份材料是为别人上传的，不能用在这件业务里。请为办理对象重新拍照上传。",
    "{count} papers were uploaded for somebody else. Please upload them for the person of the case.",
)
PAPERS_UNAVAILABLE = define(
    "papers_unavailable",
    503,
    "照片暂时存取不了，请稍等一会儿再试。",
    "Photographs cannot be stored or shown just now. Please try again in a while.",
)
MATERIAL_UNREADABLE = define(
    "material_unreadable",
    500,
    "这张照片打不开了。请重新拍一张上传；如果已经提交，请拨打 12393 告知经办机构。",
    "This photograph cannot be opened any more. Upload it again; if it was submitted already, call 12393.",
)
