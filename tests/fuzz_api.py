"""Who asks, for tests/fuzz-api: a platform with its key, or a merchant whose ID token lives for a minute."""

import json
import os
import urllib.parse
import urllib.request

import schemathesis

AS_MERCHANT = os.environ["RECOUP_FUZZ_AS"] == "merchant"
ADMIN = urllib.parse.urlsplit(os.environ["RECOUP_FUZZ_ADMIN"])


def id_token() -> str:
    shop = urllib.parse.parse_qs(ADMIN.query).get("shop", [""])[0]
    query = urllib.parse.urlencode({"shop": shop}) if shop else ""
    with urllib.request.urlopen(f"{ADMIN.scheme}://{ADMIN.netloc}/admin/id-token?{query}") as answer:
        return json.load(answer)["id_token"]


@schemathesis.auth(refresh_interval=20)
class Bearer:
    def get(self, case, context):
        return id_token() if AS_MERCHANT else os.environ["RECOUP_FUZZ_KEY"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
