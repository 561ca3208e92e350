import pytest

from streams.screening.personal.address import ADDRESS

CASES = [
    ("我家住在北京市朝阳区建国路88号院3号楼1201室。", ["北京市朝阳区建国路88号院3号楼1201室"]),
    ("寄到广东省深圳市南山区科技园南路12号", ["广东省深圳市南山区科技园南路12号"]),
    ("上海浦东张江镇科苑路88弄2号501室", ["上海浦东张江镇科苑路88弄2号501室"]),
    ("地址：幸福小区3栋2单元501室", ["幸福小区3栋2单元501室"]),  # behind a label without a region
    ("在3栋2单元501室等你", ["3栋2单元501室"]),
    ("I live at 12 Elm Street, Springfield IL 62704", ["12 Elm Street, Springfield IL 62704"]),
    ("4759 William Haven Apt. 194\nWest Corey, CA 12345", ["4759 William Haven Apt. 194\nWest Corey, CA 12345"]),
    ("at 221B Baker Street, London NW1 6XE.", ["221B Baker Street, London NW1 6XE"]),
    ("12 elm street please", ["12 elm street"]),  # as in a chat
    ("moved to Springfield, IL 62704", ["Springfield, IL 62704"]),
    ("PO Box 123, Austin, TX 78701", ["PO Box 123, Austin, TX 78701"]),
    ("PSC 4115, Box 7815\nAPO AA 41945", ["PSC 4115, Box 7815\nAPO AA 41945"]),
    ("postcode SW1A 1AA", ["SW1A 1AA"]),
    ("Hauptstraße 12, 10115 Berlin", ["Hauptstraße 12, 10115 Berlin"]),
    ("12 rue de la Paix, 75002 Paris", ["12 rue de la Paix, 75002 Paris"]),
    ("Calle Mayor 5", ["Calle Mayor 5"]),
    ("北京市有多少个区", []),  # a city is no address
    ("从北京市朝阳区到海淀区怎么走", []),
    ("地址栏输入网址", []),
    ("会议室在3楼305", []),
    ("2 people in the street", []),
    ("it takes 3 hours drive", []),
    ("New York is nice", []),
    ("in 2024 We met", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in ADDRESS.find(text)] == found
