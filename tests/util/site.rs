//! A server on the loopback interface with feeds and recordings.

use aloud::web::server::{Reply, Server};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A server that gives what lies under each path, and may be told otherwise at any time.
pub struct Site {
    pub server: Server,
    pub files: Arc<Mutex<HashMap<String, Vec<Reply>>>>,
}

impl Site {
    /// One without anything.
    pub fn new() -> Self {
        let files: Arc<Mutex<HashMap<String, Vec<Reply>>>> = Arc::default();
        let own = Arc::clone(&files);
        let server = Server::by(move |request| {
            let path =
                request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
            let mut files = own.lock().unwrap();
            let Some(replies) = files.get_mut(&path) else { return Reply::status(404, "") };
            let reply = if replies.len() > 1 { replies.remove(0) } else { replies[0].clone() };
            // The same version does not come again.
            let known = request
                .lines()
                .find_map(|line| line.strip_prefix("if-none-match: "))
                .unwrap_or("none");
            let is_same = reply.status == 200
                && reply
                    .headers
                    .iter()
                    .any(|header| header.to_lowercase() == format!("etag: {known}"));
            if is_same { Reply::status(304, "") } else { reply }
        });
        Self { server, files }
    }

    /// Puts replies under a path, one after another, the last one for ever.
    pub fn put(&self, path: &str, replies: Vec<Reply>) {
        self.files.lock().unwrap().insert(path.to_owned(), replies);
    }

    /// A feed of these items at `feed.xml`, in a version.
    pub fn feed(&self, items: &str, version: &str) {
        let feed = format!(
            r#"<?xml version="1.0"?><rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"
            xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Plain Terms</title><language>en</language>{items}</channel></rss>"#
        );
        self.put(
            "feed.xml",
            vec![Reply {
                headers: vec![format!("ETag: \"{version}\"")],
                ..Reply::file(feed.as_bytes())
            }],
        );
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// How often `path` was asked for.
    pub fn n_asked(&self, path: &str) -> usize {
        self.server
            .asked()
            .iter()
            .filter(|request| request.starts_with(&format!("get /{path} ")))
            .count()
    }
}

/// An item with a recording, and whatever else.
pub fn item(n: u32, title: &str, rest: &str) -> String {
    format!(
        "<item><title>{title}</title><guid isPermaLink='false'>{n}</guid><pubDate>{n} Nov 2026 08:00:00 GMT</pubDate>\
         <enclosure url='{n}.mp3' type='audio/mpeg'/>{rest}</item>"
    )
}

/// An MP3 file without the ID3 tags at its beginning.
pub fn without_tags(mp3: &[u8]) -> Vec<u8> {
    let n = if mp3.starts_with(b"ID3") {
        mp3[6..10].iter().fold(0, |n, byte| n << 7 | usize::from(*byte)) + 10
    } else {
        0
    };
    mp3[n..].to_vec()
}
