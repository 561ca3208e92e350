import pytest

from streams.screening.secrets.connection import CONNECTION
from tests.streams.screening.secrets.making import BODY

CASES = [
    ("postgresql://app:s3cr3t@db.example.com:5432/x", ["CONNECTION_STRING"]),
    ("连接串是mongodb+srv://app:Pa55w0rd@cluster0.example.net/?w=majority，请查收", ["CONNECTION_STRING"]),
    ("redis://:p4ssw0rdX@10.0.0.5:6379/0", ["CONNECTION_STRING"]),
    ("mysql+pymysql://root:T0psecret!@localhost/shop", ["CONNECTION_STRING"]),
    ("git clone https://bob:correcthorse@git.example.com/a.git", ["CONNECTION_STRING"]),
    ("app:Sup3rS3cret@tcp(127.0.0.1:3306)/shop", ["CONNECTION_STRING"]),
    ("jdbc:oracle:thin:scott/t1ger99@db:1521:orcl", ["CONNECTION_STRING"]),
    ("jdbc:mysql://db:3306/shop?user=app&password=hu8jko9l", ["CONNECTION_STRING"]),
    ("Server=db;Port=5432;User Id=app;Password=goodspec;Database=shop;", ["CONNECTION_STRING"]),
    (f"AccountName=a;AccountKey={BODY}{BODY}==;EndpointSuffix=core.windows.net", ["CONNECTION_STRING"]),
    (f"https://a.example.net/c?sv=2022-11-02&ss=b&sig={BODY}{BODY[:10]}%3D", ["CONNECTION_STRING"]),
    ("machine git.example.com login bob password hu8jko9l", ["PASSWORD"]),
    ("curl -s -u bob:hu8jko9l https://api.example.com", ["PASSWORD"]),
    ("sshpass -p 'hu8jko9l' ssh bob@host", ["PASSWORD"]),
    ("mysql -u root -phu8jko9l shop", ["PASSWORD"]),
    ("CREATE USER bob IDENTIFIED BY 'hu8jko9l';", ["PASSWORD"]),
    ("redis-cli -h cache -a hu8jko9l ping", ["PASSWORD"]),
    ("https://example.com:8080/a@b", []),  # a port
    ("postgres://user:password@localhost:5432/app", []),  # stand-ins
    ("postgres://postgres:postgres@localhost/app", []),
    ("mysql://$USER:$PASS@host/db", []),
    ("mongodb://<user>:<password>@host/db", []),
    ("redis://localhost:6379/0", []),
    ("curl -u username:password https://api.example.com", []),
    ("AccountName=<NAME>;AccountKey=<KEY>;", []),
    ("the table is identified by the name of the schema", []),
    ("mysql -u root -p shop < dump.sql", []),
    ("mailto:bob@example.com, see http://a:b", []),
]


@pytest.mark.parametrize(("text", "entities"), CASES)
def test_connection_strings(text: str, entities: list[str]) -> None:
    assert [each.entity for each in CONNECTION.find(text)] == entities
