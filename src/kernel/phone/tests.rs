use super::*;

fn matching(text: &str, region: Option<&str>) -> Option<String> {
    Phone::read(text, region).map(|phone| phone.matching().to_owned())
}

#[test]
fn reads_numbers_as_people_write_them() {
    let e164 = |text, region| Phone::parse(text, region).map(|p| p.e164().to_owned());
    assert_eq!(e164("+43 660 1234567", None).as_deref(), Some("+436601234567"));
    assert_eq!(e164("0660 1234567", Some("AT")).as_deref(), Some("+436601234567"));
    assert_eq!(e164("0660 1234567", None), None);
    assert_eq!(e164("+1 555", None), None);
    assert_eq!(Phone::from_whatsapp("436601234567").unwrap().e164(), "+436601234567");
    assert!(!format!("{:?}", Phone::parse("+436601234567", None)).contains("660"));
}

#[test]
fn spellings_of_one_telephone_match_and_keep_what_was_told() {
    for (one, other) in [
        ("+5215512345678", "+525512345678"),
        ("+556281234567", "+5562981234567"),
        ("+551171234567", "+5511971234567"),
        ("+22507123456", "+2250707123456"),
        ("+22544123456", "+2250544123456"),
        ("+22501123456", "+2250101123456"),
        ("+541123456789", "+5491123456789"),
        ("+22990011234", "+2290190011234"),
        ("+436605550111", "0660 5550111"),
    ] {
        let region = (!other.starts_with('+')).then_some("AT");
        let (a, b) = (Phone::read(one, None).expect(one), Phone::read(other, region).expect(other));
        assert_eq!(a.matching(), b.matching());
        assert_eq!(a.e164(), one, "sent to as told");
        assert_eq!(Phone::from_whatsapp(&one[1..]).unwrap().matching(), b.matching());
    }
    // National forms of before.
    assert_eq!(matching("(62) 8123-4567", Some("BR")).as_deref(), Some("+5562981234567"));
    assert_eq!(matching("011 15 2345-6789", Some("AR")), matching("+54 11 2345-6789", None));
}

#[test]
fn neighbours_stay_neighbours() {
    for (one, other) in [
        ("+525512345678", "+525512345679"),
        // A landline of São Paulo has eight digits and no ninth.
        ("+551123456789", "+5511923456789"),
        ("+22507123456", "+2250507123456"),
        ("+16505551234", "+16505551235"),
    ] {
        assert_ne!(matching(one, None), matching(other, None), "{one} {other}");
    }
    assert_eq!(matching("+551123456789", None).as_deref(), Some("+551123456789"));
    assert_eq!(matching("+5215512345", None), None, "too short in every spelling");
}

#[test]
fn bare_digits_are_whatsapps_wherever_they_can_be() {
    for (digits, region, right) in [
        ("14155550126", Some("US"), Some("+14155550126")),
        ("14155550126", Some("AT"), Some("+14155550126")),
        ("14155550126", None, Some("+14155550126")),
        ("436605552601", Some("AT"), Some("+436605552601")),
        ("436605552601", Some("US"), Some("+436605552601")),
        ("4915112345678", Some("AT"), Some("+4915112345678")),
        ("5215512345678", Some("AT"), Some("+525512345678")),
        ("22507123456", Some("AT"), Some("+2250707123456")),
        // A Singapore number, or Austrian digits that lost their zero: WhatsApp's.
        ("6591234567", Some("AT"), Some("+6591234567")),
        // No number of Thailand, and none of Austria's either without its zero.
        ("6605552601", Some("AT"), None),
        ("06605552601", Some("AT"), Some("+436605552601")),
        // Americans write ten digits, and no country has such a number.
        ("2125550126", Some("US"), Some("+12125550126")),
        // Ten digits that are somebody's in Eritrea as well.
        ("2917123456", None, Some("+2917123456")),
    ] {
        assert_eq!(matching(digits, region).as_deref(), right, "{digits} {region:?}");
    }
}

#[test]
fn an_address_names_its_country() {
    let at = |text, country| Phone::in_country(text, country).map(|phone| phone.matching().to_owned());
    for text in ["546 555 01 01", "0546 555 01 01", "5465550101", "905465550101", "+90 546 555 01 01"] {
        assert_eq!(at(text, "TR").as_deref(), Some("+905465550101"), "{text}");
    }
    assert_eq!(at("436605552601", "AT").as_deref(), Some("+436605552601"));
    assert_eq!(at("14155550126", "TR").as_deref(), Some("+14155550126"), "no Turkish number");
    assert_eq!(at("nonsense", "TR"), None);
    assert_eq!(at("0546 555 01 01", "??"), None);
}

#[test]
fn rows_of_before_are_found_under_the_other_spelling() {
    let vault = Vault::new([1; 32], None, crate::kernel::Chance::seeded(1)).with_pepper([2; 32]);
    let shop = ShopId(7);
    let hashes = |text: &str| Phone::parse(text, None).unwrap().hashes(&vault, shop).collect::<Vec<_>>();
    let before = |text: &str| vault.lookup(shop, "phone", text);
    for text in ["+541123456789", "+5491123456789"] {
        assert_eq!(hashes(text), [before("+5491123456789"), before("+541123456789")]);
    }
    assert_eq!(hashes("+5511971234567"), [before("+5511971234567"), before("+551171234567")]);
    // Everybody else's hash is what it always was.
    assert_eq!(hashes("+436601234567"), [before("+436601234567")]);
}
