"""What a dwelling is called: its kinds, its owners' rights, what encumbers it and what was done with it."""

from __future__ import annotations

from collections.abc import Mapping

from auth.registers.housing_ports import DwellingKind, EncumbranceKind, HousingScheme, OwnershipForm, TransactionKind
from desk.language import Phrase

__all__ = ["ENCUMBRANCES", "FORMS", "HEADS", "KINDS", "SCHEMES", "TRANSACTIONS", "WITHOUT_TERM"]

HEADS: Mapping[str, Phrase] = {
    "dwelling": Phrase("Căn nhà", "Dwelling"),
    "area": Phrase("Diện tích sàn", "Floor area"),
    "ownership": Phrase("Sở hữu", "Ownership"),
    "certificate": Phrase("Giấy chứng nhận", "Certificate"),
    "owners": Phrase("Chủ sở hữu", "Owners"),
    "project": Phrase("Dự án", "Project"),
    "scheme": Phrase("Loại hình", "Scheme"),
    "place": Phrase("Vị trí", "Place in the building"),
    "address": Phrase("Địa chỉ", "Address"),
    "before": Phrase("Xã trước đây", "Former commune"),
    "issued": Phrase("Ngày cấp giấy", "Certificate issued"),
    "transaction": Phrase("Giao dịch", "Transaction"),
}

KINDS: Mapping[DwellingKind, Phrase] = {
    DwellingKind.HOUSE: Phrase("Nhà ở riêng lẻ", "House"),
    DwellingKind.ROW_HOUSE: Phrase("Nhà liền kề", "Row house"),
    DwellingKind.VILLA: Phrase("Biệt thự", "Villa"),
    DwellingKind.APARTMENT: Phrase("Căn hộ chung cư", "Apartment"),
}

SCHEMES: Mapping[HousingScheme, Phrase] = {
    HousingScheme.OWN: Phrase("nhà ở tự xây", "built by its owner"),
    HousingScheme.COMMERCIAL: Phrase("nhà ở thương mại", "commercial housing"),
    HousingScheme.SOCIAL: Phrase("nhà ở xã hội", "social housing"),
    HousingScheme.RESETTLEMENT: Phrase("nhà ở phục vụ tái định cư", "housing for resettlement"),
    HousingScheme.OFFICIAL: Phrase("nhà ở công vụ", "official housing"),
}

FORMS: Mapping[OwnershipForm, Phrase] = {
    OwnershipForm.SOLE: Phrase("riêng", "sole"),
    OwnershipForm.SHARED: Phrase("chung theo phần", "by shares"),
    OwnershipForm.JOINT: Phrase("chung hợp nhất", "joint"),
}

WITHOUT_TERM = Phrase("lâu dài", "without a term")

ENCUMBRANCES: Mapping[EncumbranceKind, Phrase] = {
    EncumbranceKind.MORTGAGE: Phrase("đang thế chấp", "mortgaged"),
    EncumbranceKind.SEIZURE: Phrase("đang bị kê biên", "seized"),
    EncumbranceKind.DISPUTE: Phrase("đang có tranh chấp", "in dispute"),
}

TRANSACTIONS: Mapping[TransactionKind, Phrase] = {
    TransactionKind.PURCHASE: Phrase("mua bán", "purchase"),
    TransactionKind.LEASE_PURCHASE: Phrase("thuê mua", "lease-purchase"),
    TransactionKind.GIFT: Phrase("tặng cho", "gift"),
    TransactionKind.INHERITANCE: Phrase("thừa kế", "inheritance"),
    TransactionKind.EXCHANGE: Phrase("trao đổi", "exchange"),
    TransactionKind.CONTRIBUTION: Phrase("góp vốn", "contribution of capital"),
}
