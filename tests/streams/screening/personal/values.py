"""Values of every kind, made up from a seed: valid where there is a check, as people write them."""

from collections.abc import Callable
from random import Random

from faker import Faker

from streams.screening.digits import mod_11_2
from tests.streams.screening.personal.shapes import SHAPES

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
REGIONS = ("110101", "310104", "440305", "510107", "330106", "420111", "370202", "610113", "320505", "230103")
PREFIXES = ("130", "135", "138", "139", "150", "152", "158", "166", "176", "177", "180", "186", "189", "199")
PLATES = "京沪粤苏浙鲁川鄂湘皖冀豫"
MONTHS = ("January", "March", "May", "July", "September", "November", "Feb", "Apr")
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def luhn_digit(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def date(r: Random) -> tuple[int, int, int]:
    return r.randint(1945, 2008), r.randint(1, 12), r.randint(1, 28)


class Values:
    """Makes values; ``of("phone_us")`` is one of that kind."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.en, self.zh = Faker("en_US"), Faker("zh_CN")
        self.gb, self.fr, self.de = Faker("en_GB"), Faker("fr_FR"), Faker("de_DE")
        for each in (self.en, self.zh, self.gb, self.fr, self.de):
            each.seed_instance(seed)

    def of(self, kind: str) -> str:
        if kind.startswith("digits"):
            return self.lookalike(kind.removeprefix("digits"))
        if kind in SHAPES:
            return self.shape(*SHAPES[kind])
        made: Callable[[], str] = getattr(self, kind)
        return made()

    def digits(self, count: int) -> str:
        return "".join(self.random.choice("0123456789") for _ in range(count))

    def shape(self, *shapes: str) -> str:
        kinds = {"#": "0123456789", "%": "23456789", "@": LETTERS}
        return "".join(self.random.choice(kinds.get(each, each)) for each in self.random.choice(shapes))

    def lookalike(self, kind: str) -> str:
        if kind == "11m":
            return self.mobile()
        if kind == "11x":
            return self.random.choice(("10", "11", "12", "20", "99")) + self.digits(9)
        if kind == "18bad":
            number = self.id_cn()
            return number[:17] + self.random.choice([each for each in "0123456789" if each != number[17]])
        return self.random.choice("123456789") + self.digits(int(kind) - 1)

    # English
    def person(self) -> str:
        return f"{self.en.first_name()} {self.en.last_name()}"

    def given(self) -> str:
        return str(self.en.first_name())

    def surname(self) -> str:
        return str(self.en.last_name())

    def email(self) -> str:
        return str(self.random.choice((self.en.email, self.en.company_email, self.zh.email))())

    def address_us(self) -> str:
        return str(self.en.address()).replace("\n", self.random.choice((", ", "\n")))

    def street_us(self) -> str:
        return f"{self.random.randint(1, 9999)} {self.en.street_name()}"

    def address_uk(self) -> str:
        return f"{self.random.randint(1, 250)} {self.gb.street_name().title()}, {self.gb.city()} {self.gb.postcode()}"

    def city(self) -> str:
        return str(self.en.city())

    def state(self) -> str:
        return str(self.en.state_abbr())

    def zip(self) -> str:
        return str(self.en.postcode())

    def birth(self) -> str:
        (year, month, day), name = date(self.random), self.random.choice(MONTHS)
        return self.random.choice(
            (
                f"{month:02}/{day:02}/{year}",
                f"{year}-{month:02}-{day:02}",
                f"{name} {day}, {year}",
                f"{day} {name} {year}",
            )
        )

    def ssn(self) -> str:
        return f"{self.random.randint(100, 665)}-{self.random.randint(10, 99)}-{self.random.randint(1000, 9999)}"

    def ssn_bare(self) -> str:
        return self.ssn().replace("-", "")

    def ssn_spaces(self) -> str:
        return self.ssn().replace("-", " ")

    def card_plain(self) -> str:
        body = self.random.choice(("4", "51", "55", "6011")) + self.digits(14)
        return body[:15] + luhn_digit(body[:15])

    def card(self) -> str:
        plain, sign = self.card_plain(), self.random.choice(("", " ", "-"))
        return sign.join(plain[place : place + 4] for place in range(0, 16, 4))

    def iban(self) -> str:
        plain = self.random.choice((self.gb, self.fr, self.de)).iban()
        return self.random.choice((plain, " ".join(plain[place : place + 4] for place in range(0, len(plain), 4))))

    def bic(self) -> str:
        return str(self.gb.swift())

    def ip(self) -> str:
        return str(self.en.ipv4_public())

    def ip6(self) -> str:
        return str(self.en.ipv6())

    def mac(self) -> str:
        return str(self.en.mac_address())

    def routing(self) -> str:
        return str(self.en.aba())

    def nhs(self) -> str:
        while True:
            body = self.digits(9)
            check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
            if check != 10:
                number = body + str(check % 11)
                return f"{number[:3]} {number[3:6]} {number[6:]}"

    def aadhaar(self) -> str:
        return self.random.choice(("2341 2341 2346", "4991 1866 5246", "499118665246"))

    def cpf(self) -> str:
        return self.random.choice(("529.982.247-25", "111.444.777-35"))

    def sin(self) -> str:
        body = self.random.choice("1234567") + self.digits(7)
        number = body + luhn_digit(body)
        return f"{number[:3]} {number[3:6]} {number[6:]}"

    # Chinese
    def name_cn(self) -> str:
        return str(self.zh.name())

    def surname_cn(self) -> str:
        return str(self.zh.last_name())

    def mobile(self) -> str:
        return self.random.choice(PREFIXES) + self.digits(8)

    def mobile_spaces(self) -> str:
        number = self.mobile()
        return f"{number[:3]} {number[3:7]} {number[7:]}"

    def mobile_dashes(self) -> str:
        return self.mobile_spaces().replace(" ", "-")

    def id_cn(self) -> str:
        year, month, day = date(self.random)
        body = f"{self.random.choice(REGIONS)}{year}{month:02}{day:02}{self.digits(3)}"
        return body + mod_11_2(body)

    def bank_cn(self) -> str:
        body = self.random.choice(("622848", "621700", "622202", "621483")) + self.digits(12)
        plain = body + luhn_digit(body)
        return self.random.choice((plain, " ".join(plain[place : place + 4] for place in range(0, 19, 4))))

    def plate(self) -> str:
        return self.random.choice(PLATES) + self.shape("A#@###", "B·#####", "A D####", "BF#####", "A@####")

    def uscc(self) -> str:
        body = (
            "91"
            + self.random.choice(REGIONS)
            + self.shape("########@").replace("S", "A").replace("V", "B").replace("Z", "C")
        )
        total = sum(USCC.index(each) * pow(3, place, 31) for place, each in enumerate(body))
        return body + USCC[-total % 31]

    def address_cn(self) -> str:
        number, room = self.random.randint(1, 300), self.random.randint(101, 2503)
        return self.random.choice(
            (
                f"北京市朝阳区建国路{number}号院3号楼{room}室",
                f"上海市浦东新区张江镇科苑路{number}弄{number % 30 + 1}号{room}室",
                f"广东省深圳市南山区科技园南路{number}号",
                f"浙江省杭州市西湖区文三路{number}号华星大厦{room}",
                f"成都市武侯区天府大道中段{number}号附{number % 9 + 1}号",
                f"江苏省苏州市工业园区星湖街{number}号",
                f"湖北省武汉市洪山区珞喻路{number}号{number % 20 + 1}栋2单元{room}室",
                self.zh.address(),
            )
        )

    def birth_cn(self) -> str:
        year, month, day = date(self.random)
        return self.random.choice((f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}", f"{year}/{month}/{day}"))

    def hkid(self) -> str:
        return self.random.choice(("A123456(3)", "G123456(A)", "L555555(0)"))

    def twid(self) -> str:
        return self.random.choice(("A123456789", "B142610160", "A223456781"))
