"""Addresses of a center: /<center>/…"""

from django.urls import path

from agreements.consultations import consultation_references
from kpi.dashboard import balance_views, changes_between_views, home_views, indicator_views, plan_views
from kpi.evaluation import traceability_views
from kpi.evaluation import views as evaluation_views
from kpi.initiatives import views as initiative_views
from kpi.initiatives.arrangement import views as arrangement_views
from kpi.initiatives.official_texts import views as official_text_views
from kpi.papers import download_views
from kpi.papers import views as paper_views
from kpi.papers.open_data import views as open_data_views
from kpi.plans import consultation_references as plan_consultation_references
from kpi.register import step_views
from kpi.register import views as register_views
from kpi.register.categories import views as category_views
from kpi.register.imports import views as import_views
from kpi.reports import entry_views, review_views
from kpi.reports import views as report_views
from kpi.reports.upload import views as upload_views
from kpi.targets import next_plan_views
from kpi.targets import views as target_views
from kpi.targets.corrections import views as correction_views
from kpi.value_sources import drill_down_views, opening_views
from kpi.value_sources import views as value_source_views

app_name = "kpi"
consultation_references.register(plan_consultation_references.targets)
consultation_references.register(plan_consultation_references.plans)
_EVALUATION = "verifications/effect/<fiscal_year:year>/"  # before the agreements' <kind>
_NEXT = "kpi/next/<number:proposal>/"
_TEXTS = "official-texts/"
_TARGETS = "kpi/<slug:plan>/targets/"
_ARRANGED = "master/initiatives/"
_SCHEME = _ARRANGED + "<slug:scheme>/"
_GROUP = _SCHEME + "<slug:group>/"
_CORRECTIONS = "kpi/<slug:plan>/corrections/"
_RECORD = "records/<slug:category>/<number:number>/"
_REPORT = "reports/<fiscal_year:year>/<number:report>/"

