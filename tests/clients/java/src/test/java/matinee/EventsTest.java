package matinee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.scheduler.SchedulerClient;
import software.amazon.awssdk.services.scheduler.model.FlexibleTimeWindowMode;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The AWS SDK for Java publishes to a queue by a topic and by a bus, and makes a schedule. */
@ExtendWith(MatineeExtension.class)
class EventsTest {
  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void aTopicGivesAQueueWhatItsFilterWants(URI address) {
    try (Cloud cloud = new Cloud(address)) {
      Cloud.Queue queue = cloud.makeQueue("films");
      String topic = cloud.makeTopic("films", queue, "[\"noir\", {\"prefix\": \"neo-\"}]");
      var entries = Stream.of("comedy", "neo-noir", "musical").map(genre ->
          PublishBatchRequestEntry.builder().id(genre).message("a " + genre)
              .messageAttributes(Cloud.ofGenre(genre)).build()).toList();
      var published = cloud.sns.publishBatch(request -> request.topicArn(topic)
          .publishBatchRequestEntries(entries));
      assertEquals(List.of(), published.failed());
      JsonNode envelope = JSON.readTree(cloud.receive(queue));
      assertEquals("a neo-noir", envelope.get("Message").asString());
      assertEquals(published.successful().get(1).messageId(),
          envelope.get("MessageId").asString());
    }
  }

  @Test
  void aRuleGivesAQueueWhatItsPatternMatches(URI address) {
    try (Cloud cloud = new Cloud(address);
        EventBridgeClient buses = Cloud.at(address, EventBridgeClient.builder()).build()) {
      buses.createEventBus(request -> request.name("cinema"));
      Cloud.Queue queue = cloud.makeQueue("tickets");
      buses.putRule(request -> request.name("groups").eventBusName("cinema")
          .eventPattern("{\"detail\": {\"seats\": [{\"numeric\": [\">\", 9]}]}}"));
      buses.putTargets(request -> request.rule("groups").eventBusName("cinema")
          .targets(target -> target.id("q").arn(queue.arn())));
      var entries = Stream.of(2, 30).map(seats ->
          PutEventsRequestEntry.builder().eventBusName("cinema").source("box office")
              .detailType("Sale").detail("{\"seats\": " + seats + "}").build()).toList();
      var put = buses.putEvents(request -> request.entries(entries));
      assertEquals(0, put.failedEntryCount());
      JsonNode event = JSON.readTree(cloud.receive(queue));
      assertEquals(put.entries().get(1).eventId(), event.get("id").asString());
      assertEquals(30, event.get("detail").get("seats").asInt());
    }
  }

  @Test
  void aScheduleIsReadBackAsItWasMade(URI address) {
    try (Cloud cloud = new Cloud(address);
        SchedulerClient schedules = Cloud.at(address, SchedulerClient.builder()).build()) {
      Cloud.Queue queue = cloud.makeQueue("reels");
      Instant start = Instant.parse("2031-05-01T00:00:00Z");
      String arn = schedules.createSchedule(request -> request.name("late-show")
          .scheduleExpression("cron(30 22 ? * FRI *)")
          .scheduleExpressionTimezone("Europe/Berlin")
          .startDate(start)
          .flexibleTimeWindow(window -> window.mode(FlexibleTimeWindowMode.FLEXIBLE)
              .maximumWindowInMinutes(15))
          .target(target -> target.arn(queue.arn()).input("roll")
              .roleArn("arn:aws:iam::000000000000:role/projectionist"))).scheduleArn();
      var read = schedules.getSchedule(request -> request.name("late-show"));
      assertEquals(arn, read.arn());
      assertEquals(start, read.startDate());
      assertEquals("Europe/Berlin", read.scheduleExpressionTimezone());
      assertEquals(15, read.flexibleTimeWindow().maximumWindowInMinutes());
      assertEquals("roll", read.target().input());
      assertTrue(schedules.listSchedules(request -> {}).schedules().stream()
          .anyMatch(schedule -> schedule.arn().equals(arn)));
    }
  }
}
