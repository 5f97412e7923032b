// A Parameter Store on a simulated machine, for the tests beside the code, with a KMS that encrypts
// by turning the text around.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "services/keyed_service_fixture.h"
#include "services/ssm/service.h"
#include "ssm/errors.h"

namespace matinee::ssm {

class SsmTest : public services::KeyedServiceTest<Service> {
 protected:
  SsmTest() { start(); }

  PutParameterResponse put(const std::string& name, const std::string& value,
                           PutParameterRequest more = {}) {
    more.name = name;
    more.value = value;
    if (!more.type && !more.overwrite) more.type = "String";
    return call(&Service::put_parameter, more);
  }
  PutParameterResponse overwrite(const std::string& name, const std::string& value,
                                 PutParameterRequest more = {}) {
    more.overwrite = true;
    return put(name, value, std::move(more));
  }
  std::string error_of_put(const std::string& name, const std::string& value = "v",
                           const PutParameterRequest& more = {}) {
    return error_of([&] { put(name, value, more); });
  }
  Parameter get(const std::string& name, bool decrypted = false) {
    return *call(&Service::get_parameter,
                 GetParameterRequest{.name = name, .with_decryption = decrypted})
                .parameter;
  }
  std::string value_of(const std::string& name, bool decrypted = true) {
    return *get(name, decrypted).value;
  }
  std::string error_of_get(const std::string& name, bool decrypted = false) {
    return error_of([&] { get(name, decrypted); });
  }
  std::vector<std::string> names_below(const std::string& path, bool recursive,
                                       std::vector<ParameterStringFilter> filters = {}) {
    std::vector<std::string> names;
    GetParametersByPathRequest request{
        .path = path, .recursive = recursive, .parameter_filters = std::move(filters)};
    do {
      const auto page = call(&Service::get_parameters_by_path, request);
      for (const Parameter& parameter : *page.parameters) names.push_back(*parameter.name);
      request.next_token = page.next_token;
    } while (request.next_token);
    return names;
  }
  std::vector<std::string> described(std::vector<ParameterStringFilter> filters) {
    std::vector<std::string> names;
    DescribeParametersRequest request{.parameter_filters = std::move(filters)};
    do {
      const auto page = call(&Service::describe_parameters, request);
      for (const ParameterMetadata& parameter : *page.parameters) names.push_back(*parameter.name);
      request.next_token = page.next_token;
    } while (request.next_token);
    return names;
  }
  std::string error_of_filter(const ParameterStringFilter& filter) {
    return error_of([&] { described({filter}); });
  }
  ParameterMetadata describe(const std::string& name) {
    const auto page = call(
        &Service::describe_parameters,
        DescribeParametersRequest{.parameter_filters = {{{.key = "Name", .values = {{name}}}}}});
    return page.parameters->at(0);
  }

 private:
  std::unique_ptr<Service> make() override {
    return std::make_unique<Service>(*store, runtime, Neighbours{.keys = &keys});
  }
};

}  // namespace matinee::ssm
