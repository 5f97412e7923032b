// When a delivery that failed is tried again, by the policy of its source: AWS's own times.
#pragma once

#include <optional>

#include "runtime/random.h"
#include "services/outbox.h"

namespace matinee::delivery {

/// How long the policy of a source waits after the `tries`-th try (from 1 on); nothing once it
/// gives up. Ages are the affair of `patience_of`.
std::optional<runtime::Duration> wait_after(const services::RetryPolicy& policy,
                                            std::uint32_t tries, runtime::Random& random);

/// The age at which the policy gives up; nothing where only the tries count.
std::optional<runtime::Duration> patience_of(const services::RetryPolicy& policy);

}  // namespace matinee::delivery
