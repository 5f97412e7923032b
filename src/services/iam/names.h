// Names, ids and ARNs of IAM's entities.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/random.h"
#include "services/iam/records.h"

namespace matinee::iam {

/// Names differ in more than case: this is what they are compared, kept and ordered by.
std::string fold(std::string_view name);

/// `prefix` ("AIDA") and 17 capital letters and digits.
std::string make_id(std::string_view prefix, runtime::Random& random);

/// "user", "group", "role", "policy", "instance-profile".
std::string_view word_of(Kind kind);

/// arn:aws:iam::ACCOUNT:TYPE/PATH/NAME; the path "/" adds nothing to it.
std::string make_arn(std::string_view account, std::string_view type, std::string_view path,
                     std::string_view name);

/// Of any record that has a path and a name.
template <class Record>
std::string arn_of(std::string_view account, Kind kind, const Record& record) {
  return make_arn(account, word_of(kind), record.path, record.name);
}

/// An IAM ARN taken apart: arn:aws:iam::ACCOUNT:TYPE/PATH/NAME.
struct EntityArn {
  std::string account;  // 12 digits; "aws" for AWS's own policies
  std::string type;     // "user", "policy"...; "root" for that
  std::string path;     // "/" or "/a/b/"
  std::string name;
};

/// Nothing where the text is no ARN of IAM's.
std::optional<EntityArn> parse_entity_arn(std::string_view text);

}  // namespace matinee::iam
