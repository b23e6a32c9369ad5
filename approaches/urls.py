from django.urls import path

from approaches import views

app_name = "approaches"

urlpatterns = [
    path("", views.approaches, name="approaches"),
    path("<slug:slug>/", views.approach, name="approach"),
    path("<slug:slug>/specialists/", views.specialists, name="specialists"),
]
