#include "movies/get_top_movies.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "library/aws.h"
#include "library/environment.h"
#include "library/log.h"
#include "movies/film_list.h"
#include "s3/operations.h"
#include "s3/shapes.h"
#include "sns/operations.h"
#include "sns/shapes.h"
#include "sqs/operations.h"
#include "sqs/shapes.h"

namespace top_movies {

namespace {

using lambda::FunctionError;
using lambda::Json;
namespace s3 = matinee::s3;
namespace sns = matinee::sns;
namespace sqs = matinee::sqs;

struct Settings {
  std::string bucket;
  std::string key;
  std::string topic;  // one of these is empty
  std::string queue;
  std::size_t count = 10;
};

Settings read_settings() {
  Settings settings{.bucket = lambda::require_variable("MOVIES_BUCKET"),
                    .key = lambda::require_variable("MOVIES_KEY"),
                    .topic = lambda::variable("TOPIC_ARN"),
                    .queue = lambda::variable("QUEUE_URL")};
  if (settings.topic.empty() == settings.queue.empty())
    throw FunctionError("BadSetting", "One of TOPIC_ARN and QUEUE_URL must be set.");
  if (const std::string count = lambda::variable("MOVIES_COUNT"); !count.empty()) {
    const char* end = count.data() + count.size();
    const auto [rest, error] = std::from_chars(count.data(), end, settings.count);
    if (error != std::errc() || rest != end || settings.count == 0 || settings.count > 250)
      throw FunctionError("BadSetting",
                          fmt::format("MOVIES_COUNT must be 1 to 250, and is {}.", count));
  }
  return settings;
}

std::string today() {
  return fmt::format("{:%F}",
                     std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
}

constexpr std::string_view group = "top-movies";

std::string publish(lambda::Aws& aws, const std::string& topic, const DailyList& list) {
  sns::PublishRequest request{.topic_arn = topic, .message = list.to_message()};
  request.message_attributes.emplace();
  (*request.message_attributes)["day"] = {.data_type = "String", .string_value = list.day};
  if (topic.ends_with(".fifo")) {
    request.message_group_id = group;
    request.message_deduplication_id = list.day;
  }
  return aws.call<sns::PublishResponse>(sns::operations::Publish, request).message_id.value_or("");
}

std::string send(lambda::Aws& aws, const std::string& queue, const DailyList& list) {
  sqs::SendMessageRequest request{.queue_url = queue, .message_body = list.to_message()};
  request.message_attributes.emplace();
  (*request.message_attributes)["day"] = {.string_value = list.day, .data_type = "String"};
  if (queue.ends_with(".fifo")) {
    request.message_group_id = group;
    request.message_deduplication_id = list.day;
  }
  return aws.call<sqs::SendMessageResponse>(sqs::operations::SendMessage, request)
      .message_id.value_or("");
}

Json handle(lambda::Aws& aws, const Settings& settings, const std::string& day) {
  const auto object = aws.call<s3::GetObjectResponse>(
      s3::operations::GetObject,
      s3::GetObjectRequest{.bucket = settings.bucket, .key = settings.key});
  const DailyList list{day, best_of(read_film_list(object.body.bytes), settings.count)};
  const std::string id =
      settings.topic.empty() ? send(aws, settings.queue, list) : publish(aws, settings.topic, list);
  lambda::log(lambda::Level::info, "The films of the day are sent.",
              {{"day", day}, {"messageId", id}});
  return Json::object()
      .set("day", day)
      .set("films", static_cast<std::int64_t>(list.films.size()))
      .set("messageId", id);
}

}  // namespace

std::string day_of(const Json& event, const std::string& today) {
  const Json* day = event.find("day");
  const Json* time = event.find("time");
  if (!day && !time) return today;
  // A time such as "2015-12-22T18:43:48Z" begins with its day.
  const std::string text = day ? day->text() : time->text().substr(0, 10);
  if (!is_day(text))
    throw FunctionError("BadEvent", fmt::format("The event's \"{}\" is not a day.", text));
  return text;
}

lambda::Handler make_get_top_movies() {
  const auto aws = std::make_shared<lambda::Aws>();
  return lambda::on<Json>(
      [aws, settings = read_settings()](const Json& event, const lambda::Context& context) {
        aws->set_deadline(context.work_until());
        return handle(*aws, settings, day_of(event, today()));
      });
}

}  // namespace top_movies
