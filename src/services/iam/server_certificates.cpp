// Certificates of servers, with their private keys, which nobody gets back.
#include <fmt/format.h>

#include "services/iam/credentials.h"
#include "services/iam/describe.h"
#include "services/iam/limits.h"
#include "services/iam/paging.h"
#include "services/iam/pem.h"
#include "services/iam/tags.h"

namespace matinee::iam {

namespace {

constexpr Quota certificates_per_account{"ServerCertificatesPerAccount", 20};

ServerCertificateMetadata describe_metadata(const std::string& account,
                                            const ServerCertificateRecord& certificate) {
  return {.path = certificate.path,
          .server_certificate_name = certificate.name,
          .server_certificate_id = certificate.id,
          .arn = make_arn(account, "server-certificate", certificate.path, certificate.name),
          .upload_date = timestamp_of(certificate.uploaded),
          .expiration = timestamp_of(certificate.expires)};
}

std::string exists(const std::string& name) {
  return fmt::format("The Server Certificate with name {} already exists.", name);
}

}  // namespace

ServerCertificateRecord Credentials::require_server_certificate(const Context& context,
                                                                const std::string& name) const {
  auto certificate = credentials_.server_certificates.find({context.account, fold(name)});
  if (!certificate)
    throw NoSuchEntityException(
        fmt::format("The Server Certificate with name {} cannot be found.", name));
  return *std::move(certificate);
}

UploadServerCertificateResponse Credentials::upload_server_certificate(
    const Context& context, const UploadServerCertificateRequest& request) {
  const std::string& account = context.account;
  const auto facts = read_certificate(request.certificate_body);
  if (!facts || count_certificates(request.certificate_body) != 1)
    throw MalformedCertificateException(
        "Unable to parse certificate. Please ensure the certificate is in PEM format.");
  const auto key = public_key_of(request.private_key);
  if (!key)
    throw MalformedCertificateException(
        "Unable to parse private key. Please ensure the private key is in PEM format.");
  if (*key != facts->public_key)
    throw KeyPairMismatchException("Private key does not match the certificate.");
  if (request.certificate_chain && !count_certificates(*request.certificate_chain))
    throw MalformedCertificateException(
        "Unable to parse certificate chain. Please ensure the chain is in PEM format.");
  ServerCertificateRecord certificate{.name = request.server_certificate_name,
                                      .path = request.path.value_or("/"),
                                      .id = make_id("ASCA", runtime_.random),
                                      .body = request.certificate_body,
                                      .chain = request.certificate_chain.value_or(""),
                                      .key = request.private_key,
                                      .uploaded = now(),
                                      .expires = facts->expires,
                                      .tags = make_tags(request.tags)};
  const ByName place{account, fold(certificate.name)};
  if (credentials_.server_certificates.contains(place))
    throw EntityAlreadyExistsException(exists(certificate.name));
  count_one(catalog_, account, Counter::server_certificates, certificates_per_account);
  credentials_.server_certificates.put(place, certificate);
  UploadServerCertificateResponse response{.server_certificate_metadata =
                                               describe_metadata(account, certificate)};
  if (!certificate.tags.empty()) response.tags = describe_tags(certificate.tags);
  return response;
}

GetServerCertificateResponse Credentials::get_server_certificate(
    const Context& context, const GetServerCertificateRequest& request) {
  const ServerCertificateRecord certificate =
      require_server_certificate(context, request.server_certificate_name);
  ServerCertificate shown{
      .server_certificate_metadata = describe_metadata(context.account, certificate),
      .certificate_body = certificate.body};
  if (!certificate.chain.empty()) shown.certificate_chain = certificate.chain;
  shown.tags = describe_tags(certificate.tags);
  return {.server_certificate = std::move(shown)};
}

UpdateServerCertificateResponse Credentials::update_server_certificate(
    const Context& context, const UpdateServerCertificateRequest& request) {
  const std::string& account = context.account;
  ServerCertificateRecord certificate =
      require_server_certificate(context, request.server_certificate_name);
  const std::string before = fold(certificate.name);
  if (request.new_server_certificate_name) certificate.name = *request.new_server_certificate_name;
  if (request.new_path) certificate.path = *request.new_path;
  const std::string after = fold(certificate.name);
  if (after != before && credentials_.server_certificates.contains({account, after}))
    throw EntityAlreadyExistsException(exists(certificate.name));
  credentials_.server_certificates.erase({account, before});
  credentials_.server_certificates.put({account, after}, certificate);
  return {};
}

DeleteServerCertificateResponse Credentials::delete_server_certificate(
    const Context& context, const DeleteServerCertificateRequest& request) {
  const ServerCertificateRecord certificate =
      require_server_certificate(context, request.server_certificate_name);
  credentials_.server_certificates.erase({context.account, fold(certificate.name)});
  catalog_.add(context.account, Counter::server_certificates, -1);
  return {};
}

ListServerCertificatesResponse Credentials::list_server_certificates(
    const Context& context, const ListServerCertificatesRequest& request) {
  ListServerCertificatesResponse response;
  list_page(credentials_.server_certificates,
            credentials_.server_certificates.prefix(context.account), request,
            visit_below(request.path_prefix,
                        [&](const ByName&, const ServerCertificateRecord& certificate) {
                          response.server_certificate_metadata_list.push_back(
                              describe_metadata(context.account, certificate));
                        }))
      .tell(response);
  return response;
}

TagServerCertificateResponse Credentials::tag_server_certificate(
    const Context& context, const TagServerCertificateRequest& request) {
  ServerCertificateRecord certificate =
      require_server_certificate(context, request.server_certificate_name);
  add_tags(request.tags, certificate.tags);
  credentials_.server_certificates.put({context.account, fold(certificate.name)}, certificate);
  return {};
}

UntagServerCertificateResponse Credentials::untag_server_certificate(
    const Context& context, const UntagServerCertificateRequest& request) {
  ServerCertificateRecord certificate =
      require_server_certificate(context, request.server_certificate_name);
  remove_tags(request.tag_keys, certificate.tags);
  credentials_.server_certificates.put({context.account, fold(certificate.name)}, certificate);
  return {};
}

ListServerCertificateTagsResponse Credentials::list_server_certificate_tags(
    const Context& context, const ListServerCertificateTagsRequest& request) {
  ListServerCertificateTagsResponse response{
      .tags =
          describe_tags(require_server_certificate(context, request.server_certificate_name).tags)};
  cut_page(response.tags, request).tell(response);
  return response;
}

}  // namespace matinee::iam
