#include "services/sns/delivery_policy.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/json_writer.h"
#include "services/sns/names.h"

namespace matinee::sns {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;
using Retries = DeliveryPolicy::Retries;

constexpr std::string_view default_content_type = "text/plain; charset=UTF-8";
constexpr std::int64_t default_delay = 20;
constexpr std::int64_t default_retries = 3;
constexpr std::int64_t longest_delay = 3600;
constexpr std::int64_t most_retries = 100;

[[noreturn]] void refuse_policy(std::string_view reason) {
  refuse(fmt::format("DeliveryPolicy: {}", reason));
}

std::optional<std::int64_t> number_of(const object& from, std::string_view name, std::int64_t least,
                                      std::int64_t most) {
  element value;
  if (from[name].get(value) || value.is_null()) return std::nullopt;
  std::int64_t number = 0;
  if (value.get(number)) refuse_policy(fmt::format("{} must be an integer", name));
  if (number < least)
    refuse_policy(fmt::format("{} must be greater than or equal to {}", name, least));
  if (number > most) refuse_policy(fmt::format("{} must be less than or equal to {}", name, most));
  return number;
}

std::optional<Retries> retries_of(const object& from, std::string_view name) {
  element value;
  if (from[name].get(value) || value.is_null()) return std::nullopt;
  object given;
  if (value.get(given)) refuse_policy(fmt::format("{} must be an object", name));
  Retries retries{.min_delay = number_of(given, "minDelayTarget", 1, longest_delay),
                  .max_delay = number_of(given, "maxDelayTarget", 1, longest_delay),
                  .retries = number_of(given, "numRetries", 0, most_retries),
                  .max_delay_retries = number_of(given, "numMaxDelayRetries", 0, most_retries),
                  .no_delay_retries = number_of(given, "numNoDelayRetries", 0, most_retries),
                  .min_delay_retries = number_of(given, "numMinDelayRetries", 0, most_retries),
                  .backoff = std::nullopt};
  std::string_view backoff;
  if (!given["backoffFunction"].get(backoff)) {
    if (backoff != "linear" && backoff != "arithmetic" && backoff != "geometric" &&
        backoff != "exponential")
      refuse_policy(fmt::format("Invalid backoffFunction: {}", backoff));
    retries.backoff = std::string(backoff);
  }
  if (retries.min_delay.value_or(default_delay) >
      retries.max_delay.value_or(std::max(default_delay, retries.min_delay.value_or(0))))
    refuse_policy("minDelayTarget must be less than or equal to maxDelayTarget");
  const std::int64_t parts = retries.max_delay_retries.value_or(0) +
                             retries.no_delay_retries.value_or(0) +
                             retries.min_delay_retries.value_or(0);
  if (parts > retries.retries.value_or(default_retries))
    refuse_policy(
        "numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries must not add up to more "
        "than numRetries");
  return retries;
}

std::optional<std::int64_t> rate_of(const object& from, std::string_view name) {
  object given;
  if (from[name].get(given)) return std::nullopt;
  return number_of(given, "maxReceivesPerSecond", 1, 1'000'000);
}

std::optional<std::string> content_type_in(const object& from, std::string_view name) {
  object given;
  std::string_view type;
  if (from[name].get(given) || given["headerContentType"].get(type)) return std::nullopt;
  return std::string(type);
}

struct Filled {
  std::int64_t min_delay;
  std::int64_t max_delay;
  std::int64_t retries;
  std::int64_t max_delay_retries;
  std::int64_t no_delay_retries;
  std::int64_t min_delay_retries;
  std::string backoff;
};

Filled filled(const std::optional<Retries>& given) {
  const Retries retries = given.value_or(Retries{});
  const std::int64_t min_delay = retries.min_delay.value_or(default_delay);
  return {.min_delay = min_delay,
          .max_delay = retries.max_delay.value_or(std::max(default_delay, min_delay)),
          .retries = retries.retries.value_or(default_retries),
          .max_delay_retries = retries.max_delay_retries.value_or(0),
          .no_delay_retries = retries.no_delay_retries.value_or(0),
          .min_delay_retries = retries.min_delay_retries.value_or(0),
          .backoff = retries.backoff.value_or("linear")};
}

services::RetryPhase::Growth growth_of(std::string_view backoff) {
  using Growth = services::RetryPhase::Growth;
  if (backoff == "arithmetic") return Growth::arithmetic;
  if (backoff == "geometric") return Growth::geometric;
  if (backoff == "exponential") return Growth::exponential;
  return Growth::linear;
}

std::string json_text(std::string_view text) {
  std::string out;
  protocol::json::append_string(out, text);
  return out;
}

}  // namespace

