"""Keys of cloud platforms and of what runs on them."""

from streams.screening.secrets.issued import UUID, Issued, detector
from streams.screening.secrets.shape import is_issued, is_made_by_chance, is_mixed


def is_pair(span: str) -> bool:
    """Whether a key id is followed by a secret of its kind."""
    return is_made_by_chance(span[-40:], 40)


CLOUD = detector(
    "cloud_keys",
    (
        Issued("AWS", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}", lambda span: len(set(span)) > 6, "AWS_KEY"),
        Issued("AWS", r"(?:AKIA|ASIA)[A-Z2-7]{16}[^A-Za-z0-9]{1,6}[A-Za-z0-9/+]{40}", is_pair, "AWS_KEY"),
        Issued("AWS Bedrock", r"ABSK[A-Za-z0-9+/]{100,200}={0,2}", is_issued, "AWS_KEY"),
        Issued("AWS MWS", rf"amzn\.mws\.{UUID}", is_issued, "AWS_KEY"),
        Issued("Google", r"AIza[A-Za-z0-9_-]{35}"),
        Issued("Google OAuth", r"GOCSPX-[A-Za-z0-9_-]{28}"),
        Issued("Google OAuth", r"ya29\.[A-Za-z0-9_-]{30,400}"),
        Issued("Google OAuth", r"1//0[A-Za-z0-9_-]{60,120}"),
        Issued("Azure AD", r"[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
        Issued("Alibaba", r"LTAI[A-Za-z0-9]{12,20}"),
        Issued("Alibaba STS", r"STS\.N[A-Za-z0-9]{20,40}"),
        Issued("Tencent", r"AKID[A-Za-z0-9]{32}"),
        Issued("Huawei", r"HPUA[A-Z0-9]{16}"),
        Issued("Baidu", r"ALTAK[A-Za-z0-9]{20,24}"),
        Issued("Baidu", r"bce-v3/ALTAK-[A-Za-z0-9]{16,32}/[0-9a-f]{32,64}"),
        Issued("Volcano", r"AKLT[A-Za-z0-9_-]{40,80}"),
        Issued("JD", r"JDC_[A-Z0-9]{28}"),
        Issued("Yandex", r"AQVN[A-Za-z0-9_-]{35,38}"),
        Issued("Yandex", r"YC[A-Za-z0-9_-]{38}", is_mixed),
        Issued("Yandex", r"t1\.[A-Za-z0-9_-]{20,200}={0,2}\.[A-Za-z0-9_-]{86}={0,2}"),
        Issued("DigitalOcean", r"do[opr]_v1_[a-f0-9]{64}"),
        Issued("Cloudflare", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"),
        Issued("Cloudflare", r"cf(?:ut|at|k)_[A-Za-z0-9]{40,48}"),
        Issued("Heroku", rf"HRKU-(?:AA[A-Za-z0-9_-]{{50,64}}|{UUID})"),
        Issued("Fly", r"fm[12][ar]?_[A-Za-z0-9+/]{60,400}={0,3}"),
        Issued("Fly", r"fo1_[A-Za-z0-9_-]{43}"),
        Issued("Vercel", r"vc[aikpr]_[A-Za-z0-9]{24,80}"),
        Issued("Netlify", r"nf[pcu]_[A-Za-z0-9]{36,60}"),
        Issued("Render", r"rnd_[A-Za-z0-9]{28,40}", is_mixed),
        Issued("Linode", r"lin-[a-z0-9]{40,64}", is_mixed),
        Issued("Scaleway", r"SCW[A-Z0-9]{17}"),
        Issued("Scalingo", r"tk-us-[A-Za-z0-9_-]{48}"),
        Issued("Supabase", r"sb(?:p_[a-f0-9]{40}|_secret_[A-Za-z0-9_-]{31})"),
        Issued("Neon", r"napi_[a-z0-9]{40,70}"),
        Issued("PlanetScale", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9=._-]{32,64}"),
        Issued("ClickHouse", r"4b1d[A-Za-z0-9]{38}", is_mixed),
        Issued("Databricks", r"dapi[a-f0-9]{32}(?:-[0-9])?"),
        Issued("Snowflake", r"ver:1-hint:[0-9]{3,20}-ETMsDgAAA[A-Za-z0-9+/=]{60,400}"),
        Issued("Terraform", r"atlasv1\.[A-Za-z0-9_=-]{60,70}"),
        Issued("Vault", r"hv[sbr]\.[A-Za-z0-9_-]{24,300}"),
        Issued("Vault", r"s\.[A-Za-z0-9]{24}", is_mixed),
        Issued("Pulumi", r"pul-[a-f0-9]{40}"),
        Issued("Doppler", r"dp\.(?:pt|st|sa|ct|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
        Issued("1Password", r"ops_eyJ[A-Za-z0-9+/]{100,1000}={0,3}"),
        Issued("1Password", r"A3-[A-Z0-9]{6}-[A-Z0-9]{6}-?[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
        Issued("Infisical", rf"st\.{UUID}\.[a-f0-9]{{32}}"),
        Issued("OpenShift", r"sha256~[A-Za-z0-9_-]{43}"),
        Issued("Tailscale", r"tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{10,24}-[A-Za-z0-9]{20,40}"),
        Issued("ngrok", r"2[A-Za-z0-9]{26}_[A-Za-z0-9]{21}", is_mixed),
    ),
)
