#include "delivery/targets/http_target.h"

#include "protocol/json_reader.h"

namespace matinee::delivery {

namespace {

namespace json = protocol::json;

void read_headers(json::Value& value, runtime::HttpCall& call) {
  json::each_member(value, [&](json::Key key, json::Value& header) {
    std::string text;
    json::read_string(header, text);
    call.headers.emplace_back(json::read_key(key), std::move(text));
  });
}

void read_parameters(const std::string& parameters, runtime::HttpCall& call) {
  if (parameters.empty()) return;
  const simdjson::padded_string text(parameters);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  json::check(parser.iterate(text).get(document));
  json::Value root;
  json::check(document.get_value().get(root));
  json::each_member(root, [&](json::Key key, json::Value& value) {
    if (json::key_is(key, "method")) json::read_string(value, call.method);
    if (json::key_is(key, "headers")) read_headers(value, call);
  });
}

}  // namespace

runtime::Task<services::Refusals> HttpTarget::send(std::vector<services::Delivery> deliveries) {
  services::Delivery& delivery = deliveries.front();
  runtime::HttpCall call{.method = "POST",
                         .url = delivery.target,
                         .headers = {},
                         .body = std::move(delivery.body),
                         .total_timeout = services::topic_http_timeout};
  read_parameters(delivery.parameters, call);
  services::Refusals refusals(1);
  if (!http_) {
    refusals.front() =
        services::Refusal{.reason = "This cloud makes no HTTP calls.", .code = "SDK_CLIENT_ERROR"};
    co_return refusals;
  }
  services::HttpOutcome outcome = co_await pool_.deliver(
      *http_, std::move(call), services::HttpRules::topic, delivery.target + '\n' + delivery.via);
  refusals.front() = std::move(outcome.refusal);
  refusals.taken.push_back({.id = "", .status = outcome.status, .response = outcome.response});
  co_return refusals;
}

}  // namespace matinee::delivery
