"""Addresses of a center's agreements: /<center>/agreements/…, /<center>/calendar/…, and what belongs to them."""

from django.urls import path

from agreements.consultations import views as consultation_views
from agreements.editions import amendment_views, draft_views
from agreements.editions import views as edition_views
from agreements.editions.official_wording import views as official_wording_views
from agreements.instruments import annual_views
from agreements.instruments.conclusions import views as conclusion_views
from agreements.pages import (
    agreement_views,
    amended_obligation_views,
    calendar_views,
    chronology_views,
    duty_views,
    ending_views,
    land_views,
)
from agreements.pages.feeds import views as feed_views
from agreements.pages.master import part_views
from agreements.pages.master import views as master_views
from agreements.pages.master.deletions import views as deletion_views
from agreements.pages.master.lists import views as list_views
from agreements.support import views as support_views
from agreements.verifications import views as verification_views

app_name = "agreements"
_AGREEMENT = "agreements/<slug:agreement>/"
_CONSULTATION = "consultations/<number:number>/"
_DUTY = "calendar/<fiscal_year:year>/<slug:agreement>/<numbered_code:obligation>/"
_MASTER = "master/agreements/<slug:agreement>/"
_EDITION = _AGREEMENT + "editions/<number:edition>/"
_VERIFICATION = "verifications/<slug:kind>/<fiscal_year:year>/"

