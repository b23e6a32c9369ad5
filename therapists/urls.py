from django.urls import path

from therapists import reports, views
from therapists.contact.views import contact
from therapists.still_true import still_true

app_name = "therapists"

urlpatterns = [
    path("", views.therapists, name="therapists"),
    path("suggest/places/", views.suggest_places, name="suggest-places"),
    path("suggest/words/", views.suggest_for_words, name="suggest-words"),
    path("still-true/<str:token>/", still_true, name="still-true"),
    path("<slug:slug>/", views.profile, name="profile"),
    path("<slug:slug>/contact/", contact, name="contact"),
    path("<slug:slug>/report/", reports.report, name="report"),
    path("<slug:slug>/report/thanks/", reports.reported, name="reported"),
    path("<slug:slug>/report/known/", reports.reported, {"knew": True}, name="reported-before"),
]
