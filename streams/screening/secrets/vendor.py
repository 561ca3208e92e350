"""Keys without a mark of their own, by the name of who gives them out; and values of chance that are called a key."""

import re

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.issued import UUID
from streams.screening.secrets.shape import is_made_by_chance, is_stand_in, is_uuid

_VENDORS = (
    r"(?:datadog|dd[_-]api|heroku|cloudflare|cf[_-]api|twilio|mailgun|mailchimp|mandrill|postmark|sendbird|algolia|airtable"
    r"|asana|auth0|beamer|bitbucket|bittrex|binance|kraken|kucoin|coinbase|okx|huobi|bybit|codecov|cohere|confluent|contentful"
    r"|deepgram|deepl|discord|dropbox|etsy|facebook|fastly|finnhub|flickr|freshbooks|freshdesk|gitee|coding|gitter|gocardless"
    r"|google|gcp|hubspot|intercom|jfrog|artifactory|jira|confluence|kraken|launchdarkly|linkedin|linode|line|lokalise|loggly"
    r"|logzio|mapbox|amap|gaode|tianditu|mattermost|meraki|messagebird|mistral|netlify|newrelic|new[_-]relic|nytimes|okta"
    r"|opsgenie|pagerduty|papertrail|pinecone|plaid|pusher|qiniu|rapidapi|rollbar|sentry|serpapi|shodan|snyk|sonar|sparkpost"
    r"|spotify|squarespace|stability|steam|sumologic|sumo|tencent|qcloud|aliyun|alibaba|huawei|hwcloud|volcengine|baidu|ucloud"
    r"|upyun|wechat|weixin|wx|wepay|alipay|dingtalk|feishu|lark|qq|weibo|travis|trello|twitch|twitter|unsplash|virustotal|vercel"
    r"|vultr|wandb|weatherapi|openweather(?:map)?|yandex|zendesk|zoom|zhipu|zai|minimax|qianfan|hunyuan|spark|iflytek|xfyun"
    r"|jpush|getui|umeng|azure|aws|s3|minio|oss|cos|obs|r2|b2)"
)
_KIND = r"(?:key|secret|token|sk|pwd|pass|auth|sign|dsn|license|app|id[_-]?key|cred(?:ential)?s?)"
_SIGN = r"\\?[\"'`\])]{0,2}\s{0,3}(?:=>|:=|==|[=:>,]|是|为|is\s)[\s>]{0,3}\\?[\"'`]?"
_VALUE = rf"(?:{UUID}|[A-Za-z0-9_+/=-]{{16,128}})"


def is_amazons(value: str) -> bool:
    """Whether forty characters are a secret rather than a digest."""
    return is_made_by_chance(value, 40) and not re.fullmatch("[0-9a-f]{40}", value)


def is_vendors(value: str) -> bool:
    """Whether the value is a key: an id or of chance."""
    return (is_uuid(value) and not is_stand_in(value)) or is_made_by_chance(value, 16)


def is_called_key(value: str) -> bool:
    """Whether the value has capitals, small letters and digits as by chance, and is no public key."""
    kinds = (str.isupper, str.islower, str.isdigit)
    mixed = all(any(map(kind, value)) for kind in kinds)
    return mixed and is_made_by_chance(value, 20) and not re.match(r"MI[GI]|MFkw|MCow|AAAA|ssh-", value)


_CALLED = (
    r"(?:keys?|secrets?|tokens?|credentials?|passwords?|密钥|秘钥|密码|凭证|令牌)[\"'`*]{0,3}\s?"
    r"(?:is|are|was|below|here|是|为|如下)?[\s:=,\"'`]{1,6}"
)

VENDOR = Rules(
    "vendor_keys",
    (
        Rule(
            "AWS_KEY",
            r"[A-Za-z0-9/+]{40}",
            0.9,
            after="A-Za-z0-9/+=",
            ignore_case=True,
            check=is_amazons,
            lead=r"secret[_ -]?(?:access[_ -]?)?(?:key)?" + _SIGN,
        ),
        Rule(
            "API_KEY",
            _VALUE,
            0.8,
            "A-Za-z0-9",
            ignore_case=True,
            check=is_vendors,
            lead=rf"{_VENDORS}[A-Za-z0-9 _.-]{{0,24}}{_KIND}{_SIGN}",
        ),
        Rule(
            "HIGH_ENTROPY",
            r"[A-Za-z0-9_+/=-]{20,128}",
            0.6,
            after="A-Za-z0-9_+/=-",
            ignore_case=True,
            check=is_called_key,
            lead=_CALLED,
        ),
    ),
)
