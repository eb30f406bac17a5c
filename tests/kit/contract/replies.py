"""Strategies of hypothesis for every builder, with text nobody would write on purpose."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fulfillment import (
    Accordion,
    BasicCard,
    BrowseCarouselCard,
    BrowseItem,
    Button,
    Card,
    CarouselSelect,
    Chip,
    Chips,
    Column,
    Context,
    CustomElement,
    Description,
    Divider,
    EndInteraction,
    EndSlotFilling,
    Entity,
    Event,
    FollowUp,
    GooglePayload,
    HandOff,
    Icon,
    Image,
    Info,
    LinkButton,
    LinkOutSuggestion,
    ListItem,
    ListSelect,
    MediaContent,
    MediaObject,
    Payload,
    Picture,
    QuickReplies,
    RbmAction,
    RbmCard,
    RbmCarouselCard,
    RbmReply,
    RbmStandaloneCard,
    RbmText,
    RichButton,
    RichContent,
    Row,
    SelectItem,
    SessionEntities,
    SimpleResponse,
    Suggestions,
    SystemIntent,
    TableCard,
    TelephonyPlayAudio,
    TelephonySynthesizeSpeech,
    TelephonyTransferCall,
    Text,
    WebhookPayload,
)
from fulfillment.dialects.es.messages import BETA_PLATFORMS, PLATFORMS

ODD_TEXTS = (
    "",
    "\x00",
    "a\x00b\x1f\x7f\x85",
    "\ud800",
    "\udc00\ud83d",
    "\ufeffbom",
    "\u2028\u2029",
    "👩‍👩‍👧‍👦🇩🇪",
    "שלום \u202eabc",
    "مرحبا",
    '"}],\\',
    "\ud83d\ude00",
)
texts = st.one_of(st.text(max_size=20), st.sampled_from(ODD_TEXTS), st.text(st.characters(), max_size=8))
words = texts.filter(bool)
numbers = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([10**299, -0.0])
)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=8,
)
json_objects = st.dictionaries(texts, json_values, max_size=4)
names = st.text("abcXYZ019_-%", min_size=1, max_size=20).filter(lambda name: not name.startswith("__"))


def platforms(api_version: str) -> st.SearchStrategy[str]:
    """No platform, or one that this API version knows."""
    return st.sampled_from(["", *(BETA_PLATFORMS if api_version == "v2beta1" else PLATFORMS)])


images = st.builds(Image, texts, texts)
maybe_image = st.none() | images
link_buttons = st.builds(LinkButton, texts, texts)
select_items = st.builds(SelectItem, texts, texts, texts, st.lists(texts, max_size=3), maybe_image)
media_objects = st.one_of(
    st.builds(MediaObject, texts, texts, texts, large_image=maybe_image),
    st.builds(MediaObject, texts, texts, texts, icon=maybe_image),
)
simple_responses = st.one_of(
    st.builds(SimpleResponse, words, display_text=texts), st.builds(SimpleResponse, ssml=words, display_text=texts)
)
suggestions = st.lists(texts, max_size=3).map(lambda titles: Suggestions(*titles))
link_outs = st.builds(LinkOutSuggestion, texts, texts)
basic_cards = st.builds(BasicCard, texts, texts, texts, maybe_image, st.lists(link_buttons, max_size=2))
browse_carousels = st.builds(
    BrowseCarouselCard,
    st.lists(
        st.builds(BrowseItem, texts, texts, texts, texts, maybe_image, st.sampled_from(["", "AMP_ACTION"])), max_size=3
    ),
    st.sampled_from(["", "GRAY", "WHITE", "CROPPED", "BLURRED_BACKGROUND"]),
)
tables = st.builds(
    TableCard,
    st.lists(st.builds(Column, texts, st.sampled_from(["", "LEADING", "CENTER", "TRAILING"])), max_size=3),
    st.lists(st.builds(Row, st.lists(texts, max_size=3), st.booleans()), max_size=3),
    texts,
    texts,
    maybe_image,
    st.lists(link_buttons, max_size=2),
)
media = st.lists(media_objects, max_size=3).map(lambda objects: MediaContent(*objects))

events = st.builds(Event, texts, st.none() | json_objects, texts)
elements = st.one_of(
    st.builds(Info, texts, texts, texts, texts),
    st.builds(lambda title, lines: Description(title, *lines), texts, st.lists(texts, max_size=3)),
    st.builds(Picture, texts, texts),
    st.builds(RichButton, texts, texts, st.none() | st.builds(Icon, texts, texts), st.none() | events),
    st.builds(ListItem, texts, texts, texts, st.none() | events),
    st.builds(Divider),
    st.builds(Accordion, texts, texts, texts, texts),
    st.lists(st.builds(Chip, texts, texts, texts), min_size=1, max_size=3).map(lambda chips: Chips(*chips)),
    json_objects.map(lambda content: CustomElement({**content, "type": "html"})),
)
rich_contents = st.one_of(
    st.lists(elements, min_size=1, max_size=3).map(lambda card: RichContent(*card)),
    st.lists(st.lists(elements, min_size=1, max_size=2), min_size=1, max_size=3).map(lambda cards: RichContent(*cards)),
)

rbm_suggestions = st.one_of(
    st.builds(RbmReply, texts, texts),
    st.builds(RbmAction, texts, texts, dial=words),
    st.builds(RbmAction, texts, texts, open_url=words),
    st.builds(RbmAction, texts, texts, share_location=st.just(True)),
)
rbm_cards = st.builds(
    RbmCard, words, texts, texts, texts, st.sampled_from(["SHORT", "MEDIUM", "TALL"]), st.lists(rbm_suggestions)
)
only_in_v2beta1 = st.one_of(
    st.builds(TelephonyPlayAudio, texts),
    st.builds(TelephonySynthesizeSpeech, words),
    st.builds(TelephonySynthesizeSpeech, ssml=words),
    st.builds(TelephonyTransferCall, texts),
    st.builds(lambda text, some: RbmText(text, *some), texts, st.lists(rbm_suggestions, max_size=3)),
    st.builds(
        RbmStandaloneCard,
        rbm_cards,
        st.sampled_from(["HORIZONTAL", "VERTICAL"]),
        st.sampled_from(["", "LEFT", "RIGHT"]),
    ),
    st.builds(
        lambda cards, width: RbmCarouselCard(*cards, width=width),
        st.lists(rbm_cards, max_size=3),
        st.sampled_from(["SMALL", "MEDIUM"]),
    ),
)

google_payloads = st.builds(
    GooglePayload,
    items=st.lists(st.one_of(simple_responses, basic_cards, browse_carousels, tables, media), max_size=3),
    suggestions=st.none() | suggestions,
    link_out=st.none() | link_outs,
    system_intent=st.none() | st.builds(SystemIntent, texts, texts, json_objects),
    no_input_prompts=st.lists(simple_responses, max_size=2),
    user_storage=texts,
    reset_user_storage=st.booleans(),
    speech_biasing_hints=st.lists(texts, max_size=2),
    speech=texts,
    is_ssml=st.booleans(),
    final_response=st.none() | json_objects,
)


def messages(api_version: str) -> st.SearchStrategy[Any]:
    """Any message that an agent on this API version understands."""
    platform = platforms(api_version)
    for_both = st.one_of(
        st.builds(lambda words, name: Text(*words, platform=name), st.lists(texts, min_size=1, max_size=3), platform),
        st.builds(Image, texts, texts, platform),
        st.builds(
            lambda title, some, name: QuickReplies(title, *some, platform=name),
            texts,
            st.lists(texts, max_size=3),
            platform,
        ),
        st.builds(Card, texts, texts, texts, st.lists(st.builds(Button, texts, texts), max_size=2), platform),
        st.builds(lambda content, name: Payload(content, platform=name), json_objects, platform),
        simple_responses,
        basic_cards,
        suggestions,
        link_outs,
        st.builds(ListSelect, st.lists(select_items, max_size=3), texts, texts, platform),
        st.builds(CarouselSelect, st.lists(select_items, max_size=3), platform),
        browse_carousels,
        tables,
        media,
        rich_contents,
    )
    return for_both | only_in_v2beta1 if api_version == "v2beta1" else for_both


follow_ups = st.builds(FollowUp, words, json_objects, texts)
entities = st.builds(lambda value, synonyms: Entity(value, *synonyms), texts, st.lists(texts, max_size=3))
parts = st.one_of(
    st.builds(Context, names, st.integers(0, 2**31 - 1), json_objects),
    st.builds(
        lambda name, some, mode: SessionEntities(name, *some, mode=mode),
        names,
        st.lists(entities, max_size=3),
        st.sampled_from(["OVERRIDE", "SUPPLEMENT"]),
    ),
    st.builds(EndInteraction),
    st.builds(HandOff, json_objects),
    st.builds(EndSlotFilling),
    st.builds(WebhookPayload, json_objects),
    google_payloads,
)
