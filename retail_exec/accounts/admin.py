"""Organisations, people and keys in Django admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from retail_exec.accounts.models import ApiKey, Membership, Organisation, User
from retail_exec.accounts.services.api_keys import create_api_key, revoke_api_key
from retail_exec.core.admin import ReadOnly
from retail_exec.core.models import AuditEvent

admin.site.unregister(Group)  # roles are memberships; Django's groups would do nothing


class MembershipInline(admin.TabularInline):
    """Roles."""

    model = Membership
    extra = 0
    autocomplete_fields: ClassVar[Any] = ["user", "organisation"]


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """Tenants with their people."""

    list_display = ["name", "slug", "created_at"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]

    def has_delete_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        """Not once it has a history: audit events are never removed."""
        kept = obj is not None and AuditEvent.objects.filter(organisation=obj).exists()
        return not kept and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Several at once cannot be deleted: each is asked for its history."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People, known by e-mail address."""

    ordering = ["email"]
    list_display = ["email", "first_name", "last_name", "is_active", "is_superuser"]
    list_filter = ["is_active", "is_superuser", "memberships__role", "memberships__organisation"]
    search_fields = ["email", "first_name", "last_name"]
    fieldsets = (
        (None, {"fields": ["email", "password"]}),
        ("Name", {"fields": ["first_name", "last_name"]}),
        ("Access", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = (
        (None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]}),
    )
    filter_horizontal: ClassVar[Any] = []
    inlines = [MembershipInline]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    """Roles; also where a program's key is made, because it acts as a member."""

    list_display = ["user", "organisation", "role"]
    list_filter = ["organisation", "role"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__email", "organisation__name"]
    autocomplete_fields = ["user", "organisation"]
    actions = ["make_api_key"]

    @admin.action(description="Make an API key (shown once)")
    def make_api_key(self, request: HttpRequest, rows: QuerySet[Membership]) -> None:
        """A key for each chosen member."""
        for membership in rows:
            _, secret = create_api_key(membership, "made in administration")
            self.message_user(request, f"The key of {membership}, shown only now: {secret}")


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, admin.ModelAdmin):
    """Keys: who has one, when it was used; revoked by the action."""

    list_display = ["name", "prefix", "membership", "created_at", "last_used_at", "revoked_at"]
    list_filter = ["membership__organisation", "revoked_at"]
    list_select_related = ["membership__user", "membership__organisation"]
    search_fields = ["name", "prefix", "membership__user__email"]
    actions = ["revoke"]
    exclude = ["digest"]

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiKey]) -> None:
        """They stop working at once."""
        for key in rows:
            revoke_api_key(key)
