"""The framework alone: the same three routes with canned answers, no gate, no database.

The yardstick of `bench/load.py`.
"""

from typing import Any

from fastapi import Body, FastAPI

app = FastAPI()
PERSON = {"names": [{"full": "Amina Yusuf Warsame"}], "sex": "female", "birth": "1990-05", "father": ["Yusuf Warsame"]}
CASE = {"id": "0", "state": "searching", "person": PERSON, "circumstances": "x" * 600}
HITS = {"responses": {"q": [{"record_id": "0", "weight": 1.0, "evidence": [PERSON] * 5}] * 3}}


@app.get("/v1/sought-persons/{sought_id}")
def get(sought_id: str) -> dict[str, Any]:
    """Answer like a read."""
    return CASE


@app.post("/v1/match")
def match(draft: dict[str, Any] = Body()) -> dict[str, Any]:  # noqa: B008  # FastAPI's own form
    """Answer like a match query."""
    return HITS


@app.post("/v1/sightings", status_code=201)
def post(draft: dict[str, Any] = Body()) -> dict[str, Any]:  # noqa: B008  # FastAPI's own form
    """Answer like a registration."""
    return CASE
