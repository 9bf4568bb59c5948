"""The data that an expression may read: the input, the context object, and given randomness."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.language.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The time and randomness that a state needs, passed in so that the core is pure.

    Attributes:
        now: Epoch seconds, with fractions.
        random: Source of jitter, of States.MathRandom and of similar functions.
        uuid: Returns a fresh version 4 UUID as text, for States.UUID.
        token: Returns a fresh unguessable task token.
    """

    now: float
    random: random.Random
    uuid: Callable[[], str]
    token: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The data of one evaluation of a path, template or choice rule.

    Attributes:
        input: ``$``.
        context: ``$$``, the context object.
        sources: The time and randomness.
        variables: The values of ``$name``, by name.
    """

    input: Json
    context: JsonObject
    sources: Sources
    variables: JsonObject = field(default_factory=dict)

    def on(self, document: Json) -> "Evaluation":
        """The same evaluation with another document as ``$``."""
        return Evaluation(
            input=document, context=self.context, sources=self.sources, variables=self.variables
        )
