#include "services/events/http_destinations.h"

#include <gmock/gmock.h>

#include <map>

#include "client/fake_http.h"
#include "services/events/service.h"
#include "services/keyed_service_fixture.h"

namespace matinee::events {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Keeps secrets in plain text.
class Drawer final : public services::SecretKeeper {
 public:
  std::map<std::string, std::string> texts;
  std::string owner;

  std::string keep_secret(const Context&, const services::KeptSecret& secret) override {
    texts[secret.name] = secret.text;
    owner = secret.owner;
    return "arn:aws:secretsmanager:us-east-1:111122223333:secret:" + secret.name + "-AbCdEf";
  }
  std::optional<std::string> kept_secret(const Context&, const std::string& name) override {
    const auto found = texts.find(name);
    if (found == texts.end()) return std::nullopt;
    return found->second;
  }
  void drop_secret(const Context&, const std::string& name) override { texts.erase(name); }
};

class HttpDestinationsTest : public services::KeyedServiceTest<Service> {
 protected:
  Drawer drawer;
  client::FakeHttp http{machine.loop};

  HttpDestinationsTest() { start(); }

  CreateConnectionResponse connect(const std::string& name, CreateConnectionRequest request = {}) {
    request.name = name;
    if (request.authorization_type.empty()) {
      request.authorization_type = "BASIC";
      request.auth_parameters.basic_auth_parameters = {.username = "ada", .password = "secret"};
    }
    return call(&Service::create_connection, request);
  }
  CreateConnectionResponse connect_by_token(const std::string& name) {
    CreateConnectionRequest request{.authorization_type = "OAUTH_CLIENT_CREDENTIALS"};
    request.auth_parameters.o_auth_parameters = {
        .client_parameters = {.client_id = "id", .client_secret = "s&cret"},
        .authorization_endpoint = "https://tokens.example/get",
        .http_method = "POST",
        .o_auth_http_parameters =
            ConnectionHttpParameters{.body_parameters = {{{.key = "scope", .value = "a b"}}}}};
    return connect(name, request);
  }
  DescribeConnectionResponse describe(const std::string& name) {
    return call(&Service::describe_connection, DescribeConnectionRequest{.name = name});
  }
  std::string destine(const std::string& name, const std::string& connection,
                      CreateApiDestinationRequest request = {}) {
    request.name = name;
    request.connection_arn = connection;
    if (request.invocation_endpoint.empty())
      request.invocation_endpoint = "https://example.com/*/x/*?a=1";
    if (request.http_method.empty()) request.http_method = "POST";
    return *call(&Service::create_api_destination, request).api_destination_arn;
  }
  services::Refusals send(const std::string& target, const std::string& body,
                          const std::string& parameters = "") {
    services::Delivery delivery{.target = target, .body = body, .parameters = parameters};
    std::optional<services::Refusals> result;
    std::vector<services::Delivery> deliveries;
    deliveries.push_back(std::move(delivery));
    runtime::start(service->http_destinations().send(std::move(deliveries)),
                   [&](std::optional<services::Refusals> refusals, std::exception_ptr error) {
                     EXPECT_FALSE(error);
                     result = std::move(refusals);
                   });
    for (int round = 0; round < 100 && !result; ++round) {
      machine.loop.run_until_idle();
      if (!result) advance(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(result);
    return std::move(*result);
  }

 private:
  std::unique_ptr<Service> make() override {
    auto made = std::make_unique<Service>(*store, runtime);
    made->http_destinations().use({.secrets = &drawer, .http = &http});
    return made;
  }
};

TEST_F(HttpDestinationsTest, a_connection_keeps_its_password_in_a_secret_of_its_own) {
  const auto created = connect("books");
  EXPECT_EQ(created.connection_state, "AUTHORIZED");
  EXPECT_THAT(*created.connection_arn,
              StartsWith("arn:aws:events:us-east-1:111122223333:connection/books/"));
  const std::string id = created.connection_arn->substr(created.connection_arn->rfind('/') + 1);
  EXPECT_EQ(drawer.texts.at("events!connection/books/" + id),
            R"({"username":"ada","password":"secret"})");
  EXPECT_EQ(drawer.owner, "events");
  const auto shown = describe("books");
  EXPECT_EQ(shown.name, "books");
  EXPECT_EQ(shown.authorization_type, "BASIC");
  EXPECT_EQ(shown.auth_parameters->basic_auth_parameters->username, "ada");
  EXPECT_FALSE(shown.auth_parameters->invocation_http_parameters);
  EXPECT_THAT(*shown.secret_arn, HasSubstr("events!connection/books/" + id));
  EXPECT_TRUE(shown.last_authorized_time);
}

TEST_F(HttpDestinationsTest, parameters_that_are_given_empty_are_kept_empty) {
  CreateConnectionRequest request{.authorization_type = "API_KEY"};
  request.auth_parameters.api_key_auth_parameters = {.api_key_name = "x", .api_key_value = "y"};
  request.auth_parameters.invocation_http_parameters.emplace();
  connect("keyed", request);
  EXPECT_EQ(drawer.texts.begin()->second,
            R"({"api_key_name":"x","api_key_value":"y","invocation_http_parameters":{}})");
  EXPECT_TRUE(describe("keyed").auth_parameters->invocation_http_parameters);
}

TEST_F(HttpDestinationsTest, a_connection_that_is_not_there_has_its_own_words) {
  EXPECT_EQ(error_of([&] { describe("none"); }),
            "ResourceNotFoundException: Failed to describe the connection(s). Connection 'none' "
            "does not exist.");
  connect("twice");
  EXPECT_EQ(error_of([&] { connect("twice"); }),
            "ResourceAlreadyExistsException: Connection twice already exists.");
}

TEST_F(HttpDestinationsTest, what_an_update_does_not_give_stays) {
  const auto created = connect("books");
  UpdateConnectionRequest request{.name = "books"};
  request.auth_parameters.emplace().basic_auth_parameters = {.username = "bob"};
  const auto updated = call(&Service::update_connection, request);
  EXPECT_EQ(updated.connection_arn, created.connection_arn);
  EXPECT_EQ(drawer.texts.size(), 1u);
  EXPECT_EQ(drawer.texts.begin()->second, R"({"username":"bob","password":"secret"})");
  request.authorization_type = "API_KEY";
  EXPECT_THAT(error_of([&] { call(&Service::update_connection, request); }),
              StartsWith("ValidationException: Parameter AuthParameters is not valid."));
}

TEST_F(HttpDestinationsTest, a_deleted_connection_takes_its_secret_with_it) {
  connect("books");
  EXPECT_EQ(call(&Service::delete_connection, DeleteConnectionRequest{"books"}).connection_state,
            "DELETING");
  EXPECT_TRUE(drawer.texts.empty());
  EXPECT_THAT(error_of([&] { describe("books"); }), StartsWith("ResourceNotFoundException"));
}

TEST_F(HttpDestinationsTest, a_deauthorized_connection_can_be_used_again) {
  const auto created = connect("books");
  const std::string target = destine("d", *created.connection_arn);
  EXPECT_EQ(call(&Service::deauthorize_connection, DeauthorizeConnectionRequest{"books"})
                .connection_state,
            "DEAUTHORIZING");
  EXPECT_EQ(describe("books").connection_state, "DEAUTHORIZED");
  EXPECT_FALSE(describe("books").secret_arn);
  EXPECT_FALSE(send(target, "{}").front()->for_ever);
  EXPECT_EQ(call(&Service::describe_api_destination, DescribeApiDestinationRequest{"d"})
                .api_destination_state,
            "INACTIVE");
  UpdateConnectionRequest request{.name = "books"};
  request.auth_parameters.emplace().basic_auth_parameters = {.username = "bob", .password = "new"};
  call(&Service::update_connection, request);
  http.answer(200, "");
  EXPECT_FALSE(send(target, "{}").front());
}

TEST_F(HttpDestinationsTest, lists_come_in_pages_by_name) {
  for (const char* name : {"c", "a", "b1", "b2", "b3"}) {
    const auto created = connect(name);
    destine(name, *created.connection_arn);
  }
  std::string seen;
  ListConnectionsRequest request{.name_prefix = "b", .limit = 2};
  do {
    const auto page = call(&Service::list_connections, request);
    for (const Connection& one : *page.connections) seen += *one.name + " ";
    seen += "| ";
    request.next_token = page.next_token;
  } while (request.next_token);
  EXPECT_EQ(seen, "b1 b2 | b3 | ");
  const auto all = call(&Service::list_api_destinations, ListApiDestinationsRequest{});
  EXPECT_EQ(all.api_destinations->size(), 5u);
  EXPECT_FALSE(all.next_token);
}

TEST_F(HttpDestinationsTest, a_call_has_what_target_and_connection_say) {
  CreateConnectionRequest request{.authorization_type = "BASIC"};
  request.auth_parameters.basic_auth_parameters = {.username = "ada", .password = "secret"};
  request.auth_parameters.invocation_http_parameters = ConnectionHttpParameters{
      .header_parameters = {{{.key = "X-One", .value = "connection"}}},
      .query_string_parameters = {{{.key = "q", .value = "c d"}}},
      .body_parameters = {{{.key = "k", .value = "v"}, {.key = "id", .value = "new"}}}};
  const std::string target = destine("d", *connect("books", request).connection_arn);
  http.answer(200, "");
  const auto refusals = send(target, R"({"id":"old","n":1})",
                             R"({"PathParameterValues":["p/1","two"],)"
                             R"("HeaderParameters":{"x-one":"target","X-Two":"2","Host":"evil"},)"
                             R"("QueryStringParameters":{"q":"t","r":"3"}})");
  EXPECT_FALSE(refusals.front());
  EXPECT_EQ(refusals.taken.front().status, 200);
  const runtime::HttpCall& sent = http.calls.at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://example.com/p%2F1/x/two?a=1&r=3&q=c%20d");
  EXPECT_EQ(sent.body, R"({"n":1,"k":"v","id":"new"})");
  EXPECT_EQ(http.header(0, "Authorization"), "Basic YWRhOnNlY3JldA==");
  EXPECT_EQ(http.header(0, "X-One"), "connection");
  EXPECT_EQ(http.header(0, "X-Two"), "2");
  EXPECT_EQ(http.header(0, "Host"), "");
  EXPECT_EQ(http.header(0, "Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(http.header(0, "User-Agent"), "Amazon/EventBridge/ApiDestinations");
}

TEST_F(HttpDestinationsTest, some_statuses_are_tried_again) {
  const std::string target = destine("d", *connect("books").connection_arn);
  for (const int status : {401, 407, 409, 429, 500, 503}) {
    http.forget_answers();
    http.answer(status, "", {{"Retry-After", "7"}});
    const auto refusals = send(target, "{}");
    EXPECT_FALSE(refusals.front()->for_ever) << status;
    EXPECT_EQ(refusals.front()->not_before, std::chrono::seconds(7));
  }
  for (const int status : {302, 400, 403, 404, 413}) {
    http.forget_answers();
    http.answer(status, "");
    EXPECT_TRUE(send(target, "{}").front()->for_ever) << status;
  }
}

TEST_F(HttpDestinationsTest, a_token_is_fetched_once_and_again_when_it_is_refused) {
  http.answer(200, R"({"access_token":"t1","expires_in":3600})");
  const auto created = connect_by_token("o");
  EXPECT_EQ(created.connection_state, "AUTHORIZING");
  EXPECT_EQ(describe("o").connection_state, "AUTHORIZING");
  machine.loop.run_until_idle();
  EXPECT_EQ(describe("o").connection_state, "AUTHORIZED");
  EXPECT_EQ(http.calls.at(0).url, "https://tokens.example/get");
  EXPECT_EQ(http.calls.at(0).body,
            "grant_type=client_credentials&client_id=id&client_secret=s%26cret&scope=a%20b");
  const std::string target = destine("d", *created.connection_arn);
  http.forget_answers();
  http.answer(401, "");
  EXPECT_FALSE(send(target, "{}").front()->for_ever);
  EXPECT_EQ(http.header(1, "Authorization"), "Bearer t1");
  http.forget_answers();
  http.answer(200, R"({"access_token":"t2"})");
  EXPECT_FALSE(send(target, "{}").front());
  EXPECT_EQ(http.header(3, "Authorization"), "Bearer t2");
  advance(std::chrono::hours(2));
  EXPECT_FALSE(send(target, "{}").front());
  EXPECT_EQ(http.calls.size(), 6u);  // an expired token is fetched again
}

TEST_F(HttpDestinationsTest, a_token_that_cannot_be_fetched_is_told) {
  http.answer(403, "");
  connect_by_token("o");
  machine.loop.run_until_idle();
  EXPECT_EQ(describe("o").connection_state, "DEAUTHORIZED");
  EXPECT_EQ(describe("o").state_reason, "The authorization endpoint answered with status 403.");
}

TEST_F(HttpDestinationsTest, authorizing_goes_on_after_a_restart) {
  http.answer(200, R"({"access_token":"t1"})");
  connect_by_token("o");
  store->flush();
  machine.crash(runtime::SimulatedDisk::Crash::process);
  service.reset();
  store.reset();
  machine.restart();
  start();
  machine.loop.run_until_idle();
  EXPECT_EQ(describe("o").connection_state, "AUTHORIZED");
}

TEST_F(HttpDestinationsTest, calls_keep_to_the_rate) {
  const std::string target =
      destine("d", *connect("books").connection_arn, {.invocation_rate_limit_per_second = 2});
  http.answer(200, "");
  const runtime::Time begin = runtime.clock.now();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(send(target, "{}").front());
  EXPECT_GE(runtime.clock.now() - begin, std::chrono::seconds(2));
  EXPECT_LE(runtime.clock.now() - begin, std::chrono::milliseconds(2500));
}

TEST_F(HttpDestinationsTest, what_is_gone_is_not_tried_again) {
  const std::string target = destine("d", *connect("books").connection_arn);
  call(&Service::delete_connection, DeleteConnectionRequest{"books"});
  EXPECT_TRUE(send(target, "{}").front()->for_ever);
  call(&Service::delete_api_destination, DeleteApiDestinationRequest{"d"});
  EXPECT_TRUE(send(target, "{}").front()->for_ever);
  EXPECT_EQ(error_of([&] {
              call(&Service::describe_api_destination, DescribeApiDestinationRequest{"d"});
            }),
            "ResourceNotFoundException: Failed to describe the api-destination(s). An "
            "api-destination 'd' does not exist.");
}

}  // namespace
}  // namespace matinee::events
