"""get_weather: asks a weather service on the web, and says so honestly when that does not answer."""

import logging
import os
from typing import Annotated

from fulfillment import Parameter, Reply, on, outside

log = logging.getLogger(__name__)

DEFAULT_URL = "https://api.openweathermap.org/data/2.5/weather"


@on.intent("get_weather")
def get_weather(city: Annotated[str, Parameter("geo-city")]) -> Reply:
    """Use the current-weather call of OpenWeather, or anything that answers alike at `WEATHER_API_URL`."""
    key = os.environ.get("WEATHER_API_KEY", "")
    if not key:
        return Reply("I cannot see the weather yet: nobody has given me a key for the weather service.")
    try:
        answer = outside.get(
            os.environ.get("WEATHER_API_URL") or DEFAULT_URL, params={"q": city, "appid": key, "units": "metric"}
        )
        if answer.status_code == 404:
            return Reply(f"I do not know a place called {city}.")
        report = answer.json()
        sky, degrees = report["weather"][0]["description"], round(report["main"]["temp"])
    except (outside.Unavailable, ValueError, LookupError, TypeError) as error:
        log.warning("The weather service gave no usable answer: %s", error)
        return Reply(f"I am sorry, the weather service does not answer right now. Please ask me about {city} later.")
    return Reply(f"In {city} it is {degrees} °C, {sky}.")
