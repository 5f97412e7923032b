#include "tables_machine.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/codec.h"

namespace matinee::simulation::tables {
namespace {

const protocol::Operation& find_operation(const std::string& name) {
  for (const protocol::ServiceModel* model : {&dynamodb::model, &dynamodbstreams::model})
    for (const protocol::Operation* operation : model->operations)
      if (operation->name == name) return *operation;
  throw std::runtime_error(name + " is no operation");
}

}  // namespace

TablesMachine::TablesMachine(std::uint64_t seed) : machine(seed) {
  start();
}

TablesMachine::~TablesMachine() {
  stop();
}

void TablesMachine::start() {
  auto opened = storage::Store::open(
      {.directory = "/data", .disk = &machine.disk, .workers = &machine.workers});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  store_ = *std::move(opened);
  endpoint_ = std::make_unique<services::Endpoint>(machine.loop, *store_, &machine.workers);
  service_ = std::make_unique<dynamodb::Service>(*store_, runtime_);
  streams_ =
      std::make_unique<dynamodbstreams::Service>(service_->changes(), service_->tables(), runtime_);
  endpoint_->add(*service_, dynamodb::Service::handlers());
  endpoint_->add(*streams_, dynamodbstreams::Service::handlers());
  // Where the program would end at once, the simulation lets it run on to the end of its round:
  // nothing that it does in between reaches the disk, and no reply of the round gets out.
  machine.loop.set_flush([this] {
    const auto flushed = store_->flush();
    if (machine.disk.has_crashed()) return machine.loop.forget_replies();
    ASSERT_TRUE(flushed.has_value()) << flushed.error().message;
  });
  channel_ = std::make_unique<client::InProcessChannel>(*endpoint_, machine.random,
                                                        services::Context{.host = "localhost"});
}

void TablesMachine::stop() {
  channel_.reset();
  streams_.reset();
  service_.reset();
  endpoint_.reset();
  store_.reset();
  machine.restart();
}

runtime::Task<> TablesMachine::perform(Call& call) {
  const protocol::Operation& operation = find_operation(call.operation);
  protocol::HttpRequest request{.method = "POST", .target = "/"};
  request.body = call.body.text();
  try {
    protocol::Object decoded(*operation.request);
    protocol::Violations violations =
        protocol::decode_request(operation, protocol::Protocol::json, request, decoded.get());
    const protocol::Object response = co_await channel_->call(
        operation,
        services::Input{.request = std::move(decoded), .violations = std::move(violations)});
    const auto encoded =
        protocol::encode_response(operation, protocol::Protocol::json, response.get(), "id");
    call.reply = Reply{.body = Json::parse(encoded.body.bytes)};
  } catch (const protocol::ServiceError& error) {
    const auto encoded =
        protocol::encode_error(*operation.service, protocol::Protocol::json, error, "id");
    call.reply = Reply{.body = Json::parse(encoded.body.bytes),
                       .code = std::string(error.code()),
                       .message = error.message()};
  }
}

/// What is posted here does not outlive the group: the loop forgets it where the machine dies.
void TablesMachine::begin(runtime::TaskGroup& group, std::vector<Call>& calls, std::size_t next,
                          bool spread) {
  if (next == calls.size() || has_died()) return;
  runtime::start(group.spawn(perform(calls[next])), [](const std::exception_ptr&) {});
  if (!spread) return begin(group, calls, next + 1, spread);
  machine.loop.post([this, &group, &calls, next] { begin(group, calls, next + 1, true); });
}

void TablesMachine::make(std::vector<Call>& calls, bool spread) {
  // The group owns the calls: what a kill leaves suspended goes with it.
  runtime::TaskGroup group(calls.size());
  begin(group, calls, 0, spread);
  const auto has_ended = [&] {
    return std::ranges::all_of(calls, [](const Call& call) { return call.reply.has_value(); });
  };
  while (!has_ended() && !has_died()) {
    machine.loop.run_until_idle();
    if (has_ended() || has_died()) break;
    if (!machine.loop.advance_to_next_timer()) break;
  }
  if (has_died()) return machine.loop.run_until_idle();
  for (const Call& call : calls) EXPECT_TRUE(call.reply) << call.operation << " has not ended";
}

Json TablesMachine::ask(const std::string& operation, Json body) {
  std::vector<Call> calls = {{operation, std::move(body)}};
  make(calls);
  const std::optional<Reply>& reply = calls.front().reply;
  if (!reply) throw std::runtime_error(operation + " has no reply");
  if (!reply->code.empty())
    throw std::runtime_error(fmt::format("{} {}: {}: {}", operation, calls.front().body.text(),
                                         reply->code, reply->message));
  return reply->body;
}

}  // namespace matinee::simulation::tables
