"""What the enquirer's page says: one fixed sentence per status, the same whatever stands behind it.

The translations are data. A language that is not here is answered in English; a table that lacks a sentence
fails a test.
"""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from tracing.requests.states import PublicStatus


class Language(StrEnum):
    """ISO 639-1 codes of the languages that the sentences stand in."""

    ENGLISH = "en"
    FRENCH = "fr"
    SPANISH = "es"
    ARABIC = "ar"


_E, _F, _S, _A = Language.ENGLISH, Language.FRENCH, Language.SPANISH, Language.ARABIC

SENTENCES: dict[PublicStatus, dict[Language, str]] = {
    PublicStatus.RECEIVED: {
        _E: "We have received your request.",
        _F: "Nous avons reçu votre demande.",
        _S: "Hemos recibido su solicitud.",
        _A: "لقد استلمنا طلبكم.",
    },
    PublicStatus.BEING_ASSESSED: {
        _E: "We are looking at your request to see whether we can search.",
        _F: "Nous examinons votre demande pour voir si nous pouvons lancer une recherche.",
        _S: "Estamos estudiando su solicitud para ver si podemos iniciar una búsqueda.",
        _A: "ننظر في طلبكم لنرى إن كان بإمكاننا البحث.",
    },
    PublicStatus.UNDER_WAY: {
        _E: "The search is under way. We will contact you when we have something to tell you.",
        _F: "La recherche est en cours. Nous vous contacterons quand nous aurons quelque chose à vous dire.",
        _S: "La búsqueda está en curso. Le contactaremos cuando tengamos algo que comunicarle.",
        _A: "البحث جارٍ. سنتصل بكم عندما يكون لدينا ما نقوله لكم.",
    },
    PublicStatus.NEED_INFORMATION: {
        _E: "We need information from you. Please contact us. If you have done so already, you need not do it again.",
        _F: "Nous avons besoin d'informations de votre part. Veuillez nous contacter. "
        "Si vous l'avez déjà fait, il n'est pas nécessaire de recommencer.",
        _S: "Necesitamos información de usted. Póngase en contacto con nosotros. "
        "Si ya lo ha hecho, no es necesario que lo haga de nuevo.",
        _A: "نحتاج إلى معلومات منكم. يرجى الاتصال بنا. إذا كنتم قد اتصلتم بنا فلا داعي للاتصال مرة أخرى.",
    },
    PublicStatus.SPEAK_TO_YOU: {
        _E: "We would like to speak to you. Please contact us. If you have done so already, you need not do it again.",
        _F: "Nous aimerions vous parler. Veuillez nous contacter. "
        "Si vous l'avez déjà fait, il n'est pas nécessaire de recommencer.",
        _S: "Nos gustaría hablar con usted. Póngase en contacto con nosotros. "
        "Si ya lo ha hecho, no es necesario que lo haga de nuevo.",
        _A: "نودّ التحدث إليكم. يرجى الاتصال بنا. إذا كنتم قد اتصلتم بنا فلا داعي للاتصال مرة أخرى.",
    },
    PublicStatus.CLOSED: {
        _E: "We have ended our work on this search. Contact us if you have questions or new information.",
        _F: "Nous avons terminé notre travail sur cette recherche. "
        "Contactez-nous si vous avez des questions ou de nouvelles informations.",
        _S: "Hemos terminado nuestro trabajo en esta búsqueda. "
        "Póngase en contacto con nosotros si tiene preguntas o información nueva.",
        _A: "لقد أنهينا عملنا على هذا البحث. اتصلوا بنا إذا كانت لديكم أسئلة أو معلومات جديدة.",
    },
}

EMERGENCY: dict[Language, str] = {
    _E: "This is not an emergency service. If somebody is in danger now, call the emergency number where you are.",
    _F: "Ceci n'est pas un service d'urgence. Si quelqu'un est en danger maintenant, "
    "appelez le numéro d'urgence de l'endroit où vous êtes.",
    _S: "Este no es un servicio de emergencia. Si alguien está en peligro ahora, "
    "llame al número de emergencia del lugar donde se encuentra.",
    _A: "هذه ليست خدمة طوارئ. إذا كان أحد في خطر الآن، فاتصلوا برقم الطوارئ في المكان الذي أنتم فيه.",
}


def cadence(begun: datetime, now: datetime, days: int) -> datetime:
    """Return the last date of the cadence at `now`: midnight UTC, a multiple of `days` after the day of `begun`."""
    first = datetime.combine(begun.astimezone(UTC), time(), UTC)
    return first + (now - first) // timedelta(days=days) * timedelta(days=days)
