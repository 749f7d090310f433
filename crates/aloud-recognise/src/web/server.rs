//! A server on the loopback interface that misbehaves as told. For tests only.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What to do with one request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status for a whole file; a range that is honoured is 206.
    pub status: u16,
    /// The file.
    pub body: Arc<Vec<u8>>,
    /// Further header lines, each with its name.
    pub headers: Vec<String>,
    /// Whether a range is answered by a part.
    pub has_ranges: bool,
    /// Whether a range is answered by a part though the file is no longer the one that `If-Range`
    /// names.
    pub ignores_if_range: bool,
    /// The length to claim, in place of the true one.
    pub claims: Option<usize>,
    /// Bytes of the answer after which the connection ends.
    pub breaks_after: Option<usize>,
    /// Whether it falls silent there, in place of ending.
    pub stalls: bool,
    /// Whether to send in chunks, without a length.
    pub is_chunked: bool,
    /// Whether the head never ends: a line now and then.
    pub drips: bool,
    /// Whether the body comes a byte now and then.
    pub drips_body: bool,
    /// So many bytes of the body come at once, and the next ones a moment later.
    pub pace: Option<usize>,
    /// Whether the body never ends: it comes again and again, in chunks.
    pub is_endless: bool,
}

impl Reply {
    /// The file, honestly.
    pub fn file(body: &[u8]) -> Self {
        Self {
            status: 200,
            body: Arc::new(body.to_vec()),
            headers: vec!["ETag: \"v1\"".into()],
            has_ranges: true,
            ignores_if_range: false,
            claims: None,
            breaks_after: None,
            stalls: false,
            is_chunked: false,
            drips: false,
            drips_body: false,
            pace: None,
            is_endless: false,
        }
    }

    /// A status without a file.
    pub fn status(status: u16, header: &str) -> Self {
        Self { status, headers: vec![header.into()], ..Self::file(b"no") }
    }
}

/// A running server; it ends when dropped.
pub struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers one request after another from `replies`, and the last one for ever.
    pub fn start(replies: Vec<Reply>) -> Self {
        let mut replies = replies.into_iter();
        let mut last = None;
        Self::by(move |_| {
            last = replies.next().or(last.take());
            last.clone().unwrap()
        })
    }

    /// Answers each request as `choose` says, which sees its head in small letters.
    pub fn by(mut choose: impl FnMut(&str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, is_over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (notes, over) = (asked.clone(), is_over.clone());
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let mut request = String::new();
                if !read_request(&stream, &mut request) {
                    continue;
                }
                let reply = choose(&request);
                notes.lock().unwrap().push(request.clone());
                // A client that leaves is a part of the play.
                let _ = answer(stream, &request, &reply);
            }
        });
        Self { address, asked, is_over, thread: Some(thread) }
    }

    /// Its address with a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// The requests so far, each with its header lines in small letters.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads a request, and keeps its head; agrees to be a proxy on the way.
fn read_request(stream: &TcpStream, request: &mut String) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut lines = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            match lines.read_line(&mut head) {
                Ok(0) | Err(_) => return false,
                Ok(_) => {}
            }
        }
        *request += &head.to_lowercase();
        if !head.starts_with("CONNECT") {
            let length = request
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            return lines.read_exact(&mut vec![0; length.unwrap_or(0)]).is_ok();
        }
        if (&*stream).write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_err() {
            return false;
        }
    }
}

fn answer(mut stream: TcpStream, request: &str, reply: &Reply) -> std::io::Result<()> {
    let line = |name: &str| request.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let from =
        line("range: bytes=").and_then(|range| range.trim_end_matches('-').parse::<usize>().ok());
    let is_same = reply.ignores_if_range
        || line("if-range:").is_none_or(|etag| {
            reply.headers.iter().any(|header| header.to_lowercase().contains(etag))
        });
    let all = reply.body.len();
    let (status, body) = match from.filter(|_| reply.has_ranges && is_same && reply.status == 200) {
        Some(from) if from >= all => (416, &[][..]),
        Some(from) => (206, &reply.body[from..]),
        None => (reply.status, &reply.body[..]),
    };
    let mut head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n");
    reply
        .headers
        .iter()
        .filter(|header| !header.is_empty())
        .for_each(|header| head += &format!("{header}\r\n"));
    if status == 206 {
        head += &format!("Content-Range: bytes {}-{}/{all}\r\n", all - body.len(), all - 1);
    }
    let mut bytes = body.to_vec();
    if reply.is_endless {
        stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes())?;
        // Until the client has had enough.
        for _ in 0..1 << 20 {
            stream
                .write_all(&[format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat())?;
        }
        return Ok(());
    }
    if reply.is_chunked {
        head += "Transfer-Encoding: chunked\r\n";
        bytes = [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    } else {
        head += &format!("Content-Length: {}\r\n", reply.claims.unwrap_or(body.len()));
    }
    if reply.drips {
        stream.write_all(head.as_bytes())?;
        // Until the client has had enough; a client that never has is let go in the end.
        for n in 0..200 {
            std::thread::sleep(Duration::from_millis(50));
            stream.write_all(format!("X-Line-{n}: x\r\n").as_bytes())?;
        }
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if reply.drips_body {
        for byte in bytes {
            std::thread::sleep(Duration::from_millis(50));
            stream.write_all(&[byte])?;
        }
        return Ok(());
    }
    let bytes = &bytes[..reply.breaks_after.unwrap_or(bytes.len()).min(bytes.len())];
    for piece in bytes.chunks(reply.pace.unwrap_or(usize::MAX)) {
        reply.pace.iter().for_each(|_| std::thread::sleep(Duration::from_millis(50)));
        stream.write_all(piece)?;
    }
    if reply.stalls {
        // Until the client gives up.
        let _ = stream.read(&mut [0; 16]);
    }
    Ok(())
}
