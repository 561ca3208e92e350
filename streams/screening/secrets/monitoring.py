"""Keys of monitoring, analytics and other services."""

from streams.screening.secrets.issued import UUID, Issued, detector
from streams.screening.secrets.shape import is_issued, is_mixed

MONITORING = detector(
    "monitoring_keys",
    (
        Issued("New Relic", r"NR(?:AK-[A-Z0-9]{27}|II-[A-Za-z0-9_-]{32}|IQ-[A-Za-z0-9_-]{32}|JS-[a-f0-9]{19})"),
        Issued("Sentry", r"sntrys_[A-Za-z0-9+/=_-]{60,500}"),
        Issued("Sentry", r"sntry[ua]_[a-f0-9]{64}"),
        Issued("Sentry DSN", r"//[a-f0-9]{32}(?::[a-f0-9]{32})?@[a-z0-9.-]{1,60}sentry\.io/[0-9]{1,20}"),
        Issued("Grafana", r"glc_[A-Za-z0-9+/]{32,400}={0,3}"),
        Issued("Grafana", r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
        Issued("Grafana", r"eyJrIjoi[A-Za-z0-9+/]{60,400}={0,3}"),
        Issued("Datadog", r"dd(?:pat|app|api|ak)_[A-Za-z0-9]{30,60}", is_mixed),
        Issued("Dynatrace", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
        Issued("Honeycomb", r"hc[abx](?:ik|lk|mk)_[a-z0-9]{50,70}"),
        Issued("Logfire", r"pylf_v[0-9]_(?:[a-z]{2}_)?[A-Za-z0-9]{30,60}"),
        Issued("PostHog", r"ph[cx]_[A-Za-z0-9]{40,50}"),
        Issued("Segment", r"sgp_[A-Za-z0-9]{50,70}"),
        Issued("PagerDuty", r"pd(?:us|eu)\+_[A-Za-z0-9_+-]{20,40}"),
        Issued("StackHawk", r"hawk\.[A-Za-z0-9_-]{20}\.[A-Za-z0-9_-]{20}"),
        Issued("Mapbox", r"sk\.eyJ[A-Za-z0-9_-]{40,200}\.[A-Za-z0-9_-]{20,40}"),
        Issued("MaxMind", r"_[A-Za-z0-9]{29}_mmk"),
        Issued("Algolia", r"alg_[A-Za-z0-9]{30,60}", is_mixed),
        Issued("Okta", r"SSWS\s{1,3}00[A-Za-z0-9_-]{40}"),
        Issued("Salesforce", r"00[A-Za-z0-9]{13}![A-Za-z0-9._]{90,120}"),
        Issued("HubSpot", rf"pat-(?:na|eu)[0-9]-{UUID}"),
        Issued("LinkedIn", r"WPL_AP[0-9]\.[A-Za-z0-9+/=._-]{20,80}"),
        Issued("Adobe", r"p8e-[A-Za-z0-9_-]{32}"),
        Issued("Adafruit", r"aio_[A-Za-z0-9]{28}"),
        Issued("Infracost", r"ico-[A-Za-z0-9]{32}"),
        Issued("Apify", r"apify_api_[A-Za-z0-9]{36,40}"),
        Issued("Zuplo", r"zpka_[a-z0-9]{32}_[a-f0-9]{8}"),
        Issued("Intra42", r"s-s4t2(?:ud|af)-[a-f0-9]{64}"),
        Issued("Settlemint", r"sm_[aps]at_[A-Za-z0-9]{16}", is_issued),
        Issued("Defined", r"dnkey-[A-Za-z0-9_=-]{26}-[A-Za-z0-9_=-]{52}"),
    ),
)
