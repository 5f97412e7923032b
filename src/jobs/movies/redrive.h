// SQS's RedrivePolicy: where messages go that have been received too often.
#pragma once

#include <optional>
#include <string>

namespace matinee::jobs::movies {

struct RedrivePolicy {
  std::string dead_letter_arn;
  int max_receive_count = 0;

  /// The queue's name and owner, from the ARN.
  std::string queue_name() const;
  std::string account() const;
};

/// The attribute's text.
std::string to_attribute_text(const RedrivePolicy& policy);
/// Nothing where the text is no redrive policy. AWS also takes and returns the number as a string.
std::optional<RedrivePolicy> read_redrive_policy(std::string text);

}  // namespace matinee::jobs::movies
