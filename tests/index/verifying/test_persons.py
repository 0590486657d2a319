import pytest

from index.verifying.persons import is_same_person


@pytest.mark.parametrize(
    ("asked", "known", "same"),
    [
        ("Dr. Keel", "Ida Keel", True),
        ("Rear Admiral Keel", "Ida Keel", True),
        ("Secretary of State Keel", "Keel", True),
        ("Chargé d'Affaires Keel", "Ida Keel", True),
        ("Keel, Minister for Foreign Affairs", "Ida Keel", True),
        ("Ida Keel, Ph.D.", "Ida Keel", True),
        ("Sir Ida Keel, K.C.B.", "IDA KEEL", True),
        ("I. R. Keel", "Ida Keel", True),
        ("Ida R. Keel", "Ida Keel", True),
        ("Keel, Ida", "Ida Keel", True),
        ("Bob Keel", "Robert Keel", True),
        ("大野首相", "大野太郎", True),
        ("the President", "President", True),
        ("Rolf Keel", "Ida Keel", False),
        ("R. Keel", "Ida Keel", False),
        ("Dr. Marsh", "Ida Keel", False),
        ("Ida Keel Jr.", "Ida Keel Sr.", False),
        ("Ida Keel Jr.", "Ida Keel", None),
        ("Mrs. Keel", "Rolf Keel", None),
        ("Ida Keel", "Keel", None),
        ("Kiel", "Ida Keel", None),
        ("Keel", "The Secretary of State", None),
        ("The Secretary of State", "Keel", None),
        ("Keel", "Embassy in Brixwold", None),
        ("大野", "Ono Taro", None),
        ("", "Ida Keel", None),
    ],
)
def test_titles_degrees_and_initials_make_no_other_person(
    asked: str, known: str, same: bool | None
) -> None:
    assert is_same_person(asked, known) is same