urlpatterns = [
    # Agreements
    path("agreements/", agreement_views.agreements, name="agreements"),
    path(_AGREEMENT, agreement_views.agreement, name="agreement"),
    path(_AGREEMENT + "conclusion/", conclusion_views.conclusion, name="conclusion"),
    *conclusion_views.STEPS.paths(_AGREEMENT + "conclusion/"),
    path(_AGREEMENT + "conclusion/<number:revision>/scan/", agreement_views.scan, name="scan"),
    path(_AGREEMENT + "notice/", ending_views.notice, name="notice"),
    path(_AGREEMENT + "notice/withdraw/", ending_views.withdraw_notice, name="notice_withdraw"),
    path(_AGREEMENT + "ending/", ending_views.ending, name="ending"),
    *ending_views.STEPS.paths(_AGREEMENT + "ending/"),
    path(_AGREEMENT + "annual/", annual_views.add, name="annual_new"),
    path(_AGREEMENT + "terms/", annual_views.change, name="annual_change"),
    *agreement_views.ANNUAL.paths(_AGREEMENT + "terms/"),
    # Wording and editions
    path("provisions/", edition_views.search, name="provision_search"),
    path(_AGREEMENT + "editions/", edition_views.all_editions, name="editions"),
    path(_AGREEMENT + "editions/start/", draft_views.start, name="amendment_start"),
    path(_EDITION, edition_views.edition, name="edition"),
    path(_EDITION + "compare/<number:other>/", edition_views.compare, name="edition_compare"),
    path(_EDITION + "scan/", edition_views.scan, name="edition_scan"),
    path(_EDITION + "import/", official_wording_views.import_text, name="edition_import"),
    path(_EDITION + "wording/", official_wording_views.proposal, name="wording"),
    *official_wording_views.STEPS.paths(_EDITION + "wording/"),
    path(_EDITION + "conclusion/", amendment_views.conclusion, name="edition_conclusion"),
    *amendment_views.CONCLUSION.paths(_EDITION + "conclusion/"),
    path(
        _EDITION + "measures/",
        amended_obligation_views.leave_the_rest,
        name="edition_leave_the_measures",
    ),
    path(_EDITION + "measures/<slug:measure>/", amended_obligation_views.measure, name="edition_measure"),
    path(_EDITION + "obligations/", draft_views.leave_the_rest, name="edition_leave_the_rest"),
    path(
        _EDITION + "obligations/<slug:obligation>/",
        amended_obligation_views.obligation,
        name="edition_obligation",
    ),
    path(_EDITION + "draft/", draft_views.draft, name="edition_draft"),
    path(_EDITION + "provisions/add/", draft_views.add, name="provision_add"),
    path(_EDITION + "provisions/<provision_key:key>/edit/", draft_views.provision, name="provision_edit"),
    path(_EDITION + "provisions/<provision_key:key>/remove/", draft_views.remove, name="provision_remove"),
    path(_EDITION + "propose/", amendment_views.propose, name="edition_propose"),
    *edition_views.STEPS.paths(_EDITION),
    # Calendar and duties
    path("calendar/", calendar_views.current, name="calendar"),
    path("calendar/subscription/", feed_views.subscription, name="calendar_subscription"),
    path("calendar/subscription/issue/", feed_views.issue, name="calendar_issue"),
    path("calendar/subscription/revoke/", feed_views.revoke, name="calendar_revoke"),
    path("calendar/<fiscal_year:year>/", calendar_views.year, name="calendar_of_year"),
    path("calendar/<fiscal_year:year>/store/", calendar_views.store, name="calendar_store"),
    path(_DUTY, duty_views.duty, name="duty"),
    path(_DUTY + "store/", duty_views.store, name="duty_store"),
    path(_DUTY + "save/", duty_views.save, name="duty_save"),
    path(_DUTY + "comment/", duty_views.comment, name="duty_comment"),
    path(_DUTY + "ask/", duty_views.ask, name="duty_ask"),
    *duty_views.STEPS.paths(_DUTY),
    path(_DUTY + "documents/<number:document>/", duty_views.download, name="duty_document"),
    # Consultations
    path("consultations/", consultation_views.consultations, name="consultations"),
    path("consultations/new/", consultation_views.new, name="consultation_new"),
    path(_CONSULTATION, consultation_views.consultation, name="consultation"),
    path(_CONSULTATION + "edit/", consultation_views.edit, name="consultation_edit"),
    *consultation_views.STEPS.paths(_CONSULTATION),
    path(_CONSULTATION + "files/<number:file>/", consultation_views.download, name="consultation_file"),
    # Support measures
    path("support/", support_views.measures, name="support"),
    path("support/<slug:measure>/", support_views.measure, name="support_measure"),
    path("support/<slug:measure>/record/", support_views.record, name="support_record"),
    # The free use of land
    path("land/", land_views.land, name="land"),
    path("land/judge/", land_views.judge, name="land_judge"),
    path("land/<number:judgement>/correct/", land_views.correct, name="land_correct"),
    # Verifications
    path("verifications/", verification_views.verifications, name="verifications"),
    path(_VERIFICATION, verification_views.of_year, name="verification"),
    path(_VERIFICATION + "anew/", verification_views.anew, name="verification_anew"),
    path(
        _VERIFICATION + "revisions/<int:revision>/",
        verification_views.revision,
        name="verification_revision",
    ),
    path(_VERIFICATION + "save/", verification_views.save, name="verification_save"),
    path(_VERIFICATION + "submit/", verification_views.submit, name="verification_submit"),
    *verification_views.STEPS.paths(_VERIFICATION),
    # Chronology
    path("chronology/", chronology_views.chronology, name="chronology"),
    # Master data, for the staff of both sides; "new" is no code (agreements.actions.master)
    path("master/", master_views.master, name="master"),
    path("master/lists/<slug:which>/", list_views.rows, name="master_list"),
    path("master/lists/<slug:which>/new/", list_views.new, name="master_list_new"),
    path("master/lists/<slug:which>/<slug:row>/", list_views.row, name="master_list_row"),
    path("master/lists/<slug:which>/<slug:row>/delete/", list_views.delete, name="master_list_delete"),
    path("master/agreements/new/", master_views.new_agreement, name="master_agreement_new"),
    path(_MASTER, master_views.agreement, name="master_agreement"),
    path(_MASTER + "obligations/new/", master_views.new_obligation, name="master_obligation_new"),
    path(_MASTER + "delete/", deletion_views.agreement, name="master_agreement_delete"),
    path(_MASTER + "obligations/<slug:obligation>/", master_views.obligation, name="master_obligation"),
    path(
        _MASTER + "obligations/<slug:obligation>/delete/",
        deletion_views.obligation,
        name="master_obligation_delete",
    ),
    path(_MASTER + "parties/<slug:side>/", part_views.party, name="master_party"),
    path(_MASTER + "measures/new/", part_views.new_measure, name="master_measure_new"),
    path(_MASTER + "measures/<slug:measure>/", part_views.measure, name="master_measure"),
    path(_MASTER + "measures/<slug:measure>/delete/", deletion_views.measure, name="master_measure_delete"),
    path(_MASTER + "provisions/new/", part_views.new_summary, name="master_summary_new"),
    path(
        _MASTER + "provisions/<provision_key:key>/remove/",
        part_views.remove_summary,
        name="master_summary_remove",
    ),
    path(_MASTER + "provisions/<provision_key:key>/", part_views.summary, name="master_summary"),
]