DeliveryPolicy parse_delivery_policy(const std::string& json, PolicyOf of) {
  simdjson::dom::parser parser;
  object document;
  if (parser.parse(json).get(document)) refuse_policy("failed to parse JSON.");
  object body = document;
  if (of == PolicyOf::topic && document["http"].get(body)) return {};
  const bool is_topics = of == PolicyOf::topic;
  DeliveryPolicy policy{
      .healthy = retries_of(body, is_topics ? "defaultHealthyRetryPolicy" : "healthyRetryPolicy"),
      .most_a_second = rate_of(body, is_topics ? "defaultThrottlePolicy" : "throttlePolicy"),
      .content_type = content_type_in(body, is_topics ? "defaultRequestPolicy" : "requestPolicy")};
  bool disable = false;
  if (is_topics && !body["disableSubscriptionOverrides"].get(disable))
    policy.disable_overrides = disable;
  return policy;
}

std::string shown_policy(const std::string& json) {
  simdjson::dom::parser parser;
  object document;
  object http;
  if (parser.parse(json).get(document) || document["http"].get(http)) return json;
  std::string out("{\"http\":{");
  bool tells_overrides = false;
  for (const auto& [name, value] : http) {
    if (value.is_null()) continue;
    tells_overrides |= name == "disableSubscriptionOverrides";
    if (out.back() != '{') out.append(1, ',');
    out.append(json_text(name)).append(1, ':').append(simdjson::minify(value));
  }
  if (!tells_overrides) {
    if (out.back() != '{') out.append(1, ',');
    out.append("\"disableSubscriptionOverrides\":false");
  }
  return out.append("}}");
}

std::string effective_policy(const DeliveryPolicy& policy, PolicyOf of) {
  const bool is_topics = of == PolicyOf::topic;
  const Filled retries = filled(policy.healthy);
  std::string out = fmt::format(
      R"("{}":{{"minDelayTarget":{},"maxDelayTarget":{},"numRetries":{},"numMaxDelayRetries":{},)"
      R"("numNoDelayRetries":{},"numMinDelayRetries":{},"backoffFunction":"{}"}})",
      is_topics ? "defaultHealthyRetryPolicy" : "healthyRetryPolicy", retries.min_delay,
      retries.max_delay, retries.retries, retries.max_delay_retries, retries.no_delay_retries,
      retries.min_delay_retries, retries.backoff);
  if (is_topics)
    out.append(fmt::format(R"(,"disableSubscriptionOverrides":{})", policy.disable_overrides));
  if (policy.most_a_second)
    out.append(fmt::format(R"(,"{}":{{"maxReceivesPerSecond":{}}})",
                           is_topics ? "defaultThrottlePolicy" : "throttlePolicy",
                           *policy.most_a_second));
  out.append(fmt::format(
      R"(,"{}":{{"headerContentType":{}}})", is_topics ? "defaultRequestPolicy" : "requestPolicy",
      json_text(policy.content_type.value_or(std::string(default_content_type)))));
  return is_topics ? fmt::format(R"({{"http":{{{}}}}})", out) : fmt::format("{{{}}}", out);
}

services::RetryPolicy retry_policy(const DeliveryPolicy* subscription,
                                   const DeliveryPolicy* topic) {
  const bool overrides =
      subscription && subscription->healthy && !(topic && topic->disable_overrides);
  const Filled retries = filled(overrides ? subscription->healthy
                                : topic   ? topic->healthy
                                          : std::nullopt);
  using Phase = services::RetryPhase;
  const auto seconds = [](std::int64_t count) {
    return runtime::Duration(std::chrono::seconds(count));
  };
  const auto count = [](std::int64_t number) { return static_cast<std::uint32_t>(number); };
  const runtime::Duration least = seconds(retries.min_delay);
  const runtime::Duration most = seconds(retries.max_delay);
  const std::int64_t backoff = retries.retries - retries.no_delay_retries -
                               retries.min_delay_retries - retries.max_delay_retries;
  services::RetryPolicy policy{.kind = services::RetryPolicy::Kind::phases,
                               .oldest = std::chrono::seconds(longest_delay)};
  const auto add = [&](const Phase& phase) {
    if (phase.count > 0) policy.phases.push_back(phase);
  };
  add({.count = count(retries.no_delay_retries), .first = {}, .last = {}});
  add({.count = count(retries.min_delay_retries), .first = least, .last = least});
  add({.count = count(backoff),
       .first = least,
       .last = most,
       .growth = growth_of(retries.backoff)});
  add({.count = count(retries.max_delay_retries), .first = most, .last = most});
  return policy;
}

std::string content_type_of(const DeliveryPolicy* subscription, const DeliveryPolicy* topic) {
  if (subscription && subscription->content_type && !(topic && topic->disable_overrides))
    return *subscription->content_type;
  if (topic && topic->content_type) return *topic->content_type;
  return std::string(default_content_type);
}

}  // namespace matinee::sns
