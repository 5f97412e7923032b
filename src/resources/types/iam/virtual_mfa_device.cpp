// A device for a second factor whose codes the type itself computes, as AWS's does: IAM gives it to
// a user only by two codes.
#include <algorithm>

#include "protocol/base64.h"
#include "protocol/totp.h"
#include "resources/types/iam/iam_types.h"
#include "resources/types/iam/principals.h"

namespace matinee::resources::types::iam {

namespace {

Value of_serial(const std::string& serial) {
  return fields({{"SerialNumber", serial}});
}

Made made(const std::string& serial) {
  return {.id = serial, .attributes = of_serial(serial)};
}

class VirtualMfaDevice final : public CodedType {
 public:
  VirtualMfaDevice() : CodedType("AWS::IAM::VirtualMFADevice") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    constexpr std::size_t longest_name = 226;
    const std::string device_name =
        properties.text_or("VirtualMfaDeviceName", generated_name(subject, {.most = longest_name}));
    Value request =
        fields({{"VirtualMFADeviceName", device_name}, {"Path", member(properties, "Path")}});
    if (const Value tags = tags_of(subject, properties, false); !tags.elements().empty())
      request.set("Tags", tags);
    // The seed is told once: a device of an earlier try that no user has yet begins anew.
    if (!subject.made_id.empty() && (co_await owner_of(subject, subject.made_id)).empty())
      co_await call_if_there(subject, "iam:DeleteVirtualMFADevice", of_serial(subject.made_id));
    else if (!subject.made_id.empty())
      co_return made(subject.made_id);
    std::string serial;
    const Value got = co_await subject.calls.call(
        "iam:CreateVirtualMFADevice", std::move(request), [&](const Value& response) {
          serial = need_text(response, "VirtualMFADevice.SerialNumber");
          subject.made(serial);
        });
    const std::string seed = need_text(got, "VirtualMFADevice.Base32StringSeed");
    for (const std::string& user : texts_of(properties.find("Users")))
      co_await enable(subject, serial, user, seed);
    co_return made(serial);
  }

  /// Users can be taken away. To give it to another one takes its seed, which nobody knows any
  /// more.
  Task<Made> update(Subject& subject, const std::string& id, const Value& before,
                    const Value& after) const override {
    const std::vector<std::string> had = texts_of(before.find("Users"));
    const std::vector<std::string> has = texts_of(after.find("Users"));
    if (!missing_in(has, had).empty())
      throw HandlerError("NotUpdatable",
                         "The seed of the device is not known any more, which takes another user.");
    for (const std::string& user : missing_in(had, has)) co_await disable(subject, id, user);
    co_await set_tags(subject, {"MFADevice", of_serial(id)}, before, after);
    co_return made(id);
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    const std::string user = co_await owner_of(subject, id);
    if (!user.empty()) co_await disable(subject, id, user);
    co_await call_if_there(subject, "iam:DeleteVirtualMFADevice", of_serial(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value tags = co_await call_if_there(subject, "iam:ListMFADeviceTags", of_serial(id));
    if (tags.is_null()) not_found(name(), id);
    Value users = Value::list();
    if (const std::string user = co_await owner_of(subject, id); !user.empty()) users.append(user);
    // arn:aws:iam::ACCOUNT:mfa/PATH/NAME
    const std::string place = id.substr(std::min(id.find('/'), id.size()));
    const std::string device_name = last_part(id, '/');
    co_return fields({{"SerialNumber", id},
                      {"VirtualMfaDeviceName", device_name},
                      {"Path", place.substr(0, place.size() - device_name.size())},
                      {"Users", users},
                      {"Tags", tags_property(tags)}});
  }

  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    return list_all(subject, {.operation = "iam:ListVirtualMFADevices",
                              .elements = "VirtualMFADevices",
                              .id = "SerialNumber",
                              .token_in = "Marker",
                              .token_out = "Marker"});
  }

 private:
  /// Empty where it has none, or is gone.
  static Task<std::string> owner_of(Subject& subject, std::string serial) {
    const Value got = co_await call_if_there(subject, "iam:GetMFADevice", of_serial(serial));
    co_return got.text_or("UserName");
  }

  /// `seed` is base64 of base32, as the operation tells it.
  static Task<void> enable(Subject& subject, std::string serial, std::string user,
                           std::string seed) {
    const std::optional<std::string> text = protocol::base64_decode(seed);
    const std::optional<std::string> bytes = text ? protocol::base32_decode(*text) : std::nullopt;
    if (!bytes) throw HandlerError("InternalFailure", "The device has no seed.");
    const std::int64_t step = protocol::totp_step(subject.runtime.clock.now());
    co_await call(subject, "iam:EnableMFADevice",
                  of_serial(serial)
                      .set("UserName", user)
                      .set("AuthenticationCode1", protocol::totp_code(*bytes, step - 1))
                      .set("AuthenticationCode2", protocol::totp_code(*bytes, step)));
  }
  static Task<void> disable(Subject& subject, std::string serial, std::string user) {
    co_await call_if_there(subject, "iam:DeactivateMFADevice",
                           of_serial(serial).set("UserName", user));
  }
};

}  // namespace

const CodedType& virtual_mfa_device() {
  static const VirtualMfaDevice type;
  return type;
}

}  // namespace matinee::resources::types::iam
