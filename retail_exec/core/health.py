"""`/health` for load balancers and container engines: can this process do its work?

A middleware and the first one, because such callers ask by address instead of by a name in ALLOWED_HOSTS,
and without HTTPS.
"""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

PATH = "/health"


def health_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answers `/health` and passes everything else on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return answer() if request.path == PATH else get_response(request)

    return middleware


def answer() -> JsonResponse:
    """200 if the database answers, 503 if not. Photos are taken in without Redis too, so it is only named."""
    database, broker = database_answers(), redis_answers()
    words = {True: "ok", False: "unreachable"}
    return JsonResponse(
        {"database": words[database], "redis": words[broker]}, status=200 if database else 503
    )


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def redis_answers() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
