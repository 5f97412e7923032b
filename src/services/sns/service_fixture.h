// Topics on a simulated machine, with an outbox that only remembers, for the tests beside the code.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/simulated/simulation.h"
#include "services/keyed_service_fixture.h"
#include "services/sns/service.h"

namespace matinee::sns {

/// What was handed over to be delivered.
class Deliveries final : public services::Outbox {
 public:
  std::vector<services::Delivery> all;

  void provide(const std::string&, services::DeliveryTarget&) override {}
  void add(const services::Delivery& delivery) override { all.push_back(delivery); }
  runtime::Task<> deliver_now(services::Delivery) override { co_return; }
  bool serves(const std::string&) const override { return true; }
  void listen(const std::string&, services::DeliveryListener&) override {}

  std::vector<std::string> bodies() const {
    std::vector<std::string> bodies;
    for (const services::Delivery& delivery : all) bodies.push_back(delivery.body);
    return bodies;
  }
};

class SnsTest : public services::KeyedServiceTest<Service> {
 protected:
  Deliveries outbox;
  const std::string queue = "arn:aws:sqs:us-east-1:111122223333:orders";
  const std::string fifo_queue = "arn:aws:sqs:us-east-1:111122223333:orders.fifo";

  SnsTest() { start(); }

  std::string create(const std::string& name, const Attributes& attributes = {}) {
    return *call(&Service::create_topic, CreateTopicRequest{.name = name, .attributes = attributes})
                .topic_arn;
  }
  std::string create_fifo(const std::string& name, Attributes attributes = {}) {
    attributes.emplace("FifoTopic", "true");
    return create(name, attributes);
  }
  std::string subscribe(const std::string& topic, const std::string& protocol,
                        const std::string& endpoint, const Attributes& attributes = {}) {
    return *call(&Service::subscribe, SubscribeRequest{.topic_arn = topic,
                                                       .protocol = protocol,
                                                       .endpoint = endpoint,
                                                       .attributes = attributes,
                                                       .return_subscription_arn = true})
                .subscription_arn;
  }
  PublishResponse publish(const std::string& topic, const std::string& text) {
    return call(&Service::publish, PublishRequest{.topic_arn = topic, .message = text});
  }
  PublishResponse publish_to_group(const std::string& topic, const std::string& group,
                                   const std::string& id, const std::string& text = "text") {
    return call(&Service::publish, PublishRequest{.topic_arn = topic,
                                                  .message = text,
                                                  .message_deduplication_id = id,
                                                  .message_group_id = group});
  }
  std::string attribute(const std::string& topic, const std::string& name) {
    return told(*call(&Service::get_topic_attributes, GetTopicAttributesRequest{topic}).attributes,
                name);
  }
  void set(const std::string& topic, const std::string& name, const std::string& value) {
    call(&Service::set_topic_attributes,
         SetTopicAttributesRequest{
             .topic_arn = topic, .attribute_name = name, .attribute_value = value});
  }
  std::string subscription_attribute(const std::string& subscription, const std::string& name) {
    return told(
        *call(&Service::get_subscription_attributes, GetSubscriptionAttributesRequest{subscription})
             .attributes,
        name);
  }
  void set_subscription(const std::string& subscription, const std::string& name,
                        const std::string& value) {
    call(&Service::set_subscription_attributes,
         SetSubscriptionAttributesRequest{
             .subscription_arn = subscription, .attribute_name = name, .attribute_value = value});
  }
  /// A member of a JSON object that is a text.
  static std::string member(const std::string& json, std::string_view name) {
    simdjson::dom::parser parser;
    std::string_view text;
    if (parser.parse(json)[name].get(text)) return "";
    return std::string(text);
  }

 private:
  std::unique_ptr<Service> make() override {
    return std::make_unique<Service>(*store, runtime, Neighbours{.outbox = &outbox, .keys = &keys});
  }
  static std::string told(const Attributes& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? "absent" : found->second;
  }
};

}  // namespace matinee::sns
