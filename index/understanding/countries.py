"""Countries and the words for their people, in English of two centuries: no persons, and one thing.

The list has those that records of diplomacy speak of most; what is not in it stays an unknown name.
"""

import re
from types import MappingProxyType

# A country under its names, and what is of it: the adjective, and the people where that differs.
_KNOWN = """
Afghanistan: Afghan
Albania: Albanian
Algeria, Algiers: Algerian, Algerine
Argentina, Argentine Republic: Argentine, Argentinian
Armenia: Armenian
Australia: Australian
Austria: Austrian
Austria-Hungary: Austro-Hungarian, Austrian
Bavaria: Bavarian
Belgium: Belgian
Bolivia: Bolivian
Brazil, Brasil: Brazilian
Britain, Great Britain, United Kingdom, England: British, Briton, English, Englishman
Bulgaria: Bulgarian
Burma, Myanmar: Burmese
Cambodia: Cambodian, Khmer
Canada: Canadian
Chile, Chili: Chilean, Chilian
China: Chinese
Colombia, New Granada: Colombian, Granadian
Congo: Congolese
Corea, Korea: Corean, Korean
Costa Rica: Costa Rican
Cuba: Cuban
Cyprus: Cypriot
Czechoslovakia: Czech, Czechoslovak, Czechoslovakian
Denmark: Danish, Dane
Ecuador: Ecuadorian, Ecuadoran
Egypt: Egyptian
Estonia: Estonian
Ethiopia, Abyssinia: Ethiopian, Abyssinian
Finland: Finnish, Finn
France: French, Frenchman
Germany: German
Greece: Greek
Guatemala: Guatemalan
Haiti, Hayti: Haitian, Haytian
Hawaii: Hawaiian
Honduras: Honduran
Hungary: Hungarian
India: Indian
Indonesia: Indonesian
Iran, Persia: Iranian, Persian
Iraq, Mesopotamia: Iraqi
Ireland: Irish
Israel: Israeli
Italy: Italian
Japan: Japanese
Jordan, Transjordan: Jordanian
Laos: Laotian, Lao
Latvia: Latvian
Lebanon: Lebanese
Liberia: Liberian
Libya: Libyan
Lithuania: Lithuanian
Mexico: Mexican
Mongolia: Mongolian
Montenegro: Montenegrin
Morocco: Moroccan, Moor
Netherlands, Holland: Dutch, Netherlander
New Zealand: New Zealander
Nicaragua: Nicaraguan
Norway: Norwegian
Pakistan: Pakistani
Palestine: Palestinian
Panama: Panamanian
Paraguay: Paraguayan
Peru: Peruvian
Philippines: Philippine, Filipino
Poland: Polish, Pole
Portugal: Portuguese
Prussia: Prussian
Rumania, Romania, Roumania: Rumanian, Romanian, Roumanian
Russia, Soviet Union, USSR: Russian, Soviet
Salvador, El Salvador: Salvadoran, Salvadorean
Samoa: Samoan
San Domingo, Santo Domingo, Dominican Republic: Dominican
Saudi Arabia, Arabia: Saudi, Arabian, Arab
Serbia, Servia: Serbian, Serb, Servian
Siam, Thailand: Siamese, Thai
South Africa, Transvaal: South African, Boer
Spain: Spanish, Spaniard
Sweden: Swedish, Swede
Switzerland: Swiss
Syria: Syrian
Texas: Texan
Tunisia, Tunis: Tunisian
Turkey, Ottoman Empire, Porte: Turkish, Turk, Ottoman
Ukraine: Ukrainian
United States, America, U.S., USA: American
Uruguay: Uruguayan
Venezuela: Venezuelan
Vietnam, Viet-Nam, Annam: Vietnamese, Annamite
Yugoslavia: Yugoslav, Yugoslavian
"""
_THE = re.compile(r"the ", re.IGNORECASE)


def _read() -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for line in _KNOWN.strip().splitlines():
        countries, peoples = ([*map(str.strip, part.split(","))] for part in line.split(":"))
        for country in countries:
            known[country.lower()] = (*countries, *peoples)
        for people in peoples:
            known.setdefault(people.lower(), (*countries, *peoples))
    return known


_WORDS = MappingProxyType(_read())


def peoples_of(words: str) -> tuple[str, ...]:
    """Return the words for a country and its people, whichever of them is given; none: no country.

    Names of several words are left out: none of these alone means the country.
    """
    found = _WORDS.get(_THE.sub("", words, count=1).lower(), ())
    return tuple(each for each in found if " " not in each)


def is_country(words: str) -> bool:
    """Tell whether words are the name of a country, or of its people."""
    return _THE.sub("", words, count=1).lower() in _WORDS
