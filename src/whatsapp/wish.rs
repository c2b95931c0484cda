//! Words by which people say that they want no more messages, or want them again.
//!
//! A word counts only when it is the whole message: "Stop!" is a wish, "please stop by tomorrow" and "no stopping" are
//! not. So the lists hold what people write as a message of its own, in the languages of WhatsApp's large markets, and no
//! word that is an ordinary answer there ("no", "end", "fin").

use super::update::Wish;

/// No more. Lower case, one space between words, without the signs around them.
const STOP: &[&str] = &[
    // English; the words that carriers and senders have settled on.
    "stop",
    "stop all",
    "stopall",
    "stop messages",
    "stop promotions",
    "stop marketing",
    "unsubscribe",
    "unsubscribe me",
    "opt out",
    "opt-out",
    "optout",
    "remove me",
    // German
    "stopp",
    "abmelden",
    "abbestellen",
    "abmeldung",
    "keine werbung",
    "keine werbung mehr",
    "austragen",
    // French
    "arrêt",
    "arret",
    "arrêter",
    "arreter",
    "désabonner",
    "desabonner",
    "se désabonner",
    "désinscription",
    "me désinscrire",
    // Spanish
    "baja",
    "darme de baja",
    "dar de baja",
    "cancelar suscripción",
    "cancelar suscripcion",
    "no más mensajes",
    // Portuguese
    "parar",
    "sair",
    "descadastrar",
    "cancelar inscrição",
    "cancelar inscricao",
    "remover",
    // Italian
    "disiscrivimi",
    "cancellami",
    "disiscriviti",
    "annulla iscrizione",
    // Dutch
    "afmelden",
    "uitschrijven",
    "stoppen",
    // Polish, Czech
    "wypisz",
    "wypisz mnie",
    "odhlásit",
    // Swedish, Danish, Norwegian, Finnish
    "avsluta",
    "avregistrera",
    "afmeld",
    "avmeld",
    "lopeta",
    // Turkish
    "durdur",
    "abonelikten çık",
    "ret",
    // Indonesian, Malay
    "berhenti",
    "berhenti langganan",
    // Russian, Ukrainian
    "стоп",
    "отписаться",
    "відписатися",
    // Arabic, Hebrew
    "إيقاف",
    "ايقاف",
    "إلغاء الاشتراك",
    "توقف",
    "הסר",
    "הסירו אותי",
    // Hindi
    "रोकें",
    "बंद करो",
];

/// Again.
const RESUME: &[&str] = &[
    "start",
    "unstop",
    "subscribe",
    "resubscribe",
    "opt in",
    "opt-in",
    "anmelden",
    "abonnieren",
    "s'abonner",
    "darme de alta",
    "iscrivimi",
    "aanmelden",
    "подписаться",
];

/// Longer than any word here.
const LONGEST: usize = 60;

/// What a whole message wishes, if that is all it says.
pub(super) fn of(text: &str) -> Option<Wish> {
    if text.len() > LONGEST * 4 {
        return None;
    }
    let text = text.to_lowercase();
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let text = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    let among = |words: &[&str]| words.contains(&text.as_str());
    among(STOP).then_some(Wish::Stop).or_else(|| among(RESUME).then_some(Wish::Resume))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_message_is_a_wish() {
        for stop in [
            "STOP",
            " Stop! ",
            "stop.",
            "Abmelden",
            "ARRÊT",
            "Opt-out",
            "СТОП",
            "Unsubscribe 🙏",
            "बंद करो",
            "stop   all",
        ] {
            assert_eq!(of(stop), Some(Wish::Stop), "{stop}");
        }
        for again in ["START", "Unstop", "opt in!"] {
            assert_eq!(of(again), Some(Wish::Resume), "{again}");
        }
        let long = "stop ".repeat(200);
        for other in
            ["", "!", "please stop by", "stop it, I love it", "nonstop", "Don't stop", "no", "start when?", &long]
        {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn words_stand_as_they_are_compared_and_on_one_list() {
        for word in STOP.iter().chain(RESUME) {
            let expected = if STOP.contains(word) { Wish::Stop } else { Wish::Resume };
            assert_eq!(of(word), Some(expected), "{word}");
            assert!(word.len() <= LONGEST && !(STOP.contains(word) && RESUME.contains(word)), "{word}");
        }
    }
}
