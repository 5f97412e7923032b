// Calls of functions.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "protocol/base64.h"
#include "protocol/json_text.h"
#include "runtime/log.h"
#include "services/from_cloudformation.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

constexpr std::int32_t done_now = 200;
constexpr std::int32_t taken = 202;
constexpr std::int32_t would_do = 204;

/// What a task waits for that may be gone before it comes.
struct Awaited {
  runtime::Promised<Result> result;
  bool is_awaited = true;
};

class Waiting {
 public:
  Waiting() = default;
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { shared_->is_awaited = false; }
  std::move_only_function<void(Result)> done() const {
    return [shared = shared_](Result result) {
      if (shared->is_awaited) shared->result.set(std::move(result));
    };
  }
  runtime::Promised<Result>& result() const { return shared_->result; }

 private:
  std::shared_ptr<Awaited> shared_ = std::make_shared<Awaited>();
};

}  // namespace

std::string payload_of(const std::optional<protocol::Blob>& payload, std::size_t longest) {
  if (!payload || payload->bytes.empty()) return "{}";
  if (payload->bytes.size() > longest)
    throw RequestTooLargeException(
        fmt::format("{} byte payload is too large for the {} invocation type (limit {} bytes)",
                    payload->bytes.size(), longest == longest_event ? "Event" : "RequestResponse",
                    longest),
        {.type = "User"});
  if (!protocol::json::is_json(payload->bytes))
    throw InvalidRequestContentException(
        "Could not parse request body into json: Could not parse payload into json",
        {.type = "User"});
  return payload->bytes;
}

