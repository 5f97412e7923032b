// What all calls of functions have in common, whoever makes them: loops are ended, capacity is
// asked for, they are measured and told.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "lambda/errors.h"
#include "protocol/utf8.h"
#include "services/faults.h"
#include "services/kept_answer.h"
#include "services/lambda/catalog/concurrency_limits.h"
#include "services/lambda/running/runtime_replies.h"
#include "services/lambda/service.h"
#include "services/lineage.h"

namespace matinee::lambda {

namespace {

/// AWS: "approximately 16 times".
constexpr std::uint32_t most_passes = 16;

[[noreturn]] void refuse_call(std::string reason) {
  TooManyRequestsException error("Rate Exceeded.", {.type = "User", .reason = std::move(reason)});
  error.headers.emplace_back("Retry-After", "1");
  throw error;
}

}  // namespace

void Service::require_capacity(const VersionKey& version, const FunctionRecord& function) const {
  if (runner_->has_free_provisioned(version)) return;
  const FunctionKey key{std::get<0>(version), std::get<1>(version), std::get<2>(version)};
  if (function.reserved_concurrency) {
    // Of what is reserved, a part may be provisioned for some versions alone.
    if (runner_->on_demand_calls_of(key) + runner_->provisioned_of(key) >=
        static_cast<std::size_t>(*function.reserved_concurrency))
      refuse_call("ReservedFunctionConcurrentInvocationLimitExceeded");
    return;
  }
  if (runner_->calls() >= static_cast<std::size_t>(most_concurrent))
    refuse_call("ConcurrentInvocationLimitExceeded");
}

std::uint32_t Service::run_call(const Target& target, const std::string& qualifier,
                                Invocation call) {
  const FunctionRecord function = require_function(target.key);
  const std::uint32_t version = route(target);
  const CallKey counted{target.key, qualifier,
                        target.alias.empty() ? std::string() : text_of_version(version)};
  auto [trace, passes] = services::pass_through(call.trace, arn_of(target.key));
  if (passes > most_passes && function.recursive_loop != "Allow") {
    ++measures_.of(counted).loops_ended;
    throw RecursiveInvocationException(
        "Lambda has detected your function being invoked in a recursive loop with other AWS "
        "resources and stopped your function's invocation.",
        {.type = "User"});
  }
  const auto fate = strike(target.key, qualifier, call);
  try {
    if (fate == faults::Action::throttle) refuse_call("ConcurrentInvocationLimitExceeded");
    require_capacity(versioned(target.key, version), function);
  } catch (const TooManyRequestsException&) {
    ++measures_.of(counted).throttles;
    throw;
  }
  const bool is_reserved = function.reserved_concurrency.has_value();
  call.version = versioned(target.key, version);
  call.arn = arn_of(target.key, qualifier);
  call.trace = std::move(trace);
  call.done = [this, counted, is_reserved, lives = lives_,
               done = std::move(call.done)](Result result) mutable {
    if (*lives) end_call(counted, is_reserved, result);
    done(std::move(result));
  };
  if (fate) let_crash(call, *fate);
  const bool is_provisioned = runner_->has_free_provisioned(call.version);
  if (call.done) runner_->run(std::move(call));
  count_provisioned(measures_.of(counted), versioned(target.key, version), is_provisioned);
  if (!is_reserved) ++unreserved_calls_;
  const auto& [account, region, name] = target.key;
  AccountCounts& all = measures_.of_account(account, region);
  all.concurrency.add(static_cast<double>(runner_->calls()));
  all.unreserved.add(static_cast<double>(unreserved_calls_));
  measures_.of(counted).concurrency.add(static_cast<double>(runner_->calls_of(target.key)));
  return version;
}

/// What a fault does to the call, if one hits it.
std::optional<faults::Action> Service::strike(const FunctionKey& key, const std::string& qualifier,
                                              const Invocation& call) {
  services::Faults* faults = neighbours_.faults;
  if (!faults || !faults->has_any(faults::Stage::function)) [[likely]]
    return std::nullopt;
  const auto& [account, region, name] = key;
  return faults
      ->judge_function({.account = account,
                        .region = region,
                        .arn = arn_of(key, qualifier),
                        .id = call.id,
                        .trace = call.trace})
      .fate;
}

/// Before its work it ends without a program having been asked, and keeps no `done`.
void Service::let_crash(Invocation& call, faults::Action when) {
  call.crashes_after_work = when == faults::Action::crash_after;
  if (call.crashes_after_work) return;
  Result result = failed_result(
      "Runtime.ExitError",
      fmt::format("RequestId: {} Error: Runtime exited with error: signal: killed", call.id));
  runtime_.loop.post([done = std::exchange(call.done, nullptr),
                      result = std::move(result)]() mutable { done(std::move(result)); });
}

void Service::count_provisioned(CallCounts& counts, const VersionKey& version,
                                bool is_provisioned) const {
  const ProvisionedUse use = runner_->provisioned_use(version);
  if (use.ready == 0) return;
  ++(is_provisioned ? counts.provisioned_calls : counts.spilled_calls);
  counts.provisioned_at_work.add(static_cast<double>(use.at_work));
  counts.provisioned_share.add(static_cast<double>(use.at_work) / static_cast<double>(use.ready));
}

void Service::end_call(const CallKey& key, bool is_reserved, const Result& result) {
  if (!is_reserved) --unreserved_calls_;
  CallCounts& counts = measures_.of(key);
  ++counts.invocations;
  if (!result.function_error.empty()) ++counts.errors;
  if (result.milliseconds > 0) counts.duration.add(result.milliseconds);
}

bool Service::is_told(std::string_view trace, std::string_view id) const {
  return neighbours_.journal &&
         (neighbours_.journal->keeps_all() || neighbours_.journal->wants_new(trace, id));
}

/// A call whose event is not kept, because it is a secret, has no answer either.
void Service::tell(const FunctionKey& function, const std::string& qualifier, services::Hop hop,
                   const Result* answer) {
  if (!neighbours_.journal) return;
  const std::string arn = arn_of(function, qualifier);
  hop.account = std::get<0>(function);
  hop.region = std::get<1>(function);
  hop.resource = arn;
  const auto note = [&] {
    neighbours_.journal->note(hop);
    if (answer && !hop.messages.empty() && !hop.messages.front().body.empty())
      keep_answer(function, qualifier, hop.messages.front().id, *answer);
  };
  if (store_.in_transaction()) return note();
  try {
    storage::Transaction transaction(store_);
    note();
    transaction.commit();
  } catch (const storage::StoreFailure& failure) {
    spdlog::warn("What a function was called for cannot be told: {}", failure.what());
  }
}

/// Who encrypts a function's environment with a key of its own has secrets in it, which may be in
/// what it answers; and functions that answer with all of their environment show credentials.
void Service::keep_answer(const FunctionKey& function, const std::string& qualifier,
                          std::string_view id, const Result& result) {
  if (!neighbours_.journal || result.payload.empty()) return;
  const std::uint32_t version = version_of_text(result.version).value_or(0);
  const std::optional<VersionRecord> record = versions_.find(versioned(function, version));
  if (!record || !record->settings.key.empty()) return;
  if (result.payload.contains("AWS_SECRET_ACCESS_KEY") ||
      result.payload.contains("AWS_SESSION_TOKEN"))
    return;
  const std::string place = services::answer_place(arn_of(function, qualifier));
  neighbours_.journal->keep(
      {.id = id, .account = std::get<0>(function), .resource = place, .body = result.payload});
}

std::string why_not_called(const protocol::ServiceError& error) {
  const auto* throttle = dynamic_cast<const TooManyRequestsException*>(&error);
  if (!throttle) return error.message();
  return "it was throttled: " + throttle->data.reason.value_or(throttle->message());
}

std::string shortened(std::string text, std::size_t most_bytes) {
  text.resize(protocol::beginning(text, most_bytes).size());
  return text;
}

std::string reason_of(const Result& result) {
  if (result.function_error.empty()) return {};
  std::string reason = "it failed";
  // What the loaders cannot tell is no news.
  if (!result.error_type.empty() && !result.error_type.ends_with(".Unknown"))
    reason += ", " + result.error_type;
  if (!result.error_message.empty()) reason += ": " + result.error_message;
  constexpr std::size_t longest = 300;
  return shortened(std::move(reason), longest);
}

}  // namespace matinee::lambda