urlpatterns = [
    path("", home_views.home, name="home"),
    # Plans and indicators
    path("kpi/", plan_views.plans, name="plans"),
    # The next plan. Its word comes before the plans' codes (kpi.models.plans.RESERVED_PLAN_CODES).
    path("kpi/next/", next_plan_views.next_plan, name="next_plan"),
    path("kpi/next/start/", next_plan_views.start, name="next_plan_start"),
    path(_NEXT, next_plan_views.proposal, name="plan_proposal"),
    path(_NEXT + "edit/", next_plan_views.edit, name="plan_proposal_edit"),
    path(_NEXT + "targets/", next_plan_views.targets, name="plan_proposal_targets"),
    path(_NEXT + "indicators/new/", next_plan_views.add_line, name="plan_proposal_add"),
    path(_NEXT + "indicators/<slug:indicator>/", next_plan_views.edit_line, name="plan_proposal_line"),
    path(
        _NEXT + "indicators/<slug:indicator>/remove/",
        next_plan_views.remove_line,
        name="plan_proposal_remove",
    ),
    *next_plan_views.STEPS.paths(_NEXT),
    path("kpi/<slug:plan>/", plan_views.plan, name="plan"),
    # Targets that are proposed. Its words come before the indicators' codes (kpi.models.plans.RESERVED_INDICATOR_CODES).
    path(_TARGETS, target_views.proposals, name="target_proposals"),
    path(_TARGETS + "new/", target_views.new, name="target_proposal_new"),
    path(_TARGETS + "<number:proposal>/", target_views.proposal, name="target_proposal"),
    path(_TARGETS + "<number:proposal>/edit/", target_views.edit, name="target_proposal_edit"),
    *target_views.STEPS.paths(_TARGETS + "<number:proposal>/"),
    # Corrections of a plan's wording. Its word comes before the indicators' codes, too.
    path(_CORRECTIONS, correction_views.corrections, name="plan_corrections"),
    path(_CORRECTIONS + "new/", correction_views.new, name="plan_correction_new"),
    path(_CORRECTIONS + "<number:correction>/", correction_views.correction, name="plan_correction"),
    path(_CORRECTIONS + "<number:correction>/edit/", correction_views.edit, name="plan_correction_edit"),
    *correction_views.STEPS.paths(_CORRECTIONS + "<number:correction>/"),
    path("kpi/<slug:plan>/<slug:indicator>/", indicator_views.indicator, name="indicator"),
    # Initiatives
    path("initiatives/", initiative_views.initiatives, name="initiatives"),
    path("initiatives/<fiscal_year:year>/", initiative_views.of_year, name="initiatives_of_year"),
    path("initiatives/<fiscal_year:year>/sheet/", initiative_views.sheet, name="initiatives_sheet"),
    path(
        "initiatives/<fiscal_year:year>/<slug:scheme>/<slug:category>/<slug:initiative>/",
        initiative_views.keep,
        name="initiative_keep",
    ),
    # How they are arranged
    path(_ARRANGED, arrangement_views.arrangement, name="arrangement"),
    path(_ARRANGED + "new/", arrangement_views.new_scheme, name="scheme_new"),
    path(_SCHEME, arrangement_views.scheme, name="scheme"),
    path(_SCHEME + "remove/", arrangement_views.remove, name="scheme_remove"),
    path(_SCHEME + "new/", arrangement_views.new_group, name="group_new"),
    path(_GROUP, arrangement_views.group, name="group"),
    path(_GROUP + "remove/", arrangement_views.remove, name="group_remove"),
    path(_GROUP + "new/", arrangement_views.new_activity, name="activity_new"),
    path(_GROUP + "<slug:activity>/", arrangement_views.activity, name="activity"),
    path(_GROUP + "<slug:activity>/remove/", arrangement_views.remove, name="activity_remove"),
    # Official texts of direct goals and activities
    path(_TEXTS, official_text_views.texts, name="official_texts"),
    path(_TEXTS + "new/<slug:group>/", official_text_views.new, name="official_text_new"),
    path(_TEXTS + "<number:proposal>/", official_text_views.proposal, name="official_text_proposal"),
    path(_TEXTS + "<number:proposal>/edit/", official_text_views.edit, name="official_text_proposal_edit"),
    *official_text_views.STEPS.paths(_TEXTS + "<number:proposal>/"),
    # Reports: the foundation's side
    path("reports/", report_views.reports, name="reports"),
    path("reports/<fiscal_year:year>/", report_views.year, name="reports_of_year"),
    path("reports/<fiscal_year:year>/<slug:plan>/start/", report_views.start, name="report_start"),
    path(_REPORT, report_views.report, name="report"),
    path(_REPORT + "entry/", entry_views.entry, name="report_entry"),
    path(_REPORT + "check/", entry_views.check, name="report_check"),
    path(_REPORT + "sheet.xlsx", upload_views.sheet_file, name="report_sheet"),
    path(_REPORT + "upload/", upload_views.upload, name="report_upload"),
    path(_REPORT + "upload/<number:file>/", upload_views.preview, name="report_upload_preview"),
    path(_REPORT + "upload/<number:file>/apply/", upload_views.apply, name="report_upload_apply"),
    path(_REPORT + "correct/", report_views.correct, name="report_correct"),
    *report_views.STEPS.paths(_REPORT),
    path(_REPORT + "review/", review_views.review, name="report_review"),
    *review_views.STEPS.paths(_REPORT),
    # Files
    path(_REPORT + "files/<number:file>/", report_views.evidence, name="evidence"),
    # The register. Its own words come before the categories' codes (kpi/register/categories/actions.py).
    path("records/", register_views.records, name="records"),
    path("records/export.csv", register_views.export_csv, name="records_csv"),
    path("records/export.xlsx", register_views.export_xlsx, name="records_xlsx"),
    path(
        "records/counted/<slug:plan>/<slug:indicator>/<fiscal_year:year>/",
        drill_down_views.counted,
        name="counted",
    ),
    path("records/import/", import_views.overview, name="record_imports"),
    path("records/import/template/<slug:ending>/", import_views.template, name="record_import_template"),
    path("records/import/<number:number>/", import_views.table, name="record_import"),
    path("records/import/<number:number>/apply/", import_views.apply, name="record_import_apply"),
    path("records/import/<number:number>/discard/", import_views.discard, name="record_import_discard"),
    path("records/import/<number:number>/undo/", import_views.undo, name="record_import_undo"),
    path("records/import/<number:number>/marked/", import_views.marked, name="record_import_marked"),
    path("records/<slug:category>/new/", step_views.new, name="record_new"),
    path(_RECORD, register_views.record, name="record"),
    path(_RECORD + "edit/", step_views.edit, name="record_edit"),
    path(_RECORD + "withdraw/", step_views.withdraw, name="record_withdraw"),
    path(_RECORD + "reinstate/", step_views.reinstate, name="record_reinstate"),
    path(_RECORD + "attach/", step_views.attach, name="record_attach"),
    path(_RECORD + "files/<number:file>/", register_views.download, name="record_file"),
    # The register's categories, for the staff of both sides
    path("master/categories/", category_views.categories, name="categories"),
    path("master/categories/new/", category_views.new, name="category_new"),
    path("master/categories/<slug:category>/", category_views.category, name="category"),
    # Traceability
    path("traceability/", traceability_views.agreements, name="traceability"),
    path("traceability/<slug:agreement>/", traceability_views.agreement, name="traceability_of"),
    path(
        "traceability/<slug:agreement>/<fiscal_year:year>/",
        traceability_views.agreement,
        name="traceability_year",
    ),
    # The evaluation of effects
    path(_EVALUATION, evaluation_views.of_year, name="evaluation"),
    path(_EVALUATION + "save/", evaluation_views.save, name="evaluation_save"),
    path(_EVALUATION + "submit/", evaluation_views.submit, name="evaluation_submit"),
    path(
        _EVALUATION + "judgement/",
        evaluation_views.STEPS.view("save_judgement"),
        name="evaluation_save_judgement",
    ),
    path(_EVALUATION + "begin/", evaluation_views.begin, name="evaluation_begin"),
    path(_EVALUATION + "correct/", evaluation_views.correct, name="evaluation_correct"),
    path(_EVALUATION + "judge/", evaluation_views.judge, name="evaluation_judge"),
    *evaluation_views.STEPS.paths(_EVALUATION),
    # The money, with the occupancy
    path("finance/", balance_views.balance, name="balance"),
    path("finance/<fiscal_year:year>/", balance_views.year, name="balance_year"),
    # What values are proposed from
    path("bases/", value_source_views.bases, name="bases"),
    path("bases/<slug:plan>/<slug:indicator>/", value_source_views.basis, name="basis"),
    path("bases/<slug:plan>/<slug:indicator>/opening/", opening_views.of_category, name="opening_balance"),
    path(
        "bases/<slug:plan>/<slug:indicator>/opening/own/",
        opening_views.of_indicator,
        name="own_opening_balance",
    ),
    # What was known when
    path("changes/", changes_between_views.changes, name="changes"),
    # Data for machines
    path("data/", open_data_views.tables, name="data"),
    path("data/workbook/", open_data_views.workbook, name="data_workbook"),
    path("data/switch/", open_data_views.switch, name="data_switch"),
    path("data/<slug:table>.<slug:ending>", open_data_views.file, name="data_file"),
    # Committee papers
    path("packs/", download_views.packs, name="packs"),
    path("packs/committee.xlsx", download_views.committee, name="committee_pack"),
    path("packs/new/", paper_views.new, name="pack_new"),
    path("packs/<number:number>/", paper_views.pack, name="pack"),
    path("packs/<number:number>/edit/", paper_views.edit, name="pack_edit"),
    path("packs/<number:number>/freeze/", paper_views.freeze, name="pack_freeze"),
    path("packs/<number:number>/discard/", paper_views.discard, name="pack_discard"),
    path("packs/<number:number>/differences/", paper_views.differences, name="pack_differences"),
    path("packs/<number:number>/workbook.xlsx", paper_views.workbook_file, name="pack_workbook"),
    path("packs/<number:number>/data.json", paper_views.data_file, name="pack_data"),
]
