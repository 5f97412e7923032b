// Virtual devices for a second factor: made, given to a user once they have shown two codes, and
// asked by STS.
#include <fmt/format.h>

#include <array>

#include "protocol/totp.h"
#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/qr_code.h"
#include "services/iam/tags.h"

namespace matinee::iam {

namespace {

using protocol::base32_encode;
using protocol::find_totp_step;
using protocol::totp_code;

constexpr Quota devices_per_user{"MFADevicesPerUser", 8};
constexpr std::size_t seed_bytes = 40;
constexpr std::size_t longest_name = 226;
constexpr std::size_t longest_serial = 256;

std::string serial_of(const std::string& account, const MfaDeviceRecord& device) {
  return make_arn(account, "mfa", device.path, device.name);
}

/// The step of the second of two codes that follow each other.
std::int64_t require_codes(const MfaDeviceRecord& device, const std::string& first,
                           const std::string& second, runtime::Time now) {
  // A pair is one step longer under way than a single code.
  const auto earlier = find_totp_step(device.seed, first, now - std::chrono::seconds(30), 0);
  const auto step = earlier ? earlier : find_totp_step(device.seed, first, now, 0);
  if (!step || totp_code(device.seed, *step + 1) != second)
    throw InvalidAuthenticationCodeException("Authentication code for device is not valid.");
  return *step + 1;
}

protocol::Blob blob_of(std::string text) {
  return {.bytes = std::move(text)};
}

std::string otpauth_url(const std::string& account, const MfaDeviceRecord& device) {
  return fmt::format(
      "otpauth://totp/Amazon%20Web%20Services:{}@{}?secret={}&issuer=Amazon%20Web%20Services",
      device.name, account, base32_encode(device.seed));
}

}  // namespace

MfaDeviceRecord Credentials::require_device(const Context& context,
                                            const std::string& serial) const {
  std::optional<MfaDeviceRecord> device = credentials_.mfa_devices.find({context.account, serial});
  if (!device)
    throw NoSuchEntityException(
        fmt::format("VirtualMFADevice with serial number {} does not exist.", serial));
  return *std::move(device);
}

services::SecondFactors::Verdict Credentials::check_code(std::string_view account,
                                                         std::string_view user_name,
                                                         std::string_view serial_number,
                                                         std::string_view code) {
  const ByName place{std::string(account), std::string(serial_number)};
  std::optional<MfaDeviceRecord> device = credentials_.mfa_devices.find(place);
  if (!device || device->owner.empty()) return Verdict::unknown_device;
  std::string owner(account);
  if (!user_name.empty()) {
    const auto user = catalog_.find_user(account, user_name);
    owner = user ? user->id : std::string();
  }
  if (device->owner != owner) return Verdict::unknown_device;
  const auto step = find_totp_step(device->seed, code, runtime_.clock.now(), device->last_step);
  if (!step) return Verdict::wrong_code;
  device->last_step = *step;
  credentials_.mfa_devices.put(place, *device);
  return Verdict::good;
}

CreateVirtualMFADeviceResponse Credentials::create_virtual_mfa_device(
    const Context& context, const CreateVirtualMFADeviceRequest& request) {
  const std::string& account = context.account;
  std::array<std::uint8_t, seed_bytes> seed{};
  runtime_.random.fill(seed);
  const MfaDeviceRecord device{.name = request.virtual_mfa_device_name,
                               .path = request.path.value_or("/"),
                               .seed = std::string(seed.begin(), seed.end()),
                               .tags = make_tags(request.tags),
                               .owner = "",
                               .enabled = std::nullopt};
  const std::string serial = serial_of(account, device);
  // Serial numbers, which are made of names and paths, have 256 characters at most.
  if (device.name.size() > longest_name || serial.size() > longest_serial)
    throw ValidationError(fmt::format(
        "1 validation error detected: Value '{}' at 'virtualMFADeviceName' failed to satisfy "
        "constraint: Member must have length less than or equal to {}",
        device.name, longest_name));
  if (credentials_.mfa_devices.contains({account, serial}))
    throw EntityAlreadyExistsException(
        "MFADevice entity at the same path and name already exists.");
  credentials_.mfa_devices.put({account, serial}, device);
  catalog_.add(account, Counter::mfa_devices, 1);
  VirtualMFADevice made{.serial_number = serial};
  made.base32_string_seed = blob_of(base32_encode(device.seed));
  made.qr_code_png = blob_of(qr_code_png(otpauth_url(account, device)));
  if (!device.tags.empty()) made.tags = describe_tags(device.tags);
  return {.virtual_mfa_device = std::move(made)};
}

EnableMFADeviceResponse Credentials::enable_mfa_device(const Context& context,
                                                       const EnableMFADeviceRequest& request) {
  const std::string& account = context.account;
  const Holder user = require_holder(context, request.user_name);
  MfaDeviceRecord device = require_device(context, request.serial_number);
  if (!device.owner.empty()) throw EntityAlreadyExistsException("MFA Device is already in use.");
  std::uint64_t devices = 0;
  credentials_.mfa_of_users.scan(credentials_.mfa_of_users.prefix(account, user.id),
                                 [&](const ById&, runtime::Time) { return ++devices > 0; });
  require_room_for_one(devices_per_user, devices);
  device.last_step = require_codes(device, request.authentication_code1,
                                   request.authentication_code2, runtime_.clock.now());
  device.owner = user.id;
  device.enabled = now();
  credentials_.mfa_devices.put({account, request.serial_number}, device);
  credentials_.mfa_of_users.put({account, user.id, request.serial_number}, now());
  catalog_.add(account, Counter::mfa_devices_in_use, 1);
  return {};
}

ResyncMFADeviceResponse Credentials::resync_mfa_device(const Context& context,
                                                       const ResyncMFADeviceRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  MfaDeviceRecord device = require_device(context, request.serial_number);
  if (device.owner != user.id) throw NoSuchEntityException("MFA Device invalid for user.");
  device.last_step = require_codes(device, request.authentication_code1,
                                   request.authentication_code2, runtime_.clock.now());
  credentials_.mfa_devices.put({context.account, request.serial_number}, device);
  return {};
}

DeactivateMFADeviceResponse Credentials::deactivate_mfa_device(
    const Context& context, const DeactivateMFADeviceRequest& request) {
  const std::string& account = context.account;
  const Holder user = require_holder(context, request.user_name);
  auto device = credentials_.mfa_devices.find({account, request.serial_number});
  if (!device || device->owner != user.id)
    throw NoSuchEntityException("MFA Device invalid for user.");
  device->owner.clear();
  device->enabled.reset();
  credentials_.mfa_devices.put({account, request.serial_number}, *device);
  credentials_.mfa_of_users.erase({account, user.id, request.serial_number});
  catalog_.add(account, Counter::mfa_devices_in_use, -1);
  return {};
}

DeleteVirtualMFADeviceResponse Credentials::delete_virtual_mfa_device(
    const Context& context, const DeleteVirtualMFADeviceRequest& request) {
  const MfaDeviceRecord device = require_device(context, request.serial_number);
  if (!device.owner.empty())
    throw DeleteConflictException("MFA VirtualDevice in use. Must deactivate first.");
  credentials_.mfa_devices.erase({context.account, request.serial_number});
  catalog_.add(context.account, Counter::mfa_devices, -1);
  return {};
}

GetMFADeviceResponse Credentials::get_mfa_device(const Context& context,
                                                 const GetMFADeviceRequest& request) {
  const MfaDeviceRecord device = require_device(context, request.serial_number);
  GetMFADeviceResponse response{.serial_number = request.serial_number};
  if (request.user_name && require_holder(context, request.user_name).id != device.owner)
    throw NoSuchEntityException("MFA Device invalid for user.");
  if (device.owner.empty()) return response;
  if (const auto entity = catalog_.entities.find({context.account, device.owner}))
    response.user_name = entity->name;
  if (device.enabled) response.enable_date = timestamp_of(*device.enabled);
  return response;
}

ListMFADevicesResponse Credentials::list_mfa_devices(const Context& context,
                                                     const ListMFADevicesRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  ListMFADevicesResponse response;
  list_page(credentials_.mfa_of_users, credentials_.mfa_of_users.prefix(context.account, user.id),
            request, visit_all([&](const ById& key, runtime::Time enabled) {
              response.mfa_devices.push_back({.user_name = user.name,
                                              .serial_number = std::get<2>(key),
                                              .enable_date = timestamp_of(enabled)});
            }))
      .tell(response);
  return response;
}

VirtualMFADevice Credentials::show_device(const std::string& account, const std::string& serial,
                                          const MfaDeviceRecord& device) const {
  VirtualMFADevice shown{.serial_number = serial};
  if (device.owner.empty()) return shown;
  if (device.enabled) shown.enable_date = timestamp_of(*device.enabled);
  const auto entity = catalog_.entities.find({account, device.owner});
  if (!entity) return shown;
  if (const auto user = catalog_.find_user(account, entity->name))
    shown.user = describe(account, *user, Detail::listed);
  return shown;
}

ListVirtualMFADevicesResponse Credentials::list_virtual_mfa_devices(
    const Context& context, const ListVirtualMFADevicesRequest& request) {
  const std::string wanted = request.assignment_status.value_or("Any");
  ListVirtualMFADevicesResponse response;
  list_page(credentials_.mfa_devices, credentials_.mfa_devices.prefix(context.account), request,
            Visitor{[&](const ByName&, const MfaDeviceRecord& device) {
                      return wanted == "Any" || (wanted == "Assigned") == !device.owner.empty();
                    },
                    [&](const ByName& key, const MfaDeviceRecord& device) {
                      response.virtual_mfa_devices.push_back(
                          show_device(context.account, std::get<1>(key), device));
                    }})
      .tell(response);
  return response;
}

TagMFADeviceResponse Credentials::tag_mfa_device(const Context& context,
                                                 const TagMFADeviceRequest& request) {
  MfaDeviceRecord device = require_device(context, request.serial_number);
  add_tags(request.tags, device.tags);
  credentials_.mfa_devices.put({context.account, request.serial_number}, device);
  return {};
}

UntagMFADeviceResponse Credentials::untag_mfa_device(const Context& context,
                                                     const UntagMFADeviceRequest& request) {
  MfaDeviceRecord device = require_device(context, request.serial_number);
  remove_tags(request.tag_keys, device.tags);
  credentials_.mfa_devices.put({context.account, request.serial_number}, device);
  return {};
}

ListMFADeviceTagsResponse Credentials::list_mfa_device_tags(
    const Context& context, const ListMFADeviceTagsRequest& request) {
  ListMFADeviceTagsResponse response{
      .tags = describe_tags(require_device(context, request.serial_number).tags)};
  cut_page(response.tags, request).tell(response);
  return response;
}

}  // namespace matinee::iam
