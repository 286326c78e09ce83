"""Values of the formats that JSON Schema cannot say in full; a NIK follows its pattern."""

import schemathesis
from hypothesis import strategies as st

NAMA = st.from_regex(r"\A[A-Za-z][A-Za-z' .-]{0,90}[a-z]\Z")
ALAMAT = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9 ,./()-]{0,200}[a-z0-9]\Z")
PROVINSI = st.sampled_from(["32", "Jawa Barat", "jawa barat", "DKI Jakarta", "Papua Pegunungan", "91"])

schemathesis.openapi.format("nama", NAMA)
schemathesis.openapi.format("alamat", ALAMAT)
schemathesis.openapi.format("provinsi", PROVINSI)
