#include "library/names.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <fstream>
#include <thread>

#include "library/errors.h"
#include "library/wire.h"

namespace lambda {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using std::string_literals::operator""s;

/// A name server that gives its replies one after the other, with the id of each question, and
/// ends when there are no more.
class NameServer {
 public:
  explicit NameServer(std::vector<std::string> replies)
      : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this, replies = std::move(replies)] {
      for (const std::string& reply : replies) answer(reply);
    });
  }
  ~NameServer() { thread_.join(); }

  std::uint16_t port = 0;
  std::vector<std::string> questions;  // without their ids

 private:
  Descriptor socket_;
  std::thread thread_;

  void answer(const std::string& reply) {
    std::array<char, 600> buffer{};
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    const ssize_t length = recvfrom(socket_.get(), buffer.data(), buffer.size(), 0,
                                    reinterpret_cast<sockaddr*>(&peer), &size);
    questions.emplace_back(buffer.data() + 2, static_cast<std::size_t>(length) - 2);
    const std::string stranger = "\0\0\x81\x80\0\0\0\0\0\0\0\0"s;  // an id that nobody asked with
    for (const std::string& text : {stranger, std::string(buffer.data(), 2) + reply})
      sendto(socket_.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&peer), size);
  }
};

/// A question for a.b, and as answers a CNAME and two addresses.
const std::string two_addresses =
    "\x81\x80\0\x01\0\x03\0\0\0\0\x01"s
    "a\x01"s
    "b\0\0\x01\0\x01"s
    "\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01"s
    "c\xc0\x0e"s
    "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\0\0\x01"s
    "\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x0a\0\0\x02"s;
const std::string no_such_name = "\x81\x83\0\0\0\0\0\0\0\0"s;
const std::string failed_server = "\x81\x82\0\0\0\0\0\0\0\0"s;

ResolverOptions options_for(std::uint16_t port, const std::string& settings) {
  const std::string path = testing::TempDir() + "names_" + std::to_string(port);
  std::ofstream(path + ".conf") << settings;
  std::ofstream(path + ".hosts") << "10.1.1.1 here.example here # comment there.example\n";
  return {.hosts_file = path + ".hosts",
          .resolver_file = path + ".conf",
          .port = port,
          .patience = std::chrono::milliseconds(50)};
}

TEST(Names, come_from_the_hosts_file_without_regard_to_case) {
  const std::string_view hosts =
      "# 1.1.1.1 x\n127.0.0.1\tlocalhost x.Example\n::1 x.example y\nbad x.example\n";
  EXPECT_THAT(find_in_hosts(hosts, "X.example."), ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(find_in_hosts(hosts, "1.1.1.1"), IsEmpty());
}

TEST(Names, that_are_addresses_or_local_need_no_server) {
  EXPECT_THAT(resolve("127.0.0.1"), ElementsAre("127.0.0.1"));
  EXPECT_THAT(resolve("::1"), ElementsAre("::1"));
  const ResolverOptions options = options_for(1, "");
  EXPECT_THAT(resolve("bucket.localhost", options), ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(resolve("HERE", options), ElementsAre("10.1.1.1"));
  EXPECT_THROW(resolve("there.example", options), FunctionError);
}

TEST(Names, are_asked_of_the_name_server_and_other_peoples_replies_are_ignored) {
  NameServer server({two_addresses});
  EXPECT_THAT(resolve("A.b", options_for(server.port, "nameserver 127.0.0.1\n")),
              ElementsAre("10.0.0.1", "10.0.0.2"));
  EXPECT_THAT(server.questions, ElementsAre("\x01\0\0\x01\0\0\0\0\0\0\x01"s
                                            "a\x01"s
                                            "b\0\0\x01\0\x01"s));
}

TEST(Names, without_a_dot_are_searched_in_the_domains_of_the_machine) {
  NameServer server({no_such_name, no_such_name, two_addresses});
  EXPECT_THAT(resolve("a", options_for(server.port, "search x b\nnameserver 127.0.0.1\n")),
              ElementsAre("10.0.0.1", "10.0.0.2"));
  EXPECT_EQ(server.questions.size(), 3);
}

TEST(Names, that_nobody_has_are_empty_and_a_server_that_fails_is_asked_again) {
  NameServer server({failed_server, no_such_name, no_such_name});
  EXPECT_THAT(resolve("a.b", options_for(server.port, "nameserver 127.0.0.1\n")), IsEmpty());
  EXPECT_EQ(server.questions.size(), 3);
}

TEST(Names, survive_replies_that_are_cut_anywhere) {
  const std::string whole = "\0\x07"s + two_addresses;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto found = read_dns_reply(whole.substr(0, size), 7, RecordType::a);
    EXPECT_TRUE(!found || found->size() < 2) << size;
  }
  EXPECT_EQ(read_dns_reply(whole, 7, RecordType::a)->size(), 2);
  EXPECT_THROW(dns_question(1, "a..b", RecordType::a), FunctionError);
  EXPECT_THROW(dns_question(1, std::string(64, 'a'), RecordType::a), FunctionError);
}

}  // namespace
}  // namespace lambda
