"""Every address: the ground's own, then /<center>/… of the apps."""

from django.urls import include, path, register_converter

from iconm_portal.converters import BoundedIntConverter, FiscalYearConverter, ProvisionKeyConverter
from iconm_portal.views import accounts, history, home, jobs, people

register_converter(BoundedIntConverter, "number")
register_converter(FiscalYearConverter, "fiscal_year")
register_converter(ProvisionKeyConverter, "provision_key")

urlpatterns = [
    path("", home.home, name="home"),
    path("health/", home.health, name="health"),
    # Logging in, one's own password, language
    path("login/", accounts.login, name="login"),
    path("logout/", accounts.logout, name="logout"),
    path("password/change/", accounts.password_change, name="password_change"),
    path("password/reset/", accounts.password_reset, name="password_reset"),
    path("password/reset/sent/", accounts.password_reset_done, name="password_reset_done"),
    path("password/reset/<uidb64>/<token>/", accounts.password_reset_confirm, name="password_reset_confirm"),
    path("password/reset/complete/", accounts.password_reset_complete, name="password_reset_complete"),
    path("language/", accounts.set_language, name="set_language"),
    # People, by administrators
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/<number:person>/", people.person, name="person"),
    path("people/<number:person>/deactivate/", people.deactivate, name="person_deactivate"),
    path("people/<number:person>/reactivate/", people.reactivate, name="person_reactivate"),
    path("people/<number:person>/reset-password/", people.reset_password, name="person_reset_password"),
    # History, for administrators
    path("history/", history.history, name="history"),
    # Calendar feeds by secret address
    path("calendar/", include("agreements.feed_urls")),
    # Long work, watched by whoever began it
    path("<slug:center>/jobs/<number:number>/", jobs.job, name="job"),
    path("<slug:center>/jobs/<number:number>/result/", jobs.result, name="job_result"),
    path("<slug:center>/jobs/<number:number>/again/", jobs.again, name="job_again"),
    # Figures that are open to everybody
    path("open/", include("kpi.open_urls")),
    # Centers. The top floor first: it has a page of its own for one of the agreements' verifications.
    path("<slug:center>/", include("kpi.urls")),
    path("<slug:center>/", include("finance.urls")),
    path("<slug:center>/", include("agreements.urls")),
]
