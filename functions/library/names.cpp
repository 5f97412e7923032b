#include "library/names.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <sstream>

#include "library/errors.h"
#include "library/wire.h"

namespace lambda {

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Small letters, and without the dot that says that a name is whole.
std::string plain_name(std::string_view name) {
  std::string result(name);
  if (result.ends_with('.')) result.pop_back();
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return result;
}

bool is_address(const std::string& text) {
  in6_addr storage;
  return inet_pton(AF_INET, text.c_str(), &storage) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &storage) == 1;
}

void append_number(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

/// Goes through a reply; what lies beyond its end reads as nothing.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<unsigned> number() {
    if (bytes_.size() - at_ < 2) return std::nullopt;
    const unsigned value = byte(at_) << 8 | byte(at_ + 1);
    at_ += 2;
    return value;
  }
  std::optional<std::string_view> take(std::size_t size) {
    if (bytes_.size() - at_ < size) return std::nullopt;
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  /// Labels up to the root, or up to a reference to an earlier name.
  bool skip_name() {
    while (at_ < bytes_.size()) {
      const unsigned length = byte(at_);
      if (length >= 0xc0) return take(2).has_value();
      if (!take(length + 1)) return false;
      if (length == 0) return true;
    }
    return false;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;

  unsigned byte(std::size_t place) const { return static_cast<unsigned char>(bytes_[place]); }
};

/// The address of one answer, if it has one of the type; nothing where the reply is malformed.
std::optional<std::string> read_answer(Reader& reader, RecordType wanted) {
  if (!reader.skip_name()) return std::nullopt;
  const auto type = reader.number();
  if (!reader.take(6)) return std::nullopt;  // class and time to live
  const auto length = reader.number();
  if (!type || !length) return std::nullopt;
  const auto data = reader.take(*length);
  if (!data) return std::nullopt;
  const bool is_four = wanted == RecordType::a;
  if (*type != static_cast<unsigned>(wanted) || data->size() != (is_four ? 4U : 16U)) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_four ? AF_INET : AF_INET6, data->data(), text.data(), text.size());
  return text.data();
}

/// Servers and domains to search, as resolv.conf names them.
struct Settings {
  std::vector<std::string> servers;
  std::vector<std::string> domains;
};

Settings read_settings(const std::string& path) {
  Settings settings;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string key;
    std::string value;
    words >> key;
    if (key == "search" || key == "domain") settings.domains.clear();
    while (words >> value) {
      if (key == "nameserver" && is_address(value)) settings.servers.push_back(value);
      if (key == "search" || key == "domain") settings.domains.push_back(value);
    }
  }
  return settings;
}

/// One question to one server by UDP; nothing where it does not answer.
std::optional<std::vector<std::string>> ask(const std::string& server, const std::string& name,
                                            RecordType type, const ResolverOptions& options) {
  std::uint16_t id = 0;
  if (getrandom(&id, sizeof(id), 0) != sizeof(id)) return std::nullopt;
  const Descriptor socket = connect_socket(server, options.port, SOCK_DGRAM, options.patience);
  if (!socket) return std::nullopt;
  const std::string question = dns_question(id, name, type);
  if (::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0) return std::nullopt;
  const auto until = std::chrono::steady_clock::now() + options.patience;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd wait{.fd = socket.get(), .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) <= 0)
      return std::nullopt;
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) return std::nullopt;
    if (auto found = read_dns_reply({buffer.data(), static_cast<std::size_t>(size)}, id, type))
      return found;
  }
}

std::vector<std::string> ask_all(const Settings& settings, const std::string& name, RecordType type,
                                 const ResolverOptions& options) {
  for (int number = 0; number < options.tries; ++number)
    for (const std::string& server : settings.servers)
      if (const auto found = ask(server, name, type, options)) return *found;
  throw FunctionError("NameResolutionFailed",
                      fmt::format("No name server answers when asked for {}.", name));
}

}  // namespace

std::vector<std::string> find_in_hosts(std::string_view hosts, std::string_view name) {
  std::vector<std::string> found;
  const std::string wanted = plain_name(name);
  std::istringstream lines{std::string(hosts)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address;
    words >> address;
    for (std::string word; words >> word;)
      if (plain_name(word) == wanted && is_address(address)) found.push_back(address);
  }
  return found;
}

std::string dns_question(std::uint16_t id, std::string_view name, RecordType type) {
  std::string question;
  append_number(question, id);
  append_number(question, 0x0100);  // recursion desired
  for (const unsigned count : {1U, 0U, 0U, 0U}) append_number(question, count);
  const std::string plain = plain_name(name);
  std::istringstream labels(plain);
  for (std::string label; std::getline(labels, label, '.');) {
    if (label.empty() || label.size() > 63 || plain.size() > 253)
      throw FunctionError("NameResolutionFailed",
                          fmt::format("\"{}\" is not the name of a host.", name));
    question += static_cast<char>(label.size());
    question += label;
  }
  question += '\0';
  append_number(question, static_cast<unsigned>(type));
  append_number(question, 1);  // class IN
  return question;
}

std::optional<std::vector<std::string>> read_dns_reply(std::string_view reply, std::uint16_t id,
                                                       RecordType type) {
  Reader reader(reply);
  const auto reply_id = reader.number();
  const auto flags = reader.number();
  const auto questions = reader.number();
  const auto answers = reader.number();
  if (!reader.take(4) || reply_id != id || !flags || !(*flags & 0x8000)) return std::nullopt;
  const unsigned code = *flags & 0xf;
  constexpr unsigned no_such_name = 3;
  if (code == no_such_name) return std::vector<std::string>();
  if (code != 0) return std::nullopt;
  for (unsigned i = 0; i < *questions; ++i)
    if (!reader.skip_name() || !reader.take(4)) return std::nullopt;
  std::vector<std::string> found;
  for (unsigned i = 0; i < *answers; ++i) {
    auto address = read_answer(reader, type);
    // A reply that was cut has whole answers in front.
    if (!address) break;
    if (!address->empty()) found.push_back(std::move(*address));
  }
  return found;
}

std::vector<std::string> resolve(const std::string& host, const ResolverOptions& options) {
  if (is_address(host)) return {host};
  if (auto found = find_in_hosts(read_file(options.hosts_file), host); !found.empty()) return found;
  const std::string plain = plain_name(host);
  // RFC 6761: these never go to a name server.
  if (plain == "localhost" || plain.ends_with(".localhost")) return {"127.0.0.1", "::1"};
  const Settings settings = read_settings(options.resolver_file);
  std::vector<std::string> names{plain};
  if (!plain.contains('.'))
    for (std::size_t i = settings.domains.size(); i-- > 0;)
      names.insert(names.begin(), plain + "." + settings.domains[i]);
  for (const std::string& name : names)
    for (const RecordType type : {RecordType::a, RecordType::aaaa})
      if (auto found = ask_all(settings, name, type, options); !found.empty()) return found;
  return {};
}

}  // namespace lambda
