"""What single rooms of the programs service need, on whatever stores."""

from __future__ import annotations

from functools import partial

from services.access.access import Access
from services.access.guarded import Guarded, GuardedReads
from services.access.names import NamesBeside
from services.assembly.parts import PortParts
from services.programs.agreement import cases as agreement
from services.programs.agreement.codec import AGREEMENTS
from services.programs.circle import cases as circle
from services.programs.circle.codec import CIRCLES
from services.programs.enrollment import cases as enrollment
from services.programs.enrollment.codec import ENROLLMENTS
from services.programs.meeting import cases as meeting
from services.programs.meeting.codec import COMMUNITY_MEETINGS
from services.programs.offer import cases as offer
from services.programs.offer.codec import COACHING_OFFERS
from services.programs.pairing import cases as pair_interest
from services.programs.pairing.codec import PAIR_INTERESTS
from services.programs.program.codec import PROGRAMS
from services.programs.record import cases as record
from services.programs.record.codec import PLANNING_ENTRIES
from services.programs.relationship.codec import RELATIONSHIPS
from services.programs.request import cases as request
from services.programs.request.codec import COACHING_REQUESTS
from services.programs.round import cases as round_
from services.programs.round.codec import COACHING_ROUNDS
from services.programs.session.codec import COACHING_SESSIONS
from services.programs.takeaway import cases as takeaway
from services.programs.takeaway.codec import TAKEAWAYS
from services.programs.training import cases as training
from services.programs.training.codec import TRAININGS


def agreements(parts: PortParts, access: Access) -> agreement.Ports:
    path = parts.path(AGREEMENTS)
    return agreement.Ports(
        agreements=Guarded(path, access, parts.clock, partial(agreement.whose, access)),
        path=path,
        relationships=parts.path(RELATIONSHIPS),
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        clock=parts.clock,
    )


def circles(parts: PortParts, access: Access) -> circle.Ports:
    path = parts.path(CIRCLES)
    return circle.Ports(
        circles=Guarded(path, access, parts.clock, circle.whose),
        path=path,
        sessions=parts.path(COACHING_SESSIONS),
        reads=GuardedReads(access),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def meetings(parts: PortParts, access: Access) -> meeting.Ports:
    path = parts.path(COMMUNITY_MEETINGS)
    return meeting.Ports(
        meetings=Guarded(path, access, parts.clock, partial(meeting.whose, access)),
        path=path,
        circles=parts.path(CIRCLES),
        programs=parts.path(PROGRAMS),
        enrollments=parts.path(ENROLLMENTS),
        sessions=parts.path(COACHING_SESSIONS),
        takeaways=parts.path(TAKEAWAYS),
        reads=GuardedReads(access),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def takeaways(parts: PortParts, access: Access) -> takeaway.Ports:
    path, meetings = parts.path(TAKEAWAYS), parts.path(COMMUNITY_MEETINGS)
    return takeaway.Ports(
        takeaways=Guarded(path, access, parts.clock, partial(takeaway.whose, access, meetings)),
        path=path,
        meetings=meetings,
        reads=GuardedReads(access),
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        clock=parts.clock,
    )


def trainings(parts: PortParts, access: Access) -> training.Ports:
    path, programs = parts.path(TRAININGS), parts.path(PROGRAMS)
    return training.Ports(
        trainings=Guarded(path, access, parts.clock, partial(training.whose, access, programs)),
        path=path,
        programs=programs,
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def records(parts: PortParts, access: Access) -> record.Ports:
    path = parts.path(PLANNING_ENTRIES)
    return record.Ports(
        entries=Guarded(path, access, parts.clock, partial(record.whose, access)),
        path=path,
        relationships=parts.path(RELATIONSHIPS),
        circles=parts.path(CIRCLES),
        sessions=parts.path(COACHING_SESSIONS),
        reads=GuardedReads(access),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def enrollments(parts: PortParts, access: Access) -> enrollment.Ports:
    path, programs = parts.path(ENROLLMENTS), parts.path(PROGRAMS)
    return enrollment.Ports(
        enrollments=Guarded(path, access, parts.clock, partial(enrollment.whose, programs)),
        path=path,
        programs=programs,
        reads=GuardedReads(access),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def requests(parts: PortParts, access: Access) -> request.Ports:
    path, programs = parts.path(COACHING_REQUESTS), parts.path(PROGRAMS)
    return request.Ports(
        requests=Guarded(path, access, parts.clock, partial(request.whose, access, programs)),
        path=path,
        rounds=parts.path(COACHING_ROUNDS),
        programs=programs,
        relationships=parts.path(RELATIONSHIPS),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def rounds(parts: PortParts, access: Access, of_requests: request.Ports) -> round_.Ports:
    path, programs = of_requests.rounds, of_requests.programs
    return round_.Ports(
        rounds=Guarded(path, access, parts.clock, partial(round_.whose, programs)),
        programs=programs,
        requests=of_requests.requests,
        names=NamesBeside(access),
        access=access,
        days=parts.days,
        clock=parts.clock,
    )


def offers(parts: PortParts, access: Access, of_requests: request.Ports) -> offer.Ports:
    path = parts.path(COACHING_OFFERS)
    return offer.Ports(
        offers=Guarded(path, access, parts.clock, offer.whose),
        path=path,
        requests=of_requests.path,
        rounds=of_requests.rounds,
        programs=of_requests.programs,
        relationships=of_requests.relationships,
        reads=GuardedReads(access),
        of_request=partial(request.whose, access, of_requests.programs),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )


def pairing(parts: PortParts, access: Access) -> pair_interest.Ports:
    path = parts.path(PAIR_INTERESTS)
    return pair_interest.Ports(
        interests=Guarded(path, access, parts.clock, pair_interest.whose),
        path=path,
        circles=parts.path(CIRCLES),
        enrollments=parts.path(ENROLLMENTS),
        reads=GuardedReads(access),
        drafts=parts.drafts,
        names=NamesBeside(access),
        access=access,
        view=parts.directory,
        days=parts.days,
        clock=parts.clock,
    )
