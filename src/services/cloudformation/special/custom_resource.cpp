#include "services/cloudformation/special/custom_resource.h"

#include <fmt/format.h>

#include <cctype>

#include "protocol/base64.h"
#include "services/arn.h"

namespace matinee::cloudformation {

using resources::HandlerError;
using resources::Made;
using resources::Subject;
using templates::Member;

namespace {

constexpr std::string_view base_type = "AWS::CloudFormation::CustomResource";
constexpr std::string_view service_token = "ServiceToken";
constexpr std::int64_t default_seconds = 3600;
constexpr std::int64_t most_seconds = 3600;

runtime::Duration timeout_of(const Value& properties) {
  const Value* given = properties.find("ServiceTimeout");
  if (!given) return std::chrono::seconds(default_seconds);
  const std::optional<std::int64_t> seconds = given->integer();
  if (!seconds || *seconds < 1 || *seconds > most_seconds)
    throw HandlerError(
        "", fmt::format("ServiceTimeout must be a number of seconds from 1 to {}.", most_seconds));
  return std::chrono::seconds(*seconds);
}

/// What the request is sent by: an operation, and its request.
std::pair<std::string, Value> call_of(const std::string& token, std::string document,
                                      const std::string& region) {
  const std::optional<services::Arn> arn = services::parse_arn(token);
  if (!arn || (arn->service != "lambda" && arn->service != "sns"))
    throw HandlerError("", "Invalid service token.");
  if (arn->region != region)
    throw HandlerError("", "Invalid service token: it must be of the region of the stack.");
  if (arn->service == "sns") {
    Value request = Value::map("TopicArn", token);
    request.set("Subject", "AWS CloudFormation custom resource request");
    request.set("Message", std::move(document));
    return {"sns:Publish", std::move(request)};
  }
  Value request = Value::map("FunctionName", token);
  request.set("InvocationType", "Event");
  request.set("Payload", protocol::base64_encode(document));
  return {"lambda:Invoke", std::move(request)};
}

/// As AWS names what no answer has named, so that a Delete can be asked for it; the same when the
/// step is done again.
std::string default_id(const Subject& subject) {
  constexpr std::size_t length = 12;
  std::string letters;
  for (const char c : subject.token)
    if (c != '-' && letters.size() < length)
      letters.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  return fmt::format("{}-{}-{}", subject.stack_name, subject.logical_id, letters);
}

/// "a.b" for {"a": {"b": ...}}: so that Fn::GetAtt finds it.
void add_attributes(const Value& data, const std::string& prefix, Value& attributes) {
  for (const Member& member : data.members()) {
    if (member.value.is_map()) {
      add_attributes(member.value, prefix + member.name + ".", attributes);
    } else if (member.value.is_scalar()) {
      attributes.set(prefix + member.name, Value(member.value.text()));
    } else {
      attributes.set(prefix + member.name, member.value);
    }
  }
}

Made made_of(std::string id, const CustomAnswer& answer) {
  Made made{.id = std::move(id), .attributes = Value::map()};
  add_attributes(answer.data, "", made.attributes);
  return made;
}

HandlerError refusal_of(const CustomAnswer& answer, const Subject& subject) {
  return {"", fmt::format("Received response status [FAILED] from custom resource. Message "
                          "returned: {} (RequestId: {})",
                          answer.reason, subject.token)};
}

}  // namespace

CustomResource::CustomResource(std::string type_name, Answers& answers, storage::Store& store)
    : answers_(answers),
      store_(store),
      schema_(base_type, {.type_name = std::move(type_name),
                          .has_any_attribute = true,
                          .is_never_replaced = true}) {}

void CustomResource::note(Subject& subject, const std::string& id) const {
  if (!subject.made) return;
  storage::Transaction transaction(store_);
  subject.made(id);
  transaction.commit();
}

runtime::Task<Made> CustomResource::create(Subject& subject, const Value& properties) const {
  CustomAnswer answer;
  std::optional<HandlerError> failure;
  try {
    answer = co_await ask(subject, {.kind = "Create", .properties = &properties});
    if (!answer.has_succeeded) {
      failure = refusal_of(answer, subject);
    } else if (answer.id.empty()) {
      failure = HandlerError("", "Invalid PhysicalResourceId");
    }
  } catch (const HandlerError& error) {
    failure = error;
  }
  // What was asked for may be there all the same: the rollback asks for its removal.
  const bool was_asked = answers_.find(subject.token).value_or(BoxRecord()).is_sent;
  if (answer.id.empty() && was_asked) answer.id = default_id(subject);
  if (!answer.id.empty()) note(subject, answer.id);
  if (failure) throw *failure;
  co_return made_of(answer.id, answer);
}

runtime::Task<Made> CustomResource::update(Subject& subject, const std::string& id,
                                           const Value& before, const Value& after) const {
  if (before.text_or(service_token) != after.text_or(service_token))
    throw HandlerError("", "Modifying service token is not allowed.");
  const CustomAnswer answer = co_await ask(
      subject, {.kind = "Update", .id = id, .properties = &after, .old_properties = &before});
  if (!answer.has_succeeded) throw refusal_of(answer, subject);
  co_return made_of(answer.id.empty() ? id : answer.id, answer);
}

runtime::Task<void> CustomResource::remove(Subject& subject, const std::string& id,
                                           const Value& properties) const {
  const CustomAnswer answer =
      co_await ask(subject, {.kind = "Delete", .id = id, .properties = &properties});
  if (!answer.has_succeeded) throw refusal_of(answer, subject);
}

runtime::Task<CustomAnswer> CustomResource::ask(Subject& subject, CustomRequest request) const {
  const runtime::Duration timeout = timeout_of(*request.properties);
  request.type = std::string(schema_.type_name());
  request.url = answers_.url_for(subject.token, request.properties->text_or(service_token));
  {
    storage::Transaction transaction(store_);
    answers_.open(subject.token, {.account = subject.account},
                  subject.runtime.clock.now() + timeout);
    transaction.commit();
  }
  const BoxRecord opened = answers_.find(subject.token).value_or(BoxRecord());
  const bool is_answered = opened.answer || opened.is_too_long;
  if (!is_answered && answers_.is_unsent(opened)) co_await send(subject, request);
  for (;;) {
    const std::optional<BoxRecord> box = answers_.find(subject.token);
    if (!box) throw HandlerError("", "The stack was removed while its answer was waited for.");
    if (box->is_too_long) throw HandlerError("", "Response object is too long.");
    if (box->answer) co_return read_answer(*box->answer, subject);
    const runtime::Time latest = box->opened + timeout;
    if (subject.runtime.clock.now() >= latest)
      throw HandlerError(
          "", fmt::format("CloudFormation did not receive a response from your Custom Resource. "
                          "Please check your logs for requestId [{}]. If you are using the Python "
                          "cfn-response module, you may need to update your Lambda function code "
                          "so that CloudFormation can attach the updated version.",
                          subject.token));
    if (subject.halt && subject.halt->is_on())
      throw HandlerError("OperationCancelled", "The stack does not wait for the answer any more.");
    co_await answers_.until_changed(subject.token, latest, subject.halt);
  }
}

runtime::Task<> CustomResource::send(Subject& subject, const CustomRequest& request) const {
  if (!answers_.has_endpoint())
    throw HandlerError("", "Custom resources answer to a server, and this cloud has none.");
  auto [operation, call] = call_of(request.properties->text_or(service_token),
                                   text_of(request, subject), subject.region);
  co_await subject.calls.call(
      operation, std::move(call),
      [this, box = subject.token](const Value&) { answers_.mark_sent(box); });
}

runtime::Task<Value> CustomResource::read(Subject&, const std::string& id) const {
  throw HandlerError("InvalidRequest",
                     fmt::format("The custom resource {} cannot be read: it is known to its "
                                 "provider only.",
                                 id));
  co_return Value();
}

runtime::Task<std::vector<std::string>> CustomResource::list(Subject&, const Value&) const {
  throw HandlerError("InvalidRequest", "Custom resources cannot be listed.");
  co_return std::vector<std::string>();
}

}  // namespace matinee::cloudformation
