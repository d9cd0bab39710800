"""What the API itself has to say, in both languages; the domain's errors are worded in `webapp.wording`."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

TITLES: dict[str, dict[Language, str]] = {
    "not-found": {"zh": "未找到", "en": "Not found"},
    "permission-denied": {"zh": "无权办理", "en": "You cannot do this"},
    "same-person": {"zh": "无权办理", "en": "You cannot do this"},
    "urged-today": {"zh": "今天已催办", "en": "Reminded today"},
    "applicant-decides": {"zh": "无权办理", "en": "You cannot do this"},
    "letter-needed": {"zh": "改用函", "en": "Send a letter"},
    "state-conflict": {"zh": "当前状态不能办理", "en": "Not possible now"},
    "row-version-stale": {"zh": "内容已更新", "en": "Changed by someone else"},
    "task-already-claimed": {"zh": "已被认领", "en": "Already claimed"},
    "invalid-input": {"zh": "填写有误", "en": "Check your answers"},
    "objections-unanswered": {"zh": "不同意意见尚未答复", "en": "Answer the objections"},
    "definition": {"zh": "流程有误", "en": "Problem in the diagram"},
    "no-candidate": {"zh": "没有承办单位", "en": "Nobody to send it to"},
    "engine": {"zh": "流程停在此环节", "en": "The process stopped here"},
    "session-expired": {"zh": "登录已失效", "en": "Signed out"},
    "wrong-credentials": {"zh": "登录未成功", "en": "Not signed in"},
    "locked": {"zh": "暂时不能登录", "en": "Sign-in paused"},
    "wrong-code": {"zh": "登录未成功", "en": "Not signed in"},
    "code-needed": {"zh": "须二次验证", "en": "The second factor is needed"},
    "no-post": {"zh": "没有岗位", "en": "No post"},
    "login-waits-for-password": {"zh": "请先修改密码", "en": "Change your password first"},
    "login-waits-for-enrol": {"zh": "请先开通二次验证", "en": "Set up the second factor first"},
    "login-waits-for-code": {"zh": "请先完成二次验证", "en": "Show the second factor first"},
    "idempotency-key-reused": {"zh": "填写有误", "en": "Check your answers"},
    "malformed-body": {"zh": "内容读不出", "en": "The request cannot be read"},
    "bad-request": {"zh": "请求读不出", "en": "The request cannot be read"},
    "method-not-allowed": {"zh": "不支持此操作", "en": "Not possible here"},
    "body-too-large": {"zh": "内容过大", "en": "Too large"},
    "unsupported-media-type": {"zh": "内容类型不符", "en": "Another content type is needed"},
    "busy": {"zh": "他人正在办理", "en": "Someone else is working on this"},
    "store-away": {"zh": "文件服务暂时不能用", "en": "Files are out of reach"},
    "file-damaged": {"zh": "文件已损坏", "en": "The file is damaged"},
    "internal": {"zh": "系统出现故障", "en": "Something went wrong"},
}

DETAILS: dict[str, dict[Language, str]] = {
    "not-found": {"zh": "未找到此项，请核对编号", "en": "Nothing is there. Check the number"},
    "session-expired": {"zh": "登录已失效，请重新取得令牌", "en": "Your token has ended. Get a new one"},
    "wrong-credentials": {
        "zh": "用户名或密码不符，请核对后重填",
        "en": "The user name or password does not match. Check both",
    },
    "locked": {
        "zh": "登录未成功次数过多，请稍后再试",
        "en": "There were too many failed sign-ins. Wait before you try again",
    },
    "wrong-code": {
        "zh": "验证码不正确或已经用过，请等下一个验证码",
        "en": "The code is not right or has been used. Wait for the next one",
    },
    "code-needed": {"zh": "请同时提交验证码（code）", "en": "Send the code of your authenticator too (code)"},
    "no-post": {
        "zh": "您目前没有岗位，请与系统管理员联系",
        "en": "You hold no post at present. Ask the system administrator",
    },
    "login-waits-for-password": {
        "zh": "密码已到期或由管理员重设，请先修改密码",
        "en": "Your password has expired or was reset. Change it (POST /me/password)",
    },
    "login-waits-for-enrol": {
        "zh": "此岗位须二次验证，请先开通",
        "en": "Your post needs a second factor. Set it up (POST /me/second-factor)",
    },
    "login-waits-for-code": {"zh": "请先完成二次验证", "en": "Show the second factor first"},
    "idempotency-key-reused": {
        "zh": "此幂等键已用于另一请求，请换新键",
        "en": "This key was used for another request. Choose a new one",
    },
    "malformed-body": {"zh": "内容不是JSON，请核对后重发", "en": "The body is not JSON. Check it and send it again"},
    "bad-request": {"zh": "请求读不出，请核对后重发", "en": "The request cannot be read. Check it and send it again"},
    "method-not-allowed": {"zh": "此地址不支持此操作，请查接口说明", "en": "Use a method this address allows"},
    "body-too-large": {"zh": "内容超过上限，请减小后重发", "en": "The request is larger than allowed. Send less"},
    "unsupported-media-type": {
        "zh": "内容类型不符，请查接口说明",
        "en": "Send the content type this address takes",
    },
    "busy": {"zh": "他人正在办理同一件，请稍后再试", "en": "Someone is working on the same case. Try again shortly"},
    "store-away": {
        "zh": "文件暂时存取不了，内容未变，请过几分钟再试",
        "en": "Files cannot be stored or read for the moment. Nothing was changed. Try again in a few minutes",
    },
    "file-damaged": {
        "zh": "文件内容与登记的校验值不符，未予提供，请告诉系统管理员从备份中恢复",
        "en": "The file is no longer what was uploaded and was not sent. Ask the system administrator to restore it",
    },
    "internal": {
        "zh": "没有办成，内容未变。请凭故障编号向系统管理员查询",
        "en": "Nothing was changed. Give the incident number to the system administrator",
    },
}

FIELDS: dict[str, dict[Language, str]] = {
    "idempotency-key-reused": DETAILS["idempotency-key-reused"],
    "control-character": {"zh": "含有不能保存的控制字符，请删去", "en": "Remove the control characters"},
    "field-name": {"zh": "项名含有不能保存的字符，请核对", "en": "Remove the control characters from the field names"},
    "number-size": {"zh": "数字过大，请核对后重填", "en": "Enter a smaller number"},
    "post": {"zh": "您不在此岗位，请核对后重填", "en": "Choose a post you hold"},
    "date-range": {"zh": "日期不在允许范围内，请核对后重填", "en": "Enter a date in the allowed range"},
    "calendar-version": {"zh": "没有此日历版本，请核对后重填", "en": "Choose a calendar version that exists"},
    "file-type": {
        "zh": "文件内容与类型不符，请上传PDF、PNG、JPG、DOCX、XLSX或OFD文件",
        "en": "The file is not what its name says. Choose a PDF, PNG, JPG, DOCX, XLSX or OFD file",
    },
    "utf-8": {"zh": "流程图应为UTF-8编码，请转换后重传", "en": "Save the diagram as UTF-8"},
    "other": {"zh": "此项填写有误，请核对后重填", "en": "Check this field"},
}
