// Rotations at work: their function is called for each of four steps, one after the other. What is
// next, and when, is in the secret's record, so that a rotation goes on after a restart. A step
// that fails begins the rotation anew, after a while; in the end the schedule's next one is
// awaited.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>

#include "protocol/json_writer.h"
#include "runtime/timer_purpose.h"
#include "services/secretsmanager/service.h"
#include "services/secretsmanager/stages.h"
#include "services/secretsmanager/tokens.h"

namespace matinee::secretsmanager {

namespace {

constexpr std::array<std::string_view, 4> steps = {"createSecret", "setSecret", "testSecret",
                                                   "finishSecret"};
/// AWS says that it tries several times, and not how often.
constexpr std::uint32_t most_failures = 5;
/// After the first failure; doubled with each other one.
constexpr runtime::Duration first_wait = std::chrono::minutes(1);
constexpr runtime::Duration wait_for_disk = std::chrono::seconds(10);

constexpr runtime::TimerPurpose rotating{.what = "Secrets Manager rotates secrets",
                                         .is_told = true};
/// Steps and their repetitions are on their way; rotations by a schedule are not.
constexpr runtime::TimerPurpose going_on{
    .what = "Secrets Manager goes on with rotations", .is_told = true, .is_on_the_way = true};

std::string event_of(std::string_view step, std::string_view arn, const RotationRun& run) {
  namespace json = protocol::json;
  std::string event = "{";
  const auto add = [&](std::string_view name, std::string_view text) {
    if (event.size() > 1) event += ',';
    json::append_member(event, name);
    json::append_string(event, text);
  };
  add("Step", step);
  add("SecretId", arn);
  add("ClientRequestToken", run.version);
  add("RotationToken", run.token);
  return event + "}";
}

/// A version that was made for a test has no other use.
void drop_pending(SecretRecord& secret, const std::string& version) {
  std::erase_if(secret.versions, [&](const VersionRecord& record) {
    return record.id == version && !record.has_value;
  });
  if (VersionRecord* left = find_version(secret, version))
    left->stages.erase(std::string(pending_stage));
}

/// Documented: the label is on the current version then, or on none.
bool is_complete(const SecretRecord& secret) {
  const VersionRecord* pending = find_stage(secret, pending_stage);
  return !pending || pending->stages.contains(std::string(current_stage));
}

}  // namespace

void Service::use_functions(services::FunctionCaller& functions) {
  functions_ = &functions;
  await_rotation();
}

void Service::await_rotation() {
  runtime_.clock.cancel(rotation_timer_);
  rotation_timer_ = runtime::TimerId::none;
  if (!functions_) return;
  catalog_.visit_rotations([&](runtime::Time due, const Place& place, const std::string& name) {
    if (rotating_.contains({place.account, place.region, name})) return true;
    const auto secret = catalog_.find(place, name);
    const auto run = [this, lives = lives_] {
      if (*lives) rotate_due();
    };
    const bool is_on_the_way = secret && secret->rotation->run;
    rotation_timer_ =
        runtime::call_for(runtime_.clock, is_on_the_way ? going_on : rotating, due, run);
    return false;
  });
}

void Service::rotate_due() {
  rotation_timer_ = runtime::TimerId::none;
  std::vector<std::pair<Place, std::string>> due;
  const runtime::Time time = runtime_.clock.now();
  catalog_.visit_rotations([&](runtime::Time at, const Place& place, const std::string& name) {
    if (at > time) return false;
    if (!rotating_.contains({place.account, place.region, name})) due.emplace_back(place, name);
    return true;
  });
  for (const auto& [place, name] : due) start_run(place, name);
  await_rotation();
}

void Service::start_run(const Place& place, const std::string& name) {
  const std::tuple key(place.account, place.region, name);
  rotating_.insert(key);
  runtime::start(run_rotation(place, name, lives_), [this, key, lives = lives_](
                                                        const std::exception_ptr& error) {
    if (!*lives) return;
    rotating_.erase(key);
    if (!error) return await_rotation();
    spdlog::error("The rotation of {} waits for the disk.", std::get<2>(key));
    runtime_.clock.cancel(rotation_timer_);
    rotation_timer_ = runtime::call_for(
        runtime_.clock, rotating, runtime_.clock.now() + wait_for_disk, [this] { rotate_due(); });
  });
}

runtime::Task<> Service::run_rotation(Place place, std::string name, std::shared_ptr<bool> lives) {
  while (std::optional<services::FunctionCall> call = next_step(place, name)) {
    const auto secret = catalog_.find(place, name);
    const std::string version = secret->rotation->run->version;
    std::string failure;
    try {
      const services::FunctionAnswer answer = co_await functions_->call(*std::move(call));
      // What the function itself says may have the new password in it.
      if (!answer.function_error.empty())
        failure =
            fmt::format("the function has failed ({}); its log tells why.", answer.function_error);
    } catch (const protocol::ServiceError& error) {
      failure = fmt::format("{}: {}", error.code(), error.message());
    }
    if (!*lives) co_return;
    end_step(place, name, version, failure);
  }
}

std::optional<services::FunctionCall> Service::next_step(const Place& place,
                                                         const std::string& name) {
  auto secret = catalog_.find(place, name);
  const auto due = secret ? secret->rotation_due() : std::nullopt;
  if (!due || *due > runtime_.clock.now()) return std::nullopt;
  RotationRecord& rotation = *secret->rotation;
  if (!rotation.run) {
    const VersionRecord* pending = find_stage(*secret, pending_stage);
    const bool goes_on = pending && !pending->stages.contains(std::string(current_stage));
    rotation.run = RotationRun{.version = goes_on ? pending->id : runtime_.random.uuid(),
                               .token = runtime_.random.uuid()};
    if (!goes_on) {
      secret->versions.push_back(VersionRecord{
          .id = rotation.run->version, .created = now(), .key = secret->key, .has_value = false});
      move_stage(*secret, std::string(pending_stage), rotation.run->version);
    }
    secret->changed = now();
    storage::Transaction transaction(store_);
    catalog_.put(place, *secret);
    transaction.commit();
  }
  const std::string arn = secret_arn(place, *secret);
  return services::FunctionCall{
      .function = rotation.function,
      .payload = event_of(steps.at(rotation.run->step), arn, *rotation.run),
      .service_principal = std::string(rotation_principal),
      .source_arn = arn,
      .source_account = place.account};
}

void Service::end_step(const Place& place, const std::string& name, const std::string& version,
                       const std::string& failure) {
  auto secret = catalog_.find(place, name);
  // It was cancelled, or the secret is gone.
  if (!secret || !secret->rotation || !secret->rotation->run ||
      secret->rotation->run->version != version)
    return;
  RotationRecord& rotation = *secret->rotation;
  RotationRun& run = *rotation.run;
  std::string reason = failure;
  const bool is_last = run.is_test || run.step + 1 == steps.size();
  if (reason.empty() && is_last && !run.is_test && !is_complete(*secret))
    reason = "finishSecret has left AWSPENDING on a version that is not the current one.";
  if (reason.empty() && !is_last) {
    ++run.step;
    rotation.due = runtime_.clock.now();
  } else if (reason.empty()) {
    if (run.is_test)
      drop_pending(*secret, run.version);
    else
      rotation.last = now();
    rotation.run.reset();
  } else {
    spdlog::warn("{} of the rotation of {} has failed: {}", steps.at(run.step),
                 secret_arn(place, *secret), reason);
    const runtime::Duration wait = first_wait * (1U << run.failures);
    if (++run.failures < most_failures && !run.is_test) {
      run.step = 0;
      rotation.due = runtime_.clock.now() + wait;
    } else {
      if (run.is_test) drop_pending(*secret, run.version);
      rotation.run.reset();
    }
  }
  storage::Transaction transaction(store_);
  if (!rotation.run) plan_rotation(rotation);
  secret->changed = now();
  catalog_.put(place, *secret);
  transaction.commit();
}

}  // namespace matinee::secretsmanager
