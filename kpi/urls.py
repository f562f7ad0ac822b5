"""Addresses of a center: /<center>/…"""

from django.urls import path

from agreements import citations
from kpi import cited
from kpi.views import (
    balance,
    bases,
    between,
    categories,
    committee,
    counted,
    entry_sheet,
    entry_upload,
    evaluations,
    evidence,
    home,
    indicators,
    initiatives,
    next_plan,
    next_plan_steps,
    open_data,
    packs,
    plans,
    proposals,
    record_imports,
    record_steps,
    records,
    report_steps,
    reports,
    reviews,
    traceability,
)

app_name = "kpi"
citations.register(cited.targets)
citations.register(cited.plans)
_EVALUATION = "verifications/effect/<fiscal_year:year>/"  # before the agreements' <kind>
_NEXT = "kpi/next/<number:proposal>/"
_TARGETS = "kpi/<slug:plan>/targets/"
_RECORD = "records/<slug:category>/<number:number>/"
_REPORT = "reports/<fiscal_year:year>/<number:report>/"

urlpatterns = [
    path("", home.home, name="home"),
    # Plans and indicators
    path("kpi/", plans.plans, name="plans"),
    # The next plan. Its word comes before the plans' codes (kpi.models.plans.RESERVED_PLAN_CODES).
    path("kpi/next/", next_plan.next_plan, name="next_plan"),
    path("kpi/next/start/", next_plan.start, name="next_plan_start"),
    path(_NEXT, next_plan.proposal, name="plan_proposal"),
    path(_NEXT + "edit/", next_plan.edit, name="plan_proposal_edit"),
    path(_NEXT + "indicators/new/", next_plan.add_line, name="plan_proposal_add"),
    path(_NEXT + "indicators/<slug:indicator>/", next_plan.edit_line, name="plan_proposal_line"),
    path(_NEXT + "indicators/<slug:indicator>/remove/", next_plan.remove_line, name="plan_proposal_remove"),
    path(_NEXT + "propose/", next_plan_steps.propose, name="plan_proposal_propose"),
    path(_NEXT + "take-back/", next_plan_steps.take_back, name="plan_proposal_take_back"),
    path(_NEXT + "confirm/", next_plan_steps.confirm, name="plan_proposal_confirm"),
    path(_NEXT + "decline/", next_plan_steps.decline, name="plan_proposal_decline"),
    path(_NEXT + "discard/", next_plan_steps.discard, name="plan_proposal_discard"),
    path("kpi/<slug:plan>/", plans.plan, name="plan"),
    # Targets that are proposed. Its words come before the indicators' codes (kpi.models.plans.RESERVED_INDICATOR_CODES).
    path(_TARGETS, proposals.proposals, name="target_proposals"),
    path(_TARGETS + "new/", proposals.new, name="target_proposal_new"),
    path(_TARGETS + "<number:proposal>/", proposals.proposal, name="target_proposal"),
    path(_TARGETS + "<number:proposal>/edit/", proposals.edit, name="target_proposal_edit"),
    path(_TARGETS + "<number:proposal>/propose/", proposals.propose, name="target_proposal_propose"),
    path(_TARGETS + "<number:proposal>/take-back/", proposals.take_back, name="target_proposal_take_back"),
    path(_TARGETS + "<number:proposal>/confirm/", proposals.confirm, name="target_proposal_confirm"),
    path(_TARGETS + "<number:proposal>/decline/", proposals.decline, name="target_proposal_decline"),
    path(_TARGETS + "<number:proposal>/discard/", proposals.discard, name="target_proposal_discard"),
    path("kpi/<slug:plan>/<slug:indicator>/", indicators.indicator, name="indicator"),
    # Initiatives
    path("initiatives/", initiatives.initiatives, name="initiatives"),
    path("initiatives/<fiscal_year:year>/", initiatives.of_year, name="initiatives_of_year"),
    path(
        "initiatives/<fiscal_year:year>/<slug:scheme>/<slug:category>/<slug:initiative>/",
        initiatives.keep,
        name="initiative_keep",
    ),
    # Reports: the foundation's side
    path("reports/", reports.reports, name="reports"),
    path("reports/<fiscal_year:year>/", reports.year, name="reports_of_year"),
    path("reports/<fiscal_year:year>/<slug:plan>/start/", reports.start, name="report_start"),
    path(_REPORT, reports.report, name="report"),
    path(_REPORT + "entry/", entry_sheet.entry, name="report_entry"),
    path(_REPORT + "check/", entry_sheet.check, name="report_check"),
    path(_REPORT + "sheet.xlsx", entry_upload.sheet_file, name="report_sheet"),
    path(_REPORT + "upload/", entry_upload.upload, name="report_upload"),
    path(_REPORT + "upload/<number:file>/", entry_upload.preview, name="report_upload_preview"),
    path(_REPORT + "upload/<number:file>/apply/", entry_upload.apply, name="report_upload_apply"),
    path(_REPORT + "submit/", report_steps.submit, name="report_submit"),
    path(_REPORT + "take-back/", report_steps.take_back, name="report_take_back"),
    path(_REPORT + "discard/", report_steps.discard, name="report_discard"),
    path(_REPORT + "correct/", report_steps.correct, name="report_correct"),
    # Reports: the city's side
    path(_REPORT + "open/", reviews.open_review, name="report_open"),
    path(_REPORT + "review/", reviews.review, name="report_review"),
    path(_REPORT + "return/", reviews.send_back, name="report_return"),
    path(_REPORT + "accept/", reviews.accept, name="report_accept"),
    # Files
    path(_REPORT + "files/<number:file>/", evidence.download, name="evidence"),
    # The register. Its own words come before the categories' codes (kpi.actions.categories.RESERVED).
    path("records/", records.records, name="records"),
    path("records/export.csv", records.export_csv, name="records_csv"),
    path("records/export.xlsx", records.export_xlsx, name="records_xlsx"),
    path("records/counted/<slug:plan>/<slug:indicator>/<fiscal_year:year>/", counted.counted, name="counted"),
    path("records/import/", record_imports.overview, name="record_imports"),
    path("records/import/template/<slug:ending>/", record_imports.template, name="record_import_template"),
    path("records/import/<number:number>/", record_imports.table, name="record_import"),
    path("records/import/<number:number>/apply/", record_imports.apply, name="record_import_apply"),
    path("records/import/<number:number>/discard/", record_imports.discard, name="record_import_discard"),
    path("records/<slug:category>/new/", record_steps.new, name="record_new"),
    path(_RECORD, records.record, name="record"),
    path(_RECORD + "edit/", record_steps.edit, name="record_edit"),
    path(_RECORD + "withdraw/", record_steps.withdraw, name="record_withdraw"),
    path(_RECORD + "reinstate/", record_steps.reinstate, name="record_reinstate"),
    path(_RECORD + "attach/", record_steps.attach, name="record_attach"),
    path(_RECORD + "files/<number:file>/", records.download, name="record_file"),
    # The register's categories, for administrators
    path("master/categories/", categories.categories, name="categories"),
    path("master/categories/new/", categories.new, name="category_new"),
    path("master/categories/<slug:category>/", categories.category, name="category"),
    # Traceability
    path("traceability/", traceability.agreements, name="traceability"),
    path("traceability/<slug:agreement>/", traceability.agreement, name="traceability_of"),
    path(
        "traceability/<slug:agreement>/<fiscal_year:year>/", traceability.agreement, name="traceability_year"
    ),
    # The evaluation of effects
    path(_EVALUATION, evaluations.of_year, name="evaluation"),
    path(_EVALUATION + "save/", evaluations.save, name="evaluation_save"),
    path(_EVALUATION + "submit/", evaluations.submit, name="evaluation_submit"),
    path(_EVALUATION + "take-back/", evaluations.take_back, name="evaluation_take_back"),
    path(_EVALUATION + "discard/", evaluations.discard, name="evaluation_discard"),
    path(_EVALUATION + "open/", evaluations.open_review, name="evaluation_open"),
    path(_EVALUATION + "return/", evaluations.send_back, name="evaluation_return"),
    path(_EVALUATION + "judgement/", evaluations.save_judgement, name="evaluation_save_judgement"),
    path(_EVALUATION + "judge/", evaluations.judge, name="evaluation_judge"),
    # The money, with the occupancy
    path("finance/", balance.balance, name="balance"),
    path("finance/<fiscal_year:year>/", balance.year, name="balance_year"),
    # What values are proposed from, for administrators
    path("bases/", bases.bases, name="bases"),
    path("bases/<slug:plan>/<slug:indicator>/", bases.basis, name="basis"),
    # What was known when
    path("changes/", between.changes, name="changes"),
    # Data for machines
    path("data/", open_data.tables, name="data"),
    path("data/workbook/", open_data.workbook, name="data_workbook"),
    path("data/switch/", open_data.switch, name="data_switch"),
    path("data/<slug:table>.<slug:ending>", open_data.file, name="data_file"),
    # Committee papers
    path("packs/", packs.packs, name="packs"),
    path("packs/committee.xlsx", packs.committee, name="committee_pack"),
    path("packs/new/", committee.new, name="pack_new"),
    path("packs/<number:number>/", committee.pack, name="pack"),
    path("packs/<number:number>/edit/", committee.edit, name="pack_edit"),
    path("packs/<number:number>/freeze/", committee.freeze, name="pack_freeze"),
    path("packs/<number:number>/discard/", committee.discard, name="pack_discard"),
    path("packs/<number:number>/differences/", committee.differences, name="pack_differences"),
    path("packs/<number:number>/workbook.xlsx", committee.workbook_file, name="pack_workbook"),
    path("packs/<number:number>/data.json", committee.data_file, name="pack_data"),
]
