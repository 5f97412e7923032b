// What requests to make and to change functions have in common.
#pragma once

#include <optional>
#include <string>

#include "lambda/shapes.h"
#include "services/lambda/catalog/names.h"
#include "services/lambda/catalog/records.h"

namespace matinee::lambda {

/// Takes over what a request says, of CreateFunction and UpdateFunctionConfiguration alike; what it
/// does not say stays. Throws InvalidParameterValueException.
template <class Request>
void apply(const Request& request, Settings& settings);

/// What this program cannot do for a function is refused by name, before anything is made.
template <class Request>
void refuse_unserved(const Request& request);

// Members of their own.
void apply_logging(const LoggingConfig& config, LoggingRecord& logging);
NetworkRecord network_of(const VpcConfig& config);
[[noreturn]] void refuse_member(std::string_view member, std::string_view reason);

/// What functions may be called with, in bytes.
inline constexpr std::size_t longest_call = std::size_t{6} << 20;
inline constexpr std::size_t longest_event = std::size_t{1} << 20;
/// An empty payload is an empty object. Throws InvalidRequestContentException and
/// RequestTooLargeException.
std::string payload_of(const std::optional<protocol::Blob>& payload, std::size_t longest);
/// What a client tells of itself, as the Runtime API gives it to functions: the JSON text, on one
/// line since it becomes a header. Throws InvalidRequestContentException.
std::string client_context_of(const std::optional<std::string>& encoded);

template <class Request>
void apply(const Request& request, Settings& settings) {
  if (request.runtime) settings.runtime = *request.runtime;
  if (request.handler) settings.handler = *request.handler;
  if (request.description) settings.description = *request.description;
  if (request.timeout) settings.timeout_seconds = *request.timeout;
  if (request.memory_size) settings.memory_mb = *request.memory_size;
  if (request.ephemeral_storage) settings.scratch_mb = request.ephemeral_storage->size;
  if (request.environment) settings.environment = request.environment->variables;
  if (request.kms_key_arn) settings.key = *request.kms_key_arn;
  // An empty structure changes nothing, an empty ARN removes the queue.
  if (request.dead_letter_config && request.dead_letter_config->target_arn)
    settings.dead_letters = *request.dead_letter_config->target_arn;
  if (request.tracing_config && request.tracing_config->mode)
    settings.tracing = *request.tracing_config->mode;
  if (request.layers) settings.layers = *request.layers;
  if (request.snap_start && request.snap_start->apply_on)
    settings.snap_start = *request.snap_start->apply_on;
  if (request.vpc_config) settings.network = network_of(*request.vpc_config);
  if (request.logging_config) apply_logging(*request.logging_config, settings.logging);
}

template <class Request>
void refuse_unserved(const Request& request) {
  constexpr std::string_view no_images = "container images are not run here; use a zip archive";
  if (request.image_config) refuse_member("ImageConfig", no_images);
  if (request.file_system_configs && !request.file_system_configs->empty())
    refuse_member("FileSystemConfigs", "file systems of EFS and S3 Files are not served here");
  if (request.capacity_provider_config)
    refuse_member("CapacityProviderConfig", "capacity providers are not served here");
  if (request.durable_config)
    refuse_member("DurableConfig", "durable functions are not served here");
  if (request.accelerator_config)
    refuse_member("AcceleratorConfig", "accelerators are not served here");
  if (request.runtime_config)
    refuse_member("RuntimeConfig", "versions of runtimes cannot be chosen here");
}

}  // namespace matinee::lambda
