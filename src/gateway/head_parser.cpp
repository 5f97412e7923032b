#include "gateway/head_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <limits>

namespace matinee::gateway {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

/// Writes what Beast finds straight into our request, without a message of Beast's in between.
class Parser : public http::basic_parser<true> {
 public:
  protocol::HttpRequest request;
  protocol::Headers trailers;
  std::string* content = nullptr;
  bool is_target_malformed = false;
  bool has_transfer_encoding = false;
  bool has_other_encoding = false;
  bool expects_continue = false;
  bool expects_more = false;
  bool is_http_1_0 = false;
  int hosts = 0;

  Parser() {
    header_limit(most_head_bytes);
    body_limit(boost::none);
    eager(false);
  }

 private:
  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    is_http_1_0 = version == 10;
    request.method.assign(method.data(), method.size());
    // The target of CONNECT is an authority, "host:port", and nothing else.
    if (request.method == "CONNECT") {
      request.target.assign(target.data(), target.size());
      request.path = "/";
      return;
    }
    is_target_malformed = !request.set_target({target.data(), target.size()});
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(http::field field, beast::string_view name, beast::string_view value,
                     beast::error_code&) override {
    // Fields behind the last chunk come too late to mean anything for the request itself.
    if (content != nullptr)
      return trailers.add({name.data(), name.size()}, {value.data(), value.size()});
    if (field == http::field::host) ++hosts;
    if (field == http::field::transfer_encoding) {
      has_transfer_encoding = true;
      if (!beast::iequals(value, "chunked")) has_other_encoding = true;
    }
    if (field == http::field::expect) {
      expects_continue = beast::iequals(value, "100-continue");
      expects_more = !expects_continue;
    }
    request.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 beast::error_code&) override {
    content->append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}
};

ParseProgress failure(const beast::error_code& error) {
  ParseProgress progress{.state = ParseProgress::State::failed, .status = 400};
  if (error == http::error::header_limit) {
    progress.status = 431;
    progress.reason = "The request's header fields are too large.";
  } else if (error == http::error::bad_version) {
    progress.status = 505;
    progress.reason = "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
  } else {
    progress.reason = "The request is not well-formed HTTP: " + error.message() + ".";
  }
  return progress;
}

ParseProgress failure(int status, std::string reason) {
  return {.state = ParseProgress::State::failed, .status = status, .reason = std::move(reason)};
}

}  // namespace

struct HeadParser::Implementation {
  std::optional<Parser> parser{std::in_place};
};

HeadParser::HeadParser() = default;
HeadParser::~HeadParser() = default;
HeadParser::HeadParser(HeadParser&&) noexcept = default;
HeadParser& HeadParser::operator=(HeadParser&&) noexcept = default;

void HeadParser::reset() {
  if (implementation_) implementation_->parser.emplace();
}

bool HeadParser::is_fresh() const {
  return !implementation_ || !implementation_->parser->got_some();
}

ParseProgress HeadParser::put_head(std::string_view bytes) {
  if (bytes.empty()) return {};  // Beast would do arithmetic with a null pointer
  if (!implementation_) implementation_ = std::make_unique<Implementation>();
  Parser& parser = *implementation_->parser;
  beast::error_code error;
  const std::size_t consumed = parser.put(boost::asio::buffer(bytes), error);
  if (error && error != http::error::need_more) return failure(error);
  if (!parser.is_header_done()) {
    // Beast counts only what it has consumed, a line at a time.
    if (bytes.size() - consumed > most_head_bytes) return failure(http::error::header_limit);
    return {.consumed = consumed};
  }
  if (parser.is_target_malformed)
    return failure(400, "The request's target is not a well-formed URI.");
  if (parser.hosts > 1 || (parser.hosts == 0 && !parser.is_http_1_0))
    return failure(400, "The request must have one Host header.");
  if (parser.has_transfer_encoding && (parser.has_other_encoding || !parser.chunked()))
    return failure(501, "This transfer encoding is not implemented.");
  if (parser.expects_more) return failure(417, "This expectation cannot be met.");
  return {.state = ParseProgress::State::done, .consumed = consumed};
}

protocol::HttpRequest HeadParser::take_request() {
  protocol::HttpRequest& request = implementation_->parser->request;
  // A target with an authority goes before Host (RFC 9112).
  if (const std::string_view host = protocol::authority_of_target(request.target); !host.empty())
    request.headers.set("Host", host);
  return std::move(request);
}

Framing HeadParser::framing() const {
  const Parser& parser = *implementation_->parser;
  Framing framing;
  framing.keep_alive = parser.keep_alive();
  framing.is_chunked = parser.chunked();
  framing.expects_continue = parser.expects_continue;
  framing.is_http_1_0 = parser.is_http_1_0;
  framing.content_length = parser.content_length().value_or(0);
  return framing;
}

protocol::Headers HeadParser::take_trailers() {
  return std::move(implementation_->parser->trailers);
}

ParseProgress HeadParser::put_chunks(std::string_view bytes, std::string& content) {
  Parser& parser = *implementation_->parser;
  parser.content = &content;
  parser.eager(true);
  ParseProgress progress;
  while (!parser.is_done() && progress.consumed < bytes.size()) {
    beast::error_code error;
    const std::size_t consumed =
        parser.put(boost::asio::buffer(bytes.substr(progress.consumed)), error);
    progress.consumed += consumed;
    if (error == http::error::need_more) break;
    if (error) return failure(error);
    if (consumed == 0) break;
  }
  if (parser.is_done()) progress.state = ParseProgress::State::done;
  return progress;
}

}  // namespace matinee::gateway
