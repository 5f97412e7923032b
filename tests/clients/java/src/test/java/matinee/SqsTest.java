package matinee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** The AWS SDK for Java drives the life of a FIFO queue, from its creation to its deletion. */
class SqsTest {
  private static Server server;
  private static SqsClient client;

  @BeforeAll
  static void start() throws IOException {
    server = new Server();
    client = SqsClient.builder()
        .endpointOverride(server.uri())
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(
            AwsBasicCredentials.create("AKIDEXAMPLE", "secret")))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(settings ->
            settings.retryStrategy(DefaultRetryStrategy.doNotRetry()))
        .build();
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    client.close();
    server.close();
  }

  private static String uniqueName() {
    return "java-" + UUID.randomUUID() + ".fifo";
  }

  private static String createQueue(String name) {
    return client.createQueue(request -> request.queueName(name).attributes(Map.of(
        QueueAttributeName.FIFO_QUEUE, "true",
        QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true"))).queueUrl();
  }

  private static SendMessageResponse send(String url, String body) {
    var film = MessageAttributeValue.builder().dataType("String").stringValue("M").build();
    return client.sendMessage(request -> request.queueUrl(url).messageBody(body)
        .messageGroupId("g").messageAttributes(Map.of("film", film)));
  }

  private static void sendBatch(String url, List<String> bodies) {
    var entries = IntStream.range(0, bodies.size()).mapToObj(i ->
        SendMessageBatchRequestEntry.builder().id("m" + i).messageBody(bodies.get(i))
            .messageGroupId("g").build()).toList();
    var sent = client.sendMessageBatch(request -> request.queueUrl(url).entries(entries));
    assertEquals(bodies.size(), sent.successful().size());
    assertEquals(List.of(), sent.failed());
  }

  private static List<Message> receive(String url, int seconds) {
    return client.receiveMessage(request -> request.queueUrl(url).maxNumberOfMessages(10)
        .waitTimeSeconds(seconds).messageAttributeNames("All")
        .messageSystemAttributeNames(MessageSystemAttributeName.ALL)).messages();
  }

  @Test
  void aFifoQueueKeepsOrderHidesAndDeletes() {
    String url = createQueue(uniqueName());
    assertEquals(20, send(url, "grüße 👋").sequenceNumber().length());
    sendBatch(url, List.of("a", "b", "a"));

    List<Message> messages = receive(url, 5);
    assertEquals(List.of("grüße 👋", "a", "b"), messages.stream().map(Message::body).toList());
    Message first = messages.get(0);
    assertEquals("M", first.messageAttributes().get("film").stringValue());
    assertEquals("g", first.attributes().get(MessageSystemAttributeName.MESSAGE_GROUP_ID));

    for (Message message : messages) {
      client.changeMessageVisibility(request -> request.queueUrl(url)
          .receiptHandle(message.receiptHandle()).visibilityTimeout(0));
    }
    List<Message> again = receive(url, 5);
    assertEquals(3, again.size());
    assertEquals(first.messageId(), again.get(0).messageId());
    assertEquals("2", again.get(0).attributes().get(
        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT));
    for (Message message : again) {
      client.deleteMessage(request -> request.queueUrl(url)
          .receiptHandle(message.receiptHandle()));
    }
    assertEquals(List.of(), receive(url, 0));
  }

  @Test
  void aLongPollEndsAsSoonAsAMessageArrives() {
    String url = createQueue(uniqueName());
    Instant started = Instant.now();
    var waiting = CompletableFuture.supplyAsync(() -> receive(url, 20));
    send(url, "wake up");
    assertEquals("wake up", waiting.join().get(0).body());
    assertTrue(Duration.between(started, Instant.now()).toSeconds() < 5);
  }

  @Test
  void aDeletedQueueIsAnErrorWithATypeOfItsOwn() {
    String name = uniqueName();
    String url = createQueue(name);
    client.deleteQueue(request -> request.queueUrl(url));
    var error = assertThrows(QueueDoesNotExistException.class,
        () -> client.getQueueUrl(request -> request.queueName(name)));
    assertEquals(400, error.statusCode());
  }
}
