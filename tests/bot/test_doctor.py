import base64
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from bot.discord.doctor import invitation
from bot.discord.memory import Memory, ServerSettings
from tests.support.archives import Run

TOKEN = f"{base64.urlsafe_b64encode(b'123456789012345678').decode().rstrip('=')}.abcdef.{'x' * 30}"


def test_a_sound_installation_is_said_to_be_sound(memcon: Run) -> None:
    done = memcon("doctor", env={"MEMCON_DISCORD_TOKEN": TOKEN})
    assert done.returncode == 0
    assert "!!" not in done.stdout
    assert "every stored text is what was indexed" in done.stdout
    assert "client_id=123456789012345678" in done.stdout
    assert TOKEN not in done.stdout + done.stderr


def test_what_is_missing_is_named_with_its_mend(memcon: Run, tmp_path: Path) -> None:
    done = memcon("doctor", archive=tmp_path, env={"MEMCON_SETTINGS": str(tmp_path / "none.toml")})
    assert done.returncode == 3
    assert "!!  archive" in done.stdout
    assert "try: memcon index build" in done.stdout
    assert "!!  discord token: No Discord token is set" in done.stdout


def test_an_altered_text_is_found(memcon: Run, bundled_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(bundled_root, root)
    store = next(root.glob("segments/*/documents.sqlite"))
    data = store.read_bytes()
    assert b"Stephen Mercado" in data
    store.write_bytes(data.replace(b"Stephen Mercado", b"Stephen Mercato"))
    done = memcon("doctor", archive=root)
    assert done.returncode == 3
    assert "!!  archive: documents.sqlite" in done.stdout
    assert "!!  index 000001: documents.sqlite" in done.stdout
    assert "try: memcon index build --force" in done.stdout


def test_the_invitation_asks_for_what_the_bot_needs() -> None:
    address = invitation("1")
    assert "scope=bot+applications.commands" in address
    assert "permissions=309237763072" in address


def test_the_store_is_looked_at(memcon: Run, bundled_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(bundled_root, root, ignore=shutil.ignore_patterns("discord.sqlite*"))
    environment = {"MEMCON_DISCORD_TOKEN": TOKEN}
    done = memcon("doctor", archive=root, env=environment)
    assert "ok  store: " in done.stdout
    assert "none yet; memcon serve makes one" in done.stdout
    assert not (root / "discord.sqlite").exists()
    with closing(Memory(root / "discord.sqlite")) as memory:
        memory.change_settings(1, lambda _: ServerSettings(private=True))
    done = memcon("doctor", archive=root, env=environment)
    assert done.returncode == 0
    assert "settings of 1 servers, 0 cards, 0 conversations" in done.stdout


@pytest.mark.parametrize(
    ("store", "told"),
    [
        ("postgresql+psycopg://reader:hush@127.0.0.1:1/memory", "cannot be used"),
        ("mysql://reader:hush@127.0.0.1/memory", "postgresql+psycopg://USER"),
    ],
)
def test_a_store_that_cannot_be_reached_is_told_without_its_password(
    memcon: Run, store: str, told: str
) -> None:
    done = memcon("doctor", env={"MEMCON_DISCORD_TOKEN": TOKEN, "MEMCON_STORE": store})
    assert done.returncode == 3
    assert "!!  store: " in done.stdout
    assert told in done.stdout
    assert "hush" not in done.stdout + done.stderr
    if "mysql" not in store:
        done = memcon("serve", env={"MEMCON_DISCORD_TOKEN": TOKEN, "MEMCON_STORE": store})
        assert done.returncode == 3
        assert "hush" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "refused" in done.stderr
