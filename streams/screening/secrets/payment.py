"""Keys of payment, commerce and exchange services."""

from streams.screening.secrets.issued import UUID, Issued, detector
from streams.screening.secrets.shape import is_mixed


def is_varied(span: str) -> bool:
    return len(set(span)) > 14


PAYMENT = detector(
    "payment_keys",
    (
        Issued("Stripe", r"[rs]k_(?:live|test|prod)_[A-Za-z0-9]{10,247}"),
        Issued("Stripe", r"whsec_[A-Za-z0-9+/]{24,64}={0,2}"),
        Issued("Square", r"sq0[a-z]{3}-[A-Za-z0-9_-]{22,43}"),
        Issued("Square", r"EAAA[A-Za-z0-9_-]{56,60}"),
        Issued("PayPal Braintree", r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}", is_varied),
        Issued("Shopify", r"shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{32}"),
        Issued("Razorpay", r"rzp_(?:live|test)_[A-Za-z0-9]{14}"),
        Issued("Plaid", rf"(?:access|public|link)-(?:sandbox|development|production)-{UUID}"),
        Issued("Flutterwave", r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,40}(?:-X)?"),
        Issued("Mollie", r"(?:live|test)_[A-Za-z0-9]{30,44}", is_mixed),
        Issued("Adyen", r"AQE[a-z][A-Za-z0-9+/=._-]{80,300}"),
        Issued("Checkout", r"sk_(?:sbox_)?[a-z0-9]{26,28}[*#$=]?", is_mixed),
        Issued("Xendit", r"xnd_(?:production|development)_[A-Za-z0-9]{20,80}"),
        Issued("Midtrans", r"(?:SB-)?Mid-server-[A-Za-z0-9_-]{20,30}"),
        Issued("Duffel", r"duffel_(?:test|live)_[A-Za-z0-9_=-]{43}"),
        Issued("EasyPost", r"EZ[AT]K[A-Za-z0-9]{54}"),
        Issued("Shippo", r"shippo_(?:live|test)_[a-fA-F0-9]{40}"),
        Issued("Lob", r"(?:live|test)_(?:pub_)?[a-f0-9]{31,35}", is_mixed),
    ),
)
