package matinee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

@ExtendWith(MatineeExtension.class)
class FilmsTest {
  private static SqsClient connect(URI cloud) {
    return SqsClient.builder()
        .endpointOverride(cloud)
        .region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(
            AwsBasicCredentials.create("test", "test")))
        .build();
  }

  private static void sendAndReceive(URI cloud) {
    try (SqsClient sqs = connect(cloud)) {
      assertTrue(sqs.listQueues().queueUrls().isEmpty());
      String url = sqs.createQueue(request -> request.queueName("films")).queueUrl();
      sqs.sendMessage(request -> request.queueUrl(url).messageBody("M"));
      assertEquals("M",
          sqs.receiveMessage(request -> request.queueUrl(url)).messages().get(0).body());
    }
  }

  @Test
  void whatIsSentIsReceived(URI cloud) {
    sendAndReceive(cloud);
  }

  @Test
  void aTestFindsNothingOfTheOneBefore(URI cloud) {
    sendAndReceive(cloud);
  }
}
