// The bytes of a body: in process, a service may answer with pieces of its files.
#include "client/body_reader.h"

#include "protocol/error.h"
#include "runtime/descriptor.h"

namespace matinee::client {

namespace {

void append_file(const protocol::Slice& slice, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + slice.length);
  const runtime::DiskResult<std::size_t> read = runtime::read_descriptor(
      slice.source->descriptor(), slice.offset, std::span(out).subspan(before));
  if (!read) throw protocol::ServiceError("ConnectionFailed", 503, read.error().message);
  if (*read != slice.length)
    throw protocol::ServiceError("ConnectionFailed", 503,
                                 "A stored object is shorter than it was.");
}

}  // namespace

std::string read_body(protocol::Body body) {
  std::string bytes = std::move(body.bytes);
  for (const protocol::Slice& slice : body.slices) {
    if (slice.source->descriptor() < 0)
      bytes += slice.source->bytes().substr(slice.offset, slice.length);
    else
      append_file(slice, bytes);
  }
  return bytes;
}

}  // namespace matinee::client
