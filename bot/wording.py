"""The words the bot posts: one small template a text, in one folder, easy to edit."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

FOLDER = Path(str(resources.files("bot") / "texts"))


def _environment(loader: BaseLoader) -> SandboxedEnvironment:
    # Chat is plain text: nothing to escape, and a template cannot reach beyond its values.
    return SandboxedEnvironment(
        loader=loader,
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


_texts = _environment(FileSystemLoader(FOLDER))


def customise(folder: Path) -> None:
    """Let a file of the same name in `folder` take the place of ours."""
    _texts.loader = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(FOLDER)])


def render(name: str, /, **values: object) -> str:
    """The text `name`.txt with these values. Raises jinja2.UndefinedError when one is missing."""
    return _texts.get_template(f"{name}.txt").render(_safe(values)).strip()


def _safe(values: Mapping[str, object]) -> Mapping[str, object]:
    return {key: "" if value is None else value for key, value in values.items()}
