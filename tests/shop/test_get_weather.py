"""get_weather: against a weather service of the test's own, and with the fixture `outside_answers`."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fulfillment import Reply, outside
from handlers.get_weather import get_weather
from tests.kit.requests import words

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


# The rest needs no server: the fixture answers, and fails on a call that the test does not expect.


@pytest.fixture
def with_a_key(monkeypatch):
    monkeypatch.delenv("WEATHER_API_URL", raising=False)
    monkeypatch.setenv("WEATHER_API_KEY", "k3y")


def test_the_weather_of_the_place_is_asked_for(outside_answers, with_a_key):
    asked = {"q": "Oslo", "appid": "k3y", "units": "metric"}
    outside_answers.get("https://api.openweathermap.org/data/2.5/weather", params=asked, json=OSLO)
    assert get_weather("Oslo") == Reply("In Oslo it is -4 °C, light snow.")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "text": "oops"},
        {"text": "<html>"},
        {"json": {}},
        {"status": 401, "json": {}},
        {"raises": outside.Unavailable},
    ],
)
def test_a_service_that_fails_is_an_honest_apology(outside_answers, with_a_key, answer):
    outside_answers.get("https://api.openweathermap.org/data/2.5/weather", **answer)
    sorry = "I am sorry, the weather service does not answer right now. Please ask me about Oslo later."
    assert get_weather("Oslo") == Reply(sorry)


def test_an_unknown_place_is_told(outside_answers, with_a_key):
    outside_answers.get("https://api.openweathermap.org/data/2.5/weather", status=404, json={})
    assert get_weather("Oslo") == Reply("I do not know a place called Oslo.")


def test_without_a_key_it_says_so_and_asks_nobody(outside_answers, monkeypatch, ask):
    monkeypatch.delenv("WEATHER_API_KEY", raising=False)
    assert "nobody has given me a key" in words(ask("get_weather", {"geo-city": "Oslo"}))
    assert outside_answers.calls == []
