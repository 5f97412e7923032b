// Uploads by a browser's form: POST of multipart/form-data to the URL of a bucket. The file is
// received as the content of a PutObject is, and what the fields say becomes that PutObject.
#pragma once

#include <memory>

#include "protocol/http.h"
#include "services/s3/forms/multipart_form.h"
#include "services/s3/forms/post_policy.h"
#include "services/s3/transfer/content.h"

namespace matinee::s3 {

/// A form whose file has been received and whose policy lets it in.
struct ReceivedForm : protocol::Received {
  FormFields fields;  // `key` is complete: ${filename} is replaced
  std::shared_ptr<protocol::Received> content;
};

/// Whether any field says who has signed the form; without one nobody has.
bool has_signer(const FormFields& fields);

/// Whether the head is that of a form for a bucket.
bool is_post_form(const protocol::HttpRequest& head);

/// The body of such a form.
class PostFormSink : public services::BodySink {
 public:
  /// `now` is when the policy must be good. Throws MalformedPOSTRequest.
  PostFormSink(storage::Blobs& blobs, const protocol::HttpRequest& head, runtime::Time now);

  void write(std::span<const char> bytes) override;
  protocol::Body finish() override;

 private:
  storage::Blobs& blobs_;
  MultipartForm form_;
  std::string bucket_;
  runtime::Time now_;
  FormFields fields_;
  LengthRange lengths_;
  std::optional<ContentReceiver> receiver_;
  std::uint64_t size_ = 0;

  void begin_file();
  void receive(std::string_view bytes);
};

/// The PutObject that the form stands for, whose body is the form's content.
protocol::HttpRequest to_put_request(const protocol::HttpRequest& form_request,
                                     const ReceivedForm& form);
/// The reply to the form, of that to the PutObject: 204, or what success_action_status or
/// success_action_redirect ask for. `url` is the object's.
protocol::HttpResponse to_form_response(protocol::HttpResponse put_response,
                                        const FormFields& fields,
                                        const protocol::HttpRequest& put_request);

}  // namespace matinee::s3
