"""Addresses of a center's agreements: /<center>/agreements/…, /<center>/calendar/…, and what belongs to them."""

from django.urls import path

from agreements.views import (
    agreements,
    amendments,
    annual,
    calendar,
    chronology,
    conclusions,
    consultations,
    drafts,
    duties,
    duty_steps,
    editions,
    endings,
    feeds,
    master,
    support,
    verifications,
    wording,
)

app_name = "agreements"
_AGREEMENT = "agreements/<slug:agreement>/"
_CONSULTATION = "consultations/<number:number>/"
_DUTY = "calendar/<fiscal_year:year>/<slug:agreement>/<slug:obligation>/"
_MASTER = "master/agreements/<slug:agreement>/"
_EDITION = _AGREEMENT + "editions/<number:edition>/"
_VERIFICATION = "verifications/<slug:kind>/<fiscal_year:year>/"

urlpatterns = [
    # Agreements
    path("agreements/", agreements.agreements, name="agreements"),
    path(_AGREEMENT, agreements.agreement, name="agreement"),
    path(_AGREEMENT + "conclusion/", conclusions.conclusion, name="conclusion"),
    path(_AGREEMENT + "conclusion/<number:revision>/scan/", agreements.scan, name="scan"),
    path(_AGREEMENT + "notice/", endings.notice, name="notice"),
    path(_AGREEMENT + "notice/withdraw/", endings.withdraw_notice, name="notice_withdraw"),
    path(_AGREEMENT + "ending/", endings.ending, name="ending"),
    path(_AGREEMENT + "ending/confirm/", endings.confirm, name="ending_confirm"),
    path(_AGREEMENT + "ending/decline/", endings.decline, name="ending_decline"),
    path(_AGREEMENT + "ending/take-back/", endings.take_back, name="ending_take_back"),
    path(_AGREEMENT + "annual/", annual.add, name="annual_new"),
    path(_AGREEMENT + "terms/", annual.change, name="annual_change"),
    path(_AGREEMENT + "terms/confirm/", annual.confirm, name="annual_confirm"),
    path(_AGREEMENT + "terms/decline/", annual.decline, name="annual_decline"),
    path(_AGREEMENT + "terms/take-back/", annual.take_back, name="annual_take_back"),
    # Wording and editions
    path("provisions/", editions.search, name="provision_search"),
    path(_AGREEMENT + "editions/", editions.all_editions, name="editions"),
    path(_AGREEMENT + "editions/start/", drafts.start, name="amendment_start"),
    path(_EDITION, editions.edition, name="edition"),
    path(_EDITION + "compare/<number:other>/", editions.compare, name="edition_compare"),
    path(_EDITION + "scan/", editions.scan, name="edition_scan"),
    path(_EDITION + "import/", wording.import_text, name="edition_import"),
    path(_EDITION + "draft/", drafts.draft, name="edition_draft"),
    path(_EDITION + "provisions/add/", drafts.add, name="provision_add"),
    path(_EDITION + "provisions/<provision_key:key>/edit/", drafts.provision, name="provision_edit"),
    path(_EDITION + "provisions/<provision_key:key>/remove/", drafts.remove, name="provision_remove"),
    path(_EDITION + "propose/", amendments.propose, name="edition_propose"),
    path(_EDITION + "take-back/", amendments.take_back, name="edition_take_back"),
    path(_EDITION + "confirm/", amendments.confirm, name="edition_confirm"),
    path(_EDITION + "decline/", amendments.decline, name="edition_decline"),
    path(_EDITION + "discard/", amendments.discard, name="edition_discard"),
    # Calendar and duties
    path("calendar/", calendar.current, name="calendar"),
    path("calendar/subscription/", feeds.subscription, name="calendar_subscription"),
    path("calendar/subscription/issue/", feeds.issue, name="calendar_issue"),
    path("calendar/subscription/revoke/", feeds.revoke, name="calendar_revoke"),
    path("calendar/<fiscal_year:year>/", calendar.year, name="calendar_of_year"),
    path("calendar/<fiscal_year:year>/store/", calendar.store, name="calendar_store"),
    path(_DUTY, duties.duty, name="duty"),
    path(_DUTY + "save/", duty_steps.save, name="duty_save"),
    path(_DUTY + "take-back/", duty_steps.take_back, name="duty_take_back"),
    path(_DUTY + "open/", duty_steps.open_review, name="duty_open"),
    path(_DUTY + "return/", duty_steps.send_back, name="duty_return"),
    path(_DUTY + "accept/", duty_steps.accept, name="duty_accept"),
    path(_DUTY + "decide/", duty_steps.decide, name="duty_decide"),
    path(_DUTY + "date/", duty_steps.set_date, name="duty_date"),
    path(_DUTY + "extend/", duty_steps.extend, name="duty_extend"),
    path(_DUTY + "comment/", duty_steps.comment, name="duty_comment"),
    path(_DUTY + "ask/", duty_steps.ask, name="duty_ask"),
    path(_DUTY + "documents/<number:document>/", duties.download, name="duty_document"),
    # Consultations
    path("consultations/", consultations.consultations, name="consultations"),
    path("consultations/new/", consultations.new, name="consultation_new"),
    path(_CONSULTATION, consultations.consultation, name="consultation"),
    path(_CONSULTATION + "edit/", consultations.edit, name="consultation_edit"),
    path(_CONSULTATION + "confirm/", consultations.confirm, name="consultation_confirm"),
    path(_CONSULTATION + "decline/", consultations.decline, name="consultation_decline"),
    path(_CONSULTATION + "take-back/", consultations.take_back, name="consultation_take_back"),
    path(_CONSULTATION + "files/<number:file>/", consultations.download, name="consultation_file"),
    # Support measures
    path("support/", support.measures, name="support"),
    path("support/<slug:measure>/", support.measure, name="support_measure"),
    path("support/<slug:measure>/record/", support.record, name="support_record"),
    # Verifications
    path("verifications/", verifications.verifications, name="verifications"),
    path(_VERIFICATION, verifications.of_year, name="verification"),
    path(_VERIFICATION + "save/", verifications.save, name="verification_save"),
    path(_VERIFICATION + "submit/", verifications.submit, name="verification_submit"),
    path(_VERIFICATION + "take-back/", verifications.take_back, name="verification_take_back"),
    path(_VERIFICATION + "discard/", verifications.discard, name="verification_discard"),
    path(_VERIFICATION + "confirm/", verifications.confirm, name="verification_confirm"),
    path(_VERIFICATION + "return/", verifications.send_back, name="verification_return"),
    # Chronology
    path("chronology/", chronology.chronology, name="chronology"),
    # Master data, for administrators; "new" is no code (agreements.actions.master)
    path("master/", master.master, name="master"),
    path("master/agreements/new/", master.new_agreement, name="master_agreement_new"),
    path(_MASTER, master.agreement, name="master_agreement"),
    path(_MASTER + "obligations/new/", master.new_obligation, name="master_obligation_new"),
    path(_MASTER + "obligations/<slug:obligation>/", master.obligation, name="master_obligation"),
]
