//! Connections in time that is moved: each limit by the second, without waiting for it.

use super::limits::{ANSWER_RATE, ANSWER_TIME, BODY_TIME, HEAD_TIME, IDLE_TIME};
use super::*;
use crate::web::layer;
use axum::routing::{get, post};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const LONG: usize = 256 * 1024;

fn router() -> Router {
    let pulse = || async {
        let beats = stream::iter(0..20).then(|beat| async move {
            sleep(Duration::from_secs(15)).await;
            Ok::<_, Infallible>(format!("beat {beat}\n"))
        });
        Body::from_stream(beats)
    };
    let length = |body: Body| async {
        match body.collect().await {
            Ok(body) => Ok(body.to_bytes().len().to_string()),
            Err(error) if is_late(&error) => Err(axum::http::StatusCode::REQUEST_TIMEOUT),
            Err(_) => Err(axum::http::StatusCode::BAD_REQUEST),
        }
    };
    Router::new()
        .route("/well", get(async || "well"))
        .route("/long", get(async || "x".repeat(LONG)))
        .route("/slow", get(async || sleep(IDLE_TIME * 3).await))
        .route("/pulse", get(pulse))
        .route("/length", post(length))
        .layer(axum::middleware::from_fn_with_state(Arc::default(), layer::finish))
}

/// A client's end of a connection whose buffers hold 4 KiB, and the server's task.
fn connect() -> (DuplexStream, JoinHandle<()>) {
    let (client, server) = duplex(4096);
    let seat = Places::default().take().unwrap();
    let address = IpAddr::from([127, 0, 0, 1]);
    let peer = Peer { address, local: address, is_secure: false, place: Arc::clone(&seat.place) };
    let (keep, stopping) = watch::channel(false);
    let served = tokio::spawn(async move {
        requests(server, peer, stopping, router()).await;
        drop((keep, seat));
    });
    (client, served)
}

async fn rest(client: &mut DuplexStream) -> String {
    let mut bytes = Vec::new();
    let _ = client.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

fn get_of(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// Reads one answer whose body is `well`.
async fn well(client: &mut DuplexStream) {
    let mut read = Vec::new();
    while !read.ends_with(b"well") {
        read.push(client.read_u8().await.unwrap());
    }
    assert!(read.starts_with(b"HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn who_asks_nothing_loses_the_connection_and_who_asks_now_and_then_keeps_it() {
    let (mut client, _served) = connect();
    for _ in 0..3 {
        client.write_all(get_of("/well").as_bytes()).await.unwrap();
        well(&mut client).await;
        sleep(IDLE_TIME - Duration::from_secs(1)).await;
    }
    client.write_all(get_of("/well").as_bytes()).await.unwrap();
    well(&mut client).await;
    let quiet = Instant::now();
    assert_eq!(rest(&mut client).await, "");
    assert!((IDLE_TIME..IDLE_TIME * 2).contains(&quiet.elapsed()), "{:?}", quiet.elapsed());
    let (mut mute, _served) = connect();
    let quiet = Instant::now();
    assert_eq!(rest(&mut mute).await, "");
    assert!((IDLE_TIME..IDLE_TIME * 2).contains(&quiet.elapsed()), "{:?}", quiet.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_is_answered_408_when_its_time_is_over() {
    let (client, served) = connect();
    let (mut reading, mut writing) = tokio::io::split(client);
    let began = Instant::now();
    tokio::spawn(async move {
        for byte in get_of(&"/".repeat(4000)).bytes() {
            if writing.write_all(&[byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(900)).await;
        }
    });
    let mut answer = String::new();
    reading.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"too_slow\""), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    served.await.unwrap();
    assert!(began.elapsed() < HEAD_TIME + Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_given_up_when_its_time_is_over() {
    for framing in ["Content-Length: 4000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfa0\r\n"] {
        let (client, served) = connect();
        let (mut reading, mut writing) = tokio::io::split(client);
        let began = Instant::now();
        let head = format!("POST /length HTTP/1.1\r\nHost: localhost\r\n{framing}");
        tokio::spawn(async move {
            writing.write_all(head.as_bytes()).await.unwrap();
            while writing.write_all(b"x").await.is_ok() {
                sleep(Duration::from_millis(900)).await;
            }
        });
        let mut answer = String::new();
        let _ = reading.read_to_string(&mut answer).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        served.await.unwrap();
        assert!(began.elapsed() < BODY_TIME + Duration::from_secs(3), "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_reads_is_given_up() {
    let (mut client, served) = connect();
    client.write_all(get_of("/long").as_bytes()).await.unwrap();
    let began = Instant::now();
    served.await.unwrap();
    assert!((ANSWER_TIME..ANSWER_TIME * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_taken_at_the_slowest_rate_and_not_below() {
    for (rate, is_enough) in [(ANSWER_RATE * 2, true), (ANSWER_RATE / 4, false)] {
        let (mut client, served) = connect();
        client.write_all(get_of("/long").as_bytes()).await.unwrap();
        let mut taken = 0;
        let mut piece = vec![0; usize::try_from(rate).unwrap()];
        while let Ok(length @ 1..) = client.read(&mut piece).await {
            taken += length;
            if taken > LONG {
                break;
            }
            let share = Duration::from_secs_f64(length as f64 / rate as f64);
            sleep(share).await;
        }
        assert_eq!(taken > LONG, is_enough, "{rate} bytes a second: {taken} came");
        drop(client);
        served.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_and_a_slow_answer_outlive_the_time_of_waiting() {
    let (mut client, _served) = connect();
    let last = get_of("/pulse").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client.write_all(last.as_bytes()).await.unwrap();
    assert!(rest(&mut client).await.contains("beat 19"));
    let (mut client, _served) = connect();
    let last = get_of("/slow").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    client.write_all(last.as_bytes()).await.unwrap();
    assert!(rest(&mut client).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn requests_in_one_breath_are_answered_in_order_and_a_refused_one_is_the_last() {
    let (mut client, served) = connect();
    let many = format!("GET /well HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65));
    let posted = "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n12345";
    let all = [get_of("/well"), posted.into(), get_of("/well"), many, get_of("/well")].concat();
    client.write_all(all.as_bytes()).await.unwrap();
    let answers = rest(&mut client).await;
    let statuses: Vec<&str> = answers
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer.split(' ').next().unwrap())
        .collect();
    assert_eq!(statuses, ["200", "200", "200", "431"], "{answers}");
    served.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_a_body_in_chunks() {
    let (mut client, served) = connect();
    let chunked = "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n0\r\n\r\n";
    client.write_all([chunked, &get_of("/well")].concat().as_bytes()).await.unwrap();
    let answers = rest(&mut client).await;
    assert!(answers.starts_with("HTTP/1.1 200 ") && answers.ends_with("\r\n\r\n3"), "{answers}");
    served.await.unwrap();
}
