// For tests: the service on a simulated machine, called as the Endpoint calls it.
#pragma once

#include <gtest/gtest.h>

#include "runtime/simulated/simulation.h"
#include "s3/errors.h"
#include "services/s3/service.h"
#include "storage/store.h"

namespace matinee::s3 {

class ServiceTest : public testing::Test {
 protected:
  std::unique_ptr<storage::Store> open_store() {
    storage::StoreOptions options{
        .directory = "/data", .durability = storage::Durability::process, .disk = &simulation.disk};
    auto opened = storage::Store::open(options);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }

  /// An operation in its transaction, as `call(&Service::put_object, request)`. `Class` is the
  /// service, or the base of it that declares the method.
  template <class Class, class Response, class Request>
  Response call(Response (Class::*method)(const Context&, const Request&), const Request& request) {
    storage::Transaction transaction(*store);
    Response response = (service.get()->*method)(context, request);
    transaction.commit();
    return response;
  }

  /// One that waits.
  template <class Response, class Request>
  Response call(runtime::Task<Response> (Service::*method)(const Context&, const Request&),
                const Request& request) {
    std::optional<Response> response;
    std::exception_ptr error;
    runtime::start((service.get()->*method)(context, request),
                   [&](std::optional<Response> result, std::exception_ptr failure) {
                     response = std::move(result);
                     error = failure;
                   });
    simulation.loop.run_until_idle();
    if (error) std::rethrow_exception(error);
    return std::move(response.value());
  }

  void make_bucket(const std::string& name = "bucket") {
    call(&Service::create_bucket, CreateBucketRequest{.bucket = name});
  }

  PutObjectResponse put(const std::string& key, const std::string& content) {
    PutObjectRequest request{.bucket = "bucket", .key = key};
    request.body = content;
    return call(&Service::put_object, request);
  }

  GetObjectResponse get(const std::string& key) {
    return call(&Service::get_object, GetObjectRequest{.bucket = "bucket", .key = key});
  }

  /// The whole content, wherever it lies.
  static std::string content_of(const protocol::Body& body) {
    std::string content = body.bytes;
    read_slices(body.slices, [&](std::string_view piece) { content += piece; });
    return content;
  }
  std::string read(const std::string& key) { return content_of(get(key).body); }

  /// The program ends at this moment, without a chance to tidy up, and starts again.
  void kill_and_restart() {
    simulation.crash(runtime::SimulatedDisk::Crash::process);
    service.reset();
    store.reset();
    simulation.restart();
    store = open_store();
    service = std::make_unique<Service>(*store, simulation.runtime());
  }

  /// Files of blobs on the disk, once what is to be removed has been.
  std::size_t count_blobs() {
    EXPECT_TRUE(store->sync());
    return count_files("/data/blobs");
  }
  std::size_t count_files(const std::string& path) {
    const auto names = simulation.disk.list(path);
    if (!names) return simulation.disk.exists(path) ? 1 : 0;
    std::size_t count = 0;
    for (const std::string& name : *names) count += count_files(path + "/" + name);
    return count;
  }

  /// Bytes without a pattern that errors could hide in.
  static std::string sample(std::size_t length, std::uint32_t seed = 1) {
    std::string bytes(length, '\0');
    for (char& byte : bytes) {
      seed = seed * 1664525 + 1013904223;
      byte = static_cast<char>(seed >> 24);
    }
    return bytes;
  }

  runtime::Simulation simulation;
  std::unique_ptr<storage::Store> store = open_store();
  std::unique_ptr<Service> service = std::make_unique<Service>(*store, simulation.runtime());
  Context context{.host = "localhost:4566"};
};

}  // namespace matinee::s3
