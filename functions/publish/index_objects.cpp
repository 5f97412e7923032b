#include "publish/index_objects.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "dynamodb/operations.h"
#include "dynamodb/shapes.h"
#include "library/aws.h"
#include "library/environment.h"
#include "library/events.h"
#include "library/log.h"
#include "s3/operations.h"
#include "s3/shapes.h"

namespace publishing {

namespace {

using lambda::FunctionError;
using lambda::Json;
using matinee::protocol::ServiceError;
namespace dynamodb = matinee::dynamodb;
namespace s3 = matinee::s3;

struct Place {
  std::string bucket;
  std::string key;
};

std::string text_of(const Json& message, const char* member) {
  const Json* found = message.find(member);
  if (!found || !found->is_text() || found->text().empty())
    throw FunctionError("BadMessage", fmt::format("The message has no {}.", member));
  return found->text();
}

Place read_place(const std::string& body) {
  try {
    const Json message = Json::parse(body);
    if (!message.is_object()) throw FunctionError("BadMessage", "The message is no JSON object.");
    return {.bucket = text_of(message, "bucket"), .key = text_of(message, "key")};
  } catch (const lambda::JsonError& error) {
    throw FunctionError("BadMessage", error.what());
  }
}

dynamodb::Item key_of(const Place& place) {
  return {{"bucket", dynamodb::AttributeValue(std::string(place.bucket))},
          {"key", dynamodb::AttributeValue(std::string(place.key))}};
}

class Index {
 public:
  explicit Index(std::string table) : table_(std::move(table)) {}

  Json handle(const lambda::SqsEvent& event, const lambda::Context& context) {
    aws_.set_deadline(context.work_until());
    return lambda::for_each_record(event, [this](const lambda::SqsRecord& record) {
      const Place place = read_place(lambda::published_text(record));
      if (const auto object = find(place))
        write(place, *object);
      else
        forget(place);
    });
  }

 private:
  std::string table_;
  lambda::Aws aws_;

  std::optional<s3::HeadObjectResponse> find(const Place& place) {
    try {
      return aws_.call<s3::HeadObjectResponse>(
          s3::operations::HeadObject,
          s3::HeadObjectRequest{.bucket = place.bucket, .key = place.key});
    } catch (const ServiceError& error) {
      if (error.status() != 404) throw;
      return std::nullopt;
    }
  }

  void write(const Place& place, const s3::HeadObjectResponse& object) {
    dynamodb::PutItemRequest request{.table_name = table_, .item = key_of(place)};
    const auto add = [&](const char* name, const std::optional<std::string>& text) {
      if (text && !text->empty()) request.item[name] = dynamodb::AttributeValue(std::string(*text));
    };
    request.item["size"] = dynamodb::Number(object.content_length.value_or(0));
    add("etag", object.etag);
    add("type", object.content_type);
    add("version", object.version_id);
    if (object.last_modified)
      add("modified", fmt::format("{:%FT%TZ}",
                                  std::chrono::floor<std::chrono::seconds>(*object.last_modified)));
    aws_.call<dynamodb::PutItemResponse>(dynamodb::operations::PutItem, request);
  }

  /// It was deleted after it was published.
  void forget(const Place& place) {
    aws_.call<dynamodb::DeleteItemResponse>(
        dynamodb::operations::DeleteItem,
        dynamodb::DeleteItemRequest{.table_name = table_, .key = key_of(place)});
    lambda::log(lambda::Level::info, "The object is gone.",
                {{"bucket", place.bucket}, {"key", place.key}});
  }
};

}  // namespace

lambda::Handler make_index_objects() {
  const auto index = std::make_shared<Index>(lambda::require_variable("INDEX_TABLE"));
  return lambda::on<lambda::SqsEvent>(
      [index](const lambda::SqsEvent& event, const lambda::Context& context) {
        return index->handle(event, context);
      });
}

}  // namespace publishing
