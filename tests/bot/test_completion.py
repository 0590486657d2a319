import pytest

from tests.support.archives import Run


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("bash", "complete -o nosort -F _memcon_completion memcon"),
        ("zsh", "#compdef memcon"),
        ("fish", "complete --no-files --command memcon"),
    ],
)
def test_the_script_for_a_shell_is_printed(memcon: Run, shell: str, words: str) -> None:
    done = memcon(env={"_MEMCON_COMPLETE": f"{shell}_source"})
    if shell == "bash" and "Bash" in done.stderr:
        pytest.skip("needs Bash 4.4 or newer")
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


def test_commands_and_options_are_completed(memcon: Run) -> None:
    def complete(typed: str) -> list[str]:
        place = str(len(typed.split(" ")) - 1)
        env = {"_MEMCON_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": place}
        return memcon(env=env).stdout.split()

    assert complete("memcon ver") == ["plain,verify"]
    assert complete("memcon index st") == ["plain,status"]
    assert complete("memcon ask --expl") == []
    assert complete("memcon search --expl") == ["plain,--explain"]
