from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "retail_exec.accounts"
    verbose_name = "Accounts"
