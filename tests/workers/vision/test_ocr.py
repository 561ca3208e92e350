"""Drawn documents, read by the real models and asked about."""

import asyncio
import io
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from PIL import Image, ImageEnhance

from workers.vision.ocr import RapidReader
from workers.vision.questions import answer

Draw = Callable[..., Image.Image]
Png = Callable[..., bytes]
Change = Callable[[Image.Image], Image.Image]

FAPIAO = [
    (300, 20, "增值税电子普通发票"),
    (40, 80, "发票号码：25312000000012345678"),
    (520, 80, "开票日期：2026年03月14日"),
    (40, 130, "购买方：上海云帆科技有限公司"),
    (40, 180, "销售方：北京长河水电设备有限公司"),
    (40, 230, "金额　¥9,000.00"),
    (520, 230, "税额　¥1,170.00"),
    (40, 280, "价税合计（大写）壹万零壹佰柒拾圆整"),
    (520, 280, "（小写）¥10,170.00"),
    (40, 340, "Invoice No. INV-2026-0314"),
    (520, 340, "Amount due: $1,482.50"),
]
ASKED = [
    ("这张发票的总金额是多少?", "10,170.00"),
    ("What is the total amount?", "10,170.00"),
    ("发票号码是多少？", "25312000000012345678"),
    ("开票日期是哪天？", "2026年03月14日"),
    ("销售方是谁？", "北京长河水电设备有限公司"),
    ("税额是多少？", "1,170.00"),
    ("How much is due?", "1,482.50"),
]


def plain(page: Image.Image) -> Image.Image:
    return page


def faint(page: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(page).enhance(0.25)


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    return lambda page: page.rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)


@pytest.mark.parametrize("change", [plain, faint, turned(90), turned(180), turned(270), turned(4)])
async def test_a_drawn_invoice_answers_questions(change: Change, rapid: RapidReader, draw: Draw, png: Png) -> None:
    started = time.monotonic()
    reading = await rapid.read(png(change(draw(FAPIAO, (900, 400)))))
    assert time.monotonic() - started < 60
    assert reading.lines[0].text == "增值税电子普通发票"
    for question, expected in ASKED:
        found = answer(question, reading)
        assert found is not None, (question, reading.text)
        assert expected in found.text
    assert answer("折扣是多少？", reading) is None


async def test_white_on_a_transparent_ground_is_read(rapid: RapidReader, draw: Draw) -> None:
    ink = draw([(40, 30, "合计：５００元")], (400, 100)).convert("L").point(lambda value: 255 - value)
    page, buffer = Image.new("RGBA", ink.size, (255, 255, 255, 0)), io.BytesIO()
    page.putalpha(ink)
    page.save(buffer, "PNG")
    found = answer("总计多少", await rapid.read(buffer.getvalue()))
    assert found is not None
    assert found.text == "500元"


async def test_many_at_once_are_read_one_by_one(rapid: RapidReader, draw: Draw, png: Png) -> None:
    pages = [png(draw([(20, 20, f"总计：{number}.00")], (240, 80))) for number in range(101, 105)]
    readings = await asyncio.gather(*(rapid.read(page) for page in pages))
    assert [reading.text[-6:] for reading in readings] == [f"{number}.00" for number in range(101, 105)]


async def test_nothing_is_logged(
    rapid: RapidReader, draw: Draw, png: Png, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await rapid.read(png(draw([])))
        await rapid.read(png(draw([(40, 40, "secret 12345")], (300, 120))))
    assert "secret" not in caplog.text
    assert capfd.readouterr() == ("", "")


WITHOUT_NETWORK = """
import asyncio, socket, sys
def refuse(*_): raise AssertionError("a connection was tried")
loop = asyncio.new_event_loop()
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from workers.vision.ocr import RapidReader

reader = RapidReader()
loop.run_until_complete(reader.start())
print(len(loop.run_until_complete(reader.read(sys.stdin.buffer.read())).lines))
loop.run_until_complete(reader.stop())
"""


def test_loading_and_reading_need_no_network(draw: Draw, png: Png) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK],
        input=png(draw([(40, 40, "Total: 500.00")], (300, 120))),
        capture_output=True,
        timeout=90,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, b"1\n"), done.stderr.decode()
