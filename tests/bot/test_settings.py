from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.settings import Settings, is_well_formed, load, read_settings
from corpus.errors import UsageError
from index.location import Location, remember
from index.milvus.address import MilvusAddress

TOKEN = f"MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.{'x' * 30}"

Write = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Write:
    """Return a function that writes the settings file, and reads it with an environment."""

    def write(words: str, **environment: str) -> Settings:
        file = tmp_path / "settings.toml"
        file.write_text(words, "utf-8")
        return read_settings({"MEMCON_SETTINGS": str(file), **environment})

    return write


@pytest.fixture
def fresh() -> Iterator[None]:
    load.cache_clear()
    yield
    load.cache_clear()


def test_without_a_file_every_setting_has_its_default(tmp_path: Path) -> None:
    known = read_settings({"MEMCON_SETTINGS": str(tmp_path / "none.toml")})
    assert (known.answers.level, known.answers.rerank) == ("balanced", "")
    assert known.downloads.delay == 1.0
    assert known.downloads.frus.format("frus1871v01").endswith("/frus1871v01.xml")
    assert (known.discord.shards, known.discord.metrics) == (None, None)
    assert not known.discord.log_questions
    assert known.milvus_of(tmp_path) is None
    assert known.discord_store(tmp_path) == tmp_path / "discord.sqlite"


def test_all_tables_are_read(read: Write, tmp_path: Path) -> None:
    known = read(
        '[answers]\nlevel = "strict"\nrerank = "house/model"\n'
        '[archive]\nuri = "https://cluster.test:19530"\nname = "ports"\n'
        f'[discord]\ntoken = " {TOKEN} "\nstore = "postgresql+psycopg://h/m"\nshards = 2\n'
        'metrics = "127.0.0.1:9400"\nlog_questions = true\n'
        '[downloads]\nprivate_hosts = ["archive.lan ", ""]\ncontact = "ann@ports.test"\n'
        'frus = "https://ports.test/{}.xml"\ndelay = 2\n'
        '[milvus]\ntoken = "a:b"\ndatabase = "records"\nauthority = "/etc/ca.pem"\ntimeout = 3\n'
        'certificate = "/etc/c.pem"\nkey = "/etc/k.pem"\nserver_name = "milvus"\n'
        'dense_index = "HNSW"\n'
    )
    assert (known.answers.level, known.answers.rerank) == ("strict", "house/model")
    assert known.discord_token() == TOKEN
    assert known.discord_store(tmp_path) == "postgresql+psycopg://h/m"
    assert (known.discord.shards, known.discord.metrics) == (2, "127.0.0.1:9400")
    assert known.discord.log_questions
    assert known.downloads.private_hosts == ("archive.lan",)
    assert known.downloads.contact == "ann@ports.test"
    assert (known.downloads.frus, known.downloads.delay) == ("https://ports.test/{}.xml", 2.0)
    assert known.milvus_of(tmp_path) == MilvusAddress(
        "https://cluster.test:19530",
        "ports",
        "a:b",
        "records",
        "/etc/ca.pem",
        "/etc/c.pem",
        "/etc/k.pem",
        "milvus",
        3.0,
        "HNSW",
    )


def test_the_environment_precedes_the_file(read: Write, tmp_path: Path) -> None:
    known = read(
        f'[discord]\ntoken = "{TOKEN}"\nstore = "one"\n[milvus]\ntoken = "a:b"\n'
        '[downloads]\nprivate_hosts = ["x.lan"]\n[archive]\nuri = "http://file.test"\n',
        MEMCON_ARCHIVE=str(tmp_path / "papers"),
        MEMCON_CACHE=str(tmp_path),
        MEMCON_DISCORD_TOKEN="another",  # noqa: S106 - invented
        MEMCON_STORE="two",
        MEMCON_MILVUS_URI="http://environment.test",
        MEMCON_MILVUS_TOKEN="c:d",  # noqa: S106 - invented
        MEMCON_PRIVATE_HOSTS="10.0.0.0/8, y.lan",
        RAY_ADDRESS="ray.test:6379",
    )
    assert known.archive_folder(None) == tmp_path / "papers"
    assert known.archive_folder(tmp_path / "chosen") == tmp_path / "chosen"
    assert known.names_archive(None)
    assert known.cache_folder == tmp_path / "models"
    assert known.discord_token() == "another"
    assert known.discord_store(tmp_path) == "two"
    assert known.downloads.private_hosts == ("10.0.0.0/8", "y.lan")
    assert known.milvus_of(tmp_path) == MilvusAddress("http://environment.test", "memcon", "c:d")
    assert (known.ray_address("auto"), known.ray_address("local")) == ("ray.test:6379", "local")


def test_an_empty_variable_says_nothing(read: Write) -> None:
    known = read('[discord]\nstore = "one"\n', MEMCON_STORE="", MEMCON_ARCHIVE="", RAY_ADDRESS="")
    assert known.discord.store == "one"
    assert not known.names_archive(None)
    assert known.ray_address("auto") == "auto"