std::string client_context_of(const std::optional<std::string>& encoded) {
  if (!encoded || encoded->empty()) return {};
  std::optional<std::string> text = protocol::base64_decode(*encoded);
  if (!text || !protocol::json::is_json(*text))
    throw InvalidRequestContentException(
        "Client context must be a valid Base64-encoded JSON object.", {.type = "User"});
  // Between the values of JSON a line break is as good as a space, and within them there is none.
  std::ranges::replace_if(*text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return *std::move(text);
}

/// The version that an alias leads to this time: the one with a weight as often as that says.
std::uint32_t Service::route(const Target& target) {
  if (target.alias.empty()) return target.version;
  const std::optional<AliasRecord> alias = aliases_.find(qualified(target.key, target.alias));
  if (!alias || alias->weights.empty()) return target.version;
  const auto& [version, weight] = *alias->weights.begin();
  constexpr std::uint64_t steps = 1'000'000;
  const bool is_other =
      static_cast<double>(runtime_.random.below(steps)) < weight * static_cast<double>(steps);
  return is_other ? version_of_text(version).value_or(0) : target.version;
}

Task<Result> Service::call_now(const Context& context, Target target, std::string qualifier,
                               Invocation call) {
  const Waiting waiting;
  call.done = waiting.done();
  const std::string id = call.id;
  const std::string trace = call.trace;
  const bool tells = is_told(trace, id);
  // What CloudFormation asks of a function has values in it that nobody is to see.
  const bool is_secret = services::comes_from_cloudformation(context);
  const std::string payload = tells && !is_secret ? call.payload : std::string();
  const services::HopMessage message{.id = id, .bytes = call.payload.size(), .body = payload};
  services::Hop hop{
      .kind = services::HopKind::invoked,
      .account = {},
      .region = {},
      .trace = trace,
      .resource = {},
      .caller = context.service_principal.empty() ? context.caller_arn : context.service_principal,
      .messages = {&message, 1}};
  try {
    run_call(target, qualifier, std::move(call));
  } catch (const protocol::ServiceError& error) {
    const std::string reason = why_not_called(error);
    hop.kind = services::HopKind::refused;
    hop.reason = reason;
    if (tells) tell(target.key, qualifier, hop);
    throw;
  }
  Result result = co_await waiting.result();
  const std::string reason = reason_of(result);
  hop.reason = reason;
  if (tells) tell(target.key, qualifier, hop, &result);
  co_return result;
}

Task<InvokeResponse> Service::invoke(const Context& context, const InvokeRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  if (!functions_.contains(name.key)) refuse_unknown_function(name.key, name.qualifier_or_latest());
  const Target target = require_target(name);
  if (request.durable_execution_name)
    refuse_member("DurableExecutionName", "durable functions are not served here");
  const std::string type = request.invocation_type.value_or("RequestResponse");
  if (type == "DryRun") co_return InvokeResponse{.status_code = would_do};
  if (!runner_)
    throw protocol::ServiceError(
        "NotImplemented", 501, "Functions run where \"matinee up\" does, without --functions off.");
  const std::string payload =
      payload_of(request.payload, type == "Event" ? longest_event : longest_call);
  const std::string client_context = client_context_of(request.client_context);
  const std::string id = context.request_id.empty() ? runtime_.random.uuid() : context.request_id;
  const std::string trace =
      services::with_root(context.trace_header, runtime_.clock.now(), runtime_.random);
  if (type == "Event") {
    storage::Transaction transaction(store_);
    if (neighbours_.journal && services::comes_from_cloudformation(context))
      neighbours_.journal->withhold(id);
    accept(name, {.id = id, .payload = payload, .client_context = client_context, .trace = trace});
    transaction.commit();
    co_return InvokeResponse{.status_code = taken};
  }
  Result result = co_await call_now(context, target, name.qualifier,
                                    {.id = id,
                                     .payload = payload,
                                     .client_context = client_context,
                                     .trace = trace,
                                     .wants_log = request.log_type == "Tail"});
  InvokeResponse response{.status_code = done_now, .executed_version = result.version};
  if (!result.function_error.empty()) response.function_error = result.function_error;
  if (request.log_type == "Tail") response.log_result = protocol::base64_encode(result.log_tail);
  response.payload = protocol::Blob{std::move(result.payload)};
  co_return response;
}

void Service::accept(const Named& name, QueuedRecord call) {
  std::tie(call.account, call.region, call.function) = name.key;
  call.qualifier = name.qualifier;
  call.since = runtime_.clock.now();
  enqueue(std::move(call));
}

/// The way of 2014 to call asynchronously.
InvokeAsyncResponse Service::invoke_async(const Context& context,
                                          const InvokeAsyncRequest& request) {
  const Named name = named(context, request.function_name);
  require_target(name);
  if (!runner_) throw protocol::ServiceError("NotImplemented", 501, "Functions do not run here.");
  accept(name, {.id = context.request_id.empty() ? runtime_.random.uuid() : context.request_id,
                .payload = payload_of(request.invoke_args, longest_event),
                .trace = services::with_root(context.trace_header, runtime_.clock.now(),
                                             runtime_.random)});
  return {.status = taken};
}

/// What an instance of that version is made of now.
Program Service::program_of(const VersionKey& key) {
  const VersionRecord record = require_version(key);
  const auto& [account, region, name, version] = key;
  const FunctionKey function{account, region, name};
  Context context{.account = account, .region = region};
  context.service_principal = service_principal;
  context.source_account = account;
  context.source_arn = arn_of(function);
  Program program{.version = key, .settings = record.settings, .revision = record.revision};
  if (auto variables = environment_of(context, function, record.settings))
    program.environment = *std::move(variables);
  for (const std::string& layer : record.settings.layers)
    if (const std::optional<std::string> package = package_of_layer(layer))
      program.layers.push_back(*package);
  program.endpoint = endpoint_;
  if (!neighbours_.roles) return program;
  constexpr std::int32_t lifetime = 12 * 3600;
  try {
    storage::Transaction transaction(store_);
    program.credentials = neighbours_.roles->take_on(
        {.role = record.settings.role,
         // STS wants two characters.
         .session_name = name.size() < 2 ? name + "@lambda_function" : name,
         .service = std::string(service_principal),
         .source_arn = arn_of(function),
         .seconds = lifetime});
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    throw protocol::ServiceError("ServiceException", 500, failure.what());
  }
  return program;
}

void Service::run_on(runtime::Sandboxes& sandboxes, const LocalWays& ways, std::string endpoint,
                     LaunchOf launch_of) {
  endpoint_ = std::move(endpoint);
  Machine machine{
      .runtime = runtime_,
      .sandboxes = sandboxes,
      .ports = ways.ports,
      .read_package = [this](const std::string& package) { return packages_.reader_of(package); },
      .launch_of = std::move(launch_of),
      .keep_lines = [this](const LogOrigin& origin,
                           const std::vector<LogText>& lines) { keep_lines(origin, lines); },
      .sender = ways.sender};
  runner_ = std::make_unique<Runner>(std::move(machine),
                                     [this](const VersionKey& key) { return program_of(key); });
  if (neighbours_.logs)
    neighbours_.logs->before_reading([this, lives = lives_] {
      if (*lives && runner_) runner_->keep_logs();
    });
  // What an earlier run has accepted.
  runtime_.loop.post([this, lives = lives_] {
    if (!*lives) return;
    look_at_queue();
    start_pollers();
    keep_all_provisioned();
  });
}

void Service::stop_running() {
  pollers_.clear();
  change_pollers_.clear();
  if (runner_) runner_->keep_logs();
  runner_.reset();
}

/// What cannot be kept is lost: a function does not fail for its log.
void Service::keep_lines(const LogOrigin& origin, const std::vector<LogText>& lines) {
  if (!neighbours_.logs) return;
  std::vector<services::LogLine> texts;
  texts.reserve(lines.size());
  for (const LogText& line : lines) texts.push_back({.time = line.time, .text = line.text});
  try {
    storage::Transaction transaction(store_);
    neighbours_.logs->put({.account = std::get<0>(origin.version),
                           .region = std::get<1>(origin.version),
                           .group = origin.settings.logging.group,
                           .stream = origin.stream,
                           .trace = origin.trace},
                          texts);
    transaction.commit();
  } catch (const std::exception& failure) {
    spdlog::warn("What a function has logged is lost: {}", failure.what());
  }
}

}  // namespace matinee::lambda
