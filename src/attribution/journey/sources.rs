//! Who is behind a source, a medium, a click id, a referrer. Data, with where it comes from.
//!
//! Media and the order of the rules follow Google Analytics 4's published default channel group (`utm_medium` matched
//! as `cpc`, `ppc`, `retargeting`, `paid…` for paid, `organic`, `email|e-mail|e_mail|e mail`, `sms`, `push`,
//! `affiliate`, `referral|app|link`). Click ids follow each advertiser's own help pages. Search engines and social
//! networks are those of the same channel group's source list that shops meet most.

use super::Channel;

/// Media: the word, the channel, and whether it is paid or owned.
pub(super) const MEDIA: &[(&str, Channel, bool)] = &[
    ("whatsapp", Channel::Whatsapp, false),
    ("email", Channel::Email, true),
    ("e-mail", Channel::Email, true),
    ("e_mail", Channel::Email, true),
    ("e mail", Channel::Email, true),
    ("newsletter", Channel::Email, true),
    ("cpc", Channel::Paid, true),
    ("ppc", Channel::Paid, true),
    ("cpm", Channel::Paid, true),
    ("cpv", Channel::Paid, true),
    ("retargeting", Channel::Paid, true),
    ("display", Channel::Paid, true),
    ("banner", Channel::Paid, true),
    ("interstitial", Channel::Paid, true),
    ("affiliate", Channel::Paid, true),
    ("affiliates", Channel::Paid, true),
    ("influencer", Channel::Paid, true),
    ("ads", Channel::Paid, true),
    ("ad", Channel::Paid, true),
    ("shopping", Channel::Paid, true),
    ("sms", Channel::Other, true),
    ("push", Channel::Other, true),
    ("mobile", Channel::Other, true),
    ("notification", Channel::Other, true),
    ("organic", Channel::Organic, false),
    ("product_sync", Channel::Organic, false),
    ("social", Channel::Referral, false),
    ("social-network", Channel::Referral, false),
    ("social-media", Channel::Referral, false),
    ("sm", Channel::Referral, false),
    ("referral", Channel::Referral, false),
    ("app", Channel::Referral, false),
    ("link", Channel::Referral, false),
];

/// Sources that say the channel when no known medium does.
pub(super) const SOURCES: &[(&str, Channel, bool)] = &[
    ("whatsapp", Channel::Whatsapp, false),
    ("wa.me", Channel::Whatsapp, false),
    ("klaviyo", Channel::Email, true),
    ("mailchimp", Channel::Email, true),
    ("omnisend", Channel::Email, true),
    ("brevo", Channel::Email, true),
    ("sendinblue", Channel::Email, true),
    ("shopify_email", Channel::Email, true),
    ("newsletter", Channel::Email, true),
    ("email", Channel::Email, true),
    ("attentive", Channel::Other, true),
    ("postscript", Channel::Other, true),
    ("sms", Channel::Other, true),
    ("awin", Channel::Paid, true),
    ("rakuten", Channel::Paid, true),
    ("(direct)", Channel::Direct, false),
];

/// Click ids: the parameter, the channel, whether paid or owned, and whose it is. `fbclid` and `srsltid` are also on
/// unpaid links and therefore prove no payment.
pub(super) const CLICK_IDS: &[(&str, Channel, bool, &str)] = &[
    ("rcp", Channel::Whatsapp, false, "one of our links"),
    ("gclid", Channel::Paid, true, "Google Ads"),
    ("gbraid", Channel::Paid, true, "Google Ads"),
    ("wbraid", Channel::Paid, true, "Google Ads"),
    ("gad_source", Channel::Paid, true, "Google Ads"),
    ("dclid", Channel::Paid, true, "Google's display network"),
    ("msclkid", Channel::Paid, true, "Microsoft Advertising"),
    ("ttclid", Channel::Paid, true, "TikTok Ads"),
    ("ScCid", Channel::Paid, true, "Snapchat Ads"),
    ("twclid", Channel::Paid, true, "X Ads"),
    ("li_fat_id", Channel::Paid, true, "LinkedIn Ads"),
    ("epik", Channel::Paid, true, "Pinterest Ads"),
    ("irclickid", Channel::Paid, true, "impact.com"),
    ("_kx", Channel::Email, true, "Klaviyo"),
    ("mc_eid", Channel::Email, true, "Mailchimp"),
    ("srsltid", Channel::Organic, false, "Google's free listings"),
    ("fbclid", Channel::Referral, false, "Facebook or Instagram"),
];

/// Search engines, by the label before the ending of their host: `google.at` and `google.com` alike.
pub(super) const SEARCH: &[&str] = &[
    "google",
    "bing",
    "duckduckgo",
    "ecosia",
    "yahoo",
    "yandex",
    "baidu",
    "qwant",
    "startpage",
    "brave",
    "naver",
    "seznam",
];

/// Referrers that are no web pages: where mail and messages are read.
pub(super) const HOSTS: &[(&str, Channel, bool)] = &[
    ("com.google.android.gm", Channel::Email, true),
    ("mail.google.com", Channel::Email, true),
    ("outlook.live.com", Channel::Email, true),
    ("mail.yahoo.com", Channel::Email, true),
    ("wa.me", Channel::Whatsapp, false),
    ("web.whatsapp.com", Channel::Whatsapp, false),
    ("l.wl.co", Channel::Whatsapp, false),
    ("com.whatsapp", Channel::Whatsapp, false),
    ("com.google.android.googlequicksearchbox", Channel::Organic, false),
];
