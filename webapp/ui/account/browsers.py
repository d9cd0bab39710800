"""What a browser calls itself, in plain words."""

from __future__ import annotations

from webapp.translation import _

_BROWSERS = (
    ("micromessenger", "微信"),
    ("dingtalk", "钉钉"),
    ("qqbrowser", "QQ浏览器"),
    ("360se", "360浏览器"),
    ("360ee", "360浏览器"),
    ("metasr", "搜狗浏览器"),
    ("ucbrowser", "UC浏览器"),
    ("huaweibrowser", "华为浏览器"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("firefox", "Firefox"),
    ("chrome", "Chrome"),
    ("crios", "Chrome"),
    ("safari", "Safari"),
    ("trident", "Internet Explorer"),
    ("python", "Python"),
    ("curl", "curl"),
)
"""The first that fits counts: most call themselves Chrome and Safari as well."""
_SYSTEMS = (
    ("harmonyos", "HarmonyOS"),
    ("openharmony", "HarmonyOS"),
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("uos", "统信UOS"),
    ("kylin", "麒麟"),
    ("linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Return such as `Chrome，Windows`; what is unknown is called so."""
    plain = user_agent.casefold()
    browser = next((name for mark, name in _BROWSERS if mark in plain), None)
    system = next((name for mark, name in _SYSTEMS if mark in plain), None)
    if browser and system:
        return _("%(browser)s，%(system)s", browser=browser, system=system)
    return browser or system or _("未知浏览器")
