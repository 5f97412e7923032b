// What a running server holds, for `matinee status`.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/surroundings.h"
#include "insight/shapes.h"
#include "jobs/report.h"

namespace matinee::cli {

/// Names of one kind of resource: the first page that the service lists.
struct Names {
  std::vector<std::string> names;
  bool has_more = false;
};

/// Of the account and region that the environment's credentials belong to.
struct Contents {
  std::string region;
  Names queues;
  Names tables;
  Names buckets;
  /// What its machine allows for functions; nothing where it does not tell.
  std::optional<insight::GetAbilitiesResponse> abilities;
  /// Why the server does not tell, for example that it does not know the credentials; or nothing.
  std::string refusal;
};

/// Asks the server at `url`, for at most five seconds. The error, that it gives no answer, is a
/// sentence.
std::expected<Contents, std::string> look_at(Surroundings& surroundings, const std::string& url);

/// "region", "queues", "tables" and "buckets", and "more" where there are more of any kind than one
/// page lists; or "refusal". And "functions", with what their sandbox has and "missing".
void add_to(jobs::JsonObject& json, const Contents& contents);

/// A line for each kind of resource, or the refusal; and how functions run.
std::string describe(const Contents& contents);

}  // namespace matinee::cli
