#include "services/secretsmanager/service.h"

#include "runtime/timer_purpose.h"
#include "secretsmanager/errors.h"
#include "secretsmanager/operations.h"

namespace matinee::secretsmanager {

namespace {

constexpr runtime::TimerPurpose ending{.what = "Secrets Manager removes deleted secrets for good",
                                       .is_told = true};

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, services::KeyService* keys)
    : ServiceBase(secretsmanager::model),
      store_(store),
      runtime_(runtime),
      catalog_(store),
      encryption_(keys) {
  await_ending();
}

Service::~Service() {
  *lives_ = false;
  runtime_.clock.cancel(timer_);
  runtime_.clock.cancel(rotation_timer_);
}

// AWS keeps milliseconds.
runtime::Time Service::now() const {
  return std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now());
}

void Service::await_ending() {
  await_rotation();
  runtime_.clock.cancel(timer_);
  timer_ = runtime::TimerId::none;
  if (const auto next = catalog_.next_ending())
    timer_ = runtime::call_for(runtime_.clock, ending, *next, [this] { end(); });
}

void Service::end() {
  constexpr int at_once = 100;
  try {
    storage::Transaction transaction(store_);
    catalog_.end(runtime_.clock.now(), at_once);
    transaction.commit();
    await_ending();
  } catch (const storage::StoreFailure&) {
    // The disk refuses: what has ended stays a little longer.
    constexpr std::chrono::seconds a_while(10);
    timer_ = runtime::call_for(runtime_.clock, ending, runtime_.clock.now() + a_while,
                               [this] { end(); });
  }
}

void Service::reset(const services::ResetScope& scope) {
  catalog_.reset(scope);
  store_.on_commit([this] { await_ending(); });
}

Found Service::require(const Context& context, const std::string& id) const {
  const Reference reference = parse_secret_id(context, id);
  auto secret = reference.place.region == context.region ? catalog_.find(reference) : std::nullopt;
  if (!secret) throw ResourceNotFoundException("Secrets Manager can't find the specified secret.");
  return {.place = reference.place, .secret = *std::move(secret)};
}

Found Service::require_live(const Context& context, const std::string& id) const {
  Found found = require(context, id);
  if (found.secret.deleted)
    throw InvalidRequestException(
        "You can't perform this operation on the secret because it was marked for deletion.");
  return found;
}

Found Service::require_writable(const Context& context, const std::string& id) const {
  Found found = require_live(context, id);
  if (found.secret.is_replica(found.place.region))
    throw InvalidRequestException(
        "Operation not permitted on a replica secret. Call must be made in primary secret's "
        "region.");
  return found;
}

void Service::save(const Context& context, Found& found) {
  found.secret.changed = now();
  catalog_.put(found.place, found.secret);
  for (const ReplicaRecord& replica : found.secret.replicas)
    if (!replica.failed) update_replica(context, found, replica);
}

std::string require_token(const std::optional<std::string>& token) {
  if (token && !token->empty()) return *token;
  throw InvalidRequestException(
      "You must provide a ClientRequestToken value. We recommend a UUID-type value.");
}

std::optional<GivenValue> given_value(const std::optional<std::string>& text,
                                      const std::optional<protocol::Blob>& binary) {
  if (text && binary)
    throw InvalidParameterException(
        "You can't specify both a binary secret value and a string secret value in the same "
        "secret.");
  if (text) return GivenValue{.bytes = *text, .binary = false};
  if (binary) return GivenValue{.bytes = binary->bytes, .binary = true};
  return std::nullopt;
}

std::vector<std::string> stages_of(const VersionRecord& version) {
  return {version.stages.begin(), version.stages.end()};
}

}  // namespace matinee::secretsmanager
