package matinee;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What the tests of events have in common: topics and queues of the cloud at an address. */
final class Cloud implements AutoCloseable {
  /** A queue that topics and buses may send to. */
  record Queue(String url, String arn) {}

  final URI address;
  final SqsClient sqs;
  final SnsClient sns;

  Cloud(URI address) {
    this.address = address;
    sqs = at(address, SqsClient.builder()).build();
    sns = at(address, SnsClient.builder()).build();
  }

  /** The builder, told of the cloud and of keys. */
  static <B extends AwsClientBuilder<B, C>, C> B at(URI address, B builder) {
    return builder
        .endpointOverride(address)
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(
            AwsBasicCredentials.create("test", "test")));
  }

  Queue makeQueue(String name) {
    String url = sqs.createQueue(request -> request.queueName(name)).queueUrl();
    String arn = attributes(url).get(QueueAttributeName.QUEUE_ARN);
    String policy = """
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
          "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]},
          "Action": "sqs:SendMessage", "Resource": "%s"}]}""".formatted(arn);
    sqs.setQueueAttributes(request -> request.queueUrl(url)
        .attributes(Map.of(QueueAttributeName.POLICY, policy)));
    return new Queue(url, arn);
  }

  /** Makes a topic, and subscribes the queue to what has one of these genres; returns its ARN. */
  String makeTopic(String name, Queue queue, String genres) {
    String topic = sns.createTopic(request -> request.name(name)).topicArn();
    sns.subscribe(request -> request.topicArn(topic).protocol("sqs").endpoint(queue.arn())
        .attributes(Map.of("FilterPolicy", "{\"genre\": " + genres + "}")));
    return topic;
  }

  static Map<String, MessageAttributeValue> ofGenre(String genre) {
    return Map.of("genre",
        MessageAttributeValue.builder().dataType("String").stringValue(genre).build());
  }

  /** The body of the one message that the queue has. */
  String receive(Queue queue) {
    List<Message> messages = sqs.receiveMessage(request -> request.queueUrl(queue.url())
        .maxNumberOfMessages(10).waitTimeSeconds(10)).messages();
    assertEquals(1, messages.size());
    return messages.get(0).body();
  }

  /** Without messages, also without such as a consumer has now. */
  boolean isEmpty(Queue queue) {
    Map<QueueAttributeName, String> attributes = attributes(queue.url());
    return attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES).equals("0")
        && attributes.get(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE)
            .equals("0");
  }

  private Map<QueueAttributeName, String> attributes(String url) {
    return sqs.getQueueAttributes(request -> request.queueUrl(url)
        .attributeNames(QueueAttributeName.ALL)).attributes();
  }

  @Override
  public void close() {
    sqs.close();
    sns.close();
  }
}
