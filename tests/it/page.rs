//! The built page: fresh, served with the binary, and described by the API it calls.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::install::reqwest_client;
use crate::story::Story;

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("web")
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path, found) } else { found.push(path) }
    }
}

/// The same sum as `web/scripts/stamp.mjs` makes at every build.
#[test]
fn the_built_page_is_as_fresh_as_its_sources() {
    let mut files = Vec::new();
    below(&web().join("src"), &mut files);
    for entry in std::fs::read_dir(web()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let counts = ["index.html", "vite.config.ts", "package.json", "package-lock.json"].contains(&name.as_str());
        if counts || (name.starts_with("tsconfig") && name.ends_with(".json")) {
            files.push(path);
        }
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|path| (path.strip_prefix(web()).unwrap().to_string_lossy().replace('\\', "/"), path))
        .collect();
    named.sort();
    let lines: String = named
        .iter()
        .map(|(name, path)| format!("{}  {name}\n", hex::encode(Sha256::digest(std::fs::read(path).unwrap()))))
        .collect();
    let stamp = std::fs::read_to_string(web().join("dist/.sources.sha256")).unwrap();
    assert_eq!(
        stamp.trim(),
        hex::encode(Sha256::digest(lines)),
        "the page's sources changed: run `npm run build` in web/"
    );
}

#[test]
fn the_api_description_is_the_one_the_page_was_typed_by() {
    let file = web().join("openapi.json");
    let fresh = recoup::server::openapi().to_pretty_json().unwrap() + "\n";
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    if kept != fresh {
        std::fs::write(&file, fresh).unwrap();
        panic!("the API changed: web/openapi.json was written anew; run `npm run types` and `npm run build` in web/");
    }
}

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let story = Story::begin().await;
    let client = reqwest_client();
    let get = |path: String| client.get(format!("{}{path}", story.url)).send();
    let page = get("/".into()).await.unwrap();
    assert_eq!(page.headers()["cache-control"], "no-cache");
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    let html = page.text().await.unwrap();
    let mut assets =
        html.split("/assets/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>();
    assets.sort();
    assert!(assets.len() >= 2, "{html}");
    for asset in assets {
        let file = get(format!("/assets/{asset}")).await.unwrap();
        assert_eq!(file.status(), 200, "{asset}");
        assert!(file.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    }
    // As small as the page's build made it, and told apart from its other forms.
    let named = |name: &str| {
        let link = html.split('"').find(|text| text.starts_with("/assets/") && text.ends_with(name));
        link.unwrap_or_else(|| panic!("{name} is not named in {html}")).to_owned()
    };
    let script = named("/vendor.js");
    let sizes =
        ["identity", "gzip, deflate, br"].map(|accepts| (accepts, client.get(format!("{}{script}", story.url))));
    let mut last = usize::MAX;
    for (accepts, request) in sizes {
        let file = request.header("accept-encoding", accepts).send().await.unwrap();
        let encoding = file.headers().get("content-encoding").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(encoding.as_deref(), accepts.split(", ").last().filter(|it| *it != "identity"));
        assert_eq!(file.headers()["vary"], "accept-encoding");
        let size = file.bytes().await.unwrap().len();
        assert!(size < last, "{accepts}: {size}");
        last = size;
    }
    // A file asked for under another version's name must not stay there.
    let other = get("/assets/000000000000/vendor.js".into()).await.unwrap();
    assert_eq!((other.status().as_u16(), &other.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
    assert_eq!(get(format!("{script}.br")).await.unwrap().status(), 404);
    // The page's own files are named beside the first script.
    named("/page-overview.js");
    assert!(get("/orders".into()).await.unwrap().text().await.unwrap().contains("/page-orders.js\""));
    // Every path of the page's own router, and none besides.
    let router = std::fs::read_to_string(web().join("src/app/App.tsx")).unwrap();
    let paths: Vec<&str> =
        router.split("path=\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|path| *path != "*").collect();
    assert!(paths.len() > 5, "{paths:?}");
    for path in paths {
        assert_eq!(get(format!("/{}", path.replace(":id", "123"))).await.unwrap().status(), 200, "{path}");
    }
    for path in ["/nowhere", "/orders/1/2", "/campaigns/1/2", "/shop/x", "/wp-login.php"] {
        let asked = client.get(format!("{}{path}", story.url)).header("accept", "text/html").send().await.unwrap();
        assert_eq!(asked.status(), 404, "{path}");
        assert!(asked.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        assert!(asked.text().await.unwrap().contains("id=\"root\""), "the page itself says that there is nothing");
        let problem = get(path.into()).await.unwrap();
        assert_eq!(
            (problem.status().as_u16(), &problem.headers()["content-type"]),
            (404, &"application/problem+json".parse().unwrap())
        );
    }
    let asked = client.get(format!("{}/api/nothing", story.url)).header("accept", "text/html").send().await.unwrap();
    assert!(asked.status() == 404 && !asked.text().await.unwrap().contains("id=\"root\""));
    let api: serde_json::Value = get("/openapi.json".into()).await.unwrap().json().await.unwrap();
    assert!(api["paths"]["/api/campaigns/{id}/messages"]["post"].is_object());
    assert_eq!(get("/readyz".into()).await.unwrap().status(), 200);
    story.end().await;
}
