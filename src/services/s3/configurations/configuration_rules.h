// What AWS demands of a bucket's configuration beyond the limits of its model. Each check throws
// the error that AWS answers: MalformedXML, InvalidArgument, InvalidRequest, InvalidTag, and those
// that are named. What depends on other buckets is checked where the operation is.
#pragma once

#include <span>
#include <string>

#include "runtime/random.h"
#include "s3/shapes.h"

namespace matinee::s3 {

inline constexpr std::size_t max_bucket_tags = 50;
/// Of rules of a lifecycle or replication, and of configurations of one kind with ids.
inline constexpr std::size_t max_rules = 1000;

[[noreturn]] void refuse_document();

/// Keys and values as AWS allows them, and no key twice.
void check_tags(std::span<const Tag> tags);
/// Throws BadRequest above 50 tags.
void check_configuration(const Tagging& tagging);
void check_configuration(const ServerSideEncryptionConfiguration& encryption);
void check_configuration(const CORSConfiguration& cors);
void check_configuration(const WebsiteConfiguration& website);
void check_configuration(const ReplicationConfiguration& replication);
/// Throws InvalidS3DestinationBucket where the reports' destination is no bucket's ARN.
void check_configuration(const InventoryConfiguration& inventory);
void check_configuration(const AnalyticsConfiguration& analytics);
void check_configuration(const MetricsConfiguration& metrics);
void check_configuration(const IntelligentTieringConfiguration& tiering);

/// "bucket" of "arn:aws:s3:::bucket"; empty for anything else.
std::string bucket_of_arn(const std::string& arn);

/// Gives an id to each rule of a lifecycle or replication that has none.
template <class Rules>
void name_rules(Rules& rules, runtime::Random& random) {
  for (auto& rule : rules)
    if (!rule.id || rule.id->empty())
      rule.id = random.text(48, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}

}  // namespace matinee::s3
