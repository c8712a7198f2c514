"""The 58 wilayas of law 19-12 of 2019, by their number: data that addresses are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.kit.locales import LocalizedText


@dataclass(frozen=True, slots=True)
class Wilaya:
    """A province; the code is the first two digits of its number, as on plates and postal codes."""

    code: str
    name: LocalizedText


_NAMES = (
    ("Adrar", "أدرار"),
    ("Chlef", "الشلف"),
    ("Laghouat", "الأغواط"),
    ("Oum El Bouaghi", "أم البواقي"),
    ("Batna", "باتنة"),
    ("Béjaïa", "بجاية"),
    ("Biskra", "بسكرة"),
    ("Béchar", "بشار"),
    ("Blida", "البليدة"),
    ("Bouira", "البويرة"),
    ("Tamanrasset", "تمنراست"),
    ("Tébessa", "تبسة"),
    ("Tlemcen", "تلمسان"),
    ("Tiaret", "تيارت"),
    ("Tizi Ouzou", "تيزي وزو"),
    ("Alger", "الجزائر"),
    ("Djelfa", "الجلفة"),
    ("Jijel", "جيجل"),
    ("Sétif", "سطيف"),
    ("Saïda", "سعيدة"),
    ("Skikda", "سكيكدة"),
    ("Sidi Bel Abbès", "سيدي بلعباس"),
    ("Annaba", "عنابة"),
    ("Guelma", "قالمة"),
    ("Constantine", "قسنطينة"),
    ("Médéa", "المدية"),
    ("Mostaganem", "مستغانم"),
    ("M'Sila", "المسيلة"),
    ("Mascara", "معسكر"),
    ("Ouargla", "ورقلة"),
    ("Oran", "وهران"),
    ("El Bayadh", "البيض"),
    ("Illizi", "إليزي"),
    ("Bordj Bou Arreridj", "برج بوعريريج"),
    ("Boumerdès", "بومرداس"),
    ("El Tarf", "الطارف"),
    ("Tindouf", "تندوف"),
    ("Tissemsilt", "تيسمسيلت"),
    ("El Oued", "الوادي"),
    ("Khenchela", "خنشلة"),
    ("Souk Ahras", "سوق أهراس"),
    ("Tipaza", "تيبازة"),
    ("Mila", "ميلة"),
    ("Aïn Defla", "عين الدفلى"),
    ("Naâma", "النعامة"),
    ("Aïn Témouchent", "عين تموشنت"),
    ("Ghardaïa", "غرداية"),
    ("Relizane", "غليزان"),
    ("Timimoun", "تيميمون"),
    ("Bordj Badji Mokhtar", "برج باجي مختار"),
    ("Ouled Djellal", "أولاد جلال"),
    ("Béni Abbès", "بني عباس"),
    ("In Salah", "عين صالح"),
    ("In Guezzam", "عين قزام"),
    ("Touggourt", "تقرت"),
    ("Djanet", "جانت"),
    ("El M'Ghair", "المغير"),
    ("El Meniaa", "المنيعة"),
)

_ENGLISH = {"Alger": "Algiers"}

WILAYAS: Mapping[str, Wilaya] = {
    f"{number:02}": Wilaya(f"{number:02}", LocalizedText(ar=ar, fr=fr, en=_ENGLISH.get(fr, fr)))
    for number, (fr, ar) in enumerate(_NAMES, start=1)
}
