//! The AWS SDK for Rust drives the life of a FIFO queue, from its creation to its deletion.
use std::time::{Duration, Instant};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use aws_sdk_sqs::{Client, Config};
use matinee_client_tests::Server;

fn connect(server: &Server) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(server.url())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn unique_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("rust-{}-{}.fifo", std::process::id(), now.as_nanos())
}

async fn create_queue(client: &Client, name: &str) -> String {
    let created = client
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::FifoQueue, "true")
        .attributes(QueueAttributeName::ContentBasedDeduplication, "true")
        .send()
        .await
        .expect("the queue is created");
    created.queue_url().expect("its URL").to_string()
}

async fn send(client: &Client, url: &str, body: &str) {
    let attribute =
        MessageAttributeValue::builder().data_type("String").string_value("M").build().unwrap();
    let sent = client
        .send_message()
        .queue_url(url)
        .message_body(body)
        .message_group_id("g")
        .message_attributes("film", attribute)
        .send()
        .await
        .expect("the message is sent");
    assert_eq!(sent.sequence_number().expect("a sequence number").len(), 20);
    assert!(sent.md5_of_message_attributes().is_some());
}

async fn send_batch(client: &Client, url: &str, bodies: &[&str]) {
    let entry = |(i, body): (usize, &&str)| {
        SendMessageBatchRequestEntry::builder()
            .id(format!("m{i}"))
            .message_body(*body)
            .message_group_id("g")
            .build()
            .unwrap()
    };
    let entries = bodies.iter().enumerate().map(entry).collect();
    let sent = client
        .send_message_batch()
        .queue_url(url)
        .set_entries(Some(entries))
        .send()
        .await
        .expect("the batch is sent");
    assert_eq!((sent.successful().len(), sent.failed().len()), (bodies.len(), 0));
}

async fn receive(client: &Client, url: &str, seconds: i32) -> Vec<Message> {
    let answer = client
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10)
        .wait_time_seconds(seconds)
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .expect("an answer");
    answer.messages.unwrap_or_default()
}

async fn make_visible(client: &Client, url: &str, message: &Message) {
    client
        .change_message_visibility()
        .queue_url(url)
        .receipt_handle(message.receipt_handle().expect("a handle"))
        .visibility_timeout(0)
        .send()
        .await
        .expect("its visibility is changed");
}

async fn delete(client: &Client, url: &str, message: &Message) {
    client
        .delete_message()
        .queue_url(url)
        .receipt_handle(message.receipt_handle().expect("a handle"))
        .send()
        .await
        .expect("the message is deleted");
}

fn attribute(message: &Message, name: MessageSystemAttributeName) -> String {
    message.attributes().and_then(|all| all.get(&name)).expect("the attribute").clone()
}

#[tokio::test]
async fn a_fifo_queue_keeps_order_hides_and_deletes() {
    let server = Server::start();
    let client = connect(&server);
    let url = create_queue(&client, &unique_name()).await;
    send(&client, &url, "grüße 👋").await;
    send_batch(&client, &url, &["a", "b", "a"]).await;

    let messages = receive(&client, &url, 5).await;
    let bodies: Vec<_> = messages.iter().map(|message| message.body().unwrap()).collect();
    assert_eq!(bodies, ["grüße 👋", "a", "b"]);
    let film = &messages[0].message_attributes().expect("attributes")["film"];
    assert_eq!(film.string_value(), Some("M"));
    assert_eq!(attribute(&messages[0], MessageSystemAttributeName::MessageGroupId), "g");

    for message in &messages {
        make_visible(&client, &url, message).await;
    }
    let again = receive(&client, &url, 5).await;
    assert_eq!(again.len(), 3);
    assert_eq!(again[0].message_id(), messages[0].message_id());
    let count = attribute(&again[0], MessageSystemAttributeName::ApproximateReceiveCount);
    assert_eq!(count, "2");
    for message in &again {
        delete(&client, &url, message).await;
    }
    assert!(receive(&client, &url, 0).await.is_empty());
    server.stop();
}

#[tokio::test]
async fn a_long_poll_ends_as_soon_as_a_message_arrives() {
    let server = Server::start();
    let client = connect(&server);
    let url = create_queue(&client, &unique_name()).await;
    let started = Instant::now();
    let waiting = receive(&client, &url, 20);
    let (messages, ()) = tokio::join!(waiting, send(&client, &url, "wake up"));
    assert_eq!(messages[0].body(), Some("wake up"));
    assert!(started.elapsed() < Duration::from_secs(5));
    server.stop();
}

#[tokio::test]
async fn a_deleted_queue_is_an_error_with_a_type_of_its_own() {
    let server = Server::start();
    let client = connect(&server);
    let name = unique_name();
    let url = create_queue(&client, &name).await;
    client.delete_queue().queue_url(&url).send().await.expect("the queue is deleted");
    let failure = client.get_queue_url().queue_name(&name).send().await.unwrap_err();
    assert_eq!(failure.raw_response().expect("an answer").status().as_u16(), 400);
    assert!(failure.into_service_error().is_queue_does_not_exist());
    server.stop();
}
