// What the operations on repositories have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecr/shapes.h"
#include "services/context.h"
#include "services/ecr/records.h"

namespace matinee::ecr {

std::string arn_of(const RepositoryKey& key);
/// Account, region and name; nothing where that is no ARN of a repository.
std::optional<RepositoryKey> key_of(std::string_view arn);

Repository show(const RepositoryKey& key, const RepositoryRecord& record);

/// "The repository with name 'N' in the registry with id 'A'", as errors name it.
std::string place_of(const RepositoryKey& key);

/// Adds to the tags that a repository has. Throws InvalidTagParameterException for keys that AWS
/// keeps for CloudFormation or that are too long, TooManyTagsException above 50 together.
void add_tags(const services::Context& context, const std::vector<Tag>& tags,
              RepositoryRecord& record);

}  // namespace matinee::ecr
