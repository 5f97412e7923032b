// The figures of S3: small objects, large ones, a long listing, and the memory that all of it
// takes.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>

#include "figures.h"
#include "measuring.h"
#include "s3_load.h"

namespace bench {

namespace {

Figure measure_transfer(Figure figure, const std::function<double()>& transfer) {
  try {
    figure.measured = transfer() / 1e9;
  } catch (const std::exception& error) {
    figure.failure = error.what();
  }
  return figure;
}

std::vector<Figure> measure_large_object(const Settings& settings, std::uint16_t port) {
  const std::string path = "/bench/large";
  const std::uint64_t size = settings.large_object_bytes;
  const std::string name = fmt::format("of one object of {} MB", size / 1'000'000);
  std::vector<Figure> figures;
  figures.push_back(measure_transfer({.name = "S3 upload " + name,
                                      .unit = "GB/s",
                                      .target = {},
                                      .note = "one PUT, one connection",
                                      .failure = {}},
                                     [&] { return upload_large(port, path, size); }));
  figures.push_back(measure_transfer({.name = "S3 download " + name,
                                      .unit = "GB/s",
                                      .target = 1.5,
                                      .note = "best of 3, one connection",
                                      .failure = {}},
                                     [&] {
                                       double best = 0;
                                       for (int i = 0; i < 3; ++i) {
                                         best = std::max(best, download_large(port, path, size));
                                       }
                                       return best;
                                     }));
  return figures;
}

Figure measure_parts(const Settings& settings, std::uint16_t port) {
  return measure_transfer(
      {.name = fmt::format("S3 upload of {} MB in parts", settings.parts_bytes / 1'000'000),
       .unit = "GB/s",
       .target = {},
       .note = "parts of 64 MiB, one connection",
       .failure = {}},
      [&] { return upload_in_parts(port, "/bench/parts", settings.parts_bytes); });
}

Figure measure_listing(const Settings& settings, std::uint16_t port) {
  Figure figure{.name = "S3 ListObjectsV2",
                .unit = "keys/s",
                .target = 150'000,
                .note = fmt::format("a bucket of {} keys, one connection", settings.listed_keys),
                .failure = {}};
  try {
    create_bucket(port, "listed");
    PutKeyLoad keys(port, "listed", settings.connections);
    run_load({.port = port,
              .connections = settings.connections,
              .seconds = 600,
              .warm_up_seconds = 0,
              .units = settings.listed_keys},
             keys);
    figure.measured = list_bucket(port, "listed", settings.listed_keys);
  } catch (const std::exception& error) {
    figure.failure = error.what();
  }
  return figure;
}

Figure measure_memory(const ServerProcess& server) {
  return {.name = "  and the server's memory at its peak",
          .unit = "MB",
          .measured = server.peak_megabytes(),
          .target = 100,
          .better = Better::lower,
          .note = "in all of the S3 figures",
          .failure = {}};
}

}  // namespace

std::vector<Figure> measure_s3(const Settings& settings) {
  const Target target(settings);
  const LoadPlan plan = plan_for(settings, target.port());
  create_bucket(target.port(), "bench");
  PutObjectLoad put(target.port(), "bench", settings.connections);
  std::vector<Figure> figures;
  figures.push_back(measure_load(
      {.name = "S3 PUT, 4 KB", .unit = "objects/s", .target = 15'000, .note = {}, .failure = {}},
      plan, put));
  const std::uint64_t in_flight = static_cast<std::uint64_t>(settings.connections);
  const std::uint64_t stored = put.keys_used() > in_flight ? put.keys_used() - in_flight : 1;
  GetObjectLoad get({.port = target.port(), .bucket = "bench", .keys = stored},
                    settings.connections);
  figures.push_back(measure_load(
      {.name = "S3 GET, 4 KB", .unit = "objects/s", .target = 35'000, .note = {}, .failure = {}},
      plan, get));
  std::ranges::move(measure_large_object(settings, target.port()), std::back_inserter(figures));
  if (settings.parts_bytes > 0) figures.push_back(measure_parts(settings, target.port()));
  if (settings.listed_keys > 0) figures.push_back(measure_listing(settings, target.port()));
  if (target.process()) figures.push_back(measure_memory(*target.process()));
  return figures;
}

}  // namespace bench
