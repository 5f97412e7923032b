// What a trace began with, of all that happened in it.
#include "cli/beginnings.h"

#include <gtest/gtest.h>

namespace matinee::cli {
namespace {

using insight::Hop;

constexpr const char* root = "1-5759e988-bd862e3fe1be46a994272793";
constexpr const char* topic = "arn:aws:sns:us-east-1:111122223333:orders";
constexpr const char* queue = "arn:aws:sqs:us-east-1:111122223333:billing";
constexpr const char* bus = "arn:aws:events:us-east-1:111122223333:event-bus/films";
constexpr const char* other_bus = "arn:aws:events:us-east-1:111122223333:event-bus/archive";
constexpr const char* function = "arn:aws:lambda:us-east-1:111122223333:function:play";

Hop hop(const std::string& kind, const std::string& resource, const std::string& id,
        const std::string& cause = "") {
  Hop hop{.kind = kind,
          .trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1",
          .resource = resource,
          .messages = {{{.id = id, .bytes = 5}}}};
  if (!cause.empty()) hop.messages->front().cause = cause;
  return hop;
}

/// "ID in RESOURCE" a line.
std::string beginnings(const std::vector<Hop>& hops) {
  std::string text;
  for (const Beginning& one : find_beginnings(root, hops))
    text += one.id + " in " + one.resource + "\n";
  return text;
}

TEST(Beginnings, are_what_clients_sent_in_its_order_and_not_what_came_of_it) {
  const std::vector<Hop> hops{hop("sent", topic, "t"),           hop("sent", queue, "m"),
                              hop("delivered", queue, "d", "t"), hop("received", queue, "d"),
                              hop("received", queue, "m"),       hop("deleted", queue, "d")};
  EXPECT_EQ(beginnings(hops), std::string("t in ") + topic + "\nm in " + queue + "\n");
  EXPECT_EQ(find_beginnings(root, hops).front().bytes, 5);
}

TEST(Beginnings, of_a_call_are_one_whenever_it_was_made) {
  EXPECT_EQ(beginnings({hop("sent", function, "c"), hop("put off", function, "c"),
                        hop("invoked", function, "c"), hop("invoked", function, "now")}),
            std::string("c in ") + function + "\nnow in " + function + "\n");
  // A service has handed it over.
  EXPECT_EQ(beginnings({hop("sent", function, "c"), hop("delivered", function, "c", "t"),
                        hop("invoked", function, "c")}),
            "");
  EXPECT_EQ(beginnings({hop("sent", function, "c"), hop("delivered", function, "c")}), "");
}

TEST(Beginnings, of_an_event_are_where_it_was_put_though_it_keeps_its_id) {
  Hop handed_on = hop("sent", other_bus, "e");
  handed_on.caller = "arn:aws:events:us-east-1:111122223333:rule/films/all";
  Hop of_service = hop("sent", bus, "s");
  of_service.caller = "aws.s3";
  EXPECT_EQ(beginnings({hop("sent", bus, "e"), handed_on, of_service}),
            std::string("e in ") + bus + "\n");
}

TEST(Beginnings, are_not_what_functions_and_services_send) {
  Hop by_function = hop("sent", queue, "f");
  by_function.trace = std::string("Root=") + root + ";Sampled=0;Lineage=a87bd80c:1";
  Hop by_service = hop("sent", topic, "s");
  by_service.caller = "cloudwatch.amazonaws.com";
  Hop by_user = hop("sent", queue, "u");
  by_user.caller = "arn:aws:iam::111122223333:user/mia";
  EXPECT_EQ(beginnings({by_function, by_service, by_user}), std::string("u in ") + queue + "\n");
}

TEST(Beginnings, are_of_that_trace_alone) {
  Hop of_another = hop("sent", queue, "o");
  of_another.trace = "Root=1-5759e988-000000000000000000000000";
  Hop of_none = hop("sent", queue, "n");
  of_none.trace = std::nullopt;
  EXPECT_EQ(beginnings({of_another, of_none}), "");
}

}  // namespace
}  // namespace matinee::cli
