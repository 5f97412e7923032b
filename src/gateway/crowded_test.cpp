// What happens when more clients connect than the server may have files open for.
#include "gateway/server_fixture.h"

namespace matinee::gateway {
namespace {

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view keep = "GET /keep HTTP/1.1\r\nHost: x\r\n\r\n";

class CrowdedTest : public ServerTest {
 protected:
  static constexpr std::size_t most = 4;

  void SetUp() override { start({}, 1, most); }

  std::vector<TestClient> connect_all() {
    std::vector<TestClient> clients;
    for (std::size_t i = 0; i < most; ++i) {
      clients.push_back(connect());
      // An answer proves that the server has taken this one before the next.
      EXPECT_EQ(clients.back().request(get).status, 200);
    }
    return clients;
  }
};

TEST_F(CrowdedTest, a_new_client_takes_the_place_of_the_one_that_has_been_idle_longest) {
  std::vector<TestClient> clients = connect_all();
  EXPECT_EQ(clients[0].request(get).status, 200);
  EXPECT_EQ(connect().request(get).status, 200);
  EXPECT_TRUE(clients[1].is_closed());
  for (const std::size_t kept : {0U, 2U, 3U}) EXPECT_EQ(clients[kept].request(get).status, 200);
}

TEST_F(CrowdedTest, a_client_whose_head_does_not_end_counts_as_idle) {
  std::vector<TestClient> clients = connect_all();
  ASSERT_TRUE(clients[0].send("GET /a HTT"));
  for (std::size_t i = 1; i < most; ++i) EXPECT_EQ(clients[i].request(get).status, 200);
  EXPECT_EQ(connect().request(get).status, 200);
  EXPECT_TRUE(clients[0].is_closed());
}

TEST_F(CrowdedTest, whoever_waits_for_a_reply_stays) {
  std::vector<TestClient> clients = connect_all();
  ASSERT_TRUE(clients[0].send(keep));
  std::future<Reply> kept = noticed.kept.get_future();
  expect_soon(kept, "the request that waits");
  for (std::size_t i = 1; i < most; ++i) EXPECT_EQ(clients[i].request(get).status, 200);
  for (std::size_t i = 0; i < 3 * most; ++i) EXPECT_EQ(connect().request(get).status, 200);
  noticed.queue->post([reply = std::make_shared<Reply>(kept.get())] { (*reply)({}); });
  EXPECT_EQ(clients[0].receive().status, 200);
}

}  // namespace
}  // namespace matinee::gateway
