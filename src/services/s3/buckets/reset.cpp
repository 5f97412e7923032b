// A reset of S3: buckets go with all that is in them, locked or not.
#include "services/s3/service.h"

namespace matinee::s3 {

void Service::remove_bucket(const std::string& account, const std::string& bucket) {
  remove_configurations(bucket);
  remove_access(bucket);
  catalog_.owned.erase({account, storage::RawKey{bucket}});
  catalog_.buckets.erase(bucket);
  notifications_.erase(bucket);
}

void Service::reset(const services::ResetScope& scope) {
  std::vector<std::pair<std::string, std::string>> found;  // account and bucket
  catalog_.owned.scan(scope.account ? catalog_.owned.prefix(*scope.account) : catalog_.owned.all(),
                      [&](const auto& key, bool) {
                        found.emplace_back(std::get<0>(key), std::get<1>(key).bytes);
                        return true;
                      });
  for (const auto& [account, bucket] : found) {
    remove_bucket(account, bucket);
    removed_buckets_.add(bucket);
  }
}

runtime::Task<> Service::finish_reset() {
  co_await removed_buckets_.wait();
  co_await remains_.wait();
}

}  // namespace matinee::s3
