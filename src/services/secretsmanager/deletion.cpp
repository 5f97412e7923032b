// Secrets that go: after a while in which they can be restored, or at once.
#include <fmt/format.h>

#include "secretsmanager/errors.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {
namespace {

constexpr std::int64_t default_window = 30;
constexpr std::int64_t shortest_window = 7;

void require_window(const DeleteSecretRequest& request) {
  if (!request.recovery_window_in_days) return;
  if (request.force_delete_without_recovery.value_or(false))
    throw InvalidParameterException(
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (*request.recovery_window_in_days < shortest_window ||
      *request.recovery_window_in_days > default_window)
    throw InvalidParameterException(
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
}

void require_no_replicas(const SecretRecord& secret) {
  std::vector<std::string> regions;
  for (const ReplicaRecord& replica : secret.replicas)
    if (!replica.failed) regions.push_back(replica.region);
  if (regions.empty()) return;
  throw InvalidParameterException(
      fmt::format("You can't delete secret {} that still has replica regions [{}]", secret.name,
                  fmt::join(regions, ", ")));
}

}  // namespace

DeleteSecretResponse Service::delete_secret(const Context& context,
                                            const DeleteSecretRequest& request) {
  require_window(request);
  const bool at_once = request.force_delete_without_recovery.value_or(false);
  const Reference reference = parse_secret_id(context, request.secret_id);
  auto existing =
      reference.place.region == context.region ? catalog_.find(reference) : std::nullopt;
  if (!existing && at_once) {
    // Nothing there is as good as deleted.
    SecretRecord gone{.name = reference.name, .suffix = reference.suffix.value_or("")};
    constexpr std::size_t suffix_length = 6;
    if (gone.suffix.empty())
      gone.suffix = runtime_.random.text(suffix_length, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM");
    return {.arn = secret_arn(reference.place, gone), .name = gone.name, .deletion_date = now()};
  }
  Found found =
      at_once ? require(context, request.secret_id) : require_live(context, request.secret_id);
  SecretRecord& secret = found.secret;
  if (secret.is_replica(found.place.region))
    throw InvalidRequestException(
        "Operation not permitted on a replica secret. Call must be made in primary secret's "
        "region.");
  require_no_replicas(secret);
  DeleteSecretResponse response{.arn = secret_arn(found.place, secret), .name = secret.name};
  if (at_once) {
    response.deletion_date = now();
    catalog_.erase(found.place, secret);
  } else {
    const std::chrono::days window(request.recovery_window_in_days.value_or(default_window));
    secret.deleted = now();
    secret.ends = now() + window;
    response.deletion_date = *secret.ends;
    catalog_.put(found.place, secret);
  }
  store_.on_commit([this] { await_ending(); });
  return response;
}

RestoreSecretResponse Service::restore_secret(const Context& context,
                                              const RestoreSecretRequest& request) {
  Found found = require(context, request.secret_id);
  found.secret.deleted.reset();
  found.secret.ends.reset();
  catalog_.put(found.place, found.secret);
  store_.on_commit([this] { await_ending(); });
  return {.arn = secret_arn(found.place, found.secret), .name = found.secret.name};
}

}  // namespace matinee::secretsmanager
