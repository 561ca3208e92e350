"""The fields of invoices and receipts, with what they are called in Chinese and English."""

from dataclasses import dataclass
from typing import Literal

Sort = Literal["amount", "date", "code", "percent", "text"]


@dataclass(frozen=True)
class Field:
    """One field. ``names`` stand on documents and in questions, the surest first; ``asked`` in questions only.
    When none of ``names`` stands on a document, those of the fields in ``instead`` will do."""

    sort: Sort
    names: tuple[str, ...]
    asked: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


FIELDS: dict[str, Field] = {
    "total": Field(
        "amount",
        ("价税合计", "总金额", "金额总计", "总计金额", "合计金额", "总计", "总价", "总额", "合计",
         "grand total", "total amount", "invoice total", "total price", "total sum", "total"),
        ("发票金额", "票面金额", "一共", "总共", "invoice amount", "sum", "多少钱", "how much"),
        ("due",),
    ),
    "due": Field(
        "amount",
        ("应付金额", "应付总额", "应付款", "待付金额", "total amount due", "total due", "amount due", "balance due",
         "amount payable", "total payable", "due"),
        ("do we owe", "do i owe", "to pay", "要付", "应付"),
        ("total",),
    ),
    "paid": Field("amount", ("实付金额", "已付金额", "实收金额", "amount paid", "total paid", "paid")),
    "subtotal": Field(
        "amount",
        ("不含税金额", "小计", "subtotal", "sub total", "sub-total", "net amount", "net total"),
    ),
    "amount": Field("amount", ("金额", "amount"), instead=("total", "due")),
    "tax": Field(
        "amount",
        ("合计税额", "税额合计", "增值税额", "税额", "税金", "total tax", "tax amount", "sales tax", "vat amount",
         "tax", "vat", "gst"),
        ("多少税",),
    ),
    "discount": Field("amount", ("优惠金额", "折扣金额", "折扣", "discount amount", "discount")),
    "shipping": Field("amount", ("运费", "shipping cost", "shipping fee", "shipping", "freight")),
    "rate": Field("percent", ("税率", "tax rate", "vat rate")),
    "number": Field(
        "code",
        ("发票号码", "发票编号", "发票号", "票据号码", "invoice number", "invoice no", "invoice num", "invoice id",
         "invoice #"),
        ("号码", "编号", "number"),
    ),
    "code": Field("code", ("发票代码", "invoice code")),
    "check": Field("code", ("校验码", "check code")),
    "order": Field(
        "code",
        ("订单号", "订单编号", "采购单号", "order number", "order no", "order id", "purchase order", "po number",
         "po no"),
    ),
    "contract": Field("code", ("合同编号", "合同号", "contract number", "contract no")),
    "account": Field("code", ("银行账号", "账号", "account number", "account no", "iban")),
    "date": Field(
        "date",
        ("开票日期", "发票日期", "开具日期", "invoice date", "date of issue", "issue date", "issued on", "日期",
         "date"),
        ("开票时间", "开具", "开票", "开", "issued"),
    ),
    "deadline": Field(
        "date",
        ("付款截止日期", "到期日期", "到期日", "付款期限", "截止日期", "payment due date", "due date", "payment due",
         "pay by", "due by", "due on"),
        ("due", "付款", "到期"),
    ),
    "delivery": Field("date", ("交货日期", "发货日期", "delivery date", "ship date")),
    "buyer": Field(
        "text",
        ("购买方名称", "购买方", "购方名称", "购方", "采购方", "买方", "客户名称", "客户", "付款方", "buyer name",
         "buyer", "bill to", "billed to", "sold to", "customer name", "customer", "purchaser"),
        ("买", "bought"),
    ),
    "seller": Field(
        "text",
        ("销售方名称", "销售方", "销方名称", "销方", "卖方", "供应商", "开票方", "收款方", "收款单位", "seller name",
         "seller", "vendor", "supplier", "issued by", "sold by"),
        ("开", "卖", "issued", "sold"),
    ),
    "recipient": Field("text", ("收货人", "收件人", "ship to", "deliver to", "recipient")),
    "payee": Field("text", ("收款人", "payee")),
    "drawer": Field("text", ("开票人", "drawer")),
    "reviewer": Field("text", ("复核人", "复核", "reviewer")),
    "bank": Field("text", ("开户银行", "开户行", "bank name", "bank")),
    "terms": Field("text", ("付款方式", "付款条件", "支付方式", "payment method", "payment terms", "terms")),
    "item": Field("text", ("项目名称", "货物名称", "商品名称", "品名", "description", "item")),
    "quantity": Field("amount", ("数量", "quantity", "qty")),
    "price": Field("amount", ("单价", "unit price", "price")),
    "currency": Field("text", ("币种", "currency")),
    "address": Field("text", ("地址", "address")),
    "phone": Field("text", ("联系电话", "电话", "telephone", "phone", "tel")),
    "taxpayer": Field(
        "code", ("统一社会信用代码", "纳税人识别号", "税号", "tax id", "tax number", "vat number", "vat no")
    ),
}  # fmt: skip