def test_the_milvus_server_is_chosen_by_option_environment_archive_and_file(
    read: Write, tmp_path: Path
) -> None:
    file = '[archive]\nuri = "http://file.test"\nname = "ports"\n'
    named = {"MEMCON_MILVUS_URI": "http://environment.test"}
    assert read(file).milvus_of(tmp_path) == MilvusAddress("http://file.test", "ports")
    remembered = MilvusAddress("http://remembered.test", "letters")
    remember(Location(tmp_path, tmp_path, remembered))
    assert read(file).milvus_of(tmp_path) == MilvusAddress("http://remembered.test", "letters")
    assert read(file, **named).milvus_of(tmp_path) == MilvusAddress(
        "http://environment.test", "ports"
    )
    chosen = read(file, **named).milvus_of(tmp_path, "http://option.test", "tides")
    assert chosen == MilvusAddress("http://option.test", "tides")


def test_an_archive_with_an_index_of_its_own_keeps_using_it(read: Write, tmp_path: Path) -> None:
    file = '[archive]\nuri = "http://file.test"\n'
    assert read(f'{file}engine = "local"\n').milvus_of(tmp_path) is None
    (tmp_path / "CURRENT").write_text("000001\n")
    assert read(file).milvus_of(tmp_path) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            '[answrs]\nlevel = "strict"',
            "has [answrs], which memcon does not know. Did you mean [a",
        ),
        ("[answers]\nlevle = 1", "has levle under [answers], which memcon does not know. Did you"),
        ("[discord]\nshrads = 2", "has shrads under [discord], which memcon does not know. Did yo"),
        ("[archive]\nurl = 'x'", "has url under [archive], which memcon does not know. Did you me"),
        ("[downloads]\ncontacts = 1", "Did you mean contact?"),
        ("[milvus]\ntime_out = 1", "Did you mean timeout?"),
        ("[milvus]\nquay = 1", "It knows token, database, authority"),
        ("[ferries]\na = 1", "It knows [answers], [archive], [discord], [downloads], [milvus]."),
        ("delay = 1", "has delay outside any table; it belongs under [downloads]."),
        ("discord = 1", "discord in"),
        ('[answers]\nlevel = "sure"', "level under [answers]"),
        ("[answers]\nrerank = 3", "must be the name of a model, or its folder."),
        ("[archive]\nengine = 'elastic'", "must be milvus or local."),
        ("[discord]\nlog_questions = 1", "must be true or false."),
        ("[discord]\nshards = true", "must be a whole number, or text"),
        ("[discord]\nshards = 2.5", "must be a whole number, or text"),
        ("[discord]\nmetrics = 9400", "must be text such as"),
        ("[discord]\nstore = ' '", "must be an address, as text."),
        ("[downloads]\nprivate_hosts = 3", "must be a list of names."),
        ("[downloads]\nprivate_hosts = [3]", "must be a list of names."),
        ("[downloads]\ndelay = -1", "must be a number of seconds."),
        ("[downloads]\ndelay = true", "must be a number of seconds."),
        ("[downloads]\nfrus = 'x'", "must be an address with one {}."),
        ("[downloads]\nfrus = '{}{}'", "must be an address with one {}."),
        ("[downloads]\ncontact = 3", "must be text."),
        ("[milvus]\ntimeout = 0", "must be a number of seconds, more than 0."),
        ("[milvus]\ntimeout = '1'", "must be a number of seconds, more than 0."),
        ("[milvus]\ndatabase = 5", "must be text."),
    ],
)
def test_what_is_wrong_is_named_with_its_file(read: Write, words: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read(words)
    assert said in str(error.value)
    assert "settings.toml" in str(error.value)


@pytest.mark.parametrize(
    "words",
    [
        f'[discord\ntoken = "{TOKEN}"',
        f'[discord]\ntokn = "{TOKEN}"',
        f'[discord]\ntoken = ["{TOKEN}"]',
        f'[discord]\n"{TOKEN}" = 1',
        f'[discord]\n{TOKEN} = "token"',
        f'["{TOKEN}"]\na = 1',
        f'"{TOKEN}" = 1',
        f'[answers]\nlevel = "{TOKEN}"',
    ],
)
def test_no_message_repeats_the_token(read: Write, words: str) -> None:
    with pytest.raises(UsageError) as error:
        read(words)
    assert not any(part in str(error.value) for part in TOKEN.split("."))


def test_a_missing_token_is_named_with_the_places_to_set_it(read: Write) -> None:
    with pytest.raises(UsageError, match="MEMCON_DISCORD_TOKEN"):
        read('[discord]\ntoken = "  "\n').discord_token()


def test_settings_are_read_once(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[answers]\nlevel = "eager"\n')
    monkeypatch.setenv("MEMCON_SETTINGS", str(file))
    known = load()
    file.write_text('[answers]\nlevel = "strict"\n')
    assert load() is known
    assert known.answers.level == "eager"


@pytest.mark.parametrize("token", ["x", "a.b.c", "", "Bot abc.def.ghi"])
def test_a_malformed_token_is_noticed(token: str) -> None:
    assert not is_well_formed(token)
    assert is_well_formed(TOKEN)
