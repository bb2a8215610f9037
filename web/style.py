"""/style/: every part of the look in each of its states, with invented words, for looking and for tests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language

from seminars import saying
from web.access import asks
from web.forms import parts

WORDS = {
    "buttons": ("Boutons", "Pulsanti"),
    "plan": ("Programmer 5 séances", "Programmi 5 incontri"),
    "keep": ("Garder en brouillon", "Conservi come bozza"),
    "cancel": ("Annuler", "Annulla"),
    "delete": ("Supprimer…", "Elimina…"),
    "sending": ("Envoi en cours", "Invio in corso"),
    "sign": ("Signer", "Firma"),
    "sign_when": ("Signer : possible à partir de 13 h 45.", "Firma: possibile dalle 13:45."),
    "hand": ("Main levée", "Mano alzata"),
    "small": ("Petit", "Piccolo"),
    "fields": ("Champs", "Campi"),
    "short": ("Mots courts", "Parole brevi"),
    "draft": ("brouillon", "bozza"),
    "open": ("inscriptions ouvertes", "iscrizioni aperte"),
    "confirmed": ("confirmée", "confermato"),
    "now": ("en cours", "in corso"),
    "conflict": ("conflit", "conflitto"),
    "cancelled": ("annulée", "annullato"),
    "here": ("présente depuis 8 h 57", "presente dalle 8:57"),
    "cut": ("coupée, 2 min", "linea interrotta, 2 min"),
    "video": ("en vidéo, non vue", "in video, non vista"),
    "expected": ("attendue", "attesa"),
    "left": ("partie à 10 h 05", "uscita alle 10:05"),
    "declined": ("a dit non", "ha detto no"),
    "tabs": ("Onglets", "Schede"),
    "presence": ("Présence", "Presenza"),
    "feedback": ("Avis", "Pareri"),
    "documents": ("Pièces", "Documenti"),
    "table": ("Tableau", "Tabella"),
    "caption": ("Minutes de présence, seuil 80 %", "Minuti di presenza, soglia 80 %"),
    "person": ("Personne", "Persona"),
    "minutes": ("Minutes", "Minuti"),
    "reached": ("atteint", "raggiunta"),
    "decide": ("à décider", "da decidere"),
    "notices": ("Annonces", "Avvisi"),
    "opens": ("La salle ouvre à 8 h 45.", "La stanza apre alle 8:45."),
    "signed": ("Signé : matin du 21 janvier, 9 h 21.", "Firmato: mattina del 21 gennaio, ore 9:21."),
    "lost": (
        "Connexion perdue. Votre présence est gardée ici et partira au retour.",
        "Connessione persa. La sua presenza è conservata qui e partirà al ritorno.",
    ),
    "gone": (
        "Séance annulée. Chaque personne inscrite a reçu une lettre.",
        "Incontro annullato. Ogni persona iscritta ha ricevuto una lettera.",
    ),
    "back": ("De retour. Rien n’a été perdu.", "Di nuovo in linea. Nulla è andato perso."),
    "dialog": ("Boîte", "Finestra"),
    "close_ask": ("Clore la séance ?", "Chiudere l’incontro?"),
    "close_what": ("18 présences, aucune incohérence.", "18 presenze, nessuna incongruenza."),
    "close": ("Clore", "Chiudi"),
    "return": ("Revenir à la feuille", "Torna al registro"),
    "empty": ("Vide", "Vuoto"),
    "no_session": ("Aucune séance en août.", "Nessun incontro in agosto."),
    "next_one": (
        "La prochaine : mardi 7 septembre, 10 h 00.",
        "Il prossimo: martedì 7 settembre, ore 10:00.",
    ),
    "go_there": ("Aller à septembre", "Vai a settembre"),
    "course": ("Déroulé", "Svolgimento"),
    "welcome": ("Accueil", "Accoglienza"),
    "opening": ("Ouvrir", "Aprire"),
    "pause": ("Pause", "Pausa"),
    "end": ("Conclure", "Concludere"),
    "done": ("fait", "fatto"),
    "right_now": ("maintenant", "adesso"),
    "progress": ("Avancement", "Avanzamento"),
    "so_far": ("312 participations sur 600", "312 partecipazioni su 600"),
    "over": ("14 organisations sur 12, objectif atteint", "14 organizzazioni su 12, obiettivo raggiunto"),
    "sessions": ("Séances", "Incontri"),
    "in_20": ("dans 20 minutes", "tra 20 minuti"),
    "full": ("Complet, liste d’attente", "Completo, lista d’attesa"),
    "moved": ("déplacée", "spostato"),
    "yes": ("vous venez", "parteciperà"),
    "pulse": ("Comment ça va, maintenant ?", "Come va, adesso?"),
    "p_lost": ("Perdue", "Non seguo"),
    "p_follow": ("Je suis", "Seguo"),
    "p_fine": ("Tout va bien", "Tutto bene"),
    "p_fast": ("Plus vite", "Più veloce"),
    "p_rest": ("Une pause", "Serve una pausa"),
    "ready": ("Tout est prêt, sauf un point", "Tutto è pronto, salvo un punto"),
    "refused": ("Une adresse refuse le courrier", "Un indirizzo rifiuta la posta"),
    "repair": ("Corriger", "Correggi"),
    "video_ok": ("Salle vidéo ouverte", "Stanza video aperta"),
    "question": ("Qui traduit quand l’interprète manque ?", "Chi traduce quando manca l’interprete?"),
    "voices": ("voix", "voti"),
    "more": ("Lire en tableau", "Leggi in tabella"),
    "week": ("Semaine", "Settimana"),
    "agenda": ("Agenda", "Agenda"),
    "view": ("Présentation", "Vista"),
    "saved": ("Présente depuis 8 h 57, gardé", "Presente dalle 8:57, salvato"),
    "remaining": ("reste 1 h 36", "resta 1 h 36"),
    "lead": ("Chaque partie, dans chacun de ses états.", "Ogni parte, in ciascuno dei suoi stati."),
}


@dataclass(frozen=True)
class Bilingual:
    """An activity or a session that never existed."""

    code: str
    name_fr: str = ""
    name_it: str = ""
    title_fr: str = ""
    title_it: str = ""
    state: str = "scheduled"
    mode: str = "online"
    get_mode_display: str = "Online"
    get_state_display: str = ""
    place: str = ""
    interpretation: str = ""
    activity: "Bilingual | None" = None
    timezone: str = "Europe/Paris"
    starts_at: datetime = datetime(2027, 3, 11, 13, tzinfo=UTC)
    ends_at: datetime = datetime(2027, 3, 11, 14, 30, tzinfo=UTC)


ACTIVITIES = [
    Bilingual("A1", "Réseau social", "Rete sociale"),
    Bilingual("A2", "Développement local", "Sviluppo locale"),
    Bilingual("A3", "Jeunes", "Giovani"),
    Bilingual("A4", "Bénévolat", "Volontariato"),
    Bilingual("A5", "Associations de familles", "Associazioni familiari"),
    Bilingual("A6", "Services aux familles", "Servizi alle famiglie"),
    Bilingual("A7", "Vieillissement actif", "Invecchiamento attivo"),
    Bilingual("A8", "Communication", "Comunicazione"),
]
TITLE = ("Les mots du travail social en deux langues", "Le parole del lavoro sociale in due lingue")


class SampleForm(parts.Form):
    """One field of each sort; sent half-empty it shows their errors."""

    title_fr = parts.Words(label="Titre en français / Titolo in francese")
    title_it = parts.Words(label="Titre en italien / Titolo in italiano")
    day = parts.DayField(label="Date / Data")
    start = parts.HourField(label="Début / Inizio")
    place = forms.CharField(
        label="Lieu / Luogo", required=False, help_text="La commune suffit. / Basta il comune."
    )
    mode = parts.PickField(
        label="Mode / Modalità", choices=[("online", "En ligne / Online"), ("place", "Sur place")]
    )
    languages = parts.PickSeveralField(
        label="Langues / Lingue", choices=[("fr", "Français"), ("it", "Italiano")]
    )
    zone = forms.ChoiceField(
        label="Fuseau / Fuso", choices=[("Europe/Paris", "Paris"), ("Europe/Rome", "Rome / Roma")]
    )
    public = forms.BooleanField(label="Séance publique / Incontro pubblico", required=False)


def _session(state: str = "scheduled", said: tuple[str, str] = ("", "")) -> Bilingual:
    italian = saying.plain(get_language() or "en") == "it"
    return Bilingual(
        "demo",
        title_fr=TITLE[0],
        title_it=TITLE[1],
        state=state,
        get_mode_display="Online" if italian else "En ligne",
        get_state_display=said[italian],
        activity=ACTIVITIES[0],
    )


@asks("seminars.read_page")
def style(request: HttpRequest) -> HttpResponse:
    """The page; words in Italian for an Italian reader, else in French, marked as such."""
    tongue = "it" if saying.plain(get_language() or "en") == "it" else "fr"
    context = {
        "tongue": tongue,
        "w": {name: pair[tongue == "it"] for name, pair in WORDS.items()},
        "activities": ACTIVITIES,
        "form": SampleForm(initial={"title_fr": TITLE[0], "start": "14:00", "day": date(2027, 3, 11)}),
        "wrong": SampleForm(
            {"title_fr": TITLE[0], "day": "31/02/2027", "start": "25:00"}, auto_id="wrong_%s"
        ),
        "planned": _session(),
        "running": _session("running", WORDS["now"]),
        "called_off": _session("cancelled", WORDS["cancelled"]),
        "earlier": datetime(2027, 3, 11, 9, tzinfo=UTC),
    }
    return render(request, "style.html", context)


routes = [path("style/", style, name="style")]
