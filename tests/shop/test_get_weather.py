"""get_weather against a weather service of the test's own, on 127.0.0.1."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.requests import words

OSLO = {"weather": [{"description": "light snow"}], "main": {"temp": -3.6}}


class WeatherService:
    """Answers with the given statuses and bodies in turn, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                service.asked.append(self.path)
                status, body = service.answers[0] if len(service.answers) == 1 else service.answers.pop(0)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def weather(ask, monkeypatch, caplog):
    """Let the weather service give these answers; return what the shop says, and what the service was asked."""

    def ask_with(*answers):
        service = WeatherService(*answers)
        monkeypatch.setenv("WEATHER_API_URL", f"http://127.0.0.1:{service.server.server_port}/data")
        monkeypatch.setenv("WEATHER_API_KEY", "k3y")
        told = words(ask("get_weather", {"geo-city": "Oslo"}))
        service.server.shutdown()
        assert "k3y" not in caplog.text
        return told, service.asked

    return ask_with


def test_the_weather_is_told(weather):
    told, asked = weather((200, json.dumps(OSLO).encode()))
    assert told == "In Oslo it is -4 °C, light snow."
    assert asked == ["/data?q=Oslo&appid=k3y&units=metric"]


def test_a_service_that_stumbles_is_asked_again(weather):
    told, asked = weather((503, b""), (200, json.dumps(OSLO).encode()))
    assert told == "In Oslo it is -4 °C, light snow."
    assert len(asked) == 2


@pytest.mark.parametrize("answer", [(500, b"oops"), (200, b"<html>"), (200, b"{}"), (401, b"{}")])
def test_a_service_that_fails_is_an_honest_apology(weather, answer):
    told, _ = weather(answer)
    assert told.startswith("I am sorry, the weather service does not answer right now.")


def test_an_unknown_place_is_told(weather):
    assert weather((404, b"{}"))[0] == "I do not know a place called Oslo."


def test_without_a_key_it_says_so(ask):
    assert "nobody has given me a key" in words(ask("get_weather", {"geo-city": "Oslo"}))
