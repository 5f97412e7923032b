// What is compared are one large object in both directions, small objects, and a listing. The loads
// of a server depend on one another: what is uploaded is what is downloaded afterwards.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "compare.h"
#include "measuring.h"
#include "s3_load.h"

namespace bench {
namespace {

constexpr const char* kUpload = "upload of a large object, MB/s";
constexpr const char* kDownload = "download of it, MB/s";
constexpr const char* kLarge = "/compare-large/object";
constexpr std::uint64_t kProbeBytes = 50'000'000;
/// A server that needs longer than this for the large object moves the one of the probe.
constexpr double kTransferSeconds = 10;
constexpr int kTransfers = 3;
/// One page, since s3rver cannot continue a listing with the versions of node of today.
constexpr std::uint64_t kListedKeys = 900;
constexpr double kListingSeconds = 1;

/// What earlier loads left on a server.
struct Stored {
  std::uint64_t large_bytes = 0;
  std::uint64_t small_objects = 0;
};
using StoredByPort = std::map<std::uint16_t, Stored>;

/// The best of several, since a single one is at the mercy of whatever else runs.
double best_of(const std::function<double()>& transfer) {
  double best = 0;
  const double until = now_seconds() + 2 * kTransferSeconds;
  for (int i = 0; i < kTransfers && now_seconds() < until; ++i) best = std::max(best, transfer());
  return best;
}

double upload(std::uint16_t port, std::uint64_t size, Stored& stored) {
  create_bucket(port, "compare-large");
  const double probed = upload_large(port, kLarge, kProbeBytes);
  const bool is_slow = static_cast<double>(size) > probed * kTransferSeconds;
  stored.large_bytes = is_slow ? kProbeBytes : size;
  return best_of([&] { return upload_large(port, kLarge, stored.large_bytes); }) / 1e6;
}

double download(std::uint16_t port, const Stored& stored) {
  return best_of([&] { return download_large(port, kLarge, stored.large_bytes); }) / 1e6;
}

double put_small(const LoadPlan& plan, Stored& stored) {
  create_bucket(plan.port, "compare-small");
  PutObjectLoad load(plan.port, "compare-small", plan.connections);
  const double rate = run_load(plan, load).units_per_second();
  // The last of each connection may not have been answered.
  const auto in_flight = static_cast<std::uint64_t>(plan.connections);
  stored.small_objects = load.keys_used() > in_flight ? load.keys_used() - in_flight : 1;
  return rate;
}

double get_small(const LoadPlan& plan, const Stored& stored) {
  GetObjectLoad load({.port = plan.port, .bucket = "compare-small", .keys = stored.small_objects},
                     plan.connections);
  return run_load(plan, load).units_per_second();
}

double list_keys(LoadPlan plan) {
  create_bucket(plan.port, "compare-listed");
  PutKeyLoad keys(plan.port, "compare-listed", plan.connections);
  plan.seconds = 60;
  plan.warm_up_seconds = 0;
  plan.units = kListedKeys;
  run_load(plan, keys);
  const double started = now_seconds();
  std::uint64_t walks = 0;
  for (; now_seconds() - started < kListingSeconds; ++walks)
    list_bucket(plan.port, "compare-listed", kListedKeys);
  return static_cast<double>(walks * kListedKeys) / (now_seconds() - started);
}

std::vector<Contest> s3_contests(const Settings& settings) {
  const auto stored = std::make_shared<StoredByPort>();
  return {
      {kUpload, Better::higher,
       [stored, size = settings.large_object_bytes](const LoadPlan& plan, const Candidate&) {
         return std::optional(upload(plan.port, size, (*stored)[plan.port]));
       }},
      {kDownload, Better::higher,
       [stored](const LoadPlan& plan, const Candidate&) {
         return std::optional(download(plan.port, (*stored)[plan.port]));
       }},
      {"PUT of 4 KB, objects/s", Better::higher,
       [stored](const LoadPlan& plan, const Candidate&) {
         return std::optional(put_small(plan, (*stored)[plan.port]));
       }},
      {"GET of 4 KB, objects/s", Better::higher,
       [stored](const LoadPlan& plan, const Candidate&) {
         return std::optional(get_small(plan, (*stored)[plan.port]));
       }},
      {"ListObjectsV2, keys/s", Better::higher,
       [](const LoadPlan& plan, const Candidate& candidate) {
         return candidate.serves_files_only() ? std::nullopt : std::optional(list_keys(plan));
       }},
  };
}

/// Megabytes a second of MD5 on one core, which every upload has to go through.
double measure_md5(std::uint64_t size) {
  const std::string chunk(1024 * 1024, 'x');
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr);
  return best_of([&] {
    const double started = now_seconds();
    for (std::uint64_t done = 0; done < size; done += chunk.size())
      EVP_DigestUpdate(context.get(), chunk.data(), chunk.size());
    return static_cast<double>(size) / (now_seconds() - started) / 1e6;
  });
}

/// What the first server reaches of what it is held to.
std::string proportions(const Comparison& comparison, const std::string& name, double md5) {
  const auto figure = [&](const char* contest, const std::string& server) {
    const auto row = comparison.figures.find(contest);
    if (row == comparison.figures.end() || !row->second.contains(server)) return 0.0;
    return row->second.at(server);
  };
  std::string text = fmt::format("MD5 alone, on one core: {:.0f} MB/s\n", md5);
  const double nginx = figure(kUpload, "nginx");
  const double limit = nginx > 0 ? std::min(md5, nginx) : md5;
  text += fmt::format("upload: {:.2f} of the slower of MD5 alone and nginx (promised 0.7)\n",
                      figure(kUpload, name) / limit);
  if (figure(kDownload, "nginx") > 0)
    text += fmt::format("download: {:.2f} of nginx (promised 0.8)\n",
                        figure(kDownload, name) / figure(kDownload, "nginx"));
  return text;
}

}  // namespace

std::string compare_s3(const Settings& settings, const std::vector<Candidate>& candidates) {
  const double md5 = measure_md5(settings.large_object_bytes);
  const Comparison comparison = run_contests(settings, "S3", s3_contests(settings), candidates);
  return comparison.table + proportions(comparison, candidates.front().name, md5);
}

}  // namespace bench
