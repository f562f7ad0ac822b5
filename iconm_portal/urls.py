"""Every address: the ground's own, then /<center>/… of the apps."""

from django.urls import include, path

from iconm_portal.people import account_views, auditor_views
from iconm_portal.people import views as people_views
from iconm_portal.people.second_factor import views as second_factor_views
from iconm_portal.people.sign_on import offered
from iconm_portal.site import audit_views, history_views, standing_views
from iconm_portal.site import views as site_views
from iconm_portal.values import converters
from iconm_portal.work import job_views

handler500 = "iconm_portal.site.faults.answer"

converters.register()

standing = [
    path("", standing_views.changed, name="changed"),
    path("propose/", standing_views.propose, name="propose"),
    path("<number:answer>/", standing_views.answer, name="answer"),
    *standing_views.STEPS.paths("<number:answer>/"),
]

urlpatterns = [
    path("", site_views.home, name="home"),
    path("health/", site_views.health, name="health"),
    # Logging in, one's own password, language
    path("login/", account_views.login, name="login"),
    path("login/second-step/", second_factor_views.second_step, name="second_step"),
    path("logout/", account_views.logout, name="logout"),
    path("password/change/", account_views.password_change, name="password_change"),
    path("password/reset/", account_views.password_reset, name="password_reset"),
    path("password/reset/sent/", account_views.password_reset_done, name="password_reset_done"),
    path(
        "password/reset/<uidb64>/<token>/",
        account_views.password_reset_confirm,
        name="password_reset_confirm",
    ),
    path("password/reset/complete/", account_views.password_reset_complete, name="password_reset_complete"),
    # One's own account
    path("account/", account_views.account, name="account"),
    path("account/confirm/", account_views.confirm, name="confirm"),
    path("account/sessions/", account_views.sessions, name="own_sessions"),
    path("account/sessions/<number:session>/end/", account_views.session_end, name="own_session_end"),
    path("account/second-factor/", second_factor_views.overview, name="second_factor"),
    path("account/second-factor/app/", second_factor_views.app, name="second_factor_app"),
    path(
        "account/second-factor/app/remove/", second_factor_views.app_remove, name="second_factor_app_remove"
    ),
    path("account/second-factor/passkeys/new/", second_factor_views.passkey_new, name="passkey_new"),
    path(
        "account/second-factor/passkeys/<number:passkey>/remove/",
        second_factor_views.passkey_remove,
        name="passkey_remove",
    ),
    path("account/second-factor/codes/", second_factor_views.recovery_codes, name="recovery_codes"),
    path(
        "account/second-factor/codes/codes.txt",
        second_factor_views.recovery_codes_file,
        name="recovery_codes_file",
    ),
    path("language/", account_views.set_language, name="set_language"),
    # People, by administrators
    path("people/", people_views.people, name="people"),
    path("people/new/", people_views.new, name="person_new"),
    path("people/<number:person>/", people_views.person, name="person"),
    path("people/<number:person>/another/", people_views.another, name="person_another"),
    path("people/<number:person>/deactivate/", people_views.deactivate, name="person_deactivate"),
    path("people/<number:person>/reactivate/", people_views.reactivate, name="person_reactivate"),
    path("people/<number:person>/reset-password/", people_views.reset_password, name="person_reset_password"),
    path(
        "people/<number:person>/reset-second-factor/",
        people_views.reset_second_factor,
        name="person_reset_second_factor",
    ),
    path("people/resets/<number:proposal>/confirm/", people_views.confirm_reset, name="reset_confirm"),
    path("people/resets/<number:proposal>/decline/", people_views.decline_reset, name="reset_decline"),
    path("people/auditors/", auditor_views.auditors, name="auditors"),
    path(
        "people/auditors/<slug:center>/<slug:organisation>/dismiss/",
        auditor_views.dismiss,
        name="auditors_dismiss",
    ),
    # Organisations and centers, by administrators, and their way in
    path("", include("iconm_portal.people.centers.urls")),
    path(
        "organisations/<slug:organisation>/people/new/", people_views.new_in, name="organisation_person_new"
    ),
    # Single sign-on, where the settings name a provider
    *([path("", include("iconm_portal.people.sign_on.urls"))] if offered.is_offered() else []),
    # History, of what one may see
    path("history/", history_views.history, name="history"),
    path("history/history.csv", history_views.export_csv, name="history_csv"),
    path("history/history.jsonl", history_views.export_json, name="history_json"),
    # Who came in, and who took what away
    path("audit/", audit_views.page, name="audit"),
    path("audit/audit.csv", audit_views.export_csv, name="audit_csv"),
    path("audit/audit.jsonl", audit_views.export_json, name="audit_json"),
    # Calendar feeds by secret address
    path("calendar/", include("agreements.pages.feeds.urls")),
    # Long work, watched by whoever began it
    path("<slug:center>/jobs/<number:number>/", job_views.job, name="job"),
    path("<slug:center>/jobs/<number:number>/result/", job_views.result, name="job_result"),
    path("<slug:center>/jobs/<number:number>/again/", job_views.again, name="job_again"),
    # What was settled on something that was corrected since
    path("<slug:center>/standing/", include((standing, "standing"))),
    # Figures that are open to everybody
    path("open/", include("kpi.papers.open_data.urls")),
    # Centers. The top floor first: it has a page of its own for one of the agreements' verifications.
    path("<slug:center>/", include("kpi.urls")),
    path("<slug:center>/", include("finance.urls")),
    path("<slug:center>/", include("agreements.urls")),
]
