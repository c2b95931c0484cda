//! Why a hit counts or does not. The words are kept in the database and never change; the sentences are for people.

macro_rules! reasons {
    ($($name:ident $word:literal $text:literal,)*) => {
        /// Why a hit counts or does not, strongest first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $(#[doc = $text] $name,)* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word that is kept.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The same for a merchant.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    Head "head" "It only asked whether the link is there (HEAD), as link checkers do.",
    Prefetch "prefetch" "The browser fetched it in advance; nobody had tapped yet.",
    Preview "preview" "A messenger or mail app looked at the link to draw its preview.",
    Crawler "crawler" "A search engine or another program read the link.",
    Seo "seo" "A program for search marketing read the link.",
    Ai "ai" "A program that collects pages for an AI read the link.",
    Scanner "scanner" "A security scanner tested the link.",
    Monitor "monitor" "A monitoring service tested the link.",
    Tool "tool" "A program fetched the link, not a browser.",
    DataCentre "data_centre" "It came from a data centre, where programs run and nobody taps a phone.",
    NoAgent "no_agent" "It did not say what it is; every browser does.",
    NotNavigation "not_navigation" "A page loaded it in the background; nobody opened it in a window.",
    BeforeSending "before_sending" "It came before the message was sent, so not from its recipient.",
    TooSoon "too_soon" "It came within a second of sending; nobody reads and taps that fast.",
    ManyLinks "many_links" "Whoever opened it opened many people's links of this shop in a short time, as programs do.",
    Burst "burst" "The link was hit many times within seconds, as programs do.",
    Again "again" "The same device once more within half an hour: part of the same visit.",
    Browser "browser" "An ordinary browser opened the link.",
}

impl Reason {
    /// Reads a kept word.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.word() == word)
    }

    /// Reads a kept list; words nobody knows any more are left out.
    pub fn read_all(kept: &str) -> Vec<Self> {
        kept.split(',').filter_map(Self::read).collect()
    }
}
