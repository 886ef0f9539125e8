"""What each is shown in a year of pairs (tests/e2e/test_coaching_year.py), as far as all show all
of their work, and nobody has left."""

from __future__ import annotations

from tests.support.who_sees import table

SEES = table(
    """
    get_program | /programs/v1/programs/{program}
        coach other_coach facilitator lead admin
    list_programs | /programs/v1/programs | {program}
        coach other_coach facilitator lead admin
    get_program_process | /programs/v1/programs/{program}/process | "stages"
        teacher partner colleague coach other_coach facilitator lead admin
    get_program_size | /programs/v1/programs/{program}/size | "size_band"
        coach other_coach facilitator lead admin
    get_program_delivery | /insights/v1/programs/{program}/delivery
        lead admin
    get_enrollment | /programs/v1/enrollments/{enrollment}
        teacher lead admin
    list_enrollments | /programs/v1/enrollments?teacher_id={her} | {enrollment}
        teacher admin
    list_enrollments | /programs/v1/enrollments?program_id={program}&page_size=100 | {enrollment}
        lead admin
    get_acknowledgment | /privacy/v1/acknowledgments/{ack}
        teacher admin
    list_acknowledgments | /privacy/v1/acknowledgments?person_id={her} | {ack}
        teacher admin
    get_relationship | /programs/v1/relationships/{tie}
        teacher coach admin
    list_relationships | /programs/v1/relationships?coach_id={coach}&teacher_id={her} | {tie}
        teacher coach admin
    get_agreement | /programs/v1/agreements/{agreement}
        teacher coach
    list_agreements | /programs/v1/agreements?relationship_id={tie} | {agreement}
        teacher coach
    get_circle | /programs/v1/circles/{pair}
        teacher partner facilitator admin
    get_circle | /programs/v1/circles/{group}
        teacher partner colleague facilitator admin
    list_circles | /programs/v1/circles?kind=pair | {pair}
        teacher partner facilitator admin
    get_planning_entry | /programs/v1/planning-entries/{entry}
        teacher partner
    get_planning_entry | /programs/v1/planning-entries/{coach_entry}
        teacher coach
    list_planning_entries | /programs/v1/planning-entries?circle_id={pair} | {entry}
        teacher partner
    list_planning_entries | /programs/v1/planning-entries?relationship_id={tie} | {coach_entry}
        teacher coach
    get_planning_record | /programs/v1/planning-records/{pair}
        teacher partner facilitator
    get_planning_record | /programs/v1/planning-records/{tie}
        teacher coach
    get_community_meeting | /programs/v1/community-meetings/{meeting}
        teacher partner colleague facilitator
    list_community_meetings | /programs/v1/community-meetings | {meeting}
        teacher partner colleague facilitator
    get_takeaway | /programs/v1/takeaways/{takeaway}
        teacher partner colleague facilitator
    list_takeaways | /programs/v1/takeaways?community_meeting_id={meeting} | {takeaway}
        teacher partner colleague facilitator
    get_tree | /goals/v1/trees/{tree}
        teacher partner coach other_coach facilitator lead principal admin officer colleague
    list_trees | /goals/v1/trees | {tree}
        teacher partner coach other_coach facilitator lead principal admin officer colleague
    get_walk | /goals/v1/walks/{walk}
        teacher coach
    list_walks | /goals/v1/walks?teacher_id={her} | {walk}
        teacher coach
    get_goal | /goals/v1/goals/{goal}
        teacher partner coach app
    list_goals | /goals/v1/goals?teacher_id={her} | {goal}
        teacher partner coach app
    list_revisions | /goals/v1/goals/{goal}/revisions
        teacher partner coach app
    list_progress | /goals/v1/goals/{goal}/progress
        teacher partner coach app
    get_goal_rating | /goals/v1/goals/{goal}/rating
        teacher coach
    get_goal_comments | /goals/v1/goals/{goal}/comments
        teacher coach
    get_goal_check | /goals/v1/goals/{goal}/check
        teacher coach
    get_trial | /goals/v1/trials/{keep}
        teacher partner coach
    list_trials | /goals/v1/trials?teacher_id={her} | {drop}
        teacher partner coach
    get_reflection | /goals/v1/trials/{keep}/reflection
        teacher partner coach
    get_earlier_reflections | /goals/v1/trials/{keep}/earlier-reflections
        teacher
    get_check_ins | /goals/v1/check-ins | {open_trial}
        teacher
    get_goal_share | /goals/v1/shares/{share}
        teacher
    list_goal_shares | /goals/v1/shares?goal_id={goal} | {share}
        teacher
    list_received_goal_shares | /goals/v1/received-shares | {goal}
        colleague
    get_observation | /observations/v1/observations/{visit}
        teacher partner coach app
    list_observations | /observations/v1/observations?teacher_id={her} | {visit}
        teacher partner coach app
    get_administration | /surveys/v1/administrations/{survey}
        teacher partner coach app
    list_administrations | /surveys/v1/administrations?teacher_id={her} | {survey}
        teacher partner coach app
    get_card | /insights/v1/cards/{her}
        teacher partner coach
    list_timeline | /insights/v1/timeline?teacher_id={her} | {goal}
        teacher partner coach
    get_own_pairs | /insights/v1/pairs | {pair}
        teacher partner
    get_caseload | /insights/v1/caseloads/{coach} | {her}
        coach app
    get_own_caseload | /insights/v1/caseload | "teacher_id":"{her}"
        coach
    list_looks | /privacy/v1/looks?person_id={her}
        teacher
    list_personal_records | /programs/v1/personal-records?person_id={her}
        teacher officer
    """
)
# Who is let in by what she is, and not to everything that the operation is asked of.
HIDDEN = {"lead": "list_enrollments", "teacher": "list_enrollments"}
# Read in these services, and of other things than a year of coaching is made of, or shown in the
# table of tests/e2e/test_coaching_year_alone.py.
BESIDE = set(
    """get_draft list_drafts get_framework list_frameworks list_standards get_measure list_measures
    get_strategy list_strategies get_access_explanation get_take_out list_take_out_parts
    get_process_template list_process_templates get_coaching_session
    list_coaching_sessions get_flag_answer get_coaching_round list_coaching_rounds
    get_coaching_request list_coaching_requests get_pair_interest list_pair_suggestions
    get_coaching_offer list_coaching_offers list_coach_suggestions
    get_celebration list_celebrations get_training list_trainings""".split()
)
BY_PAIR = {  # what is shown by the pair alone
    "get_goal", "list_goals", "list_revisions", "list_progress", "get_trial", "list_trials",
    "get_reflection", "get_observation", "list_observations", "get_administration",
    "list_administrations", "get_card", "list_timeline",
}  # fmt: skip
SHARED = table(
    """
    get_goal | /goals/v1/goals/{goal}
        teacher partner coach app colleague
    """
)
