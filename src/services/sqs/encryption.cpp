// Queues whose messages are encrypted with a key of KMS: they take and give none while the key
// cannot be used. A queue may be made with a key that does not exist, as on AWS.
#include "services/key_service.h"
#include "services/sqs/service.h"

namespace matinee::sqs {

namespace {

/// KMS's errors under the names that they have here.
[[noreturn]] void tell_of_key(const protocol::ServiceError& error) {
  if (error.name() == "NotFoundException") throw KmsNotFound(error.message());
  if (error.name() == "DisabledException") throw KmsDisabled(error.message());
  if (error.name() == "KMSInvalidStateException") throw KmsInvalidState(error.message());
  if (error.name() == "InvalidKeyUsageException") throw KmsInvalidKeyUsage(error.message());
  if (error.name() == "AccessDeniedException") throw KmsAccessDenied(error.message());
  error.raise();
}

}  // namespace

void Service::require_encryption_key(const Context& context, const Queue& queue, bool opens) const {
  if (!keys_ || queue.settings.kms_key.empty()) return;
  // An id or alias means a key of the queue's owner, whoever calls.
  Context owner;
  const bool is_own = context.account == queue.key.account;
  if (!is_own) {
    owner = context;
    owner.account = queue.key.account;
  }
  try {
    keys_->require_key(is_own ? context : owner, {.key = queue.settings.kms_key,
                                                  .service = "sqs.amazonaws.com",
                                                  .context = {{"aws:sqs:arn", queue.arn}},
                                                  .opens = opens});
  } catch (const protocol::ServiceError& error) {
    tell_of_key(error);
  }
}

}  // namespace matinee::sqs
