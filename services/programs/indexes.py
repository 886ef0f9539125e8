"""By what the things of the programs service are found."""

from __future__ import annotations

from services.chassis.write.find_indexes import FindIndex
from services.programs.agreement import cases as agreement
from services.programs.circle import cases as circle
from services.programs.flag_answer import cases as flag_answer
from services.programs.meeting import cases as meeting
from services.programs.offer import cases as offer
from services.programs.pairing import cases as pairing
from services.programs.program import cases as program
from services.programs.record import cases as record
from services.programs.relationship import cases as relationship
from services.programs.request import cases as request
from services.programs.round import cases as round_
from services.programs.session import cases as session
from services.programs.takeaway import cases as takeaway
from services.programs.training import cases as training

# A collection has at most 64 in MongoDB. What is asked of few documents of one person, circle,
# round or meeting has the index of these alone, and none with whatever else is asked.
INDEXES: tuple[FindIndex, ...] = (
    ("relationship", (), relationship.BY_DATE),
    ("relationship", ("coach",), relationship.BY_DATE),
    ("relationship", ("coach", "teacher"), relationship.BY_DATE),
    ("relationship", ("teacher",), relationship.BY_DATE),
    ("relationship", ("school_year",)),
    ("agreement", ("sides",), agreement.BY_DATE),
    ("agreement", ("relationship",)),
    ("agreement", ("teacher",)),
    ("agreement", ("coach",)),
    ("circle", (), circle.BY_DATE),
    ("circle", ("named",), circle.BY_DATE),
    ("circle", ("proposed_by",)),
    ("circle", ("people",)),
    ("circle", ("facilitator",)),
    ("circle", ("school_year",)),
    ("flag_answer", ("coach",), flag_answer.BY_DATE),
    ("flag_answer", ("teacher",), flag_answer.BY_DATE),
    ("flag_answer", ("relationship",)),
    ("program", (), program.BY_DATE),
    ("program", ("state",)),
    ("pair_interest", ("teacher",), pairing.BY_DATE),
    ("pair_interest", ("offers", "state", "school_year"), pairing.BY_DATE),
    ("pair_interest", ("school_year",)),
    ("coaching_round", (), round_.BY_DATE),
    ("coaching_round", ("program",), round_.BY_DATE),
    ("coaching_round", ("school_year",), round_.BY_DATE),
    ("coaching_round", ("placed",)),
    ("coaching_request", ("teacher",), request.BY_DATE),
    ("coaching_request", ("coach",), request.BY_DATE),
    ("coaching_request", ("round",), request.BY_DATE),
    ("coaching_request", ("school_year",)),
    ("coaching_offer", ("coach",), offer.BY_DATE),
    ("coaching_offer", ("round",), offer.BY_DATE),
    ("coaching_offer", ("school_year",)),
    ("enrollment", ()),
    ("enrollment", ("program",)),
    ("enrollment", ("teacher",)),
    ("enrollment", ("school_year",)),
    ("coaching_session", ("teachers",)),  # its date may change while they are read
    ("coaching_session", ("coach",)),
    ("coaching_session", ("absent",)),
    ("coaching_session", ("teachers",), session.BY_DATE),
    ("coaching_session", ("coach",), session.BY_DATE),
    ("coaching_session", ("teachers", "school_year"), session.BY_DATE),
    ("coaching_session", ("coach", "school_year"), session.BY_DATE),
    ("coaching_session", ("series",), session.BY_DATE),
    ("coaching_session", ("school_year",)),
    ("community_meeting", ("named",), meeting.BY_DATE),
    ("community_meeting", ("people",)),  # its date may change while they are read
    ("community_meeting", ("people",), meeting.BY_DATE),
    ("community_meeting", ("facilitator",), meeting.BY_DATE),
    ("community_meeting", ("facilitator", "school_year")),
    ("community_meeting", ("session",)),
    ("community_meeting", ("replaces",)),
    ("community_meeting", ("school_year",)),
    ("takeaway", ("author",), takeaway.BY_DATE),
    ("takeaway", ("meeting",), takeaway.BY_DATE),
    ("training", (), training.BY_DATE),
    ("training", (), training.BY_EXPIRY),
    ("training", ("person",), training.BY_DATE),
    ("training", ("program",), training.BY_DATE),
    ("training", ("school_year",)),
    ("planning_entry", ("record_id",), record.BY_DATE),
    ("planning_entry", ("made_by",)),
    ("planning_entry", ("readers",), record.BY_DATE),
    ("planning_entry", ("readers", "record_id"), record.BY_DATE),
    ("planning_entry", ("readers", "school_year"), record.BY_DATE),
    ("planning_entry", ("author",), record.BY_DATE),
    ("planning_entry", ("author", "record_id")),
    ("planning_entry", ("author", "school_year")),
    ("planning_entry", ("teacher",), record.BY_DATE),
    ("planning_entry", ("school_year",)),
)
