"""Made-up people, numbers and addresses for templates, in the formats of their issuers; none belongs to anybody."""

import random
import string
from collections.abc import Callable
from functools import partial

FIRST = [
    "Olivia",
    "Liam",
    "Fatima",
    "Noah",
    "Chloe",
    "Mateo",
    "Priya",
    "Ethan",
    "Ingrid",
    "Omar",
    "Grace",
    "Lucas",
    "Nadia",
    "Henry",
    "Yuki",
    "Samuel",
]
LAST = [
    "Thompson",
    "Okafor",
    "Garcia",
    "Lindqvist",
    "Patel",
    "Novak",
    "Murphy",
    "Tanaka",
    "Rossi",
    "Schneider",
    "Walker",
    "Dubois",
    "Haddad",
    "Kowalski",
]
STREETS = [
    "Maple Street",
    "Oak Avenue",
    "Harbor Road",
    "Kingsley Drive",
    "Birch Lane",
    "Union Square",
    "Elmwood Boulevard",
    "Mill Court",
]
CITIES = [
    "Springfield, IL 62704",
    "Austin, TX 78701",
    "Portland, OR 97205",
    "Denver, CO 80202",
    "Albany, NY 12207",
    "Tampa, FL 33602",
]
UK = ["London SW1A 2AA", "Leeds LS1 4DY", "Bristol BS1 5TR", "Glasgow G2 3BZ", "Manchester M2 5DB"]
SURNAMES = [
    "王",
    "李",
    "张",
    "刘",
    "陈",
    "杨",
    "赵",
    "黄",
    "周",
    "吴",
    "徐",
    "孙",
    "胡",
    "朱",
    "高",
    "林",
    "何",
    "郭",
    "马",
    "欧阳",
    "上官",
    "诸葛",
]
GIVEN = [
    "伟",
    "芳",
    "秀英",
    "敏",
    "静",
    "建国",
    "丽华",
    "强",
    "雨桐",
    "子轩",
    "欣怡",
    "浩然",
    "晓明",
    "思远",
    "佳宁",
    "志强",
    "梦琪",
    "文博",
]
PLACES = [
    "北京市海淀区中关村南大街",
    "上海市浦东新区世纪大道",
    "广东省深圳市南山区科技园路",
    "浙江省杭州市西湖区文三路",
    "四川省成都市武侯区人民南路",
]
HOMES = ["5号", "88弄12号301室", "1068号A座1203", "27号院6号楼2单元502室", "16栋3单元1801"]
REGIONS = ["110105", "310115", "440305", "330106", "510107", "420106", "610113", "320102"]
PLATES = ["京A·8K52D", "沪B12345", "粤B·D12345", "浙AF88888", "粤Z·F23G港", "川A·9Q7X2"]
MAILS = ["gmail.com", "outlook.com", "company.co.uk", "mail.example.org", "qq.com", "163.com", "uni-koeln.de"]


