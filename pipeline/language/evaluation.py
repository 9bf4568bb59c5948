"""What an expression may look at: the state's input, the context object, and given randomness."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.language.json_value import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything a state would otherwise draw from the world; passed in so that the core is pure.

    Attributes:
        now: Seconds since the epoch, fractional.
        random: Source of jitter, States.MathRandom and States.ArrayShuffle-like draws.
        uuid: Returns a fresh version 4 UUID text for States.UUID.
        token: Returns a fresh unguessable task token.
    """

    now: float
    random: random.Random
    uuid: Callable[[], str]
    token: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The data that one evaluation of a path, template or choice rule sees.

    Attributes:
        input: ``$``.
        context: ``$$``, the context object.
        sources: Randomness and the time.
        variables: ``$name``, by the name.
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
