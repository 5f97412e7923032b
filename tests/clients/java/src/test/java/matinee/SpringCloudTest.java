package matinee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.awspring.cloud.sqs.annotation.SnsNotificationMessage;
import io.awspring.cloud.sqs.annotation.SnsNotificationSubject;
import io.awspring.cloud.sqs.annotation.SqsListener;
import io.awspring.cloud.sqs.config.SqsBootstrapConfiguration;
import io.awspring.cloud.sqs.config.SqsMessageListenerContainerFactory;
import io.awspring.cloud.sqs.listener.acknowledgement.AcknowledgementResultCallback;
import io.awspring.cloud.sqs.listener.acknowledgement.handler.AcknowledgementMode;
import io.awspring.cloud.sqs.support.converter.SnsNotification;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.Message;
import software.amazon.awssdk.services.sqs.SqsAsyncClient;

/** Listeners of Spring Cloud AWS get what is published to a topic, and delete it from the queue. */
@ExtendWith(MatineeExtension.class)
class SpringCloudTest {
  record Film(String title, int year) {}

  record Heard(Object message, String about) {}

  /** What the listeners were given, and the messages whose deletion was confirmed. */
  static final BlockingQueue<Heard> HEARD = new LinkedBlockingQueue<>();
  static final BlockingQueue<Object> DELETED = new LinkedBlockingQueue<>();

  static class Listeners {
    @SqsListener("parts")
    void listen(@SnsNotificationMessage Film film, @SnsNotificationSubject String subject) {
      HEARD.add(new Heard(film, subject));
    }

    @SqsListener("whole")
    void listen(SnsNotification<String> notification) {
      HEARD.add(new Heard(notification.getMessage(),
          notification.getMessageAttributes().get("genre").getValue()));
    }
  }

  @Configuration
  @Import(SqsBootstrapConfiguration.class)
  static class Application {
    @Bean
    Listeners listeners() {
      return new Listeners();
    }

    /** The name is the one that listeners look for. */
    @Bean
    SqsMessageListenerContainerFactory<Object> defaultSqsListenerContainerFactory(
        SqsAsyncClient client) {
      return SqsMessageListenerContainerFactory.builder()
          .sqsAsyncClient(client)
          .configure(options -> options
              .acknowledgementMode(AcknowledgementMode.ON_SUCCESS)
              .acknowledgementInterval(Duration.ZERO)
              .acknowledgementThreshold(0)
              .listenerShutdownTimeout(Duration.ofSeconds(1))
              .pollTimeout(Duration.ofSeconds(1)))
          .acknowledgementResultCallback(new AcknowledgementResultCallback<>() {
            @Override
            public void onSuccess(Collection<Message<Object>> messages) {
              DELETED.addAll(messages);
            }
          })
          .build();
    }
  }

  private static final String FILM = "{\"title\": \"M – grüße 👋\", \"year\": 1931}";

  private static void publish(Cloud cloud, String topic, String genre) {
    cloud.sns.publish(request -> request.topicArn(topic).subject("a film").message(FILM)
        .messageAttributes(Cloud.ofGenre(genre)));
  }

  @Test
  void listenersGetWhatWasPublishedAndDeleteIt(URI address) throws InterruptedException {
    try (Cloud cloud = new Cloud(address);
        var spring = new AnnotationConfigApplicationContext()) {
      Cloud.Queue parts = cloud.makeQueue("parts");
      Cloud.Queue whole = cloud.makeQueue("whole");
      String noir = cloud.makeTopic("noir", parts, "[\"noir\"]");
      String any = cloud.makeTopic("any", whole, "[{\"anything-but\": \"noir\"}]");
      spring.registerBean(SqsAsyncClient.class,
          () -> Cloud.at(address, SqsAsyncClient.builder()).build());
      spring.register(Application.class);
      spring.refresh();

      publish(cloud, noir, "comedy");
      publish(cloud, noir, "noir");
      assertEquals(new Heard(new Film("M – grüße 👋", 1931), "a film"),
          HEARD.poll(20, TimeUnit.SECONDS));
      assertNotNull(DELETED.poll(20, TimeUnit.SECONDS));
      publish(cloud, any, "thriller");
      assertEquals(new Heard(FILM, "thriller"), HEARD.poll(20, TimeUnit.SECONDS));
      assertNotNull(DELETED.poll(20, TimeUnit.SECONDS));
      assertTrue(cloud.isEmpty(parts));
      assertTrue(cloud.isEmpty(whole));
      assertTrue(HEARD.isEmpty());
    }
  }
}
