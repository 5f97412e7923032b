// Certificates by which users sign requests to the oldest services.
#include <fmt/format.h>

#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/pem.h"

namespace matinee::iam {

namespace {

constexpr Quota certificates_per_user{"CertificatesPerUser", 2};
constexpr std::string_view id_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t id_size = 32;

SigningCertificate describe_certificate(const std::string& user_name, const std::string& id,
                                        const SigningCertificateRecord& certificate) {
  return {.user_name = user_name,
          .certificate_id = id,
          .certificate_body = certificate.body,
          .status = certificate.active ? "Active" : "Inactive",
          .upload_date = timestamp_of(certificate.uploaded)};
}

}  // namespace

SigningCertificateRecord Credentials::require_signing_certificate(const Context& context,
                                                                  const Holder& user,
                                                                  const std::string& id) const {
  auto certificate = credentials_.signing_certificates.find({context.account, user.id, id});
  if (!certificate)
    throw NoSuchEntityException(fmt::format("The Certificate with id {} cannot be found.", id));
  return *std::move(certificate);
}

UploadSigningCertificateResponse Credentials::upload_signing_certificate(
    const Context& context, const UploadSigningCertificateRequest& request) {
  const std::string& account = context.account;
  const Holder user = require_holder(context, request.user_name);
  if (!read_certificate(request.certificate_body))
    throw MalformedCertificateException("Certificate is malformed");
  std::uint64_t certificates = 0;
  credentials_.signing_certificates.scan(
      credentials_.signing_certificates.prefix(account, user.id),
      [&](const ById&, const SigningCertificateRecord& other) {
        if (other.body == request.certificate_body)
          throw DuplicateCertificateException("The certificate is already uploaded.");
        return ++certificates > 0;
      });
  require_room_for_one(certificates_per_user, certificates);
  const std::string id = runtime_.random.text(id_size, id_letters);
  const SigningCertificateRecord certificate{.body = request.certificate_body, .uploaded = now()};
  credentials_.signing_certificates.put({account, user.id, id}, certificate);
  return {.certificate = describe_certificate(user.name, id, certificate)};
}

UpdateSigningCertificateResponse Credentials::update_signing_certificate(
    const Context& context, const UpdateSigningCertificateRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  SigningCertificateRecord certificate =
      require_signing_certificate(context, user, request.certificate_id);
  if (request.status == "Expired")
    throw InvalidInputException("The status Expired cannot be set for a certificate.");
  certificate.active = request.status == "Active";
  credentials_.signing_certificates.put({context.account, user.id, request.certificate_id},
                                        certificate);
  return {};
}

DeleteSigningCertificateResponse Credentials::delete_signing_certificate(
    const Context& context, const DeleteSigningCertificateRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  require_signing_certificate(context, user, request.certificate_id);
  credentials_.signing_certificates.erase({context.account, user.id, request.certificate_id});
  return {};
}

ListSigningCertificatesResponse Credentials::list_signing_certificates(
    const Context& context, const ListSigningCertificatesRequest& request) {
  const Holder user = require_holder(context, request.user_name);
  ListSigningCertificatesResponse response;
  list_page(credentials_.signing_certificates,
            credentials_.signing_certificates.prefix(context.account, user.id), request,
            visit_all([&](const ById& key, const SigningCertificateRecord& certificate) {
              response.certificates.push_back(
                  describe_certificate(user.name, std::get<2>(key), certificate));
            }))
      .tell(response);
  return response;
}

}  // namespace matinee::iam
