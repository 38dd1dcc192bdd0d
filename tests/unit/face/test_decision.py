"""A decision says what it is, and is no bool."""

import json

import numpy as np
import pytest

from doorward.errors import (
    InternalError,
    MoreThanOneFace,
    NoFace,
    PhotoError,
    PhotoTooLarge,
    PhotoTooSmall,
    PhotoUnreadable,
    PoorQuality,
)
from doorward.face.comparison import compare
from doorward.face.decision import BY_EYE, Decision, Outcome, Reason, refusal_of_photo
from doorward.face.quality import QualityIssue
from doorward.face.template import Template, TemplateOrigin
from doorward.face.thresholds import SFACE_LFW
from doorward.kernel.ids import PersonId

PERSON = PersonId("8d4e2a56-0b6c-4d3e-9a57-1f0f3a4b5c6d")
ACCEPTED = Decision(Outcome.ACCEPTED, Reason.MATCHED, PERSON, SFACE_LFW.at(1e-4), score=0.71234)


def test_json_has_the_contract_and_hides_the_score() -> None:
    told = ACCEPTED.to_json()
    assert told["decision"] == "accepted"
    assert told["reason"] == "matched"
    assert told["person"] == PERSON
    assert told["fmr"] == 1e-4
    assert told["threshold_set"] == "sface-lfw-2"
    assert "score" not in told
    assert "0.71" not in json.dumps(told)
    assert ACCEPTED.to_json(show_score=True)["score"] == 0.71234


def test_a_decision_cannot_be_taken_for_a_bool() -> None:
    with pytest.raises(InternalError):
        bool(ACCEPTED)


ACCEPTING = (Reason.MATCHED, Reason.ACCEPTED_BY_EYE)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in ACCEPTING])
def test_only_a_match_is_accepted(reason: Reason) -> None:
    with pytest.raises(InternalError):
        Decision(Outcome.ACCEPTED, reason, PERSON, SFACE_LFW.at(1e-4))
    refused = Decision(Outcome.REFUSED, reason)
    assert not refused.is_accepted
    assert refused.sentence.endswith(BY_EYE) == (reason is not Reason.REFUSED_BY_EYE)
    assert refused.to_json()["person"] is None


def test_an_acceptance_names_its_person_and_threshold() -> None:
    with pytest.raises(InternalError):
        Decision(Outcome.ACCEPTED, Reason.MATCHED, None, SFACE_LFW.at(1e-4))
    with pytest.raises(InternalError):
        Decision(Outcome.ACCEPTED, Reason.MATCHED, PERSON, None)
    assert Decision(Outcome.ACCEPTED, Reason.ACCEPTED_BY_EYE, PERSON).fmr is None
    with pytest.raises(InternalError):
        Decision(Outcome.ACCEPTED, Reason.ACCEPTED_BY_EYE, None)


@pytest.mark.parametrize("kind", [NoFace, MoreThanOneFace, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable, PhotoError])
def test_every_fault_of_a_photo_has_its_reason(kind: type[PhotoError]) -> None:
    assert refusal_of_photo(kind("Take another.")).reason.value == kind.code


@pytest.mark.parametrize("issue", list(QualityIssue))
def test_every_quality_issue_has_its_reason_and_the_same_sentence(issue: QualityIssue) -> None:
    decision = refusal_of_photo(PoorQuality(issue.sentence, issue.value))
    assert decision.reason.value == issue.value
    assert decision.sentence == f"{issue.sentence} {BY_EYE}"


def test_only_templates_of_one_model_compare() -> None:
    one = np.eye(128, dtype=np.float32)[0]
    mine = Template(one, TemplateOrigin("sface", "openvino", "bf16"))
    same_model = Template(-one, TemplateOrigin("sface", "onnxruntime", "f32"))
    assert compare(mine, mine) == 1.0
    assert compare(mine, same_model) == -1.0
    with pytest.raises(InternalError):
        compare(mine, Template(one, TemplateOrigin("sface-fp32", "openvino", "bf16")))
    with pytest.raises(InternalError):
        compare(mine, Template(one[:64], mine.origin))
