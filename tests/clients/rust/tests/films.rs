mod matinee;

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::{Client, Config};

async fn send_and_receive() {
    let cloud = matinee::Cloud::new();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(cloud.address)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(&cloud.access_key, "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let sqs = Client::from_conf(config);
    assert!(sqs.list_queues().send().await.unwrap().queue_urls().is_empty());
    let queue = sqs.create_queue().queue_name("films").send().await.unwrap();
    let url = queue.queue_url().unwrap();
    sqs.send_message().queue_url(url).message_body("M").send().await.unwrap();
    let received = sqs.receive_message().queue_url(url).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some("M"));
}

#[tokio::test]
async fn what_is_sent_is_received() {
    send_and_receive().await;
}

#[tokio::test]
async fn a_test_finds_nothing_of_another() {
    send_and_receive().await;
}
