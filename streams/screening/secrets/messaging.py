"""Keys and webhooks of chat, mail and telephony."""

import binascii
from base64 import urlsafe_b64decode

from streams.screening.secrets.issued import UUID, Issued, detector
from streams.screening.secrets.shape import is_issued, is_mixed


def is_discord(span: str) -> bool:
    """Whether the first part is a user's number in base 64."""
    first = span.partition(".")[0]
    try:
        return urlsafe_b64decode(first + "=" * (-len(first) % 4)).isdigit()
    except binascii.Error:
        return False


MESSAGING = detector(
    "messaging_keys",
    (
        Issued("Slack", r"xox[abposre](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}", is_issued, "SLACK_TOKEN"),
        Issued("Slack", r"xapp-[0-9]-[A-Z0-9]{5,20}-[0-9]{5,20}-[A-Za-z0-9]{20,80}", is_issued, "SLACK_TOKEN"),
        Issued("Slack", r"xox[cd]-[A-Za-z0-9%-]{20,250}", is_issued, "SLACK_TOKEN"),
        Issued(
            "Slack",
            r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Za-z0-9]{6,20}/[A-Za-z0-9]{6,20}/[A-Za-z0-9/]{16,60}",
            is_issued,
            "SLACK_TOKEN",
        ),
        Issued(
            "Discord",
            r"(?:[MNO][DTjz][AEIMQUYcgk][w-z0-5]){4,6}[A-Za-z0-9_-]{0,4}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}",
            is_discord,
        ),
        Issued("Discord", r"discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/[0-9]{16,20}/[A-Za-z0-9_-]{40,100}"),
        Issued("Telegram", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
        Issued("Teams", rf"webhook\.office\.com/webhookb2/{UUID}@{UUID}/IncomingWebhook/[A-Za-z0-9]{{32}}"),
        Issued(
            "Google Chat", r"chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{8,20}/messages\?key=[A-Za-z0-9_%&=-]{40,200}"
        ),
        Issued("DingTalk", r"oapi\.dingtalk\.com/robot/send\?access_token=[a-f0-9]{64}"),
        Issued("DingTalk", r"SEC[a-f0-9]{64}"),
        Issued(
            "Feishu", rf"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/(?:v2/)?hook/(?:{UUID}|[A-Za-z0-9]{{32}})"
        ),
        Issued("WeCom", rf"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key={UUID}"),
        Issued("ServerChan", r"SCT[0-9]{3,8}T[A-Za-z0-9]{20,40}"),
        Issued("Zapier", r"hooks\.zapier\.com/hooks/catch/[0-9]{5,12}/[A-Za-z0-9]{6,12}"),
        Issued("IFTTT", r"maker\.ifttt\.com/(?:use/|trigger/[A-Za-z0-9_-]{1,64}/with/key/)[A-Za-z0-9_-]{20,50}"),
        Issued("SendGrid", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}"),
        Issued("Mailgun", r"(?:pub)?key-[a-f0-9]{32}"),
        Issued("Brevo", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
        Issued("Resend", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}"),
        Issued("Mandrill", r"md-[A-Za-z0-9_-]{22}", is_mixed),
        Issued("Twilio", r"(?:SK|AC)[0-9a-f]{32}"),
        Issued("Intercom", r"dG9rO[A-Za-z0-9+/]{50,60}={0,2}"),
        Issued("Facebook", r"EAA[A-Za-z0-9]{10,200}Z[A-D][A-Za-z0-9]{10,200}Z[A-D][A-Za-z0-9]{10,200}"),
        Issued("Twitter", r"A{20}[A-Za-z0-9]{4,60}%[A-Za-z0-9%]{20,100}"),
        Issued("Instagram", r"IG[A-Z]{2,3}[A-Za-z0-9_-]{80,300}"),
        Issued("Twitch", r"oauth:[a-z0-9]{30}", is_mixed),
    ),
)
