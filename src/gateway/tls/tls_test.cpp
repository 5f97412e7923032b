#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "gateway/server_fixture.h"
#include "gateway/tls/context.h"
#include "runtime/simulated/simulated_disk.h"

namespace matinee::gateway::tls {
namespace {

/// The client's side of TLS, whose bytes go through memory, so that a test says when each of them
/// is sent.
class TlsClient {
 public:
  explicit TlsClient(int version = TLS1_3_VERSION) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    session_.reset(SSL_new(context_.get()));
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_tlsext_host_name(session_.get(), "localhost");
    SSL_set_connect_state(session_.get());
  }

  SSL& ssl() { return *session_; }
  /// What the client wants to send now.
  std::string take_output() {
    BIO* bio = SSL_get_wbio(session_.get());
    std::string bytes(BIO_ctrl_pending(bio), '\0');
    if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  void give_input(std::string_view bytes) {
    BIO_write(SSL_get_rbio(session_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  std::unique_ptr<SSL_CTX, FreeSsl> context_;
  Session session_;
};

class TlsTest : public ServerTest {
 protected:
  void start_tls(Timeouts timeouts = {}) {
    context = std::make_shared<Context>(Authority::make(loop.clock().now()), loop.clock(),
                                        std::vector<std::string>{"127.0.0.1"});
    server.emplace(
        loop.clock(), workers,
        ServerOptions{.listen = {ListenAddress{}}, .timeouts = timeouts, .tls = context});
    const auto started = server->start([this](const std::shared_ptr<IoQueue>& queue) {
      noticed.queue = queue;
      return std::make_unique<EchoHandler>(noticed);
    });
    ASSERT_TRUE(started) << started.error();
  }

  /// Goes on until the handshake is done; a byte at a time where `slowly`.
  static void shake_hands(TestClient& socket, TlsClient& tls, bool slowly = false) {
    while (SSL_do_handshake(&tls.ssl()) != 1) {
      const std::string output = tls.take_output();
      for (std::size_t i = 0; i < output.size(); i += slowly ? 1 : output.size())
        ASSERT_TRUE(socket.send(slowly ? output.substr(i, 1) : output));
      const std::string input = socket.receive_some();
      ASSERT_NE(input, "") << "the server has ended the connection";
      tls.give_input(input);
    }
    ASSERT_TRUE(socket.send(tls.take_output()));
  }

  static std::string ask(TestClient& socket, TlsClient& tls, std::string_view request,
                         std::size_t size) {
    EXPECT_EQ(SSL_write(&tls.ssl(), request.data(), static_cast<int>(request.size())),
              static_cast<int>(request.size()));
    EXPECT_TRUE(socket.send(tls.take_output()));
    std::string reply;
    while (reply.size() < size) {
      char buffer[65536];
      const int got = SSL_read(&tls.ssl(), buffer, sizeof(buffer));
      if (got > 0) {
        reply.append(buffer, static_cast<std::size_t>(got));
        continue;
      }
      const std::string input = socket.receive_some();
      if (input.empty()) break;
      tls.give_input(input);
    }
    return reply;
  }

  std::shared_ptr<Context> context;
};

constexpr std::string_view echo =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";

TEST_F(TlsTest, a_handshake_may_come_byte_by_byte) {
  start_tls();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TestClient socket = connect();
    TlsClient tls(version);
    shake_hands(socket, tls, true);
    EXPECT_THAT(ask(socket, tls, echo, 100), testing::EndsWith("hello"));
    EXPECT_THAT(ask(socket, tls, echo, 100), testing::EndsWith("hello"));
  }
}

TEST_F(TlsTest, plain_requests_are_answered_on_the_same_port) {
  start_tls();
  EXPECT_EQ(connect().request(echo).body, "hello");
}

TEST_F(TlsTest, a_large_reply_arrives_whole) {
  start_tls();
  TestClient socket = connect();
  TlsClient tls;
  shake_hands(socket, tls);
  const std::string reply =
      ask(socket, tls, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n", 20'000'000);
  EXPECT_EQ(std::ranges::count(reply, 'x'), 20'000'000);
}

TEST_F(TlsTest, files_are_sent_through_the_session) {
  start_tls();
  std::string path = testing::TempDir() + "/matinee-tls-slice";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  std::string content;
  for (int i = 0; content.size() < 300'000; ++i) content += std::to_string(i);
  ASSERT_EQ(::write(file, content.data(), content.size()), std::ssize(content));
  struct FileSource final : protocol::Source {
    OwnedDescriptor file;
    explicit FileSource(int descriptor) : file(descriptor) {}
    int descriptor() const override { return file.get(); }
    std::string_view bytes() const override { return {}; }
  };
  noticed.slices = {{.source = std::make_shared<FileSource>(file), .offset = 7, .length = 250'000}};
  TestClient socket = connect();
  TlsClient tls;
  shake_hands(socket, tls);
  const std::string reply =
      ask(socket, tls, "GET /slices HTTP/1.1\r\nHost: localhost\r\n\r\n", 250'100);
  EXPECT_TRUE(reply.ends_with(content.substr(7, 250'000)));
}

TEST_F(TlsTest, a_client_that_leaves_without_a_word_is_forgotten) {
  start_tls();
  {
    TestClient socket = connect();
    TlsClient tls;
    shake_hands(socket, tls);
    EXPECT_EQ(SSL_write(&tls.ssl(), "GET /wait HTTP/1.1\r\nHost: l\r\n\r\n", 31), 31);
    ASSERT_TRUE(socket.send(tls.take_output()));
    std::future<void> waiting = noticed.waiting.get_future();
    expect_soon(waiting, "the request has not come");
  }
  std::future<void> cancelled = noticed.cancelled.get_future();
  expect_soon(cancelled, "the request was not given up");
}

TEST_F(TlsTest, a_handshake_has_an_end) {
  start_tls({.head = std::chrono::milliseconds(50)});
  TestClient socket = connect();
  TlsClient tls;
  EXPECT_NE(SSL_do_handshake(&tls.ssl()), 1);
  ASSERT_TRUE(socket.send(tls.take_output().substr(0, 20)));
  EXPECT_TRUE(socket.is_closed());
}

TEST_F(TlsTest, older_versions_are_refused) {
  start_tls();
  TestClient socket = connect();
  // A ClientHello of TLS 1.0: version 3.1 in the record and in the message.
  const std::string hello = std::string("\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x01", 11) +
                            std::string(32, 'r') +
                            std::string("\x00\x00\x04\xc0\x13\xc0\x14\x01\x00", 9);
  ASSERT_TRUE(socket.send(hello));
  // An alert: "protocol version", 70, is fatal, 2.
  EXPECT_EQ(socket.receive_some(), std::string("\x15\x03\x01\x00\x02\x02\x46", 7));
  EXPECT_TRUE(socket.is_closed());
}

TEST_F(TlsTest, garbage_after_the_first_byte_ends_the_connection) {
  start_tls();
  TestClient socket = connect();
  ASSERT_TRUE(socket.send(std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'z')));
  while (!socket.receive_some().empty()) {
  }
  EXPECT_TRUE(socket.is_closed());
}

TEST_F(TlsTest, a_tunnel_leads_back_here) {
  start_tls();
  TestClient socket = connect();
  ASSERT_TRUE(socket.send("CONNECT sqs.us-east-1.amazonaws.com:443 HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(socket.receive_head(), "HTTP/1.1 200 Connection established\r\n\r\n");
  TlsClient tls;
  shake_hands(socket, tls);
  EXPECT_THAT(ask(socket, tls, echo, 100), testing::EndsWith("hello"));
}

TEST_F(TlsTest, a_tunnel_has_no_tunnel_inside) {
  start_tls();
  TestClient socket = connect();
  TlsClient tls;
  shake_hands(socket, tls);
  EXPECT_THAT(ask(socket, tls, "CONNECT s3.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", 100),
              testing::StartsWith("HTTP/1.1 400 "));
}

TEST(TlsAuthority, is_the_same_after_a_restart) {
  runtime::SimulatedDisk disk;
  const runtime::Time now{std::chrono::seconds(1'800'000'000)};
  const auto first = open_authority(disk, "/data", now);
  ASSERT_TRUE(first) << first.error();
  const auto second = open_authority(disk, "/data", now);
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(first->certificate_pem(), second->certificate_pem());
  EXPECT_EQ(*disk.read(certificate_path("/data")), first->certificate_pem());
}

TEST(TlsAuthority, says_what_is_wrong_with_its_files) {
  runtime::SimulatedDisk disk;
  const runtime::Time now{std::chrono::seconds(1'800'000'000)};
  ASSERT_TRUE(open_authority(disk, "/data", now));
  ASSERT_TRUE(disk.write_atomically("/data/tls/authority.key", Authority::make(now).key_pem()));
  const auto mixed = open_authority(disk, "/data", now);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error(),
            "the key is not that of the certificate in /data/tls; remove that directory, and a new "
            "authority is made");
}

}  // namespace
}  // namespace matinee::gateway::tls
