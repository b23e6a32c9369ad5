"""The states where therapists are licensed, by the two letters that a byline ends in."""

from localflavor.us.us_states import US_STATES, US_TERRITORIES

# Code -> name, A to Z by name: {"AL": "Alabama", ...}. Armed-forces codes are no places to sit in.
STATES = dict(sorted([*US_STATES, *US_TERRITORIES], key=lambda state: str(state[1])))
STATES = {code: str(name) for code, name in STATES.items()}

_CODES_BY_NAME = {name.casefold(): code for code, name in STATES.items()}


def state_code(text):
    """The code for a state's code or name in any case ("or", "Oregon"), or "" if there is none."""
    text = " ".join(text.split())
    if text.upper() in STATES:
        return text.upper()
    return _CODES_BY_NAME.get(text.casefold(), "")
