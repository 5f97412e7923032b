// The filters of ListSecrets and BatchGetSecretValue.
#pragma once

#include <vector>

#include "secretsmanager/shapes.h"
#include "services/secretsmanager/records.h"

namespace matinee::secretsmanager {

/// Throws InvalidParameterException for filters without key or values.
void require_filters(const std::vector<Filter>& filters);

/// Whether the secret passes all of them; of several values of one any will do.
bool pass(const std::vector<Filter>& filters, const SecretRecord& secret);

}  // namespace matinee::secretsmanager
