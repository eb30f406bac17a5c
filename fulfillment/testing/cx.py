"""A conversation as Dialogflow CX keeps it: session parameters, the current page, and its form."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..dialects.cx.request import MISSES
from ..pages import FormParameter
from ..request import Context
from .requests import cx_request
from .said import MINUTES_OF_SESSION, Said, as_cx, words_for
from .turn import Turn

START_PAGE = "START_PAGE"
_START_FLOW = "00000000-0000-0000-0000-000000000000"


class CxConversation:
    """What the agent remembers between turns. `page` and `flow` are ids, or full resource names."""

    def __init__(self, session: str) -> None:
        self.session = session
        self.session_parameters: dict[str, Any] = {}
        self.page = START_PAGE
        self.flow = _START_FLOW
        self.form: dict[str, FormParameter] = {}
        self._page_before = START_PAGE

    @property
    def page_name(self) -> str:
        """The current page's full resource name."""
        if "/" in self.page:
            return self.page
        agent = self.session.partition("/sessions/")[0].partition("/environments/")[0]
        flow = self.flow if "/" in self.flow else f"{agent}/flows/{self.flow}"
        return f"{flow}/pages/{self.page}"

    def body(self, said: Said) -> dict[str, Any]:
        """Return the request that this turn of the user makes."""
        if said.idle_minutes >= MINUTES_OF_SESSION:
            self.session_parameters.clear()
            self._go(START_PAGE, _START_FLOW)
        if said.page or said.flow:
            self._go(said.page or START_PAGE, said.flow or self.flow)
        given = {name: value for name, value in said.parameters.items() if value is not None}
        form = said.form
        if said.slot_filling and form is None:
            form = {name: None if value == "" else value for name, value in given.items()}
            form |= {said.asked: None} if said.asked else {}
        self._fill(form, given)
        self.session_parameters.update(given)
        if said.misses:
            self.session_parameters[MISSES] = said.misses - 1  # the kit counts this one
        missed = said.fallback or bool(said.misses)
        matched = "" if missed or said.event else said.intent
        request = cx_request(
            said.intent if said.tag is None else said.tag,
            as_cx(self.session_parameters),
            form=[_entry(parameter) for parameter in self.form.values()],
            intent=matched,
            intent_parameters=as_cx(given),
            page=self.page_name,
            page_name="Start Page" if self.page == START_PAGE else self.page.rpartition("/")[2],
            session=self.session,
            language=said.language,
            **_input(said, missed),
        )
        if matched:
            agent = self.session.partition("/sessions/")[0].partition("/environments/")[0]
            request["intentInfo"]["lastMatchedIntent"] = f"{agent}/intents/{uuid.uuid5(uuid.NAMESPACE_URL, matched)}"
            request["intentInfo"]["confidence"] = 1.0
            for name, entry in request["intentInfo"]["parameters"].items():
                entry["originalValue"] = f"{words_for(given[name])}"
        if said.original:
            request["payload"] = dict(said.original)
        return request

    def learn(self, turn: Turn) -> None:
        """Take over what a reply changes."""
        for name, value in turn.session_parameters.items():
            if value is None:
                self.session_parameters.pop(name, None)
            else:
                self.session_parameters[name] = value
        for name, change in turn.form.items():
            self._change(name, change)
        if turn.target_flow:
            self._go(START_PAGE, turn.target_flow)
        elif turn.target_page:
            self._go_to(turn.target_page)

    def remember(self, context: Context) -> None:
        """Let an earlier turn have left a context: a session parameter that holds an object."""
        self.session_parameters[context.name.lower()] = dict(context.parameters)

    def _fill(self, form: Mapping[str, Any] | None, given: Mapping[str, Any]) -> None:
        # Without a new form, this turn's parameters go into the one that the page has.
        entries = form
        if entries is None:
            entries = {n: given.get(n, replace(known, just_collected=False)) for n, known in self.form.items()}
        self.form = {name: _filled(name, entry, self.form.get(name)) for name, entry in entries.items()}
        for name, parameter in self.form.items():
            if parameter.value is None:
                self.session_parameters.pop(name, None)
            else:
                self.session_parameters[name] = parameter.value

    def _change(self, name: str, change: FormParameter) -> None:
        known = self.form.get(name)
        if known is None:
            return
        if change.state == "INVALID":
            self.form[name] = FormParameter(name, None, known.required, "INVALID")
        elif change.value is not None:
            self.form[name] = FormParameter(name, change.value, known.required, "FILLED")
            self.session_parameters[name] = change.value
        if change.required is not None:
            self.form[name] = replace(self.form[name], required=change.required)

    def _go_to(self, target: str) -> None:
        page = target.rpartition("/")[2]
        if page == "PREVIOUS_PAGE":
            self._go(self._page_before, self.flow)
        elif page in ("END_FLOW", "END_SESSION"):
            self._go(START_PAGE, self.flow)
        elif page != "CURRENT_PAGE" and target != self.page_name:
            self._go(page, target.partition("/pages/")[0] if "/pages/" in target else self.flow)

    def _go(self, page: str, flow: str) -> None:
        if (page, flow) != (self.page, self.flow):
            self._page_before, self.page, self.flow, self.form = self.page, page, flow, {}


def _filled(name: str, entry: Any, before: FormParameter | None) -> FormParameter:
    if isinstance(entry, FormParameter):
        return replace(entry, state=entry.state or ("EMPTY" if entry.value is None else "FILLED"))
    required = before.required if before else True
    if entry is None or entry == "":
        return FormParameter(name, None, required, "EMPTY")
    return FormParameter(name, entry, required, "FILLED", just_collected=not before or before.value != entry)


def _input(said: Said, missed: bool) -> dict[str, str]:
    if said.event:
        return {"triggerEvent": said.event}
    if missed:
        return {"triggerEvent": "sys.no-match-default"}
    if said.dtmf:
        return {"dtmfDigits": said.dtmf}
    if said.transcript:
        return {"transcript": said.transcript}
    return {"text": said.text or f"words for {said.intent}"}


def _entry(parameter: FormParameter) -> dict[str, Any]:
    entry: dict[str, Any] = {"displayName": parameter.name, "state": parameter.state}
    if parameter.required:
        entry["required"] = True
    if parameter.value is not None:
        entry["value"] = as_cx(parameter.value)
    if parameter.just_collected:
        entry["justCollected"] = True
    return entry
