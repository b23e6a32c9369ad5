from django.urls import path

from therapists import views

app_name = "therapists"

urlpatterns = [
    path("", views.therapists, name="therapists"),
    path("suggest/places/", views.suggest_places, name="suggest-places"),
    path("suggest/words/", views.suggest_for_words, name="suggest-words"),
    path("<slug:slug>/", views.profile, name="profile"),
]
