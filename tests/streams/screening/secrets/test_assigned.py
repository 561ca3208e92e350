import pytest

from streams.screening.secrets.assigned import ASSIGNED
from tests.streams.screening.secrets.making import BODY, HEX, SHORT

CASES = [
    ("password = 'Hunter2Hunter2'", ["PASSWORD"]),
    ("密码是Abc12345xyz", ["PASSWORD"]),
    ("我的密码：hu8jko9l，别告诉别人", ["PASSWORD"]),
    ("账号 admin 口令为 Qwe@1234", ["PASSWORD"]),
    ("密码：123456", ["PASSWORD"]),  # weak ones, too
    ("my password is hunter22.", ["PASSWORD"]),
    ("DB_PASSWORD=hu8jko9l", ["PASSWORD"]),
    ("export PGPASSWORD='hu8jko9l'", ["PASSWORD"]),
    ("spring.datasource.password: hu8jko9l", ["PASSWORD"]),
    ('{"user": "bob", "password": "P@ssw0rd!"}', ["PASSWORD"]),
    ('{\\"password\\": \\"hu8jko9l\\"}', ["PASSWORD"]),  # JSON in JSON
    ("define('DB_PASSWORD', 'hu8jko9l');", ["PASSWORD"]),
    ('config.setPassword("hu8jko9l");', ["PASSWORD"]),
    ("<password>hu8jko9l</password>", ["PASSWORD"]),
    ("'password' => 'hu8jko9l',", ["PASSWORD"]),
    ("mongo --username bob --password hu8jko9l", ["PASSWORD"]),
    ("FTP_PASS=hu8jko9l", ["PASSWORD"]),
    (f'{{"API_KEY": "{HEX}"}}', ["API_KEY"]),
    (f"SECRET_KEY = '{BODY}'", ["API_KEY"]),
    (f"client_secret={SHORT}", ["API_KEY"]),
    (f"X-Api-Key: {BODY}", ["API_KEY"]),
    (f"//registry.example.com/:_authToken={BODY}", ["API_KEY"]),
    ("apiKey: 550e8400-e29b-41d4-a716-446655440000", ["API_KEY"]),
    (f"密钥是{BODY}", ["API_KEY"]),
    (f"access_token:\n  {BODY}", ["API_KEY"]),
    ("the password: must be changed", []),  # words are no password
    ("密码：请输入八位以上", []),
    ("密码：8-20位，包含字母", []),
    ("token: undefined", []),
    ("password: sha256-hashed, salted", []),
    ("password = os.environ['DB_PASSWORD1']", []),
    ("password=new_password2", []),  # a variable
    ("password = form.password2", []),
    ("password: str = Field(min_length=8)", []),
    ("password: ${DB_PASSWORD1}", []),
    ("password='changeme1'", []),
    ('password: "********"', []),
    ("api_key = 'your-api-key-1234567890'", []),
    ("secret: my-kubernetes-secret-name-v2", []),
    ("token: gpt-4o-mini-2024-07-18", []),  # a name
    (f"csrf_token: {BODY}", []),
    (f"next_page_token={BODY}", []),
    (f"primary_key: {BODY}", []),
    ("如何防止暴力破解密码？", []),
    ("the bypass=north1 valve", []),
]


@pytest.mark.parametrize(("text", "entities"), CASES)
def test_assigned_secrets(text: str, entities: list[str]) -> None:
    assert [each.entity for each in ASSIGNED.find(text)] == entities