class Values:
    """The same values for the same seed. ``make(kind)`` gives one of a kind that templates name."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def make(self, kind: str) -> str:
        return KINDS[kind](self)

    def pick(self, options: list[str]) -> str:
        return self._chance.choice(options)

    def digits(self, count: int) -> str:
        return str(self._chance.randint(1, 9)) + "".join(self._chance.choices(string.digits, k=count - 1))

    def hexadecimal(self, count: int) -> str:
        return "".join(self._chance.choices("0123456789abcdef", k=count))

    def letters(self, count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        return "".join(self._chance.choices(alphabet, k=count))

    def number(self, low: int, high: int) -> int:
        return self._chance.randint(low, high)

    def luhn(self, prefix: str, length: int) -> str:
        body = prefix + "".join(self._chance.choices(string.digits, k=length - len(prefix) - 1))
        return body + next(last for last in string.digits if _luhn(body + last))

    def date(self) -> str:
        day, month, year = self.number(1, 28), self.number(1, 12), self.number(1948, 2009)
        months = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]
        return self.pick([f"{month}/{day}/{year}", f"{day} {months[month - 1]} {year}", f"{year}-{month:02}-{day:02}"])

    def person(self) -> str:
        return f"{self.pick(FIRST)} {self.pick(LAST)}"

    def identity(self) -> str:
        day = f"{self.number(1950, 2008)}{self.number(1, 12):02}{self.number(1, 28):02}"
        body = self.pick(REGIONS) + day + f"{self.number(1, 999):03}"
        return body + _check_cn(body)

    def unlike_identity(self) -> str:
        """18 digits in the form of one, with a wrong check character."""
        good = self.identity()
        return good[:-1] + str((int(good[-1]) if good[-1].isdigit() else 5) + 1)[-1]

    def iban(self) -> str:
        country, body = self.pick(["DE", "FR", "GB"]), ""
        body = {
            "DE": self.digits(18),
            "FR": self.digits(10) + self.letters(11, "ABCDEFGHJK0123456789") + self.digits(2),
            "GB": self.letters(4, "ABCDNWKL") + self.digits(14),
        }[country]
        check = 98 - _mod_97(body + country + "00")
        return f"{country}{check:02}{body}"

    def uscc(self) -> str:
        alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        body = "91" + self.pick(REGIONS) + self.letters(9, alphabet)
        total = sum(alphabet.index(each) * pow(3, place, 31) for place, each in enumerate(body))
        return body + alphabet[(31 - total % 31) % 31]

    def nhs(self) -> str:
        while True:
            body = self.digits(9)
            check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
            if check != 10:
                return f"{body[:3]} {body[3:6]} {body[6:]}{check % 11}"

    def routing(self) -> str:
        body = "0" + self.digits(7)
        return body + str(-sum(int(digit) * (3, 7, 1)[place % 3] for place, digit in enumerate(body)) % 10)

    def ssn(self) -> str:
        return f"{self.number(101, 665)}-{self.number(10, 99)}-{self.number(1000, 9999)}"

    def mobile(self) -> str:
        return (
            "1"
            + self.pick(["38", "39", "50", "58", "86", "77", "35", "52", "31", "91"])
            + "".join(self._chance.choices(string.digits, k=8))
        )


def _luhn(number: str) -> bool:
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return (sum(map(int, number[::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0


def _check_cn(body: str) -> str:
    return "10X98765432"[sum(int(digit) * pow(2, 17 - place) for place, digit in enumerate(body)) % 11]


def _mod_97(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97


def _spaced(number: str, size: int = 4, by: str = " ") -> str:
    return by.join(number[at : at + size] for at in range(0, len(number), size))


def _mail(values: Values) -> str:
    return f"{values.pick(FIRST)}.{values.pick(LAST)}{values.number(1, 99)}@{values.pick(MAILS)}".lower()


KINDS: dict[str, Callable[[Values], str]] = {
    "PERSON": Values.person,
    "LAST": lambda v: v.pick(LAST),
    "EMAIL": _mail,
    "EMAIL_ODD": lambda v: f"{v.pick(FIRST)}+news_{v.digits(3)}@sub-{v.digits(2)}.{v.pick(MAILS)}".lower(),
    "PHONE_US": lambda v: v.pick(["({a}) {b}-{c}", "{a}-{b}-{c}", "+1 {a} {b} {c}", "{a}.{b}.{c}"]).format(
        a=v.pick(["415", "212", "512", "617", "720", "813", "503"]), b=v.number(230, 989), c=f"{v.number(0, 9999):04}"
    ),
    "PHONE_UK": lambda v: v.pick(["+44 20 7946 0{c}", "020 7946 0{c}", "07700 900{c}", "+44 7700 900{c}"]).format(
        c=v.number(100, 999)
    ),
    "PHONE_DE": lambda v: f"+49 30 {v.digits(7)}",
    "PHONE_FR": lambda v: f"+33 1 4{v.number(0, 9)} {v.number(10, 99)} {v.number(10, 99)} {v.number(10, 99)}",
    "ADDRESS_US": lambda v: f"{v.number(1, 1999)} {v.pick(STREETS)}, {v.pick(CITIES)}",
    "ADDRESS_UK": lambda v: f"{v.number(1, 199)} {v.pick(STREETS)}, {v.pick(UK)}",
    "SSN": Values.ssn,
    "IBAN": lambda v: v.pick([(made := v.iban()), _spaced(made)]),
    "CARD": lambda v: v.luhn(v.pick(["4", "51", "55"]), 16),
    "CARD_SPACED": lambda v: _spaced(v.luhn("4", 16)),
    "PASSPORT_US": lambda v: v.pick([v.digits(9), f"A{v.digits(8)}"]),
    "LICENSE_US": lambda v: v.pick([f"D{v.digits(7)}", f"{v.letters(1, 'ABCKMS')}{v.digits(12)}"]),
    "NINO": lambda v: f"{v.pick(['AB', 'JG', 'PR', 'SK'])} {v.number(10, 99)} {v.number(10, 99)} {v.number(10, 99)} C",
    "NHS": Values.nhs,
    "ACCOUNT": lambda v: v.digits(8),
    "SORT": lambda v: f"{v.number(10, 60)}-{v.number(10, 99)}-{v.number(10, 99)}",
    "ROUTING": Values.routing,
    "EIN": lambda v: f"{v.pick(['12', '20', '45', '81'])}-{v.digits(7)}",
    "DATE": Values.date,
    "IP": lambda v: f"{v.number(11, 199)}.{v.number(1, 254)}.{v.number(1, 254)}.{v.number(1, 254)}",
    "IPV6": lambda v: f"2001:db8:{v.hexadecimal(4)}::{v.hexadecimal(4)}",
    "MAC": lambda v: ":".join(v.hexadecimal(2) for _ in range(6)),
    "NAME": lambda v: v.pick(SURNAMES) + v.pick(GIVEN),
    "ADDRESS": lambda v: v.pick(PLACES) + v.pick(HOMES),
    "MOBILE": Values.mobile,
    "MOBILE_SPACED": lambda v: v.pick([f"{(m := v.mobile())[:3]} {m[3:7]} {m[7:]}", f"{m[:3]}-{m[3:7]}-{m[7:]}"]),
    "LANDLINE": lambda v: f"{v.pick(['010', '021', '0755', '0571', '028'])}-{v.pick(['6', '8'])}{v.digits(7)}",
    "ID": Values.identity,
    "ID_LOWER": lambda v: v.identity().lower(),
    "BADID": Values.unlike_identity,
    "BANK": lambda v: v.pick([(made := v.luhn("6222", 19)), _spaced(made)]),
    "PLATE": lambda v: v.pick(PLATES),
    "USCC": Values.uscc,
    "PASSPORT": lambda v: v.pick(["E", "EA", "G"])[:1] + v.digits(8),
    "BIRTH": lambda v: f"{v.number(1955, 2009)}年{v.number(1, 12)}月{v.number(1, 28)}日",
    "STAMP13": lambda v: f"17{v.digits(11)}",
    "ISBN": lambda v: f"{v.digits(3)}-{v.digits(5)}-{v.number(0, 9)}",
    "SERIAL": lambda v: v.letters(3, string.ascii_uppercase) + v.digits(9),
    "UUID": lambda v: "-".join(v.hexadecimal(size) for size in (8, 4, 4, 4, 12)),
    "DIGITS11B": lambda v: "20" + v.digits(9),
    **{f"DIGITS{size}": partial(Values.digits, count=size) for size in (4, 5, 6, 8, 9, 10, 11, 12, 13, 18, 20)},
    **{f"HEX{size}": partial(Values.hexadecimal, count=size) for size in (12, 32, 40)},
}
