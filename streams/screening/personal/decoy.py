"""Labels that say what a number is, when it is nobody's: orders, parcels, versions, serial numbers, decimals.

Surer than any number without a label of its own, and less sure than an identity number with its check digit.
"""

from streams.screening.detector import DECOY, Rule, Rules

_ORDERS = (
    "订单|单号|运单|快递单|物流单|流水|交易号|交易单|支付单|工单|序列号|型号|货号|条码|条形码|批次|批号|发票|合同|学号|工号|"
    "产品编码|产品编号|商品编码|商品编号|设备编号|设备号|资产编号|编号|编码|房号|版本|时间戳|案号|备案号|许可证|哈希|校验和|"
    "随机数|密文|追踪码|取件码|验证码|提取码|商品id|群号|QQ群|qq群"
)
_ENGLISH = (
    "order|tracking|invoice|reference|ref|case|ticket|serial|sku|model|part|confirmation|transaction|isbn|issn|doi|"
    "build|timestamp|batch|lot|product|item|article|shipment|parcel|purchase order|request id|order id|claim|booking|"
    "quote|receipt|barcode|upc|ean|asin|commit|revision|random number|checksum|hash"
)
_CODE = r"(?:[A-Za-z]{0,6}[-#]?)?[0-9](?:[._-]?[0-9]){3,63}"
_DIGITS = r"(?:[A-Za-z]{0,6}[-#]?)?[0-9](?:[ ._/-]?[0-9]){3,63}"

DECOYS = Rules(
    "decoy",
    (
        Rule(DECOY, rf"(?:{_ORDERS})[号码编]{{0,2}}[ :=#是为]{{0,3}}{_CODE}", score=0.96, after="0-9"),
        Rule(
            DECOY,
            rf"(?:{_ENGLISH})(?:[ _-]?(?:number|no|num|nr|code|id))?(?: (?:is|was))?[ .:=#]{{1,3}}{_DIGITS}",
            score=0.96,
            before="A-Za-z",
            after="0-9",
            ignore_case=True,
        ),
        Rule(
            DECOY,
            r"(?:v|ver|version|版本|release|firmware|section)[ .:号是]{0,3}[0-9]+(?:\.[0-9]+)+",
            score=0.96,
            before="A-Za-z",
            ignore_case=True,
        ),
        Rule(DECOY, r"(?:0|[1-9][0-9]{0,9})(?:\.[0-9]+){4,32}", score=0.99, before="0-9.", after="0-9"),
        Rule(DECOY, r"[0-9]{1,3}\.[0-9]{9,}", score=0.99, before="0-9.", after="0-9"),
        Rule(DECOY, r"[$¥€£][0-9]{5,}(?:\.[0-9]{2})?", score=0.96, after="0-9"),
        Rule(DECOY, r"[0-9]{5,}(?:\.[0-9]+)?(?:元|块|美元|人民币|人|次|个|件|米|毫秒|字节)", score=0.96, before="0-9"),
        Rule(DECOY, r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", score=0.99),
        Rule(DECOY, r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*/[0-9]{6,}[A-Za-z0-9._~/-]*", score=0.94),
        Rule(DECOY, r"/[a-z]{2,16}/[0-9]{6,20}", score=0.94, after="0-9"),
    ),
)
